"""Work unit → drop-off point: where the people of a unit hand in, by its category or by a place of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault, Invalid, NotFound
from core.language import in_language
from core.spreadsheets import SheetRefused, read_spreadsheet
from organisation.errors import UnitListHasErrors
from organisation.models import Place, UnitCategory, WorkUnit
from organisation.queries import drop_off_points
from organisation.unit_lists import (
    UnitLine,
    UnitList,
    UnitWords,
    faults_of,
    read_unit_list,
    unit_key,
    unknown_category,
)


@dataclass(frozen=True)
class UnitChanges:
    """What a list would change: units that are new, that go elsewhere than before, and that stay as they are."""

    new: int
    moved: int
    same: int


def right_counter(place: Place, work_unit: str) -> Place | None:
    """The drop-off point at which this unit hands in, where that is not `place`; None for unknown units."""
    return right_counters(place, [work_unit]).get(work_unit) if work_unit else None


def right_counters(place: Place, work_units: Iterable[str]) -> dict[str, Place]:
    """The same for many units, by the names given; those that hand in at `place` are absent. One statement."""
    keys = {name: unit_key(name) for name in work_units if name}
    units = WorkUnit.objects.filter(county_id=place.county_id, name_key__in=set(keys.values()))
    right = {
        unit.name_key: unit.place or (unit.category and unit.category.place)
        for unit in units.select_related("place", "category__place")
    }
    found = {name: right.get(key) for name, key in keys.items()}
    return {name: there for name, there in found.items() if there and there.pk != place.pk}


def save_category(*, act: Act, name: str, place: Place) -> UnitCategory:
    """Send the units of a category to a drop-off point."""
    category, _made = UnitCategory.objects.update_or_create(
        county_id=act.county_id, name=name, defaults={"place": _taking(place, "/place")}
    )
    return category


def save_unit(*, act: Act, name: str, category: str, place: Place | None) -> WorkUnit:
    """Put a unit into a category, or send it to a place of its own; one of the two is needed."""
    known = UnitCategory.objects.filter(county_id=act.county_id, name=category).first() if category else None
    if category and known is None:
        names = UnitCategory.objects.filter(county_id=act.county_id).values_list("name", flat=True)
        raise NotFound(faults=[Fault("/category", NotFound.code, unknown_category(list(names)))])
    if known is None and place is None:
        raise Invalid(faults=[Fault("/category", "required", _("A category or a place is needed."))])
    unit, _made = WorkUnit.objects.update_or_create(
        county_id=act.county_id,
        name_key=unit_key(name),
        defaults={
            "name": name,
            "category": known,
            "place": _taking(place, "/place") if place else None,
        },
    )
    return unit


def read_units(county_id: str, content: bytes) -> UnitList:
    """A list of categories and units as a spreadsheet has it, with every cell at fault; nothing is written.

    Raises UnitListHasErrors for what is no list at all.
    """
    try:
        rows = read_spreadsheet(content)
    except SheetRefused as error:
        raise _unreadable(error.code, error.message, error.message_en) from None
    words = UnitWords(
        places={place.code: place.name for place in drop_off_points(county_id)},
        categories=UnitCategory.objects.filter(county_id=county_id).values_list("name", flat=True),
    )
    found = read_unit_list(rows, words)
    if found is not None and not found.lines and not found.faults:
        raise _unreadable(
            "nothing_listed", "表头下面没有内容", "There is nothing below the header of this list."
        )
    if found is None:
        raise _unreadable(
            "header_not_found",
            "找不到表头：需要“单位名称”“类别”“接收点”",
            "No header found: 单位名称, 类别 and 接收点 are needed.",
        )
    return found


def changes_of(county_id: str, found: UnitList) -> UnitChanges:
    """What taking the list over would change. One statement."""
    units = {unit_key(line.name): line for line in found.units}
    known = WorkUnit.objects.filter(county_id=county_id, name_key__in=units)
    stand = [
        (units[key], category or "", own or "")
        for key, category, own in known.values_list("name_key", "category__name", "place__code")
    ]
    moved = sum((line.category, line.place) != (category, own) for line, category, own in stand)
    return UnitChanges(len(units) - len(stand), moved, len(stand) - moved)


def import_units(*, act: Act, content: bytes) -> tuple[int, int]:
    """Take over a list of categories and units, or nothing of it; (categories, units) it holds.

    A line without a unit's name sends a category to a place; other lines put units into categories. The same
    list twice changes nothing. A constant number of statements.
    """
    found = read_units(act.county_id, content)
    if found.faults:
        raise UnitListHasErrors(
            faults=[Fault(f"/{each.row}/{each.field}", each.code, each.message) for each in found.faults]
        )
    return take_over(act=act, categories=found.categories, units=found.units)


def take_over(*, act: Act, categories: Sequence[UnitLine], units: Sequence[UnitLine]) -> tuple[int, int]:
    """Write categories, then units, places being codes of drop-off points; all of it or nothing.

    A refusal names the line by its place in what was given: /categories/0/place, /units/3/category.
    """
    places = {place.code: place for place in drop_off_points(act.county_id)}
    known = set(UnitCategory.objects.filter(county_id=act.county_id).values_list("name", flat=True))
    _refuse_strangers(
        UnitWords({code: place.name for code, place in places.items()}, known), categories, units
    )
    by_name = {line.category: places[line.place] for line in categories}
    UnitCategory.objects.bulk_create(
        [UnitCategory(county_id=act.county_id, name=name, place=place) for name, place in by_name.items()],
        update_conflicts=True,
        unique_fields=["county", "name"],
        update_fields=["place"],
    )
    by_key = {unit_key(line.name): line for line in units}
    _write_units(act, by_key, places)
    return len(by_name), len(by_key)


def _refuse_strangers(words: UnitWords, categories: Sequence[UnitLine], units: Sequence[UnitLine]) -> None:
    known = {*words.categories, *(line.category for line in categories)}
    lines = [(f"/categories/{at}", line) for at, line in enumerate(categories)]
    lines += [(f"/units/{at}", line) for at, line in enumerate(units)]
    faults = [
        Fault(f"{pointer}/{column}", code, message)
        for pointer, line in lines
        for column, code, message in faults_of(line, words, known)
    ]
    if faults:
        raise UnitListHasErrors(faults=faults)


def _write_units(act: Act, units: Mapping[str, UnitLine], places: Mapping[str, Place]) -> None:
    ids = dict(UnitCategory.objects.filter(county_id=act.county_id).values_list("name", "id"))
    WorkUnit.objects.bulk_create(
        [
            WorkUnit(
                county_id=act.county_id,
                name=line.name,
                name_key=key,
                category_id=ids.get(line.category),
                place=places.get(line.place),
            )
            for key, line in units.items()
        ],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["county", "name_key"],
        update_fields=["name", "category", "place"],
    )


def _taking(place: Place, pointer: str) -> Place:
    if not place.takes_donations or not place.active:
        message = _("This place takes no donations.")
        raise Invalid(faults=[Fault(pointer, "not_a_drop_off_point", message)])
    return place


def _unreadable(code: str, message: str, message_en: str) -> UnitListHasErrors:
    return UnitListHasErrors(faults=[Fault("/file", code, in_language(message, message_en))])
