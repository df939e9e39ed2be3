"""The question box: asked by anyone, bounded, numbered, with an owner and a day, answered once in public."""

import datetime
from ipaddress import ip_network
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from rest_framework.test import APIClient

from core.models import AuditEntry
from organisation.models import Policy, RoleGrant
from reports.models.questions import Question
from reports.questions import DAILY, HOURLY, sender_hash
from tests.cloned import together
from tests.plain_sql import drop_guard, execute, insert, refused_by, value
from tests.reports.test_todo_warnings import warned
from tests.world import TODAY, Signed, World

TEXT = "捐赠的药品由谁审核？"
ANSWER = {"answer": "由县中医院药房的药师审核。"}


def row_of(number: int) -> int:
    """The county's own number of a question, by which its staff work on it."""
    return Question.objects.get(number=number).pk


def ask(text: str = TEXT, **fields: Any) -> Any:
    return APIClient().post("/api/v1/public/questions/", {"county": "522633", "text": text, **fields})


def asked(world: World, **columns: Any) -> int:
    """A question put into the table as it stands."""
    return insert(
        "reports_question",
        **{
            "county_id": world.county.pk, "text": TEXT, "sender": b"x",
            "asked_at": datetime.datetime.now(datetime.UTC),
            "asked_on": TODAY, "due_on": TODAY, "shown": "", "answer": "", **columns,
        },
    )  # fmt: skip


def test_question_gets_a_number_an_owner_and_a_day(world: World) -> None:
    publisher = world.person("publisher")
    Policy.objects.create(county=world.county, answer_days=3)

    answer = ask()

    question = Question.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {"number": question.number, "due_on": str(TODAY + datetime.timedelta(days=3))},
    )
    assert (question.owner, question.text) == (publisher, TEXT)


def test_questions_fall_to_the_publisher_with_fewest(world: World) -> None:
    people = [world.person("publisher", name=name) for name in ("one", "two")]

    for number in range(4):
        ask(f"第{number}个问题是什么？")

    owners = list(Question.objects.order_by("id").values_list("owner_id", flat=True))
    assert owners == [*sorted(person.pk for person in people)] * 2


def test_question_falls_to_the_administrator_where_there_is_no_publisher(world: World) -> None:
    clerk, administrator = world.person("clerk"), world.person("administrator")
    # What a second person has not confirmed is no role yet.
    RoleGrant.objects.create(person=clerk, county=world.county, role="administrator", waits=True)

    assert ask().status_code == 201

    assert Question.objects.get().owner == administrator
    assert warned(world, "administrator", "questions") == (1, 1)


def test_question_is_passed_on_to_a_publisher(world: World) -> None:
    world.person("administrator")
    ask()
    pk, publisher = Question.objects.get().pk, world.person("publisher")

    answer = world.signed("administrator").post(f"questions/{pk}/assign/", {"owner": publisher.username})

    assert (answer.status_code, answer.json()["owner"]) == (200, publisher.username)
    assert warned(world, "publisher", "questions") == (1, 1)
    assert warned(world, "administrator", "questions") == (0, 0)


def test_to_do_list_shows_the_owners_own(world: World) -> None:
    one, other = (world.person("publisher", name=name) for name in ("one", "two"))
    asked(world, owner_id=one.pk)
    asked(world, text="另一个问题", owner_id=other.pk)
    asked(world, text="没有人的问题")

    told = Signed(one).get("todo/").json()["duties"]

    assert {duty["code"]: duty["count"] for duty in told}["questions"] == 2
    assert len(Signed(one).get("questions/", mine="true").json()["results"]) == 2
    assert len(Signed(one).get("questions/", mine="false").json()["results"]) == 1


@pytest.mark.parametrize("name", ["nobody", "auditor", "stranger"])
def test_question_is_not_passed_on_to_who_cannot_answer(world: World, name: str) -> None:
    pk = asked(world)
    people = {"auditor": world.person("auditor"), "stranger": world.person("publisher", foreign=True)}
    owner = people[name].username if name in people else name

    answer = world.signed("publisher").post(f"questions/{pk}/assign/", {"owner": owner})

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (404, "/owner")
    assert Question.objects.get().owner is None


def test_answered_question_is_not_passed_on(world: World) -> None:
    pk, publisher = asked(world), world.signed("publisher")
    publisher.post(f"questions/{pk}/answer/", ANSWER)

    answer = publisher.post(f"questions/{pk}/assign/", {"owner": world.person("publisher").username})

    assert (answer.status_code, answer.json()["code"]) == (409, "question_answered")


def test_answered_question_is_public_and_others_are_not(world: World) -> None:
    number = ask("张三的药去哪了？电话13800138000").json()["number"]
    ask("另一个还没有回答的问题")
    shown = {**ANSWER, "shown": "我捐的药去哪了？"}

    answer = world.signed("publisher").post(f"questions/{row_of(number)}/answer/", shown)

    assert answer.status_code == 200
    (seen,) = APIClient().get("/api/v1/public/questions/", {"county": "522633"}).json()["results"]
    assert (seen["number"], seen["question"], seen["answer"]) == (
        number,
        "我捐的药去哪了？",
        ANSWER["answer"],
    )
    assert "13800138000" not in str(seen)
    assert APIClient().get("/api/v1/public/questions/", {"county": "522622"}).json()["results"] == []


def test_question_is_answered_once(world: World) -> None:
    number, publisher = ask().json()["number"], world.signed("publisher")
    publisher.post(f"questions/{row_of(number)}/answer/", ANSWER)

    answer = publisher.post(f"questions/{row_of(number)}/answer/", {"answer": "另一个回答"})

    assert (answer.status_code, answer.json()["code"]) == (409, "question_answered")
    assert Question.objects.get().answer == ANSWER["answer"]


def test_question_of_another_county_is_not_there(world: World) -> None:
    number = ask().json()["number"]

    answer = world.signed("publisher", foreign=True).post(f"questions/{row_of(number)}/answer/", ANSWER)

    assert answer.status_code == 404
    assert world.signed("publisher", foreign=True).get("questions/").json()["results"] == []


@pytest.mark.parametrize(
    ("fields", "status", "pointer"),
    [
        ({"text": ""}, 400, "/text"),
        ({"text": "字"}, 400, "/text"),
        ({"text": "字" * 1001}, 400, "/text"),
        ({"text": None}, 400, "/text"),
        ({"text": "有空字符\x00的问题"}, 400, "/text"),
        ({"county": "999999"}, 404, "/county"),
        ({"name": "张三"}, 400, "/name"),
    ],
)
def test_bad_question_refused(world: World, fields: dict[str, Any], status: int, pointer: str) -> None:
    answer = ask(**fields)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert Question.objects.count() == 0


@pytest.mark.parametrize("body", [{}, {"answer": ""}, {"answer": "x" * 2001}])
def test_bad_answer_refused(world: World, body: dict[str, Any]) -> None:
    number = ask().json()["number"]

    answer = world.signed("publisher").post(f"questions/{row_of(number)}/answer/", body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/answer")
    assert Question.objects.get().answer == ""


def test_sender_is_bounded_and_others_are_not(world: World) -> None:
    codes = [ask(f"第{number}个问题是什么？").status_code for number in range(HOURLY + 2)]
    other = APIClient().post(
        "/api/v1/public/questions/", {"county": "522633", "text": TEXT}, REMOTE_ADDR="192.0.2.7"
    )

    assert codes == [201] * HOURLY + [429] * 2
    assert ask("再问一次可以吗？").json()["code"] == "too_many_questions"
    assert other.status_code == 201


def test_county_is_bounded(world: World) -> None:
    for number in range(DAILY):
        asked(world, text=f"q{number}")

    assert ask().status_code == 429


def test_same_words_twice_are_one_question(world: World) -> None:
    assert ask().json() == ask().json()
    assert Question.objects.count() == 1


def test_note_of_a_trusted_proxy_alone_tells_senders_apart(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sender(note: str) -> bytes:
        answer = APIClient().post(
            "/api/v1/public/questions/", {"county": "522633", "text": f"问题{settings.TRUSTED_PROXIES}"},
            headers={"X-Forwarded-For": note},
        )  # fmt: skip
        return bytes(Question.objects.get(number=answer.json()["number"]).sender)

    forged = sender("198.51.100.1, 203.0.113.5")
    monkeypatch.setattr(settings, "TRUSTED_PROXIES", [ip_network("127.0.0.1/32")])
    noted = sender("198.51.100.1, 203.0.113.5")

    assert forged == sender_hash("127.0.0.1", TODAY)
    assert noted == sender_hash("203.0.113.5", TODAY)


def test_log_keeps_no_address_of_who_asked(world: World) -> None:
    ask()

    entry = AuditEntry.objects.get(action="POST api/v1/public/questions/")
    assert (entry.address, entry.actor) == (None, None)


@pytest.mark.usefixtures("cloned_db")
def test_questions_sent_at_once_stay_within_the_bound() -> None:
    World()

    results = together([lambda n=n: ask(f"第{n}个问题是什么？").status_code for n in range(HOURLY + 3)])

    assert sorted(results) == [201] * HOURLY + [429] * 3


def test_overdue_questions_stand_on_the_list(world: World) -> None:
    late = TODAY - datetime.timedelta(days=9)
    asked(world, asked_on=late, due_on=TODAY - datetime.timedelta(days=1))
    asked(world, text="另一个问题")

    assert warned(world, "publisher", "questions_overdue") == (1, 1)
    assert warned(world, "publisher", "questions") == (2, 2)


def test_list_costs_the_same_for_one_and_for_three(world: World, django_assert_num_queries: Any) -> None:
    reader = world.signed("auditor")
    asked(world)
    reader.get("questions/")
    with django_assert_num_queries(3):
        reader.get("questions/")
    for text in ("二", "三"):
        asked(world, text=text, owner_id=world.person("publisher").pk)

    with django_assert_num_queries(3):
        assert len(reader.get("questions/").json()["results"]) == 3


ANSWERED = "answer = 'a', shown = 's', answered_by = 1, answered_at = now()"
BREACHES = {
    "question_says_something": "UPDATE reports_question SET text = ''",
    "question_due_later": "UPDATE reports_question SET due_on = asked_on - 1",
    "question_answered_whole": "UPDATE reports_question SET answer = 'a'",
    "question_kept": "UPDATE reports_question SET text = 'other'",
    "question_answered": "UPDATE reports_question SET answer = 'b'",
}


@pytest.mark.parametrize("guard", BREACHES)
def test_breach_of_questions_refused_by_its_guard(world: World, guard: str) -> None:
    asked(world)
    if guard == "question_answered":
        execute(f"UPDATE reports_question SET {ANSWERED}")
    elif guard != "question_kept":
        drop_guard("question_kept")

    with refused_by(guard):
        execute(BREACHES[guard])

    drop_guard(guard)
    assert execute(BREACHES[guard]) == 1


@pytest.mark.parametrize("sweep", ["DELETE FROM reports_question", "TRUNCATE reports_question"])
def test_questions_are_not_swept_away(world: World, sweep: str) -> None:
    asked(world)
    execute("SET CONSTRAINTS ALL IMMEDIATE")

    with refused_by("question_kept"):
        execute(sweep)

    assert value("SELECT count(*) FROM reports_question") == 1


def test_owner_of_another_county_refused_by_its_guard(world: World) -> None:
    stranger = world.person("publisher", foreign=True).pk

    with refused_by("question_owner_same_county"):
        asked(world, owner_id=stranger)
        execute("SET CONSTRAINTS ALL IMMEDIATE")

    drop_guard("question_owner_same_county")
    assert asked(world, owner_id=stranger)


def test_question_asked_on_the_page(world: World) -> None:
    client = Client()
    form = client.get("/counties/522633/questions/ask/")

    answer = client.post("/counties/522633/questions/ask/", {"text": TEXT})

    number = Question.objects.get().number
    assert (form.status_code, answer.status_code) == (200, 201)
    assert f"编号为{number}" in answer.content.decode()
    assert form.headers["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_page_keeps_what_was_typed_when_it_refuses(world: World) -> None:
    short = Client().post("/counties/522633/questions/ask/", {"text": "<b>"})
    for number in range(HOURLY):
        ask(f"第{number}个问题是什么？")
    often = Client().post("/counties/522633/questions/ask/", {"text": TEXT})

    assert (short.status_code, often.status_code) == (400, 429)
    assert "&lt;b&gt;</textarea>" in short.content.decode()
    assert f">{TEXT}</textarea>" in often.content.decode()
    assert Client().post("/counties/000000/questions/ask/", {"text": TEXT}).status_code == 404


def test_page_without_its_token_refused(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/counties/522633/questions/ask/", {"text": TEXT}).status_code == 403
    assert Question.objects.count() == 0


def test_answers_stand_on_the_page_escaped(world: World) -> None:
    number = ask("<script>alert(1)</script>").json()["number"]
    world.signed("publisher").post(f"questions/{row_of(number)}/answer/", ANSWER)

    said = Client().get("/counties/522633/questions/").content.decode()

    assert "&lt;script&gt;" in said
    assert ANSWER["answer"] in said
