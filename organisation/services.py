"""Signing in and out."""

from __future__ import annotations

import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core.errors import Fault
from organisation.authentication import issue_token
from organisation.errors import Locked, PasswordChangeRequired, WeakPassword, WrongCredentials
from organisation.models import AccessToken, Person

FAILURES_BEFORE_LOCK = 10
LOCK = datetime.timedelta(minutes=10)


def sign_in(*, username: str, password: str) -> tuple[str, AccessToken]:
    """A token for this person, or a refusal that does not tell whether the name or the password was wrong."""
    return issue_token(person_signing_in(username=username, password=password))


def person_signing_in(*, username: str, password: str) -> Person:
    """The person with this password, once their first one is changed."""
    person = checked_person(username=username, password=password)
    if person.must_change_password:
        raise PasswordChangeRequired
    return person


def checked_person(*, username: str, password: str) -> Person:
    """The active person with this password. Failures are counted and lock the name for a while."""
    if "\x00" in username:
        raise WrongCredentials
    person = Person.objects.select_related("county").filter(username=username, is_active=True).first()
    if person is None:
        make_password(password)  # takes as long as checking one, so that names cannot be found out
        raise WrongCredentials
    if person.is_locked:
        raise Locked
    if not person.check_password(password):
        _note_failure(person)
        raise WrongCredentials
    if person.failed_sign_ins:
        person.failed_sign_ins, person.locked_until = 0, None
        person.save(update_fields=["failed_sign_ins", "locked_until"])
    return person


def _note_failure(person: Person) -> None:
    with transaction.atomic():
        row = Person.objects.select_for_update().get(pk=person.pk)
        row.failed_sign_ins += 1
        if row.failed_sign_ins % FAILURES_BEFORE_LOCK == 0:
            row.locked_until = timezone.now() + LOCK
        row.save(update_fields=["failed_sign_ins", "locked_until"])


def change_password(*, username: str, old_password: str, new_password: str) -> None:
    """Replace one's own password; all other sign-ins of the person end."""
    person = checked_person(username=username, password=old_password)
    try:
        validate_password(new_password, person)
    except ValidationError as error:
        faults = [Fault("/new_password", WeakPassword.code, message) for message in error.messages]
        raise WeakPassword(faults=faults) from None
    person.set_password(new_password)
    person.must_change_password = False
    with transaction.atomic():
        person.save(update_fields=["password", "must_change_password"])
        AccessToken.objects.filter(person=person).delete()


def sign_out(*, token: AccessToken) -> None:
    token.delete()
