"""One pharmacist alone: what they propose, another of the county confirms from photos."""

from __future__ import annotations

import io
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from donations.models import ItemPhoto
from inventory.models import SortingDecision
from inventory.models.proposals import SortingProposal
from inventory.verification import verify
from tests.inventory.stories import CHECKED, accept, book, counted, custody, doubt, reject, sort, written
from tests.inventory.test_sorting_refusals import registered_and_counted_alone
from tests.world import Signed, World, item


def picture(**saved: Any) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (320, 200), "white").save(target, saved.pop("form", "JPEG"), **saved)
    return target.getvalue()


def photographed(signed: Signed, item_id: int, content: bytes | None = None, key: Any = None) -> Any:
    return signed.client.post(
        f"/api/v1/items/{item_id}/photos/",
        {"photo": SimpleUploadedFile("photo.jpg", picture() if content is None else content)},
        format="multipart",
        headers={"Idempotency-Key": str(key or uuid.uuid4())},
    )


def proposed(quantity: int = 20, outcome: str = "accept", **fields: Any) -> dict[str, Any]:
    """Units left in doubt with what another pharmacist is to confirm."""
    whole = accept(quantity, **fields) if outcome == "accept" else reject(quantity, **fields)
    return {**whole, "outcome": "hold", "proposed": outcome}


def left(world: World, *decisions: dict[str, Any], photo: bool = True) -> tuple[int, list[int]]:
    """An item that the hospital's pharmacist had alone: its id and those of their decisions."""
    item_id = registered_and_counted_alone(world)
    alone = world.signed("pharmacist")
    answer = sort(alone, item_id, *(decisions or [proposed()]))
    assert answer.status_code == 201, answer.json()
    if photo:
        assert photographed(alone, item_id).status_code == 201
    return item_id, [decision["id"] for decision in answer.json()["decisions"]]


def elsewhere(world: World) -> Signed:
    """Another pharmacist of the county, who works at another place."""
    return world.signed("pharmacist", world.centre)


def confirm(signed: Signed, decision: int, **options: Any) -> Any:
    return signed.post(f"sortings/{decision}/confirm/", **options)


def tables() -> dict[str, int]:
    return {
        **written(),
        "photos": ItemPhoto.objects.count(),
        "proposals": SortingProposal.objects.count(),
        "confirmed": SortingProposal.objects.filter(confirmed_by__isnull=False).count(),
    }


def test_units_stay_in_doubt_until_another_pharmacist_confirms(world: World) -> None:
    item_id, [decision] = left(world)
    before = custody(item_id), book()

    answer = confirm(elsewhere(world), decision)

    assert before == ({"in_doubt": 20}, {})
    assert answer.status_code == 201
    made = SortingDecision.objects.latest("pk")
    assert answer.json() == {
        "id": made.pk, "outcome": "accept", "quantity": 20, "batch": made.batch_id, "reason": "",
    }  # fmt: skip
    assert (made.decided_by, made.checklist) == (world.person("pharmacist", world.centre).pk, CHECKED)
    assert custody(item_id) == {"accepted": 20}
    assert book()["P-522633-01", "store", "available", "2203051"] == 20
    assert list(verify(world.county.pk)) == []


def test_lead_pharmacist_confirms_a_rejection(world: World) -> None:
    item_id, [decision] = left(world, proposed(outcome="reject"))

    answer = confirm(world.signed("lead_pharmacist"), decision)

    assert (answer.status_code, answer.json()["outcome"]) == (201, "reject")
    assert custody(item_id) == {"in_bin": 20}


def test_parts_of_an_item_are_confirmed_one_by_one(world: World) -> None:
    item_id, [first, second, _third] = left(world, proposed(8), proposed(7, "reject"), doubt(5, "等厂家答复"))

    answers = [confirm(elsewhere(world), decision).status_code for decision in (second, first)]

    assert answers == [201, 201]
    assert custody(item_id) == {"accepted": 8, "in_bin": 7, "in_doubt": 5}


def test_record_shows_what_was_proposed_and_who_confirmed(world: World) -> None:
    _item_id, [decision] = left(world)
    pharmacist = world.signed("pharmacist")
    waiting = pharmacist.get(f"sortings/{decision}/").json()

    confirm(elsewhere(world), decision)
    done = pharmacist.get(f"sortings/{decision}/").json()

    assert (waiting["reason"], waiting["proposed"], waiting["confirmed_by"]) == (
        "awaiting_confirmation",
        "accept",
        None,
    )
    assert done["confirmed_by"] == world.person("pharmacist", world.centre).pk


def test_colleague_elsewhere_sees_what_waits_and_its_photos(world: World) -> None:
    item_id, [decision] = left(world)
    colleague, photo = elsewhere(world), ItemPhoto.objects.get().pk

    [row] = colleague.get("sortings/awaiting/").json()["results"]
    shown = colleague.get(f"photos/{photo}.jpg")
    confirm(colleague, decision)

    assert (row["item"], row["decision"], row["place"]) == (item_id, decision, "P-522633-01")
    assert (row["photos"], row["quantity"], row["lot_number"]) == ([photo], 20, "2203051")
    assert (shown.status_code, shown["Content-Type"], shown.content[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert colleague.get("sortings/awaiting/").json()["results"] == []
    assert colleague.get(f"photos/{photo}.jpg").status_code == 404
    assert world.signed("pharmacist").get(f"photos/{photo}.jpg").status_code == 200


def test_photo_is_hidden_from_other_places_and_counties(world: World) -> None:
    left(world)
    photo = ItemPhoto.objects.get().pk

    assert world.signed("clerk").get(f"photos/{photo}.jpg").status_code == 200
    for stranger in (
        world.signed("clerk", world.centre),
        world.signed("pharmacist", foreign=True),
        world.signed("lead_pharmacist", foreign=True),
    ):
        assert stranger.get(f"photos/{photo}.jpg").status_code == 404


def same_person(world: World) -> tuple[Signed, int]:
    return world.signed("pharmacist"), left(world)[1][0]


def no_photo(world: World) -> tuple[Signed, int]:
    return elsewhere(world), left(world, photo=False)[1][0]


def confirmed_already(world: World) -> tuple[Signed, int]:
    _item, [decision] = left(world)
    assert confirm(world.signed("lead_pharmacist"), decision).status_code == 201
    return elsewhere(world), decision


def sorted_by_another(world: World) -> tuple[Signed, int]:
    item_id, [decision] = left(world)
    assert sort(world.signed("pharmacist", name="second"), item_id, reject(20)).status_code == 201
    return elsewhere(world), decision


def left_in_doubt_anew(world: World) -> tuple[Signed, int]:
    item_id, [decision, _rest] = left(world, proposed(10), doubt(10))
    assert sort(world.signed("pharmacist"), item_id, doubt(20, "再等厂家答复")).status_code == 201
    return elsewhere(world), decision


def taken_back(world: World) -> tuple[Signed, int]:
    _item, [decision] = left(world)
    assert world.signed("pharmacist").post(f"sortings/{decision}/reverse/").status_code == 200
    return elsewhere(world), decision


def nothing_proposed(world: World) -> tuple[Signed, int]:
    return elsewhere(world), left(world, doubt(20))[1][0]


def recalled_since(world: World) -> tuple[Signed, int]:
    _item, [decision] = left(world)
    body = {
        "medicine": "M009a",
        "lot_number": "2203051",
        "reason": "召回",
        "reference": "黔药监",
        "standing": True,
    }
    answer = world.signed("lead_pharmacist").post("recalls/", body)
    assert answer.status_code == 201, answer.json()
    return elsewhere(world), decision


def registrar_of_the_goods(world: World) -> tuple[Signed, int]:
    """Somebody else proposed, and who registered and counted alone would confirm."""
    item_id = registered_and_counted_alone(world)
    answer = sort(world.signed("pharmacist", name="second"), item_id, proposed())
    assert photographed(world.signed("pharmacist"), item_id).status_code == 201
    return world.signed("pharmacist"), answer.json()["decisions"][0]["id"]


def of_another_county(world: World) -> tuple[Signed, int]:
    return world.signed("pharmacist", foreign=True), left(world)[1][0]


REFUSED = [
    (same_person, 403, "second_person_needed"),
    (registrar_of_the_goods, 403, "second_person_needed"),
    (no_photo, 409, "photo_needed"),
    (confirmed_already, 409, "already_confirmed"),
    (sorted_by_another, 409, "moved_on"),
    (left_in_doubt_anew, 409, "moved_on"),
    (taken_back, 409, "moved_on"),
    (nothing_proposed, 409, "nothing_to_confirm"),
    (recalled_since, 422, "screening_refuses"),
    (of_another_county, 404, "not_found"),
]


@pytest.mark.parametrize(("story", "status", "code"), REFUSED)
def test_confirmation_refused(world: World, story: Any, status: int, code: str) -> None:
    signed, decision = story(world)
    before = tables(), book()

    answer = confirm(signed, decision)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (tables(), book()) == before


@pytest.mark.parametrize(
    ("decision", "expected"),
    [
        (accept(proposed="accept"), (400, "only_in_doubt", "/decisions/0/proposed")),
        (proposed(outcome="accept", medicine=None), (400, "required", "/decisions/0/medicine")),
        (proposed(lot_number=""), (422, "label_not_read", "/decisions/0/lot_number")),
        (proposed(findings=["damaged"]), (422, "damaged", "/decisions/0/outcome")),
        (proposed(checklist=None), (422, "checklist_incomplete", "/decisions/0/checklist/identity")),
        (proposed(outcome="reject", reason=""), (422, "reason_needed", "/decisions/0/reason")),
        ({**doubt(20), "proposed": "hold"}, (400, "invalid_choice", "/decisions/0/proposed")),
    ],
)
def test_proposal_that_could_not_be_decided_refused(
    world: World, decision: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    item_id = registered_and_counted_alone(world)
    before = tables()

    answer = sort(world.signed("pharmacist"), item_id, decision)

    fault = answer.json()["errors"][0]
    assert (answer.status_code, fault["code"], fault["pointer"]) == expected
    assert tables() == before


def test_confirming_is_carried_out_once(world: World) -> None:
    _item, [decision] = left(world)
    key = uuid.uuid4()

    first, second = (confirm(elsewhere(world), decision, key=key) for _ in range(2))

    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"


def test_doubt_that_was_confirmed_is_not_taken_back_out_of_other_units(world: World) -> None:
    item_id, [decision, _rest] = left(world, proposed(10), doubt(10))
    confirm(elsewhere(world), decision)
    before = tables()

    answer = world.signed("pharmacist").post(f"sortings/{decision}/reverse/")

    assert (answer.status_code, answer.json()["code"]) == (409, "moved_on")
    assert (tables(), custody(item_id)) == (before, {"accepted": 10, "in_doubt": 10})


def test_confirmed_decision_is_taken_back_like_any_other(world: World) -> None:
    item_id, [decision] = left(world)
    made = confirm(elsewhere(world), decision).json()["id"]

    answer = world.signed("pharmacist").post(f"sortings/{made}/reverse/")

    assert (answer.status_code, custody(item_id)) == (200, {"counted": 20})


# Photos


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 400, "empty"),
        (b"%PDF-1.4", 400, "wrong_type"),
        (b"\xff\xd8\xff\xe0 no picture", 400, "damaged"),
        (b"\x00\x00\x00\x18ftypheic", 400, "heic"),
    ],
)
def test_what_is_no_photo_is_not_kept(world: World, content: bytes, status: int, code: str) -> None:
    [item_id] = counted(world)
    before = tables()

    answer = photographed(world.signed("pharmacist"), item_id, content)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code)
    assert tables() == before


def test_seventh_photo_of_an_item_refused(world: World) -> None:
    [item_id, other] = counted(world, item(), item())
    pharmacist = world.signed("pharmacist")

    answers = [photographed(pharmacist, item_id).status_code for _ in range(7)]

    assert answers == [201] * 6 + [409]
    assert ItemPhoto.objects.count() == 6
    assert photographed(pharmacist, other).status_code == 201


def test_same_photo_sent_again_is_kept_once(world: World) -> None:
    [item_id] = counted(world)
    key = uuid.uuid4()

    first, second = (photographed(world.signed("pharmacist"), item_id, key=key) for _ in range(2))

    assert (first.json(), ItemPhoto.objects.count()) == (second.json(), 1)


def test_photo_is_kept_small_upright_and_without_what_the_phone_adds(world: World) -> None:
    [item_id] = counted(world)
    large = Image.new("RGB", (3000, 2000), "red")
    exif = large.getexif()
    exif[0x0112], exif[0x010F] = 6, "a phone"
    target = io.BytesIO()
    large.save(target, "JPEG", exif=exif, comment=b"here")

    answer = photographed(world.signed("pharmacist"), item_id, target.getvalue())

    kept = bytes(ItemPhoto.objects.get(pk=answer.json()["id"]).image)
    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (1067, 1600)
        assert (dict(picture.getexif()), picture.info.get("comment")) == ({}, None)


def test_stranger_keeps_no_photo(world: World) -> None:
    [item_id] = counted(world)

    for stranger in (elsewhere(world), world.signed("pharmacist", foreign=True)):
        assert photographed(stranger, item_id).status_code == 404
    assert ItemPhoto.objects.count() == 0


# Cost


def statements(work: Any) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert work().status_code < 300
    return len(captured)


def test_list_and_confirmation_cost_the_same_however_much_waits(world: World) -> None:
    colleague, costs = elsewhere(world), []
    for _ in range(3):
        _item, [decision, *_rest] = left(world, *(proposed(2) for _ in range(10)))
        listing = statements(lambda: colleague.get("sortings/awaiting/"))
        costs.append((listing, statements(lambda: confirm(colleague, decision))))  # noqa: B023

    assert len(set(costs)) == 1


def test_to_do_list_tells_others_what_waits(world: World) -> None:
    left(world)

    told = {}
    for name, signed in (("alone", world.signed("pharmacist")), ("other", elsewhere(world))):
        [duty] = [row for row in signed.get("todo/").json()["duties"] if row["code"] == "confirm"]
        told[name] = (duty["count"], len(signed.client.get(duty["link"]).json()["results"]))

    assert told == {"alone": (0, 1), "other": (1, 1)}
