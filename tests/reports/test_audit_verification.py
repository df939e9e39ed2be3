"""What was altered in the audit log is found and named, whoever altered it; and what the log says of itself."""

from __future__ import annotations

import base64
import datetime
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from core import audit_verification
from core.audit import seal_entries
from core.models import AuditEntry, AuditLink, AuditVerification
from reports.audit_checkpoints import make_checkpoint, verify_audit
from reports.seal import fingerprint
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by
from tests.reports.tampering import COLUMNS, REFORGE, Tamperer, entry_at, rule_the_database, write_entry
from tests.world import World

NOW = timezone.now()
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
COVERED = 30


def write(count: int, at: datetime.datetime = NOW) -> None:
    """So many entries, each after a number that was taken and not used."""
    execute(
        "INSERT INTO core_auditentry (county, at, actor, command, action, subject, result, code, address, request_id)"
        " SELECT '522633', %s::timestamptz + unused * interval '1 second', nullif(n %% 3, 0), gen_random_uuid(),"
        " 'POST deeds/', 'deed ' || n, 'done', '', '192.0.2.1', n FROM ("
        " SELECT n, nextval('core_auditentry_id_seq') AS unused FROM generate_series(1, %s) AS n) AS numbered",
        [at, count],
    )


@pytest.fixture
def log(db: None) -> None:
    """Thirty entries under a checkpoint of two days ago, five sealed since, two that wait; numbered by the county."""
    execute("CREATE SEQUENCE county_522633_entries")
    write(COVERED, NOW - 3 * DAY)
    seal_entries(NOW - 3 * DAY)
    make_checkpoint(NOW - 2 * DAY)
    write(5, NOW - 2 * HOUR)
    seal_entries(NOW - HOUR)
    write(2, NOW - HOUR)


def printed_checkpoints() -> str:
    """What whoever runs the installation keeps elsewhere."""
    printed = io.StringIO()
    call_command("audit_checkpoints", stdout=printed)
    return printed.getvalue()


@contextmanager
def undone() -> Iterator[None]:
    start = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(start)


def test_log_that_nobody_altered_has_no_fault(log: None) -> None:
    found = verify_audit(at=NOW)

    assert (found.faults, found.count, found.through, found.waiting) == ([], 0, COVERED + 5, 2)
    assert found.oldest == AuditEntry.objects.order_by("-pk")[1].at
    run = AuditVerification.objects.get()
    assert (run.at, run.through, run.waiting, run.faults, run.first_entry) == (NOW, COVERED + 5, 2, 0, None)


def missed(seeds: range) -> list[tuple[int, Any, Any]]:
    """The tamperings that are not found, or not where they begin."""
    rule_the_database()
    wrong = []
    for seed in seeds:
        with undone():
            expected = Tamperer(seed, COVERED).act()
            found = verify_audit(at=NOW)
        first = (found.faults[0].position, found.faults[0].entry) if found.faults else None
        if first != expected:
            wrong.append((seed, expected, first))
    return wrong


def test_hundred_tamperings_are_found_where_they_begin(log: None) -> None:
    assert missed(range(100)) == []
    assert verify_audit(at=NOW).count == 0


@pytest.mark.long
def test_thousand_tamperings_are_found_where_they_begin(log: None) -> None:
    assert missed(range(1000, 2000)) == []


@pytest.mark.parametrize("column", sorted(COLUMNS))
def test_every_column_of_an_entry_is_covered(log: None, column: str) -> None:
    rule_the_database()
    position, entry = Tamperer(1, COVERED).edit_column(column)

    found = verify_audit(at=NOW)

    assert [(fault.position, fault.entry) for fault in found.faults] == [(position, entry)]


@pytest.mark.parametrize("moment", ["20000-01-01", "294276-12-31", "0044-03-15 BC", "infinity", "-infinity"])
@pytest.mark.parametrize("column", ["at", "sealed_at"])
def test_moment_that_no_reader_can_hold_is_named(log: None, column: str, moment: str) -> None:
    rule_the_database()
    execute("ALTER TABLE core_auditentry DROP CONSTRAINT audit_entry_of_our_age")
    execute("ALTER TABLE core_auditlink DROP CONSTRAINT audit_link_of_our_age")
    waiting = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    if column == "at":
        execute("UPDATE core_auditentry SET at = %s WHERE id IN (%s, %s)", [moment, entry_at(7), waiting])
    else:
        execute("UPDATE core_auditlink SET sealed_at = %s WHERE position = 7", [moment])

    found = verify_audit(at=NOW)

    named = [(7, entry_at(7)), *([(None, waiting)] if column == "at" else [])]
    assert [(fault.position, fault.entry) for fault in found.faults] == named


def test_moment_is_named_though_its_hashes_fit(log: None) -> None:
    rule_the_database()
    execute("ALTER TABLE core_auditentry DROP CONSTRAINT audit_entry_of_our_age")
    execute("UPDATE core_auditentry SET at = '20000-01-01' WHERE id = %s", [entry_at(35)])
    execute("UPDATE core_auditentry e SET digest = audit_digest(e) WHERE id = %s", [entry_at(35)])
    execute(REFORGE, [35])

    assert [str(fault) for fault in verify_audit(at=NOW).faults] == [
        f"entry {entry_at(35)}: position 35: the entry is of no moment of our age"
    ]


def test_no_edit_is_found_where_digests_are_not_compared(log: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a verifier that takes the stored digest for true."""
    rule_the_database()
    for column in set(COLUMNS) - {"digest", "address", "origin"}:
        Tamperer(7, COVERED).edit_column(column)
    assert verify_audit(at=NOW).count == 1

    def stored(entry: Any) -> tuple[bytes]:
        return (bytes(AuditEntry.objects.get(pk=entry.id).digest),)

    monkeypatch.setattr(audit_verification, "entry_digests", stored)

    assert verify_audit(at=NOW).count == 0


def test_cut_after_the_last_checkpoint_is_found_by_one_kept_elsewhere(log: None, tmp_path: Path) -> None:
    make_checkpoint(NOW)
    kept, hashes = tmp_path / "checkpoints.json", tmp_path / "hashes.json"
    kept.write_text(printed_checkpoints(), encoding="utf-8")
    hashes.write_bytes(APIClient().get("/api/v1/public/audit-checkpoints/").content)
    for file in (kept, hashes):
        with undone():
            call_command("verify_audit", checkpoints=file)
    rule_the_database()
    execute("DELETE FROM core_auditlink WHERE position > 30")
    execute("DELETE FROM core_auditentry WHERE id NOT IN (SELECT entry FROM core_auditlink)")
    execute("DELETE FROM reports_auditcheckpoint WHERE position > 30")

    call_command("verify_audit")
    with pytest.raises(CommandError, match="position 31: the chain ends before position 37"):
        call_command("verify_audit", checkpoints=kept)
    with pytest.raises(
        CommandError, match=f"the checkpoint of {NOW.date()} that was kept elsewhere is not here"
    ):
        call_command("verify_audit", checkpoints=hashes)


def cut_after(position: int) -> None:
    execute("DELETE FROM core_auditlink WHERE position > %s", [position])
    execute("DELETE FROM core_auditentry WHERE id NOT IN (SELECT entry FROM core_auditlink)")


def test_cut_is_found_by_the_verification_before(log: None) -> None:
    assert verify_audit(at=NOW).count == 0
    rule_the_database()
    cut_after(33)

    run = f"the verification of {NOW.astimezone(datetime.UTC):%Y-%m-%d %H:%M} UTC"
    for _night in range(2):
        assert [str(fault) for fault in verify_audit(at=NOW).faults] == [
            f"position 34: the chain ends before position 35, which {run} covers"
        ]


def test_cut_is_found_though_the_chain_grew_again(log: None) -> None:
    verify_audit(at=NOW)
    rule_the_database()
    cut_after(33)
    execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")
    execute("ALTER TABLE core_auditlink ENABLE TRIGGER USER")
    write(9, NOW)
    seal_entries(NOW)

    for _night in range(2):
        (fault,) = verify_audit(at=NOW).faults
        assert (fault.position, fault.entry) == (31, entry_at(31))
        assert "from here on is not what the verification of" in fault.what


def test_entry_before_the_first_is_named(log: None) -> None:
    rule_the_database()
    write_entry(-5)
    assert [(fault.position, fault.entry) for fault in verify_audit(at=NOW).faults] == [(None, -5)]

    execute("ALTER TABLE core_auditlink ENABLE TRIGGER USER")
    seal_entries(NOW, everything=True)

    assert [(fault.position, fault.entry) for fault in verify_audit(at=NOW).faults] == [(36, -5)]


def test_early_forgotten_address_is_found(log: None) -> None:
    rule_the_database()
    entry = AuditEntry.objects.earliest("pk").pk
    execute("DELETE FROM core_auditaddress WHERE entry = %s", [entry])

    assert [fault.entry for fault in verify_audit(at=NOW).faults] == [entry]
    assert verify_audit(at=NOW + 200 * DAY).count == 0


def test_command_names_the_first_bad_entry_and_fails(log: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_audit")
    told = capsys.readouterr().out
    assert "2 entries are not sealed yet, the oldest for" in told
    assert "35 entries are as they were sealed." in told

    rule_the_database()
    position, entry = Tamperer(3, COVERED).edit_column("subject")
    with pytest.raises(CommandError, match="altered: 1 faults"):
        call_command("verify_audit")
    named = f"entry {entry}: position {position}: the entry is not what was written"
    assert named in capsys.readouterr().out


def test_file_without_checkpoints_is_refused(db: None, tmp_path: Path) -> None:
    file = tmp_path / "no.json"
    for content in ("", "[]", '{"results": [{}]}', '{"results": [{"content": "{}"}]}'):
        file.write_text(content)
        with pytest.raises(CommandError, match="holds no checkpoints"):
            call_command("verify_audit", checkpoints=file)


def test_checkpoint_is_made_once_a_day_and_bound_to_the_one_before(db: None) -> None:
    assert make_checkpoint(NOW) is None
    write(3)

    first, again, second = make_checkpoint(NOW - DAY), make_checkpoint(NOW - DAY), make_checkpoint(NOW)

    assert first is not None
    assert second is not None
    assert again is None
    content = json.loads(bytes(second.content))
    assert (content["position"], content["previous_sha256"]) == (3, first.sha256)
    assert content["chain"] == bytes(AuditLink.objects.get(position=3).chain).hex()


def test_two_at_once_make_one_checkpoint(cloned_db: str) -> None:
    write(50)

    made = together([make_checkpoint] * 3)

    assert sorted(type(each).__name__ for each in made) == ["AuditCheckpoint", "NoneType", "NoneType"]
    assert AuditLink.objects.count() == 50


FORGERIES = {
    "signature = sha512('x')": "signature",
    "sha256 = repeat('0', 64)": "not stored as it was signed",
    "position = position - 1": "not stored as it was signed",
    "day = day - 1": "not stored as it was signed",
}


@pytest.mark.parametrize("change", FORGERIES)
def test_forged_checkpoint_is_found(log: None, change: str) -> None:
    drop_guard("reports_auditcheckpoint_append_only")
    execute(f"UPDATE reports_auditcheckpoint SET {change}")

    assert any(FORGERIES[change] in fault.what for fault in verify_audit(at=NOW).faults)


NO_CHECKPOINTS = [
    b"", b"x", b"\xff", b"[]", b"{}", b"[" * 100_000,
    b'{"day": 1, "position": null}', b'{"day": 1, "position": 1e999}',
]  # fmt: skip


@pytest.mark.parametrize("content", NO_CHECKPOINTS)
def test_checkpoint_that_is_none_is_named(log: None, content: bytes) -> None:
    execute(
        "INSERT INTO reports_auditcheckpoint (day, position, content, sha256, key_id, signature)"
        " SELECT day + 1, 30, %s, '', key_id, '' FROM reports_auditcheckpoint",
        [content],
    )

    faults = [fault.what for fault in verify_audit(at=NOW).faults]

    assert f"the checkpoint of {(NOW - DAY).date()} cannot be read" in faults
    assert len(faults) == 2


def test_deleted_checkpoint_is_found_by_the_next(log: None) -> None:
    make_checkpoint(NOW)
    drop_guard("reports_auditcheckpoint_append_only")
    execute("DELETE FROM reports_auditcheckpoint WHERE position = 30")

    faults = verify_audit(at=NOW).faults

    assert [fault.what for fault in faults] == [
        f"the checkpoint before that of {NOW.date()} is not the one that was signed"
    ]


@pytest.mark.parametrize("statement", ["UPDATE {} SET day = day", "DELETE FROM {}", "TRUNCATE {}"])
def test_checkpoints_stay(log: None, statement: str) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")

    with refused_by("reports_auditcheckpoint_append_only"):
        execute(statement.format("reports_auditcheckpoint"))


def test_hashes_of_checkpoints_are_public_and_not_how_much_was_written(log: None) -> None:
    (shown,) = APIClient().get("/api/v1/public/audit-checkpoints/").json()["results"]
    (row,) = World().signed("auditor").get("audit/checkpoints/").json()["results"]

    assert shown == row
    assert set(row) == {"day", "sha256", "key", "signature"}
    (told,) = json.loads(printed_checkpoints())["results"]
    assert (told["day"], told["sha256"]) == (row["day"], fingerprint(told["content"].encode()))
    assert json.loads(told["content"])["position"] == COVERED


@pytest.mark.parametrize("moment", ["20000-01-01", "0044-03-15 BC", "infinity", "-infinity"])
def test_entry_that_cannot_be_read_is_listed_and_named(world: World, moment: str) -> None:
    """One row that a superuser poisoned does not hide the others from the auditor."""
    write(3, NOW - HOUR)
    rule_the_database()
    execute("ALTER TABLE core_auditentry DROP CONSTRAINT audit_entry_of_our_age")
    execute("ALTER TABLE core_auditentry DROP CONSTRAINT audit_result_known")
    poisoned = AuditEntry.objects.order_by("pk")[1].pk
    execute("UPDATE core_auditentry SET at = %s, result = E'\\x1b[2J' WHERE id = %s", [moment, poisoned])
    auditor, browser = world.signed("auditor"), Client(headers={"Accept-Language": "en"})
    browser.force_login(world.person("auditor"))

    rows = auditor.get("audit/").json()["results"]

    assert [row["id"] for row in rows if row["at"] is None] == [2]
    assert len(rows) == 3
    assert "entry 2 cannot be read" in browser.get("/audit/").content.decode()
    file = auditor.get("audit/", format="csv").getvalue().decode()
    assert len(file.splitlines()) == 1 + 3
    assert auditor.get("audit/chain/").json()["waiting"] == 3
    assert poisoned in {fault.entry for fault in verify_audit(at=NOW).faults}


def test_checkpoint_that_cannot_be_read_is_listed_and_hides_no_other(log: None) -> None:
    for day, content in (("day + 1", b"\xff\xfe"), ("date '20000-01-01'", b"{}"), ("date 'infinity'", b"{}")):
        execute(
            "INSERT INTO reports_auditcheckpoint (day, position, content, sha256, key_id, signature)"
            f" SELECT {day}, 30, %s, '', key_id, '' FROM reports_auditcheckpoint ORDER BY id LIMIT 1",
            [content],
        )

    shown = World().signed("auditor").get("audit/checkpoints/").json()["results"]

    assert len(shown) == 2
    assert len(json.loads(printed_checkpoints())["results"]) == 2
    assert "a checkpoint is of no day of our age" in {fault.what for fault in verify_audit(at=NOW).faults}
    assert make_checkpoint(NOW) is not None


def test_sealing_command_tells_how_many(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    write(3)

    call_command("seal_audit")
    call_command("seal_audit", all=True)

    assert capsys.readouterr().out == "3 entries sealed\n0 entries sealed\n"


def test_auditor_reads_what_is_sealed_and_what_was_verified(world: World) -> None:
    auditor = world.signed("auditor")
    empty = auditor.get("audit/chain/").json()
    write(2, NOW - HOUR)
    seal_entries(NOW)
    write(1, NOW)
    verify_audit(at=NOW)

    state = auditor.get("audit/chain/").json()
    rows = auditor.get("audit/").json()["results"]

    assert set(empty.values()) == {0, None}
    assert (state["waiting"], state["checkpoint"], state["faults"]) == (1, None, 0)
    assert [(row["id"], row["sealed"], row["address"]) for row in rows] == [
        (3, False, "192.0.2.1"), (2, True, "192.0.2.1"), (1, True, "192.0.2.1"),
    ]  # fmt: skip


def test_auditors_screen_says_what_is_sealed_and_where_the_first_fault_is(world: World) -> None:
    browser = Client(headers={"Accept-Language": "en"})
    browser.force_login(world.person("auditor"))
    assert "The log has not been verified yet." in browser.get("/audit/").content.decode()

    write(2, NOW - HOUR)
    assert "Entries of the county: 2, the oldest since" in browser.get("/audit/").content.decode()

    make_checkpoint(NOW)
    verify_audit(at=NOW)
    page = browser.get("/audit/").content.decode()
    assert "Every entry of the county is in the chain." in page
    assert "found the log as it was sealed" in page

    rule_the_database()
    _position, entry = Tamperer(1, 2).edit_column("subject")
    verify_audit(at=NOW)
    page = browser.get("/audit/").content.decode()
    assert "found 1 entries of the county altered" in page
    assert f"The first is entry {AuditEntry.objects.get(pk=entry).number}." in page

    execute("DELETE FROM core_auditlink")
    verify_audit(at=NOW)
    assert not World.signed(world, "auditor").get("audit/chain/").json()["chain_whole"]
    execute("UPDATE core_auditentry SET digest = audit_digest(core_auditentry)")
    AuditVerification.objects.create(
        at=NOW, through=0, waiting=0, faults=1, by_county={"": {"faults": 1, "first": None}}
    )
    assert "the chain was cut or altered" in browser.get("/audit/").content.decode()


def test_auditor_is_told_of_the_county_s_own_entries_alone(world: World) -> None:
    """Neither number, cursor, count nor fault says how much another county wrote, or what was found there."""
    ours, theirs = world.signed("auditor"), world.signed("auditor", foreign=True)
    for county, count in ((world.county, 3), (world.neighbour, 40), (world.county, 2)):
        execute(
            "INSERT INTO core_auditentry (county, at, command, action, subject, result, code, request_id)"
            " SELECT %s, %s, gen_random_uuid(), 'POST deeds/', 'deed ' || n, 'done', '', n"
            " FROM generate_series(1, %s) AS n",
            [county.pk, NOW - HOUR, count],
        )
    make_checkpoint(NOW)
    rule_the_database()
    altered = AuditEntry.objects.filter(county=world.neighbour.pk).order_by("pk")[4]
    execute("UPDATE core_auditentry SET subject = 'x' WHERE id = %s", [altered.pk])
    run = verify_audit(at=NOW)

    page = ours.get("audit/", page_size=2).json()
    states = [signed.get("audit/chain/").json() for signed in (ours, theirs)]

    assert run.count >= 1
    assert [row["id"] for row in ours.get("audit/").json()["results"]] == [5, 4, 3, 2, 1]
    assert base64.b64decode(page["next"].split("cursor=")[1].split("&")[0].replace("%3D", "=")) == b"p=4"
    assert [(state["faults"], state["first_entry"]) for state in states] == [(0, None), (1, 5)]
    assert not {"position", "command_id", "first_position"} & {*page["results"][0], *states[0]}
