"""Who a donor is: shown by few routes, each reading in the log once and for a reason; absent everywhere else."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pypdfium2
import pytest
from django.test import Client
from openpyxl import load_workbook

from config.access import ACCESS, PUBLIC, SIGNED_IN
from config.processing import RECORD
from core.models import AuditEntry, IdempotencyRecord
from donations.models import Donation
from organisation.models import Role
from tests.donations.rosters import HEAD, line, upload, xlsx
from tests.inventory.stories import counted
from tests.world import TODAY, World, donation

NAME, PHONE, COLLECTOR = "吴阿桑", "13912345678", "赵小六"
IDENTITY = (NAME, PHONE, COLLECTOR)
PERIOD = {"place": "P-522633-01", "from": str(TODAY), "to": str(TODAY)}
# Every route that shows who a donor or a collector is, what is asked of it, and the subject of its entry.
READINGS = {
    "donors/<int:pk>/": ("donor", {}),
    "donors/<int:pk>/export/": ("donor", {}),
    "donations/<int:pk>/receipt.pdf": ("donation", {}),
    "roster.pdf": ("roster", PERIOD),
    "roster.xlsx": ("roster", PERIOD),
    "rosters/<int:pk>/collector/": ("collector of roster", {}),
    "donor-returns/<int:pk>/slip.pdf": ("donor return", {}),
}


@pytest.fixture
def given(world: World) -> dict[str, int]:
    """A donor, a roster with its collector, unfit goods fetched by somebody else: their numbers."""
    clerk = world.signed("clerk")
    who = {"kind": "person", "name": NAME, "phone": PHONE}
    body = donation(place=world.hospital.code, donor=who)
    body["items"].append({**body["items"][0], "expiry": "有效期至2020年01月01日"})
    body["unfit"] = "destroy"
    made = [clerk.post("donations/", body).json()["id"] for _each in range(2)]
    roster = upload(world, xlsx(HEAD, line(NAME)), collector=COLLECTOR).json()["id"]
    item = Donation.objects.get(pk=made[0]).items.get(line=2).pk
    fetched = {
        "place": world.hospital.code, "donation": made[0], "items": [{"item": item, "quantity": 20}],
        "collector": COLLECTOR, "signed": True,
    }  # fmt: skip
    returned = clerk.post("donor-returns/", fetched)
    assert returned.status_code == 201, returned.json()
    counted(world)
    donor = Donation.objects.get(pk=made[0]).donor_id
    return {"donors": donor, "donations": made[0], "rosters": roster, "donor-returns": returned.json()["id"]}


def words_of(answer: Any) -> str:
    """All that an answer says, files included."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    kind = answer.headers.get("Content-Type", "")
    if kind == "application/pdf":
        pages = pypdfium2.PdfDocument(content)
        return "".join(page.get_textpage().get_text_range() for page in pages)
    if "spreadsheetml" in kind:
        rows = [row for sheet in load_workbook(BytesIO(content)) for row in sheet.iter_rows(values_only=True)]
        return str(rows)
    return content.decode(errors="replace")


def address(route: str, given: dict[str, int]) -> str:
    known = route.replace("<int:pk>", str(given.get(route.split("/")[0], 1)))
    return re.sub(r"<str:code>", "522633", re.sub(r"<str:day>", str(TODAY), re.sub(r"<\w+:\w+>", "1", known)))


def entries() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", "subject"))


@pytest.mark.parametrize("route", READINGS)
def test_reading_leaves_one_entry(world: World, given: dict[str, int], route: str) -> None:
    subject, query = READINGS[route]
    before = len(entries())

    answer = world.signed(min(ACCESS[route]["GET"])).get(address(route, given), **query)

    assert any(word in words_of(answer) for word in IDENTITY), route
    (entry,) = entries()[before:]
    assert entry[0] == f"GET api/v1/{route}"
    assert entry[1].startswith(subject)


def test_record_of_processing_tells_of_every_reading() -> None:
    told = {route for line in RECORD for route, _method in line.routes}

    assert set(READINGS) <= told


def test_no_other_route_shows_who_a_donor_is(world: World, given: dict[str, int]) -> None:
    showing, asked = {}, 0
    for route, methods in ACCESS.items():
        allowed = methods.get("GET")
        if (
            allowed is None
            or allowed == PUBLIC
            or route in READINGS
            or not set(allowed) & {*Role.values, "signed_in"}
        ):
            continue
        roles = sorted(Role.values if allowed == SIGNED_IN else allowed)
        for role in {roles[0], roles[-1]}:
            answer = world.signed(role).get(address(route, given), **(PERIOD if "figures" in route else {}))
            asked += 1
            if found := [word for word in IDENTITY if word in words_of(answer)]:
                showing[route, role] = found

    assert asked > 150
    # Whoever uploaded a roster sees its rows again until it is registered; nothing of it is in the books yet.
    assert {route for route, _role in showing} <= {"rosters/<int:pk>/"}


def test_fields_above_a_role_are_absent_and_not_blank(world: World, given: dict[str, int]) -> None:
    shown = world.signed("checker").get(f"donations/{given['donations']}/").json()
    listed = world.signed("checker").get("donations/").json()["results"][0]

    for answer in (shown, listed):
        assert not {"name", "phone", "work_unit"} & set(answer)
        assert "township" not in answer
    page = Client()
    page.force_login(world.person("checker"))
    before = len(entries())
    seen = page.get(f"/donations/{given['donations']}/").content.decode()
    assert not any(word in seen for word in (*IDENTITY, "电话"))
    assert entries()[before:] == [], "nothing was asked that this role may not ask"


def test_screen_says_why_the_donor_is_shown_and_that_the_look_is_kept(
    world: World, given: dict[str, int]
) -> None:
    page = Client(headers={"Accept-Language": "en"})
    page.force_login(world.person("clerk"))
    before = len(entries())

    seen = page.get(f"/donations/{given['donations']}/").content.decode()

    assert NAME in seen
    assert "reached in a recall. That you looked stands in the audit log." in seen
    assert [action for action, _subject in entries()[before:]] == ["GET api/v1/donors/<int:pk>/"]
    listed = page.get("/donations/").content.decode()
    assert "Who makes one stands in the audit log." in listed


def test_no_record_address_or_refusal_holds_an_identity(
    world: World, given: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    clerk = world.signed("clerk")
    refused = [
        clerk.post("donations/", donation(donor={"kind": NAME, "name": NAME, "phone": [PHONE]})),
        clerk.post("donations/", donation(donor={"kind": "person", "name": NAME, PHONE: 1})),
        clerk.post("donations/", {**donation(), NAME: PHONE}),
        clerk.get("donations/", **{NAME: PHONE}),
        clerk.get("donations/", **{PHONE: "1", "medicine": NAME}),
    ]
    world.signed("security").post("donors/find/", {"name": NAME})
    clerk.post("donations/find/", {"donor": PHONE})
    clerk.get(f"donations/{given['donations']}/", **{NAME: PHONE})

    kept = [
        *(bytes(each) for each in IdempotencyRecord.objects.values_list("answer", flat=True)),
        *(str(each).encode() for each in AuditEntry.objects.values_list("action", "subject", "code")),
        caplog.text.encode(),
        *(answer.content for answer in refused),
    ]
    places = [error["pointer"] for answer in refused for error in answer.json()["errors"]]
    assert {"/donor/?3", "/?7", "/?"} <= set(places)
    assert {answer.status_code for answer in refused} == {400}
    assert [each for each in kept for word in IDENTITY if word.encode() in each] == []
