"""The question box (群众咨询与监督): everyone may ask; a publisher answers by a day, in public.

Bounded in the database, for the workers of a server do not know of each other: so many questions an hour from one
sender, so many a day to one county. The same words sent twice on a day are one question.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet

from core.addresses import household
from core.commands import Act
from core.errors import NotFound
from organisation.models import Person, RoleGrant
from organisation.models import Role as R
from organisation.queries import policy_of
from reports.errors import QuestionAnswered, TooManyQuestions
from reports.models.questions import Question

HOUR = datetime.timedelta(hours=1)
HOURLY, DAILY = 5, 300
# Whose a question may be; those named first come first.
OWNERS = (R.PUBLISHER.value, R.ADMINISTRATOR.value)


def ask_question(*, act: Act, text: str, address: str) -> Question:
    """Take a question: it gets a number, an owner and a deadline at once."""
    _take_turns(act.county_id)
    sender = sender_hash(address, act.on)
    today = Question.objects.filter(county_id=act.county_id, asked_on=act.on)
    asked_before = today.filter(sender=sender, text=text).first()
    if asked_before:
        return asked_before
    recent = today.aggregate(
        sent=Count("pk", filter=Q(sender=sender, asked_at__gt=act.at - HOUR)), all=Count("pk")
    )
    if recent["sent"] >= HOURLY or recent["all"] >= DAILY:
        raise TooManyQuestions
    return Question.objects.create(
        county_id=act.county_id,
        text=text,
        sender=sender,
        asked_at=act.at,
        asked_on=act.on,
        due_on=act.on + datetime.timedelta(days=policy_of(act.county_id).answer_days),
        owner_id=_owner(act),
    )


def answer_question(*, act: Act, question: Question, answer: str, shown: str = "") -> Question:
    """Publish the answer beside the question, which may be shown in other words so that nobody is named in it."""
    question = Question.objects.select_for_update(of=("self",)).get(county_id=act.county_id, pk=question.pk)
    if question.answered_at:
        raise QuestionAnswered
    question.answer, question.shown = answer, shown or question.text
    question.answered_by, question.answered_at = act.actor_id, act.at
    question.save(update_fields=["answer", "shown", "answered_by", "answered_at"])
    return question


def assign_question(*, act: Act, question: Question, owner: str) -> Question:
    """Give an unanswered question to somebody else, by user name: a publisher, or an administrator."""
    question = Question.objects.select_for_update(of=("self",)).get(county_id=act.county_id, pk=question.pk)
    if question.answered_at:
        raise QuestionAnswered
    able = set().union(*answerers(act).values())
    person = Person.objects.filter(county_id=act.county_id, username=owner, pk__in=able).first()
    if person is None:
        raise NotFound(pointer="/owner")
    question.owner = person
    question.save(update_fields=["owner"])
    return question


def questions_of(county_id: str) -> QuerySet[Question]:
    """A county's questions, those due first at the head, then the answered ones."""
    return (
        Question.objects.filter(county_id=county_id)
        .select_related("owner")
        .order_by("answered_at", "due_on", "id")
    )


def open_questions(county_id: str) -> QuerySet[Question]:
    return questions_of(county_id).filter(answer="")


def own_questions(county_id: str, person: int) -> QuerySet[Question]:
    """Open ones that are this person's, and those that are nobody's yet."""
    return open_questions(county_id).filter(Q(owner=person) | Q(owner=None))


def overdue_questions(county_id: str, on: datetime.date) -> QuerySet[Question]:
    """Open ones whose last day is past."""
    return open_questions(county_id).filter(due_on__lt=on)


def answered_questions() -> QuerySet[Question]:
    """What is public, the newest answer first."""
    return Question.objects.exclude(answer="").order_by("-answered_at", "-id")


def sender_hash(address: str, on: datetime.date) -> bytes:
    """Tells on one day whether two questions came from one address, and nothing afterwards."""
    key = settings.SECRET_KEY.encode()
    return hmac.digest(key, f"question|{on}|{household(address)}".encode(), hashlib.sha256)


def _take_turns(county_id: str) -> None:
    """Who asks at the same moment waits, so that nobody slips past the bounds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"questions|{county_id}"])


def answerers(act: Act) -> dict[str, set[int]]:
    """Who may own a question on this day, by role: publishers, and administrators where there is none."""
    grants = RoleGrant.objects.filter(
        Q(starts_on=None) | Q(starts_on__lte=act.on),
        Q(ends_on=None) | Q(ends_on__gte=act.on),
        county_id=act.county_id,
        role__in=OWNERS,
        waits=False,
        person__is_active=True,
    )
    found: dict[str, set[int]] = {role: set() for role in OWNERS}
    for role, person in grants.values_list("role", "person_id"):
        found[role].add(person)
    return found


def _owner(act: Act) -> int | None:
    """The publisher with the fewest open questions; the administrator in a county that has none yet."""
    people = answerers(act)
    eligible = next((people[role] for role in OWNERS if people[role]), set())
    waiting = open_questions(act.county_id).order_by().values("owner_id").annotate(n=Count("pk"))
    busy = {row["owner_id"]: row["n"] for row in waiting}
    return min(eligible, key=lambda person: (busy.get(person, 0), person), default=None)
