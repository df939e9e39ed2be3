"""What the files of an edition are called: one stem for all, so that a folder of downloads fits together by itself.

`bulletin-522633-2023-1.csv` is named so by its download, by the descriptor beside it and in the archive. The number
is one of the county and year, a correction has its own, and reports by unit are numbered apart. A seal calls each
file by its kind (`bulletin.csv`), under which it was signed, and by its hash.
"""

from __future__ import annotations

from reports.models import Bulletin, BulletinFile

Name = BulletinFile.Name
# Kind of file, and how its name ends.
ENDINGS: dict[str, str] = {
    Name.PDF: "pdf",
    Name.XLSX: "xlsx",
    Name.CSV: "csv",
    Name.PACKAGE: "datapackage.json",
    Name.ARCHIVE: "archive.zip",
    Name.STAMPED: "stamped.pdf",
}
CONTENT, SEAL, NAMES = "json", "seal.json", "names.json"


def stem_of(bulletin: Bulletin) -> str:
    """Of a published edition: `bulletin-522633-2023-1`, or `unit-report-522633-2023-1`."""
    series = "bulletin" if bulletin.public else "unit-report"
    return f"{series}-{bulletin.county_id}-{bulletin.year}-{bulletin.number}"


def file_name(bulletin: Bulletin, ending: str) -> str:
    return f"{stem_of(bulletin)}.{ending}"
