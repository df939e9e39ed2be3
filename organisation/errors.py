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


class FirstPasswordExpired(DomainError):
    code = "first_password_expired"
    status = 401
    message = _(
        "This first password has expired. Ask the person in charge of security for a new one; in their own case,"
        " whoever runs the installation."
    )


class PasswordTooOld(PasswordChangeRequired):
    message = _(
        "Your county asks for a new password from time to time; please change yours before signing in."
    )


class OtpRequired(DomainError):
    code = "otp_required"
    status = 401
    message = _("The code of the authenticator application is needed too.")


class SecondFactorRequired(DomainError):
    code = "second_factor_required"
    status = 401
    message = _("This county asks a second factor of these roles; it has to be set up before signing in.")


class PinsOff(DomainError):
    code = "pins_off"
    status = 403
    message = _("This county takes no PINs.")


class WeakPin(DomainError):
    code = "weak_pin"
    message = _(
        "A PIN has 6 to 12 digits, of at least three kinds: no day, no row or line of keys, nothing repeated or"
        " counted on, no 520 or 1314."
    )


class PinLocked(DomainError):
    code = "pin_locked"
    status = 401
    message = _("Too many wrong PINs; please wait, or sign in with the password and set the PIN anew.")


class CoSignerIsAnother(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Nobody signs beside themselves; the second signature is another person's.")
    guards = ("token_beside_another",)


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


class PeopleListHasErrors(DomainError):
    code = "people_list_has_errors"
    message = _("This list of people has cells at fault; nobody of it was taken over.")


class HolidayDays(DomainError):
    code = "holiday_days"
    message = _("The last day is not before the first, and at most 30 days after it.")


class HolidayDiffers(DomainError):
    code = "holiday_differs"
    message = _("Only days off from Monday to Friday, or weekend days that are worked, are written down.")
    guards = ("holiday_differs",)


class NoSuchRole(DomainError):
    code = "no_such_role"
    message = _("This person does not hold that role on these days.")


class OwnDeputy(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Nobody stands in for themselves, or makes themselves a deputy.")
    guards = ("deputy_is_another", "deputy_appointed_by_another")


class DeputyWatchesNot(DomainError):
    code = "deputy_watches_not"
    status = 422
    message = _(
        "Who stands in for somebody that watches, approves, signs or administers holds such a role themselves."
    )
    guards = ("deputy_watches",)


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


class UsernameUnfit(DomainError):
    code = "username_unfit"
    message = _("A user name has 3 to 60 letters, digits, or one of . @ + - _")


class UsernameTaken(DomainError):
    code = "username_taken"
    status = 409
    message = _("Somebody signs in under this user name already.")
    guards = ("person_username_once", "organisation_person_username_key")


class OwnAccount(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Nobody changes their own roles or account; somebody else in charge of security does.")
    guards = ("grant_by_another",)


class GrantDays(DomainError):
    code = "grant_days"
    message = _("The last day comes before the first, or is past.")
    guards = ("grant_days_in_order",)


class GrantEnded(DomainError):
    code = "grant_ended"
    status = 409
    message = _("This role has ended already.")


class RoleHeld(DomainError):
    code = "role_held"
    status = 409
    message = _("This person holds that role there already.")
    guards = ("grant_once",)


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    status = 403
    message = _(
        "Somebody else confirms this: not who asked for it, nor whose account it is, nor a deputy; but who holds"
        " system, security or audit themselves."
    )
    guards = (
        "confirmed_by_second_person",
        "confirmation_asked_by_another",
        "confirmation_asked_by_office",
        "confirmed_first",
        "policy_confirmed",
        "role_of_owner",
    )


class NotYetClaimed(DomainError):
    code = "not_yet_claimed"
    status = 409
    message = _(
        "Nobody has signed in to this account yet; a role that watches or signs is confirmed after that."
    )
    guards = ("role_of_somebody",)


class NothingToConfirm(DomainError):
    code = "confirmation_done"
    status = 409
    message = _("There is nothing to confirm here any more.")
    guards = ("confirmation_once", "confirmation_stays")


class NewPasswordUnconfirmed(DomainError):
    code = "new_password_unconfirmed"
    status = 401
    message = _(
        "This is the first part of a new password. A second person in charge confirms it first and hands you the"
        " other part; both are typed one after the other."
    )


class SecondPersonByPolicy(DomainError):
    code = "second_person_by_policy"
    message = _(
        "Only where one person looks after system, security and audit may the second person be left out."
    )
    pointer = "/second_person"
    guards = ("policy_second_person", "alone_by_policy")


class AdministrationsApart(DomainError):
    code = "administrations_apart"
    message = _(
        "System, security and audit are looked after by different people, unless the county's policy joins them."
    )


class PlaceCodeTaken(DomainError):
    code = "place_code_taken"
    status = 409
    message = _("There is a place with this code already.")
    guards = ("place_code_once",)


class PlaceCodeUnfit(DomainError):
    code = "place_code_unfit"
    message = _(
        "A code of a place here begins with P-%(county)s- and goes on with capital letters, digits or hyphens."
    )


class PlaceNeedsParent(DomainError):
    code = "place_needs_parent"
    message = _(
        "A village clinic stands under a health centre of its township, and no other place under one."
    )
