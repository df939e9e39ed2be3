"""Refused attempts that no command has written down: without the right, of what is not there, malformed, too late.

Written down is what somebody who is signed in was refused: every state change, and every reading of something that
is not theirs. What nobody signed in asks is not, for anyone could fill the log with it; failed sign-ins are
(organisation.sign_in_log).
"""

from __future__ import annotations

import logging
from typing import Any

from django.db import Error
from rest_framework.response import Response

from core.api import act_for, caller_of
from core.commands import write_refusal

log = logging.getLogger(__name__)
READS = {"GET", "HEAD", "OPTIONS"}


def note_refused_call(request: Any, error: Exception, answer: Response) -> None:
    """Write down what an API view refused, if it is to be and is not yet."""
    if request is None or getattr(error, "is_written_down", False):
        return
    is_barred = answer.status_code == 403 or (answer.status_code == 404 and _names_something(request))
    if request.method in READS and not is_barred:
        return
    note_refusal(request, getattr(request, "_user", None), answer.data["code"])


def note_refusal(request: Any, person: Any, code: str) -> None:
    """Write down that this was refused to a person; nothing where nobody is signed in.

    A refusal that cannot be written down stays one.
    """
    if getattr(person, "county_id", None) is None:
        return
    try:
        write_refusal(act_for(person), caller_of(request, keyed=False), code)
    except Error:
        log.exception("a refused attempt could not be written down: %s", code)


def _names_something(request: Any) -> bool:
    return bool(request.resolver_match and request.resolver_match.kwargs)
