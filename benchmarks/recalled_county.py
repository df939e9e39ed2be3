"""A county in which one lot stands everywhere, and how long it takes to recall it there: see bench_recall.py."""

import datetime
import json
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from django.db import connection

from catalogue.models import Medicine, Recall
from core.commands import Act, Caller, Done, run_command
from distribution.models import Dispensing, Shipment
from distribution.recall_trace import recall_trace, trace_answer
from donations.custody import Step, write_custody
from donations.models import Campaign, Custody, CustodyKind, Donation, Donor, Item
from inventory.checklist import WHOLE_CHECKLIST
from inventory.ledger import Entry, Shelf, post
from inventory.models import Batch, Hold, Kind, Movement, Side, SortingDecision, State
from inventory.services.batches import Label, find_or_make_batches
from inventory.services.recalls import RecallOrder, lift_recall, raise_recall
from organisation.models import County, Place

MEDICINES, CHUNK, LOT = 60, 5_000, "2203051"


@dataclass(frozen=True)
class Scale:
    """`hand_outs` of each batch; `recalled` of the recalled lot in each place."""

    places: int
    batches: int
    hand_outs: int
    recalled: int
    rounds: int


SCALES = {"county": Scale(300, 20_000, 23, 10, 7), "small": Scale(20, 400, 3, 4, 3)}


def fill(scale: Scale) -> tuple[Act, Medicine]:
    """A county as large as that: who acts in it, and the medicine of the recalled lot."""

    county = County.objects.create(code="522633", name="从江县")
    today = datetime.date(2022, 12, 20)
    medicines = Medicine.objects.bulk_create(
        Medicine(code=f"M{n:03}", generic_name="布洛芬片", strength=f"{n}mg", smallest_unit="片", category="test",
                 donation_default="accept", loose_ok="y") for n in range(MEDICINES)
    )  # fmt: skip
    places = Place.objects.bulk_create(
        Place(county=county, code=f"P-522633-{n:03}", name=f"卫生室{n}", kind="village_clinic", sorts=True,
              hands_out=True, takes_donations=True) for n in range(scale.places)
    )  # fmt: skip
    campaign = Campaign.objects.create(
        county=county, code="C-522633", name="余药捐赠", starts_on=today, ends_on=today, donee=places[0],
        coordinator="从江县卫生健康局",
    )  # fmt: skip
    act = Act(actor_id=1, county_id=county.pk, on=today)
    labels = [(medicines[n % MEDICINES], f"L{n}", places[n % scale.places]) for n in range(scale.batches)]
    labels += [(medicines[0], LOT, place) for place in places]
    stock = taken_in(act, campaign, labels)
    send(act, stock, places, medicines[0])
    hand_out(act, stock, scale)
    return act, medicines[0]


STEPS = [
    (CustodyKind.REGISTERED, Custody.OUTSIDE, Custody.AT_POINT),
    (CustodyKind.RECEIVED, Custody.AT_POINT, Custody.COUNTED),
    (CustodyKind.ACCEPTED, Custody.COUNTED, Custody.ACCEPTED),
]
ROOMS = [(Side.STORE, State.DONATED), (Side.STORE, State.AVAILABLE), (Side.CLINIC, State.AVAILABLE)]


def taken_in(act: Act, campaign: Campaign, labels: list) -> list[tuple[int, int, str]]:
    """Each label's 100 units, from the donor's hand to shelf and dispensing room: batch, place and lot."""
    last_day = act.on + datetime.timedelta(days=400)
    donor = Donor.objects.create(county_id=act.county_id, kind=Donor.Kind.ANONYMOUS)
    stock = []
    for part in chunks(labels):
        items = counted(act, campaign, donor, part, last_day)
        names = [Label(medicine.pk, lot, last_day, "sealed") for medicine, lot, _place in part]
        batches = find_or_make_batches(names, county_id=act.county_id)
        decisions = SortingDecision.objects.bulk_create(
            SortingDecision(county_id=act.county_id, item=item, place=place, outcome="accept", quantity=100,
                            medicine=medicine, batch_id=batches[name], checklist=WHOLE_CHECKLIST, decided_by=2,
                            decided_on=act.on, command=act.command)
            for item, name, (medicine, _lot, place) in zip(items, names, part, strict=True)
        )  # fmt: skip
        shelve(act, decisions)
        stock += [(d.batch_id, d.place_id, lot) for d, (_m, lot, _p) in zip(decisions, part, strict=True)]
    return stock


def counted(act: Act, campaign: Campaign, donor: Donor, part: list, last_day: datetime.date) -> list[Item]:
    """One item a label, through the custody journal until a pharmacist accepts it."""
    donations = Donation.objects.bulk_create(
        Donation(county_id=act.county_id, campaign=campaign, place=place, donor=donor, receipt_code=code(),
                 received_on=act.on, booked_on=act.on, registered_by=1, registered_at=act.at,
                 source_confirmed=True, unfit="return") for _medicine, _lot, place in part
    )  # fmt: skip
    items = Item.objects.bulk_create(
        Item(county_id=act.county_id, donation=donation, line=1, medicine=medicine, lot_number=lot,
             lot_state="read", last_usable_day=last_day, expiry_state="read", quantity=100, outcome="accept")
        for donation, (medicine, lot, _place) in zip(donations, part, strict=True)
    )  # fmt: skip
    for step in STEPS:
        write_custody(
            (Step(*step, 100, place.pk, item_id=item.pk)
             for item, (_medicine, _lot, place) in zip(items, part, strict=True)), act=act,
        )  # fmt: skip
    return items


def shelve(act: Act, decisions: list[SortingDecision]) -> None:
    """What was accepted, and sixty of its hundred units into the dispensing room."""
    shelves = [[Shelf(decision.place_id, *room) for room in ROOMS] for decision in decisions]
    post([Entry(Kind.ACCEPT, d.batch_id, 100, donated, store, "sorting", d.pk, decision_id=d.pk)
          for d, (donated, store, _clinic) in zip(decisions, shelves, strict=True)], act=act)  # fmt: skip
    post([Entry(Kind.LOCAL_USE, d.batch_id, 60, store, clinic, "local_use")
          for d, (_donated, store, clinic) in zip(decisions, shelves, strict=True)], act=act)  # fmt: skip


def send(act, stock, places, medicine):
    """Of the recalled lot every place has promised ten units, and every second has sent them."""

    batch = next(batch for batch, _place, lot in stock if lot == LOT)
    shipments = Shipment.objects.bulk_create(
        Shipment(county_id=act.county_id, from_place=place, from_side="store", to_place=places[n - 1],
                 to_side="clinic") for n, place in enumerate(places)
    )  # fmt: skip
    for kind, states, sent in (
        (Kind.RESERVE, (State.AVAILABLE, State.RESERVED), shipments),
        (Kind.DISPATCH, (State.RESERVED, State.IN_TRANSIT), shipments[::2]),
    ):
        post(
            [
                Entry(kind, batch, 10, *(
                    Shelf(s.from_place_id, Side.STORE, state, None if state == State.AVAILABLE else s.pk)
                    for state in states
                ), "shipment", s.pk)
                for s in sent
            ], act=act,
        )  # fmt: skip


def hand_out(act, stock, scale):
    """One unit a time, out of the dispensing room."""

    given = [
        (batch, place)
        for batch, place, lot in stock
        for _turn in range(scale.recalled if lot == LOT else scale.hand_outs)
    ]
    for part in chunks(given):
        papers = Dispensing.objects.bulk_create(
            Dispensing(county_id=act.county_id, place_id=place, dispensed_on=act.on, booked_on=act.on,
                       age_band="65-79", register_ref="12", collected_by="self", dispensed_by=1, recorded_at=act.at)
            for _batch, place in part
        )  # fmt: skip
        post(
            [
                Entry(Kind.DISPENSE, batch, 1, Shelf(place, Side.CLINIC, State.AVAILABLE),
                      Shelf(place, Side.CLINIC, State.DISPENSED), "dispensing", paper.pk, detail="65-79")
                for paper, (batch, place) in zip(papers, part, strict=True)
            ], act=act,
        )  # fmt: skip


def chunks(rows: list) -> Iterator[list]:
    rows = iter(rows)
    return iter(lambda: list(islice(rows, CHUNK)), [])


def code() -> str:
    return uuid.uuid4().hex[:16]


def measure(scale: Scale) -> tuple[dict[str, int], dict[str, list[float]]]:
    """Recall, trace and lift in turn, every lift by another person; sizes, and the seconds of each deed."""
    act, medicine = fill(scale)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    size = {"places": scale.places, "batches": Batch.objects.count(), "movements": Movement.objects.count()}
    order = RecallOrder(medicine=medicine, lot_number=LOT, reason="溶出度不合格")
    spent = {"recall": [], "trace": [], "lift": []}
    for _round in range(scale.rounds):
        spent["recall"].append(command(act, 1, partial(raise_recall, order=order)))
        recall = Recall.objects.select_related("medicine", "product").latest("id")
        begun = time.perf_counter()
        told = json.dumps(trace_answer(recall, recall_trace(recall, Place.objects.all())), default=str)
        spent["trace"].append(time.perf_counter() - begun)
        size |= {
            "holds of a recall": Hold.objects.filter(recall=recall).count(),
            "bytes of a trace": len(told),
        }
        spent["lift"].append(command(act, 2, partial(lift_recall, recall=recall, reason="误报")))
    return size, spent


def command(act: Act, actor: int, deed: Callable) -> float:
    """Seconds of a deed as a command of this person, from its first statement to its commit."""
    mine = replace(act, actor_id=actor, command=uuid.uuid4())

    def work() -> Done:
        deed(act=mine)
        return Done({})

    begun = time.perf_counter()
    run_command(act=mine, caller=Caller("POST bench/", uuid.uuid4()), body={}, work=work)
    return time.perf_counter() - begun
