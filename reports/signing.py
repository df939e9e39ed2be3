"""The key of this installation, and the files of a bulletin with their signatures.

The key comes from `APP_SIGNING_KEY` or its file (config.keys). To change it, set a new one: the public half of every
key that has signed stays in `SigningKey` and is published, so that old signatures still verify.
"""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Least

from reports.file_names import CONTENT, ENDINGS, SEAL, file_name, stem_of
from reports.files.archive import archive_bytes, folder
from reports.files.csv_file import csv_bytes, package_bytes, table_bytes
from reports.files.long_table import fields_of
from reports.files.notice import notice_bytes
from reports.files.unit_notice import unit_notice_bytes
from reports.files.unit_table import FIELDS, unit_rows
from reports.files.unit_workbook import unit_workbook_bytes
from reports.files.workbook import workbook_bytes
from reports.models import Bulletin, BulletinFile, LedgerDay, SigningKey
from reports.queries import editions_of
from reports.seal import Signer, canonical, fingerprint

SEAL_SCHEMA = "donated-medicine-seal/1"
FILE_SCHEMA = "donated-medicine-file/1"
VERIFIER = Path(__file__).with_name("verify_bulletin.py")
Name = BulletinFile.Name


def installed_signer() -> Signer:
    return Signer.of(base64.urlsafe_b64decode(settings.SIGNING_KEY))


def key_in_use(signer: Signer, at: datetime.datetime) -> SigningKey:
    """The row of this key, made when it signs for the first time."""
    key, _made = SigningKey.objects.get_or_create(
        key_id=signer.key_id, defaults={"public": signer.public, "first_used_at": at}
    )
    return key


def make_files(bulletin: Bulletin, at: datetime.datetime) -> None:
    """Make and sign the files of a published bulletin that are not there yet; a second call changes nothing.

    Apart from publishing, which holds up the county's other entries while it lasts.
    """
    have = set(BulletinFile.objects.filter(bulletin=bulletin).values_list("name", flat=True))
    if not have.issuperset(BulletinFile.USUAL):
        rendered = _render(bulletin)
        keep_files(bulletin, {name: rendered[name] for name in rendered if name not in have}, at)
    if bulletin.kind == Bulletin.Kind.CLOSING and Name.ARCHIVE not in have:
        keep_files(bulletin, {Name.ARCHIVE: _archive(bulletin, at)}, at)


def keep_files(bulletin: Bulletin, files: Mapping[str, bytes], at: datetime.datetime) -> None:
    """Sign the files and keep them; one that is kept already stays."""
    signer = installed_signer()
    with transaction.atomic():
        key = key_in_use(signer, at)
        BulletinFile.objects.bulk_create(
            [_signed(bulletin, name, files[name], signer, key, at) for name in files], ignore_conflicts=True
        )


def _archive(closing: Bulletin, at: datetime.datetime) -> bytes:
    """Every edition up to the closing account with its files and seal, the keys, checkpoints and the verifier.

    An edition that lacks a file yet, gets it first.
    """
    contents: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    for edition in editions_of(closing):
        if edition.pk != closing.pk:
            make_files(edition, at)
        content = json.loads(bytes(edition.content or b""))
        contents.append(content)
        files |= {f"{folder(content)}/{name}": data for name, data in _edition(edition).items()}
    files |= {
        "keys.json": canonical({"keys": public_keys()}),
        "ledger-days.json": canonical({"days": _checkpoints(closing)}),
        VERIFIER.name: VERIFIER.read_bytes(),
    }
    return archive_bytes(contents[-1], contents, files, installed_signer())


def _edition(bulletin: Bulletin) -> dict[str, bytes]:
    kept = BulletinFile.objects.filter(bulletin=bulletin).exclude(name=Name.ARCHIVE)
    seal = seal_of(bulletin)
    seal["files"] = [file for file in seal["files"] if file["name"] != Name.ARCHIVE]
    files = {CONTENT: bytes(bulletin.content or b""), SEAL: canonical(seal)}
    files |= {ENDINGS[file.name]: bytes(file.content) for file in kept}
    return {file_name(bulletin, ending): data for ending, data in files.items()}


def _checkpoints(closing: Bulletin) -> list[dict[str, str]]:
    days = LedgerDay.objects.filter(county=closing.county_id, day__lte=closing.period_end).order_by("day")
    return [
        {
            "day": str(sealed.day),
            "sha256": sealed.sha256,
            "content": bytes(sealed.content).decode(),
            "key": sealed.key_id,
            "signature": _base64(sealed.signature),
        }
        for sealed in days
    ]


def file_message(bulletin_sha256: str | None, name: str, sha256: str) -> bytes:
    """What the signature of a file is over: the file's hash, bound to its bulletin and its name."""
    return canonical({"schema": FILE_SCHEMA, "bulletin": bulletin_sha256, "name": name, "sha256": sha256})


def seal_of(bulletin: Bulletin) -> dict[str, Any]:
    """What anyone needs beside the files to check them: hashes, signatures, and which key made them."""
    content = json.loads(bytes(bulletin.content or b"{}"))
    files = BulletinFile.objects.filter(bulletin=bulletin).defer("content").order_by("name")
    return {
        "schema": SEAL_SCHEMA,
        "county": bulletin.county_id,
        "year": bulletin.year,
        "number": bulletin.number,
        "sha256": bulletin.sha256,
        "previous_sha256": content["previous_sha256"],
        "key": bulletin.key_id,
        "signature": _base64(bulletin.signature),
        "files": [
            {
                "name": file.name,
                "sha256": file.sha256,
                "key": file.key_id,
                "signature": _base64(file.signature),
            }
            for file in files
        ],
    }


def public_keys() -> list[dict[str, str]]:
    """Every key that has signed, the newest first.

    What was signed first need not have been written first: an edition's day counts where it is earlier.
    """
    editions = Bulletin.objects.filter(key=OuterRef("pk")).order_by("published_at").values("published_at")[:1]
    keys = SigningKey.objects.annotate(since=Least("first_used_at", Subquery(editions)))
    return [
        {
            "key": key.key_id,
            "algorithm": "Ed25519",
            "public_key": _base64(key.public),
            "first_used_at": f"{key.since:%Y-%m-%dT%H:%M:%SZ}",
        }
        for key in keys.order_by("-since", "key_id")
    ]


def verify_address(sha256: str) -> str:
    """The page on which anyone sees what these bytes are; the code on paper leads there."""
    return f"{settings.PUBLIC_URL}/verify/{sha256}/"


def _render(bulletin: Bulletin) -> dict[str, bytes]:
    content = json.loads(bytes(bulletin.content or b""))
    if not bulletin.public:
        return _render_units(bulletin, content)
    table = csv_bytes(content)
    return {
        Name.CSV: table,
        Name.PACKAGE: package_bytes(content, table, fields_of(content), stem_of(bulletin)),
        Name.XLSX: workbook_bytes(content, str(bulletin.sha256)),
        Name.PDF: notice_bytes(content, str(bulletin.sha256), verify_address(str(bulletin.sha256))),
    }


def _render_units(bulletin: Bulletin, content: dict[str, Any]) -> dict[str, bytes]:
    table, sha256 = table_bytes(FIELDS, unit_rows(content)), str(bulletin.sha256)
    return {
        Name.CSV: table,
        Name.PACKAGE: package_bytes(content, table, FIELDS, stem_of(bulletin)),
        Name.XLSX: unit_workbook_bytes(content, sha256),
        Name.PDF: unit_notice_bytes(content, sha256),
    }


def _signed(
    bulletin: Bulletin, name: str, content: bytes, signer: Signer, key: SigningKey, at: datetime.datetime
) -> BulletinFile:
    sha256 = fingerprint(content)
    return BulletinFile(
        county_id=bulletin.county_id,
        bulletin=bulletin,
        name=name,
        content=content,
        sha256=sha256,
        key=key,
        signature=signer.sign(file_message(bulletin.sha256, name, sha256)),
        made_at=at,
    )


def _base64(value: Any) -> str:
    return base64.b64encode(bytes(value or b"")).decode()
