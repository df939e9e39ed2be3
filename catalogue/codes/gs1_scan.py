"""From the possible readings of a GS1 barcode to what is certain, what is doubtful, and why."""

from collections.abc import Sequence
from datetime import date
from typing import Final, TypedDict

from catalogue.codes.gs1 import Elements
from catalogue.codes.gs1_dates import GS1Date, gs1_date, gs1_last_day
from catalogue.codes.messages import message
from catalogue.codes.products import ean13
from catalogue.codes.scan import Choice, Expiry, Scan
from catalogue.codes.spelling import mod10_ok

MOST_CHOICES: Final = 16
"""How many readings a person can be asked to choose from."""

_PARTS: Final = {
    "01": "gtin",
    "10": "lot_number",
    "11": "produced_on",
    "17": "expiry",
    "21": "serial",
    "7003": "expiry_time",
    "8008": "production_time",
}
_FIELDS: Final = {"expiry_time": "expiry", "production_time": "produced_on"}
_VARIABLE: Final = ("lot_number", "serial")
_LOGISTIC: Final = frozenset({"00", "02"})
_MALFORMED: Final = frozenset({"check_digit", "impossible_date", "incomplete"})

Parts = dict[str, tuple[str, ...]]


class _Fields(TypedDict, total=False):
    gtin: str
    ean13: str
    lot_number: str
    serial: str
    expiry: Expiry
    produced_on: date


def gs1_scan(text: str, readings: Sequence[Elements], *, today: date, complete: bool) -> Scan:
    """The scan of a GS1 barcode with these readings, of which there is at least one.

    `complete` is False where a part of the text could not be read; lot and serial number may then hold too
    much and are doubtful.
    """
    variants = [_parts(elements) for elements in readings]
    doubts: dict[str, str] = {}
    clear = _agreed(variants, doubts)
    if not complete:
        doubts |= {name: "incomplete" for name in _VARIABLE if name in clear}
    fields = _checked(
        {name: value for name, value in clear.items() if name not in doubts}, doubts, today=today
    )
    reasons = list(dict.fromkeys([*doubts.values(), *([] if complete else ["incomplete"])]))
    if any(identifier in _LOGISTIC for identifier, _ in readings[0]) and "gtin" not in fields:
        reasons.append("logistic_unit")
    format_ok = _MALFORMED.isdisjoint(reasons)
    return Scan(
        "gs1",
        text,
        **fields,
        certain=tuple(fields),
        ambiguous=tuple(doubts.items()),
        choices=_choices(variants, doubts),
        format_ok=format_ok,
        messages=tuple(message(code) for code in [*reasons, *(["format_ok"] if format_ok else [])]),
    )


def _parts(elements: Elements) -> Parts:
    parts: Parts = {}
    for identifier, value in elements:
        name = _PARTS.get(identifier)
        if name and value not in parts.get(name, ()):
            parts[name] = (*parts.get(name, ()), value)
    return parts


def _agreed(variants: list[Parts], doubts: dict[str, str]) -> dict[str, str]:
    """The values on which all readings agree; the others go among the doubts."""
    clear: dict[str, str] = {}
    for name in dict.fromkeys(name for variant in variants for name in variant):
        if len({variant.get(name, ()) for variant in variants}) > 1:
            doubts[_FIELDS.get(name, name)] = "separator_missing"
        elif len(variants[0][name]) > 1:
            doubts[_FIELDS.get(name, name)] = "repeated"
        else:
            clear[name] = variants[0][name][0]
    return clear


def _checked(clear: dict[str, str], doubts: dict[str, str], *, today: date) -> _Fields:
    fields: _Fields = {}
    if "gtin" in clear:
        _check_gtin(clear["gtin"], fields, doubts)
    if "lot_number" in clear:
        fields["lot_number"] = clear["lot_number"]
    if "serial" in clear:
        fields["serial"] = clear["serial"]
    if "expiry" not in doubts:
        _check_expiry(clear, fields, doubts, today=today)
    if "produced_on" not in doubts:
        _check_production(clear, fields, doubts, today=today)
    return fields


def _check_gtin(gtin: str, fields: _Fields, doubts: dict[str, str]) -> None:
    if not mod10_ok(gtin):
        doubts["gtin"] = "check_digit"
        return
    fields["gtin"] = gtin
    code = ean13(gtin[1:]) if gtin.startswith("0") else None
    if isinstance(code, str):
        fields["ean13"] = code


def _check_expiry(clear: dict[str, str], fields: _Fields, doubts: dict[str, str], *, today: date) -> None:
    found: list[tuple[str, GS1Date | None]] = []
    if "expiry" in clear:
        found.append((clear["expiry"], gs1_date(clear["expiry"], today=today)))
    if "expiry_time" in clear:
        found.append((clear["expiry_time"], gs1_last_day(clear["expiry_time"], today=today)))
    days = [Expiry(raw, given.day, given.precision) for raw, given in found if given]
    if len(days) < len(found):
        doubts["expiry"] = "impossible_date"
    elif len({raw[:6] for raw, _ in found}) > 1:
        doubts["expiry"] = "dates_disagree"
    elif days:
        fields["expiry"] = min(days, key=lambda expiry: expiry.last_usable_day)


def _check_production(clear: dict[str, str], fields: _Fields, doubts: dict[str, str], *, today: date) -> None:
    raw = clear.get("produced_on") or clear.get("production_time")
    if raw is None:
        return
    produced = gs1_date(raw[:6], today=today)
    expiry = fields.get("expiry")
    if produced is None:
        doubts["produced_on"] = "impossible_date"
    elif expiry and produced.day > expiry.last_usable_day:
        doubts["produced_on"] = "after_expiry"
    elif produced.day > today and produced.precision == "day":
        doubts["produced_on"] = "in_the_future"
    elif produced.precision == "day":
        fields["produced_on"] = produced.day


def _choices(variants: list[Parts], doubts: dict[str, str]) -> tuple[Choice, ...]:
    """The possible values of the fields that a lost separator or a repetition left open."""
    open_fields = {name for name, reason in doubts.items() if reason in {"separator_missing", "repeated"}}
    choices = []
    for variant in variants:
        choice = [
            (_FIELDS.get(name, name), value)
            for name, values in variant.items()
            if _FIELDS.get(name, name) in open_fields
            for value in values
        ]
        choices.append(tuple(choice))
    return tuple(dict.fromkeys(choice for choice in choices if choice))[:MOST_CHOICES]
