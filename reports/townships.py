"""What was received, allotted and handed out by township: the rows behind the public list and charts.

In five statements, however old the books are (reports.flows). A hand-out is its clinic's; places outside any township
(the county's own hospital) stand under "". Where fewer than five hand-outs of a medicine lie behind a cell, townships
are merged (reports.small_cells), so that the totals stay true and nobody can be recognised.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from catalogue.models import Medicine
from organisation.models import Division, Place
from reports.details import Row
from reports.figures import Period, medicine_content
from reports.flows import flows_between
from reports.models.flows import Measure
from reports.small_cells import merge, merged_cells

FIGURES = (Measure.RECEIVED, Measure.ALLOTTED, Measure.DISPENSED)
# Units of one medicine in one township, by figure.
Cells = defaultdict[tuple[str, int | None], dict[str, int]]


def township_rows(county_id: str, period: Period) -> list[Row]:
    """One row per township and medicine: `received`, `allotted` and `dispensed` in its smallest unit.

    Each figure adds up to table C, medicine by medicine.
    """
    flows = flows_between(county_id, period.start, period.end, FIGURES)
    townships = dict(
        Place.objects.filter(pk__in={each.place_id for each in flows}).values_list("pk", "township_id")
    )
    cells: Cells = defaultdict(lambda: {figure.value: 0 for figure in FIGURES})
    people: defaultdict[int | None, Counter[str]] = defaultdict(Counter)
    for each in flows:
        township = townships.get(each.place_id or 0) or ""
        cells[township, each.medicine_id][each.measure.value] += each.flow.during
        if each.measure == Measure.DISPENSED:
            people[each.medicine_id][township] += each.flow.entries
    for medicine, lines in people.items():
        _merge_dispensed(cells, medicine, lines)
    return _named({at: units for at, units in cells.items() if any(units.values())})


def _merge_dispensed(cells: Cells, medicine: int | None, lines: Mapping[str, int]) -> None:
    """Townships in which few hand-outs lie behind what was dispensed of a medicine are shown as one."""
    dispensed = Measure.DISPENSED.value
    units = {township: cells[township, medicine][dispensed] for township in lines}
    people = {township: lines[township] or 1 for township in units if units[township]}
    for township in units:
        cells[township, medicine][dispensed] = 0
    for township, quantity in merge(units, merged_cells(people)).items():
        cells[township, medicine][dispensed] += quantity


def _named(cells: dict[tuple[str, int | None], dict[str, int]]) -> list[Row]:
    names = dict(Division.objects.filter(pk__in={at for at, _ in cells}).values_list("code", "name"))
    medicines = Medicine.objects.in_bulk({pk for _, pk in cells if pk is not None})
    rows = [
        {
            "township": township,
            "township_name": names.get(township, ""),
            **medicine_content(medicines.get(pk) if pk else None),
            **units,
        }
        for (township, pk), units in cells.items()
    ]
    return sorted(rows, key=lambda row: (row["township"], row["medicine"] or "~"))
