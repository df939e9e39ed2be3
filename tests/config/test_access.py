"""Every route, every method, every role: the table of config.access is what really happens."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from config.access import ACCESS, BASE, PAGES, PUBLIC, SIGNED_IN
from core.pages import Page
from organisation.models import Person, Role
from tests.world import Signed, World

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def api_routes() -> Iterator[tuple[str, type]]:
    for route, pattern in walk(get_resolver().url_patterns, ""):
        if route.startswith(BASE):
            yield route.removeprefix(BASE), pattern.callback.view_class


def walk(patterns: list, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk(pattern.url_patterns, route)
        else:
            yield route, pattern


ROUTES = dict(api_routes())
# What ends the sign-in that the walk goes on with.
LEAVING = {"auth/logout/", "auth/sign-ins/end/"}
LINES = [(route, method) for route, methods in ACCESS.items() for method in methods]


def address(route: str) -> str:
    """The route with something plausible in the place of its parameters."""
    values = {"int": "999999", "uuid": "00000000-0000-4000-8000-000000000000", "date": "2023-01-01"}
    return (
        "/" + BASE + re.sub(r"<(?:(\w+):)?\w+>", lambda m: values.get(m.group(1) or "str", "nothing"), route)
    )


def call(client: APIClient, route: str, method: str) -> int:
    headers = {"Idempotency-Key": "00000000-0000-4000-8000-000000000001"}
    send = getattr(client, method.lower())
    if method == "GET":
        return send(address(route)).status_code
    return send(address(route), {}, format="json", headers=headers).status_code


def may(role: str, allowed: Any) -> bool:
    return allowed in (PUBLIC, SIGNED_IN) or role in allowed


def test_table_lists_every_route_and_method() -> None:
    implemented = {
        (route, method)
        for route, view in ROUTES.items()
        for method in METHODS
        if hasattr(view, method.lower()) and method.lower() in view.http_method_names
    }

    assert implemented == set(LINES)


@pytest.mark.django_db
def test_anonymous_caller_needs_to_sign_in() -> None:
    client = APIClient()

    wrong = [
        (route, method, status)
        for route, method in LINES
        if (status := call(client, route, method))
        and (status >= 500 or (status == 401) == (ACCESS[route][method] == PUBLIC))
    ]

    assert wrong == []


@pytest.mark.parametrize("role", Role.values)
def test_role_passes_exactly_its_routes_and_meets_no_server_error(world: World, role: str) -> None:
    signed = world.signed(role)

    wrong = [
        (route, method, status)
        for route, method in LINES
        if route not in LEAVING
        and (status := call(signed.client, route, method))
        and (status >= 500 or (status == 403) == may(role, ACCESS[route][method]))
    ]
    wrong += [
        (route, "HEAD", answer.status_code)
        for route, methods in ACCESS.items()
        if not may(role, methods.get("GET", PUBLIC))
        and (answer := signed.client.head(address(route)))
        and (answer.status_code, answer.content) != (403, b"")
    ]

    assert wrong == []


@pytest.mark.parametrize("role", ["anonymous", "clerk"])
def test_head_is_get_without_a_body_and_options_tell_nothing(world: World, role: str) -> None:
    """Every route, of the API and of the screens, with the status of GET; other roles are refused below."""
    person = None if role == "anonymous" else world.person(role)
    client, page, wrong = APIClient(), browser(person), []
    if person is not None:
        client = Signed(person).client
    for route in ACCESS:
        told, options, got = (
            client.head(address(route)),
            client.options(address(route)),
            call(client, route, "GET"),
        )
        if (told.status_code, told.content, options.status_code) != (got, b"", 405):
            wrong.append((route, told.status_code, got, options.status_code))
    for route, methods in PAGES.items():
        told, options = (open_screen(page, route, method) for method in ("HEAD", "OPTIONS"))
        got = open_screen(page, route, "GET").status_code if "GET" in methods else None
        if told.content or got not in (None, told.status_code) or options.status_code != 405:
            wrong.append((route, told.status_code, got, options.status_code))

    assert wrong == []


SCREENS = [(route, method) for route, methods in PAGES.items() for method in methods]


def screen_routes() -> Iterator[tuple[str, URLPattern]]:
    for route, pattern in walk(get_resolver().url_patterns, ""):
        if not route.startswith(BASE):
            yield route, pattern


def open_screen(client: Client, route: str, method: str, *, as_page: bool = True) -> HttpResponse:
    """The answer of a screen, its parameters filled in as those of the API; a refusal is short but `as_page`."""
    headers = {"Accept": "text/html"} if as_page else {}
    return getattr(client, method.lower())("/" + address(route).removeprefix("/" + BASE), headers=headers)


def browser(person: Person | None = None) -> Client:
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person)
    return client


def takes(view: Any, method: str) -> bool:
    """Whether a screen answers this method: a class by what it defines, a function by what it says."""
    if hasattr(view, "methods"):
        return method in view.methods
    return hasattr(getattr(view, "view_class", SetLanguage), method.lower())


def test_table_lists_every_screen_and_method() -> None:
    implemented = {
        (route, method)
        for route, pattern in screen_routes()
        for method in METHODS
        if takes(pattern.callback, method)
    }

    assert implemented == set(SCREENS)


def test_every_screen_says_what_it_is_for() -> None:
    views = {getattr(pattern.callback, "view_class", None) for _route, pattern in screen_routes()}
    pages = {view for view in views if view is not None and issubclass(view, Page)}

    silent = {view.__name__ for view in pages if view.template and not view.help}

    assert silent == set()


# What is no hash at all is a bad request, not a missing row.
NO_ROW = {"verify/<str:sha256>/"}


def is_of_a_row(route: str, method: str) -> bool:
    """A screen that shows a row: `address` names one that does not exist."""
    return method == "GET" and "<" in route and route not in NO_ROW


@pytest.mark.django_db
def test_anonymous_reader_of_a_screen_is_asked_to_sign_in() -> None:
    client, wrong = browser(), []
    for route, method in SCREENS:
        answer = open_screen(client, route, method)
        is_asked = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
        lacks_its_row = not is_asked and is_of_a_row(route, method) and answer.status_code != 404
        if is_asked == (PAGES[route][method] == PUBLIC) or answer.status_code >= 500 or lacks_its_row:
            wrong.append((route, method, answer.status_code))

    assert wrong == []


@pytest.mark.parametrize("role", Role.values)
def test_role_opens_exactly_its_screens_and_no_missing_row(world: World, role: str) -> None:
    client = browser(world.person(role))

    answered = [
        (route, method, allowed, open_screen(client, route, method, as_page=may(role, allowed)).status_code)
        for route, method in SCREENS
        if (allowed := PAGES[route][method]) != PUBLIC and route != "sign-out/"
    ]

    wrong = [
        (route, method, status)
        for route, method, allowed, status in answered
        if status >= 500
        or (status == 403) == may(role, allowed)
        or (may(role, allowed) and is_of_a_row(route, method) and status != 404)
    ]
    assert wrong == []


class SetLanguage:
    """Stands for Django's own view, which is a function and takes POST."""

    def post(self) -> None: ...
