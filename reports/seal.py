"""Canonical bytes: the one form in which a bulletin is stored, hashed, signed and handed out.

JSON with sorted keys, no spaces, UTF-8 unescaped, whole numbers only; the same content always gives the same bytes,
so anyone can recompute the hash. In the manner of RFC 8785, narrowed to what needs no rules for fractions.
Signatures are Ed25519 (RFC 8032) over such bytes; a key is named by the first 16 hexadecimal digits of the SHA-256 of
its public half.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

KEY_ID_DIGITS = 16


@dataclass(frozen=True)
class Signer:
    """The private half of a key; what it signs is checked with `public` alone."""

    private: Ed25519PrivateKey

    @classmethod
    def of(cls, seed: bytes) -> Signer:
        """From the 32 bytes of the secret."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def key_id(self) -> str:
        return fingerprint(self.public)[:KEY_ID_DIGITS]

    def sign(self, message: bytes) -> bytes:
        """64 bytes, the same for the same message."""
        return self.private.sign(message)


def canonical(content: Any) -> bytes:
    """The canonical bytes of JSON content; TypeError for a fraction, a key that is no text, or a strange type."""
    _check(content)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the holder of the private half signed the message."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def fingerprint(sealed: bytes) -> str:
    """SHA-256 in hexadecimal, 64 characters."""
    return hashlib.sha256(sealed).hexdigest()


def _check(value: Any) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise TypeError(f"a key must be text: {key!r}")
            _check(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner)
    elif value is not None and not isinstance(value, str | int):
        raise TypeError(f"text, whole numbers, true, false and null only: {value!r}")
