"""What a recall is about, in Python and in the database alike."""

from __future__ import annotations

import pytest
from django.db import transaction

from catalogue.models import Product, Recall
from catalogue.queries import open_recalls
from catalogue.recalls import OpenRecalls, RecallRule, Suspicion, lot_key
from tests.plain_sql import drop_guard, execute, insert, refused_by, value
from tests.world import TODAY, World

NONE, POSSIBLE, CERTAIN = Suspicion
SPELLINGS = [
    "2203051", " 2203 051 ", "２２０３０５１", "2203-051", "2203–051", "2203.051", "2203/051", "2203_051", "2203·051",
    "2203\u200b051", "2203\u3000051",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(
    "lot", [*SPELLINGS, "ab-12", "", "--", "批号A1", "Ａｂ１２", "2203\n051", "0001-２ b"]
)
def test_lot_is_compared_alike_by_both(lot: str) -> None:
    assert value("SELECT key_of_lot(%s)", [lot]) == lot_key(lot)


@pytest.mark.parametrize("lot", SPELLINGS)
def test_lot_is_one_lot_however_it_is_spelt(lot: str) -> None:
    assert lot_key(lot) == "2203051"


@pytest.mark.django_db
@pytest.mark.parametrize("recalled_product", [None, 1])
@pytest.mark.parametrize("recalled_lot", ["", "A1"])
@pytest.mark.parametrize("product", [None, 1, 2])
@pytest.mark.parametrize("lot", ["", "a-1", "B2"])
def test_suspicion_is_what_the_ledger_covers(
    recalled_product: int | None, recalled_lot: str, product: int | None, lot: str
) -> None:
    rules = OpenRecalls([RecallRule(7, recalled_product, recalled_lot)])

    suspicion = rules.suspicion(medicine_id=7, lot_number=lot, product_id=product, place_id=3)

    covered = value("SELECT recall_covers(%s, %s, %s, %s)", [recalled_product, recalled_lot, product, lot])
    assert (suspicion > NONE) == covered


@pytest.mark.parametrize(
    ("rule", "seen", "expected"),
    [
        (RecallRule(7), {}, CERTAIN),
        (RecallRule(7, lot_key="A1"), {"lot_number": "A1"}, CERTAIN),
        (RecallRule(7, lot_key="A1"), {"lot_number": "B2"}, NONE),
        (RecallRule(7, lot_key="A1"), {}, POSSIBLE),
        (RecallRule(7, 5, "A1"), {"lot_number": "A1"}, POSSIBLE),
        (RecallRule(7, 5, "A1"), {"lot_number": "A1", "product_id": 5}, CERTAIN),
        (RecallRule(7, 5, "A1"), {"lot_number": "A1", "product_id": 6}, NONE),
        (RecallRule(7, place_id=3), {}, CERTAIN),
        (RecallRule(7, place_id=4), {}, NONE),
        (RecallRule(7, suspected=True), {"lot_number": "A1"}, POSSIBLE),
        (RecallRule(8), {}, NONE),
    ],
)
def test_suspicion_of_what_was_read(rule: RecallRule, seen: dict[str, object], expected: Suspicion) -> None:
    label = {"medicine_id": 7, "lot_number": "", "product_id": None, "place_id": 3, **seen}

    assert OpenRecalls([rule]).suspicion(**label) == expected


def test_unidentified_medicine_is_not_suspected() -> None:
    assert OpenRecalls([RecallRule(7)]).suspicion(medicine_id=None, lot_number="", place_id=3) == NONE


def recall(world: World, **columns: object) -> int:
    return insert(
        "catalogue_recall",
        **{
            "county_id": world.county.pk,
            "medicine_id": world.ibuprofen.pk,
            "lot_number": "2203-051",
            "lot_key": "2203051",
            "kind": "recall",
            "reason": "溶出度不合格",
            "reference": "",
            "raised_by": 1,
            "raised_on": TODAY,
            "command": "00000000-0000-4000-8000-000000000001",
            **columns,
        },
    )


def lift(world: World, pk: int, **columns: object) -> int:
    return insert(
        "catalogue_recalllift",
        **{
            "county_id": world.county.pk,
            "recall_id": pk,
            "reason": "误报",
            "lifted_by": 2,
            "lifted_on": TODAY,
            "command": "00000000-0000-4000-8000-000000000002",
            **columns,
        },
    )


def of_another_medicine(world: World) -> int:
    product = Product.objects.create(medicine=world.paracetamol, brand="必理通")
    return recall(world, product_id=product.pk)


def twice_lifted(world: World) -> int:
    pk = recall(world)
    lift(world, pk)
    return lift(world, pk)


BREACHES = {
    "recall_lot_compared": lambda world: recall(world, lot_key="2203"),
    "recall_has_reason": lambda world: recall(world, reason=""),
    "recall_kind_known": lambda world: recall(world, kind="rumour"),
    "recall_place_same_county": lambda world: recall(world, place_id=world.foreign_place.pk),
    "recall_product_of_medicine": of_another_medicine,
    "recall_lifted_by_another": lambda world: lift(world, recall(world), lifted_by=1),
    "recall_lifted_once": twice_lifted,
    "lift_has_reason": lambda world: lift(world, recall(world), reason=""),
    "lift_recall_same_county": lambda world: lift(world, recall(world), county_id=world.neighbour.pk),
}


@pytest.mark.parametrize("guard", BREACHES)
def test_notice_refused_by_its_guard(world: World, guard: str) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")

    with refused_by(guard):
        BREACHES[guard](world)

    assert Recall.objects.count() == 0


@pytest.mark.parametrize("guard", BREACHES)
def test_notice_goes_in_without_its_guard(world: World, guard: str) -> None:
    drop_guard(guard)

    assert BREACHES[guard](world)


@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET reason = '别的'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
@pytest.mark.parametrize("table", ["catalogue_recall", "catalogue_recalllift"])
def test_notice_is_never_changed(world: World, table: str, statement: str) -> None:
    lift(world, recall(world))
    execute("SET CONSTRAINTS ALL IMMEDIATE")

    with transaction.atomic(), refused_by(f"{table}_append_only"):
        execute(statement.format(table))


def test_lifted_recalls_are_over(world: World) -> None:
    pk = recall(world)
    label = {"medicine_id": world.ibuprofen.pk, "lot_number": "2203051", "place_id": world.hospital.pk}
    before = open_recalls(world.county.pk).suspicion(**label)

    lift(world, pk)

    assert (before, open_recalls(world.county.pk).suspicion(**label)) == (CERTAIN, NONE)
