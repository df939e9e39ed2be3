"""Sealed streams: what was sealed comes back whole, and any stream that is not just that one is found."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyrage.x25519 import Identity

from config.backup.sealing import SealingError, identities_of, recipients_of, seal, sha256_of, unseal

OWN, OTHER = Identity.generate(), Identity.generate()
CHUNK = 65536
TAG = 16


def sealed(plain: bytes) -> bytes:
    return sealed_for(plain, OWN)


def sealed_for(plain: bytes, *identities: Identity) -> bytes:
    target = io.BytesIO()
    measured = seal(io.BytesIO(plain), target, [each.to_public() for each in identities])
    assert measured.size == len(target.getvalue())
    return target.getvalue()


def opened(content: bytes, identity: Identity = OWN) -> bytes:
    target = io.BytesIO()
    unseal(io.BytesIO(content), target, [identity])
    return target.getvalue()


# Of three whole pieces and a bit, so that there are pieces to cut between and to swap.
PLAIN = bytes(range(256)) * (3 * CHUNK // 256) + b"the end"
SEALED = sealed(PLAIN)
HEAD = len(SEALED) - len(PLAIN) - 4 * TAG
PIECES = [SEALED[HEAD + n * (CHUNK + TAG) : HEAD + (n + 1) * (CHUNK + TAG)] for n in range(4)]


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=3 * CHUNK))
def test_what_was_sealed_comes_back(plain: bytes) -> None:
    assert opened(sealed(plain)) == plain


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SEALED) - 1))
def test_cut_stream_is_found(length: int) -> None:
    with pytest.raises(SealingError):
        opened(SEALED[:length])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_altered_byte_is_found(place: int, change: int) -> None:
    altered = bytearray(SEALED)
    altered[place] ^= change

    with pytest.raises(SealingError):
        opened(bytes(altered))


@pytest.mark.parametrize(
    "order", [[1, 0, 2, 3], [0, 2, 1, 3], [0, 1, 3], [0, 1, 2], [0, 0, 1, 2, 3], [3], []]
)
def test_pieces_in_another_order_or_number_are_found(order: list[int]) -> None:
    assert opened(SEALED[:HEAD] + b"".join(PIECES)) == PLAIN

    with pytest.raises(SealingError):
        opened(SEALED[:HEAD] + b"".join(PIECES[n] for n in order))


def test_further_bytes_and_pieces_of_another_stream_are_found() -> None:
    another = sealed(PLAIN)

    for content in (
        SEALED + b"x",
        SEALED + SEALED,
        SEALED[: HEAD + CHUNK + TAG] + another[HEAD + CHUNK + TAG :],
    ):
        with pytest.raises(SealingError):
            opened(content)


def test_who_has_the_public_key_alone_opens_nothing() -> None:
    with pytest.raises(SealingError):
        opened(SEALED, OTHER)


def test_pair_that_was_replaced_opens_what_was_sealed_for_it(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(f"# old\n{OWN}\n# new\n{OTHER}\n")
    target = io.BytesIO()

    for content in (SEALED, sealed_for(PLAIN, OTHER)):
        unseal(io.BytesIO(content), target, identities_of(tmp_path / "keys"))

    assert target.getvalue() == PLAIN + PLAIN


def test_full_disk_is_no_sealed_stream() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        with pytest.raises(OSError, match="No space left"):
            seal(io.BytesIO(PLAIN), full, [OWN.to_public()])
        with pytest.raises(OSError, match="No space left"):
            unseal(io.BytesIO(SEALED), full, [OWN])


@pytest.mark.parametrize("words", [[], ["age1nonsense"], [str(OWN.to_public()), "ssh-rsa x"]])
def test_public_keys_that_are_none_are_refused(words: list[str]) -> None:
    with pytest.raises(SealingError):
        recipients_of(words)


@pytest.mark.parametrize("content", ["", "# a remark only\n", "AGE-SECRET-KEY-1NONSENSE", "密钥"])
def test_identity_file_without_identity_is_refused_without_quoting_it(content: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(content)

    with pytest.raises(SealingError) as told:
        identities_of(tmp_path / "key")
    assert "NONSENSE" not in str(told.value)


def test_new_identity_is_read_as_age_keygen_writes_it(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "config.backup.sealing"], capture_output=True, text=True, check=True
    )
    (tmp_path / "key").write_text(made.stdout)

    (identity,) = identities_of(tmp_path / "key")

    assert made.stdout.startswith(f"# public key: {identity.to_public()}\nAGE-SECRET-KEY-1")


def test_hash_is_of_the_sealed_bytes(tmp_path: Path) -> None:
    target = tmp_path / "file"
    with target.open("wb") as file:
        measured = seal(io.BytesIO(PLAIN), file, [OWN.to_public()])

    assert (measured.sha256, measured.size) == (sha256_of(target), target.stat().st_size)
