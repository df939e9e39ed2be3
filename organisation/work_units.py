"""Work unit → drop-off point: where the people of a unit hand in, by its category or by a place of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.commands import Act
from core.errors import Fault, Invalid, NotFound
from core.language import in_language
from core.safe_text import TextRefused, comparable_text, safe_text
from core.spreadsheets import Kind, SheetRefused, SheetRow, read_spreadsheet
from organisation.errors import UnitListHasErrors
from organisation.models import Place, UnitCategory, WorkUnit

HEADS = {
    "name": {"单位名称", "工作单位", "单位"},
    "category": {"类别", "单位类别", "系统", "口"},
    "place": {"接收点", "捐赠接收点", "接收点名称", "接收点编码"},
}


@dataclass(frozen=True)
class UnitLine:
    """One line of a list: a unit with its category or place, or, without a name, a category with its place."""

    row: int
    name: str
    category: str
    place: str


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


def unit_key(name: str) -> str:
    """The name as it compares: spacing, width and case make no other unit."""
    return comparable_text(name).replace(" ", "")[:200]


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
        raise NotFound(pointer="/category")
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


def import_units(*, act: Act, content: bytes) -> tuple[int, int]:
    """Take over a list of categories and units, or nothing of it; (categories, units) it holds.

    A line without a unit's name sends a category to a place; other lines put units into categories. The same
    list twice changes nothing. A constant number of statements.
    """
    lines = _read(content)
    places = {
        word: place
        for place in Place.objects.filter(county_id=act.county_id, takes_donations=True, active=True)
        for word in (place.code, place.name)
    }
    categories = {line.category: places.get(line.place) for line in lines if not line.name}
    known = set(UnitCategory.objects.filter(county_id=act.county_id).values_list("name", flat=True))
    faults = [fault for line in lines for fault in _faults(line, places, known | set(categories))]
    if faults:
        raise UnitListHasErrors(faults=faults)
    UnitCategory.objects.bulk_create(
        [UnitCategory(county_id=act.county_id, name=name, place=place) for name, place in categories.items()],
        update_conflicts=True,
        unique_fields=["county", "name"],
        update_fields=["place"],
    )
    units = {unit_key(line.name): line for line in lines if line.name}
    _write_units(act, units, places)
    return len(categories), len(units)


def _write_units(act: Act, units: dict[str, UnitLine], places: dict[str, Place]) -> None:
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


def _faults(line: UnitLine, places: dict[str, Place], categories: set[str]) -> list[Fault]:
    found = []
    if line.place and line.place not in places:
        message = _("No drop-off point has this name or code.")
        found.append(Fault(f"/{line.row}/place", "unknown_place", message))
    if line.name and line.category and line.category not in categories:
        message = _("No line of the list says where this category hands in.")
        found.append(Fault(f"/{line.row}/category", "unknown_category", message))
    if not line.place and not (line.name and line.category):
        message = _("A category or a place is needed.")
        found.append(Fault(f"/{line.row}/place", "required", message))
    return found


def _read(content: bytes) -> list[UnitLine]:
    try:
        rows = read_spreadsheet(content)
    except SheetRefused as error:
        raise _unreadable(error.code, error.message, error.message_en) from None
    for index, row in enumerate(rows[:20]):
        words = ["".join(cell.text.split()) for cell in row.cells]
        columns = {
            field: next((at for at, word in enumerate(words) if word in known), -1)
            for field, known in HEADS.items()
        }
        if columns["name"] >= 0 and max(columns["category"], columns["place"]) >= 0:
            return [line for each in rows[index + 1 :] if (line := _line(each, columns))]
    raise _unreadable(
        "header_not_found",
        "找不到表头：需要“单位名称”“类别”“接收点”",
        "No header found: 单位名称, 类别 and 接收点 are needed.",
    )


def _line(row: SheetRow, columns: dict[str, int]) -> UnitLine | None:
    texts = {field: _text(row, at, field) for field, at in columns.items()}
    return UnitLine(row.number, **texts) if any(texts.values()) else None


def _text(row: SheetRow, at: int, field: str) -> str:
    if not 0 <= at < len(row.cells):
        return ""
    cell = row.cells[at]
    if cell.kind in {Kind.FORMULA, Kind.ERROR}:
        raise UnitListHasErrors(
            faults=[Fault(f"/{row.number}/{field}", str(cell.kind), _("Text is needed."))]
        )
    try:
        return safe_text(cell.text, max_length=80)
    except TextRefused as error:
        words = in_language(error.message, error.message_en)
        raise UnitListHasErrors(faults=[Fault(f"/{row.number}/{field}", error.code, words)]) from None


def _unreadable(code: str, message: str, message_en: str) -> UnitListHasErrors:
    return UnitListHasErrors(faults=[Fault("/file", code, in_language(message, message_en))])
