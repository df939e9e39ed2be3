"""The question box over HTTP: asked and read without an account, answered by the publisher."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.addresses import client_address
from core.api import StrictSerializer, act_of, command, route_of, valid
from core.commands import SYSTEM, Act, Caller, Done, run_command
from core.days import local_day
from core.errors import NotFound
from core.lists import Listing
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import County
from reports.models.questions import Question
from reports.public_api import COUNTY, Public
from reports.queries import county_by_code
from reports.questions import (
    answer_question,
    answered_questions,
    ask_question,
    assign_question,
    overdue_questions,
    own_questions,
    questions_of,
)


class QuestionInput(StrictSerializer):
    county = serializers.CharField(max_length=6)
    text = serializers.CharField(max_length=1000, min_length=4, help_text="No names, numbers or illnesses.")


class AnswerInput(StrictSerializer):
    answer = serializers.CharField(max_length=2000)
    shown = serializers.CharField(
        max_length=1000, required=False, allow_blank=True, default="",
        help_text="The question as it is published, where its own words name somebody.",
    )  # fmt: skip


class AssignInput(StrictSerializer):
    owner = serializers.CharField(max_length=150, help_text="User name of a publisher or an administrator.")


class PublicQuestionShape(serializers.ModelSerializer[Question]):
    number = serializers.IntegerField()
    county = serializers.CharField(source="county_id")
    question = serializers.CharField(source="shown")

    class Meta:
        model = Question
        fields = ["number", "county", "question", "asked_on", "answer", "answered_at"]


class QuestionShape(serializers.ModelSerializer[Question]):
    number = serializers.IntegerField(help_text="Under which the public knows it.")
    owner = serializers.CharField(source="owner.username", default=None, allow_null=True)

    class Meta:
        model = Question
        fields = ["id", "number", "text", "asked_on", "due_on", "owner", "shown", "answer", "answered_at"]


class AskedShape(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    due_on = serializers.DateField()


def ask(request: HttpRequest, route: str, county: County, text: str) -> dict[str, Any]:
    """Take a question as a command of nobody's; the log keeps no address of who asked."""
    on = local_day(county.time_zone)
    act = Act(SYSTEM, county.pk, on, county.closed_through)
    taken: list[Question] = []

    def work() -> Done:
        question = ask_question(act=act, text=text, address=client_address(request.META))
        taken[:] = [question]
        return Done({}, f"question {question.pk}")

    run_command(act=act, caller=Caller(route), body=None, work=work)
    return {"number": taken[0].number, "due_on": taken[0].due_on}


class PublicQuestions(Public, Listing[Question]):
    """Answered questions, the newest first."""

    serializer_class = PublicQuestionShape
    filter_backends: list[Any] = []
    parameters = ("county",)

    def get_queryset(self) -> QuerySet[Question]:
        code = self.request.query_params.get("county", "")
        found = answered_questions()
        return found.filter(county=county_by_code(code, pointer="/county")) if code else found

    @extend_schema(parameters=[COUNTY])
    def get(self, request: Request) -> Response:
        return self.list(request)

    @extend_schema(request=QuestionInput, responses={201: AskedShape})
    def post(self, request: Request) -> Response:
        """Ask. The answer is published under the number given here, by `due_on`; 429 `too_many_questions`."""
        fields = valid(QuestionInput, request)
        county = county_by_code(fields["county"], pointer="/county")
        return Response(ask(request._request, route_of(request), county, fields["text"]), 201)


class QuestionFilter(django_filters.FilterSet):
    open = django_filters.BooleanFilter("answered_at", "isnull")
    overdue = django_filters.BooleanFilter(method="late")
    mine = django_filters.BooleanFilter(method="own")

    class Meta:
        model = Question
        fields = ["id", "number"]

    def late(self, rows: QuerySet[Question], name: str, wanted: bool) -> QuerySet[Question]:
        act = act_of(self.request)
        late = overdue_questions(act.county_id, act.on).values("pk")
        return rows.filter(pk__in=late) if wanted else rows.exclude(pk__in=late)

    def own(self, rows: QuerySet[Question], name: str, wanted: bool) -> QuerySet[Question]:
        """Open ones of who asks, and those of nobody."""
        access = access_of(self.request)
        own = own_questions(access.county_id, access.person.pk).values("pk")
        return rows.filter(pk__in=own) if wanted else rows.exclude(pk__in=own)


class QuestionList(ScopedList[Question]):
    """The county's questions: those due first at the head."""

    model = Question
    serializer_class = QuestionShape
    filterset_class = QuestionFilter

    def rows(self, access: Access) -> QuerySet[Question]:
        return questions_of(access.county_id)


class QuestionAnswer(APIView):
    @extend_schema(request=AnswerInput, responses=QuestionShape)
    def post(self, request: Request, pk: int) -> Response:
        """Answer in public, once; `shown` replaces the question's words where they name somebody."""
        return command(request, _step(request, pk, answer_question, valid(AnswerInput, request)))


class QuestionAssign(APIView):
    @extend_schema(request=AssignInput, responses=QuestionShape)
    def post(self, request: Request, pk: int) -> Response:
        """Give an unanswered question to somebody else; its number and its day stay."""
        return command(request, _step(request, pk, assign_question, valid(AssignInput, request)))


def _step(
    request: Request, pk: int, service: Callable[..., Question], fields: dict[str, Any]
) -> Callable[[Act], Done]:
    question = questions_of(access_of(request).county_id).filter(pk=pk).first()
    if question is None:
        raise NotFound

    def work(act: Act) -> Done:
        done = service(act=act, question=question, **fields)
        return Done(dict(QuestionShape(done).data), f"question {pk}", 200)

    return work
