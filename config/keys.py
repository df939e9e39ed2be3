"""Secret keys: from the environment, or for a trial from a file that is made once.

A key is 32 random bytes in base64url (RFC 4648 section 5) and has one purpose, such as `secret` (sessions),
`donor` (identities of donors) or `signing` (bulletins). Its variable is `APP_SECRET_KEY`, `APP_DONOR_KEY` and
so on. Whoever loses the donor key loses the donors. `python -m config.keys` prints a new one.
"""

from __future__ import annotations

import base64
import contextlib
import os
import re
import secrets
import tempfile
from pathlib import Path

KEY_BYTES = 32


class KeyUnusableError(RuntimeError):
    """A key is absent where it must be given, or is not one; the message never shows it."""


def read_key(name: str, folder: Path, *, production: bool = False) -> str:
    """The key for the purpose `name`: of the environment, else of `folder`, where a trial makes it once.

    Raises `KeyUnusableError` for text that is no key, and in production when the environment has none.
    """
    variable = f"APP_{name.upper()}_KEY"
    if given := os.environ.get(variable):
        return checked(given, variable)
    if production:
        raise KeyUnusableError(f"{variable} is not set. Make one with: python -m config.keys")
    path = folder / name
    if not path.exists():
        make_file(path)
    return checked(path.read_text(), str(path))


def read_other_key(name: str) -> str:
    """A second key for the purpose, read beside the first while keys are changed (`APP_…_KEY_OTHER`); or ""."""
    variable = f"APP_{name.upper()}_KEY_OTHER"
    given = os.environ.get(variable, "")
    return checked(given, variable) if given.strip() else ""


def new_key() -> str:
    """A key nobody has seen."""
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def checked(text: str, source: str) -> str:
    """`text` without white space if it is a key, else `KeyUnusableError` naming its `source`."""
    key = text.strip()
    # Decoding alone would do for no check: it drops or translates what does not belong.
    if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", key):
        raise KeyUnusableError(
            f"{source} is not {KEY_BYTES} bytes in base64url; one comes from: python -m config.keys"
        )
    return key


def make_file(path: Path) -> None:
    """Write a new key to `path` for its owner only, whole or not at all; of two makers the first one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(new_key())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        os.unlink(draft)


if __name__ == "__main__":
    print(new_key())
