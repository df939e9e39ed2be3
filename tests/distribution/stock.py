"""Stock to distribute, and what the books say of it; every unit comes from a donation, as in life."""

from __future__ import annotations

import datetime
from collections import Counter

from catalogue.models import Medicine, Product
from core.commands import Act
from distribution.models import ClinicProfile
from donations.custody import Step, write_custody
from donations.intake import DonationDraft, ItemDraft
from donations.models import Custody, CustodyKind, Donor
from donations.services.registration import register_donation
from inventory.checklist import WHOLE_CHECKLIST
from inventory.ledger import Entry, Shelf, post
from inventory.models import Balance, Batch, Kind, Pack, Side, SortingDecision, State
from organisation.models import Place, Policy
from tests.world import TODAY, World


def stock(
    world: World,
    quantity: int,
    *,
    place: Place | None = None,
    medicine: Medicine | None = None,
    days: int = 400,
    lot: str = "2203051",
    side: Side = Side.STORE,
    state: State = State.AVAILABLE,
    since: datetime.date = TODAY,
    product: Product | None = None,
    booked: datetime.date = TODAY,
) -> Batch:
    """Units of a batch that may be used for `days` more days (0: today is the last), there since a day and in the
    books since the day `booked`.

    Days below zero make stock that expired on the shelf: it was taken in while it was still good.
    """
    place = place or world.hospital
    place.takes_donations = True  # in this process only: a shelf may be stocked wherever a story needs it
    batch = _batch(world, medicine or world.ibuprofen, lot, days, product)
    act = world.act("clerk", on=booked)
    item_id = _count_in(world, act, place, batch, quantity)
    decision = _decide(act, place, batch, item_id, quantity)
    write_custody(
        [Step(CustodyKind.ACCEPTED, Custody.COUNTED, Custody.ACCEPTED, quantity, place.pk, item_id)], act=act
    )
    source, target = Shelf(place.pk, side, State.DONATED), Shelf(place.pk, side, state)
    accepted = Entry(
        Kind.ACCEPT,
        batch.pk,
        quantity,
        source,
        target,
        "sorting",
        decision_id=decision.pk,
        business_day=min(since, booked, batch.last_usable_day or since),
    )
    post([accepted], act=act)
    return batch


def _batch(world: World, medicine: Medicine, lot: str, days: int, product: Product | None) -> Batch:
    day = TODAY + datetime.timedelta(days=days)
    batch, _new = Batch.objects.get_or_create(
        county=world.county,
        medicine=medicine,
        lot_number=lot,
        last_usable_day=day,
        pack=Pack.SEALED,
        product=product,
    )
    return batch


def _count_in(world: World, act: Act, place: Place, batch: Batch, quantity: int) -> int:
    draft = DonationDraft(
        received_on=act.on,
        items=[
            ItemDraft(
                quantity=quantity,
                medicine=batch.medicine,
                lot_number=batch.lot_number,
                lot_state="read",
                expiry=f"有效期至{TODAY + datetime.timedelta(days=400):%Y年%m月%d日}",
                expiry_state="read",
                container="blister",
            )
        ],
        kind=Donor.Kind.ANONYMOUS,
        source_confirmed=True,
    )
    _donation, items = register_donation(
        act=act, place=place, campaign=world.campaign, policy=Policy(county=world.county), draft=draft
    )
    item_id = items[0][0].pk
    write_custody(
        [Step(CustodyKind.RECEIVED, Custody.AT_POINT, Custody.COUNTED, quantity, place.pk, item_id)],
        act=world.act("checker", on=act.on),
    )
    return item_id


def _decide(act: Act, place: Place, batch: Batch, item_id: int, quantity: int) -> SortingDecision:
    return SortingDecision.objects.create(
        county_id=act.county_id,
        item_id=item_id,
        place=place,
        outcome=SortingDecision.Outcome.ACCEPT,
        quantity=quantity,
        batch=batch,
        lot_number=batch.lot_number,
        last_usable_day=batch.last_usable_day,
        checklist=WHOLE_CHECKLIST,
        decided_by=act.actor_id,
        decided_on=act.on,
        command=act.command,
    )


def profile(world: World, place: Place, **figures: int) -> ClinicProfile:
    """Who a place serves; 700 people of whom nobody is tiered need 1,400 tablets in 14 days."""
    figures = figures or {"population": 700}
    return ClinicProfile.objects.create(county=world.county, place=place, data_date=TODAY, **figures)


def book(world: World) -> dict[tuple[str, str, str], int]:
    """What stands where: (place code, side, state) -> units; empty balances are left out."""
    rows = Balance.objects.filter(county=world.county).exclude(quantity=0)
    units: Counter[tuple[str, str, str]] = Counter()
    for code, side, state, quantity in rows.values_list(
        "account__place__code", "account__side", "state", "quantity"
    ):
        units[code, side, state] += quantity
    return dict(units)


HOSPITAL, CENTRE, FIRST, SECOND = "P-522633-01", "P-522633-10", "P-522633-11", "P-522633-12"
PERIOD = f"{TODAY}/{TODAY + datetime.timedelta(days=13)}"


def order(**fields: object) -> dict[str, object]:
    """A plan as the API takes it: from the hospital straight to the clinics."""
    return {
        "county": "522633",
        "from_places": [HOSPITAL],
        "period": PERIOD,
        "horizon_days": 14,
        "level": "clinics",
        **fields,
    }


def hand_out(**fields: object) -> dict[str, object]:
    """A hand-out as the API takes it: six tablets of ibuprofen for three days."""
    return {
        "place": FIRST,
        "dispensed_on": str(TODAY),
        "recipients": 1,
        "age_band": "65-79",
        "collected_by": "self",
        "lines": [{"medicine": "M009a", "quantity": 6, "days_supply": 3}],
        **fields,
    }
