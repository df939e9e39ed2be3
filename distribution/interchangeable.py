"""Groups of medicines that stand in for each other: the county's own, and what a group has to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalogue.queries import medicines_by_code
from core.errors import Fault, Invalid
from distribution.models.interchangeable import InterchangeableMedicine


def interchangeable_of(county_id: str) -> QuerySet[InterchangeableMedicine]:
    """The county's groups, medicine by medicine."""
    rows = InterchangeableMedicine.objects.filter(county_id=county_id).select_related("medicine")
    return rows.order_by("group_number", "position")


def groups_of(county_id: str, planned: Collection[str] = ()) -> list[list[str]]:
    """The county's groups as codes; where medicines are `planned`, only as far as those go. One statement."""
    groups: dict[int, list[str]] = defaultdict(list)
    for row in interchangeable_of(county_id):
        if not planned or row.medicine.code in planned:
            groups[row.group_number].append(row.medicine.code)
    return [sorted(codes) for codes in groups.values() if len(codes) > 1]


def check_groups(groups: Sequence[Sequence[str]], at: str, planned: Collection[str] = ()) -> None:
    """Refuse groups that name a medicine twice, one that is not planned, or remedies for children with others.

    `at` is where they stand in the request. Raises Invalid with a fault for each.
    """
    known = medicines_by_code(code for group in groups for code in group)
    faults, seen = [], set()
    for index, group in enumerate(groups):
        for place, code in enumerate(group):
            pointer = f"{at}/{index}/{place}"
            if code not in known:
                faults.append(Fault(pointer, "unknown_medicine", _("The catalogue does not know this.")))
            elif code in seen:
                faults.append(Fault(pointer, "named_twice", _("This is named twice.")))
            elif planned and code not in planned:
                faults.append(
                    Fault(pointer, "not_planned", _("This is not among the medicines of the plan."))
                )
            seen.add(code)
        if len({known[code].paediatric for code in group if code in known}) > 1:
            words = _("Remedies for children and for others do not stand in for each other.")
            faults.append(Fault(f"{at}/{index}", "mixed_ages", words))
    if faults:
        raise Invalid(faults=faults)
