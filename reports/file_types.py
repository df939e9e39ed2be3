"""What kind of file an edition's file is, by the ending of its name."""

from __future__ import annotations

from core.files import PDF, XLSX

FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": XLSX,
    "pdf": PDF,
    "zip": "application/zip",
    "json": "application/json; charset=utf-8",
}
