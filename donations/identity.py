"""Who a donor is: sealed with a key of its own (core.sealing), found again by keyed hashes, and never logged.

County and donor are bound in, so that a sealed identity cannot be moved to another row.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from core.safe_text import comparable_text
from core.sealing import macs_of, seal_bytes, unseal_bytes


@dataclass(frozen=True)
class Identity:
    """What the clerk was told: a name, perhaps a phone and a work unit."""

    name: str = ""
    phone: str = ""
    work_unit: str = ""

    def __bool__(self) -> bool:
        return bool(self.name or self.phone or self.work_unit)


def seal(identity: Identity, *, county_id: str, donor_id: int) -> bytes:
    plain = json.dumps(asdict(identity), ensure_ascii=False).encode()
    return seal_bytes(plain, purpose="seal", bound=f"{county_id} {donor_id}")


def unseal(sealed: bytes, *, county_id: str, donor_id: int) -> Identity:
    """The identity; cryptography's InvalidTag where the bytes were changed or belong to another donor."""
    return Identity(**json.loads(unseal_bytes(sealed, purpose="seal", bound=f"{county_id} {donor_id}")))


def seal_file(content: bytes, *, county_id: str, file_id: int) -> bytes:
    """A file that names donors, sealed like their identities."""
    return seal_bytes(content, purpose="seal file", bound=f"{county_id} file {file_id}")


def unseal_file(sealed: bytes, *, county_id: str, file_id: int) -> bytes:
    """The file; cryptography's InvalidTag where the bytes were changed or belong to another row."""
    return unseal_bytes(sealed, purpose="seal file", bound=f"{county_id} file {file_id}")


def seal_name(content: bytes, *, county_id: str, donor_id: int) -> bytes:
    """A name as it was published, sealed like the identity it comes from."""
    return seal_bytes(content, purpose="seal name", bound=f"{county_id} {donor_id}")


def unseal_name(sealed: bytes, *, county_id: str, donor_id: int) -> bytes:
    """The name; cryptography's InvalidTag where the bytes were changed or belong to another donor."""
    return unseal_bytes(sealed, purpose="seal name", bound=f"{county_id} {donor_id}")


def seal_collector(collector: Identity, *, county_id: str, file_id: int) -> bytes:
    """Who brought a roster for many, sealed like the roster."""
    plain = json.dumps(asdict(collector), ensure_ascii=False).encode()
    return seal_file(plain, county_id=county_id, file_id=file_id)


def donation_macs(content: str) -> list[bytes]:
    """Keyed hashes of everything a roster says of one donation, by which it is known again: under the present key
    first, then, while keys are changed, under the other."""
    return macs_of("find", f"donation {content}")


def name_macs(name: str) -> list[bytes]:
    """Keyed hashes by which an exact name is found, under the present key first; none for no name."""
    return macs_of("find", f"name {comparable_text(name)}") if name else []


def phone_macs(phone: str) -> list[bytes]:
    """Keyed hashes by which a phone is found, whatever its spacing; none for no phone."""
    digits = "".join(character for character in phone if character.isdigit())
    return macs_of("find", f"phone {digits}") if digits else []


def name_mac(name: str) -> bytes | None:
    """The one that is kept."""
    return next(iter(name_macs(name)), None)


def phone_mac(phone: str) -> bytes | None:
    """The one that is kept."""
    return next(iter(phone_macs(phone)), None)
