"""The fixed parts of a public notice (GB/T 9704-2012): title, addressees, annexes, signer and date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.blocks import Align, Block, Pen, Placed, Space, drop
from core.documents.document import Document
from core.documents.fonts import Face
from core.documents.lines import Measure
from core.documents.paragraphs import Paragraph

_DATE_INDENT = 4
_SIGNER_INDENT = 2


def title(document: Document) -> None:
    """The title, 2号 小标宋, centred in lines of even length, and an empty line after it (7.3.1).

    Line ends in the title say where it breaks, for a line should not end inside a word.
    """
    page = document.page
    measure = Measure(document.typefaces[page.title], page.title_size)
    for line in measure.typeface.printable(document.title).split("\n"):
        document.add(
            Paragraph(line, measure, page.title_leading, Align.CENTRE, balanced=True, keep=page.leading)
        )
    document.add(Space(page.leading))


def addressees(document: Document, text: str) -> None:
    """主送机关: flush left, ended by a full-width colon (7.3.2)."""
    document.paragraph(text.rstrip(":：") + "：", indent=0)


def annexes(document: Document, names: Sequence[str]) -> None:
    """附件说明, after an empty line; numbered when there are several, without end marks (7.3.4).

    It stays with the signer below it, who is not left alone on a page (7.3.5.4).
    """
    if not names:
        return
    document.add(Space(document.page.leading))
    if len(names) == 1:
        document.paragraph(f"附件：{names[0]}", leads=True)
        return
    document.paragraph(f"附件：1. {names[0]}", leads=True)
    for number, name in enumerate(names[1:], start=2):
        document.paragraph(f"　　　{number}. {name}", leads=True)


def annex_page(document: Document, mark: str = "附件") -> None:
    """A new page with 附件 in 3号 黑体 flush left on its first line; the title follows on the third (7.3.7)."""
    document.page_break()
    page = document.page
    measure = Measure(document.typefaces[Face.HEITI], page.size, page.spacing)
    document.add(Paragraph(document.typefaces[Face.HEITI].printable(mark), measure, page.leading))
    document.add(Space(page.leading))


def sign_off(document: Document, signer: str, date: str) -> None:
    """The signer centred over the date, the date four characters in from the right, room for a seal (7.3.5).

    No seal is drawn.
    """
    page = document.page
    measure = Measure(document.typefaces[page.body], page.size, page.spacing)
    document.add(Space(2 * page.leading))
    printable = measure.typeface.printable
    document.add(
        _SignOff(
            printable(signer).replace("\n", " "), printable(date).replace("\n", " "), measure, page.leading
        )
    )


@dataclass(frozen=True)
class _SignOff:
    signer: str
    date: str
    measure: Measure
    leading: float

    def fit(self, width: float, room: float, fresh: bool) -> tuple[Placed | None, Block | None]:
        if room < 2 * self.leading and not fresh:
            return None, self
        character = self.measure.size + self.measure.spacing
        signer, date = self.measure.width(self.signer), self.measure.width(self.date)
        centre = width - _DATE_INDENT * character - date / 2
        # A long name moves both to the left, so that it keeps its own distance from the margin.
        centre = min(centre, width - _SIGNER_INDENT * character - signer / 2)

        def draw(pen: Pen, x: float, top: float) -> None:
            baseline = top - drop(self.measure.size, self.leading)
            pen.write(self.signer, self.measure, x + centre - signer / 2, baseline)
            pen.write(self.date, self.measure, x + centre - date / 2, baseline - self.leading)

        return Placed(2 * self.leading, draw), None
