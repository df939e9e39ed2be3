"""The one wrapper of every state change: once, whole, repeated on lost races, with its audit entry."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError, transaction

from core.commands import ANSWER_LIMIT, ATTEMPTS, Act, Answer, Caller, Done, body_mac, run_command
from core.errors import Conflict, DomainError, KeyInProgress, KeyReused, refusal_for
from core.models import AuditAddress, AuditEntry, IdempotencyRecord
from donations.errors import ReceiptCodeUsed
from inventory.errors import ShortStock
from organisation.models import County
from tests.cloned import together
from tests.plain_sql import Books, execute, refused_by, value
from tests.world import TODAY, World

ACT = Act(actor_id=7, county_id="522633", on=TODAY)
RAISE = "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{}'; END $$"


class Refused(DomainError):
    code = "refused_here"
    status = 409


def caller(key: uuid.UUID | None = None, route: str = "POST deeds/") -> Caller:
    return Caller(route, key, "192.0.2.1", "request-1")


def run(
    work: Callable[[], Done], key: uuid.UUID | None = None, *, body: Any = None, act: Act = ACT
) -> Answer:
    return run_command(act=act, caller=caller(key), body=body or {}, work=work)


def make_county(code: str) -> None:
    County.objects.create(code=code, name="county")


def audit() -> list[tuple[str, str, str]]:
    return list(AuditEntry.objects.order_by("id").values_list("result", "code", "subject"))


class Counted:
    """Work that makes a county named after how often it was begun, failing first as often as told."""

    def __init__(self, fail: str = "", times: int = 0) -> None:
        self.fail, self.times, self.begun = fail, times, 0

    def __call__(self) -> Done:
        self.begun += 1
        make_county(f"99000{self.begun}")
        if self.begun <= self.times:
            execute(self.fail)
        return Done({"begun": self.begun}, subject=f"county/{self.begun}")


@pytest.fixture
def copy(cloned_db: str) -> str:
    """A database of its own in which commands commit."""
    return cloned_db


def test_command_done_and_written_down(db: None) -> None:
    key = uuid.uuid4()

    answer = run(Counted(), key)

    entry, record = AuditEntry.objects.get(), IdempotencyRecord.objects.get()
    assert (answer.body, answer.status, answer.replayed) == (b'{"begun": 1}', 201, False)
    assert (entry.actor, entry.county, entry.action, entry.command) == (
        7,
        "522633",
        "POST deeds/",
        ACT.command,
    )
    assert (entry.result, entry.subject, entry.request_id) == ("done", "county/1", "request-1")
    assert AuditAddress.objects.get(pk=entry.pk).address == "192.0.2.1"
    assert (record.person, record.route, record.key, record.status) == (7, "POST deeds/", key, 201)
    assert bytes(record.answer) == answer.body


def test_same_key_and_body_answered_again(db: None) -> None:
    key, work = uuid.uuid4(), Counted()

    first, again = run(work, key, body={"a": 1, "b": 2}), run(work, key, body={"b": 2, "a": 1})

    assert (again.body, again.status, again.replayed) == (first.body, first.status, True)
    assert work.begun == 1
    assert len(audit()) == 1


@pytest.mark.parametrize("other", [{"a": 2}, {"a": "1"}, {"a": True}, {"a": None}, {}, [{"a": 1}]])
def test_same_key_with_other_body_refused(db: None, other: Any) -> None:
    key, work = uuid.uuid4(), Counted()
    run(work, key, body={"a": 1})

    with pytest.raises(KeyReused):
        run(work, key, body=other)

    assert work.begun == 1


def test_same_key_of_another_person_or_route_is_another(db: None) -> None:
    key = uuid.uuid4()
    other = Act(actor_id=8, county_id="522633", on=TODAY)

    run(lambda: Done({"n": 1}), key)
    by_other = run(lambda: Done({"n": 2}), key, act=other)
    elsewhere = run_command(act=ACT, caller=caller(key, "POST else/"), body={}, work=lambda: Done({"n": 3}))

    assert (by_other.body, elsewhere.body) == (b'{"n": 2}', b'{"n": 3}')


def test_command_without_key_keeps_none(db: None) -> None:
    run(Counted())

    assert IdempotencyRecord.objects.count() == 0
    assert len(audit()) == 1


def test_refusal_rolls_back_and_is_written_down(db: None) -> None:
    def work() -> Done:
        make_county("990001")
        raise Refused

    with pytest.raises(Refused):
        run(work, uuid.uuid4())

    assert County.objects.count() == 0
    assert audit() == [("refused", "refused_here", "")]
    assert IdempotencyRecord.objects.count() == 0


def test_key_of_a_refused_command_may_try_again(db: None) -> None:
    key = uuid.uuid4()

    def refuse() -> Done:
        raise Refused

    with pytest.raises(Refused):
        run(refuse, key)
    answer = run(Counted(), key)

    assert (answer.status, answer.replayed) == (201, False)


def test_broken_constraint_becomes_its_refusal(world: World) -> None:
    books = Books(world)
    batch = books.batch()
    available, dispensed = books.account("available"), books.account("dispensed")

    with pytest.raises(ShortStock) as caught:
        run(lambda: Done({"id": books.move("dispense", available, dispensed, 1, batch)}))

    assert (caught.value.status, caught.value.code) == (409, "short_stock")
    assert audit() == [("refused", "short_stock", "")]


def test_broken_constraint_of_no_class_becomes_a_conflict(db: None) -> None:
    with pytest.raises(Conflict):
        run(lambda: make_county("six"))

    assert audit() == [("refused", "conflict", "")]


@pytest.mark.parametrize(
    ("guard", "refusal"),
    [("receipt_code_once", ReceiptCodeUsed), ("nothing_known", Conflict), (None, Conflict)],
)
def test_refusal_found_by_its_guard(guard: str | None, refusal: type[DomainError]) -> None:
    assert type(refusal_for(guard)) is refusal


def test_every_guard_named_by_a_refusal_exists(db: None) -> None:
    named = {guard for error in _all_refusals(DomainError) for guard in error.guards}
    known = value(
        "SELECT array_agg(conname::text) || (SELECT array_agg(relname::text) FROM pg_class WHERE relkind = 'i')"
        " FROM pg_constraint"
    )
    rules = value("SELECT string_agg(prosrc, ' ') FROM pg_proc WHERE pronamespace = 'public'::regnamespace")

    assert {guard for guard in named - set(known) if f"'{guard}'" not in rules} == set()


def _all_refusals(error: type[DomainError]) -> Iterator[type[DomainError]]:
    yield error
    for kind in error.__subclasses__():
        yield from _all_refusals(kind)


def test_crash_leaves_nothing(copy: str) -> None:
    key = uuid.uuid4()

    def crash() -> Done:
        make_county("990001")
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        run(crash, key)

    assert (County.objects.count(), audit(), IdempotencyRecord.objects.count()) == (0, [], 0)
    assert run(Counted(), key).status == 201


def test_lost_connection_leaves_nothing_and_the_key_free(copy: str) -> None:
    key = uuid.uuid4()
    cut = Counted("SELECT pg_terminate_backend(pg_backend_pid())", 1)

    with pytest.raises(OperationalError):
        run(cut, key)

    assert (cut.begun, County.objects.count(), audit()) == (1, 0, [])
    assert run(Counted(), key).status == 201


def test_answer_over_the_limit_leaves_nothing(copy: str) -> None:
    def long_answer() -> Done:
        make_county("990001")
        return Done({"text": "药" * ANSWER_LIMIT})

    with pytest.raises(AssertionError, match="commands answer briefly"):
        run(long_answer, uuid.uuid4())

    assert (County.objects.count(), audit()) == (0, [])


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
def test_lost_race_repeated_whole(copy: str, sqlstate: str) -> None:
    work = Counted(RAISE.format(sqlstate), ATTEMPTS - 1)

    answer = run(work, uuid.uuid4())

    assert (work.begun, answer.body) == (ATTEMPTS, b'{"begun": 4}')
    assert list(County.objects.values_list("code", flat=True)) == ["990004"]
    assert audit() == [("done", "", "county/4")]


def test_race_lost_every_time_given_up(copy: str) -> None:
    work = Counted(RAISE.format("40001"), 99)

    with pytest.raises(OperationalError):
        run(work, uuid.uuid4())

    assert (work.begun, County.objects.count(), audit()) == (ATTEMPTS, 0, [])


@pytest.mark.parametrize("sqlstate", ["57014", "55P03", "53100"])
def test_other_failure_not_repeated(copy: str, sqlstate: str) -> None:
    work = Counted(RAISE.format(sqlstate), 1)

    with pytest.raises(OperationalError):
        run(work)

    assert (work.begun, County.objects.count()) == (1, 0)


def crossing(first: str, second: str, met: threading.Barrier) -> Callable[[], Done]:
    """Work that takes two rows, waiting between them until somebody has taken them the other way round."""
    begun = []

    def work() -> Done:
        begun.append(1)
        execute("SET LOCAL deadlock_timeout = '20ms'")
        execute("UPDATE organisation_county SET name = name || '.' WHERE code = %s", [first])
        if len(begun) == 1:
            met.wait(timeout=20)
        execute("UPDATE organisation_county SET name = name || '.' WHERE code = %s", [second])
        return Done({"begun": len(begun)})

    return work


def test_deadlock_repeated_unseen(copy: str) -> None:
    make_county("990001")
    make_county("990002")
    met = threading.Barrier(2)
    ways = [("990001", "990002"), ("990002", "990001")]

    answers = together([lambda way=way: run(crossing(*way, met), uuid.uuid4()) for way in ways])

    assert sorted(answer.body for answer in answers) == [b'{"begun": 1}', b'{"begun": 2}']
    assert list(County.objects.values_list("name", flat=True)) == ["county..", "county.."]


def test_deadlock_reaches_the_caller_without_repeats(copy: str) -> None:
    make_county("990001")
    make_county("990002")
    met = threading.Barrier(2)

    def once(first: str, second: str) -> Done:
        with transaction.atomic():
            return crossing(first, second, met)()

    ends = together([lambda: once("990001", "990002"), lambda: once("990002", "990001")])

    assert sorted(type(end).__name__ for end in ends) == ["Done", "OperationalError"]


def test_same_key_while_the_first_runs_refused(copy: str) -> None:
    key, running, asked = uuid.uuid4(), threading.Event(), threading.Event()

    def slow() -> Done:
        running.set()
        assert asked.wait(timeout=20)
        return Done({"by": "first"})

    def second() -> Answer:
        assert running.wait(timeout=20)
        try:
            return run(lambda: Done({"by": "second"}), key)
        finally:
            asked.set()

    first, refusal = together([lambda: run(slow, key), second])

    assert first.body == b'{"by": "first"}'
    assert isinstance(refusal, KeyInProgress)
    assert run(lambda: Done({"by": "third"}), key).body == first.body


def test_one_key_sent_by_many_at_once_done_once(copy: str) -> None:
    key = uuid.uuid4()
    made: list[int] = []

    def work() -> Done:
        made.append(1)
        make_county("990001")
        return Done({"n": 1})

    ends = together([lambda: run(work, key)] * 20)

    done = [end for end in ends if isinstance(end, Answer)]
    assert {end.body for end in done} == {b'{"n": 1}'}
    assert len([end for end in done if not end.replayed]) == 1
    assert {type(end) for end in ends} <= {Answer, KeyInProgress}
    assert (len(made), County.objects.count(), len(audit())) == (1, 1, 1)


def test_mac_of_a_body_needs_the_key(settings: Any) -> None:
    before = body_mac({"name": "张三"})
    settings.SECRET_KEY = "another"

    assert body_mac({"name": "张三"}) != before
    assert len(before) == 32


@pytest.mark.parametrize("table", ["core_auditentry", "core_idempotencyrecord"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}"])
def test_log_is_append_only(db: None, table: str, statement: str) -> None:
    run(Counted(), uuid.uuid4())

    with refused_by(f"{table}_append_only"):
        execute(statement.format(table))

    assert value(f"SELECT count(*) FROM {table}") == 1


def test_only_successes_are_kept(db: None) -> None:
    record = IdempotencyRecord(
        person=1, route="r", key=uuid.uuid4(), body_mac=b"", status=409, answer=b"", at=ACT.at
    )

    with refused_by("idempotency_successes_only"):
        record.save()

    assert IdempotencyRecord.objects.count() == 0


def test_key_kept_once(db: None) -> None:
    key = uuid.uuid4()
    run(Counted(), key)
    record = IdempotencyRecord.objects.get()
    record.pk = None

    with refused_by("idempotency_once"):
        record.save(force_insert=True)

    assert IdempotencyRecord.objects.count() == 1
