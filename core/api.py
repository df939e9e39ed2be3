"""How a view carries out a command: one call, the same for every state change."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.fields import SkipField, empty
from rest_framework.request import Request
from rest_framework.response import Response

from core.addresses import client_address
from core.commands import Act, Caller, Done, run_command
from core.days import local_day
from core.errors import FIELD_NAME, KeyRequired

T = TypeVar("T")


def command(
    request: Request, work: Callable[[Act], Done], *, keyed: bool = True, body: Any = None
) -> Response:
    """Run `work` as the signed-in person's command and answer with what it gives back.

    `body` stands for the request's content where that is a file, which does not compare as JSON does.
    """
    act = act_of(request)
    content = {"path": request.path, "body": request.data if body is None else body}
    answer = run_command(act=act, caller=caller_of(request, keyed), body=content, work=lambda: work(act))
    headers = {"Idempotency-Replayed": "true"} if answer.replayed else {}
    return WrittenResponse(answer.body, answer.status, headers=headers)


class WrittenResponse(Response):
    """An answer that is JSON already: sent, and sent again, byte for byte as it was kept."""

    def __init__(self, body: bytes, status: int, headers: dict[str, str]) -> None:
        super().__init__(status=status, headers=headers, content_type="application/json")
        self.body = body

    @property
    def rendered_content(self) -> bytes:  # type: ignore[override]  # what a renderer gives, too
        self["Content-Type"] = "application/json"
        return self.body


def logged_read(request: Request, read: Callable[[Act], tuple[T, str]]) -> T:
    """What `read` finds, with one entry in the audit log: of reads that show who a donor is.

    `read` gives its result and the subject of the entry; the two share one transaction.
    """
    act = act_of(request)
    found: list[T] = []

    def work() -> Done:
        result, subject = read(act)
        found[:] = [result]
        return Done({}, subject, 200)

    run_command(act=act, caller=caller_of(request, keyed=False), body=None, work=work)
    return found[0]


def valid(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The request's body in this shape, or a refusal that names every field at fault."""
    return _validated(shape, request.data)


def valid_query(shape: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    """The address's query in this shape, or a refusal that names every parameter at fault."""
    return _validated(shape, request.query_params.dict())


def _validated(shape: type[serializers.Serializer[Any]], content: Any) -> dict[str, Any]:
    if not isinstance(content, dict):
        raise serializers.ValidationError(_("A JSON object is needed here, with its fields between braces."))
    try:
        return dict(_made(shape).run_validation(content))
    except serializers.ValidationError:
        serializer = shape(data=content)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)


@cache
def _made(shape: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """One serializer of each shape for all requests: validation keeps nothing in it, and copying its fields for every
    request costs as much as validating."""
    return shape()


def act_of(request: Request | HttpRequest) -> Act:
    """The signed-in person acting today in their county."""
    return act_for(request.user)


def act_for(person: Any) -> Act:
    """A person of the rooms above acting today in their county."""
    county = person.county
    return Act(
        actor_id=person.pk,
        county_id=county.pk,
        on=local_day(county.time_zone),
        closed_through=county.closed_through,
    )


def route_of(request: Request | HttpRequest) -> str:
    match = request.resolver_match
    return f"{request.method} {match.route if match else request.path}"[:100]


def caller_of(request: Request | HttpRequest, keyed: bool) -> Caller:
    """Where a request comes from; `keyed` where it must bear an Idempotency-Key."""
    match = request.resolver_match
    return Caller(
        about=" ".join(f"{name} {value}" for name, value in match.kwargs.items())[:100] if match else "",
        route=route_of(request),
        key=_key(request) if keyed else None,
        address=client_address(request.META) or None,
        request_id=getattr(request, "request_id", ""),
        beside=getattr(request, "beside", None),
    )


def _key(request: Request | HttpRequest) -> uuid.UUID:
    try:
        key = uuid.UUID(request.headers.get("Idempotency-Key", ""))
    except ValueError:
        raise KeyRequired from None
    if not key.int:
        raise KeyRequired
    return key


class StrictSerializer(serializers.Serializer[Any]):
    """A shape that refuses fields it does not know, so that a mistyped name is not silently lost.

    It reads JSON objects only, each field under its own name, and does so in one loop over fields that are looked up
    once: the framework's way, which serves forms and nested sources too, costs half as much again for every item.
    """

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            return super().to_internal_value(data)
        taken: dict[str, Any] = {}
        faults: dict[str, Any] = {}
        for name, field, check in self._inputs:
            try:
                value = field.run_validation(data.get(name, empty))
                taken[name] = value if check is None else check(value)
            except serializers.ValidationError as error:
                faults[name] = error.detail
            except SkipField:
                pass
        if unknown := sorted(map(str, data.keys() - self.fields.keys())):
            message = serializers.ErrorDetail(_("Unknown field."), code="unknown_field")
            raise serializers.ValidationError({_named(name, data): [message] for name in unknown})
        if faults:
            raise serializers.ValidationError(faults)
        return taken

    @cached_property
    def _inputs(self) -> list[tuple[str, Any, Any]]:
        return [
            (name, field, getattr(self, f"validate_{name}", None))
            for name, field in self.fields.items()
            if not field.read_only
        ]


def _named(name: str, data: dict[Any, Any]) -> str:
    """How a refusal calls a field that there is not: by its name where that is one of a program's making, else by its
    place in the object, for somebody may have put there what a donor is called."""
    return name if FIELD_NAME.fullmatch(name) else f"?{[*map(str, data)].index(name) + 1}"
