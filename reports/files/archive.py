"""The archive of a campaign: every edition in every form, keys, checkpoints and the program that checks them. Pure.

The same files always give the same bytes: nothing is packed, no day and no machine stands in it, and names are in a
fixed order. `contents.json` is the table of contents with the SHA-256 of every file, and is signed; README says the
same to people. Lists of names are not in it, for a name can be withdrawn.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from reports.seal import Signer, canonical, fingerprint

Content = dict[str, Any]
SCHEMA, SEAL_SCHEMA = "donated-medicine-archive/1", "donated-medicine-archive-seal/1"
CONTENTS, CONTENTS_SEAL = "contents.json", "contents.seal.json"
FIRST = ("README.zh.txt", "README.en.txt", CONTENTS, CONTENTS_SEAL)
EPOCH = (1980, 1, 1, 0, 0, 0)
ZH = """{county} {campaign} 公示档案

本档案收录本次征集活动的全部公示（含更正公示和总公示），可以离线核验，不依赖任何网站。

文件
  contents.json            目录：每个文件的大小和 SHA-256
  contents.seal.json       目录的数字签名（不等同公章）
  keys.json                签名所用公钥（请与另一可信渠道公布的公钥比对）
  ledger-days.json         台账逐日校验点
  verify_bulletin.py       核验程序（需 Python 3.11 以上和 cryptography 包）
  editions/年-期/           每期公示：JSON（封存原文）、seal.json（签名）、PDF、XLSX、CSV、datapackage.json

核验
  python verify_bulletin.py --key 公钥 本档案.zip

爱心名单不收入档案，因为捐赠人可以随时撤回公开姓名的同意。

公示目录
{editions}
"""
EN = """{county} {campaign}: archive of bulletins

Every bulletin of this campaign, corrections and the closing account with it; it is checked without any web site.

Files
  contents.json            table of contents: size and SHA-256 of every file
  contents.seal.json       digital signature over the table of contents
  keys.json                the public keys that signed (compare them with those of another source that you trust)
  ledger-days.json         daily checkpoints over the ledger
  verify_bulletin.py       the program that checks (needs Python 3.11 or later and the package cryptography)
  editions/year-number/    each bulletin: JSON (the sealed bytes), seal.json (signatures), PDF, XLSX, CSV,
                           datapackage.json

Check
  python verify_bulletin.py --key PUBLIC_KEY this-archive.zip

Lists of names are not here, for a donor may withdraw the consent to be named at any time.

Bulletins
{editions}
"""


def archive_bytes(
    closing: Content, editions: Iterable[Content], files: Mapping[str, bytes], signer: Signer
) -> bytes:
    """The ZIP of a closing account; `editions` and `files` (path → bytes) are what it holds beside its own tables."""
    told = {**readme(closing, list(editions)), **files}
    listed = [
        {"name": name, "bytes": len(data), "sha256": fingerprint(data)} for name, data in sorted(told.items())
    ]
    contents = canonical(
        {
            "schema": SCHEMA,
            "county": closing["county"]["code"],
            "campaign": closing["campaign"]["code"],
            "year": closing["year"],
            "number": closing["number"],
            "files": listed,
        }
    )
    seal = {
        "schema": SEAL_SCHEMA,
        "sha256": fingerprint(contents),
        "key": signer.key_id,
        "signature": base64.b64encode(signer.sign(contents)).decode(),
    }
    return zip_bytes({**told, CONTENTS: contents, CONTENTS_SEAL: canonical(seal)})


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A ZIP with what a reader opens first at its head, then by name; the same files give the same bytes."""
    order = [name for name in FIRST if name in files] + sorted(files.keys() - set(FIRST))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as book:
        for name in order:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            book.writestr(entry, files[name])
    return target.getvalue()


def folder(content: Content) -> str:
    return f"editions/{content['year']}-{content['number']:03}"


def readme(closing: Content, editions: list[Content]) -> dict[str, bytes]:
    """The table of contents in both languages."""
    names = {"county": closing["county"]["name"], "campaign": closing["campaign"]["name"]}
    return {
        "README.zh.txt": ZH.format(**names, editions="\n".join(map(_edition_zh, editions))).encode(),
        "README.en.txt": EN.format(**names, editions="\n".join(map(_edition_en, editions))).encode(),
    }


def _edition_zh(content: Content) -> str:
    kind = "总公示" if content.get("kind") == "closing" else "公示"
    if old := content.get("corrects"):
        kind = f"更正{kind}（更正{old['year']}年第{old['number']}期）"
    days = content["this_period"]["period"]
    return f"  {folder(content)}/  {content['year']}年第{content['number']}期 {kind} {days['from']} 至 {days['to']}"


def _edition_en(content: Content) -> str:
    kind = "closing account" if content.get("kind") == "closing" else "bulletin"
    if old := content.get("corrects"):
        kind = f"correction of the {kind} {old['number']} of {old['year']}"
    days = content["this_period"]["period"]
    return f"  {folder(content)}/  {content['number']} of {content['year']}, {kind}, {days['from']} to {days['to']}"
