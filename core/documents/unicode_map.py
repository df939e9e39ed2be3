"""Copying text out of a PDF: the map from glyph codes back to characters (ISO 32000-1, 9.10.3).

reportlab writes a character above U+FFFF as five hex digits, which readers cut, so that 𠮷 copies as ₻, and
up to 256 entries in one block, where the CMap format allows 100.
"""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.pdfbase import ttfonts

_BLOCK = 100


def to_unicode_map(font_name: str, characters: Sequence[int]) -> str:
    """The ToUnicode CMap of a font subset; `characters[code]` is the code point a glyph shows, 0 for none."""
    entries = [
        f"<{code:02X}> <{chr(point).encode('utf-16-be').hex().upper()}>"
        for code, point in enumerate(characters)
        if point
    ]
    blocks = []
    for start in range(0, len(entries), _BLOCK):
        block = entries[start : start + _BLOCK]
        blocks += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin",
            "12 dict begin",
            "begincmap",
            f"/CIDSystemInfo << /Registry ({font_name}) /Ordering ({font_name}) /Supplement 0 >> def",
            f"/CMapName /{font_name} def",
            "/CMapType 2 def",
            "1 begincodespacerange",
            "<00> <FF>",
            "endcodespacerange",
            *blocks,
            "endcmap",
            "CMapName currentdict /CMap defineresource pop",
            "end",
            "end",
        ]
    )


def install() -> None:
    """Let reportlab write this map in every PDF of the process."""
    setattr(ttfonts, "makeToUnicodeCMap", to_unicode_map)  # noqa: B010
