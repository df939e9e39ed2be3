"""The three kinds of screen: a page, a list, and a form that does one thing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils.translation import gettext_lazy
from django.views import View
from rest_framework import serializers

from core.headings import heading
from core.ordering import orders_of
from core.pages.calls import API, Reply, ask, not_there
from core.pages.forms import KEY, Field, Form, body_of
from core.pages.tables import Column, Table

PAST = gettext_lazy("This step is done already or no longer possible. Open the list to see how things stand.")


class Page(View):
    """A screen; who may open it stands in config.access. `help` says in a sentence what it is for."""

    template = ""
    title: Any = ""
    help: Any = ""

    def page(self, status: int = 200, template: str = "", **context: Any) -> HttpResponse:
        shown = {"title": self.title, "help": self.help, **context}
        return render(self.request, template or self.template, shown, status=status)

    def ask(self, method: str, route: str, *args: Any, **options: Any) -> Reply:
        return ask(self.request, method, route, *args, **options)

    def refused(self, reply: Reply) -> HttpResponse:
        """The API's refusal of a whole page in words."""
        return self.page(reply.status, "core/problem.html", title=reply.detail, detail="")


class ListPage(Page):
    """A list of the API (`route`) as a table; the address's query is the list's own."""

    template = "core/list.html"
    route = ""
    columns: Sequence[Column] = ()
    empty: Any = ""

    def get(self, request: HttpRequest) -> HttpResponse:
        # A file is the API's own answer; a table has links to it.
        query = {name: str(value) for name, value in request.GET.items() if value and name != "format"}
        is_part = bool(request.headers.get("HX-Request")) and request.headers.get("HX-Target") == "table"
        reply = self.ask("GET", self.route, query=query)
        table = Table(
            reply,
            route=self.route,
            query=query,
            columns=self.columns_shown(reply),
            orderings=orders_of(getattr(resolve(API + self.route).func, "view_class")),  # noqa: B009
            filters=[_filled(each, query) for each in self.filters()],
            empty=self.empty,
        )
        context = {} if is_part else self.context()
        template = "core/table.html" if is_part else ""
        return self.page(reply.status, template, table=table, **context)

    def columns_shown(self, reply: Reply) -> Sequence[Column]:
        return self.columns

    def filters(self) -> Sequence[Field]:
        return ()

    def context(self) -> Mapping[str, Any]:
        """What stands beside the table."""
        return {}


class FormPage(Page):
    """A form that does one thing by one call of the API.

    It is shown, sent, and either followed by `done`, or shown again with each error at its field and all that was
    typed. Its key is made with the form, so that sending it twice does the thing once. `about` is where the API reads
    what the form is about, with the page's own parts in braces: a document, or a list that then holds it; where that
    is not there for this person, neither is the form. `while_it_is` says what it must still be, as
    {"status": {"draft"}}: else the page tells so, and offers no button that would be refused. `facts` are the names
    of what the API told of it that stands above the form, so that nobody does it to another.
    """

    template = "core/form_page.html"
    shape: type[serializers.Serializer[Any]]
    method = "POST"
    button: Any = ""
    said: Any = ""
    about = ""
    while_it_is: Mapping[str, Collection[Any]] = {}
    facts: Sequence[str] = ()
    told: Mapping[str, Any] = {}

    def get(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.missing()
        return self.refused(reply) if reply else self.shown(Form(self.fields()))

    def missing(self) -> Reply | None:
        """The refusal where what the form is about is not there."""
        if not self.about:
            return None
        route, _mark, query = self.about.format(**self.kwargs).partition("?")
        reply = self.ask("GET", route, query=dict(parse_qsl(query)))
        if not reply.ok:
            return reply
        if query and not reply.data["results"]:
            return not_there()
        self.told = told = reply.data["results"][0] if query else reply.data
        is_past = any(told.get(name) not in values for name, values in self.while_it_is.items())
        return Reply(HTTPStatus.CONFLICT, {"detail": str(PAST)}) if is_past else None

    def post(self, request: HttpRequest, **ids: Any) -> HttpResponse:
        reply = self.send()
        if reply.ok:
            if self.said:
                messages.success(request, self.said)
            return redirect(self.done(reply))
        return self.again(reply)

    def again(self, reply: Reply) -> HttpResponse:
        """The form with what was typed and what is wrong with it."""
        form = Form(self.fields(), self.request.POST, detail=reply.detail, faults=reply.faults)
        if self.facts:
            self.missing()
        return self.shown(form, reply.status)

    def shown(self, form: Form, status: int = 200) -> HttpResponse:
        facts = [(self.fact_heading(name), words) for name in self.facts if (words := self.fact(name))]
        told = {"form": form, "button": self.button, "facts": facts, "way_back": self.way_back()}
        return self.page(status, **told, **self.context())

    def way_back(self) -> str:
        """The nearest screen above this one that the person may open."""
        may_open, path = getattr(self.request, "may_open", None), self.request.path
        while path != "/":
            path = path[: path.rindex("/", 0, -1) + 1]
            if may_open is not None and may_open(path):
                break
        return path

    def fact_heading(self, name: str) -> Any:
        return heading(name)

    def fact(self, name: str) -> Any:
        """How one of the facts is shown."""
        return self.told.get(name)

    def send(self) -> Reply:
        key = self.request.POST.get(KEY, "")
        if self.request.FILES:
            plain = {n.lstrip("/"): v for n, v in self.request.POST.items() if n.startswith("/") and v}
            files = {name.lstrip("/"): file for name, file in self.request.FILES.items()}
            return self.ask(self.method, self.route(), plain, key=key, files=files)
        return self.ask(self.method, self.route(), self.body(), key=key)

    def body(self) -> dict[str, Any]:
        return body_of(self.shape, self.request.POST)

    def route(self) -> str:
        """Where the API takes it."""
        raise NotImplementedError

    def fields(self) -> Sequence[Field]:
        return ()

    def context(self) -> Mapping[str, Any]:
        """What stands beside the form."""
        return {}

    def done(self, reply: Reply) -> str:
        """Where to go afterwards."""
        raise NotImplementedError


class StepPage(FormPage):
    """One step that needs no more than a yes; with a `shape` of its own, a field or two."""

    shape: type[serializers.Serializer[Any]] = serializers.Serializer


def _filled(one: Field, query: Mapping[str, str]) -> Field:
    return replace(one, value=query.get(one.name, ""))
