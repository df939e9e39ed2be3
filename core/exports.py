"""A list as a file: the same rows and columns as on the screen, as CSV or as .xlsx.

Rows are read in portions from a cursor of the database, so that memory does not grow with the list; the number of
statements does not either (but for rows that stand inside rows, one a portion). Texts that a spreadsheet would
take for a formula are neutralised.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer, ListSerializer, Serializer

from core.errors import DomainError
from core.headings import heading
from core.plain_columns import Path, plain_rows
from core.safe_text import neutralise_formula
from core.spreadsheets_writing import write_xlsx

PORTION = 2000
XLSX_LIMIT = 100_000
BOM = b"\xef\xbb\xbf"  # by which Excel knows UTF-8
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = _("Too many rows for a spreadsheet.")


class Csv(JSONRenderer):
    """Names the format to whoever asks for it; the rows are streamed past it, and it renders refusals only."""

    media_type = "text/csv"
    format = "csv"


class Xlsx(JSONRenderer):
    """As `Csv`."""

    media_type = XLSX
    format = "xlsx"


@dataclass(frozen=True)
class Table:
    """A list to be written down: its name, its rows, and how the screen shows so many of them as one has at hand.

    The rows are a QuerySet, or anything that can be counted and walked through without being held whole.
    """

    name: str
    rows: Any
    shown: Callable[[list[Any]], Any]

    @cached_property
    def columns(self) -> list[Path]:
        return columns(self.shown([]).child)

    def headings(self) -> list[str]:
        return [" · ".join(heading(name) for name in path) for path in self.columns]

    def lines(self) -> Iterator[list[Any]]:
        """The cells of each row: texts, numbers, or None."""
        plain = plain_rows(self.rows, self.shown([]).child, self.columns, PORTION)
        if plain is not None:
            for values in plain:
                yield [_cell(value) for value in values]
            return
        for portion in _portions(self.rows):
            for row in self.shown(portion).data:
                yield [_cell(_at(row, path)) for path in self.columns]

    def file_name(self, ending: str) -> str:
        return f"{self.name}-{timezone.now():%Y%m%d}.{ending}"


def csv_answer(request: Request, table: Table) -> StreamingHttpResponse:
    """The list as CSV, streamed: UTF-8 with a mark that spreadsheets know it by."""
    stream = _csv(table, translation.get_language() or "")
    name = table.file_name(Csv.format)
    return StreamingHttpResponse(
        stream,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def xlsx_answer(request: Request, table: Table) -> FileResponse:
    """The list as a spreadsheet; TooManyRows, with the address of the CSV, where it would not fit."""
    rows = table.rows[: XLSX_LIMIT + 1] if isinstance(table.rows, QuerySet) else table.rows
    if (len(rows) if isinstance(rows, Sequence) else rows.count()) > XLSX_LIMIT:
        query = request.query_params.copy()
        query["format"] = Csv.format
        words = _("More than %(most)s rows; take the CSV instead: %(address)s")
        address = request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
        raise TooManyRows(words % {"most": f"{XLSX_LIMIT:,}", "address": address}, pointer="/format")
    file = write_xlsx(table.headings(), table.lines())
    return FileResponse(file, as_attachment=True, filename=table.file_name(Xlsx.format), content_type=XLSX)


def _csv(table: Table, language: str) -> Iterator[bytes]:
    """The file in portions; it is read after the request's own language was put away."""
    with translation.override(language):
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        writer.writerow(table.headings())
        yield BOM + _emptied(buffer)
        for number, line in enumerate(table.lines(), start=1):
            writer.writerow(line)
            if number % PORTION == 0:
                yield _emptied(buffer)
        yield _emptied(buffer)


def _emptied(buffer: io.StringIO) -> bytes:
    content = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return content


def _portions(rows: Any) -> Iterator[list[Any]]:
    left = rows.iterator(chunk_size=PORTION) if isinstance(rows, QuerySet) else iter(rows)
    while portion := list(islice(left, PORTION)):
        yield portion


def columns(shape: BaseSerializer[Any]) -> list[Path]:
    """The columns of rows of this shape, each by the names that lead to it."""
    return list(_columns(shape, ()))


def _columns(shape: BaseSerializer[Any], path: Path) -> Iterator[Path]:
    """A column for each field; a single object inside the row is spread out, rows inside it stay one cell."""
    fields = shape.fields.items() if isinstance(shape, Serializer) else ()
    for name, field in fields:
        if field.write_only:
            continue
        if isinstance(field, Serializer) and not isinstance(field, ListSerializer):
            yield from _columns(field, (*path, name))
        else:
            yield (*path, name)


def _at(row: Any, path: Path) -> Any:
    for step in path:
        row = None if row is None else row.get(step)
    return row


def _cell(value: Any) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    if isinstance(value, list) and not any(isinstance(inner, list | dict) for inner in value):
        return neutralise_formula(", ".join(map(str, value)))
    if isinstance(value, list | dict | bool):
        return json.dumps(value, ensure_ascii=False, default=str)
    return neutralise_formula(str(value))
