"""Canonical bytes: the one form in which a bulletin is stored, hashed and handed out.

JSON with sorted keys, no spaces, UTF-8 unescaped, whole numbers only; the same content always gives the same bytes,
so anyone can recompute the hash. In the manner of RFC 8785, narrowed to what needs no rules for fractions.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(content: Any) -> bytes:
    """The canonical bytes of JSON content; TypeError for a fraction, a key that is no text, or a strange type."""
    _check(content)
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


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
