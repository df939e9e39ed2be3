"""What one county's pharmacist read off a box holds in that county only, and can be put right there."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client

from catalogue.models import Medicine, Product, ProductRetirement, SearchName
from core.models import AuditEntry
from inventory.models import Batch
from tests.inventory.stories import accept, counted, sort, stocked
from tests.inventory.test_confirming import confirm, left, proposed
from tests.plain_sql import drop_guard, execute, insert, refused_by, value
from tests.world import TODAY, Signed, World, item

BARCODE = "6901234567892"
BOX = {
    "medicine": "M009a", "brand": "安瑞克", "specification": "0.1g*20片", "manufacturer": "湖北百科亨迪药业",
    "approval_number": "国药准字H20013062", "barcode": BARCODE, "pack_size": 20,
}  # fmt: skip
WRONG = BOX | {"medicine": "M001b", "specification": "0.5g*20片"}


def taught(signed: Signed, box: dict[str, Any] = BOX) -> int:
    answer = signed.post("products/", box)
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["id"])


def scan(signed: Signed) -> tuple[list[int], str | None]:
    """The products that a scan of the barcode names, and the medicine."""
    said = signed.post("barcodes/", {"scan": BARCODE}).json()
    return [each["id"] for each in said["products"]], said["medicine"] and said["medicine"]["code"]


def retire(signed: Signed, pk: int, reason: str = "条码读错") -> Any:
    return signed.post(f"products/{pk}/retire/", {"reason": reason})


def test_county_neither_sees_nor_obeys_what_another_taught(world: World) -> None:
    ours, theirs = world.signed("pharmacist"), world.signed("pharmacist", foreign=True)
    pk = taught(ours, WRONG)

    assert scan(ours) == ([pk], "M001b")
    assert scan(theirs) == ([], None)
    for words in ("安瑞克", "湖北百科亨迪", BARCODE, "H20013062"):
        assert theirs.get("products/", q=words).json()["results"] == []
        assert theirs.get("medicines/", q=words).json()["results"] == []
    assert (
        theirs.get("products/").json()["results"] == theirs.get("products/", retired="true").json()["results"]
    )
    assert theirs.get("medicines/M001b/").json()["product_count"] == 0
    refused = [theirs.get(f"products/{pk}/"), retire(theirs, pk)]
    assert [answer.status_code for answer in refused] == [404, 404]
    assert theirs.get("sortings/", product=pk).json()["results"] == []


def test_county_teaches_the_same_box_and_is_not_told_that_another_did(world: World) -> None:
    ours, theirs = world.signed("pharmacist"), world.signed("pharmacist", foreign=True)
    wrong = taught(ours, WRONG)

    right = taught(theirs, BOX)

    assert (scan(ours), scan(theirs)) == (([wrong], "M001b"), ([right], "M009a"))
    assert ours.post("products/", BOX).json()["code"] == "barcode_taken"


def test_other_county_s_product_is_unknown_to_sorting_and_recalls(world: World) -> None:
    pk = taught(world.signed("pharmacist", foreign=True))
    (item_id,) = counted(world, item())

    sorted_so = sort(world.signed("pharmacist"), item_id, accept(product=pk))
    recalled = world.signed("lead_pharmacist").post(
        "recalls/", {"product": pk, "medicine": None, "lot_number": None, "reason": "r", "reference": ""}
    )

    assert [sorted_so.json()["errors"][0]["code"], recalled.json()["errors"][0]["code"]] == [
        "unknown_product"
    ] * 2


def test_numbers_of_products_tell_nothing_of_another_county(world: World) -> None:
    ours, theirs = world.signed("pharmacist"), world.signed("pharmacist", foreign=True)
    first = taught(ours)
    for size in range(2, 7):
        taught(theirs, BOX | {"barcode": "", "specification": f"0.1g*{size}片"})
    second = taught(ours, BOX | {"barcode": "", "specification": "0.1g*7片"})
    shared = Product.objects.create(medicine=world.ibuprofen, brand="通用")

    # Between the two: the log of the command has no number of the county, nothing else was written.
    assert (first % 10_000, shared.pk % 10_000) == (second % 10_000, 0)
    assert second - first == 10_000


def test_wrong_link_is_retired_and_the_right_one_taught(world: World) -> None:
    pharmacist = world.signed("pharmacist")
    wrong = taught(pharmacist, WRONG)

    answer = retire(pharmacist, wrong)

    assert (answer.status_code, answer.json()["retired_on"], answer.json()["retired_by"]) == (
        201, str(TODAY), pharmacist.person.pk,
    )  # fmt: skip
    assert scan(pharmacist) == ([], None)
    assert pharmacist.get("medicines/", q="安瑞克").json()["results"] == []
    right = taught(pharmacist, BOX)
    assert scan(pharmacist) == ([right], "M009a")
    assert [row["id"] for row in pharmacist.get("products/").json()["results"]] == [right]
    listed = pharmacist.get("products/", retired="true").json()["results"]
    assert [(row["id"], row["retired_reason"]) for row in listed] == [(wrong, "条码读错")]
    entry = AuditEntry.objects.get(subject=f"product {wrong}", action="POST api/v1/products/<int:pk>/retire/")
    assert (entry.actor, entry.result) == (pharmacist.person.pk, "done")


def test_retiring_is_refused_twice_and_without_a_reason(world: World) -> None:
    pharmacist = world.signed("pharmacist")
    pk = taught(pharmacist)

    answers = [retire(pharmacist, pk, ""), retire(pharmacist, pk), retire(pharmacist, pk)]

    assert [answer.status_code for answer in answers] == [400, 201, 409]
    assert answers[2].json()["code"] == "product_retired"
    assert world.signed("clerk").post(f"products/{pk}/retire/", {"reason": "r"}).status_code == 403


def test_what_was_sorted_by_a_retired_product_is_found(world: World) -> None:
    pharmacist = world.signed("pharmacist")
    pk = taught(pharmacist)
    stocked(world, product=pk)
    (scanned,) = counted(world, item(barcode=f"01{BARCODE.zfill(14)}"))
    assert sort(pharmacist, scanned, accept()).status_code == 201
    stocked(world)
    retire(pharmacist, pk)

    found = pharmacist.get("sortings/", product=pk).json()["results"]

    assert len(found) == 2
    assert {row["item"] for row in found} >= {scanned}
    (again,) = counted(world, item())
    refused = sort(pharmacist, again, accept(product=pk))
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "unknown_product")
    assert Batch.objects.filter(product=pk).count() == 1


def test_proposal_by_a_product_retired_since_is_not_carried_out(world: World) -> None:
    pk = taught(world.signed("pharmacist"))
    _item, (decision,) = left(world, proposed(product=pk))
    retire(world.signed("lead_pharmacist"), pk)

    answer = confirm(world.signed("lead_pharmacist"), decision)

    assert (answer.status_code, answer.json()["code"]) == (409, "product_retired")


def test_product_of_everybody_is_retired_for_one_county_and_yields_to_its_own(world: World) -> None:
    shared = Product.objects.create(medicine=world.paracetamol, barcode=BARCODE, brand="旧")
    ours, theirs = world.signed("pharmacist"), world.signed("pharmacist", foreign=True)
    assert (scan(ours), scan(theirs)) == (([shared.pk], "M001b"),) * 2

    retire(ours, shared.pk)
    right = taught(ours)

    assert (scan(ours), scan(theirs)) == (([right], "M009a"), ([shared.pk], "M001b"))
    assert theirs.get(f"products/{shared.pk}/").json()["retired_on"] is None


def test_what_comes_with_the_catalogue_later_does_not_take_the_place_of_what_was_read(world: World) -> None:
    signed = world.signed("pharmacist")
    own = taught(signed)
    Product.objects.create(medicine=world.paracetamol, barcode=BARCODE, brand="旧")

    assert scan(signed) == ([own], "M009a")


def row(world: World, **columns: Any) -> dict[str, Any]:
    return {
        "medicine_id": world.ibuprofen.pk, "brand": "x", "specification": "", "manufacturer": "", "barcode": "",
        "approval_number": "", "insurance_code": "", "pack_size": 20, "county_id": world.neighbour.pk, **columns,
    }  # fmt: skip


def retirement(world: World, product: int, **columns: Any) -> dict[str, Any]:
    return {
        "county_id": world.county.pk, "product_id": product, "reason": "r", "retired_by": 1, "retired_on": TODAY,
        "command": uuid.uuid4(), **columns,
    }  # fmt: skip


def test_database_keeps_products_to_their_county(world: World) -> None:
    theirs = insert("catalogue_product", **row(world))
    decision = {
        "county_id": world.county.pk, "medicine_id": world.ibuprofen.pk, "product_id": theirs, "lot_number": "1",
        "last_usable_day": TODAY, "pack": "sealed",
    }  # fmt: skip
    recall = {
        "county_id": world.county.pk, "medicine_id": world.ibuprofen.pk, "product_id": theirs, "lot_number": "",
        "lot_key": "", "kind": "recall", "reason": "r", "reference": "", "raised_by": 1, "raised_on": TODAY,
        "command": uuid.uuid4(),
    }  # fmt: skip
    breaches = [
        ("batch_product_of_county", "inventory_batch", decision),
        ("recall_product_of_county", "catalogue_recall", recall),
        ("retirement_product_of_county", "catalogue_productretirement", retirement(world, theirs)),
        ("product_retired_by_word", "catalogue_product", row(world, retired=True)),
        ("retirement_has_reason", "catalogue_productretirement",
         retirement(world, theirs, county_id=world.neighbour.pk, reason="")),
    ]  # fmt: skip
    for guard, table, columns in breaches:
        with refused_by(guard):
            insert(table, **columns)
    for guard, table, columns in breaches:
        drop_guard(guard)
        assert insert(table, **columns)


def test_database_keeps_every_product_and_every_word_on_it(world: World) -> None:
    pk = insert("catalogue_product", **row(world, barcode=BARCODE))
    rewrite = "UPDATE catalogue_product SET medicine_id = medicine_id"
    for statement in (
        rewrite,
        "DELETE FROM catalogue_product",
        "UPDATE catalogue_product SET retired = true",
    ):
        with refused_by("product_never_rewritten"):
            execute(statement)
    insert("catalogue_productretirement", **retirement(world, pk, county_id=world.neighbour.pk))
    assert value("SELECT retired FROM catalogue_product WHERE id = %s", [pk])
    with refused_by("product_retired_once"):
        insert("catalogue_productretirement", **retirement(world, pk, county_id=world.neighbour.pk))
    for statement in (
        "UPDATE catalogue_productretirement SET reason = 'x'",
        "DELETE FROM catalogue_productretirement",
    ):
        with refused_by("catalogue_productretirement_append_only"):
            execute(statement)
    assert insert("catalogue_product", **row(world, barcode=BARCODE)) != pk

    drop_guard("product_never_rewritten")
    assert execute(rewrite) == 2


def test_names_that_a_county_taught_are_its_own(world: World) -> None:
    for signed in (world.signed("pharmacist"), world.signed("pharmacist", foreign=True)):
        taught(signed)

    kept = SearchName.objects.filter(text="安瑞克").order_by("county").values_list("county", flat=True)

    assert list(kept) == [world.neighbour.pk, world.county.pk]
    assert not SearchName.objects.filter(text="安瑞克", county="").exists()


def test_screens_lead_from_a_product_to_its_retirement_and_to_what_was_sorted_by_it(world: World) -> None:
    pk = taught(world.signed("pharmacist"))
    screen = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    screen.force_login(world.person("pharmacist"))

    shown = screen.get(f"/products/{pk}/").content.decode()
    done = screen.post(f"/products/{pk}/retire/", {"/reason": "wrong strength", "key": str(uuid.uuid4())})
    after = screen.get(f"/products/{pk}/").content.decode()

    assert (f"/products/{pk}/retire/" in shown, f"/sortings/?product={pk}" in shown) == (True, True)
    assert (done.status_code, done["Location"]) == (302, f"/products/{pk}/")
    assert ("wrong strength" in after, f"/products/{pk}/retire/" in after) == (True, False)
    assert "wrong strength" in screen.get("/products/?retired=true").content.decode()
    assert ProductRetirement.objects.get(product=pk).reason == "wrong strength"


@pytest.mark.django_db
def test_medicines_themselves_come_with_the_catalogue_only(world: World) -> None:
    assert world.signed("pharmacist").post("medicines/", {}).status_code == 405
    assert Medicine.objects.count() == 2
