"""Packing health kits (健康包), and taking them apart."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalogue.expiry import is_usable
from core.commands import Act
from core.errors import Fault
from core.inserts import insert_linked
from core.short_codes import new_short_code
from inventory.errors import KitEnded, KitTemplateRetired, KitTemplateTaken, NoKitsHere, ShortStock
from inventory.ledger import Entry, Shelf, lock_balances, open_book, post
from inventory.models import Balance, Kind, Side, State
from inventory.models.kits import DOCUMENT, Kit, KitTemplate, KitTemplateLine
from inventory.queries.kits import contents_of
from inventory.services.expiry import off_the_shelf
from organisation.models import Place


@dataclass(frozen=True)
class Part:
    """So many units of a medicine in every kit, taken over so many days."""

    medicine_id: int
    quantity: int
    days_supply: int


def make_template(*, act: Act, name: str, shelf_days: int, parts: Sequence[Part]) -> KitTemplate:
    """Say what kits of a name hold, each medicine once; its name must not be that of a template in use."""
    if KitTemplate.objects.filter(county_id=act.county_id, name=name, retired_on__isnull=True).exists():
        raise KitTemplateTaken
    template = KitTemplate(
        county_id=act.county_id,
        name=name,
        shelf_days=shelf_days,
        made_by=act.actor_id,
        made_on=act.on,
        command=act.command,
    )
    lines = [KitTemplateLine(county_id=act.county_id, template=template, **vars(part)) for part in parts]
    insert_linked([template], lines, "template")
    return template


def retire_template(*, act: Act, template: KitTemplate) -> KitTemplate:
    """Pack no more kits from a template; those that are packed stay as they are."""
    template = KitTemplate.objects.select_for_update().get(pk=template.pk)
    if template.retired_on is not None:
        raise KitTemplateRetired
    template.retired_by, template.retired_on = act.actor_id, act.on
    template.save(update_fields=["retired_by", "retired_on"])
    return template


def pack_kits(*, act: Act, place: Place, template: KitTemplate, number: int) -> list[Kit]:
    """Pack so many equal kits from the clinic side of a place, what expires first going first.

    What is packed must be good for the template's shelf days and, after them, for the days it is taken. Refused as a
    whole where units are short (every medicine is named). A constant number of statements.
    """
    if not place.hands_out or not place.active:
        raise NoKitsHere(pointer="/place")
    template = KitTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
    if template.retired_on is not None:
        raise KitTemplateRetired(pointer="/template")
    lines = list(template.lines.select_related("medicine").order_by("id"))
    drawn = _draw(lines, _shelf_units(act, place, template, lines), number)
    kits = Kit.objects.bulk_create(_kit(act, place, template) for _number in range(number))
    entries = [
        Entry(
            Kind.RESERVE,
            batch,
            units,
            Shelf(place.pk, Side.CLINIC, State.AVAILABLE),
            Shelf(place.pk, Side.CLINIC, State.RESERVED, kit_id=kit.pk),
            DOCUMENT,
            kit.pk,
            pointer="/number",
        )
        for kit, parts in zip(kits, drawn, strict=True)
        for batch, units in parts
    ]
    post(entries, act=act)
    return kits


def unpack_kit(*, act: Act, kit: Kit, reason: str = "") -> Kit:
    """Take a kit apart: what is left in it goes back to the shelf, or to held where it has expired meanwhile."""
    kit = locked_kit(kit)
    open_book(act)
    entries = [giving_back(kit, row.batch_id, row.quantity) for row in locked_contents(act, kit)]
    post(off_the_shelf(entries, act=act), act=act)
    end_kit(act, kit.pk, Kit.State.UNPACKED, reason)
    kit.refresh_from_db()
    return kit


def locked_kit(kit: Kit) -> Kit:
    """A kit that is still packed, kept from others until the command ends."""
    kit = Kit.objects.select_for_update(of=("self",)).select_related("template", "place").get(pk=kit.pk)
    if kit.state != Kit.State.PACKED:
        raise KitEnded
    return kit


def locked_contents(act: Act, kit: Kit) -> list[Balance]:
    """What is in a kit, locked with all of its medicines on the shelf behind it until the command ends.

    With the shelf, for what one recipient may have is judged over kits and loose units together.
    """
    inside = Shelf(kit.place_id, Side.CLINIC, State.RESERVED, kit_id=kit.pk)
    shelf = Shelf(kit.place_id, Side.CLINIC, State.AVAILABLE)
    packed = [(each, row.batch_id) for row in contents_of([kit.pk]) for each in (inside, shelf)]
    loose = Balance.objects.filter(
        county_id=act.county_id,
        account__place=kit.place_id,
        account__side=Side.CLINIC,
        state=State.AVAILABLE,
        quantity__gt=0,
        batch__medicine__in=kit.template.lines.values("medicine"),
    )
    lock_balances({*packed, *((shelf, batch) for batch in loose.values_list("batch", flat=True))}, act=act)
    return list(contents_of([kit.pk]))


def giving_back(kit: Kit, batch_id: int, quantity: int) -> Entry:
    """Units of a kit return to the shelf."""
    return Entry(
        Kind.UNRESERVE,
        batch_id,
        quantity,
        Shelf(kit.place_id, Side.CLINIC, State.RESERVED, kit_id=kit.pk),
        Shelf(kit.place_id, Side.CLINIC, State.AVAILABLE),
        DOCUMENT,
        kit.pk,
    )


def end_kit(act: Act, pk: int, state: Kit.State, reason: str = "") -> None:
    """Write down how a kit ended; its account is empty by then."""
    kit = Kit.objects.select_for_update().get(pk=pk)
    kit.state, kit.ended_by, kit.ended_on, kit.reason = state, act.actor_id, act.on, reason
    kit.save(update_fields=["state", "ended_by", "ended_on", "reason"])


def _kit(act: Act, place: Place, template: KitTemplate) -> Kit:
    return Kit(
        county_id=act.county_id,
        place=place,
        template=template,
        code=new_short_code(),
        packed_by=act.actor_id,
        packed_on=act.on,
        command=act.command,
    )


def _shelf_units(
    act: Act, place: Place, template: KitTemplate, lines: Iterable[KitTemplateLine]
) -> dict[int, list[tuple[int, int]]]:
    """What may be packed of each medicine, as (batch, units), first to expire first; the balances are locked."""
    good_on = act.on + datetime.timedelta(days=template.shelf_days)
    days = {line.medicine_id: line.days_supply for line in lines}
    shelf = Shelf(place.pk, Side.CLINIC, State.AVAILABLE)
    rows = Balance.objects.filter(
        county_id=act.county_id,
        account__place=place,
        account__side=Side.CLINIC,
        state=State.AVAILABLE,
        batch__medicine__in=days,
        quantity__gt=0,
    ).select_related("batch__medicine")
    batches = {row.batch_id: row.batch for row in rows}
    units = lock_balances([(shelf, batch) for batch in batches], act=act)
    there: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for batch in sorted(batches.values(), key=lambda b: (b.last_usable_day or datetime.date.max, b.pk)):
        needed = batch.medicine.requires_expiry
        if is_usable(batch.last_usable_day, good_on, days[batch.medicine_id], requires_expiry=needed):
            there[batch.medicine_id].append((batch.pk, units[shelf, batch.pk]))
    return there


def _draw(
    lines: Sequence[KitTemplateLine], there: Mapping[int, list[tuple[int, int]]], number: int
) -> list[list[tuple[int, int]]]:
    """Which batches go into which kit."""
    kits: list[list[tuple[int, int]]] = [[] for _number in range(number)]
    faults = []
    for line in lines:
        pool = there.get(line.medicine_id, [])
        units, wanted = sum(units for _batch, units in pool), number * line.quantity
        if units < wanted:
            faults.append(Fault("/number", ShortStock.code, _short(line, units, wanted)))
            continue
        left = iter(pool)
        batch, units = 0, 0
        for kit in kits:
            due = line.quantity
            while due:
                if not units:
                    batch, units = next(left)
                taken = min(due, units)
                due, units = due - taken, units - taken
                if taken:
                    kit.append((batch, taken))
    if faults:
        raise ShortStock(faults=faults)
    return kits


def _short(line: KitTemplateLine, there: int, wanted: int) -> str:
    words = _("%(medicine)s: %(there)d that last long enough, %(wanted)d wanted.")
    return words % {"medicine": line.medicine, "there": there, "wanted": wanted}
