"""JSON bodies: text that a database can hold, and JSON that is JSON.

Nothing that a client sends may end in a 5xx: NUL characters, lone surrogates, bodies that nest too deep and numbers
no book can hold are refused here, with a pointer to where they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from core.errors import DomainError, Fault, Invalid

DEPTH_LIMIT = 32
FAULT_LIMIT = 50
NUMBER_LIMIT = 2**63  # what a bigint of the database holds
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class MalformedBody(DomainError):
    code = "malformed_body"
    status = 400


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it, at most DEPTH_LIMIT deep, without NUL, lone surrogates, NaN or doubled names.

    A body larger than DATA_UPLOAD_MAX_MEMORY_SIZE is refused (413): parsers are handed the bare stream, on which
    Django sets no limit.
    """

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        content = stream.read(most + 1)
        if len(content) > most:
            raise RequestDataTooBig
        try:
            text = content.decode("utf-8-sig")
            body = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_no_doubles)
        except UnicodeDecodeError:
            raise MalformedBody(_("The body is not UTF-8.")) from None
        except RecursionError:
            raise MalformedBody(_("The body nests too deep.")) from None
        except _NotJson as error:
            raise ParseError(_("The body is not JSON: %(why)s") % {"why": str(error)[:200]}) from None
        except json.JSONDecodeError as error:
            where = {"line": error.lineno, "column": error.colno}
            raise ParseError(_("The body is not JSON at line %(line)d, column %(column)d.") % where) from None
        except ValueError:  # Python makes no number of more than 4,300 digits
            raise ParseError(_("A number in the body has too many digits.")) from None
        if not _is_sound(body):
            raise Invalid(faults=list(islice(_faults(body), FAULT_LIMIT)))
        return body


class _NotJson(ValueError):
    """What RFC 8259 does not allow and Python's reader would take."""


def _no_constant(name: str) -> Any:
    raise _NotJson(_("%(name)s is no JSON number") % {"name": name})


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) != len(pairs):
        raise _NotJson(_("a name stands twice in one object"))
    return body


def _is_sound(body: Any) -> bool:
    """Whether `_faults` would find nothing: the same walk, level by level, without naming where it is."""
    values = [body]
    for _level in range(DEPTH_LIMIT + 1):
        inner: list[Any] = []
        for value in values:
            if isinstance(value, str):
                if UNSTORABLE.search(value):
                    return False
            elif isinstance(value, dict):
                if any(map(UNSTORABLE.search, value)):
                    return False
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, int | float) and not abs(value) < NUMBER_LIMIT:
                return False
        if not inner:
            return True
        values = inner
    return False


def _faults(body: Any) -> Iterator[Fault]:
    """Walk the body without recursion; at most the depth limit, every text and every number storable."""
    waiting: list[tuple[Any, str, int]] = [(body, "", 0)]
    while waiting:
        value, pointer, depth = waiting.pop()
        if depth > DEPTH_LIMIT:
            raise MalformedBody(_("The body nests too deep."))
        if isinstance(value, dict):
            yield from _name_faults(value, pointer)
            waiting.extend((inner, _step(pointer, name), depth + 1) for name, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((inner, f"{pointer}/{index}", depth + 1) for index, inner in enumerate(value))
        elif isinstance(value, str) and UNSTORABLE.search(value):
            yield Fault(pointer, "text_refused", _("This text holds a character that cannot be stored."))
        elif isinstance(value, int | float) and not abs(value) < NUMBER_LIMIT:
            code = "max_value" if value > 0 else "min_value"  # as a field's own limits are told
            yield Fault(pointer, code, _("No book holds a number of this size."))


def _name_faults(value: dict[str, Any], pointer: str) -> Iterator[Fault]:
    for name in filter(UNSTORABLE.search, value):
        message = _("A name holds a character that cannot be stored.")
        yield Fault(_step(pointer, name), "text_refused", message)


def _step(pointer: str, name: str) -> str:
    """The pointer one name further (RFC 6901), printable whatever the name holds."""
    step = UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", name).replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{step}"
