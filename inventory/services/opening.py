"""Opening sealed boxes at a place, so that their medicine can be given by the unit (拆零)."""

from __future__ import annotations

from catalogue.models import Medicine
from catalogue.screening_facts import Container
from core.commands import Act
from inventory.errors import ExpiredStock, NotByTheUnit, NotSealed, Recalled
from inventory.ledger import Entry, Shelf, open_book, post
from inventory.models import Batch, Kind, Pack, Side, State
from inventory.models.conversions import Opening
from inventory.queries.recalls import recalled_batches
from inventory.services.batches import Label, find_or_make_batches
from organisation.models import Place

DOCUMENT = "opening"


def open_boxes(
    *, act: Act, place: Place, batch: Batch, side: str, quantity: int, container: str = Container.BLISTER
) -> Opening:
    """Open so many units of a sealed batch that are available at a place; they stay there, as opened ones.

    `batch` comes with its medicine; `container` is what the units lie in once the box is open. Refused where the
    medicine may not be given by the unit, or not out of this container, and where the goods may not be used.
    """
    open_book(act)
    _check(act, place, batch, container)
    label = Label(
        batch.medicine_id, batch.lot_number, batch.last_usable_day, Pack.OPENED.value, batch.product_id
    )
    opening = Opening.objects.create(
        county_id=act.county_id,
        place=place,
        side=side,
        batch=batch,
        into_id=find_or_make_batches([label], county_id=act.county_id)[label],
        quantity=quantity,
        opened_by=act.actor_id,
        opened_on=act.on,
        command=act.command,
    )
    post(_pair(opening), act=act)
    return opening


def _check(act: Act, place: Place, batch: Batch, container: str) -> None:
    if batch.pack != Pack.SEALED:
        raise NotSealed
    if not _by_the_unit(batch.medicine, container):
        raise NotByTheUnit(pointer="/container" if batch.medicine.loose_ok == "dep" else "")
    if batch.last_usable_day is not None and batch.last_usable_day < act.on:
        raise ExpiredStock
    if batch.pk in recalled_batches(act.county_id, [batch.pk]).at(place.pk):
        raise Recalled


def _by_the_unit(medicine: Medicine, container: str) -> bool:
    """As the decision table judges opened packs (catalogue.screening_rules): some by the blister only, a bottle
    never but where the unit is one of its own (支), bare units not at all."""
    if container == Container.LOOSE:
        return False
    if medicine.loose_ok == Medicine.LooseOk.BLISTER_ONLY:
        return container != Container.BOTTLE
    in_bottle = container == Container.BOTTLE and medicine.smallest_unit != "支"
    return medicine.loose_ok == Medicine.LooseOk.YES and not in_bottle


def _pair(opening: Opening) -> list[Entry]:
    shelf = Shelf(opening.place_id, Side(opening.side), State.AVAILABLE)
    between = Shelf(opening.place_id, Side(opening.side), State.CONVERTED)
    paper = DOCUMENT, opening.pk
    return [
        Entry(
            Kind.CONVERT, opening.batch_id, opening.quantity, shelf, between, *paper, detail=DOCUMENT,
            pointer="/quantity",
        ),
        Entry(Kind.CONVERT, opening.into_id, opening.quantity, between, shelf, *paper, detail=DOCUMENT),
    ]  # fmt: skip
