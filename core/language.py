"""Texts that come in both languages with what made them, rather than from the catalogue of translations."""

from __future__ import annotations

from django.utils.translation import get_language


def reads_english() -> bool:
    """Whether the reader asked for English; else it is Chinese."""
    return (get_language() or "").startswith("en")


def in_language(zh: str, en: str) -> str:
    """The one the reader asked for; Chinese unless it is English."""
    return en if reads_english() else zh
