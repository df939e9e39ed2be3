"""Groups of medicines that stand in for each other: the county's own, and what a group has to be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from catalogue.models import Medicine
from catalogue.queries import medicines_by_code
from core.errors import Fault, Invalid
from distribution.models.interchangeable import InterchangeableMedicine
from distribution.needs import course_units


def interchangeable_of(county_id: str) -> QuerySet[InterchangeableMedicine]:
    """The county's groups, medicine by medicine."""
    rows = InterchangeableMedicine.objects.filter(county_id=county_id).select_related("medicine")
    return rows.order_by("group_number", "position")


def stand_ins_of(county_id: str) -> list[list[Medicine]]:
    """The county's groups of two or more medicines, each by code. One statement."""
    groups: dict[int, list[Medicine]] = defaultdict(list)
    for row in interchangeable_of(county_id):
        groups[row.group_number].append(row.medicine)
    return [sorted(group, key=lambda each: each.code) for group in groups.values() if len(group) > 1]


@dataclass(frozen=True)
class Basket:
    """A medicine by itself, counted in units, or those that stand in for each other, counted in courses."""

    members: tuple[Medicine, ...]

    @property
    def is_group(self) -> bool:
        return len(self.members) > 1

    @property
    def key(self) -> str:
        return "+".join(member.code for member in self.members)

    def course(self, member: Medicine) -> int:
        """Units of a member by which the basket is counted."""
        return course_units(member.smallest_unit) if self.is_group else 1

    def counted(self, units: Mapping[int, int]) -> Fraction:
        """What these units, by medicine, come to."""
        return sum(
            (Fraction(units.get(member.pk, 0), self.course(member)) for member in self.members), Fraction(0)
        )


def baskets_of(county_id: str, medicines: Iterable[Medicine]) -> list[Basket]:
    """What is reckoned together of these medicines, with all that stand in for them. One statement."""
    named = {medicine.pk: medicine for medicine in medicines}
    groups = [group for group in stand_ins_of(county_id) if any(each.pk in named for each in group)]
    grouped = {each.pk for group in groups for each in group}
    alone = [Basket((medicine,)) for pk, medicine in named.items() if pk not in grouped]
    return [*(Basket(tuple(group)) for group in groups), *alone]


def groups_of(county_id: str, planned: Collection[str] = ()) -> list[list[str]]:
    """The county's groups as codes; where medicines are `planned`, only as far as those go. One statement."""
    groups = [
        [each.code for each in group if not planned or each.code in planned]
        for group in stand_ins_of(county_id)
    ]
    return [codes for codes in groups if len(codes) > 1]


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
