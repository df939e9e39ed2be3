"""Setting which medicines stand in for each other in the county's plans."""

from __future__ import annotations

from collections.abc import Sequence

from catalogue.queries import medicines_by_code
from core.commands import Act
from distribution.interchangeable import check_groups
from distribution.models.interchangeable import InterchangeableMedicine
from distribution.services.priorities import rank_needs
from organisation.models import County


def set_groups(*, act: Act, groups: Sequence[Sequence[str]]) -> None:
    """Put these groups of medicines in place of the county's; plans drafted from now on go by them.

    What is needed most follows at once. Who sends others at the same moment waits, and the later ones stand. A
    constant number of statements.
    """
    check_groups(groups, "/groups")
    County.objects.select_for_update(no_key=True).get(pk=act.county_id)
    InterchangeableMedicine.objects.filter(county_id=act.county_id).delete()
    known = medicines_by_code(code for group in groups for code in group)
    InterchangeableMedicine.objects.bulk_create(
        InterchangeableMedicine(
            county_id=act.county_id,
            group_number=number,
            position=position,
            medicine=known[code],
            set_by=act.actor_id,
            set_on=act.on,
        )
        for number, group in enumerate(groups, start=1)
        for position, code in enumerate(group, start=1)
    )
    rank_needs(act.county_id, act.on)
