"""Every list of the API, found by the URL map: known parameters only, and the same rows and columns as a file."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from django_filters import ModelChoiceFilter, ModelMultipleChoiceFilter, NumberFilter
from openpyxl import load_workbook
from rest_framework.generics import ListAPIView
from rest_framework.test import APIClient

from config.access import ACCESS, PAGES, PUBLIC, SIGNED_IN
from core.exports import BOM, columns
from core.headings import HEADINGS
from core.lists import Listing
from core.ordering import orders_of
from core.pages import ListPage
from core.safe_text import neutralise_formula
from distribution.models import Plan
from inventory.models.counts import StockCount
from organisation.models import PLACE_ROLES, Place, Role
from tests.config.test_access import ROUTES, screen_routes
from tests.config.test_examples import TODAY, Story, bring_in, share_and_hand_out
from tests.world import Signed

LISTS = sorted(route for route, view in ROUTES.items() if issubclass(view, Listing))
# What a list asks for, beside its route.
NEEDED: dict[str, dict[str, str]] = {
    "figures/accounts/": {"from": str(TODAY), "to": str(TODAY)},
    "figures/received/": {"from": str(TODAY), "to": str(TODAY)},
    "stock-card/": {"place": "P-522633-01", "medicine": "M009a"},
    "figures/allotted/": {"from": str(TODAY), "to": str(TODAY)},
}
# What the story leaves empty.
BARE = {
    "confirmations/",
    "counts/<int:pk>/uncounted/",
    "donation-corrections/",
    "donor-returns/",
    "unfit-goods/",
    "adverse-reactions/",
    "recalls/",
    "relabellings/",
    "sortings/awaiting/",
    "deputies/",
    "questions/",
    "public/questions/",
    "local-use-rules/",
    "expiry-calendar/",
    "device-uses/",
    "holds/",
    "holidays/",
    "public/counties/<str:code>/ledger-days/",
    "audit/checkpoints/",
    "public/audit-checkpoints/",
    "restore-drills/",
    "unit-categories/",
    "spot-checks/",
    "swaps/",
    "unusual-hand-outs/",
    "urgent-issues/",
    "work-units/",
}


def columns_of(route: str) -> list[tuple[str, ...]]:
    return columns(ROUTES[route].serializer_class())


def test_every_list_of_the_url_map_is_a_listing() -> None:
    plain = [route for route, view in ROUTES.items() if issubclass(view, ListAPIView) and route not in LISTS]

    assert plain == []
    assert len(LISTS) >= 25


def test_no_filter_tells_whether_a_row_exists() -> None:
    """One that looks its value up among all rows refuses a number that no county has, and takes another county's."""
    looked_up = [
        (route, name)
        for route in LISTS
        for name, each in getattr(getattr(ROUTES[route], "filterset_class", None), "base_filters", {}).items()
        if isinstance(each, ModelChoiceFilter | ModelMultipleChoiceFilter)
    ]

    assert looked_up == []


@pytest.mark.parametrize("route", LISTS)
def test_every_column_has_a_heading(route: str) -> None:
    assert [path for path in columns_of(route) if not set(path) <= set(HEADINGS)] == []


class Reader:
    """The trial's places after a whole story, read by whoever may read a list."""

    def __init__(self) -> None:
        self.story = Story()
        bring_in(self.story)
        share_and_hand_out(self.story)
        bulletin = self.story.send("bulletins/", Role.PUBLISHER)
        for step, role in (("submit", Role.PUBLISHER), ("publish", Role.SIGNER)):
            self.story.step(f"bulletins/{bulletin['id']}/{step}/", role)
        self.story.step(f"plans/{Plan.objects.latest('pk').pk}/publish/", Role.APPROVER)
        hospital = Place.objects.get(code="P-522633-01")
        # Signed in once for all: what a test makes goes when it ends.
        self.clients = {
            role: Signed(self.story.stage.staff(role, hospital if role in PLACE_ROLES else None)).client
            for role in Role
        }

    def get(self, route: str, **query: Any) -> Any:
        of = StockCount if route.startswith("counts/") else Plan
        row = of.objects.latest("pk")
        number = row.public_number if route.startswith("public/") else row.pk
        address = route.replace("<int:pk>", str(number)).replace("<str:code>", "522633")
        return self._client(route).get(f"/api/v1/{address}", {**NEEDED.get(route, {}), **query})

    def screen(self, route: str, **query: Any) -> list[dict[str, Any]]:
        """All rows, page by page."""
        page = self.get(route, page_size=200, **query).json()
        rows = page["results"]
        while page["next"]:
            page = self._client(route).get(page["next"]).json()
            rows += page["results"]
        return rows

    def _client(self, route: str) -> APIClient:
        allowed = ACCESS[route]["GET"]
        if allowed == PUBLIC:
            return APIClient()
        return self.clients[Role.AUDITOR if allowed == SIGNED_IN else Role(min(allowed))]


@pytest.fixture(scope="module")
def reader(module_db: None) -> Reader:
    return Reader()


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.content
    return b"".join(answer.streaming_content)


def shown(row: Any, path: tuple[str, ...]) -> str:
    """What a cell of the CSV says of a row of the screen."""
    for step in path:
        row = row.get(step)
    if row is None:
        return ""
    if isinstance(row, int) and not isinstance(row, bool):
        return str(row)
    if isinstance(row, list) and all(isinstance(inner, str | int) for inner in row):
        return neutralise_formula(", ".join(map(str, row)))
    return json.dumps(row, ensure_ascii=False) if not isinstance(row, str) else neutralise_formula(row)


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTS)
def test_csv_and_spreadsheet_hold_the_rows_and_columns_of_the_screen(reader: Reader, route: str) -> None:
    screen = reader.screen(route)

    told = content(reader.get(route, format="csv"))
    sheet = load_workbook(io.BytesIO(content(reader.get(route, format="xlsx")))).worksheets[0]

    assert told.startswith(BOM)
    heads, *lines = csv.reader(io.StringIO(told.decode("utf-8-sig"), newline=""))
    with override("zh-hans"):
        assert heads == [" · ".join(str(HEADINGS[name]) for name in path) for path in columns_of(route)]
    # What is read from the books at this moment says when that was; the two readings are apart.
    kept = [at for at, path in enumerate(columns_of(route)) if path != ("as_of",)]
    assert [[line[at] for at in kept] for line in lines] == [
        [shown(row, columns_of(route)[at]) for at in kept] for row in screen
    ]
    cells = [["" if line[at] is None else str(line[at]) for at in kept] for line in sheet.values]
    assert cells == [[line[at] for at in kept] for line in (heads, *lines)]


def test_story_leaves_rows_in_nearly_every_list(reader: Reader, db: None) -> None:
    empty = [route for route in LISTS if not reader.get(route).json()["results"]]

    assert set(empty) <= BARE


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTS)
def test_unknown_parameter_is_refused_by_name(reader: Reader, route: str) -> None:
    answer = reader.get(route, plase="P-522633-01")

    assert answer.status_code == 400
    assert [(f["pointer"], f["code"]) for f in answer.json()["errors"]] == [("/plase", "unknown_parameter")]


def number_filters(route: str) -> list[str]:
    known = getattr(getattr(ROUTES[route], "filterset_class", None), "base_filters", {})
    return [name for name, each in known.items() if isinstance(each, NumberFilter)]


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in LISTS if number_filters(route)])
def test_number_that_is_none_is_refused_by_name(reader: Reader, route: str) -> None:
    for name in number_filters(route):
        for text in ("0.025", "-1", "1e3", "9" * 5000):
            answer = reader.get(route, **{name: text})

            assert answer.status_code == 400
            assert [(f["pointer"], f["message"]) for f in answer.json()["errors"]] == [
                (f"/{name}", "此处须为整数。")
            ]


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTS)
def test_unknown_format_is_refused_by_name(reader: Reader, route: str) -> None:
    answer = reader.get(route, format="ods")

    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"][0]["pointer"] == "/format"


@pytest.mark.django_db
@pytest.mark.parametrize("route", LISTS)
def test_list_is_ordered_by_each_of_its_names(reader: Reader, route: str) -> None:
    """By all of them in one statement: a path that leads nowhere would fail it."""
    names = list(orders_of(ROUTES[route]))
    by = {"ordering": ",".join(f"-{name}" for name in names)} if names else {}

    whole, turned = reader.screen(route), reader.screen(route, **by)

    # What is read from the books at this moment says when that was; the two readings are apart.
    told = [sorted(json.dumps({**row, "as_of": ""}) for row in rows) for rows in (turned, whole)]
    assert told[0] == told[1]


def test_every_screen_with_a_table_orders_it() -> None:
    tables = {
        view.route
        for _route, pattern in screen_routes()
        if isinstance(view := getattr(pattern.callback, "view_class", None), type)
        and issubclass(view, ListPage)
    }

    # A stock card runs as its book does: its balance has a meaning in that order alone.
    assert {route for route in tables if not orders_of(ROUTES[route])} == {"stock-card/"}


@pytest.mark.django_db
def test_journal_is_read_from_either_end_and_by_its_pages(reader: Reader) -> None:
    first = reader.get("movements/", ordering="booked_on", page_size=3).json()
    again = reader._client("movements/").get(first["next"]).json()["results"]

    ids = [row["id"] for row in (*first["results"], *again)]
    assert ids == sorted(ids)
    assert reader.get("movements/", ordering="-booked_on").json()["results"][0]["id"] > ids[-1]


@pytest.mark.django_db
def test_rows_without_a_value_stand_last_both_ways(reader: Reader) -> None:
    for order in ("days_of_stock", "-days_of_stock"):
        found = [row["days_of_stock"] for row in reader.screen("clinic-outlook/", ordering=order)]
        known = [days for days in found if days is not None]
        assert found == sorted(known, reverse=order.startswith("-")) + [None] * (len(found) - len(known))


# Screens in Chinese: words in small letters stand for English that nobody translated.
WORD = re.compile(r"[A-Za-z]*[a-z]{3,}[A-Za-z]*")
# The other language, kinds of files, and the commands by which anybody computes a hash.
NO_ENGLISH = {
    "English",
    "JavaScript",
    "Excel",
    "xlsx",
    "csv",
    "certutil",
    "hashfile",
    "Windows",
    "sha",
    "sum",
}
# Names that people sign in with; what was called at which address; placeholders as they stand in a form's cells; the
# columns of the database in which something personal stands.
TECHNICAL = {"people/", "audit/", "daily-form/", "processing-record/"}


def told(page: str) -> str:
    """What a reader of the page is told, its hidden words included."""
    plain = re.sub(r"(?s)<(script|style|datalist)\b.*?</\1>", " ", page)
    hidden = re.findall(r'(?:aria-label|placeholder|title|alt|data-says-[a-z-]+)="([^"]*)"', plain)
    return html.unescape(" ".join([re.sub(r"<[^>]+>", " ", plain), *hidden]))


def test_screens_in_chinese_hold_no_english(reader: Reader, db: None) -> None:
    hospital, found = Place.objects.get(code="P-522633-01"), {}
    clients = {}
    for role in Role:
        clients[role] = Client(headers={"Accept-Language": "zh-hans"})
        clients[role].force_login(reader.story.stage.staff(role, hospital if role in PLACE_ROLES else None))
    for route in [route for route, may in PAGES.items() if "<" not in route and "GET" in may]:
        allowed = PAGES[route]["GET"]
        answer = clients[Role.AUDITOR if allowed in {PUBLIC, SIGNED_IN} else Role(min(allowed))].get(
            f"/{route}"
        )
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        english = set(WORD.findall(told(answer.content.decode()))) - NO_ENGLISH if is_page else set()
        if english and route not in TECHNICAL:
            found[route] = sorted(english)

    assert found == {}
