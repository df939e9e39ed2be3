"""The right role of the wrong county: every row of another county is as if it did not exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django_filters import NumberFilter

from catalogue.models import Product, Recall
from config.access import ACCESS, PAGES, PUBLIC, SIGNED_IN
from config.examples import EXAMPLES
from distribution.models import Dispensing, Plan, PlanLine, Shipment
from distribution.models.shifts import PopulationShift
from distribution.models.spot_checks import SpotCheck
from distribution.models.urgent import UrgentIssue
from donations.models import Campaign, Donation, DonorReturn, Handover
from inventory.models import Batch, Hold, SortingDecision
from inventory.models.counts import StockCount
from inventory.models.destructions import Destruction
from inventory.models.devices import DeviceUse
from inventory.models.kits import Kit, KitTemplate
from inventory.models.labels import LabelRun
from organisation.loading import load_county
from organisation.models import PLACE_ROLES, Holiday, Person, Place, Role
from reports.models import Bulletin
from reports.models.questions import Question
from tests.config.test_access import ROUTES, browser
from tests.config.test_examples import (
    TODAY,
    Story,
    bring_in,
    lend_a_device,
    look_and_put_right,
    open_and_correct,
    send_urgently,
    share_and_hand_out,
    stop_and_let_go,
)
from tests.config.test_lists import LISTS, NEEDED
from tests.world import Signed

ROWS: dict[str, Any] = {
    "batches": Batch,
    "bulletins": Bulletin,
    "campaigns": Campaign,
    "counts": StockCount,
    "destructions": Destruction,
    "device-uses": DeviceUse,
    "dispensings": Dispensing,
    "donations": Donation,
    "donor-returns": DonorReturn,
    "handovers": Handover,
    "holidays": Holiday,
    "people": Person,
    "plans": Plan,
    "population-shifts": PopulationShift,
    "products": Product,
    "shipments": Shipment,
    "holds": Hold,
    "kit-templates": KitTemplate,
    "kits": Kit,
    "labels": LabelRun,
    "recalls": Recall,
    "spot-checks": SpotCheck,
    "urgent-issues": UrgentIssue,
    "questions": Question,
    "sortings": SortingDecision,
}


def addresses(table: Any = ACCESS) -> list[tuple[str, str, str]]:
    """Every route with a row's id that the story has made, with one of the roles that may call it."""
    found = []
    for route, methods in table.items():
        room = route.split("/")[0]
        if "<int:pk>" not in route or room not in ROWS:
            continue
        for method, allowed in methods.items():
            if allowed not in (PUBLIC, SIGNED_IN):
                address = route.replace("<int:pk>", str(ROWS[room].objects.latest("pk").pk))
                line = PlanLine.objects.latest("pk").pk
                found.append((re.sub(r"<int:\w+>", str(line), address), method, sorted(allowed)[0]))
    return found


class Told(Story):
    """A story that keeps what it has sent: method, address, role and body."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[tuple[str, str, Role, Any]] = []

    def send(
        self, route: str, role: Role, at: Place | None = None, *, method: str = "POST", **changes: Any
    ) -> dict[str, Any]:
        kept = dict(changes)
        ids = {name: str(kept.pop(name, None)) for name in ("pk", "code")}
        address = (
            route.replace("{id}", ids["pk"]).replace("{place}", ids["code"]).replace("{code}", ids["code"])
        )
        self.bodies.append((method, address, role, {**EXAMPLES[route, method](TODAY), **kept}))
        return super().send(route, role, at, method=method, **changes)


# What names nothing of a county: it is read or written for one's own, or is the public's.
OWN = {
    "auth/login/", "barcodes/", "screenings/", "products/", "policies/", "privacy-notice/", "public/questions/",
    "donors/find/", "holidays/",
    "local-use-rules/", "dispensing-limits/", "interchangeable-medicines/", "kit-templates/",
    "people/",
}  # fmt: skip
# Columns that no list is ordered by, and that tell of people or of other counties if one were.
HIDDEN_ORDERS = ("password", "county__policy__pins", "donor__identities__sealed", "registered_by")
# What is asked for by a place in the query, beside the lists.
BY_PLACE = {
    "roster.pdf": {"from": str(TODAY), "to": str(TODAY)},
    "roster.xlsx": {"from": str(TODAY), "to": str(TODAY)},
    "receipt-slips.pdf": {"count": "1"},
    "sorting-queue/": {},
    "stock-card/": {"medicine": "M009a"},
}
THEIRS = "522633"


# What is the county's and no place's, or what somebody elsewhere is asked for.
OF_THE_COUNTY: dict[tuple[str, str], int] = {
    # What a pharmacist read off a box is the county's.
    ("products/<int:pk>/retire/", "GET"): 200,
    # A recall is told to every place; what stands there of it is each place's own.
    ("recalls/<int:pk>/", "GET"): 200,
    ("recalls/<int:pk>/acknowledge/", "GET"): 200,
    ("recalls/<int:pk>/lift/", "GET"): 200,
    ("recalls/<int:pk>/trace/", "GET"): 200,
    # Somebody alone at their place asks a colleague elsewhere; here nothing was asked.
    ("sortings/<int:pk>/confirm/", "POST"): 409,
}


# What no row has: the number as far away, the code beside it.
FAR = 7_000_000_000


def nowhere(told: Any) -> Any:
    """The same with numbers and codes of the other county that nothing has."""
    if isinstance(told, dict):
        return {name: nowhere(each) for name, each in told.items()}
    if isinstance(told, list):
        return [nowhere(each) for each in told]
    if isinstance(told, int) and not isinstance(told, bool) and told > 10_000:
        return told + FAR
    if isinstance(told, str):
        told = re.sub(r"(?<=/)\d{5,}", lambda number: str(int(number[0]) + FAR), told)
        return re.sub(r"\b([PC])-522633-\w+", r"\1-522633-Z9", told)
    return told


def seen(answer: Any) -> tuple[int, str]:
    """What somebody sees of an answer, but for what they asked, and which of their own places come closest to it."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, re.sub(
        r"[PC]-522633-[0-9A-Z]+|\d{5,}|最接近的有：[^\"]*", "#", content.decode()
    )


def bodies_name_nothing_of_theirs(story: Told, staff: Any) -> None:
    """Each body that was taken in its own county, sent by the same role of another."""
    taken = {}
    for method, address, role, body in story.bodies:
        if address not in OWN:
            send = getattr(Signed(staff(role)), method.lower())
            answer = send(address, body)
            assert answer.status_code < 500, (method, address)
            if answer.status_code < 300:
                taken[address, method] = answer.json()
            else:
                assert seen(answer) == seen(send(nowhere(address), nowhere(body))), (method, address)

    assert len(story.bodies) > 30
    assert taken == {}


def lists_files_and_fragments_hold_nothing_of_theirs(staff: Any) -> None:
    """Whole, by every filter set to something of theirs, as a file, and as the part of a screen for htmx."""
    ids = {str(model.objects.latest("pk").pk) for model in ROWS.values() if model.objects.exists()}
    told, asked = {}, 0
    # The log of the asking county holds what was refused here, by the address that was asked for.
    for route in (each for each in LISTS if "<" not in each and not each.startswith(("public/", "audit/"))):
        allowed = ACCESS[route]["GET"]
        signed = Signed(staff("auditor" if allowed in (PUBLIC, SIGNED_IN) else min(allowed)))
        filters = dict(getattr(getattr(ROUTES[route], "filterset_class", None), "base_filters", {}))
        filters |= dict.fromkeys(getattr(ROUTES[route], "parameters", ()))
        needed = (
            {**NEEDED.get(route, {}), "place": "P-611022-01"}
            if route == "stock-card/"
            else NEEDED.get(route, {})
        )
        queries: list[dict[str, str]] = [{}, {"format": "csv"}]
        queries += [
            {name: max(ids, key=int) if isinstance(each, NumberFilter) else "P-522633-01"}
            for name, each in filters.items()
        ]
        for query in queries:
            answer = signed.get(route, **{**needed, **query})
            asked += 1
            for name, each in query.items():
                far = str(int(each) + FAR) if each.isdecimal() else nowhere(each)
                assert answer.status_code == signed.get(route, **{**needed, name: far}).status_code, (
                    route,
                    query,
                )
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            if answer.status_code not in {200, 400, 404} or (
                answer.status_code == 200 and THEIRS in content.decode()
            ):
                told[route, str(query)] = (answer.status_code, content[:300])
        for hidden in HIDDEN_ORDERS:
            if signed.get(route, **needed, ordering=hidden).status_code != 400:
                told[route, hidden] = (200, b"ordered by what is hidden")
    assert asked > 120
    assert told == {}

    fragments = {}
    part = {"HX-Request": "true", "HX-Target": "table"}
    for route, methods in PAGES.items():
        if "<" in route or "GET" not in methods or route not in LISTS:
            continue
        allowed = methods["GET"]
        client = browser(staff("auditor" if allowed in (PUBLIC, SIGNED_IN) else min(allowed)))
        shown = client.get(f"/{route}", {"place": "P-522633-01"}, headers=part).content.decode()
        # What was asked for stands in the links of the files below the table.
        fragments[route] = THEIRS in re.sub(r'"[^"]*P-522633-01[^"]*"', "", shown)
    assert len(fragments) > 25
    assert {route for route, found in fragments.items() if found} == set()


def files_of_their_places_are_not_there(staff: Any) -> None:
    for route, query in BY_PLACE.items():
        signed = Signed(staff(min(ACCESS[route]["GET"])))
        answer = signed.get(route, place="P-522633-01", **query)
        rows = (
            answer.json().get("results", answer.json()) if answer.status_code == 200 else answer.status_code
        )
        assert rows in (404, []), (route, rows)


def other_place_finds_nothing(story: Told) -> None:
    """Every route with a row's id, asked by the right role at a place of the county where nothing was ever done."""
    idle = Place.objects.filter(county=THEIRS, kind="health_centre").order_by("code").last()
    assert idle is not None
    told, asked = {}, 0
    for table in (ACCESS, PAGES):
        for route, methods in table.items():
            room = route.split("/")[0]
            for method, allowed in methods.items():
                at_places = sorted(allowed & set(PLACE_ROLES)) if "<int:pk>" in route and room in ROWS else []
                if allowed in (PUBLIC, SIGNED_IN) or not at_places or (table is PAGES and method != "GET"):
                    continue
                address = route.replace("<int:pk>", str(ROWS[room].objects.latest("pk").pk))
                address = re.sub(r"<int:\w+>", str(PlanLine.objects.latest("pk").pk), address)
                person = story.stage.staff(Role(at_places[0]), idle)
                if table is PAGES:
                    status = browser(person).get(f"/{address}").status_code
                else:
                    status = getattr(Signed(person), method.lower())(
                        address, **({} if method == "GET" else {"body": {}})
                    ).status_code
                asked += 1
                if status not in {400, 404}:
                    told[route, method] = status
    assert asked > 60
    assert told == OF_THE_COUNTY


WRITTEN = """SELECT relname::text, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"""
# That somebody read who a donor is, is itself written down.
OF_READING = {"core_auditentry", "core_auditaddress"}


def reading_changes_no_row(story: Told) -> None:
    """Every list, row and screen that GET answers, by a role of the place: the database counts what was written."""

    def written() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(WRITTEN)
            return dict(cursor.fetchall())

    rows = [(f"/api/v1/{address}", role) for address, method, role in addresses() if method == "GET"]
    screens = [(f"/{address}", role) for address, method, role in addresses(PAGES) if method == "GET"]
    for table, base in ((ACCESS, "/api/v1/"), (PAGES, "/")):
        for route, methods in table.items():
            if "GET" in methods and "<" not in route and route != "metrics/":  # a program's, by its own token
                allowed = methods["GET"]
                rows.append((base + route, "auditor" if allowed in (PUBLIC, SIGNED_IN) else min(allowed)))
    clients: dict[str, Client] = {}
    changed, answered = {}, 0
    assert written()["donations_donation"] > 0  # it counts
    for address, role in rows + screens:
        if role not in clients:
            place = story.hospital if role in PLACE_ROLES else None
            clients[role] = browser(story.stage.staff(Role(role), place))
            clients[role].get("/")
        before = written()
        answer = clients[role].get(address)
        b"".join(answer.streaming_content) if answer.streaming else answer.content
        answered += answer.status_code == 200
        after = written()
        if touched := {name for name in after if after[name] != before.get(name)} - OF_READING:
            changed[address] = touched
    assert answered > 150
    assert changed == {}


@pytest.mark.django_db
def test_right_role_of_the_wrong_county_finds_nothing() -> None:
    story = Told()
    bring_in(story)
    share_and_hand_out(story)
    open_and_correct(story)
    send_urgently(story)
    look_and_put_right(story)
    lend_a_device(story)
    stop_and_let_go(story)
    story.send("bulletins/", Role.PUBLISHER)
    story.send("public/questions/", Role.PUBLISHER)
    story.send("holidays/", Role.ADMINISTRATOR)
    pages = addresses(PAGES)
    other_place_finds_nothing(story)
    reading_changes_no_row(story)
    foreign = type(story.stage)(load_county("611022"), seed=2)
    hospital = Place.objects.get(code="P-611022-01")

    def staff(role: str) -> Person:
        return foreign.staff(
            Role(role), hospital if role in {"clerk", "checker", "pharmacist", "clinic"} else None
        )

    answers = {}
    for address, method, role in addresses():
        signed = Signed(staff(role))
        body = None if method == "GET" else {}
        answer = signed.get(address) if body is None else getattr(signed, method.lower())(address, body)
        answers[address, method] = answer.status_code

    assert len(answers) > 20
    assert len([address for address, _method in answers if address.endswith(".pdf")]) >= 6
    assert {key: status for key, status in answers.items() if key[1] == "GET" and status != 404} == {}
    # 415: the scan of a stamped bulletin comes as a form, which this is not.
    assert {key: status for key, status in answers.items() if status not in {400, 404, 415}} == {}

    screens = {
        address: browser(staff(role)).get(f"/{address}").status_code
        for address, method, role in pages
        if method == "GET"
    }
    assert len(screens) > 40
    assert {address: status for address, status in screens.items() if status != 404} == {}
    bodies_name_nothing_of_theirs(story, staff)
    lists_files_and_fragments_hold_nothing_of_theirs(staff)
    files_of_their_places_are_not_there(staff)
