"""The Chinese catalogue: read, held against every text of the sources, and compiled without gettext's tools.

`python -m config.translations` writes django.mo anew and names what is wrong with django.po; the tests demand that
nothing is. Formats: https://www.gnu.org/software/gettext/manual/html_node/PO-Files.html and MO-Files.html.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "core" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
COMPILED = CATALOGUE.with_suffix(".mo")
PLAIN = {"_", "gettext", "gettext_lazy", "gettext_noop"}
IN_CONTEXT = {"pgettext", "pgettext_lazy"}
COUNTED = {"ngettext", "ngettext_lazy"}
MARKED = re.compile(r"""\b(?:_|[np]?gettext)\((?:u?'(?:[^'\\]|\\.)*'|u?"(?:[^"\\]|\\.)*"|, |count)+\)""")
FIELD = re.compile(r'(?:(msgctxt|msgid|msgid_plural|msgstr|msgstr\[0\])\s+)?(".*")')
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|\{\w*\}")
# Chinese characters and their own marks; between them and at their side marks are of full width (GB/T 15834).
CHINESE = "[\u3000-\u303f\u3400-\u9fff\uff01-\uffef]"
NARROW = re.compile(rf"(?<={CHINESE})[(),:;!?]|[(),:;!?](?={CHINESE})")
MO_MAGIC, MO_HEAD = 0x950412DE, 28


@dataclass(frozen=True)
class Entry:
    """A translation, and whether somebody marked it as doubtful."""

    text: str
    fuzzy: bool


def source_texts(root: Path) -> dict[str, str]:
    """Every text to translate in the rooms' code and templates, with the first file it stands in.

    Keys are those of the catalogue: context and U+0004 before a text, U+0000 and the plural behind it. Raises
    ValueError where what is to be translated is not a plain text, and would therefore never be found.
    """
    found: dict[str, str] = {}
    rooms = sorted(package.parent for package in root.glob("*/__init__.py") if package.parent.name != "tests")
    for path in (path for room in rooms for path in sorted(room.rglob("*"))):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            texts = list(code_texts(path.read_text("utf-8"), name))
        elif "templates" in path.parts and path.is_file():
            texts = list(template_texts(path.read_text("utf-8"), name))
        else:
            continue
        for text in texts:
            found.setdefault(text, name)
    return found


def code_texts(source: str, name: str) -> Iterator[str]:
    """The texts that a Python file gives to gettext, in the order of its lines."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        called = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if called in PLAIN:
            yield _words(call, 1, name)[0]
        elif called in IN_CONTEXT:
            yield "\x04".join(_words(call, 2, name))
        elif called in COUNTED:
            yield "\x00".join(_words(call, 2, name))


def template_texts(source: str, name: str) -> Iterator[str]:
    """The texts of {% translate %} and {% blocktranslate %} in a template."""
    for marked in MARKED.finditer(templatize(source)):
        yield from code_texts(marked[0], name)


def _words(call: ast.Call, count: int, name: str) -> list[str]:
    words = [node.value for node in call.args[:count] if isinstance(node, ast.Constant)]
    if len(words) != count or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{name}:{call.lineno}: only a plain text can be translated")
    return [str(word) for word in words]


def read_catalogue(text: str) -> dict[str, Entry]:
    """The entries of a .po file by their keys; ValueError at a line that is none, or a key that stands twice."""
    entries: dict[str, Entry] = {}
    for block in re.split(r"\n\s*\n", text.strip()):
        fields = _fields(block)
        key = fields["msgid"]
        if "msgctxt" in fields:
            key = f"{fields['msgctxt']}\x04{key}"
        if "msgid_plural" in fields:
            key = f"{key}\x00{fields['msgid_plural']}"
        if key in entries:
            raise ValueError(f"{key!r} stands twice")
        fuzzy = re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)
        entries[key] = Entry(fields.get("msgstr", fields.get("msgstr[0]", "")), bool(fuzzy))
    return entries


def _fields(block: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    current = ""
    for line in block.splitlines():
        if line.startswith("#"):
            continue
        parts = FIELD.fullmatch(line.strip())
        if not parts or not (parts[1] or current):
            raise ValueError(f"not a line of a catalogue: {line}")
        current = parts[1] or current
        fields[current] = fields.get(current, "") + ast.literal_eval(parts[2])
    return fields


def compiled(entries: Mapping[str, Entry]) -> bytes:
    """The .mo file of these entries: two tables of lengths and offsets, then the texts, each ended by a zero."""
    pairs = sorted((key.encode(), entry.text.encode()) for key, entry in entries.items())
    texts = [key for key, _text in pairs] + [text for _key, text in pairs]
    tables, body, start = b"", b"", MO_HEAD + 8 * len(texts)
    for text in texts:
        tables += struct.pack("<II", len(text), start + len(body))
        body += text + b"\0"
    head = struct.pack("<7I", MO_MAGIC, 0, len(pairs), MO_HEAD, MO_HEAD + 8 * len(pairs), 0, 0)
    return head + tables + body


def faults(entries: Mapping[str, Entry], used: Mapping[str, str]) -> list[str]:
    """What is wrong with a catalogue for these texts, one line each."""
    known = {key: entry for key, entry in entries.items() if key}
    return [
        *(f"missing: {key!r} of {used[key]}" for key in used if key not in known),
        *(f"no longer used: {key!r}" for key in known if key not in used),
        *(f"not translated: {key!r}" for key, entry in known.items() if not entry.text),
        *(f"fuzzy: {key!r}" for key, entry in known.items() if entry.fuzzy),
        *(f"other placeholders: {key!r}" for key, entry in known.items() if _differ(key, entry.text)),
        *(f"half-width marks: {key!r}" for key, entry in known.items() if narrow_marks(entry.text)),
    ]


def narrow_marks(text: str) -> list[str]:
    """Marks of half width beside a Chinese character; what is filled in, %(count)s, counts as a digit."""
    return NARROW.findall(PLACEHOLDER.sub("0", text))


def _differ(key: str, text: str) -> bool:
    """Whether a translation fills in other things than its text, or, of one that counts, than its plural."""
    original = re.split("[\x00\x04]", key)[-1]
    return bool(text) and sorted(PLACEHOLDER.findall(original)) != sorted(PLACEHOLDER.findall(text))


def main() -> int:
    """Compile the catalogue; 1 if something is wrong with it."""
    entries = read_catalogue(CATALOGUE.read_text("utf-8"))
    COMPILED.write_bytes(compiled(entries))
    found = faults(entries, source_texts(ROOT))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
