"""Every list of the URL map sends as many statements as its budget says, at 1, at 3 and at 300 rows.

After the whole story of the examples, the rows behind a list are brought to so many with plain SQL, each with the
rows that hang on it, and the first page of 200 is read. What a list is made of is its model, or what `BEHIND` names.
So do the screens, each found by links.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import Resolver404, resolve
from rest_framework.test import APIClient

from catalogue.models import Medicine, Product
from config.access import ACCESS, BASE, PAGES, PUBLIC, SIGNED_IN
from distribution.models import Plan, PlanShare
from inventory.models import Balance
from inventory.models.counts import StockCount
from organisation.models import PLACE_ROLES, Place, Role, UnitCategory, WorkUnit
from reports.models import Bulletin, LedgerDay
from reports.models.audit import AuditCheckpoint
from reports.models.questions import Question
from tests.config.statement_budgets import LISTS as BUDGETS
from tests.config.test_access import ROUTES
from tests.config.test_examples import (
    Story,
    bring_in,
    lend_a_device,
    look_and_put_right,
    open_and_correct,
    send_urgently,
    share_and_hand_out,
    stand_in,
    stop_and_let_go,
    swap,
)
from tests.config.test_lists import LISTS, NEEDED
from tests.plain_sql import execute, value
from tests.world import Signed

PAGE = 200
BEHIND: dict[str, type[models.Model]] = {
    "medicines/": Medicine,
    "products/": Product,
    "public/bulletins/": Bulletin,
    "public/plans/": Plan,
    "public/plans/<int:pk>/clinics/": PlanShare,
    "public/counties/<str:code>/drop-off-points/": Place,
    "public/counties/<str:code>/ledger-days/": LedgerDay,
    "public/questions/": Question,
    "public/audit-checkpoints/": AuditCheckpoint,
    "swaps/": Balance,
}
# Their rows are sums over what is behind them, or found in it by a rule.
SUMS = {
    "bulletin-calendar/",
    "clinic-outlook/",
    "counts/<int:pk>/lines/",
    "counts/<int:pk>/uncounted/",
    "expiry-calendar/",
    "figures/accounts/",
    "figures/allotted/",
    "figures/received/",
    "stock-card/",
    "stock/summary/",
    "swaps/",
    "unusual-hand-outs/",
}
# Which row to begin with, where the newest is none that the list shows.
CHOSEN = {
    "confirmations/": "ended_at IS NOT NULL",
    "auth/sign-ins/": "person_id IN (SELECT person_id FROM organisation_rolegrant WHERE role = 'auditor')",
    "unfit-goods/": "id IN (SELECT item_id FROM donations_itemholdings WHERE in_bin > 0)",
    "public/plans/": "published_on IS NOT NULL",
    "public/plans/<int:pk>/clinics/": "plan_id = (SELECT min(id) FROM distribution_plan)",
    "stock/": "state = 'available' AND quantity > 0",
    "sorting-queue/": "id IN (SELECT item_id FROM donations_itemholdings WHERE counted + in_doubt > 0)",
    "public/counties/<str:code>/drop-off-points/": "takes_donations",
}
# Places, people and medicines are needed by all else: of these so many are read as there are to be rows.
WHOLE = {"medicines/", "people/", "places/", "public/counties/<str:code>/drop-off-points/"}
# The story leaves nothing in them.
EMPTY = {
    "audit/checkpoints/",
    "public/audit-checkpoints/",
    "public/counties/<str:code>/ledger-days/",
    "restore-drills/",
    "sortings/awaiting/",
}
READERS = [Role.AUDITOR, Role.LEAD_PHARMACIST, Role.ADMINISTRATOR, Role.SECURITY]


class Reader:
    """Everybody who may read, after the whole story."""

    def __init__(self) -> None:
        story = Story()
        story.send("campaigns/", Role.ADMINISTRATOR)
        waiting = story.send("donations/", Role.CLERK, story.hospital)
        counted = [{"item": waiting["items"][0]["id"], "counted": 44}]
        story.send("donations/{id}/count/", Role.CHECKER, story.hospital, pk=waiting["id"], items=counted)
        mended = {"reason": "姓名写错", "donor": {"name": "杨芹", "phone": "", "work_unit": ""}}
        story.step(f"donations/{waiting['id']}/correct/", Role.PHARMACIST, story.hospital, mended)
        for chapter in (
            stand_in, bring_in, share_and_hand_out, open_and_correct, send_urgently, look_and_put_right,
            stop_and_let_go, swap, lend_a_device,
        ):  # fmt: skip
            chapter(story)
        story.step(f"plans/{Plan.objects.earliest('pk').pk}/publish/", Role.APPROVER)
        asked = story.send("public/questions/", Role.PUBLISHER)
        story.send(
            "questions/{id}/answer/", Role.PUBLISHER, pk=Question.objects.get(number=asked["number"]).pk
        )
        story.send("holidays/", Role.ADMINISTRATOR)
        bulletin = story.send("bulletins/", Role.PUBLISHER)
        story.step(f"bulletins/{bulletin['id']}/submit/", Role.PUBLISHER)
        story.step(f"bulletins/{bulletin['id']}/publish/", Role.SIGNER)
        for _twice in range(2):
            checker = story.stage.staff(Role.CHECKER, story.hospital).pk
            story.step(f"people/{checker}/password/", Role.SECURITY)
        county = story.stage.county
        UnitCategory.objects.create(county=county, name="党政机关", place=story.hospital)
        WorkUnit.objects.create(county=county, name="县教育局", name_key="县教育局", place=story.hospital)
        self.people = {
            role: story.stage.staff(role, story.centre if role in PLACE_ROLES else None) for role in Role
        }
        self.clients = {role: Signed(person).client for role, person in self.people.items()}

    def read(self, route: str, size: int) -> tuple[int, int]:
        """How many rows the first page of that size shows, and how many statements that took."""
        of = StockCount if route.startswith("counts/") else Plan
        row = of.objects.earliest("pk")
        number = row.public_number if route.startswith("public/") else row.pk
        address = route.replace("<int:pk>", str(number)).replace("<str:code>", "522633")
        with CaptureQueriesContext(connection) as sent:
            answer = self._client(route).get(
                f"/api/v1/{address}", {**NEEDED.get(route, {}), "page_size": str(size)}
            )
        assert answer.status_code == 200, answer.content
        return len(answer.json()["results"]), len(sent)

    def _client(self, route: str) -> APIClient:
        allowed = ACCESS[route]["GET"]
        if allowed in (PUBLIC, SIGNED_IN):
            return APIClient() if allowed == PUBLIC else self.clients[Role.AUDITOR]
        return next(
            self.clients[role] for role in [*READERS, *map(Role, sorted(allowed))] if str(role) in allowed
        )


@pytest.fixture(scope="module")
def reader(module_db: None) -> Reader:
    return Reader()


class Rows:
    """The rows of a model's table, brought to any number around every guard; undone with the test."""

    def __init__(self, model: type[models.Model], chosen: str) -> None:
        self.model = model
        self.newest = f"SELECT max({model._meta.pk.column}) FROM {model._meta.db_table} WHERE {chosen}"
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute("SET LOCAL session_replication_role = replica")  # no trigger, no foreign key
        self._let_twins_in(model)

    def _let_twins_in(self, model: type[models.Model], depth: int = 2) -> None:
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(UNIQUE, [table])
            for name, is_constraint in cursor.fetchall():
                drop = f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE'
                cursor.execute(drop if is_constraint else f"DROP INDEX {name}")
        for child, _link in self._hanging_on(model) if depth else ():
            self._let_twins_in(child, depth - 1)

    def _hanging_on(self, model: type[models.Model]) -> list[tuple[Any, str]]:
        return [
            (relation.related_model, relation.field.column)
            for relation in model._meta.related_objects
            if relation.related_model is not model and not relation.many_to_many
        ]

    def keep_one(self) -> None:
        """The newest row, and no other."""
        table, key = self.model._meta.db_table, self.model._meta.pk.column
        execute(f"DELETE FROM {table} WHERE {key} <> ({self.newest})")

    def more(self, times: int) -> None:
        """So many copies of the newest row, each with copies of all that hangs on it, and on that."""
        key = self.model._meta.pk.column
        self._copy(self.model, key, [(value(self.newest), None)] * times, depth=2)

    def _copy(
        self, model: type[models.Model], link: str, parents: list[tuple[Any, Any]], *, depth: int
    ) -> None:
        """Of every row that hangs by `link` on an old parent, a copy on the new one; the first copies have none."""
        table, key = model._meta.db_table, model._meta.pk.column
        olds, news = map(list, zip(*parents, strict=True))
        source = (
            f"FROM {table} t JOIN unnest(%s::bigint[], %s::bigint[]) WITH ORDINALITY AS n(old, new, place)"
            f" ON t.{link} = n.old ORDER BY n.place, t.{key}"
        )
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS, [table])
            names = [name for (name,) in cursor.fetchall()]
            told = ", ".join("n.new" if name == link and news[0] else f't."{name}"' for name in names)
            listed = ", ".join(f'"{name}"' for name in names)
            cursor.execute(f"SELECT t.{key} {source}", [olds, news])
            origins = [row[0] for row in cursor.fetchall()]
            cursor.execute(
                f"INSERT INTO {table} ({listed}) SELECT {told} {source} RETURNING {key}", [olds, news]
            )
            made = list(zip(origins, (row[0] for row in cursor.fetchall()), strict=True))
        for child, its_link in self._hanging_on(model) if depth and made else ():
            self._copy(child, its_link, made, depth=depth - 1)


UNIQUE = """
SELECT coalesce(c.conname, i.indexrelid::regclass::text), c.conname IS NOT NULL
FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('u', 'p')
    AND c.conrelid = i.indrelid
WHERE i.indrelid = %s::regclass AND i.indisunique
"""
COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND column_name <> 'id' AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTS)
def test_list_sends_the_same_statements_at_1_3_and_300_rows(reader: Reader, route: str) -> None:
    rows = Rows(BEHIND.get(route) or ROUTES[route].model, CHOSEN.get(route, "true"))
    if route not in SUMS | WHOLE:
        rows.keep_one()

    found = [reader.read(route, 1 if route in WHOLE else PAGE)]
    for more, size in ((2, 3), (297, PAGE)):
        rows.more(more)
        found.append(reader.read(route, size if route in WHOLE else PAGE))

    assert {statements for _shown, statements in found} == {BUDGETS[route]}
    shown = [shown for shown, _statements in found]
    assert (max(shown) > 0 if route in SUMS else shown == [1, 3, PAGE]) or route in EMPTY, found


LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#]+)')


# Whose pages have fewer buttons.
LOOKING_ON = {Role.CHECKER, Role.APPROVER, Role.SIGNER, Role.LEAD_PHARMACIST, Role.AUDITOR}


class Screens:
    """The screens of the menu, the to-do list and all links behind them: each opened once, by the first who may."""

    def __init__(self, reader: Reader) -> None:
        self.found: dict[str, tuple[Client, str]] = {}
        for role in sorted(Role, key=lambda role: role in LOOKING_ON):
            client = Client()
            client.force_login(reader.people[role])
            self.found |= {route: (client, path) for route, path in self._behind_the_first(client)}

    def _behind_the_first(self, client: Client) -> Iterator[tuple[str, str]]:
        waiting, seen = ["/"], set(self.found) - {""}
        while waiting:
            route = self._route(path := waiting.pop(0))
            if route in seen or "GET" not in PAGES.get(route, {}):
                continue
            answer = client.get(path)
            if answer.status_code != 200 or not answer["Content-Type"].startswith("text/html"):
                continue
            seen.add(route)
            yield route, path
            links = [link.replace("&amp;", "&") for link in LINK.findall(answer.content.decode())]
            waiting += [urljoin(path, link) for link in links if "format=" not in link]

    def _route(self, path: str) -> str:
        try:
            return str(resolve(path.partition("?")[0]).route)
        except Resolver404:
            return BASE

    def statements(self) -> dict[str, tuple[int, int]]:
        """What each answers, and how many statements that takes."""
        told = {}
        for route, (client, path) in self.found.items():
            with CaptureQueriesContext(connection) as sent:
                told[route] = (client.get(path).status_code, len(sent))
        return told


@pytest.mark.django_db
def test_every_linked_screen_sends_the_same_statements_with_more_rows(reader: Reader) -> None:
    """All lists behind them grow at once, and no screen asks once more for a row."""
    screens = Screens(reader)
    before = screens.statements()

    for model in {BEHIND.get(route) or ROUTES[route].model for route in LISTS if route not in WHOLE}:
        Rows(model, "true").more(3)
    execute("SET LOCAL session_replication_role = DEFAULT")

    assert screens.statements() == before
    assert len(screens.found) > 120
