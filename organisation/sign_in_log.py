"""Signing in and out, passwords and second factors in the audit log, with every attempt that failed.

The account is named by its number and county, where the name that was typed is one; the typed text is not kept, for
some type their password there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.utils import timezone

from core.api import act_for, caller_of
from core.commands import SYSTEM, Act, write_deed, write_refusal
from core.errors import DomainError
from organisation.models import Person


@contextmanager
def noted(request: Any, username: str, *, beside: Person | None = None) -> Iterator[None]:
    """Write down what happens inside as done with this account, or as refused; `beside` in whose sign-in.

    No entry bears a person of another county: an account that is not of the county of `beside` stands in its own
    county's log alone, and in this one who tried.
    """
    alone = caller_of(request, keyed=False)
    try:
        yield
    except DomainError as refusal:
        act = _act(username)
        if beside is not None and act.county_id == beside.county_id:
            write_refusal(act, replace(alone, beside=beside.pk), refusal.code)
        else:
            for each in [act] if beside is None else [act_for(beside), *([act] if act.county_id else [])]:
                write_refusal(each, alone, refusal.code)
        refusal.is_written_down = True
        raise
    write_deed(_act(username), replace(alone, beside=beside.pk if beside else None), "")


def note_done(request: Any, person: Person) -> None:
    """Write down what somebody who is signed in did with their own sign-in."""
    write_deed(act_for(person), caller_of(request, keyed=False), "")


def _act(username: str) -> Act:
    named = Person.objects.select_related("county").filter(username=username.replace("\x00", ""))
    person = named.first()
    return act_for(person) if person else Act(SYSTEM, "", timezone.now().date())
