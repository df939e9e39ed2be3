"""Races for what donors gave: registered, handed over, counted, corrected and sorted."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from core.receipt_codes import new_receipt_code
from donations.models import CustodyEntry, Donation, Handover, ItemHoldings
from inventory.models import Batch, Movement, SortingDecision
from tests.distribution.stock import stock
from tests.faults.races import Arena, Ends, Guard, Race, Start, dropped, rewritten, wins
from tests.faults.races_of_stock import USABLE, units
from tests.inventory.recalls import order
from tests.inventory.stories import accept, counted
from tests.plain_sql import value
from tests.world import donation, item

STANDING = ["at_point", "on_the_way", "counted", "in_doubt", "accepted", "voided"]


def stands(pk: int) -> dict[str, int]:
    """Where the units of an item stand; states without units left out."""
    row = ItemHoldings.objects.values(*STANDING).get(item_id=pk)
    return {state: units for state, units in row.items() if units}


def given(arena: Arena, place: Any) -> tuple[int, int]:
    """Twenty tablets at a drop-off point: the donation and its item."""
    clerk = arena.crowd("clerk", place)[0]
    made = clerk.post("donations/", donation(place=place.code, items=[item(lot_number=arena.fresh("G"))]))
    assert made.status_code == 201, made.json()
    return made.json()["id"], made.json()["items"][0]["id"]


# Registered

CODE = Guard(
    "receipt_code_once decides alone; no service looks before.",
    without=[dropped("receipt_code_once")],
    meet="donations_donor",
)


def one_code(arena: Arena) -> Start:
    code = new_receipt_code()
    works = [partial(one.post, "donations/", donation(receipt_code=code)) for one in arena.crowd("clerk")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (wins(ends), Donation.objects.filter(receipt_code=code.replace("-", "")).count()), (1, 1)

    return Start(works, settled)


KEY = Guard(
    "Who carries a key out holds an advisory lock of it (command_claim); idempotency_once stands behind, and what it"
    " refuses is tried again and finds the answer.",
    without=[
        dropped("idempotency_once"),
        rewritten("command_claim", "pg_try_advisory_xact_lock(lock_number)", "true"),
    ],
    meet="donations_donor",
)


def one_key(arena: Arena) -> Start:
    """The same request with the same key: all are told the same, or to ask again."""
    key, body = uuid.uuid4(), donation()
    works = [partial(one.post, "donations/", body, key=key) for one in arena.crowd("clerk")]
    before = Donation.objects.count()

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (wins(ends) > 0, Donation.objects.count() - before), (True, 1)

    return Start(works, settled)


CAMPAIGN = Guard(
    "donation_in_open_campaign: a registration reads its campaign under a lock that closing it waits for, and waits"
    " for whoever is closing it. It decides alone; the service only looks first.",
    without=[dropped("donation_in_open_campaign")],
    meet='"donations_donor"|donations_donor|UPDATE "donations_campaign"',
)


def closing(arena: Arena) -> Start:
    """One rival closes the campaign and then sees what was registered in it; nothing may come later."""
    world, code = arena.world, arena.fresh("C-")
    campaign = type(world.campaign).objects.get(pk=world.campaign.pk)
    campaign.pk, campaign.code = None, code
    campaign.save()
    administrator = arena.crowd("administrator")[0]
    at_the_end: list[int] = []

    def close() -> Any:
        answer = administrator.post(f"campaigns/{campaign.pk}/close/")
        at_the_end.append(Donation.objects.filter(campaign=campaign).count())
        return answer

    works: list[Any] = [close]
    works += [partial(one.post, "donations/", donation(campaign=code)) for one in arena.crowd("clerk")[1:]]

    def settled(ends: Ends) -> tuple[Any, Any]:
        there = Donation.objects.filter(campaign=campaign).count()
        return (there, wins(ends)), (at_the_end[0], at_the_end[0] + 1)

    return Start(works, settled)


# At the point

LIST = Guard(
    "donation_in_one_open_handover and itemholdings_never_negative: a donation is on one open list, and no more"
    " leaves a point than stands there.",
    apart="custody",
    without=[dropped("donation_in_one_open_handover"), dropped("itemholdings_never_negative")],
    unlocked="donations_itemholdings",
    meet='INSERT INTO "donations_handover"',
)


def handed_over(arena: Arena) -> Start:
    world = arena.world
    made, pk = given(arena, world.office)
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made]}
    works = [partial(one.post, "handovers/", body) for one in arena.crowd("clerk", world.office)]

    def settled(ends: Ends) -> tuple[Any, Any]:
        lists = Handover.objects.filter(listed__donation=made).count()
        return (wins(ends), lists, stands(pk)), (1, 1, {"on_the_way": 20})

    return Start(works, settled)


OPEN_LIST = Guard(
    "The list's row is locked and its state judged under the lock; behind it a list ends once (handover_ends_once),"
    " each of its entries is taken back once (custody_reversed_once), and no more comes off it than was put on it"
    " (custody_within_list) or is on the way (itemholdings_never_negative).",
    apart="custody",
    without=[dropped("handover_ends_once"), dropped("custody_within_list"),
             dropped("custody_reversed_once"), dropped("itemholdings_never_negative")],
    unlocked="donations_handover",
    meet='UPDATE "donations_handover"',
)  # fmt: skip


def list_ended(arena: Arena) -> Start:
    """Every other rival counts the list, the others take it back."""
    world = arena.world
    made, pk = given(arena, world.office)
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made]}
    clerks = arena.crowd("clerk", world.office)
    number = clerks[0].post("handovers/", body).json()["id"]
    count = {"items": [{"item": pk, "counted": 20}]}
    works = [partial(one.post, f"handovers/{number}/void/", {"reason": "车辆未到"}) for one in clerks[::2]]
    works += [
        partial(one.post, f"handovers/{number}/receive/", count) for one in arena.crowd("pharmacist")[1::2]
    ]

    def settled(ends: Ends) -> tuple[Any, Any]:
        ended = CustodyEntry.objects.filter(handover=number, from_state="on_the_way").count()
        where = {"voided": {"at_point": 20}, "received": {"counted": 20}}
        return (wins(ends), ended, stands(pk)), (1, 1, where[Handover.objects.get(pk=number).state])

    return Start(works, settled)


STANDS = Guard(
    "Whoever moves all that stands of a donation, or corrects it, holds the donation's items before looking. What"
    " stands behind (itemholdings_never_negative) refuses too much only: without the lock units that a correction"
    " added in between would stay behind.",
    unlocked="donations_itemholdings|donations_donation",
    meet='INSERT INTO "donations_custodyentry"|INSERT INTO "donations_handover"',
)


def corrections(arena: Arena, made: int, pk: int, place: Any) -> list[Any]:
    """All but one of the rivals say that it was thirty, and not twenty."""
    body = {"reason": "写错", "items": [{"item": pk, "quantity": 30}]}
    crowd = arena.crowd("pharmacist", place)
    return [partial(one.post, f"donations/{made}/correct/", body) for one in crowd[1:]]


def voided_and_corrected(arena: Arena) -> Start:
    office = arena.world.office
    made, pk = given(arena, office)
    void = partial(arena.crowd("clerk", office)[0].post, f"donations/{made}/void/", {"reason": "重复登记"})

    def settled(_ends: Ends) -> tuple[Any, Any]:
        return set(stands(pk)), {"voided"}

    return Start([void, *corrections(arena, made, pk, office)], settled)


def handed_over_and_corrected(arena: Arena) -> Start:
    world = arena.world
    made, pk = given(arena, world.office)
    body = {"from_place": world.office.code, "to_place": world.hospital.code, "donations": [made]}
    send = partial(arena.crowd("clerk", world.office)[0].post, "handovers/", body)

    def settled(_ends: Ends) -> tuple[Any, Any]:
        return set(stands(pk)), {"on_the_way"}

    return Start([send, *corrections(arena, made, pk, world.office)], settled)


def counted_and_corrected(arena: Arena) -> Start:
    world = arena.world
    made, pk = given(arena, world.hospital)
    body = {"items": [{"item": pk, "counted": 20}]}
    count = partial(arena.crowd("checker")[0].post, f"donations/{made}/count/", body)

    def settled(_ends: Ends) -> tuple[Any, Any]:
        return len(stands(pk)), 1

    return Start([count, *corrections(arena, made, pk, world.hospital)], settled)


# At the sorting table

TABLE = Guard(
    "The item's holdings are locked before they are judged; itemholdings_never_negative stands behind. Either alone"
    " suffices.",
    apart="custody",
    without=[dropped("itemholdings_never_negative")],
    unlocked="donations_itemholdings",
    meet="inventory_batch",
    each_suffices=True,
)


def sorted_once(arena: Arena) -> Start:
    lot = arena.fresh("SORT")
    (pk,) = counted(arena.world, item(lot_number=lot), clerk=arena.crowd("clerk")[0])
    body = {"item": pk, "decisions": [accept(20, lot_number=lot, reason="核对无误")]}
    works = [partial(one.post, "sortings/", body) for one in arena.crowd("pharmacist")]

    def settled(ends: Ends) -> tuple[Any, Any]:
        batch = Batch.objects.get(lot_number=lot)
        made = SortingDecision.objects.filter(item=pk).count()
        return (wins(ends), made, stands(pk), units(batch, "available")), (1, 1, {"accepted": 20}, 20)

    return Start(works, settled)


DECISION = Guard(
    "The item's holdings are locked before the decision is judged; behind them an entry is reversed once"
    " (custody_reversed_once), and so is a movement (movement_reversed_once). Each alone suffices.",
    apart="custody",
    without=[dropped("custody_reversed_once"), dropped("movement_reversed_once"),
             dropped("itemholdings_never_negative"), rewritten("ledger_check_items", "BEGIN", "BEGIN RETURN;")],
    unlocked="donations_itemholdings",
    meet="ledger_post",
    each_suffices=True,
)  # fmt: skip


def decided_again(arena: Arena) -> Start:
    """A decision is taken back while goods of the same batch that others accepted stand beside it."""
    lot, world = arena.fresh("AGAIN"), arena.world
    many = [item(lot_number=lot) for _ in range(min(arena.rivals, 8))]
    ids = counted(world, *many, clerk=arena.crowd("clerk")[0])
    sortings = [{"item": pk, "decisions": [accept(20, lot_number=lot, reason="核对无误")]} for pk in ids]
    crowd = arena.crowd("pharmacist")
    made = crowd[0].post("sortings/", {"sortings": sortings}).json()["sortings"][0]["decisions"][0]["id"]
    works = [partial(one.post, f"sortings/{made}/reverse/", {"reason": "看错"}) for one in crowd]

    def settled(ends: Ends) -> tuple[Any, Any]:
        back = Movement.objects.filter(batch__lot_number=lot, kind="reversal").count()
        return (wins(ends), back, stands(ids[0])), (1, 1, {"counted": 20})

    return Start(works, settled)


# Recalled meanwhile

BOOK = Guard(
    "A recall takes the county's book alone, as closing days does; whoever writes takes it beside others, and the"
    " ledger then looks for recalls (movement_not_recalled). Neither alone suffices: without the lock the recall does"
    " not see what is being written, without the rule a writer who looked before does not obey.",
    apart="book",
    without=[
        dropped("movement_not_recalled"),
        rewritten("recall_raised", "pg_advisory_xact_lock(", "("),
    ],
    unlocked="pg_advisory_xact_lock",
    meet='INTO "?donations_custodyentry|ledger_post',
)


def sorted_and_recalled(arena: Arena) -> Start:
    """Goods whose counter had read another lot are sorted while the lot that stands on them is recalled."""
    lot, world = arena.fresh("CALL"), arena.world
    stock(
        world, 1, lot=lot
    )  # its batch is there, or whoever makes it first would keep the others waiting by that
    ids = counted(world, *[item(lot_number="9999")] * (arena.rivals - 1), clerk=arena.crowd("clerk")[0])
    crowd = arena.crowd("pharmacist")
    recall = order(lot_number=lot, standing=True)
    works: list[Any] = [partial(arena.crowd("lead_pharmacist")[0].post, "recalls/", recall)]
    for one, pk in zip(crowd, ids, strict=False):
        decision = accept(20, lot_number=lot, reason="核对无误")
        works.append(partial(one.post, "sortings/", {"item": pk, "decisions": [decision]}))

    def settled(_ends: Ends) -> tuple[Any, Any]:
        return units(Batch.objects.get(lot_number=lot), *USABLE), 0

    return Start(works, settled)


LOT = Guard(
    "Who raises a recall has the county's book alone before looking for another of the same lot. Nothing stands"
    " behind it.",
    apart="book",
    without=[rewritten("recall_raised", "pg_advisory_xact_lock(", "(")],
    unlocked="pg_advisory_xact_lock",
    meet='INSERT INTO "catalogue_recall"',
)


def recalled_once(arena: Arena) -> Start:
    lot = arena.fresh("ONE")
    works = [partial(one.post, "recalls/", order(lot_number=lot, standing=True))
             for one in arena.crowd("lead_pharmacist")]  # fmt: skip

    def settled(ends: Ends) -> tuple[Any, Any]:
        there = value("SELECT count(*) FROM catalogue_recall WHERE lot_number = %s", [lot])
        return (wins(ends), there), (1, 1)

    return Start(works, settled)


LIFT = Guard(
    "recall_lifted_once decides alone; the service only looks first.",
    without=[dropped("recall_lifted_once")],
    meet='INSERT INTO "catalogue_recalllift"',
)


def lifted_once(arena: Arena) -> Start:
    lot = arena.fresh("LIFT")
    raiser = arena.once("raiser", lambda: arena.world.signed("lead_pharmacist", name="raiser"))
    pk = raiser.post("recalls/", order(lot_number=lot, standing=True)).json()["id"]
    works = [partial(one.post, f"recalls/{pk}/lift/", {"reason": "批号录入有误"})
             for one in arena.crowd("lead_pharmacist")]  # fmt: skip

    def settled(ends: Ends) -> tuple[Any, Any]:
        there = value("SELECT count(*) FROM catalogue_recalllift WHERE recall_id = %s", [pk])
        return (wins(ends), there), (1, 1)

    return Start(works, settled)


LEFT = frozenset({"in_open_handover", "not_at_point", "not_correctable"})
RACES = [
    Race("registrations with one receipt code", CODE, one_code, frozenset({"receipt_code_used"})),
    Race("one request sent many times", KEY, one_key, frozenset({"idempotency_in_progress"})),
    Race(
        "campaign closed and donation registered",
        CAMPAIGN,
        closing,
        frozenset({"not_found", "campaign_closed"}),
    ),
    Race("donation handed over twice", LIST, handed_over, frozenset({"in_open_handover", "not_at_point"})),
    Race("list counted and taken back", OPEN_LIST, list_ended, frozenset({"handover_closed"})),
    Race("donation voided and corrected", STANDS, voided_and_corrected, LEFT),
    Race("donation handed over and corrected", STANDS, handed_over_and_corrected, LEFT),
    Race("donation counted and corrected", STANDS, counted_and_corrected, LEFT | {"invalid"}),
    Race("item sorted twice", TABLE, sorted_once, frozenset({"not_to_sort"})),
    Race("decision taken back twice", DECISION, decided_again, frozenset({"already_reversed"})),
    Race("goods sorted and recalled", BOOK, sorted_and_recalled, frozenset({"recalled"})),
    Race("lot recalled twice", LOT, recalled_once, frozenset({"already_recalled"})),
    Race("recall lifted twice", LIFT, lifted_once, frozenset({"recall_over"})),
]
