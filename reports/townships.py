"""What was received, allotted and handed out by township: the rows behind the public list and charts.

In five statements, however old the books are (reports.flows). A hand-out is its clinic's; places outside any township
(the county's own hospital) stand under "". Townships in which fewer than five people were served are merged
(reports.small_cells), so that the totals stay true and nobody can be recognised. What one medicine's few people got
is no count of people: in a township where many were served it says of nobody which of them it was.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from catalogue.models import Medicine
from organisation.models import Division, Place
from reports.details import Row
from reports.figures import Period, medicine_content
from reports.flows import flows_between
from reports.models.flows import Measure
from reports.small_cells import Cells, merge, merged_rows

FIGURES = (Measure.RECEIVED, Measure.ALLOTTED, Measure.DISPENSED)
MEASURES = (*FIGURES, Measure.SERVED)
DISPENSED = Measure.DISPENSED.value


@dataclass(frozen=True)
class Townships:
    """A period by township, as the books have it: `units[township, medicine]` by figure, and who got a medicine."""

    medicines: Mapping[str | None, Medicine | None]
    units: Mapping[tuple[str, str | None], Mapping[str, int]]
    people: Mapping[str | None, Mapping[str, int]]

    def dispensed(self) -> dict[str | None, Cells]:
        """Units handed out of each medicine, by township; only of medicines that were handed out."""
        found: defaultdict[str | None, Cells] = defaultdict(dict)
        for (township, medicine), figures in self.units.items():
            if figures[DISPENSED]:
                found[medicine][township] = figures[DISPENSED]
        return found

    def merged(self) -> dict[str | None, Cells]:
        """The same as it is published of a period: townships of few people shown together, for every medicine."""
        dispensed = self.dispensed()
        people: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for medicine in dispensed.keys() | self.people.keys():
            served = self.people.get(medicine, {})
            for township in dispensed.get(medicine, {}).keys() | served.keys():
                people[township][medicine or ""] = served.get(township, 0)
        groups = merged_rows(people)
        return {
            medicine: {name: units for name, units in merge(cells, groups).items() if units}
            for medicine, cells in dispensed.items()
        }

    def rows(self, shown: Mapping[str | None, Mapping[str, int]]) -> list[Row]:
        """One row per township and medicine: `received`, `allotted` and `dispensed` in its smallest unit.

        Of what was handed out stands what is `shown` of each medicine. Each figure adds up to table C.
        """
        units = {at: {**figures, DISPENSED: 0} for at, figures in self.units.items()}
        nothing = dict.fromkeys((figure.value for figure in FIGURES), 0)
        for medicine, cells in shown.items():
            for township, quantity in cells.items():
                units.setdefault((township, medicine), dict(nothing))[DISPENSED] += quantity
        kept = {at: figures for at, figures in units.items() if any(figures.values())}
        names = dict(
            Division.objects.filter(pk__in={at for at, _ in kept}).order_by().values_list("code", "name")
        )
        rows = [
            {
                "township": township,
                "township_name": names.get(township, ""),
                **medicine_content(self.medicines[medicine]),
                **figures,
            }
            for (township, medicine), figures in kept.items()
        ]
        return sorted(rows, key=lambda row: (row["township"], row["medicine"] or "~"))


NO_TOWNSHIPS = Townships({None: None}, {}, {})


def townships(county_id: str, period: Period) -> Townships:
    """What the books say of a period, by township."""
    flows = flows_between(county_id, period.start, period.end, MEASURES)
    at = dict(Place.objects.filter(pk__in={each.place_id for each in flows}).values_list("pk", "township_id"))
    medicines = Medicine.objects.in_bulk({each.medicine_id for each in flows if each.medicine_id is not None})
    units: defaultdict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
    people: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
    for each in flows:
        township = at.get(each.place_id or 0) or ""
        medicine = medicines[each.medicine_id].code if each.medicine_id is not None else None
        if each.measure == Measure.SERVED:
            people[medicine][township] += each.flow.during
        else:
            units[township, medicine][each.measure.value] += each.flow.during
    return Townships(
        {None: None, **{medicine.code: medicine for medicine in medicines.values()}},
        {where: {figure.value: sums[figure.value] for figure in FIGURES} for where, sums in units.items()},
        people,
    )
