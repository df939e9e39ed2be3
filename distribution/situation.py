"""What a plan is drafted from: who may receive, what they need and have, and what lies on the supplying shelves.

Read in a constant number of statements, whatever the number of clinics, medicines and batches.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from catalogue.models import Medicine
from distribution.drafting import ShelfLot, Want
from distribution.known_needs import Known
from distribution.models import ClinicProfile, NeedLine, Plan, Shipment
from distribution.place_needs import PlaceNeeds
from inventory.models import OUT, PROMISED, Balance, Kind, Pack, Side, State, StockDay
from organisation.models import Place, Policy

WORKING_DAY_MINUTES = 480
WHAT = ("batch__medicine_id", "batch__last_usable_day", "quantity")
# member, medicine, last usable day, units
Row = tuple[int, int, datetime.date | None, int]
Stock = dict[tuple[int, int], list[tuple[datetime.date | None, int]]]


@dataclass(frozen=True)
class Recipients:
    """Who may receive, in delivery order, and whose needs each of them stands for (member id -> recipient id)."""

    places: list[Place]
    members: dict[int, int]


@dataclass(frozen=True)
class Situation:
    """Per medicine: the clinics' wants and the lots on the supplying shelves, in the order of the catalogue."""

    medicines: list[Medicine]
    places: dict[str, Place]
    wants: dict[int, list[Want]]
    lots: dict[int, list[ShelfLot]]


def _in_township(places: QuerySet[Place], plan: Plan) -> QuerySet[Place]:
    """The places of the plan's township, or all of them if it is for the whole county."""
    if plan.township_id:
        places = places.filter(township_id=plan.township_id)
    return places.order_by("township_id", "code")


def recipients_of(plan: Plan) -> Recipients:
    """Townships: each active health centre for itself and its villages. Clinics: every place that hands out."""
    places = Place.objects.filter(county_id=plan.county_id, active=True)
    if plan.level == Plan.Level.TOWNSHIPS:
        centres = list(_in_township(places.filter(kind=Place.Kind.HEALTH_CENTRE), plan))
        covered = places.filter(parent__in=[centre.pk for centre in centres])
        members = {centre.pk: centre.pk for centre in centres}
        return Recipients(centres, members | dict(covered.values_list("pk", "parent_id")))
    clinics = _in_township(places.filter(hands_out=True), plan)
    return Recipients(list(clinics), {clinic.pk: clinic.pk for clinic in clinics})


def situation_of(plan: Plan, *, policy: Policy, suppliers: Sequence[Place], on: datetime.date) -> Situation:
    """Everything the draft of this plan is computed from, as it stands on the day `on`, by the county's policy."""
    recipients = recipients_of(plan)
    lots = _lots(plan, suppliers)
    wanted = Q(code__in=plan.medicines) if plan.medicines else Q(pk__in=lots)
    wanted |= Q(code__in=[code for group in plan.interchangeable for code in group])
    found = list(Medicine.objects.filter(wanted).order_by("code"))
    stocked = {medicine.code for medicine in found if medicine.pk in lots or medicine.code in plan.medicines}
    stocked |= {code for group in plan.interchangeable for code in group if stocked & set(group)}
    medicines = [medicine for medicine in found if medicine.code in stocked]
    facts = _facts(plan, policy, recipients, suppliers, on)
    return Situation(
        medicines,
        {place.code: place for place in [*suppliers, *recipients.places]},
        _wants(plan, recipients, medicines, facts),
        lots,
    )


def _lots(plan: Plan, suppliers: Sequence[Place]) -> dict[int, list[ShelfLot]]:
    """Available stock of the supplying stores, expired units included: the draft lists those as left over."""
    shelves = _stock(plan, Q(account__side=Side.STORE, account__place__in=[place.pk for place in suppliers]))
    if plan.medicines:
        shelves = shelves.filter(batch__medicine__code__in=plan.medicines)
    lots: dict[int, list[ShelfLot]] = defaultdict(list)
    for balance in shelves.select_related("account__place", "batch__product"):
        batch = balance.batch
        box = batch.product.pack_size if batch.product and batch.pack == Pack.SEALED else None
        lots[batch.medicine_id].append(
            ShelfLot(balance.account.place.code, batch.pk, balance.quantity, batch.last_usable_day, box)
        )
    return dict(lots)


def _stock(plan: Plan, where: Q) -> QuerySet[Balance]:
    return Balance.objects.filter(where, county_id=plan.county_id, state=State.AVAILABLE, quantity__gt=0)


@dataclass(frozen=True)
class Facts:
    """What is known of the members, by member, or by member and medicine; and how the county weighs it."""

    needs: PlaceNeeds
    travel_minutes: Mapping[int, int]
    requests: Mapping[tuple[int, int], int]
    own_stock: Stock
    handed_out: Mapping[tuple[int, int], int]
    tiers: Mapping[str, int]
    suppliers: Sequence[Place]


def tiers_of(policy: Policy) -> dict[str, int]:
    """The order in which kinds of places are supplied, the smallest first."""
    return {
        Place.Kind.VILLAGE_CLINIC.value: policy.tier_village_clinic,
        Place.Kind.HEALTH_CENTRE.value: policy.tier_health_centre,
        Place.Kind.HOSPITAL.value: policy.tier_hospital,
    }


def _wants(
    plan: Plan, recipients: Recipients, medicines: Sequence[Medicine], facts: Facts
) -> dict[int, list[Want]]:
    groups: dict[int, list[int]] = defaultdict(list)
    for member, recipient in recipients.members.items():
        groups[recipient].append(member)
    return {
        medicine.pk: [
            _want(place, route, medicine, groups[place.pk], facts)
            for route, place in enumerate(recipients.places)
        ]
        for medicine in medicines
    }


def _want(place: Place, route: int, medicine: Medicine, members: Sequence[int], facts: Facts) -> Want:
    parts = {member: facts.needs.known(member, medicine) for member in members}
    known = facts.needs.together(parts.values())
    return Want(
        clinic=place.code,
        need=known.need,
        profiled=known.places > 0,
        known=known,
        parts=tuple(parts.values()),
        requested=_request(place.pk, medicine.pk, parts, facts),
        own_stock=tuple(lot for member in members for lot in facts.own_stock.get((member, medicine.pk), ())),
        handed_out=sum(facts.handed_out.get((member, medicine.pk), 0) for member in members),
        transit_days=-(-facts.travel_minutes.get(place.pk, 0) // WORKING_DAY_MINUTES),
        route=route,
        tier=facts.tiers.get(place.kind, 0),
        sources=nearest_first(place, facts.suppliers, facts.travel_minutes),
    )


def _request(place: int, medicine: int, members: Mapping[int, Known], facts: Facts) -> int | None:
    """The cap: what the place itself asked for, or what its villages did, those that asked nothing at their need."""
    requests = facts.requests
    if (place, medicine) in requests:
        return requests[place, medicine]
    if not any((member, medicine) in requests for member in members):
        return None
    return sum(
        requests[member, medicine] if (member, medicine) in requests else facts.needs.together([known]).need
        for member, known in members.items()
    )


def _facts(
    plan: Plan, policy: Policy, recipients: Recipients, suppliers: Sequence[Place], on: datetime.date
) -> Facts:
    members, supplier_ids = list(recipients.members), [place.pk for place in suppliers]
    profiles = list(ClinicProfile.objects.filter(place__in=[*members, *supplier_ids]))
    return Facts(
        needs=PlaceNeeds(plan, policy, profiles, members, on),
        travel_minutes={profile.place_id: profile.travel_minutes for profile in profiles},
        requests=requests_for(members, plan.period_start, plan.period_end),
        own_stock=_own_stock(plan, members, supplier_ids, on),
        handed_out=_handed_out(plan, members),
        tiers=tiers_of(policy),
        suppliers=suppliers,
    )


def nearest_first(
    place: Place, suppliers: Sequence[Place], travel_minutes: Mapping[int, int]
) -> tuple[str, ...]:
    """The suppliers' codes in the order in which a place is best served; empty where there is no choice.

    Those of its own township first, then those of the county seat, through which the roads of all townships lead,
    then those of other townships by how far they are from it.
    """
    if len(suppliers) < 2:
        return ()

    def distance(supplier: Place) -> tuple[int, int, str]:
        if place.township_id and supplier.township_id == place.township_id:
            return 0, 0, supplier.code
        if not supplier.township_id:
            return 1, 0, supplier.code
        return 2, travel_minutes.get(supplier.pk, 0), supplier.code

    return tuple(supplier.code for supplier in sorted(suppliers, key=distance))


def requests_for(
    members: Sequence[int], first: datetime.date, last: datetime.date
) -> dict[tuple[int, int], int]:
    """Units by place and medicine that were asked for in a period that touches these days; of several sheets the
    latest counts."""
    lines = NeedLine.objects.filter(
        sheet__place__in=members, sheet__period_start__lte=last, sheet__period_end__gte=first
    ).order_by("sheet__period_start", "sheet_id")
    rows = lines.values_list("sheet__place_id", "medicine_id", "requested")
    return {(place, medicine): requested for place, medicine, requested in rows}


def _own_stock(plan: Plan, members: Sequence[int], supplier_ids: Sequence[int], on: datetime.date) -> Stock:
    """Usable stock at the members and on its way to them, by last usable day; each unit counts once."""
    own: Stock = defaultdict(list)
    for place, medicine, day, quantity in [
        *_here(plan, members, supplier_ids),
        *goods_coming(plan.county_id, members, Side.CLINIC if plan.level == Plan.Level.CLINICS else None),
    ]:
        if day is None or day >= on:
            own[place, medicine].append((day, quantity))
    return own


def _here(plan: Plan, members: Sequence[int], supplier_ids: Sequence[int]) -> list[Row]:
    """A centre that shares out its own store has that stock in the lots; what it keeps to hand out, and what is in
    kits, is its own. Devices that a clinic uses or has lent are had, though they are not on its shelf.
    """
    had = (
        Q(account__side=Side.CLINIC, state=State.AVAILABLE) | Q(account__kit__isnull=False) | Q(state__in=OUT)
    )
    if plan.level == Plan.Level.TOWNSHIPS:
        store = Q(account__side=Side.STORE, state=State.AVAILABLE)
        had |= store & ~Q(account__place__in=supplier_ids)
    stock = Balance.objects.filter(had, county_id=plan.county_id, account__place__in=members, quantity__gt=0)
    return list(stock.values_list("account__place_id", *WHAT))


def goods_coming(county_id: str, members: Sequence[int], side: Side | None = None) -> list[Row]:
    """What is promised to these places, or on the road to them, by place, medicine and day; `side`: to one alone."""
    shipments = Shipment.objects.filter(
        county_id=county_id,
        to_place__in=members,
        state__in=[Shipment.State.RESERVED, Shipment.State.DISPATCHED],
    )
    if side:
        shipments = shipments.filter(to_side=side)
    bound_for = dict(shipments.values_list("pk", "to_place_id"))
    promised = Balance.objects.filter(
        county_id=county_id, state__in=PROMISED, quantity__gt=0, account__shipment_id__in=bound_for
    )
    return [
        (bound_for[shipment], medicine, day, quantity)
        for shipment, medicine, day, quantity in promised.values_list("account__shipment_id", *WHAT)
        if shipment
    ]


def _handed_out(plan: Plan, members: Sequence[int]) -> dict[tuple[int, int], int]:
    """Units handed out since the period began, less what was taken back."""
    days = StockDay.objects.filter(county_id=plan.county_id, booked_on__gte=plan.period_start)
    out = days.filter(kind=Kind.DISPENSE, from_place__in=members).values_list("from_place_id", "medicine_id")
    back = days.filter(kind=Kind.REVERSAL, from_state=State.DISPENSED, to_place__in=members).values_list(
        "to_place_id", "medicine_id"
    )
    given: dict[tuple[int, int], int] = defaultdict(int)
    for place, medicine, quantity in out.annotate(units=Sum("quantity")).order_by():
        given[place, medicine] += quantity
    for place, medicine, quantity in back.annotate(units=Sum("quantity")).order_by():
        given[place, medicine] -= quantity
    return given
