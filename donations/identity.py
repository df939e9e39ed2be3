"""Who a donor is: sealed with a key of its own, found again by keyed hashes, and never logged.

AES-256-GCM; county and donor are bound in, so that a sealed identity cannot be moved to another row. The first byte
names the key, so that keys can be changed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64decode
from dataclasses import asdict, dataclass

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from core.safe_text import comparable_text

KEY_NUMBER = b"\x01"
NONCE_BYTES = 12


@dataclass(frozen=True)
class Identity:
    """What the clerk was told: a name, perhaps a phone and a work unit."""

    name: str = ""
    phone: str = ""
    work_unit: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.work_unit)


def seal(identity: Identity, *, county_id: str, donor_id: int) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    plain = json.dumps(asdict(identity), ensure_ascii=False).encode()
    return KEY_NUMBER + nonce + AESGCM(_key("seal")).encrypt(nonce, plain, _bound_to(county_id, donor_id))


def unseal(sealed: bytes, *, county_id: str, donor_id: int) -> Identity:
    """The identity; cryptography's InvalidTag where the bytes were changed or belong to another donor."""
    nonce, cipher = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    return Identity(**json.loads(AESGCM(_key("seal")).decrypt(nonce, cipher, _bound_to(county_id, donor_id))))


def seal_file(content: bytes, *, county_id: str, file_id: int) -> bytes:
    """A file that names donors, sealed like their identities."""
    nonce = os.urandom(NONCE_BYTES)
    bound = f"{county_id} file {file_id}".encode()
    return KEY_NUMBER + nonce + AESGCM(_key("seal file")).encrypt(nonce, content, bound)


def unseal_file(sealed: bytes, *, county_id: str, file_id: int) -> bytes:
    """The file; cryptography's InvalidTag where the bytes were changed or belong to another row."""
    nonce, cipher = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    return AESGCM(_key("seal file")).decrypt(nonce, cipher, f"{county_id} file {file_id}".encode())


def seal_collector(collector: Identity, *, county_id: str, file_id: int) -> bytes:
    """Who brought a roster for many, sealed like the roster."""
    plain = json.dumps(asdict(collector), ensure_ascii=False).encode()
    return seal_file(plain, county_id=county_id, file_id=file_id)


def donation_mac(content: str) -> bytes:
    """A keyed hash of everything a roster says of one donation, by which it is known again."""
    return hmac.new(_key("find"), f"donation {content}".encode(), hashlib.sha256).digest()


def name_mac(name: str) -> bytes | None:
    """A keyed hash by which an exact name is found; None for no name."""
    return _mac("name", comparable_text(name)) if name else None


def phone_mac(phone: str) -> bytes | None:
    """A keyed hash by which a phone is found, whatever its spacing; None for no phone."""
    digits = "".join(character for character in phone if character.isdigit())
    return _mac("phone", digits) if digits else None


def _mac(field: str, text: str) -> bytes:
    return hmac.new(_key("find"), f"{field} {text}".encode(), hashlib.sha256).digest()


def _key(purpose: str) -> bytes:
    master = urlsafe_b64decode(settings.DONOR_KEY + "=" * (-len(settings.DONOR_KEY) % 4))
    return hmac.new(master, purpose.encode(), hashlib.sha256).digest()


def _bound_to(county_id: str, donor_id: int) -> bytes:
    return f"{county_id} {donor_id}".encode()
