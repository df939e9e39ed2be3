"""Streams sealed for a public key, in the format of age (https://age-encryption.org/v1), by pyrage.

Whoever seals needs the public key alone (`age1…`), so what lies in the folder of backups is closed to the server
that wrote it. Any program that knows age opens it with the identity (`AGE-SECRET-KEY-1…`): `age -d -i FILE`. Every
64 KiB are authenticated with their place and whether they are the last, so a cut, swapped or altered stream is
found. `python -m config.backup.sealing` prints a new identity, as age-keygen does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from pyrage import DecryptError, EncryptError, IdentityError, RecipientError, decrypt_io, encrypt_io
from pyrage.x25519 import Identity, Recipient


class SealingError(Exception):
    """A key is none, or a stream cannot be opened; the message never shows a key."""


class Measured:
    """A stream that counts and hashes (SHA-256) what is written through it, and keeps why it could not be.

    pyrage tells of whatever is raised here in words of its own.
    """

    def __init__(self, target: BinaryIO) -> None:
        self.target = target
        self.size = 0
        self.failure: OSError | None = None
        self._hash = hashlib.sha256()

    def write(self, piece: bytes) -> int:
        try:
            self.target.write(piece)
        except OSError as error:
            self.failure = error
            raise
        self._hash.update(piece)
        self.size += len(piece)
        return len(piece)

    def flush(self) -> None:
        self.target.flush()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()


def recipients_of(words: Sequence[str]) -> list[Recipient]:
    """Public keys; `SealingError` naming the one that is none, or when there is none at all."""
    if not words:
        raise SealingError("No public key to seal for: set APP_BACKUP_RECIPIENTS (age1…).")
    found = []
    for word in words:
        try:
            found.append(Recipient.from_str(word))
        except RecipientError:
            raise SealingError(f"{word!r} is no public key of age (age1…).") from None
    return found


def identities_of(file: Path) -> list[Identity]:
    """The identities in a file as age-keygen writes it: one a line, remarks after #."""
    try:
        lines = [line.strip() for line in file.read_text("ascii").splitlines()]
        found = [Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeError, IdentityError) as error:
        raise SealingError(f"{file} holds no identity of age ({type(error).__name__}).") from None
    if not found:
        raise SealingError(f"{file} holds no identity of age.")
    return found


def seal(source: BinaryIO, target: BinaryIO, recipients: Sequence[Recipient]) -> Measured:
    """Encrypt all of `source` into `target`; its length and hash. `OSError` where it cannot be written."""
    measured = Measured(target)
    try:
        encrypt_io(source, measured, list(recipients))
    except (EncryptError, OSError) as error:
        raise measured.failure or OSError(f"The stream cannot be sealed: {error}") from None
    return measured


def unseal(source: BinaryIO, target: BinaryIO, identities: Sequence[Identity]) -> None:
    """Decrypt all of `source` into `target`; `SealingError` where it is not whole, or for other keys.

    What was written until then is genuine, but not all: nothing may rest on it. `OSError` is of `target`.
    """
    measured = Measured(target)
    try:
        decrypt_io(source, measured, list(identities))
    except (DecryptError, OSError) as error:
        if measured.failure:
            raise measured.failure from None
        raise SealingError(f"The stream is cut, altered, or sealed for another key ({error}).") from None


def sha256_of(file: Path) -> str:
    """The hash of a file's bytes."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def main() -> None:
    """Print a new identity with its public key as a remark."""
    identity = Identity.generate()
    print(f"# public key: {identity.to_public()}\n{identity}")


if __name__ == "__main__":
    main()
