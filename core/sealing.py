"""Sealing what must stay readable to us alone: AES-256-GCM under keys derived from APP_DONOR_KEY.

The first byte names the key, so that keys can be changed; what a sealed value belongs to is bound in, so that it
cannot be moved to another row.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from base64 import urlsafe_b64decode

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

KEY_NUMBER = b"\x01"
NONCE_BYTES = 12


def derived_key(purpose: str) -> bytes:
    """The key of 32 bytes for one purpose."""
    master = urlsafe_b64decode(settings.DONOR_KEY + "=" * (-len(settings.DONOR_KEY) % 4))
    return hmac.new(master, purpose.encode(), hashlib.sha256).digest()


def seal_bytes(plain: bytes, *, purpose: str, bound: str) -> bytes:
    """`plain` sealed for one purpose and bound to what it belongs to."""
    nonce = os.urandom(NONCE_BYTES)
    return KEY_NUMBER + nonce + AESGCM(derived_key(purpose)).encrypt(nonce, plain, bound.encode())


def unseal_bytes(sealed: bytes, *, purpose: str, bound: str) -> bytes:
    """What was sealed; cryptography's InvalidTag where the bytes were changed or belong to something else."""
    nonce, cipher = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    return AESGCM(derived_key(purpose)).decrypt(nonce, cipher, bound.encode())
