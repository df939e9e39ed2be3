"""Sealing what must stay readable to us alone: AES-256-GCM under keys derived from APP_DONOR_KEY.

What a sealed value belongs to is bound in, so that it cannot be moved to another row. It begins with the mark of its
key, so that keys can be changed while the program runs (`manage.py rotate_donor_key`): a second key,
APP_DONOR_KEY_OTHER, is read as well. A value is
* 1 byte 02, 4 bytes that name the key, 12 bytes of nonce, and the cipher;
* in older rows 1 byte 01, the nonce and the cipher, without a word of its key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

UNNAMED, NAMED = b"\x01", b"\x02"
NAME_BYTES = 4
MARK_BYTES = len(NAMED) + NAME_BYTES
NONCE_BYTES = 12


def known_keys() -> list[str]:
    """The key that seals, and the other one that is read too, where there is one."""
    return [key for key in (settings.DONOR_KEY, settings.DONOR_KEY_OTHER) if key]


def derived_key(purpose: str, key: str = "") -> bytes:
    """The key of 32 bytes for one purpose, of the key that seals or of another one."""
    master = urlsafe_b64decode(key or settings.DONOR_KEY)
    return hmac.new(master, purpose.encode(), hashlib.sha256).digest()


def mark_of(key: str = "") -> bytes:
    """How values begin that were sealed with this key; without one, with the key that seals now."""
    return NAMED + derived_key("name of the key", key)[:NAME_BYTES]


def seal_bytes(plain: bytes, *, purpose: str, bound: str) -> bytes:
    """`plain` sealed for one purpose and bound to what it belongs to."""
    nonce = os.urandom(NONCE_BYTES)
    return mark_of() + nonce + AESGCM(derived_key(purpose)).encrypt(nonce, plain, bound.encode())


def unseal_bytes(sealed: bytes, *, purpose: str, bound: str) -> bytes:
    """What was sealed; cryptography's InvalidTag where the bytes were changed, belong to something else, or were
    sealed with a key that is not known here."""
    for key in known_keys():
        start = _start(sealed, key)
        if not start:
            continue
        nonce, cipher = sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
        try:
            return AESGCM(derived_key(purpose, key)).decrypt(nonce, cipher, bound.encode())
        except (InvalidTag, ValueError):  # too short to be anything
            continue
    raise InvalidTag


def _start(sealed: bytes, key: str) -> int:
    """Where the nonce begins in a value that this key may have sealed; 0 in any other."""
    if sealed.startswith(UNNAMED):
        return len(UNNAMED)
    return MARK_BYTES if sealed.startswith(mark_of(key)) else 0


def macs_of(purpose: str, content: str) -> list[bytes]:
    """Keyed hashes by which something is found again: under the key that seals first, then under the other."""
    return [
        hmac.new(derived_key(purpose, key), content.encode(), hashlib.sha256).digest() for key in known_keys()
    ]
