"""Where a donor's medicines went (公益事业捐赠法 art. 21: donors may ask how their gift was used).

Medicines of the same batch are pooled on one shelf, so beyond the shelf the answer is about the batch and says how
many donors filled it. Nobody is named. What stands in stores is told by township, what clinics have left as being
with clinics, and what was lost or destroyed by its number. How many people were handed
something of it is told in steps of five (`hand_outs`: at least so many; None: fewer than five), for a receipt can be
looked up every day.
A constant number of statements.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from catalogue.screening_facts import Outcome
from catalogue.screening_rules import ROWS
from core.errors import NotFound
from core.language import in_language, reads_english
from core.receipt_codes import ReceiptCodeError, parse_receipt_code
from donations.models import CustodyEntry, Donation, Handover, Item
from organisation.queries import policy_of
from reports.accounts import ITEMS, Flow, split
from reports.errors import ReceiptCodeInvalid
from reports.figures import REASONS, medicine_content
from reports.small_cells import LEAST, in_steps

WORDS = {row.code: (row.decided_zh, row.decided_en) for row in ROWS}
REFUSING = {row.code for row in ROWS if row.counter == Outcome.REFUSE}

Standing = tuple[str, str, str, int]

# The batches that an item was accepted into, each with those that its units may stand under now: labels that were
# corrected, boxes that were opened.
BATCHES = """
SELECT item_id, root_id, ARRAY(SELECT batches_after(ARRAY[root_id])) FROM (
    SELECT DISTINCT d.item_id, m.batch_id AS root_id
    FROM inventory_sortingdecision d
    JOIN inventory_movement m ON m.decision_id = d.id AND m.kind = 'accept'
    WHERE d.item_id = ANY (%s) AND NOT EXISTS (SELECT 1 FROM inventory_movement r WHERE r.reverses_id = m.id)
) went ORDER BY item_id, root_id
"""
# Of each such batch the donors who may be behind what went on from it: also those whose units were put to it after a
# box was opened or a label corrected.
POOLS = """
SELECT b.id, b.lot_number, b.last_usable_day, (
    SELECT count(DISTINCT n.donor_id)
    FROM inventory_movement m
    JOIN inventory_sortingdecision d ON d.id = m.decision_id
    JOIN donations_item i ON i.id = d.item_id
    JOIN donations_donation n ON n.id = i.donation_id
    WHERE m.batch_id IN (SELECT batches_before(ARRAY(SELECT batches_after(ARRAY[b.id])))) AND m.kind = 'accept'
        AND NOT EXISTS (SELECT 1 FROM inventory_movement r WHERE r.reverses_id = m.id)
)
FROM inventory_batch b WHERE b.id = ANY (%s)
"""
CLINICS = """
SELECT DISTINCT m.batch_id, p.code, p.name
FROM inventory_movement m
JOIN inventory_account a ON a.id = m.to_account_id AND a.side = 'clinic'
JOIN organisation_place p ON p.id = a.place_id
WHERE m.batch_id = ANY (%s) AND m.kind IN ('receive', 'local_use')
    AND NOT EXISTS (SELECT 1 FROM inventory_movement r WHERE r.reverses_id = m.id)
ORDER BY p.code
"""
HAND_OUTS = """
SELECT DISTINCT m.batch_id, g.id, g.recipients
FROM inventory_movement m
JOIN distribution_dispensing g ON g.id = m.document_id AND g.county_id = m.county_id
WHERE m.batch_id = ANY (%s) AND m.kind = 'dispense' AND m.document_type = 'dispensing'
    AND NOT EXISTS (SELECT 1 FROM inventory_movement r WHERE r.reverses_id = m.id)
"""
# Of each such batch where units of it stand: in which township's stores, on the road, or with clinics, of which it is
# not said which, for what a clinic has on its shelf can cause a run; and how many are gone that nobody was handed.
STANDING = """
SELECT batch_id, stands, CASE WHEN stands IN ('store', 'road') THEN coalesce(code, '') ELSE '' END,
    CASE WHEN stands IN ('store', 'road') THEN coalesce(name, '') ELSE '' END, sum(quantity)
FROM (
    SELECT b.batch_id, b.quantity, d.code, d.name,
        CASE WHEN b.state = 'in_transit' THEN 'road' WHEN b.state IN ('lost', 'destroyed', 'adjusted') THEN b.state
            WHEN a.side = 'clinic' THEN 'clinic' ELSE 'store' END AS stands
    FROM inventory_balance b
    JOIN inventory_account a ON a.id = b.account_id
    JOIN organisation_place p ON p.id = a.place_id
    LEFT JOIN organisation_division d ON d.code = p.township_id
    WHERE b.batch_id = ANY (%s) AND b.quantity > 0
        AND b.state IN ('available', 'held', 'reserved', 'in_transit', 'lost', 'destroyed', 'adjusted')
) found GROUP BY 1, 2, 3, 4
"""
GONE = ("lost", "destroyed", "adjusted")


def read_code(typed: str) -> str:
    """A receipt code as it was given out; ReceiptCodeInvalid if it is mistyped."""
    try:
        return parse_receipt_code(typed)
    except ReceiptCodeError as error:
        raise ReceiptCodeInvalid(in_language(error.message, error.message_en)) from None


def trace(typed_code: str) -> dict[str, Any]:
    """The answer to a receipt code; ReceiptCodeInvalid if mistyped, NotFound if nobody was given it."""
    code = read_code(typed_code)
    donation = (
        Donation.objects.filter(receipt_code=code.replace("-", ""), found_in__isnull=True)
        .select_related("place", "county")
        .first()
    )
    if donation is None:
        raise NotFound
    items = list(donation.items.select_related("medicine").order_by("line"))
    entries = _entries(donation)
    batches = _batches([item.pk for item in items])
    words = _words(policy_of(donation.county_id).min_days)
    return {
        "receipt_code": code,
        "county": donation.county.name,
        "drop_off_point": donation.place.name,
        "received_on": str(donation.received_on),
        "items": [_item(item, entries[item.pk], batches.get(item.pk, []), words) for item in items],
        "note": _(
            "Medicines of one batch stand on one shelf: beyond it we can say where the batch went, "
            "not which of its units were yours."
        ),
        "least_people": LEAST,
    }


def _entries(donation: Donation) -> defaultdict[int | None, list[CustodyEntry]]:
    by_item: defaultdict[int | None, list[CustodyEntry]] = defaultdict(list)
    for entry in CustodyEntry.objects.filter(item__donation=donation).select_related("handover"):
        by_item[entry.item_id].append(entry)
    return by_item


def _item(
    item: Item, entries: list[CustodyEntry], batches: list[dict[str, Any]], words: Mapping[str, str]
) -> dict[str, Any]:
    """What became of an item's units; they add up to what was registered and found beyond it."""
    flows = [Flow(e.kind, e.from_state, e.to_state, e.reason, during=e.quantity) for e in entries]
    account = ITEMS.account(flows)
    refused = split(flows, target="refused", known=REASONS)
    rejected = split([f for f in flows if f.source != "refused"], target="in_bin", known=REASONS)
    on_the_way = any(e.handover and e.handover.state == Handover.State.OPEN for e in entries)
    # Units of a group that was counted and fell short: nobody's in particular.
    lost_in_group = 0 if on_the_way else account.standing["on_the_way"]
    return {
        "line": item.line,
        **medicine_content(item.medicine),
        **({} if item.medicine else {"unit": item.unit or None}),
        "description": "" if item.medicine else item.description,
        "registered": item.quantity,
        "surplus": account["surplus"],
        "accepted": account["accepted"],
        "refused": sum(refused.values()),
        "rejected": account["rejected"],
        "voided": account["voided"],
        "waiting": account.closing - lost_in_group,
        "missing": account["missing"],
        "missing_from_group": lost_in_group,
        "reasons": _reasons(item, refused, rejected, words),
        "batches": batches,
    }


def _reasons(
    item: Item, refused: Mapping[str, int], rejected: Mapping[str, int], words: Mapping[str, str]
) -> list[dict[str, Any]]:
    at_counter = [
        {**_reason(code, units, words), "also": _also(item, code, words)} for code, units in refused.items()
    ]
    return at_counter + [{**_reason(code, units, words), "also": []} for code, units in rejected.items()]


def _reason(code: str, units: int, words: Mapping[str, str]) -> dict[str, Any]:
    return {"code": code, "message": words.get(code, _("Other")), "quantity": units}


def _also(item: Item, first: str, words: Mapping[str, str]) -> list[str]:
    """The other reasons for which the counter refuses an item: units are counted under one, the donor is told all."""
    said = {words[code] for code in [first] if code in words}
    others = (words[code] for code in item.reasons if code in REFUSING and code != first)
    return [each for each in dict.fromkeys(others) if each not in said]


def _batches(item_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """The batches an item went into, with how many donors filled each and where it went."""
    went = _select(BATCHES, item_ids)
    every = sorted({batch for _item_id, _root, batches in went for batch in batches})
    labels = {
        batch: label for batch, *label in _select(POOLS, sorted({root for _item, root, _batches in went}))
    }
    clinics = _by_batch(_select(CLINICS, every))
    hand_outs = _by_batch(_select(HAND_OUTS, every))
    standing: defaultdict[int, list[Standing]] = defaultdict(list)
    for batch, where, township, name, units in _select(STANDING, every):
        standing[batch].append((where, township, name, int(units)))
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for item_id, root, batches in went:
        lot, last_day, donors = labels[root]
        places = {place for batch in batches for place in clinics[batch]}
        stands = [each for batch in batches for each in standing[batch]]
        found[item_id].append(
            {
                "lot_number": lot,
                "last_usable_day": last_day and str(last_day),
                "donors": donors,
                "clinics": [{"code": code, "name": name} for code, name in sorted(places)],
                "standing": _standing({each[:3] for each in stands if each[0] not in GONE}),
                "gone": _gone(stands),
                "hand_outs": in_steps(sum(dict(chain(*(hand_outs[batch] for batch in batches))).values())),
            }
        )
    return found


def _standing(found: Iterable[tuple[str, str, str]]) -> list[dict[str, str]]:
    """Where units of a batch stand, in stores by township; places in none are the county's own."""
    return [
        {
            "where": where,
            "township": township,
            "name": name or (_("clinics") if where == "clinic" else _("the county's own institutions")),
        }
        for where, township, name in sorted(found)
    ]


def _gone(stands: Iterable[Standing]) -> dict[str, int]:
    """How many units of the batch, of whichever donor, were lost, destroyed, or not found at a stock count."""
    gone: Counter[str] = Counter()
    for where, _township, _name, units in stands:
        gone[where] += units if where in GONE else 0
    return {how: gone[how] for how in GONE if gone[how]}


def _select(sql: str, ids: list[int]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [ids])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _by_batch(rows: Iterable[tuple[Any, ...]]) -> defaultdict[int, list[tuple[Any, Any]]]:
    grouped: defaultdict[int, list[tuple[Any, Any]]] = defaultdict(list)
    for batch, first, second in rows:
        grouped[batch].append((first, second))
    return grouped


def _words(min_days: int) -> dict[str, str]:
    language = 1 if reads_english() else 0
    return {code: words[language].format(min_days=min_days) for code, words in WORDS.items()}
