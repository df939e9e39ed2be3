"""A new version is brought up while the old one serves: nothing fails, nobody waits long. The long form only."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.migrations.exceptions import IrreversibleError

from config.processes import wait_until
from tests.faults.chaos import Chaos
from tests.faults.notes import now
from tests.faults.play import PATIENCE, Play, judged, play, report, under_load
from tests.faults.settings import SIZE, needs
from tests.faults.stage import django_on, grant_roles
from tests.faults.versions import Earlier, earlier, lay_out, watching_locks
from tests.faults.web import Web
from tests.served import ROOT

pytestmark = pytest.mark.faults
SECONDS, LOCKED_SECONDS, WAITED_SECONDS = 8, 2.5, 10


@pytest.fixture
def before() -> Earlier:
    found = earlier()
    needs(found, "the history before the newest migrations")
    return found


def take_back(played: Play, before: Earlier) -> None:
    """The tables as the earlier program knows them."""
    with django_on(played.stage.database.url("postgres")):
        try:
            for room, previous, _newest in before.steps:
                call_command("migrate", room, previous, verbosity=0)
        except IrreversibleError as error:
            pytest.fail(f"The newest migration cannot be taken back: {error}")


def upgrade(played: Play) -> None:
    """What docs/operations.md has an operator type, while the earlier program serves."""
    surroundings = os.environ | {"DATABASE_URL": played.stage.database.url("postgres")}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=surroundings, check=True)
    with django_on(played.stage.database.url("postgres")):
        grant_roles()


def test_two_versions_serve_while_the_newest_tables_come(db: None, tmp_path: Path, before: Earlier) -> None:
    begun = now()
    with play(tmp_path) as played:
        take_back(played, before)
        old = Web(played.stage.database.url(), tmp_path, lay_out(before.commit, tmp_path / "earlier"))
        try:
            old.start()
            old.await_ready()
            new, played.proxy.targets = played.proxy.targets, [old.port]
            with watching_locks(played.stage.database) as locks, under_load(played):
                # A service that has just been started is slow to answer the first time.
                assert wait_until(lambda: played.book.acknowledged > 2 * SIZE.clients, PATIENCE)
                changing = now()
                upgrade(played)
                time.sleep(SECONDS)
                changed = now()
                played.proxy.targets = [old.port, *new]
                time.sleep(SECONDS)
        finally:
            old.stop()
        found = judged(played)
        report("two versions", played, Chaos(played.stage, played.book, 0), begun, found)
        attempts = [attempt for note in played.book.notes for attempt in note.attempts]
        waits = [each.told_at - each.sent_at for each in attempts if changing < each.sent_at < changed]
        print(before, f"longest wait for a table {locks.longest:.3f} s, for an answer {max(waits):.2f} s")

        assert found == []
        assert set(played.book.answers()) <= {200, 201, 409, 422}
        assert locks.longest < LOCKED_SECONDS
        assert max(waits) < WAITED_SECONDS
