"""deploy/: what stands there names programs, commands, settings and figures that there are."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from granian.cli import cli

from catalogue.photos import LARGEST_BYTES
from config.figures_of_operation import operation
from config.observing import SECONDS
from reports.unit_api import ScanParser
from tests.plain_sql import value

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY, UNITS = ROOT / "deploy", ROOT / "deploy" / "systemd"
PLACE = "/opt/donations"
# Of the trial and of `make`, not of an installation; and what the units themselves set.
OF_THE_TRIAL = {"PORT", "RESET", "SEASON", "NO_DEV"}
OF_UNITS = {"PROMETHEUS_MULTIPROC_DIR"}
# Between our own processes, and Django's and make's own.
INTERNAL = {"DATA", "DJANGO_SETTINGS_MODULE", "MAKELEVEL", "TRIAL_ROLES"}
WORST_EXPOSURE = 2.0


def started(unit: Path) -> Iterator[list[str]]:
    """The command lines of a unit, word by word."""
    text = unit.read_text().replace("\\\n", " ")
    for line in re.findall(r"^ExecStart=(.*)$", text, re.MULTILINE):
        yield shlex.split(line)


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda path: path.stem)
def test_unit_starts_what_there_is(unit: Path) -> None:
    commands = list(started(unit))

    assert commands
    for program, *words in commands:
        assert (ROOT / Path(program).relative_to(PLACE)).is_file()
        if words[0] == "manage.py":
            command = load_command_class(get_commands()[words[1]], words[1])
            command.create_parser("manage.py", words[1]).parse_args(words[2:])
        else:
            assert words[:2] == ["-m", "config.server"]
            cli.make_context("granian", words[2:], resilient_parsing=True)
            known = {option for parameter in cli.params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known


def test_every_service_is_started_by_a_timer_or_with_the_machine() -> None:
    installed = {unit.stem for unit in UNITS.glob("*.service") if "[Install]" in unit.read_text()}
    timed = {unit.stem for unit in UNITS.glob("*.timer")}

    assert installed | timed == {unit.stem for unit in UNITS.glob("*.service")}
    assert {"donations-server", "donations-sealer"} == installed
    assert {"donations-housekeeping", "donations-checkpoint", "donations-backup", "donations-drill"} <= timed


def test_jobs_that_are_due_together_wait_for_each_other() -> None:
    """Two that make backups at once refuse each other, and a rehearsal wants the newest."""
    waits = {
        job: set(re.findall(r"donations-[a-z-]+\.service", after))
        for job in ("backup", "drill")
        for after in re.findall(
            r"^After=(.*)$", (UNITS / f"donations-{job}.service").read_text(), re.MULTILINE
        )
    }

    base, dump = "donations-base-backup.service", "donations-backup.service"
    assert waits == {"backup": {base}, "drill": {base, dump}}


def test_only_the_drill_is_shown_the_private_key() -> None:
    shown = {
        unit.stem for unit in UNITS.rglob("*") if unit.is_file() and "backup-identity" in unit.read_text()
    }

    assert shown == {"donations-drill"}


@pytest.mark.long  # needs systemd
def test_systemd_understands_the_units_and_finds_them_closed(tmp_path: Path) -> None:
    shutil.copytree(UNITS, tmp_path / "units")
    for unit in (tmp_path / "units").rglob("*.*"):
        if unit.is_file():
            unit.write_text(unit.read_text().replace(PLACE, str(ROOT)))
    names = sorted(str(path) for path in (tmp_path / "units").glob("donations-*.*") if path.is_file())
    surroundings = {
        "SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:",
        "PATH": "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
    }

    told = subprocess.run(
        ["systemd-analyze", "verify", *names], capture_output=True, text=True, env=surroundings, check=False
    )
    exposures = {}
    for name in (name for name in names if name.endswith(".service")):
        rated = subprocess.run(
            ["systemd-analyze", "security", "--offline=true", name],
            capture_output=True,
            text=True,
            env=surroundings,
            check=True,
        )
        exposures[Path(name).stem] = float(re.findall(r"exposure level for .*: ([\d.]+)", rated.stdout)[0])

    assert told.stderr == ""
    assert {name: level for name, level in exposures.items() if level > WORST_EXPOSURE} == {}


def read_by_the_program() -> set[str]:
    """Every variable that the program reads."""
    found: set[str] = set()
    for path in [*ROOT.glob("config/**/*.py"), *ROOT.glob("deploy/*.py"), ROOT / "manage.py"]:
        text = path.read_text()
        found |= set(re.findall(r'environ(?:\.get\(|\[|\.setdefault\()\s*"([A-Z_]+)"', text))
        found |= {f"APP_{name.upper()}_KEY_OTHER" for name in re.findall(r'read_other_key\("(\w+)"', text)}
        found |= {f"APP_{name.upper()}_KEY" for name in re.findall(r'read_key\("(\w+)"', text)}
    return found - INTERNAL


def test_settings_are_documented_and_templated_as_they_are_read() -> None:
    documented = set()
    for line in (ROOT / "docs" / "settings.md").read_text().splitlines():
        if line.startswith("| `"):
            documented |= set(re.findall(r"`([A-Z_]+)`", line.split("|")[1]))
    templates = "".join((DEPLOY / name).read_text() for name in ("environment.example", "secrets.example"))
    templated = re.findall(r"^#?([A-Z_]+)=", templates, re.MULTILINE)

    assert documented == read_by_the_program()
    assert sorted(templated) == sorted(documented - OF_THE_TRIAL - OF_UNITS)


def test_proxy_lets_through_what_the_program_takes_and_knows_its_addresses() -> None:
    text = (DEPLOY / "nginx" / "donations.conf").read_text()

    (size,) = re.findall(r"client_max_body_size (\d+)m;", text)
    assert int(size) * 2**20 >= max(LARGEST_BYTES, ScanParser.limit) + 2**19
    for address in ("/sign-in/", "/api/v1/auth/", "/api/v1/public/", "/api/v1/metrics/"):
        assert f"{address} {{" in text
    assert "$request_uri '" not in text
    told = [json.loads(words) for words in re.findall(r"return [45]\d\d '(.+)';", text)]
    assert [(each["status"], each["code"]) for each in told] == [
        (403, "https_required"), (413, "body_too_large"), (429, "throttled"), (503, "service_unavailable"),
    ]  # fmt: skip
    assert all(set(each) == {"type", "title", "status", "code", "detail", "errors"} for each in told)
    (known,) = re.findall(r'"(~.+?)" \$binary_remote_addr\$donations_browser;', text)
    python = known[1:].replace("(?<", "(?P<")
    assert re.search(python, f"a=b; __Host-browser={'x' * 43}; c=d")
    assert not re.search(python, f"__Host-browser={'x' * 44}")
    assert "$remote_addr;" in (DEPLOY / "nginx" / "donations-proxy.conf").read_text()


def test_alerts_ask_for_figures_that_there_are_and_are_explained(db: None) -> None:
    text, runbook = (
        (DEPLOY / "prometheus" / "alerts.yml").read_text(),
        (ROOT / "docs/operations.md").read_text(),
    )
    known = {sample.name for metric in operation().collect() for sample in metric.samples}
    # These stand there once there is something to tell of.
    known |= {"donations_audit_verified_timestamp_seconds", "donations_restore_drill_timestamp_seconds"}
    known |= {"donations_replica_serving"}
    known |= {f"{metric.name}_{part}" for metric in SECONDS.collect() for part in ("count", "bucket")}

    assert set(re.findall(r"donations_\w+", text)) <= known
    alarms = re.findall(r"alert: (\w+)", text)
    assert [alarm for alarm in alarms if f"| {alarm} |" not in runbook] == []


def test_postgresql_knows_its_settings_and_archives_within_a_minute(db: None) -> None:
    text = (DEPLOY / "postgresql" / "donations.conf").read_text()
    settings = dict(re.findall(r"^(\w+) = (.*)$", text, re.MULTILINE))

    unknown = [
        name for name in settings if value("SELECT count(*) FROM pg_settings WHERE name = %s", [name]) == 0
    ]
    assert unknown == []
    assert int(settings["archive_timeout"]) <= 50
    assert f"{PLACE}/deploy/wal store" in settings["archive_command"]
