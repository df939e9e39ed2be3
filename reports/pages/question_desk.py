"""Questions of the public: the list of those to answer, and answering in public."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Cell, Column, Field, FormPage, ListPage, Reply
from core.pages.tables import Row
from organisation.access import access_of
from organisation.models import Person
from reports.questions import answerers, questions_of
from reports.questions_api import AnswerInput, AssignInput


class QuestionsDeskPage(ListPage):
    title = _("Questions of the public")
    help = _("Every question gets an answer in public by its day.")
    route = "questions/"
    empty = _("Nobody has asked anything yet. Questions come from the county's public page.")

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        on = str(act_of(self.request).on)

        def due(row: Row) -> Cell:
            if row["answered_at"]:
                return Cell(gettext("answered"), tone="good")
            return Cell(row["due_on"], tone="bad" if row["due_on"] < on else "wait")

        return [
            Column("number", title=_("Number")),
            Column("asked_on"),
            Column("due_on", due),
            Column("owner", self._owner, _("Who answers")),
            Column("text"),
            Column("answer", self._answer),
        ]

    def _owner(self, row: Row) -> Cell:
        address, name = reverse("question-assign", args=[row["id"]]), row["owner"] or gettext("nobody yet")
        may_pass_on = not row["answered_at"] and self.request.may_open(address)  # type: ignore[attr-defined]
        return Cell(name, link=address) if may_pass_on else Cell(name)

    def _answer(self, row: Row) -> Cell:
        address = reverse("question-answer", args=[row["id"]])
        is_open = not row["answered_at"] and self.request.may_open(address)  # type: ignore[attr-defined]
        return Cell(gettext("Answer"), link=address) if is_open else Cell(row["answer"])

    def filters(self) -> Sequence[Field]:
        return [
            Field("open", _("Unanswered"), "select", options=[("", _("all")), ("true", _("yes"))]),
            Field("mine", _("Mine"), "select", options=[("", _("all")), ("true", _("yes"))]),
            Field("overdue", _("Late"), "select", options=[("", _("all")), ("true", _("yes"))]),
        ]


class QuestionAnswerPage(FormPage):
    title = _("Answer in public")
    help = _("The answer stands on the county's page, once and for all. Name nobody.")
    button = _("Publish the answer")
    said = _("The answer is published.")
    shape = AnswerInput
    about = "questions/?id={pk}"

    def route(self) -> str:
        return f"questions/{self.kwargs['pk']}/answer/"

    def fields(self) -> Sequence[Field]:
        asked = self._asked()
        return [
            Field("/answer", _("Answer"), "area", help=asked, required=True, hints={"maxlength": "2000"}),
            Field("/shown", _("The question as it is published"), "area", hints={"maxlength": "1000"},
                  help=_("Only where its own words name somebody.")),
        ]  # fmt: skip

    def _asked(self) -> str:
        """The question's own words; empty where it is none of the county's."""
        county, pk = access_of(self.request).county_id, self.kwargs["pk"]
        return questions_of(county).filter(pk=pk).values_list("text", flat=True).first() or ""

    def done(self, reply: Reply) -> str:
        return reverse("questions-desk")


class QuestionAssignPage(FormPage):
    title = _("Pass a question on")
    help = _("Who answers it; its number and its last day stay.")
    button = _("Pass on")
    said = _("The question is passed on.")
    shape = AssignInput
    about = "questions/?id={pk}"

    def route(self) -> str:
        return f"questions/{self.kwargs['pk']}/assign/"

    def fields(self) -> Sequence[Field]:
        able = set().union(*answerers(act_of(self.request)).values())
        people = Person.objects.filter(pk__in=able).order_by("username")
        options = [(one.username, one.name or one.username) for one in people]
        return [Field("/owner", _("Who answers"), "select", options=options, required=True)]

    def done(self, reply: Reply) -> str:
        return reverse("questions-desk")
