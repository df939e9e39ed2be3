"""Everything that guards the code, one part after another; `make test` runs it.

`python -m config.checks` runs all parts but the long ones, `python -m config.checks lint tests` the named ones;
`make test-long` runs those named long, `make faults` those named faults. A private database server is started for
them unless `DATABASE_URL` names one. The exit code is 0 only if every part passed.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.binaries import ServerError
from config.keys import new_key
from config.postgres import check_locale, ensure_database, scratch_server

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
DJANGO = (sys.executable, "manage.py")
SCHEMA = "{scratch}/openapi.yaml"
LONG, FAULTS = "long", "faults"
SHOWN_AS_THEY_GO = {"tests", LONG, FAULTS}
# Two at most: some tests open forty connections, and the server has room for two of them. Files stay in their
# order: the season is one long test, and would else be left to the end, where nothing runs beside it.
SIDE_BY_SIDE = (
    "--numprocesses=auto",
    "--maxprocesses=2",
    "--dist=loadfile",
    "--no-loadscope-reorder",
    "--quiet",
    "--durations=25",
)
TAMPERED = [
    f"tests/reports/test_{name}.py" for name in ("bulletin_files", "closing_accounts", "unit_reports")
]
PRODUCTION = {
    "APP_MODE": "production",
    "APP_HOSTS": "tracker.example",
    "APP_SECRET_KEY": new_key(),
    "APP_DONOR_KEY": new_key(),
    "APP_SIGNING_KEY": new_key(),
}


@dataclass(frozen=True)
class Part:
    """Commands that are run in turn until one fails; `group` is what to call it by with its like."""

    title: str
    group: str
    commands: Sequence[Sequence[str]]
    surroundings: Mapping[str, str]


@dataclass(frozen=True)
class Outcome:
    """How a part ended and how long it took; its output unless it was shown at once."""

    part: Part
    passed: bool
    seconds: float
    output: str


def part(title: str, group: str, *commands: Sequence[str], **surroundings: str) -> Part:
    """A part of the checks."""
    return Part(title, group, commands, surroundings)


PARTS = (
    part("ruff check", "lint", [f"{TOOLS}/ruff", "check"]),
    part("ruff format", "lint", [f"{TOOLS}/ruff", "format", "--check"]),
    part("import order of the rooms", "lint", [f"{TOOLS}/lint-imports"]),
    part("mypy", "lint", [f"{TOOLS}/mypy", "."]),
    part("migrations complete", "django", [*DJANGO, "makemigrations", "--check", "--dry-run"]),
    part("check --deploy", "django", [*DJANGO, "check", "--deploy", "--fail-level", "WARNING"], **PRODUCTION),
    part(
        "OpenAPI schema",
        "django",
        [*DJANGO, "spectacular", "--validate", "--fail-on-warn", "--file", SCHEMA],
        [f"{TOOLS}/openapi-spec-validator", SCHEMA],
    ),
    part("long tests", LONG, [f"{TOOLS}/pytest", "-m", "long", "--capture=no"]),
    # The same tests as always, with a thousand changed bytes instead of a hundred.
    part("tamperings", LONG, [f"{TOOLS}/pytest", *TAMPERED, "-k", "changed_byte"], LONG="1"),
    part("faults", FAULTS, [f"{TOOLS}/pytest", "tests/faults", "-m", "not long", "--capture=no"]),
    part("tests", "tests", [f"{TOOLS}/pytest", *SIDE_BY_SIDE]),
)


def main(groups: Sequence[str]) -> int:
    """Run the parts of `groups`, without any all but those that take long; 1 if one failed, 2 for an unknown one."""
    unknown = set(groups) - {part.group for part in PARTS}
    if unknown:
        print(f"There is no group {' '.join(sorted(unknown))} of checks.", file=sys.stderr)
        return 2
    chosen = [
        part for part in PARTS if (part.group in groups if groups else part.group not in {LONG, FAULTS})
    ]
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # so that the database's folder is removed as well
    begun = time.monotonic()
    try:
        with surroundings() as common, tempfile.TemporaryDirectory() as scratch:
            outcomes = list(run_all(chosen, common, scratch))
    except ServerError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(summary(outcomes, time.monotonic() - begun), flush=True)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


@contextmanager
def surroundings() -> Iterator[dict[str, str]]:
    """The variables that every part gets: above all a database server, started if none is given."""
    with ExitStack() as stack:
        if not (url := os.environ.get("DATABASE_URL")):
            url = stack.enter_context(scratch_server(in_memory=True)).url("donations")
        ensure_database(url)
        check_locale(url)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("APP_")}
        keys = stack.enter_context(tempfile.TemporaryDirectory())
        yield kept | {"DATABASE_URL": url, "APP_KEYS": keys, "PYTHONUNBUFFERED": "1"}


def run_all(parts: Sequence[Part], common: dict[str, str], scratch: str) -> Iterator[Outcome]:
    """Run the short parts two at a time, showing each whole when it is done, then the tests as they go."""
    short = [part for part in parts if part.group not in SHOWN_AS_THEY_GO]
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(lambda part: run(part, common, scratch, shown=False), short):
            print(headline(outcome.part), outcome.output, sep="\n", end="", flush=True)
            yield outcome
    for part in parts:
        if part.group in SHOWN_AS_THEY_GO:
            print(headline(part), flush=True)
            yield run(part, common, scratch, shown=True)


def run(part: Part, common: dict[str, str], scratch: str, *, shown: bool) -> Outcome:
    """Run one part; its output is shown as it comes, or kept."""
    begun, output, code = time.monotonic(), "", 0
    for command in part.commands:
        words = [word.format(scratch=scratch) for word in command]
        if not shutil.which(words[0]):
            return Outcome(part, False, time.monotonic() - begun, f"{output}There is no {words[0]}.\n")
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=common | dict(part.surroundings),
            stdin=subprocess.DEVNULL,
            stdout=None if shown else subprocess.PIPE,
            stderr=None if shown else subprocess.STDOUT,
            text=True,
            check=False,
        )
        output += done.stdout or ""
        if code := done.returncode:
            break
    return Outcome(part, code == 0, time.monotonic() - begun, output)


def headline(part: Part) -> str:
    """What stands above the output of a part."""
    return f"\n=== {part.title} " + "=" * (70 - len(part.title))


def summary(outcomes: Sequence[Outcome], elapsed: float) -> str:
    """Each part's result and share of the elapsed time; parts that ran side by side add up to more than all."""
    lines = [f"\n=== summary {'=' * 63}"]
    for outcome in outcomes:
        result = "passed" if outcome.passed else "FAILED"
        lines.append(
            f"{result}  {outcome.part.title:<28} {outcome.seconds:7.1f} s  {outcome.seconds / elapsed:5.0%}"
        )
    failed = sum(not outcome.passed for outcome in outcomes)
    lines.append(f"{f'{failed} of {len(outcomes)} FAILED' if failed else 'all passed':<36} {elapsed:7.1f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
