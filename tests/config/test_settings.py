"""Production says what it is, or does not start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.keys import new_key

ROOT = Path(__file__).resolve().parent.parent.parent
WHOLE = {
    "APP_MODE": "production",
    "APP_HOSTS": "tracker.example",
    "APP_SECRET_KEY": new_key(),
    "APP_DONOR_KEY": new_key(),
    "APP_SIGNING_KEY": new_key(),
    "DATABASE_URL": "postgresql://tracker@db.example/tracker",
    "PATH": os.environ["PATH"],
}


def start(surroundings: dict[str, str], keys: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import config.settings"]
    env = {**surroundings, "APP_KEYS": str(keys)}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_production_starts_with_everything_it_needs(tmp_path: Path) -> None:
    assert start(WHOLE, tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"APP_DEBUG": "1"}, "APP_DEBUG"),
        ({"APP_HOSTS": "*"}, "APP_HOSTS"),
        ({"APP_HOSTS": "tracker.example,*"}, "APP_HOSTS"),
        ({"APP_ADDRESS_DAYS": "179"}, "APP_ADDRESS_DAYS"),
        ({"APP_HOSTS": None}, "APP_HOSTS"),
        ({"APP_SECRET_KEY": None}, "APP_SECRET_KEY"),
        ({"APP_DONOR_KEY": None}, "APP_DONOR_KEY"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
    ],
)
def test_production_refuses_to_start(change: dict[str, str | None], told: str, tmp_path: Path) -> None:
    surroundings = {name: value for name, value in {**WHOLE, **change}.items() if value is not None}

    ended = start(surroundings, tmp_path)

    assert ended.returncode == 1
    assert told in ended.stderr.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []
