"""What the JSON of a published bulletin holds, as JSON Schema (2020-12), the form that OpenAPI 3.1 documents speak.

Closed: a field that is not told here is a fault, so that whoever reads a bulletin finds every figure explained. The
columns of the accounts come from `reports.accounts`, where they are defined.
"""

from __future__ import annotations

import copy
from typing import Any

from reports.accounts import ITEMS, REJECTS, ROAD, STOCK, Book
from reports.content import SCHEMA
from reports.figures import LOCAL_USE, ROUTES
from reports.files.changes import FIGURE_NAME
from reports.files.long_table import FIRST_SCHEMA
from reports.small_cells import MERGED

Schema = dict[str, Any]
NAME = "BulletinContent"
FIRST_NAME = f"{NAME}1"
REFERENCE = {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in (NAME, FIRST_NAME)]}


def _told(kind: str | list[str], words: str, **more: Any) -> Schema:
    return {"type": kind, "description": words, **more}


def _thing(fields: dict[str, Schema], words: str = "", *, optional: tuple[str, ...] = ()) -> Schema:
    """An object with these fields and no others."""
    return {
        "type": "object",
        "properties": fields,
        "required": [name for name in fields if name not in optional],
        "additionalProperties": False,
        **({"description": words} if words else {}),
    }


def _rows(row: Schema, words: str) -> Schema:
    return {"type": "array", "items": row, "description": words}


def _split(words: str) -> Schema:
    """Units by a word; a cell of fewer than five people stands with others in `other`."""
    return {"type": "object", "additionalProperties": {"type": "integer"}, "description": words}


TEXT: Schema = {"type": "string"}
UNITS: Schema = {"type": "integer", "description": "In the medicine's smallest unit."}
DAY: Schema = {"type": "string", "format": "date"}
SHA256 = _told("string", "SHA-256, hexadecimal.", pattern="^[0-9a-f]{64}$")
MAYBE_UNITS: Schema = {"type": ["integer", "null"]}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
MEDICINE = {
    "medicine": _told(["string", "null"], "Code; null where nobody could name it yet."),
    "generic_name": MAYBE_TEXT,
    "dosage_form": MAYBE_TEXT,
    "strength": MAYBE_TEXT,
    "unit": _told(["string", "null"], "The smallest unit, in which every quantity of it is."),
}
CATEGORY = {"category": MAYBE_TEXT}


def _account(book: Book, words: str) -> Schema:
    gains = dict.fromkeys([*book.gains.values(), *book.by_kind.values()], UNITS)
    losses = dict.fromkeys(book.losses.values(), UNITS)
    standing = {f"closing_{state}": UNITS for state in book.inside}
    return _thing({"opening": UNITS, **gains, **losses, "closing": UNITS, **standing}, words)


IDENTITY = _thing(
    {
        "name": TEXT,
        "medicine": MAYBE_TEXT,
        "left": UNITS,
        "right": UNITS,
        "holds": {"type": "boolean"},
    },
    "Two sums that must be equal.",
)
COUNTS = _thing(
    {
        "donations": _told("integer", "笔数: donations registered."),
        "donations_voided": _told("integer", "Donations voided in these days, of whichever day."),
        "hand_outs": _told("integer", "人次: people served, less those taken back."),
        "hand_outs_by_age": _split(
            f"People by age band; of a 本期 small cells stand in `{MERGED}`, 累计 adds up what each 本期 showed."
        ),
        **{
            f"kinds_{step}": _told("integer", f"品种数: medicines {step} in these days.")
            for step in ("registered", "accepted", "allotted", "dispensed")
        },
    },
    "What may be counted across medicines.",
)
LINE = _thing(
    {
        **MEDICINE,
        **CATEGORY,
        "items": _account(ITEMS, "Before stock: everything registered until it is accepted or leaves."),
        "rejected_by_reason": _split("`items.rejected` by reason."),
        "refused": _told("integer", "Refused at the counter; never taken, no part of `items`."),
        "refused_by_reason": _split("`refused` by reason."),
        "rejects": _account(REJECTS, "The sealed bin: rejected, or refused and left."),
        "stock": _account(STOCK, "On the shelf; closing = available + held + reserved."),
        "road": _account(ROAD, "Sent and not yet received."),
        "allotted": _told("integer", "Sent to a clinic side, and kept for local use."),
        "transfers": _thing(
            dict.fromkeys([*ROUTES.values(), LOCAL_USE], UNITS), "What was sent, by where from and where to."
        ),
        "returned": _told("integer", "Sent back from a clinic side to a store."),
        "dispensed_by_age": _split("`stock.dispensed` by age band; small cells stand together."),
    },
    "Table C (收支): one medicine's account of the period.",
)
FIGURES = _thing(
    {
        "period": _thing({"from": DAY, "to": DAY}, "Local days, both included, by day of booking."),
        "counts": COUNTS,
        "medicines": _rows(LINE, "By code of the medicine."),
        "identities": _rows(IDENTITY, "The identities of the accounts and of every split."),
        "identities_hold": {"type": "boolean"},
    }
)
LABEL = {"lot_number": TEXT, "last_usable_day": {"type": ["string", "null"], "format": "date"}}
RECEIVED = _thing(
    {
        "day": DAY,
        **MEDICINE,
        "manufacturer": _told("string", "生产企业, as read at the counter; empty where nobody read it."),
        **LABEL,
        "drop_off_point": TEXT,
        "drop_off_point_name": TEXT,
        "quantity": UNITS,
    }
)
ALLOTTED = _thing({"day": DAY, "clinic": TEXT, "clinic_name": TEXT, **MEDICINE, **LABEL, "quantity": UNITS})
TOWNSHIP = _thing(
    {
        "township": _told(
            "string", f"Code; empty for the county's own places, `{MERGED}` for several small."
        ),
        "township_name": TEXT,
        **MEDICINE,
        **CATEGORY,
        "received": UNITS,
        "allotted": UNITS,
        "dispensed": UNITS,
    }
)
NOT_CLOSED = _thing(
    {
        **MEDICINE,
        "account": _told("string", "items, rejects, stock or road."),
        "state": _told("string", "Where it is, as in `closing_<state>` of the account."),
        "quantity": UNITS,
    }
)
EDITION = {"year": {"type": "integer"}, "number": {"type": "integer"}}
CHANGE = dict.fromkeys(FIGURE_NAME, TEXT)
CORRECTION = {
    "corrects": _thing(
        {**EDITION, "sha256": SHA256, "key": TEXT, "signature": TEXT, "reason": TEXT},
        "Only in a correction (更正公示): the edition it corrects, and why.",
    ),
    "changes": _thing(
        {
            "figures": _rows(
                _thing({**CHANGE, "before": MAYBE_UNITS, "after": MAYBE_UNITS}),
                "Every figure that differs, named by where it stands; by maker where both editions tell makers.",
            ),
            "texts": _rows(_thing({"what": TEXT, "before": MAYBE_TEXT, "after": MAYBE_TEXT}), "Every text."),
        },
        "Only in a correction: what differs from the edition it corrects.",
    ),
}
# What only some kinds have, and what the earliest editions of the first version did not have yet.
OPTIONAL = ("kind", "not_closed", *CORRECTION)
ADDED_EARLY = ("least_people", "townships", "packs", "names", "objection_days")
CONTENT = _thing(
    {
        "schema": {"const": SCHEMA},
        "county": _thing({"code": TEXT, "name": TEXT, "time_zone": TEXT}),
        "campaign": _thing(
            dict.fromkeys(["code", "name", "donee", "coordinator", "contact", "supervision_phone"], TEXT)
        ),
        "year": {"type": ["integer", "null"], "description": "Null before it is published, as `number`."},
        "number": {"type": ["integer", "null"], "description": "第N期, per county and year without gaps."},
        "as_of": _told("string", "截至时刻, in UTC.", format="date-time"),
        "previous_sha256": {**SHA256, "type": ["string", "null"], "description": "Of the edition before it."},
        "this_period": {**FIGURES, "description": "本期"},
        "cumulative": {**FIGURES, "description": "累计, since the campaign began."},
        "least_people": _told(
            "integer", "Of fewer people than this a 本期 shows no cell; 累计 adds up what each 本期 showed."
        ),
        "received": _rows(RECEIVED, "Table A (接收): the rows of this period behind `items.registered`."),
        "allotted": _rows(ALLOTTED, "Table B (分配): the rows of this period behind `allotted`."),
        "townships": _thing(
            {
                "this_period": _rows(TOWNSHIP, "They add up to table C, medicine by medicine."),
                "cumulative": _rows(TOWNSHIP, "The same since the campaign began."),
            },
            "By township; those of few hand-outs in a 本期 stand together, also in 累计.",
        ),
        "packs": _split("Units in a usual box of each medicine: what 折合盒数 is reckoned by."),
        "names": _rows(
            SHA256,
            "爱心名单: for each donor named beside this edition a salted commitment, SHA-256 of the canonical bytes"
            " of {name, salt, schema}; name and salt stand in names.json until the consent is withdrawn.",
        ),
        "objection_days": _told("integer", "公示期, in working days."),
        "table_identities": _rows(IDENTITY, "That tables A and B add up to table C."),
        "kind": {"const": "closing", "description": "Only in a closing account (总公示)."},
        "not_closed": _rows(
            NOT_CLOSED, "Only in a closing account: what is still somewhere, as table C closes."
        ),
        **CORRECTION,
    },
    "The sealed content of a published bulletin. Its canonical bytes (sorted keys, no spaces, UTF-8, whole numbers"
    " only) are what is hashed and signed.",
    optional=OPTIONAL,
)


def _first(content: Schema) -> Schema:
    """The version before: table A told no maker."""
    first = copy.deepcopy(content)
    fields = first["properties"]
    fields["schema"] = {"const": FIRST_SCHEMA}
    for row in (fields["received"]["items"], fields["changes"]["properties"]["figures"]["items"]):
        del row["properties"]["manufacturer"]
        row["required"].remove("manufacturer")
    first["required"] = [name for name in first["required"] if name not in ADDED_EARLY]
    return first


FIRST_CONTENT = _first(CONTENT)


def add_content(result: Schema, generator: Any, request: Any, public: bool) -> Schema:
    """A hook of drf-spectacular: writes both versions' schemas into the document's components."""
    result["components"]["schemas"] |= {NAME: CONTENT, FIRST_NAME: FIRST_CONTENT}
    return result
