from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class WrongCredentials(DomainError):
    code = "wrong_credentials"
    status = 401
    message = _("User name or password is wrong.")


class Locked(DomainError):
    code = "locked"
    status = 401
    message = _("Too many failed attempts; please wait some minutes.")


class PasswordChangeRequired(DomainError):
    code = "password_change_required"
    status = 401
    message = _("The first password has to be changed before signing in.")


class WeakPassword(DomainError):
    code = "weak_password"
    message = _("This password is too easy to guess.")


class ScopeDoesNotFit(DomainError):
    code = "scope_does_not_fit"
    message = _("This role is granted for other places than these.")
    guards = ("grant_scope_fits_role", "grant_place_same_county")


class UnitListHasErrors(DomainError):
    code = "unit_list_has_errors"
    message = _("This list of work units has cells at fault; nothing of it was taken over.")


class NoSuchRole(DomainError):
    code = "no_such_role"
    message = _("This person does not hold that role on these days.")


class OwnDeputy(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Nobody stands in for themselves, or makes themselves a deputy.")
    guards = ("deputy_is_another", "deputy_appointed_by_another")


class DeputyAlready(DomainError):
    code = "deputy_already"
    status = 409
    message = _("This person stands in for that role on some of these days already.")
    guards = ("deputy_once",)


class DeputyDays(DomainError):
    code = "deputy_days"
    message = _("A deputy is named from today or later, for at most 92 days, the first day before the last.")
    guards = ("deputy_for_days",)


class DeputyEnded(DomainError):
    code = "deputy_ended"
    status = 409
    message = _("This was ended already, or is over.")
    guards = ("deputy_ended_once",)
