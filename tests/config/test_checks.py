import os
import subprocess
import sys

import pytest

from config import checks
from config.checks import PARTS, Outcome, main, part, run, run_all, summary

PASSES, FAILS = (
    [sys.executable, "-c", "print('well')"],
    [sys.executable, "-c", "print('ill'); raise SystemExit(4)"],
)


def outcome(checked):
    return run(checked, dict(os.environ), "/nowhere", shown=False)


def test_part_that_passes():
    result = outcome(part("one", "lint", PASSES))

    assert (result.passed, result.output) == (True, "well\n")


def test_part_stops_at_its_first_failing_command():
    result = outcome(part("one", "lint", PASSES, FAILS, PASSES))

    assert (result.passed, result.output) == (False, "well\nill\n")


def test_part_without_its_tool_fails():
    result = outcome(part("one", "lint", ["/nowhere/tool"]))

    assert (result.passed, result.output) == (False, "There is no /nowhere/tool.\n")


def test_part_gets_its_surroundings_and_the_scratch_folder():
    show = [
        sys.executable,
        "-c",
        "import os, sys; print(os.environ['APP_MODE'], sys.argv[1])",
        "{scratch}/file",
    ]

    assert outcome(part("one", "django", show, APP_MODE="production")).output == "production /nowhere/file\n"


def test_all_parts_run_after_a_failure_and_the_tests_come_last(capfd):
    parts = [part("tests", "tests", PASSES), part("bad", "lint", FAILS), part("good", "lint", PASSES)]

    outcomes = list(run_all(parts, dict(os.environ), "/nowhere"))

    assert [(result.part.title, result.passed) for result in outcomes] == [
        ("bad", False),
        ("good", True),
        ("tests", True),
    ]
    assert [line.strip("= ") for line in capfd.readouterr().out.splitlines() if line] == [
        "bad",
        "ill",
        "good",
        "well",
        "tests",
        "well",
    ]


@pytest.mark.parametrize(
    ("second", "last"),
    [(True, ["all", "passed", "10.0", "s"]), (False, ["1", "of", "2", "FAILED", "10.0", "s"])],
)
def test_summary_tells_result_time_and_share(second, last):
    outcomes = [Outcome(PARTS[0], True, 2.5, ""), Outcome(PARTS[-1], second, 7.5, "")]

    lines = summary(outcomes, 10.0).splitlines()

    assert lines[2].split() == ["passed", "ruff", "check", "2.5", "s", "25%"]
    assert lines[3].split() == ["passed" if second else "FAILED", "tests", "7.5", "s", "75%"]
    assert lines[4].split() == last


def test_group_that_does_not_exist_is_refused(capsys):
    assert main(["lint", "everything"]) == 2
    assert capsys.readouterr().err == "There is no group everything of checks.\n"


def test_exit_code_tells_of_a_failed_part():
    script = (
        "import sys; from config import checks\n"
        "checks.PARTS = [checks.part('bad', 'lint', [sys.executable, '-c', 'raise SystemExit(1)'])]\n"
        "sys.exit(checks.main([]))"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout.splitlines()[-1].split("  ")[0]) == (1, "1 of 1 FAILED")


@pytest.mark.parametrize(("groups", "ran"), [([], ["short"]), (["long"], ["season"])])
def test_long_parts_run_only_when_they_are_named(groups, ran, monkeypatch, capfd):
    monkeypatch.setattr(checks, "PARTS", [part("short", "lint", PASSES), part("season", checks.LONG, PASSES)])
    monkeypatch.setattr(checks.signal, "signal", lambda *_: None)

    assert main(groups) == 0

    titles = [line.split()[1] for line in capfd.readouterr().out.splitlines() if line.startswith("passed")]
    assert titles == ran
