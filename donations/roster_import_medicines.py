"""Which medicine of the catalogue a roster means, and whether one cell names several."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal

from catalogue.models import Medicine
from core.safe_text import comparable_text
from donations.roster_import_cells import without_quantities

_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)(g|mg|ug|μg|mcg)")
_MEASURED = re.compile(r"[0-9]\s*(?:m?g|[uμ]g|mcg|m?l|iu|%|万?单位)")
_MILLIGRAMS = {"g": Decimal(1000), "mg": Decimal(1)}
_STRONG = re.compile(r"[、，,;；\n]|\s{2,}")
_WEAK = re.compile(r"[、，,;；\n/+和\s]+")


class MedicineIndex:
    """Medicines by generic name and by brand."""

    def __init__(self, medicines: Iterable[Medicine]) -> None:
        self._by_name: dict[str, list[Medicine]] = defaultdict(list)
        for medicine in medicines:
            brands = re.split(r"[;；、,，/|]", medicine.brands)
            for name in {_key(medicine.generic_name), *map(_key, brands)} - {""}:
                self._by_name[name].append(medicine)

    def called(self, name: str) -> Sequence[Medicine]:
        """Every strength of what is called so."""
        return self._by_name.get(_key(name), ())

    def find(self, name: str, specification: str) -> Medicine | None:
        """The one medicine with this name and the strength that begins the specification.

        Where the strength does not decide, a medicine that is refused in every strength is taken all the same,
        so that screening sees it; anything else is left for a pharmacist to identify.
        """
        named = self.called(name)
        strength = _strength(specification)
        fitting = [medicine for medicine in named if strength and _strength(medicine.strength) == strength]
        if len(fitting) == 1:
            return fitting[0]
        refused = named and all(_never_taken(medicine) for medicine in named)
        return named[0] if refused or (len(named) == 1 and not strength) else None

    def unit(self, name: str) -> str | None:
        """The smallest unit, where all strengths of the name share one."""
        units = {medicine.smallest_unit for medicine in self.called(name)}
        return units.pop() if len(units) == 1 else None

    def split(self, text: str, quantities: str) -> list[tuple[str, str]]:
        """The several (medicine, quantity) that one cell names; empty where it names one.

        A name that the catalogue knows is one medicine whatever stands in it (奈玛特韦/利托那韦). Commas part
        medicines; slashes, pluses and spaces only where the catalogue knows what they part.
        """
        if self.called(text):
            return []
        counted = without_quantities(text)
        if len(counted) > 1:
            return counted
        parts = [part.strip() for part in _STRONG.split(text) if part.strip()]
        if len(parts) < 2:
            parts = [part for part in _WEAK.split(text) if part]
            if sum(bool(self.called(part)) for part in parts) < 2:
                return []
        amounts = [part for part in re.split(r"[、，,;；\n/+\s]+", quantities) if part]
        same = len(amounts) == len(parts)
        return [(part, amounts[index] if same else "") for index, part in enumerate(parts)]


def _key(name: str) -> str:
    return comparable_text(name).replace(" ", "")


def _never_taken(medicine: Medicine) -> bool:
    return medicine.special_control != "none" or medicine.donation_default == Medicine.Default.REFUSE


def _strength(text: str) -> Decimal | str:
    """The amount it begins with in milligrams, else the text; empty for a specification without any amount."""
    plain = comparable_text(text).replace(" ", "")
    found = _AMOUNT.match(plain)
    if found:
        return Decimal(found[1]) * _MILLIGRAMS.get(found[2], Decimal("0.001"))
    return plain if _MEASURED.search(plain) else ""
