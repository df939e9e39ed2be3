"""Loading the catalogue."""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import transaction

from catalogue.models import Medicine
from catalogue.search_index import rebuild_index

MEDICINES = Path(__file__).parent / "data" / "medicines.csv"


@transaction.atomic
def load_medicines(path: Path = MEDICINES) -> int:
    """Bring the catalogue in line with the file; a code seen before is updated. Returns how many it holds."""
    with path.open(encoding="utf-8", newline="") as file:
        medicines = [medicine_from_row(row) for row in csv.DictReader(file)]
    fields = [field.name for field in Medicine._meta.concrete_fields if field.name not in {"id", "code"}]
    Medicine.objects.bulk_create(
        medicines, update_conflicts=True, unique_fields=["code"], update_fields=fields, batch_size=500
    )
    rebuild_index()
    return len(medicines)


def medicine_from_row(row: dict[str, str]) -> Medicine:
    """One line of `data/medicines.csv`."""
    words = [row["generic_name_zh"], row["brands"], row["inn_en"], row["strength"]]
    return Medicine(
        code=row["code"],
        generic_name=row["generic_name_zh"],
        inn=row["inn_en"],
        category=row["category"],
        dosage_form=row["dosage_form"],
        strength=row["strength"],
        smallest_unit=row["smallest_unit"],
        rx_otc=row["rx_otc"],
        special_control=row["special_control"],
        paediatric=row["pediatric"] == "y",
        storage=row["storage"],
        symptom_groups=row["covid_symptom_group"],
        loose_ok=row["loose_ok"],
        requires_lot=row["requires_lot"] == "y",
        requires_expiry=row["requires_expiry"] == "y",
        donation_default=row["donation_default"],
        not_for=row["not_for"],
        brands=row["brands"],
        evidence=row["evidence"],
        notes=row["notes"],
        search_text=search_text(words),
    )


def search_text(words: list[str]) -> str:
    """The words themselves, their pinyin in full, and their pinyin initials, in lower case."""
    from pypinyin import Style, lazy_pinyin  # see catalogue.naming

    given = [word for word in words if word]
    full = ["".join(lazy_pinyin(word)) for word in given]
    initials = ["".join(lazy_pinyin(word, style=Style.FIRST_LETTER)) for word in given]
    return " ".join(dict.fromkeys(word.lower() for word in [*given, *full, *initials]))
