"""The judge: what the clients wrote down against what stands in the tables, and nothing else.

Every acknowledged command must have had its effect exactly once, every other one not at all: of each kind of effect
the tables hold what the notes say, unit by unit, and nothing that nobody was told of. The kept answer of every key is
the very answer that its client was told, and the log has one entry for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.faults.notes import Note

Effects = Counter[tuple[str, int]]

# What stands in the tables: name of the effect, of what, units.
TABLES = """
    WITH given AS (
        SELECT id FROM donations_donation WHERE found_in_id IS NULL
        EXCEPT SELECT donation_id FROM inventory_stockcount
    )
    SELECT 'donation', id, 1 FROM given
    UNION ALL SELECT 'registered', c.item_id, sum(c.quantity) FROM donations_custodyentry c
        JOIN donations_item i ON i.id = c.item_id JOIN given ON given.id = i.donation_id
        WHERE c.kind IN ('registered', 'refused') GROUP BY c.item_id
    UNION ALL SELECT 'handover', id, 1 FROM donations_handover
    UNION ALL SELECT 'arrived', handover_id, sum(quantity) FROM donations_custodyentry
        WHERE kind = 'received' AND handover_id IS NOT NULL GROUP BY handover_id
    UNION ALL SELECT 'counted', item_id, sum(quantity) FROM donations_custodyentry
        WHERE kind = 'received' AND handover_id IS NULL GROUP BY item_id
    UNION ALL SELECT 'decision', id, quantity FROM inventory_sortingdecision
    UNION ALL SELECT 'accepted', decision_id, sum(quantity) FROM inventory_movement
        WHERE kind = 'accept' GROUP BY decision_id
    UNION ALL SELECT 'plan', id, 1 FROM distribution_plan
    UNION ALL SELECT 'submitted', id, 1 FROM distribution_plan WHERE state IN ('submitted', 'approved')
    UNION ALL SELECT 'approved', id, 1 FROM distribution_plan WHERE state = 'approved'
    UNION ALL SELECT 'shipment', id, 1 FROM distribution_shipment
    UNION ALL SELECT 'dispatched', document_id, sum(quantity) FROM inventory_movement
        WHERE kind = 'dispatch' AND document_type = 'shipment' GROUP BY document_id
    UNION ALL SELECT 'received', document_id, sum(quantity) FROM inventory_movement
        WHERE kind = 'receive' AND document_type = 'shipment' GROUP BY document_id
    UNION ALL SELECT 'dispensing', id, 1 FROM distribution_dispensing
    UNION ALL SELECT 'dispensed', document_id, sum(quantity) FROM inventory_movement
        WHERE kind = 'dispense' GROUP BY document_id
    UNION ALL SELECT 'recall', id, 1 FROM catalogue_recall
    UNION ALL SELECT 'lift', recall_id, count(*) FROM catalogue_recalllift GROUP BY recall_id
    UNION ALL SELECT 'stock count', id, 1 FROM inventory_stockcount
    UNION ALL SELECT 'line counted', count_id, count(*) FROM inventory_countline GROUP BY count_id
    UNION ALL SELECT 'count finished', id, 1 FROM inventory_stockcount WHERE finished_by_id IS NOT NULL
    UNION ALL SELECT 'count abandoned', id, 1 FROM inventory_stockcount WHERE state = 'abandoned'
    UNION ALL SELECT 'count approved', id, 1 FROM inventory_stockcount WHERE state = 'approved'
"""
KEPT = "SELECT key::text, convert_from(answer, 'UTF8'), route FROM core_idempotencyrecord"
LOGGED = "SELECT action, count(*) FROM core_auditentry WHERE result = 'done' GROUP BY action"
NEGATIVE = """
    SELECT b.id, a.state, b.quantity FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id
    WHERE b.quantity < 0 AND a.state NOT IN ('donated', 'converted')"""


@dataclass
class Tables:
    """What the tables hold at one moment."""

    effects: Effects
    answers: dict[str, str]
    routes: dict[str, str]
    logged: Counter[str]
    negative: list[tuple[Any, ...]]

    @classmethod
    def read(cls, session: psycopg.Connection[tuple[Any, ...]]) -> Tables:
        """As they stand, all at one moment."""
        with session.transaction():
            session.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            return cls.read_within(session)

    @classmethod
    def read_within(cls, session: psycopg.Connection[tuple[Any, ...]]) -> Tables:
        """As the session's transaction sees them."""
        effects: Effects = Counter()
        for name, of, units in session.execute(TABLES):
            effects[name, of] += int(units)
        kept = session.execute(KEPT).fetchall()
        logged = Counter(dict(session.execute(LOGGED).fetchall()))
        negative = session.execute(NEGATIVE).fetchall()
        answers = {key: answer for key, answer, _route in kept}
        return cls(effects, answers, {key: route for key, _answer, route in kept}, logged, negative)


def complaints(notes: Iterable[Note], before: Tables, after: Tables) -> list[str]:
    """Everything that the notes and the tables do not agree on; none where nothing was lost and nothing doubled."""
    told = [note for note in notes if note.state == "acknowledged"]
    return [
        *(f"not settled: {note.kind} {note.key}" for note in notes if note.state == "open"),
        *_wrong_effects(told, before.effects, after.effects),
        *_wrong_answers(told, before, after),
        *_wrong_log(told, before, after),
        *(f"below zero: {row}" for row in after.negative),
    ]


def premature(notes: Iterable[Note], before: Tables, now: Tables) -> list[str]:
    """What is wrong while some commands are not settled yet. Each of them was done once, where an answer is kept
    under its key, or not at all: nothing else may stand in the tables beyond what was acknowledged."""
    known = [note for note in notes if note.state == "acknowledged"]
    waiting = [note for note in notes if note.state == "open" and note.key in now.answers]
    silent = [_as_kept(note, now.answers[note.key]) for note in waiting]
    return list(_wrong_effects([*known, *silent], before.effects, now.effects))


def _as_kept(note: Note, answer: str) -> Note:
    """A command as if its client had been told the answer that the server kept."""
    return Note(note.kind, note.who, note.method, note.path, note.body, note.key, note.about, state="acknowledged",
                answer=answer)  # fmt: skip


def _wrong_effects(told: list[Note], before: Effects, after: Effects) -> Iterator[str]:
    due: Effects = Counter()
    for note in told:
        for effect in effects_of(note):
            due[effect] += effects_of(note)[effect]
    grown = Counter(after)
    grown.subtract(before)
    for effect in sorted(due.keys() | grown.keys()):
        if grown[effect] < due[effect]:
            yield f"lost: {effect} {grown[effect]} of {due[effect]}"
        elif grown[effect] > due[effect]:
            yield f"doubled, or nobody's: {effect} {grown[effect]} for {due[effect]}"


def _wrong_answers(told: list[Note], before: Tables, after: Tables) -> Iterator[str]:
    keys = {note.key for note in told}
    for note in told:
        if note.key not in after.answers:
            yield f"lost: no record of {note.kind} {note.key}"
        elif after.answers[note.key] != note.answer:
            yield f"told otherwise than kept: {note.kind} {note.key}"
    for key in after.answers.keys() - before.answers.keys() - keys:
        yield f"nobody's: a record of the key {key}"


def _wrong_log(told: list[Note], before: Tables, after: Tables) -> Iterator[str]:
    """One entry of the log for each acknowledged command of a route."""
    due = Counter(after.routes[note.key] for note in told if note.key in after.routes)
    for route, count in due.items():
        if (logged := after.logged[route] - before.logged[route]) != count:
            yield f"the log has {logged} entries of {route} for {count} commands"


def effects_of(note: Note) -> Effects:
    """What an acknowledged command has done, by what was sent and what was told."""
    said, about = note.said, note.about
    match note.kind:
        case "register":
            items = zip(said["items"], note.body["items"], strict=True)
            units = {("registered", made["id"]): sent["quantity"] for made, sent in items}
            return Counter({("donation", said["id"]): 1} | units)
        case "receive handover":
            return Counter({("arrived", about["handover"]): about["units"]})
        case "count":
            return Counter({("counted", line["item"]): line["counted"] for line in note.body["items"]})
        case "sort":
            made = {row["id"]: row["quantity"] for row in said["decisions"]}
            return Counter(
                {(name, pk): units for pk, units in made.items() for name in ("decision", "accepted")}
            )
        case "dispense":
            units = sum(line["quantity"] for line in note.body["lines"])
            return Counter({("dispensing", said["id"]): 1, ("dispensed", said["id"]): units})
        case "approve":
            shipments = {("shipment", pk): 1 for pk in said["shipments"]}
            return Counter({("approved", about["plan"]): 1} | shipments)
        case "dispatch":
            return Counter({("dispatched", about["shipment"]): about["units"]})
        case "receive":
            units = sum(line["accepted"] for line in note.body["lines"])
            return Counter({("received", about["shipment"]): units})
    return Counter({_plain_effect(note): 1})


def _plain_effect(note: Note) -> tuple[str, int]:
    """The effect of commands that make one thing, or take one thing a step further."""
    said, about = note.said, note.about
    match note.kind:
        case "plan" | "recall":
            return note.kind, said["id"]
        case "hand over":
            return "handover", said["id"]
        case "start stock count":
            return "stock count", said["id"]
        case "submit":
            return "submitted", about["plan"]
        case "lift":
            return "lift", about["recall"]
        case "count lines":
            return "line counted", about["stock_count"]
        case "finish stock count":
            return "count finished", about["stock_count"]
        case "approve stock count":
            return "count approved", about["stock_count"]
        case "abandon stock count":
            return "count abandoned", about["stock_count"]
    raise AssertionError(f"Of {note.kind} nobody knows what it does.")
