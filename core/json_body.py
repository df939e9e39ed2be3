"""JSON bodies: text that a database can hold, and JSON that is JSON.

Nothing that a client sends may end in a 5xx: NUL characters, lone surrogates, bodies that nest too deep and numbers
no book can hold are refused here, with a pointer to where they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core.errors import DomainError, Fault

DEPTH_LIMIT = 32
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class MalformedBody(DomainError):
    code = "malformed_body"
    status = 400


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, at most DEPTH_LIMIT deep, without NUL, lone surrogates, NaN or doubled names."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            text = stream.read().decode("utf-8-sig")
            body = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_doubles)
        except UnicodeDecodeError:
            raise MalformedBody(_("The body is not UTF-8.")) from None
        except RecursionError:
            raise MalformedBody(_("The body nests too deep.")) from None
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %(why)s") % {"why": str(error)[:200]}) from None
        faults = list(_text_faults(body))
        if faults:
            raise MalformedBody(faults=faults)
        return body


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return body


def _text_faults(body: Any) -> Iterator[Fault]:
    """Walk the body without recursion; at most the depth limit, and every text storable."""
    waiting: list[tuple[Any, str, int]] = [(body, "", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        if depth > DEPTH_LIMIT:
            yield Fault(pointer[:200], "too_deep", _("The body nests too deep."))
            return
        if isinstance(value, str) and UNSTORABLE.search(value):
            yield Fault(pointer, "text_refused", _("This text holds a character that cannot be stored."))
        elif isinstance(value, dict):
            for name, inner in value.items():
                if UNSTORABLE.search(name):
                    yield Fault(pointer, "text_refused", _("A name holds a character that cannot be stored."))
                    continue
                step = name.replace("~", "~0").replace("/", "~1")
                waiting.append((inner, f"{pointer}/{step}", depth + 1))
        elif isinstance(value, list):
            waiting.extend((inner, f"{pointer}/{index}", depth + 1) for index, inner in enumerate(value))
