"""What a correction changed: the figures and texts of two editions, side by side. Pure.

A figure is named by where it stands (table, period, path, medicine, maker, day, place, label); rows of the same name
are added up. Makers count where both editions tell them. Names and the campaign's particulars are texts. What a new
edition must differ in (its number, its moment, the hash before it) is no change.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from reports.files.long_table import FIELDS, long_rows, tells_makers

Content = dict[str, Any]
FIGURE_NAME = tuple(
    name
    for name in FIELDS
    if name not in {"generic_name", "dosage_form", "strength", "unit", "place_name", "quantity"}
)
NAMES = {"medicine": ("generic_name", "dosage_form", "strength", "unit"), "place": ("place_name",)}


def changes_between(before: Content, after: Content) -> dict[str, list[dict[str, Any]]]:
    """`figures` and `texts` that differ, each with `before` and `after`; None where an edition has none."""
    makers = tells_makers(before) and tells_makers(after)
    old_figures, new_figures = _figures(before, makers=makers), _figures(after, makers=makers)
    old_texts, new_texts = _texts(before), _texts(after)
    return {
        "figures": [
            {**dict(zip(FIGURE_NAME, name, strict=True)), **_pair(old_figures, new_figures, name)}
            for name in sorted(old_figures.keys() | new_figures.keys())
            if old_figures.get(name) != new_figures.get(name)
        ],
        "texts": [
            {"what": what, **_pair(old_texts, new_texts, what)}
            for what in sorted(old_texts.keys() | new_texts.keys())
            if old_texts.get(what) != new_texts.get(what)
        ],
    }


def _pair(before: Any, after: Any, name: Any) -> dict[str, Any]:
    return {"before": before.get(name), "after": after.get(name)}


def _figures(content: Content, *, makers: bool) -> dict[tuple[str, ...], int]:
    sums: Counter[tuple[str, ...]] = Counter()
    for line in long_rows(content):
        told = line if makers else {**line, "manufacturer": ""}
        sums[tuple(str(told[name]) for name in FIGURE_NAME)] += int(line["quantity"])
    return dict(sums)


def _texts(content: Content) -> dict[str, str]:
    texts = {f"campaign.{name}": str(value) for name, value in content["campaign"].items()}
    texts["county.name"] = content["county"]["name"]
    texts |= {f"packs.{code}": str(size) for code, size in content.get("packs", {}).items()}
    if "objection_days" in content:
        texts["objection_days"] = str(content["objection_days"])
    for line in long_rows(content):
        for code, names in NAMES.items():
            if line[code]:
                texts[f"{code}.{line[code]}"] = " ".join(str(line[name]) for name in names if line[name])
    return texts
