"""Publishing a plan: from then on anyone may read who got what, and why."""

from __future__ import annotations

from core.commands import Act
from core.errors import NotFound
from distribution.errors import AlreadyPublished, WrongPlanState
from distribution.models import Plan


def publish_plan(*, act: Act, plan: Plan) -> Plan:
    """Show an approved plan to the public, for good, also if it is given up later.

    Raises WrongPlanState, AlreadyPublished.
    """
    locked = Plan.objects.select_for_update().filter(county_id=act.county_id, pk=plan.pk).first()
    if locked is None:
        raise NotFound
    if locked.state != Plan.State.APPROVED:
        raise WrongPlanState
    if locked.published_on is not None:
        raise AlreadyPublished
    locked.published_by, locked.published_on = act.actor_id, act.on
    locked.save(update_fields=["published_by", "published_on"])
    return locked
