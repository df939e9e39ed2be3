"""Signing in and out."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from organisation.attempts import Origin, judged, remember
from organisation.confirmations import end_reset, fits
from organisation.errors import PasswordChangeRequired, WeakPassword, WrongCredentials
from organisation.models import AccessToken, Person
from organisation.passwords import check_age, check_first_password, check_new_password
from organisation.second_factor import check_second_factor, confirm, require_where_policy_asks
from organisation.sign_ins import end_sign_ins_and_pins, issue_token


def sign_in(
    *, username: str, password: str, otp: str | None = None, origin: Origin
) -> tuple[str, AccessToken]:
    """A token for this person, or a refusal that does not tell whether the name or the password was wrong."""
    person = person_signing_in(username=username, password=password, otp=otp, origin=origin)
    return issue_token(person, address=origin.address)


def person_signing_in(*, username: str, password: str, otp: str | None = None, origin: Origin) -> Person:
    """The person with this password, once their first one is changed and a second factor set up if it must be."""
    person = checked_person(username=username, password=password, otp=otp, origin=origin)
    if person.must_change_password:
        raise PasswordChangeRequired
    check_age(person)
    require_where_policy_asks(person)
    remember(username, origin)
    return person


def checked_person(*, username: str, password: str, otp: str | None = None, origin: Origin) -> Person:
    """The active person with this password and, where there is one, the second factor; `Locked` for who failed too
    often (organisation.attempts)."""
    with judged(username, origin):
        person = _person_with_password(username, password)
        check_second_factor(person, otp)
    return person


def confirm_second_factor(*, username: str, password: str, code: str, origin: Origin) -> None:
    """From now on the codes of the secret begun last are asked at every sign-in of the person with this password."""
    with judged(username, origin):
        confirm(_person_with_password(username, password), code)


def _person_with_password(username: str, password: str) -> Person:
    """The active person with this password; `FirstPasswordExpired` for a first one that waited too long."""
    if "\x00" in username:
        raise WrongCredentials
    person = Person.objects.select_related("county").filter(username=username, is_active=True).first()
    if person is None:
        make_password(password)  # takes as long as checking one, so that names cannot be found out
    if person is None or not fits(person, password):
        raise WrongCredentials
    check_first_password(person)
    return person


def change_password(
    *, username: str, old_password: str, new_password: str, otp: str | None = None, origin: Origin
) -> None:
    """Replace one's own password; all other sign-ins of the person end."""
    person = checked_person(username=username, password=old_password, otp=otp, origin=origin)
    check_new_password(person, new_password)
    if new_password == old_password:
        raise WeakPassword(_("The new password is the present one."), pointer="/new_password")
    encoded = make_password(new_password)
    with transaction.atomic():
        # Nothing is changed where security, or another change, gave the account another password meanwhile, or a
        # second person a second part of it.
        changed = Person.objects.filter(
            pk=person.pk, password=person.password, password_set_at=person.password_set_at, is_active=True
        ).update(
            password=encoded, must_change_password=False, is_claimed=True, password_set_at=timezone.now()
        )
        if not changed:
            raise WrongCredentials
        end_reset(person)
        end_sign_ins_and_pins(person)


def sign_out(*, token: AccessToken) -> None:
    token.delete()
