"""What of a county's policy guards its accounts, and which way of changing it takes a guard away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from organisation.models import Policy, SecondPerson

STRICTNESS = [SecondPerson.NOBODY, SecondPerson.WATCHING, SecondPerson.ALL]


def _switched_off(old: Any, new: Any) -> bool:
    return bool(old) and not new


def _switched_on(old: Any, new: Any) -> bool:
    return bool(new) and not old


def _longer(old: Any, new: Any) -> bool:
    return bool(new > old)


def _later_or_never(old: Any, new: Any) -> bool:
    """Of days after which something must be done, of which 0 means never."""
    return bool(old) and (not new or new > old)


def _less_strict(old: Any, new: Any) -> bool:
    return STRICTNESS.index(new) < STRICTNESS.index(old)


# The trigger `policy_confirmed` holds the same.
LOOSER: Mapping[str, Callable[[Any, Any], bool]] = {
    "second_person": _less_strict,
    "joint_administration": _switched_on,
    "second_factor": _switched_off,
    "password_composition": _switched_off,
    "password_days": _later_or_never,
    "first_password_hours": _longer,
    "idle_minutes": _longer,
    "sign_in_hours": _longer,
    "pins": _switched_on,
}


def loosened(policy: Policy, figures: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the figures that take away from how accounts are guarded."""
    return {
        name: value
        for name, value in figures.items()
        if name in LOOSER and LOOSER[name](getattr(policy, name), value)
    }


def locked_policy(county_id: str) -> Policy:
    """The county's policy, made with its defaults where there is none, and held until the transaction ends."""
    Policy.objects.bulk_create([Policy(county_id=county_id)], ignore_conflicts=True)
    return Policy.objects.select_for_update().get(pk=county_id)


def change(policy: Policy, figures: Mapping[str, Any]) -> None:
    """Write down some of its figures; whoever saw the version before is told."""
    for name, value in figures.items():
        setattr(policy, name, value)
    policy.version += 1
    policy.save(update_fields=[*figures, "version"])
