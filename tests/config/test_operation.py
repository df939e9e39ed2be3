"""What an installation tells of itself: log lines, health, figures. None of it names a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from config import observing
from config.logs import Json, logging_settings
from core.audit import seal_entries
from reports.models.drills import RestoreDrill
from tests.plain_sql import execute
from tests.world import World, donation

TOKEN = "a token for the one who watches"


@contextmanager
def lines() -> Iterator[list[dict[str, Any]]]:
    """What is logged meanwhile, as a machine reads it."""
    text, root, read = io.StringIO(), logging.getLogger(), []
    handler = logging.StreamHandler(text)
    handler.setFormatter(Json())
    access, before = logging.getLogger("access"), logging.getLogger("access").level
    root.addHandler(handler)
    access.setLevel("INFO")
    try:
        yield read
    finally:
        root.removeHandler(handler)
        access.setLevel(before)
        read += [json.loads(line) for line in text.getvalue().splitlines()]


def metrics(**headers: str) -> dict[str, float]:
    answer = APIClient().get("/api/v1/metrics/", headers={"Authorization": f"Bearer {TOKEN}"} | headers)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store"), answer.content
    families = text_string_to_metric_families(answer.content.decode())
    return {
        sample.name: sample.value for family in families for sample in family.samples if not sample.labels
    }


def test_request_is_a_line_with_its_route_and_the_id_that_the_answer_bears(world: World) -> None:
    clerk = world.signed("clerk")
    with lines() as read:
        made = clerk.post("donations/", donation())
        traced = APIClient().get(f"/api/v1/public/trace/{made.json()['receipt_code']}/?phone=13800000000")

    told = [line for line in read if line["logger"] == "access"]
    assert [(line["method"], line["route"], line["status"], line["request_id"]) for line in told] == [
        ("POST", "api/v1/donations/", 201, made["X-Request-Id"]),
        ("GET", "api/v1/public/trace/<str:receipt_code>/", 200, traced["X-Request-Id"]),
    ]
    assert all(line["milliseconds"] > 0 and line["time"].endswith("+00:00") for line in told)


def test_lines_hold_neither_names_nor_addresses_nor_codes(world: World) -> None:
    clerk = world.signed("clerk")
    body = donation()
    with lines() as read:
        code = clerk.post("donations/", body).json()["receipt_code"]
        for path in (f"/receipts/?code={code}", f"/nothing/{code}/", "/sign-in/?next=/people/7/", "/x%00"):
            Client().get(path, REMOTE_ADDR="203.0.113.9")
        Client().post("/sign-in/", {"username": "杨芹", "password": "a secret word"})

    text = json.dumps(read, ensure_ascii=False)
    private = [code, "203.0.113.9", "杨芹", "a secret word", clerk.person.username, body["donor"]["phone"]]
    assert [word for word in private if word and word in text] == []
    assert len([line for line in read if line["logger"] == "access"]) == 6


def test_error_is_told_by_its_kind_guard_and_place_without_its_words(db: None) -> None:
    with lines() as read:
        try:
            with transaction.atomic():
                execute("INSERT INTO organisation_county (code, name) VALUES ('1', '杨芹')")
        except IntegrityError:
            logging.getLogger("reports").exception("not done")

    (line,) = read
    assert (line["message"], line["level"], line["error"]["kind"]) == (
        "not done",
        "ERROR",
        "django.db.utils.IntegrityError",
    )
    assert line["error"]["sqlstate"][:2] == "23"
    assert any("test_operation.py" in frame for frame in line["error"]["at"])
    assert "杨芹" not in json.dumps(line, ensure_ascii=False)


def test_machines_read_every_request_people_the_warnings() -> None:
    machine, person = (logging_settings("WARNING", as_json=choice) for choice in (True, False))

    assert [each["loggers"]["access"]["level"] for each in (machine, person)] == ["INFO", "WARNING"]
    assert [each["handlers"]["console"].get("formatter") for each in (machine, person)] == ["json", None]


@pytest.fixture
def away(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database cannot be reached."""

    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError

    with monkeypatch.context() as patched:
        patched.setattr(connection, "cursor", refuse)
        yield


def test_process_lives_while_the_database_is_away(away: None) -> None:
    client = APIClient(raise_request_exception=False)

    assert client.get("/api/v1/health/live/").json() == {"status": "ok"}
    assert client.get("/api/v1/health/").status_code == 503


def test_program_whose_tables_are_not_there_yet_is_not_ready(db: None) -> None:
    execute("DELETE FROM django_migrations WHERE app = 'reports'")

    answer = APIClient().get("/api/v1/health/")

    assert (answer.status_code, answer.json()["tables"]) == (503, "behind")


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer wrong", f"Token {TOKEN}", f"Basic {TOKEN}"])
def test_figures_are_for_who_shows_the_token(db: None, settings: Any, shown: str) -> None:
    settings.METRICS_TOKEN = TOKEN

    assert APIClient().get("/api/v1/metrics/", headers={"Authorization": shown}).status_code in (401, 403)


def test_without_a_token_set_nobody_reads_figures(db: None, settings: Any) -> None:
    settings.METRICS_TOKEN = ""

    assert APIClient().get("/api/v1/metrics/", headers={"Authorization": "Bearer "}).status_code in (401, 403)


def test_figures_tell_of_log_and_drill(world: World, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    bare = metrics()
    world.signed("clerk").post("donations/", donation())
    now = timezone.now()
    RestoreDrill.objects.create(at=now, good=True, backup_taken_at=now, seconds=9)
    told = metrics()
    seal_entries()
    sealed = metrics()

    assert (bare["donations_database_up"], bare["donations_audit_unsealed_entries"]) == (1, 0)
    assert "donations_restore_drill_timestamp_seconds" not in bare
    assert told["donations_restore_drill_timestamp_seconds"] == pytest.approx(now.timestamp())
    assert (told["donations_audit_unsealed_entries"], sealed["donations_audit_unsealed_entries"]) == (1, 0)


def test_figures_without_a_database_say_so(away: None, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN

    assert metrics()["donations_database_up"] == 0


def test_requests_are_counted_by_route_and_by_words_of_our_own(db: None) -> None:
    before = observing.REGISTRY.get_sample_value
    labels = {"method": "GET", "route": "api/v1/health/live/", "status": "200"}
    strange = {"method": "other", "route": "none", "status": "404"}
    counted = [before("donations_request_seconds_count", each) or 0 for each in (labels, strange)]

    APIClient().get("/api/v1/health/live/")
    APIClient().generic("BREW", "/coffee/")

    assert [before("donations_request_seconds_count", each) for each in (labels, strange)] == [
        counted[0] + 1,
        counted[1] + 1,
    ]
