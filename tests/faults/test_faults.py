"""Nothing that was acknowledged is lost, nothing is done twice, whatever ends in the middle: shown from outside."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.processes import wait_until
from tests.faults.chaos import Chaos, Step, endless, every_fault_once
from tests.faults.checker import Tables, complaints
from tests.faults.load import KINDS
from tests.faults.notes import Note, now
from tests.faults.play import PATIENCE, RESULTS, Play, judged, play, report, under_load
from tests.faults.proxy import Shares
from tests.faults.settings import IS_LONG, MINUTES, SEED, SERVES_AGAIN_SECONDS, SIZE


def test_what_was_acknowledged_is_kept_once_through_every_fault(db: None, tmp_path: Path) -> None:
    begun = now()
    with play(tmp_path) as played:
        chaos = Chaos(played.stage, played.book, SIZE.outage)
        played.proxy.shares = Shares(request=0.05, answer=0.1, moment=0.05)
        with under_load(played):
            for step in schedule(played, chaos, begun):
                print(step)
                chaos.carry_out(step)
            all_were_played = wait_until(lambda: played.book.kinds() >= KINDS, PATIENCE if IS_LONG else 5)
        assert wait_until(lambda: len(played.stage.web.workers()) == 2, PATIENCE)
        found = judged(played)
        report("faults", played, chaos, begun, found)
        played.book.keep(RESULTS / "notes.jsonl")

        assert found == []
        assert played.book.faults_told() == []
        if IS_LONG:
            assert all_were_played, KINDS - played.book.kinds()
            assert max(max(waits) for waits in chaos.waits.values()) <= SERVES_AGAIN_SECONDS
        else:
            checker_sees_what_is_wrong(played)


def schedule(played: Play, chaos: Chaos, begun: float) -> Iterator[Step]:
    """Every fault once; in the long form then on and on until the goal is reached, or the time is over."""
    yield from every_fault_once(SEED)
    for step in endless(SEED) if IS_LONG else ():
        reached = chaos.kills >= SIZE.kills and played.book.acknowledged >= SIZE.commands
        if reached or now() > begun + 60 * MINUTES:
            return
        yield step


def checker_sees_what_is_wrong(played: Play) -> None:
    """The same notes and tables with something wrong in them: each is complained of."""
    notes, before, after = played.book.notes, played.before, played.tables()
    assert complaints(notes, before, after) == []

    known = next(note for note in notes if note.kind == "dispense" and note.state == "acknowledged")
    made_up = Note(known.kind, known.who, known.method, known.path, known.body, state="acknowledged",
                   answer=known.answer.replace(str(known.said["id"]), "999999999"))  # fmt: skip
    said = complaints([*notes, made_up], before, after)
    assert [line for line in said if "('dispensing', 999999999) 0 of 1" in line]
    assert [line for line in said if line == f"lost: no record of dispense {made_up.key}"]

    forgotten = [note for note in notes if note is not known]
    assert [line for line in complaints(forgotten, before, after) if "nobody's" in line and known.key in line]

    with played.stage.database.session() as session, session.transaction(force_rollback=True):
        double(session, known.said["id"])
        said = complaints(notes, before, Tables.read_within(session))
    assert [line for line in said if line.startswith("doubled, or nobody's: ('dispensing', ")]


def double(session: psycopg.Connection[tuple[object, ...]], dispensing: int) -> None:
    """One row of the hand-outs twice, as a command carried out twice would leave it."""
    names = session.execute(
        "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
        " WHERE table_name = 'distribution_dispensing' AND column_name <> 'id'"
    ).fetchone()
    columns = names and names[0]
    session.execute(
        f"INSERT INTO distribution_dispensing ({columns})"
        f" SELECT {columns} FROM distribution_dispensing WHERE id = %s",
        [dispensing],
    )


@pytest.mark.faults  # the short form drops answers in the story above
def test_dropped_answers_double_nothing(db: None, tmp_path: Path) -> None:
    begun = now()
    with play(tmp_path) as played:
        chaos = Chaos(played.stage, played.book, SIZE.outage)
        played.proxy.shares = Shares(answer=0.1)
        with under_load(played):
            while played.book.acknowledged < SIZE.dropped and now() < begun + 60 * MINUTES:
                time.sleep(0.2)
        found = judged(played)
        report("dropped answers", played, chaos, begun, found)

    assert found == []
