"""One entry for whatever a scanner, a photo or a person gives."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from catalogue.codes import gs1
from catalogue.codes.gs1_scan import gs1_scan
from catalogue.codes.messages import CodeError, code_error, message
from catalogue.codes.products import drug_id, ean13, insurance_code
from catalogue.codes.registrations import (
    ApprovalNumber,
    DeviceNumber,
    ImportRegistration,
    approval_number,
    device_number,
    import_registration,
    other_registration,
)
from catalogue.codes.scan import Scan, one_doubt, one_field, unknown
from catalogue.codes.spelling import GROUP_SEPARATOR, LONGEST, barcode_text, mod10_ok
from catalogue.codes.traces import trace_code

# ISO/IEC 15424: the letter is the symbology, the digit says that the content is GS1 element strings.
_GS1_SYMBOLOGIES: Final = frozenset({"C1", "d2", "d5", "Q3", "Q6", "J1", "e0", "e1", "e2"})
_SYMBOLOGY = re.compile(r"\](?P<symbology>[A-Za-z][0-9A-Z])")

Registration = ApprovalNumber | ImportRegistration | DeviceNumber | CodeError
_MARKED: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], Registration]], ...]] = (
    ("approval_number", re.compile("国药准字"), approval_number),
    ("import_registration", re.compile("(?:药品|产品)注册证"), import_registration),
    ("device_number", re.compile("械注|械备|药监械"), device_number),
)


def read_scan(text: str, *, today: date) -> Scan:
    """Say what a code on a package holds. Never raises: what is no known code has kind `unknown`.

    `text` comes from a scanner, with or without a symbology prefix (]d2, ]C1, ]Q3, ]e0) and separators, from
    a photo or from a keyboard. `today` settles the century of GS1 dates and future production dates.
    """
    if len(text) > LONGEST:
        return unknown(text[:50], "too_long")
    symbology, content = _without_prefix(barcode_text(text))
    if not content.strip(GROUP_SEPARATOR):
        return unknown("", "empty")
    return (
        _element_strings(symbology, content, text.strip(), today=today)
        or _digits(symbology, content)
        or _registration(content)
        or _insurance(content)
        or unknown(content, "unknown")
    )


def _without_prefix(content: str) -> tuple[str, str]:
    match = _SYMBOLOGY.match(content)
    return (match["symbology"], content[match.end() :]) if match else ("", content)


def _element_strings(symbology: str, content: str, typed: str, *, today: date) -> Scan | None:
    if content.startswith("(") and content.isascii():
        elements, rest = gs1.bracketed_reading(content)
        return gs1_scan(content, [elements], today=today, complete=not rest) if elements else None
    if typed.lower().startswith(("http://", "https://")):
        elements = gs1.link_reading(typed)
        return gs1_scan(typed, [elements], today=today, complete=True) if elements else None
    if symbology not in _GS1_SYMBOLOGIES and GROUP_SEPARATOR not in content and not _looks_like_gs1(content):
        return None
    readings = gs1.readings(content)
    if readings:
        return gs1_scan(content, readings, today=today, complete=True)
    partial = gs1.partial_reading(content)
    return gs1_scan(content, [partial], today=today, complete=False) if partial else None


def _looks_like_gs1(content: str) -> bool:
    """Whether bare text is element strings: a GTIN leads, and its check digit or all that follows fits.

    Twenty digits are more likely a traceability code: there both must fit, or the check digit of a carton's
    number (00 and 18 digits).
    """
    if re.fullmatch("00[0-9]{18}", content):
        return mod10_ok(content)
    lead = re.match("01([0-9]{14})", content)
    if lead is None:
        return False
    fits = (mod10_ok(lead[1]), bool(gs1.readings(content)))
    return all(fits) if re.fullmatch("[0-9]{20}", content) else any(fits)


def _digits(symbology: str, content: str) -> Scan | None:
    if re.fullmatch("869[0-9]{11}", content):
        return _answer("drug_id", content, drug_id(content))
    if re.fullmatch("[0-9]{13}", content) or (symbology == "E0" and re.fullmatch("[0-9]{12}", content)):
        return _answer("ean13", content, ean13(content))
    if re.fullmatch("[0-9]{14}", content) or (symbology == "E4" and re.fullmatch("[0-9]{8}", content)):
        gtin = content.zfill(14)
        return _answer("gtin14", content, gtin if mod10_ok(gtin) else code_error("check_digit"), field="gtin")
    code = trace_code(content)
    if isinstance(code, CodeError):
        return (
            one_doubt("trace_code", content, "trace_code", code.code) if code.code == "excel_number" else None
        )
    if code.may_be_rounded:
        return one_doubt(
            "trace_code", content, "trace_code", "excel_rounded", ((("trace_code", code.text),),)
        )
    return one_field("trace_code", content, "trace_code", code.text)


def _registration(content: str) -> Scan | None:
    for kind, mark, read in _MARKED:
        if mark.search(content):
            number = read(content)
            return _answer(kind, content, number if isinstance(number, CodeError) else number.text)
    repacked = import_registration(content)
    if isinstance(repacked, ImportRegistration):
        return one_field("import_registration", content, "import_registration", repacked.text)
    if repacked.code == "prefix_missing":
        return _bare_number(content)
    other = other_registration(content)
    return Scan("other_registration", content, messages=(message(other),)) if other else None


def _bare_number(content: str) -> Scan:
    """Eight digits behind a letter: a 批准文号 or an old import registration, whichever is printed before."""
    number = content.upper().removeprefix("批准文号").removeprefix(":")
    spelt = (
        ("approval_number", approval_number(f"国药准字{number}")),
        ("import_registration", import_registration(f"注册证号{number}")),
    )
    choices = tuple(((field, read.text),) for field, read in spelt if not isinstance(read, CodeError))
    return one_doubt("approval_number", content, "approval_number", "prefix_missing", choices)


def _insurance(content: str) -> Scan | None:
    code = insurance_code(content)
    return one_field("insurance_code", content, "insurance_code", code) if isinstance(code, str) else None


def _answer(kind: str, content: str, value: str | CodeError, *, field: str = "") -> Scan:
    if isinstance(value, CodeError):
        return one_doubt(kind, content, field or kind, value.code)
    return one_field(kind, content, field or kind, value)
