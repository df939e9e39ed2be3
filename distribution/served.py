"""What the figures of who a clinic serves cannot be, whoever brings them: a form, a file or another program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AGES = ("age_0_3", "age_4_14", "age_65_79", "age_80_up")
TIERS = ("tier_red", "tier_yellow", "tier_green")
# Nobody is of two ages, or marked in two colours. The code of the breach by the figures it is of.
GROUPS = {"more_than_population": AGES, "tiers_more_than_population": TIERS}


def beyond_population(figures: Mapping[str, Any]) -> list[str]:
    """The codes of the groups of figures that add up to more than the population; a figure not given is nobody."""
    population = figures.get("population", 0)
    return [
        code for code, names in GROUPS.items() if sum(figures.get(name, 0) for name in names) > population
    ]
