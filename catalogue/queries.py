"""Reads of the catalogue."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from catalogue.models import Medicine


def medicines_by_code(codes: Iterable[str]) -> dict[str, Medicine]:
    """The medicines with these codes; codes that the catalogue does not know are absent."""
    return {medicine.code: medicine for medicine in Medicine.objects.filter(code__in=set(codes))}


def matching_medicines(words: str) -> QuerySet[Medicine]:
    """Medicines whose name, brand, INN or pinyin contains the words."""
    found = Medicine.objects.all()
    for word in words.lower().split():
        found = found.filter(search_text__contains=word)
    return found
