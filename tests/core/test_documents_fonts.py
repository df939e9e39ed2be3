import io
import shutil
import threading
from pathlib import Path

import pypdfium2
import pytest
from fontTools.ttLib import TTFont as FontToolsFont
from fontTools.ttLib.tables._f_v_a_r import Axis, table__f_v_a_r
from reportlab.pdfbase import pdfmetrics, ttfonts
from reportlab.pdfgen.canvas import Canvas

from core.documents import A5, Document, Face, FontError, Typefaces
from core.documents.fonts import FOLDER, default_typefaces, load

STANDARD = (FOLDER / "standard-characters.txt").read_text(encoding="utf-8").strip()
SYMBOLS = "☐☑✓—–…·〔〕①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳≤≥×℃％‰￥¥№±÷αβγμΩ′″√←→↑↓■□●○★☆㎎㎏㎡ⅠⅡⅢüǖǎēЖя"


def drawn(text: str, face: Face = Face.SANS) -> tuple[str, list[str]]:
    """What a document with `text` reads back as, and the fonts that drew it."""
    typeface = default_typefaces()[face]
    printable = typeface.printable(text)
    return printable, [name for name, _ in typeface.runs(printable)]


def copied(content: bytes) -> str:
    return pypdfium2.PdfDocument(content)[0].get_textpage().get_text_range()


def image(content: bytes) -> bytes:
    return pypdfium2.PdfDocument(content)[0].render(scale=1).to_pil().tobytes()


def renamed_copy(source: Path, target: Path, name: str, family: str) -> Path:
    font = FontToolsFont(source)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = name
        if record.nameID == 0:
            record.string = family
    font.save(target)
    return target


def test_standard_characters_are_all_of_the_national_table():
    assert (len(STANDARD), len(set(STANDARD)), STANDARD[0], STANDARD[-1]) == (8105, 8105, "一", "蠼")


@pytest.mark.parametrize("face", list(Face))
def test_face_draws_every_standard_character_itself(face):
    _, fonts = drawn(STANDARD, face)

    assert len(fonts) == 1


@pytest.mark.parametrize("face", list(Face))
def test_face_has_or_borrows_every_symbol(face):
    printable, _ = drawn(SYMBOLS, face)

    assert printable == SYMBOLS


def test_typeface_covers_all_unified_ideographs_of_gbk():
    gbk = "".join(chr(code) for code in range(0x4E00, 0x9FA6))

    printable, _ = drawn(gbk)

    assert printable == gbk


def test_missing_glyph_is_borrowed_character_by_character():
    _, fonts = drawn("张𠮷三☑")

    assert fonts == ["KitSansSC-Regular", "KitMincho-A", "KitSansSC-Regular", "KitMincho-A"]


def test_character_of_no_font_prints_as_its_code():
    printable, _ = drawn("张😀\ud800\ue000")

    assert printable == "张[U+1F600][U+D800][U+E000]"


@pytest.mark.parametrize("text", ["𠮷㛃䶮", "𫖯𬭎𫝋", "，；：》”、。！？（）《》“”‘’", "☐☑✓①⑳≤≥×℃"])
def test_text_copies_as_it_was_given(text):
    document = Document(A5, title="凭证")
    document.paragraph(text)

    assert text in copied(document.build())


def test_more_than_a_hundred_characters_of_one_subset_copy():
    text = STANDARD[3000:3400]
    document = Document(A5, title="凭证")
    document.paragraph(text)

    assert text in copied(document.build()).replace("\r\n", "")


def test_supplementary_character_copies_wrongly_without_the_patch(monkeypatch):
    def five_digits(name, subset):
        entries = "\n".join(f"<{code:02X}> <{point:04X}>" for code, point in enumerate(subset))
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CMapName /X def\n"
            "/CMapType 2 def\n1 begincodespacerange\n<00> <FF>\nendcodespacerange\n"
            f"{len(subset)} beginbfchar\n{entries}\nendbfchar\nendcmap\nend\nend"
        )

    monkeypatch.setattr(ttfonts, "makeToUnicodeCMap", five_digits)
    document = Document(A5, title="凭证")
    document.paragraph("𠮷")

    assert "𠮷" not in copied(document.build())


@pytest.mark.parametrize("face", [Face.SANS, Face.BOLD, Face.SERIF])
def test_no_character_is_drawn_as_the_missing_glyph(face):
    font = ttfonts.TTFontFile(
        str(FOLDER / {"sans": "sans-regular", "bold": "sans-bold", "serif": "serif-regular"}[face]) + ".ttf"
    )
    glyphs = {font.charToGlyph[ord(char)] for char in STANDARD}

    assert (0 in glyphs, len(glyphs)) == (False, 8105)


def test_drawn_characters_differ_from_the_missing_glyph_box():
    def pixels(text):
        typeface = default_typefaces()[Face.SANS]
        target = io.BytesIO()
        canvas = Canvas(target, pagesize=(40, 40), invariant=1)
        name = typeface.runs(text)[0][0] if typeface.printable(text) == text else "KitSansSC-Regular"
        canvas.setFont(name, 30)
        canvas.drawString(4, 8, text)
        canvas.save()
        return image(target.getvalue())

    box = pixels("\ue123")

    assert [char for char in SYMBOLS + "捐赠药品𠮷㛃䶮，；：》”" if pixels(char) == box] == []


def test_font_path_that_is_missing_is_refused(tmp_path):
    with pytest.raises(FontError, match="cannot be read"):
        Typefaces({"仿宋": tmp_path / "none.ttf"})


def test_font_file_that_is_no_font_is_refused(tmp_path):
    path = tmp_path / "broken.ttf"
    path.write_bytes(b"not a font")

    with pytest.raises(FontError, match="not a usable TrueType font"):
        Typefaces({"仿宋": path})


@pytest.mark.parametrize("length", [4, 100, 5000, 200_000])
def test_font_file_that_is_cut_short_is_refused(tmp_path, length):
    path = tmp_path / "cut.ttf"
    path.write_bytes((FOLDER / "mincho-a.ttf").read_bytes()[:length])

    with pytest.raises(FontError):
        Typefaces({"仿宋": path})


def test_face_that_does_not_exist_is_refused():
    with pytest.raises(FontError, match="隶书"):
        Typefaces({"隶书": FOLDER / "serif-regular.ttf"})


def test_second_file_with_the_same_postscript_name_is_refused(tmp_path):
    load(FOLDER / "mincho-b.ttf")
    path = renamed_copy(FOLDER / "mincho-b.ttf", tmp_path / "other.ttf", "KitMincho-B", "another font")

    with pytest.raises(FontError, match="share the PostScript name KitMincho-B"):
        Typefaces({"仿宋": path})


def test_second_file_with_the_same_postscript_name_becomes_the_first_without_the_guard(tmp_path):
    first = load(FOLDER / "mincho-b.ttf")
    path = renamed_copy(FOLDER / "mincho-a.ttf", tmp_path / "other.ttf", "KitMincho-B", "another font")

    pdfmetrics.registerFont(ttfonts.TTFont("Unguarded", str(path)))

    assert pdfmetrics.getFont("Unguarded") is pdfmetrics.getFont(first.name)


def test_same_file_under_another_path_is_the_same_font(tmp_path):
    path = tmp_path / "copy.ttf"
    shutil.copy(FOLDER / "serif-regular.ttf", path)

    assert load(path) is load(FOLDER / "serif-regular.ttf")


def test_office_font_draws_its_face_and_borrows_the_rest(tmp_path):
    path = renamed_copy(FOLDER / "mincho-a.ttf", tmp_path / "office.ttf", "OfficeFangSong", "office")
    typeface = Typefaces({"仿宋": path})[Face.FANGSONG]

    assert [name for name, _ in typeface.runs("𠮷药")] == ["OfficeFangSong", "KitSansSC-Regular"]


def weight_axis():
    axis = Axis()
    axis.axisTag, axis.minValue, axis.defaultValue, axis.maxValue, axis.axisNameID = "wght", 100, 400, 900, 1
    table = table__f_v_a_r("fvar")
    table.axes = [axis]
    return table


def test_variable_font_is_refused(tmp_path):
    path = tmp_path / "variable.ttf"
    font = FontToolsFont(FOLDER / "mincho-b.ttf")
    for record in font["name"].names:
        record.string = "VariableKit"
    font["fvar"] = weight_axis()
    font.save(path)

    with pytest.raises(FontError, match="variable font"):
        Typefaces({"仿宋": path})


def test_documents_built_in_threads_are_the_same_as_alone():
    def build(number):
        document = Document(A5, title="凭证")
        document.paragraph(STANDARD[number * 300 : number * 300 + 300] + "𠮷")
        return document.build()

    alone = [build(number) for number in range(8)]
    together = [b""] * 8

    def work(number):
        together[number] = build(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert together == alone
