"""Log lines for machines: one JSON object each, with the request's id, and nothing that anybody wrote or is called.

What an error says may quote a row or an address, so of an error stand its kind, the guard or state that the database
names, and where in the code it arose. Of a request stands its route as the URL map writes it: addresses hold receipt
codes and words that were searched for.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import Any

from core.request_ids import REQUEST_ID

# Django puts the address into these words' arguments, behind what happened.
ABOUT_REQUESTS = {"django.request", "django.server"}
ACCESS_FIELDS = ("method", "route", "status", "milliseconds")


class Json(logging.Formatter):
    """`time` (UTC), `level`, `logger`, `message`, `request_id` where there is one, and of an error `error`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        if request_id := getattr(record, "request_id", None) or REQUEST_ID.get():
            line["request_id"] = request_id
        line |= {name: getattr(record, name) for name in ACCESS_FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[1]:
            line["error"] = _told(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _message(record: logging.LogRecord) -> str:
    if record.name in ABOUT_REQUESTS and isinstance(record.args, tuple) and record.args:
        return str(record.args[0])
    return record.getMessage()


def _told(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    told: dict[str, Any] = {
        "kind": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    }
    cause = error.__cause__ or error
    if state := getattr(cause, "sqlstate", None):
        told["sqlstate"] = state
        told["guard"] = getattr(getattr(cause, "diag", None), "constraint_name", None)
    return told


def logging_settings(level: str, *, as_json: bool) -> dict[str, Any]:
    """Django's LOGGING: all to standard error; every request a line where machines read them."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "config.logs.Json"}},
        "handlers": {
            "console": {"class": "logging.StreamHandler", **({"formatter": "json"} if as_json else {})},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {"access": {"level": "INFO" if as_json else "WARNING"}},
    }
