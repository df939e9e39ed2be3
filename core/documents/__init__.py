"""The document kit: every form, label and notice the product prints.

    from core.documents import A4, Align, Column, Document

    document = Document(A4, title="捐赠药品登记花名册")
    document.head(number="CJ-2023-0001")
    document.table([Column("序号", 12, Align.RIGHT), Column("通用名")], [[1, "布洛芬片"]])
    document.signatures()
    content = document.build()

`document` builds, `pages` has the papers, `tables`, `forms`, `charts`, `labels`, `notices` the parts, `lines`
breaks text, `fonts` finds a glyph for every character.
"""

from core.documents.blocks import Align, LayoutError
from core.documents.document import Document
from core.documents.fonts import Face, FontError, Typefaces
from core.documents.grid import Column
from core.documents.labels import Label
from core.documents.pages import A4, A4_LANDSCAPE, A5, A5_LANDSCAPE, LABEL_60_40, LABEL_SHEET, NOTICE, ROLL_80

__all__ = [
    "A4", "A4_LANDSCAPE", "A5", "A5_LANDSCAPE", "LABEL_60_40", "LABEL_SHEET", "NOTICE", "ROLL_80",
    "Align", "Column", "Document", "Face", "FontError", "Label", "LayoutError", "Typefaces",
]  # fmt: skip
