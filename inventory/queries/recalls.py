"""Recalls as the books see them: what is recalled, how far a recall reaches, and who has acknowledged it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import (
    Count,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    TextField,
    Value,
)
from django.db.models.functions import Coalesce

from catalogue.models import Medicine, Product, Recall, RecallLift
from catalogue.queries import covers, recalls_in_force
from core.errors import NotFound
from donations.models import Item
from inventory.models import (
    INSIDE,
    AdverseReaction,
    Balance,
    Batch,
    Hold,
    RecallAcknowledgement,
    RecallNotice,
    State,
)
from inventory.queries.holds import last_placed, still_holding
from organisation.models import Place

UNSORTED = ["at_point", "on_the_way", "counted", "in_doubt"]


@dataclass(frozen=True)
class Scope:
    """What a recall names: no product and no lot mean any, no place the whole county."""

    county_id: str
    medicine: Medicine
    product: Product | None = None
    lot_key: str = ""
    place_id: int | None = None


@dataclass(frozen=True)
class Reach:
    """How much a recall is about, in smallest units by where they stand; `items` are those not yet sorted."""

    batches: int
    places: int
    units: dict[str, int]
    items: int
    item_units: int
    known: bool


@dataclass(frozen=True)
class RecalledBatches:
    """The batches under recalls in force, each with the number of a recall, by the place where they are recalled;
    None stands for the whole county."""

    by_place: Mapping[int | None, Mapping[int, int]]

    def at(self, place_id: int) -> dict[int, int]:
        """Those that may not be used at this place."""
        return {**self.by_place.get(place_id, {}), **self.by_place.get(None, {})}


def recalled_batches(county_id: str, batches: Iterable[int] | None = None) -> RecalledBatches:
    """What is recalled in the county, of these batches or of all; one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT r.place_id, b.id, r.id FROM recalls_in_force r
            JOIN inventory_batch b ON b.county_id = r.county_id AND b.medicine_id = r.medicine_id
                AND recall_covers(r.product_id, r.lot_key, b.product_id, b.lot_number)
            WHERE r.county_id = %s AND (%s::bigint[] IS NULL OR b.id = ANY (%s::bigint[]))
            ORDER BY r.id DESC
            """,
            [county_id, *[None if batches is None else list(batches)] * 2],
        )
        found: dict[int | None, dict[int, int]] = defaultdict(dict)
        for place_id, batch_id, recall_id in cursor.fetchall():
            found[place_id][batch_id] = recall_id
    return RecalledBatches(found)


def batches_held_since(
    county_id: str, place_id: int, movements: Mapping[int, int], *, apart: QuerySet[Hold] | None = None
) -> set[int]:
    """Which of these batches must not be used at the place any more: those recalled, and those of which a hold was
    placed there after the movement given by batch and still holds something, but those `apart`.

    A hold that followed its goods under a corrected label was placed when the first of them was. Four statements
    at most.
    """
    here = Hold.objects.filter(county_id=county_id, place=place_id, batch__in=movements)
    still = still_holding(here).filter(Q(("still_held__gt", 0)))
    batch_of = dict(still.values_list("pk", "batch_id"))
    apart_from = [] if apart is None or not batch_of else list(apart.values_list("pk", flat=True))
    placed = last_placed(county_id, batch_of, apart=apart_from)
    held = {batch_of[hold] for hold, movement in placed.items() if movement > movements[batch_of[hold]]}
    return held | set(recalled_batches(county_id, movements).at(place_id))


def scope_of(recall: Recall) -> Scope:
    return Scope(recall.county_id, recall.medicine, recall.product, recall.lot_key, recall.place_id)


def batches_in(scope: Scope) -> QuerySet[Batch]:
    """The batches that this is about, those of which product or lot is not known included."""
    product = Value(scope.product and scope.product.pk, output_field=IntegerField())
    about = covers(product, Value(scope.lot_key), F("product_id"), F("lot_number"))
    return Batch.objects.filter(about, county_id=scope.county_id, medicine=scope.medicine)


def balances_in(scope: Scope, batches: Sequence[int] | None = None) -> QuerySet[Balance]:
    """Where they stand; the batches may be given where they have been read."""
    if batches is None:
        batches = list(batches_in(scope).values_list("pk", flat=True))
    rows = Balance.objects.filter(county_id=scope.county_id, batch__in=batches)
    return rows.filter(account__place=scope.place_id) if scope.place_id else rows


def items_in(scope: Scope) -> QuerySet[Item]:
    """Items of the medicine that bear the lot or of which no lot was read."""
    items = Item.objects.filter(county_id=scope.county_id, medicine=scope.medicine)
    if scope.place_id:
        items = items.filter(holdings__place=scope.place_id)
    if scope.lot_key:
        items = items.annotate(key=_lot_key()).filter(key__in=["", scope.lot_key])
    return items


def unsorted_items(scope: Scope) -> QuerySet[Item]:
    """Those of them with units that are not yet sorted, wherever they stand."""
    standing = Q()
    for state in UNSORTED:
        standing |= Q(**{f"holdings__{state}__gt": 0})
    return items_in(scope).filter(standing)


def reach_of(scope: Scope) -> Reach:
    """How far a recall of this reaches at the moment; five statements."""
    rows = list(
        balances_in(scope)
        .filter(state__in=[*INSIDE, State.DISPENSED])
        .values_list("state", "account__place_id", "batch_id")
        .annotate(units=Sum("quantity"))
    )
    units: dict[str, int] = {str(state): 0 for state in [*INSIDE, State.DISPENSED]}
    for state, _place, _batch, quantity in rows:
        units[state] += quantity
    added = sum((F(f"holdings__{state}") for state in UNSORTED), Value(0))
    waiting = unsorted_items(scope).aggregate(items=Count("pk"), units=Sum(added, default=0))
    return Reach(
        batches=len({batch for _state, _place, batch, quantity in rows if quantity}),
        places=len({place for _state, place, _batch, quantity in rows if quantity}),
        units=units,
        items=waiting["items"],
        item_units=waiting["units"],
        known=bool(rows) or _seen(scope),
    )


def _seen(scope: Scope) -> bool:
    """Whether anybody in the county has met this very lot, on a shelf or on an item."""
    if not scope.lot_key:
        return True
    wanted = {"county_id": scope.county_id, "medicine": scope.medicine}
    for model in (Batch, Item):
        if model.objects.filter(**wanted).annotate(key=_lot_key()).filter(key=scope.lot_key).exists():
            return True
    return False


def _lot_key() -> Func:
    return Func(F("lot_number"), function="key_of_lot", output_field=TextField())


def recalls_seen(county_id: str, places: QuerySet[Place]) -> QuerySet[Recall]:
    """The county's recalls and those of these places, newest first, with their notices counted.

    `lifted_on` and `lift_reason` are empty while a recall is in force; `places` must acknowledge it, `acknowledged`
    of them have.
    """
    lift = RecallLift.objects.filter(recall=OuterRef("pk"))
    notices = RecallNotice.objects.filter(recall=OuterRef("pk")).order_by().values("recall")
    answered = notices.filter(Exists(_answers()))
    return (
        Recall.objects.filter(Q(place__isnull=True) | Q(place__in=places), county_id=county_id)
        .select_related("medicine", "product", "place")
        .annotate(
            lifted_on=Subquery(lift.values("lifted_on")[:1]),
            lift_reason=Subquery(lift.values("reason")[:1]),
            places=Coalesce(Subquery(notices.annotate(n=Count("pk")).values("n")), 0),
            acknowledged=Coalesce(Subquery(answered.annotate(n=Count("pk")).values("n")), 0),
        )
        .order_by("-id")
    )


def recall_seen(county_id: str, places: QuerySet[Place], pk: int) -> Recall:
    recall = recalls_seen(county_id, places).filter(pk=pk).first()
    if recall is None:
        raise NotFound
    return recall


def open_notices(places: QuerySet[Place]) -> QuerySet[RecallNotice]:
    """What these places have not acknowledged of the recalls in force."""
    lifted = RecallLift.objects.filter(recall=OuterRef("recall"))
    return RecallNotice.objects.filter(~Exists(_answers()), ~Exists(lifted), place__in=places)


def _answers() -> QuerySet[RecallAcknowledgement]:
    return RecallAcknowledgement.objects.filter(notice=OuterRef("pk"))


def reactions_at(places: QuerySet[Place]) -> QuerySet[AdverseReaction]:
    """Suspected adverse reactions that these places reported, newest first."""
    rows = AdverseReaction.objects.filter(place__in=places).order_by("-id")
    return rows.select_related("place", "batch__medicine")


def inquiries(county_id: str) -> QuerySet[Recall]:
    """Suspected reactions that wait for the lead pharmacist: neither lifted nor followed by a recall of the lot."""
    followed = recalls_in_force(county_id).filter(
        covers(F("product_id"), F("lot_key"), OuterRef("product_id"), OuterRef("lot_key")),
        medicine=OuterRef("medicine"),
        kind=Recall.Kind.RECALL,
        place__isnull=True,
    )
    return recalls_in_force(county_id).filter(~Exists(followed), kind=Recall.Kind.REACTION)


@dataclass(frozen=True)
class NoticedPlace:
    """A place that a recall concerns, with what it has of it, handed out and destroyed, by state."""

    place: str
    name: str
    acknowledged_on: Any
    units: dict[str, int]


def noticed_places(
    recall: Recall, places: QuerySet[Place], batches: Sequence[int] | None = None
) -> list[NoticedPlace]:
    """The places of a recall within these places, those that have not acknowledged first; three statements, or two
    where the batches that the recall is about are known."""
    answer = RecallAcknowledgement.objects.filter(notice=OuterRef("pk")).values("acknowledged_on")[:1]
    notices = (
        RecallNotice.objects.filter(recall=recall, place__in=places)
        .annotate(acknowledged_on=Subquery(answer))
        .order_by(F("acknowledged_on").asc(nulls_first=True), "place__code")
    )
    units: dict[int, dict[str, int]] = defaultdict(dict)
    standing = balances_in(scope_of(recall), batches).filter(
        state__in=[*INSIDE, State.DISPENSED, State.DESTROYED], quantity__gt=0
    )
    for place, state, quantity in standing.values_list("account__place_id", "state").annotate(
        n=Sum("quantity")
    ):
        units[place][state] = quantity
    rows = notices.values_list("place_id", "place__code", "place__name", "acknowledged_on")
    return [NoticedPlace(code, name, day, units.get(place, {})) for place, code, name, day in rows]
