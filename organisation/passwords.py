"""What a county's policy adds to passwords: how long a first one waits, when one is old, of what it is made.

The last two are off unless a county wants them: OWASP ASVS 6.2.5 and 6.2.10 advise against both, since people then
write passwords down or count them up, while graded protection (GB/T 22239-2019, 8.1.4.1) asks for both. Length, the
list of common passwords and likeness to the person's own name are judged in every county (config.settings).
"""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from pypinyin import lazy_pinyin

from core.errors import Fault
from core.language import in_language
from organisation.errors import FirstPasswordExpired, PasswordTooOld, WeakPassword
from organisation.guessing import BITS_NEEDED, bits_of, pieces_of
from organisation.models import Person
from organisation.queries import policy_of

KINDS_NEEDED = 3
# What anybody would try first here (ASVS 6.1.2): the programme, its places and its people, in both languages; the
# names of county and person are added, in characters and in pinyin.
CONTEXT = (
    "donation", "donated", "donate", "medicines", "medicine", "clinic", "hospital", "pharmacy", "pharmacist",
    "county", "health", "tracker", "admin", "clerk", "juanzeng", "yaopin", "yuyao", "weijian", "weisheng", "yiyuan",
    "guizhou", "mima", "password", "捐赠", "余药", "药品", "卫健", "卫生", "医院", "药房", "密码",
    "登记", "管理员",
)  # fmt: skip


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


class Guessable:
    """Refuses passwords that are little else than words, rows of keys and repeats; one of Django's validators."""

    def validate(self, password: str, user: Any = None) -> None:
        pieces = pieces_of(password, {*CONTEXT, *_words_of(user)})
        if bits_of(pieces) >= BITS_NEEDED:
            return
        # Of what kind they are, never the pieces themselves: an answer may be kept on its way.
        kinds = dict.fromkeys(str(piece.kind.label) for piece in pieces)
        raise ValidationError(
            _(
                "Too much of it is what is tried first: %(kinds)s. Take some words more that do not belong together."
            ),
            code="guessable",
            params={"kinds": in_language("；", "; ").join(kinds)},
        )

    def get_help_text(self) -> str:
        return _("Take some words more that do not belong together.")


def _words_of(user: Any) -> set[str]:
    """What the person and the county are called, in characters and in pinyin."""
    if getattr(user, "county_id", None) is None:
        return set()
    county = user.county.name
    names = {county, county.rstrip("县市区"), user.name}
    spelled = {"".join(lazy_pinyin(name)) for name in names}
    return {word for word in {*names, *spelled, *re.split(r"[\W_]+", user.username)} if len(word) > 1}


def kinds_of(password: str) -> int:
    """How many of four kinds of characters there are: capitals, small letters, digits, and all others."""
    kinds = {
        "capital" if each.isupper() else "small" if each.islower() else "digit" if each.isdigit() else "other"
        for each in password
    }
    return len(kinds)
