"""All published bulletins held against what anybody can check: the verifier that is published beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports import verify_bulletin
from reports.models import Bulletin, BulletinFile
from reports.queries import published
from reports.seal import canonical
from reports.signing import public_keys, seal_of

Failures = list[str]


def verify_bulletins() -> Iterator[tuple[Bulletin, Failures]]:
    """Each published edition, in the order of its county's chain, with what does not hold of it.

    One edition is in memory at a time, with the one before it, and the one it corrects.
    """
    keys = verify_bulletin.read_keys([key["public_key"] for key in public_keys()])
    before: Bulletin | None = None
    for bulletin in published().defer(None).order_by("county", "year", "number").iterator(chunk_size=20):
        if before is not None and before.county_id != bulletin.county_id:
            before = None
        yield bulletin, _failures(bulletin, before, keys)
        before = bulletin


def _failures(bulletin: Bulletin, before: Bulletin | None, keys: Any) -> Failures:
    """What the verifier says against an edition with its files, and against its archive, if it has one."""
    kept = BulletinFile.objects.filter(bulletin=bulletin)
    archives = {file.name: bytes(file.content) for file in kept.filter(name=BulletinFile.Name.ARCHIVE)}
    files = {file.name: bytes(file.content) for file in kept.filter(name__in=BulletinFile.USUAL)}
    try:
        files["bulletin.seal.json"] = canonical(seal_of(bulletin))
    except (ValueError, KeyError):
        return ["✗ bulletin.json：内容已损坏，无法读取。"]
    files["bulletin.json"] = bytes(bulletin.content or b"")
    for number, earlier in enumerate(
        {each.pk: each for each in (before, bulletin.corrects) if each}.values()
    ):
        files[f"earlier-{number}.json"] = bytes(earlier.content or b"")
    reports = [verify_bulletin.verify(files, keys)]
    reports += [verify_bulletin.verify({name: data}, keys) for name, data in archives.items()]
    return [line for report in reports if report.failed for line in report.lines if line.startswith("✗")]
