"""The auditor's page of what was verified: the books at this moment, the log, the newest backup."""

import datetime

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from reports.models.drills import RestoreDrill
from tests.world import World


def page(world: World) -> str:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.person("auditor"))
    return client.get("/verification/").content.decode()


def test_what_was_never_done_says_so(world: World) -> None:
    shown = page(world)

    assert shown.count("not done yet") == 2
    assert shown.count('badge good">holds') == 1


def test_last_rehearsed_restore_is_told_with_what_did_not_hold(world: World) -> None:
    now = timezone.now()
    for days, good, detail in ((2, True, ""), (1, False, "sealed days: 2026-11-01 was altered")):
        taken = now - datetime.timedelta(days=days)
        RestoreDrill.objects.create(at=taken, good=good, backup_taken_at=taken, seconds=62, detail=detail)

    shown = page(world)

    assert "does not hold" in shown
    assert "sealed days: 2026-11-01 was altered" not in shown
    assert "whoever runs the installation sees what did not hold" in shown


def test_page_costs_the_same_statements_whatever_the_drills(world: World) -> None:
    counted = []
    for days in (1, 2, 3):
        taken = timezone.now() - datetime.timedelta(days=days)
        RestoreDrill.objects.create(at=taken, good=True, backup_taken_at=taken, seconds=62)
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(world.person("auditor"))
        with CaptureQueriesContext(connection) as queries:
            client.get("/verification/")
        counted.append(len(queries))

    assert len(set(counted)) == 1
