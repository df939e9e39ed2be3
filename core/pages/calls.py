"""A screen's way to the books: it asks the API inside the process, as the person who is signed in.

So a screen has no rule, no permission, no command and no shape of its own: what the API refuses is refused here in
the same words, and one key sent by a screen and by a program is one command.
"""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.urls import resolve
from django.utils.datastructures import MultiValueDict

from core.api import WrittenResponse
from core.errors import NotFound

API = "/api/v1/"
# What Django has worked out of the page's own request and would not work out again.
WORKED_OUT = ("headers", "GET", "accepted_types", "_body", "_post", "_files", "_data", "resolver_match")


@dataclass(frozen=True)
class Reply:
    """What the API answered: its status and its data; of a refusal the words and the faults by pointer."""

    status: int
    data: Any

    @property
    def ok(self) -> bool:
        return self.status < 400

    @property
    def detail(self) -> str:
        return "" if self.ok else str(self.data["detail"])

    @property
    def faults(self) -> list[dict[str, str]]:
        return [] if self.ok else list(self.data["errors"])


def not_there() -> Reply:
    """What the API would answer of a row that is not there, for a screen that found none in a list."""
    return Reply(NotFound.status, {"detail": NotFound.message, "errors": []})


def ask(
    request: HttpRequest,
    method: str,
    route: str,
    body: Mapping[str, Any] | None = None,
    *,
    query: Mapping[str, str] | None = None,
    key: str = "",
    files: Mapping[str, UploadedFile[Any]] | None = None,
    token: str = "",
) -> Reply:
    """The API's answer to `method` at `route` ("donations/3/void/"); `key` is the command's Idempotency-Key.

    With `files` the body is a form with files, as the API's uploads take it; with `token` it is asked as the person
    of that sign-in.
    """
    inner = _bare(request, method, API + route, query or {})
    inner.META["HTTP_IDEMPOTENCY_KEY"] = key
    if token:
        inner.META["HTTP_AUTHORIZATION"] = f"Token {token}"
    if files is not None:
        _give_form(inner, body or {}, files)
    elif body is not None:
        _give_json(inner, body)
    match = resolve(inner.path_info)
    inner.resolver_match = match
    answer = match.func(inner, *match.args, **match.kwargs)
    return Reply(answer.status_code, _data(answer))


def _data(answer: Any) -> Any:
    """What was answered; a command's answer comes written already, as it is kept."""
    return json.loads(answer.body) if isinstance(answer, WrittenResponse) else getattr(answer, "data", None)


def _bare(request: HttpRequest, method: str, path: str, query: Mapping[str, str]) -> HttpRequest:
    """The page's request made into one of the API, without content."""
    inner = copy.copy(request)
    for name in WORKED_OUT:
        inner.__dict__.pop(name, None)
    asked = QueryDict(mutable=True)
    asked.update(dict(query))
    kept = {name: value for name, value in request.META.items() if name != "HTTP_AUTHORIZATION"}
    inner.META = {
        **kept,
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": asked.urlencode(),
        "HTTP_ACCEPT": "application/json",
        "CONTENT_LENGTH": "0",
    }
    inner.method, inner.path, inner.path_info = method, path, path
    inner.GET = asked  # type: ignore[assignment]
    inner._read_started = False  # type: ignore[attr-defined]
    # The page's own token has been checked; this request never left the process.
    inner._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
    return inner


def _give_json(inner: HttpRequest, body: Mapping[str, Any]) -> None:
    content = json.dumps(body).encode()
    inner.META |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content))}
    inner._stream = io.BytesIO(content)


def _give_form(inner: HttpRequest, body: Mapping[str, Any], files: Mapping[str, UploadedFile[Any]]) -> None:
    """As if the form had been read already: DRF then takes it as it stands."""
    length = sum(file.size or 0 for file in files.values())
    inner.META |= {"CONTENT_TYPE": "multipart/form-data; boundary=read", "CONTENT_LENGTH": str(length or 1)}
    posted = QueryDict(mutable=True)
    posted.update({name: str(value) for name, value in body.items()})
    inner._post = posted  # type: ignore[attr-defined]
    inner._files = MultiValueDict({name: [file] for name, file in files.items()})  # type: ignore[attr-defined]
    inner._read_started = True  # type: ignore[attr-defined]
