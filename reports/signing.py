"""The key of this installation, and the files of a bulletin with their signatures.

The key comes from `APP_SIGNING_KEY` or its file (config.keys). To change it, set a new one: the public half of every
key that has signed stays in `SigningKey` and is published, so that old signatures still verify.
"""

from __future__ import annotations

import base64
import datetime
import json
from typing import Any

from django.conf import settings
from django.db import transaction

from reports.files.csv_file import csv_bytes, package_bytes
from reports.files.notice import notice_bytes
from reports.files.workbook import workbook_bytes
from reports.models import Bulletin, BulletinFile, SigningKey
from reports.seal import Signer, canonical, fingerprint

SEAL_SCHEMA = "donated-medicine-seal/1"
FILE_SCHEMA = "donated-medicine-file/1"
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
    if have == set(Name.values):
        return
    signer = installed_signer()
    files = {name: content for name, content in _render(bulletin).items() if name not in have}
    with transaction.atomic():
        key = key_in_use(signer, at)
        BulletinFile.objects.bulk_create(
            [_signed(bulletin, name, files[name], signer, key, at) for name in files], ignore_conflicts=True
        )


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
    """Every key that has signed, the newest first."""
    return [
        {
            "key": key.key_id,
            "algorithm": "Ed25519",
            "public_key": _base64(key.public),
            "first_used_at": f"{key.first_used_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        for key in SigningKey.objects.order_by("-first_used_at", "key_id")
    ]


def verify_address(sha256: str) -> str:
    """The page on which anyone sees what these bytes are; the code on paper leads there."""
    return f"{settings.PUBLIC_URL}/verify/{sha256}/"


def _render(bulletin: Bulletin) -> dict[str, bytes]:
    content = json.loads(bytes(bulletin.content or b""))
    table = csv_bytes(content)
    return {
        Name.CSV: table,
        Name.PACKAGE: package_bytes(content, table),
        Name.XLSX: workbook_bytes(content, str(bulletin.sha256)),
        Name.PDF: notice_bytes(content, str(bulletin.sha256), verify_address(str(bulletin.sha256))),
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
