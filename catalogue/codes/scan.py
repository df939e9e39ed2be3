"""What a scanned, photographed or typed code says."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from catalogue.codes.messages import Message, message

Choice = tuple[tuple[str, str], ...]
"""One possible reading of the ambiguous fields: pairs of field name and value as printed."""


@dataclass(frozen=True)
class Expiry:
    """An expiry as the barcode gives it: `raw` digits, the last usable day, precision `day` or `month`."""

    raw: str
    last_usable_day: date
    precision: str


@dataclass(frozen=True)
class Scan:
    """The content of one code. A field is either certain and filled, or it is None.

    `kind`: gs1, ean13, gtin14, drug_id, trace_code, approval_number, import_registration, device_number,
    insurance_code, other_registration (of something that is no medicine) or unknown.
    `certain`: the names of the filled fields, which may fill blanks of a form. `ambiguous`: pairs of field
    name and reason code for what the code mentions but does not say clearly; `choices`: the possible values
    of such fields, the longest first, for a person to pick from by the package.
    `format_ok`: the code is well formed. Nothing here says that it is genuine or registered.
    `text`: the code as read, without white space and scanner prefix.
    """

    kind: str
    text: str
    gtin: str | None = None
    ean13: str | None = None
    drug_id: str | None = None
    approval_number: str | None = None
    import_registration: str | None = None
    device_number: str | None = None
    insurance_code: str | None = None
    trace_code: str | None = None
    lot_number: str | None = None
    serial: str | None = None
    expiry: Expiry | None = None
    produced_on: date | None = None
    certain: tuple[str, ...] = ()
    ambiguous: tuple[tuple[str, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    format_ok: bool = False
    messages: tuple[Message, ...] = ()

    @property
    def box_identity(self) -> str | None:
        """What is unique to this one box, for the warning that it was registered before (回流药): the
        traceability code, or GTIN and serial number; None where the code names no single box."""
        if self.trace_code:
            return self.trace_code
        return f"(01){self.gtin}(21){self.serial}" if self.gtin and self.serial else None


def one_field(kind: str, text: str, field: str, value: str) -> Scan:
    """The scan of a code that says one thing and says it well."""
    scan = Scan(kind, text, certain=(field,), format_ok=True, messages=(message("format_ok"),))
    filled: dict[str, Any] = {field: value}
    return replace(scan, **filled)


def one_doubt(kind: str, text: str, field: str, reason: str, choices: tuple[Choice, ...] = ()) -> Scan:
    """The scan of a code that was meant to say one thing and does not; well formed if there is a choice."""
    return Scan(
        kind,
        text,
        ambiguous=((field, reason),),
        choices=choices,
        format_ok=bool(choices),
        messages=(message(reason),),
    )


def unknown(text: str, reason: str) -> Scan:
    """The scan of what is no known code."""
    return Scan("unknown", text, messages=(message(reason),))
