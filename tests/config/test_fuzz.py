"""The whole OpenAPI document against what it is sent: as it asks, as it does not, and without signing in.

Every operation is sent bodies and queries made from the document, by somebody whom `config.access` lets in; the long
form sends more of them as every role, on rows that are there. Nothing may be a server error, no answer one that the
document does not know, nothing that it forbids may be taken, and who is not signed in is told so (401, not 403).
"""

from __future__ import annotations

import contextlib
import functools
import re
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis.errors import Unsatisfiable
from rest_framework.test import APIClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from config.access import ACCESS, BASE, PUBLIC, SIGNED_IN
from config.wsgi import application
from core.problems import PROBLEM_TYPE
from organisation.models import PLACE_ROLES, Role
from tests.config.test_access import LEAVING
from tests.config.test_examples import Story, send_everything
from tests.config.test_foreign import ROWS
from tests.world import Signed, World

# Files that are answered are not read to their end.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip


def app(environ: Any, start_response: Any) -> Any:
    """The service as a server calls it, but within the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    return application(environ, start_response)


@pytest.fixture(scope="module")
def operations(django_db_setup: None, django_db_blocker: Any) -> dict[tuple[str, str], Any]:
    """Every operation of the document by its route and method."""
    with django_db_blocker.unblock():
        accept = {"Accept": "application/vnd.oai.openapi+json"}
        document = APIClient().get(f"/{BASE}schema/", headers=accept).json()
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    found = (each.ok() for each in schema.get_all_operations())
    return {(each.path.removeprefix(f"/{BASE}"), each.method.upper()): each for each in found}


def rights() -> Iterator[tuple[str, str, frozenset[str]]]:
    """Each line of the table, with its route as the document writes it."""
    for route, methods in ACCESS.items():
        told = route.replace("<int:pk>", "{id}")
        for kind in ("int:", "str:"):
            told = told.replace(f"<{kind}", "{")
        for method, allowed in methods.items():
            if route not in LEAVING | {"schema/", "docs/"}:
                yield told.replace(">", "}"), method, allowed


def one_of(allowed: frozenset[str], route: str) -> str:
    """Somebody who may, another one for each route."""
    names = sorted(Role.values if allowed in (PUBLIC, SIGNED_IN) else allowed)
    return names[zlib.crc32(route.encode()) % len(names)]


FORGED = {"Authorization": f"Token {'0' * 43}"}


def send(
    operation: Any, mode: GenerationMode, headers: dict[str, str], *, chance: str = "", row: int | None = None
) -> list[str]:
    """What is wrong with the answer to a request of this kind, drawn by `chance`; of a row that is there, if any."""
    wrong: list[str] = []

    @seed(zlib.crc32(f"{operation.label}{chance}".encode()))
    @settings(
        max_examples=1, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def carry_out(case: Any) -> None:
        case.headers = {
            name: value for name, value in (case.headers or {}).items() if name.lower() != "authorization"
        }
        case.cookies = {}
        # An empty filter of a form is one that was not given.
        assume("" not in (case.query or {}).values())
        if row is not None and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = row
        with transaction.atomic():
            answer = case.call(headers=headers)
            transaction.set_rollback(True)
        wrong.extend(faults_of(case, answer, mode))

    with contextlib.suppress(Unsatisfiable):  # it takes nothing that could be wrong
        carry_out()
    return wrong


def faults_of(case: Any, answer: Any, mode: GenerationMode) -> Iterator[str]:
    sent = f"{case.operation.label} {case.query!r:.300} {case.body!r:.300}"
    told = f"{sent} {answer.status_code} {answer.text_lossy():.300}"
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    try:
        case.validate_response(answer, checks=checks)
    except FailureGroup as found:
        yield from (f"{each.title}: {str(each)[:200]!r} | {told}" for each in found.exceptions)
    kind = (answer.headers.get("content-type") or [""])[0]
    if answer.status_code >= 400 and not kind.startswith(PROBLEM_TYPE):
        yield f"no problem: {kind} | {told}"


def test_nobody_passes_without_signing_in(operations: dict[tuple[str, str], Any], db: None) -> None:
    passed = []
    for route, method, allowed in rights():
        case = operations[route, method].Case(path_parameters={"id": 1} if "{id}" in route else {})
        for name in re.findall(r"\{(\w+)\}", route):
            case.path_parameters[name] = 1
        answers = [case.call(headers=headers).status_code for headers in ({}, FORGED)]
        if allowed != PUBLIC and answers != [401, 401]:
            passed.append((route, method, answers))

    assert passed == []


def test_document_against_what_it_is_sent(operations: dict[tuple[str, str], Any], world: World) -> None:
    @functools.cache
    def credentials(role: str) -> dict[str, str]:
        return {"Authorization": world.signed(role).client._credentials["HTTP_AUTHORIZATION"]}

    wrong = []
    for route, method, allowed in rights():
        operation, headers = operations[route, method], credentials(one_of(allowed, route))
        wrong += send(operation, GenerationMode.POSITIVE, headers)
        if operation.body or operation.query:
            wrong += send(operation, GenerationMode.NEGATIVE, headers)

    assert wrong == [], "\n".join(wrong)


@pytest.mark.long
@pytest.mark.parametrize("role", ["", *Role.values])
def test_document_as_everybody(operations: dict[tuple[str, str], Any], db: None, role: str) -> None:
    """After the whole story of the examples, on its rows; without a role, nobody is signed in."""
    story = Story()
    send_everything(story)
    place = story.centre if role in PLACE_ROLES else None
    staff = Signed(story.stage.staff(Role(role), place)) if role else None
    headers = {"Authorization": staff.client._credentials["HTTP_AUTHORIZATION"]} if staff else {}
    newest = {room: model.objects.order_by("-pk").first() for room, model in ROWS.items()}

    wrong = []
    for route, method, _allowed in rights():
        row = newest.get(route.split("/")[0])
        for mode in GenerationMode:
            wrong += send(operations[route, method], mode, headers, chance=role, row=row and row.pk)

    assert wrong == [], "\n".join(wrong)
