"""What a county's policy adds to passwords: how long a first one waits, when one is old, of what it is made.

The last two are off unless a county wants them: OWASP ASVS 6.2.5 and 6.2.10 advise against both, since people then
write passwords down or count them up, while graded protection (GB/T 22239-2019, 8.1.4.1) asks for both. Length, the
list of common passwords and likeness to the person's own name are judged in every county (config.settings).
"""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Fault
from organisation.errors import FirstPasswordExpired, PasswordTooOld, WeakPassword
from organisation.models import Person
from organisation.queries import policy_of

KINDS_NEEDED = 3
# What anybody would try first here (ASVS 6.1.2): the programme, its places and its people, in both languages; the
# county's own name is added. A password of nothing else, or of these and a year, is none.
CONTEXT = (
    "donation", "donated", "donate", "medicines", "medicine", "clinic", "hospital", "pharmacy", "pharmacist",
    "county", "health", "tracker", "admin", "clerk", "juanzeng", "yaopin", "yuyao", "weijian", "weisheng", "yiyuan",
    "congjiang", "guizhou", "mima", "password", "捐赠", "余药", "药品", "卫健", "卫生", "医院", "药房", "密码",
    "登记", "管理员",
)  # fmt: skip
LEFT_AT_LEAST = 6


def check_first_password(person: Person) -> None:
    """`FirstPasswordExpired` where the person still has the one that security gave, and its hours are over."""
    if not person.must_change_password:
        return
    hours = policy_of(person.county_id).first_password_hours
    if person.password_set_at + datetime.timedelta(hours=hours) <= timezone.now():
        raise FirstPasswordExpired


def check_age(person: Person) -> None:
    """`PasswordTooOld` where the county asks for a new one after some days, and this one is older."""
    days = policy_of(person.county_id).password_days
    if days and person.password_set_at + datetime.timedelta(days=days) <= timezone.now():
        raise PasswordTooOld


def check_new_password(person: Person, password: str) -> None:
    """`WeakPassword` with every reason against it."""
    reasons: list[str] = []
    try:
        validate_password(password, person)
    except ValidationError as error:
        reasons += error.messages
    if kinds_of(password) < KINDS_NEEDED and policy_of(person.county_id).password_composition:
        reasons.append(_("Three kinds of characters are needed: capitals, small letters, digits, others."))
    if reasons:
        raise WeakPassword(faults=[Fault("/new_password", WeakPassword.code, reason) for reason in reasons])


class ContextWords:
    """Refuses passwords that are little else than words of this programme; one of Django's validators."""

    def validate(self, password: str, user: Any = None) -> None:
        county = getattr(getattr(user, "county_id", None) and user.county, "name", "")
        left = password.casefold()
        for word in sorted({*CONTEXT, county, county.rstrip("县市区")} - {""}, key=len, reverse=True):
            left = left.replace(word.casefold(), "")
        if len(left) < LEFT_AT_LEAST:
            raise ValidationError(
                _("Anybody here would try these words first; choose others."), code="context"
            )

    def get_help_text(self) -> str:
        return _("Anybody here would try these words first; choose others.")


def kinds_of(password: str) -> int:
    """How many of four kinds of characters there are: capitals, small letters, digits, and all others."""
    kinds = {
        "capital" if each.isupper() else "small" if each.islower() else "digit" if each.isdigit() else "other"
        for each in password
    }
    return len(kinds)
