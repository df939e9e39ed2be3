"""Make the font files of core/fonts again from their published sources.

    python deploy/make_fonts.py [FOLDER]

FOLDER keeps the downloads (default: a temporary one) and is read first, so that a machine without npm or
apt can be given the four files by hand. Every source is checked against its SHA-256 before it is read.
Needs fonttools, the npm client and Debian's apt-get.
"""

from __future__ import annotations

import bz2
import hashlib
import io
import lzma
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FONTS = Path(__file__).resolve().parent.parent / "core" / "fonts"


@dataclass(frozen=True)
class Source:
    """A published archive: its file name, the client command that fetches it, and its SHA-256."""

    file: str
    command: tuple[str, ...]
    sha256: str


SANS = Source(
    "expo-google-fonts-noto-sans-sc-0.4.3.tgz",
    ("npm", "pack", "--silent", "@expo-google-fonts/noto-sans-sc@0.4.3"),
    "0d69d0f4971d2ff574e3d93cbc218dc950bf3f3f8f8e2c008d97687ed53aee59",
)
SERIF = Source(
    "expo-google-fonts-noto-serif-sc-0.4.3.tgz",
    ("npm", "pack", "--silent", "@expo-google-fonts/noto-serif-sc@0.4.3"),
    "ff6bcf5ba68d92dfecc05544bb150f9e724741a932354a0dd97e7289c40a3f5e",
)
HANAZONO = Source(
    "fonts-hanazono_20170904-2.1_all.deb",
    ("apt-get", "download", "fonts-hanazono=20170904-2.1"),
    "a6943366b4f5a6cec34221f8b4eb22555a628f0ee6ef4e3d3401cabe9363aeae",
)
UNIHAN = Source(
    "unicode-data_15.0.0-1_all.deb",
    ("apt-get", "download", "unicode-data=15.0.0-1"),
    "5efef23bbb1c6a133ecbdd63a2cfa07159ccacf5466a49e2426101c5ecd691fc",
)

# Latin, pinyin, Greek, punctuation, numbers in circles, full-width forms: every face draws these itself.
COMMON = (
    *((0x20, 0x7E), (0xA0, 0x17F), (0x1CD, 0x1DC), (0x2C6, 0x2CB), (0x391, 0x3C9), (0x2000, 0x2044)),
    *((0x20AC, 0x20AC), (0x2100, 0x2193), (0x2200, 0x2265), (0x2460, 0x249B), (0x25A0, 0x25CF)),
    *((0x2605, 0x2606), (0x2713, 0x2713), (0x3000, 0x3020), (0xFF01, 0xFF5E), (0xFFE0, 0xFFE6)),
)
# What else the sans regular draws, also for the other faces.
SYMBOLS = (
    (0x180, 0x24F),
    (0x300, 0x30C),
    (0x370, 0x45F),
    (0x2045, 0x27BF),
    (0x30FB, 0x30FB),
    (0x3220, 0x33FF),
)
UNIFIED = set(range(0x4E00, 0xA000))
EXTENSION_A = set(range(0x3400, 0x4DC0))
# Asked for by name; no source of Chinese standards lists them.
WANTED = {ord(char) for char in "𠮷☐☑☒✗"}
# Unihan kIRG_GSource, Extension A: character sets (GB 13131, GB 13132, the list for modern use, Singapore's).
# Those known from dictionaries only would take one more megabyte.
CHARACTER_SETS = ("G3", "G5", "G7", "GS")
# Unihan kIRG_GSource, later extensions: identity-card system, Guangxi place names, People's Daily.
NAME_SOURCES = ("GIDC", "GPGLG", "GRM")


def spread(ranges: Iterable[tuple[int, int]]) -> set[int]:
    """Every code point of inclusive ranges."""
    return {code for first, last in ranges for code in range(first, last + 1)}


def fetch(source: Source, folder: Path) -> bytes:
    """The archive of `source`, from `folder` or fetched into it; ValueError when its hash differs."""
    path = folder / source.file
    if not path.exists():
        subprocess.run(source.command, cwd=folder, check=True)
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != source.sha256:
        raise ValueError(f"{path} is not the published file: its SHA-256 differs")
    return content


def debian_payload(package: bytes) -> bytes:
    """The data.tar of a .deb, which is an `ar` archive of members with 60-byte heads (deb(5), ar(5))."""
    at = len(b"!<arch>\n")
    while at < len(package):
        head = package[at : at + 60]
        size = int(head[48:58])
        if head.startswith(b"data.tar.xz"):
            return lzma.decompress(package[at + 60 : at + 60 + size])
        at += 60 + size + size % 2
    raise ValueError("no data.tar.xz in the Debian package")


def member(archive: bytes, name: str) -> bytes:
    """One file of a tar archive, packed or not."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        content = files.extractfile(name)
        if content is None:
            raise ValueError(f"{name} is not a file of the archive")
        return content.read()


def unihan(payload: bytes, file: str, field: str) -> dict[int, str]:
    """Code point → value of one field of the Unihan database (Unicode Standard Annex 38)."""
    text = bz2.decompress(member(payload, f"./usr/share/unicode/{file}.bz2")).decode()
    found = re.findall(rf"^U\+(\w+)\t{field}\t(\S+)", text, re.MULTILINE)
    return {int(code, 16): value for code, value in found}


def write_subset(font: bytes, codes: set[int], name: str, file: str) -> set[int]:
    """Write the glyphs of `codes` as core/fonts/<file>, named `name`, and return the characters it has."""
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, glyph_names=False)
    options.drop_tables += ["BASE", "FFTM", "GDEF", "GPOS", "GSUB", "STAT", "gasp", "prop", "vhea", "vmtx"]
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    face = TTFont(io.BytesIO(font), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(face)
    for record in face["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = name
    face.save(FONTS / file)
    return set(face.getBestCmap())


def licence(source: Source, archive: bytes, inside: str, file: str) -> None:
    text = member(archive, inside).decode()
    (FONTS / file).write_text(text, encoding="utf-8")
    print(f"{file}: licence of {source.file}")


def make(folder: Path) -> None:
    """Write every font, licence and character list of core/fonts."""
    sans, serif = fetch(SANS, folder), fetch(SERIF, folder)
    hanazono = debian_payload(fetch(HANAZONO, folder))
    tables = debian_payload(fetch(UNIHAN, folder))
    standard = unihan(tables, "Unihan_OtherMappings.txt", "kTGH")
    in_order = sorted(standard, key=lambda code: int(standard[code].split(":")[1]))
    (FONTS / "standard-characters.txt").write_text("".join(map(chr, in_order)) + "\n", encoding="utf-8")

    origin = unihan(tables, "Unihan_IRGSources.txt", "kIRG_GSource")
    names = {code for code, source in origin.items() if source.split("-")[0] in NAME_SOURCES}
    listed = {code for code, source in origin.items() if source.split("-")[0] in CHARACTER_SETS}
    rare = UNIFIED | (EXTENSION_A & listed)
    has = write_noto(sans, serif, set(standard) | spread(COMMON), rare)
    write_hanazono(hanazono, (rare | spread(COMMON) | spread(SYMBOLS) | names | WANTED) - has)

    licence(SANS, sans, "package/LICENSE_FONT", "OFL-noto-sans-sc.txt")
    licence(SERIF, serif, "package/LICENSE_FONT", "OFL-noto-serif-sc.txt")
    licence(HANAZONO, hanazono, "./usr/share/doc/fonts-hanazono/copyright", "LICENCE-hanazono.txt")


def write_noto(sans: bytes, serif: bytes, plain: set[int], rare: set[int]) -> set[int]:
    """The faces with the characters of `plain` each, and one file for `rare`; returns all they have."""
    regular = member(sans, "package/400Regular/NotoSansSC_400Regular.ttf")
    bold = member(sans, "package/700Bold/NotoSansSC_700Bold.ttf")
    song = member(serif, "package/400Regular/NotoSerifSC_400Regular.ttf")
    has = write_subset(regular, plain | spread(SYMBOLS), "KitSansSC-Regular", "sans-regular.ttf")
    write_subset(bold, plain, "KitSansSC-Bold", "sans-bold.ttf")
    write_subset(song, plain, "KitSerifSC-Regular", "serif-regular.ttf")
    return has | write_subset(regular, rare - has, "KitSansSC-Rare", "sans-rare.ttf")


def write_hanazono(hanazono: bytes, missing: set[int]) -> None:
    """What the Noto fonts lack."""
    files = "./usr/share/fonts/truetype/hanazono/HanaMin"
    has = write_subset(member(hanazono, f"{files}A.ttf"), missing, "KitMincho-A", "mincho-a.ttf")
    write_subset(member(hanazono, f"{files}B.ttf"), missing - has, "KitMincho-B", "mincho-b.ttf")


def main() -> None:
    if len(sys.argv) > 1:
        make(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder))
    for path in sorted(FONTS.glob("*.ttf")):
        print(f"{path.name}: {path.stat().st_size:,} bytes, {len(TTFont(path).getBestCmap()):,} characters")


if __name__ == "__main__":
    main()
