"""The audit log's chain as the database makes it: digests, addresses apart, links, and sealing by many at once."""

from __future__ import annotations

import datetime
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.audit import forget_addresses, seal_entries
from core.audit_bytes import START, Written, commitment, entry_digest, link_hash
from core.models import AuditAddress, AuditEntry, AuditLink
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, refused_by, value

NOW = timezone.now()
DAY = datetime.timedelta(days=1)
TEXTS = ["", " ", "POST donations/", "张三·药", "👍🏽", "a\nb", "\\x00", "'", "é", "é"]


def write(action: str = "POST deeds/", **columns: Any) -> AuditEntry:
    entry = {"county": "522633", "at": NOW, "command": uuid.uuid4(), "result": "done", **columns}
    return AuditEntry.objects.create(action=action, **entry)


def positions() -> list[tuple[int, int]]:
    return list(AuditLink.objects.order_by("position").values_list("position", "entry"))


@pytest.mark.parametrize("actor", [None, 0, 2**62])
def test_digest_is_the_same_computed_anew(db: None, actor: int | None) -> None:
    for number, text in enumerate(TEXTS):
        write(
            text, actor=actor, subject=TEXTS[-number], code=text[:60], request_id=text,
            county=text[:6], at=NOW - number * datetime.timedelta(microseconds=10**number), address="2001:db8::1",
        )  # fmt: skip

    for entry in AuditEntry.objects.all():
        written = Written(*(getattr(entry, name) for name in Written._fields))
        assert bytes(entry.digest) == entry_digest(written._replace(origin=bytes(entry.origin)))


def test_digest_of_the_writer_is_not_taken(db: None) -> None:
    entry = write(digest=b"x" * 32)

    entry.refresh_from_db()
    assert bytes(entry.digest) == entry_digest(Written(*(getattr(entry, name) for name in Written._fields)))


def test_pieces_that_run_together_have_different_bytes() -> None:
    one = Written(1, "", NOW, None, uuid.UUID(int=0), "a", "bc", "done", "", None, "")

    others = [one._replace(action="ab", subject="c"), one._replace(action="", subject="abc")]
    others += [one._replace(actor=0), one._replace(origin=b""), one._replace(id=11)]

    numbered = [one._replace(number=number) for number in (1, 2)]
    assert len({entry_digest(each) for each in [one, *others, *numbered]}) == 8


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_address_stands_apart_behind_a_salted_commitment(db: None, address: str) -> None:
    first, second = write(address=address), write(address=address)

    for entry in (first, second):
        entry.refresh_from_db()
        apart = AuditAddress.objects.get(pk=entry.pk)
        assert (entry.address, apart.address, len(bytes(apart.salt))) == (None, address, 32)
        assert bytes(entry.origin) == commitment(bytes(apart.salt), address)
    assert bytes(first.origin) != bytes(second.origin)


def test_entry_without_address_has_none_apart(db: None) -> None:
    write()

    assert AuditEntry.objects.get().origin is None
    assert not AuditAddress.objects.exists()


def test_address_in_the_open_is_refused(db: None) -> None:
    execute("ALTER TABLE core_auditentry DISABLE TRIGGER written")

    with refused_by("audit_address_apart"):
        write(address="192.0.2.1")


def test_installation_keeps_addresses_longer_if_it_says_so(db: None, settings: Any) -> None:
    settings.ADDRESS_DAYS = 365
    write(address="192.0.2.1", at=NOW - 366 * DAY)
    write(address="192.0.2.2", at=NOW - 364 * DAY)

    assert forget_addresses() == 1


def test_addresses_are_forgotten_after_180_days_and_the_chain_holds(db: None) -> None:
    old = write(address="192.0.2.1", at=NOW - 181 * DAY)
    young = write(address="192.0.2.2", at=NOW - 179 * DAY)

    assert (forget_addresses(), forget_addresses()) == (1, 0)

    assert list(AuditAddress.objects.values_list("entry", flat=True)) == [young.pk]
    old.refresh_from_db()
    assert old.origin is not None


ADDRESS_BREACHES = {
    "audit_address_kept_180_days": "DELETE FROM core_auditaddress",
    "audit_address_as_written": "UPDATE core_auditaddress SET address = '192.0.2.9'",
}


@pytest.mark.parametrize("guard", ADDRESS_BREACHES)
def test_address_stays_as_written_for_180_days(db: None, guard: str) -> None:
    write(address="192.0.2.1")

    with refused_by(guard):
        execute(ADDRESS_BREACHES[guard])

    drop_guard(guard)
    assert execute(ADDRESS_BREACHES[guard]) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO core_auditaddress (entry, at, salt, address) VALUES (99, now(), '', '192.0.2.1')",
        "TRUNCATE core_auditaddress",
    ],
)
def test_addresses_come_and_go_with_their_entries_only(db: None, statement: str) -> None:
    with refused_by("audit_address_as_written"):
        execute(statement)


@pytest.mark.parametrize("table", ["core_auditlink", "core_auditverification"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_chain_is_append_only(db: None, table: str, statement: str) -> None:
    column = "entry" if table == "core_auditlink" else "at"

    with refused_by(f"{table}_append_only"):
        execute(statement.format(table, column, column))


def test_entries_are_sealed_once_in_their_order(db: None) -> None:
    first, second = write().pk, write().pk

    assert (seal_entries(NOW), seal_entries(NOW)) == (2, 0)

    third = write().pk
    assert seal_entries(NOW + DAY) == 1
    assert positions() == [(1, first), (2, second), (3, third)]
    before = START
    for link in AuditLink.objects.order_by("position"):
        digest = bytes(AuditEntry.objects.get(pk=link.entry).digest)
        assert bytes(link.chain) == link_hash(before, link.position, link.entry, digest, link.sealed_at)
        assert link.highest == link.entry
        before = bytes(link.chain)


def test_link_says_itself_what_it_is(db: None) -> None:
    entry = write().pk

    execute(
        "INSERT INTO core_auditlink (position, entry, chain, highest, sealed_at) VALUES (77, %s, 'x', 0, now())",
        [entry],
    )

    assert positions() == [(1, entry)]
    assert bytes(AuditLink.objects.get().chain) != b"x"


def test_link_of_no_entry_is_refused(db: None) -> None:
    with refused_by("audit_link_of_entry"):
        execute("INSERT INTO core_auditlink (entry, sealed_at) VALUES (1, now())")


def test_entry_is_linked_once(db: None) -> None:
    entry = write().pk
    seal_entries(NOW)

    with refused_by("audit_link_once"):
        execute("INSERT INTO core_auditlink (entry, sealed_at) VALUES (%s, now())", [entry])


def test_number_of_an_entry_is_the_database_s(db: None) -> None:
    with pytest.raises(Exception, match="GENERATED ALWAYS"), transaction.atomic():
        write(pk=1)


@pytest.mark.parametrize("number", ["-5", "0", "currval('core_auditentry_id_seq') - 1", "1000000000000"])
def test_number_that_was_not_given_is_refused(db: None, number: str) -> None:
    write()
    value("SELECT nextval('core_auditentry_id_seq') + nextval('core_auditentry_id_seq')")
    statement = (
        "INSERT INTO core_auditentry (id, county, at, command, action, subject, result, code, request_id)"
        f" OVERRIDING SYSTEM VALUE VALUES ({number}, '', now(), gen_random_uuid(), '', '', 'done', '', '')"
    )

    with refused_by("audit_entry_numbered"):
        execute(statement)

    drop_guard("audit_entry_numbered")
    assert execute(statement) == 1


def test_day_seals_an_entry_before_the_first(db: None) -> None:
    seal_entries(NOW)
    write()
    execute("ALTER TABLE core_auditentry ALTER COLUMN id SET GENERATED BY DEFAULT")
    drop_guard("audit_entry_numbered")
    write(pk=-5)

    assert seal_entries(NOW, everything=True) == 2
    assert positions()[0] == (1, -5)


def test_verification_beyond_the_chain_is_refused(db: None) -> None:
    statement = "INSERT INTO core_auditverification (at, through, waiting, faults) VALUES (now(), 9, 0, 0)"

    with refused_by("audit_verification_of_chain"):
        execute(statement)

    drop_guard("audit_verification_of_chain")
    assert execute(statement) == 1


def test_minute_looks_back_an_hour_and_the_day_at_all(db: None) -> None:
    late = value("SELECT nextval(pg_get_serial_sequence('core_auditentry', 'id'))")
    write()
    seal_entries(NOW - DAY)
    execute("ALTER TABLE core_auditentry ALTER COLUMN id SET GENERATED BY DEFAULT")
    drop_guard("audit_entry_numbered")
    write(pk=late)

    assert seal_entries(NOW) == 0

    assert seal_entries(NOW, everything=True) == 1
    link = AuditLink.objects.get(position=2)
    assert (link.entry, link.highest) == (late, late + 1)


def test_sealing_looks_at_the_end_of_a_long_log_only(db: None) -> None:
    execute(
        "INSERT INTO core_auditentry (county, at, command, action, subject, result, code, request_id)"
        " SELECT '', now(), gen_random_uuid(), '', '', 'done', '', '' FROM generate_series(1, 3000)"
    )
    seal_entries(NOW - DAY)
    execute("ANALYZE core_auditentry, core_auditlink")
    newest = write().pk

    plan = value(
        "EXPLAIN (FORMAT JSON, ANALYZE) SELECT id FROM core_auditentry e WHERE id > %s"
        " AND NOT EXISTS (SELECT FROM core_auditlink l WHERE l.entry = e.id) ORDER BY id LIMIT 10000",
        [newest - 1],
    )

    assert _rows_read(plan[0]["Plan"]) <= 2


def _rows_read(plan: dict[str, Any]) -> int:
    return max([plan["Actual Rows"], *(_rows_read(each) for each in plan.get("Plans", []))])


def test_entry_that_commits_late_is_sealed_later(cloned_db: str) -> None:
    written, sealed = threading.Event(), threading.Event()

    def slow() -> int:
        with transaction.atomic():
            entry = write("slow").pk
            written.set()
            assert sealed.wait(timeout=20)
        return entry

    def quick() -> tuple[int, int]:
        assert written.wait(timeout=20)
        entry = write("quick").pk
        try:
            return entry, seal_entries(NOW)
        finally:
            sealed.set()

    late, (early, count) = together([slow, quick])  # type: ignore[misc, list-item]

    assert (late < early, count) == (True, 1)
    assert seal_entries(NOW) == 1
    assert positions() == [(1, early), (2, late)]


def test_many_writers_and_sealers_at_once_seal_each_entry_once(cloned_db: str) -> None:
    def writer() -> int:
        for number in range(20):
            with transaction.atomic():
                write(str(number))
        return 0

    def sealer() -> int:
        return sum(seal_entries(NOW) for _turn in range(10))

    counts = together([*[writer] * 4, *[sealer] * 3])
    rest = seal_entries(NOW)

    entries = set(AuditEntry.objects.values_list("pk", flat=True))
    assert [each for each in counts if not isinstance(each, int)] == []
    assert sum(map(int, counts)) + rest == len(entries) == 80  # type: ignore[arg-type]
    assert [position for position, _entry in positions()] == list(range(1, 81))
    assert {entry for _position, entry in positions()} == entries


def without_waiting(work: Callable[[], Any]) -> Any:
    """The work on a connection that gives up as soon as it would wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '1ms'")
    try:
        return work()
    finally:
        execute("RESET lock_timeout")


def test_writers_do_not_wait_for_the_sealer(cloned_db: str) -> None:
    write("first")
    holding, done = threading.Event(), threading.Event()

    def seal_slowly() -> int:
        with transaction.atomic():
            count = seal_entries(NOW)
            holding.set()
            assert done.wait(timeout=20)
        return count

    def writer() -> int:
        assert holding.wait(timeout=20)
        try:
            return without_waiting(lambda: write("second").pk)
        finally:
            done.set()

    count, entry = together([seal_slowly, writer])

    assert (count, isinstance(entry, int)) == (1, True)


MOMENTS = ["20000-01-01", "2200-01-01", "1999-12-31 23:59:59+00", "0044-03-15 BC"]
WRITING = {
    "audit_entry_of_our_age": "INSERT INTO core_auditentry (county, at, command, action, subject, result, code,"
    " request_id) VALUES ('', %s, gen_random_uuid(), '', '', 'done', '', '')",
    "audit_link_of_our_age": "INSERT INTO core_auditlink (entry, sealed_at) SELECT max(id), %s FROM core_auditentry",
    "audit_verification_of_our_age": "INSERT INTO core_auditverification (at, through, waiting, faults)"
    " VALUES (%s, 0, 0, 0)",
}


@pytest.mark.parametrize("guard", WRITING)
def test_moment_of_another_age_is_refused(db: None, guard: str) -> None:
    write()

    for moment in MOMENTS:
        with refused_by(guard):
            execute(WRITING[guard], [moment])

    drop_guard(guard)
    assert execute(WRITING[guard], [MOMENTS[0]]) == 1
