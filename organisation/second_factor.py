"""A second factor: six digits of an authenticator application (RFC 6238), beside the password.

Whoever wants one sets it up with name and password; county policy can ask it of those who approve, sign and
administer. Each code opens once: the step of time it belongs to is kept.
"""

from __future__ import annotations

import os
import time
from base64 import b32encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from core.days import local_day
from core.sealing import seal_bytes, unseal_bytes
from organisation.errors import OtpRequired, SecondFactorRequired, WrongCredentials
from organisation.models import ASKED_OF, Person, Policy, SecondFactor
from organisation.queries import Reach

SECRET_BYTES, DIGITS, STEP_SECONDS = 20, 6, 30
# A code of the step before or after is taken too: telephones' clocks differ.
DRIFT = (0, -1, 1)
ISSUER = "捐赠药品"


def check_second_factor(person: Person, otp: str | None) -> None:
    """Return where the person has none, or `otp` is a code of it that has not been used; else refuse."""
    factor = SecondFactor.objects.filter(person=person, confirmed=True).first()
    if factor is None:
        return
    if not otp:
        raise OtpRequired(pointer="/otp")
    if not _use(factor, otp):
        raise WrongCredentials(pointer="/otp")


def require_where_policy_asks(person: Person) -> None:
    """`SecondFactorRequired` for who approves, signs or administers without one where the county's policy asks it."""
    if SecondFactor.objects.filter(person=person, confirmed=True).exists():
        return
    asked = Policy.objects.filter(county_id=person.county_id, second_factor=True).exists()
    held = Reach(person, local_day(person.county.time_zone)).roles if asked else set()
    if held & {str(role) for role in ASKED_OF}:
        raise SecondFactorRequired


def begin(person: Person) -> tuple[str, str]:
    """A new secret, and the address that an authenticator application reads; it counts once it is confirmed."""
    secret = os.urandom(SECRET_BYTES)
    sealed = seal_bytes(secret, purpose="second factor", bound=f"person {person.pk}")
    SecondFactor.objects.update_or_create(person=person, defaults={"pending": sealed})
    return b32encode(secret).decode(), _totp(secret).get_provisioning_uri(person.username, ISSUER)


def confirm(person: Person, code: str) -> None:
    """From now on the codes of the secret begun last are asked at every sign-in."""
    factor = SecondFactor.objects.filter(person=person).exclude(pending=b"").first()
    step = _step_of(person, bytes(factor.pending), code) if factor else None
    if factor is None or step is None:
        raise WrongCredentials(pointer="/code")
    kept = SecondFactor.objects.filter(person=person, pending=factor.pending)
    kept.update(sealed=factor.pending, pending=b"", confirmed=True, last_step=step)


def end(person: Person) -> None:
    """The second factor of somebody who lost the telephone; they set a new one up."""
    SecondFactor.objects.filter(person=person).delete()


def _use(factor: SecondFactor, otp: str) -> bool:
    """Whether the code is right and newer than the last one; of two at once only one is."""
    step = _step_of(factor.person, bytes(factor.sealed), otp)
    if step is None:
        return False
    newer = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
    return newer.update(last_step=step) == 1


def _step_of(person: Person, sealed: bytes, otp: str) -> int | None:
    """The step of time that this code belongs to; None for a wrong one, or a secret sealed for somebody else."""
    try:
        secret = unseal_bytes(sealed, purpose="second factor", bound=f"person {person.pk}")
    except InvalidTag:
        return None
    now = int(time.time()) // STEP_SECONDS
    for drift in DRIFT:
        try:
            _totp(secret).verify(otp.strip().encode(), (now + drift) * STEP_SECONDS)
        except InvalidToken:
            continue
        return now + drift
    return None


def _totp(secret: bytes) -> TOTP:
    # SHA-1 is what every authenticator application knows; as an HMAC it is sound.
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303
