"""Rosters as people make them, and their way through the API."""

import io
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from tests.world import TODAY

HEAD = ["序号", "姓名", "工作单位", "电话", "药品名称", "规格", "数量", "批号", "有效期至", "日期"]
LATER = f"{TODAY.year + 2}-05"


def line(name="张三", medicine="布洛芬片", quantity="20片", **cells):
    """One row under HEAD."""
    known = {
        "序号": None, "姓名": name, "工作单位": "县府办", "电话": "13800138000", "药品名称": medicine,
        "规格": "0.1g*20片", "数量": quantity, "批号": "2203051", "有效期至": LATER, "日期": str(TODAY),
    }  # fmt: skip
    return list({**known, **cells}.values())


def xlsx(*rows, change=None):
    """A workbook of these rows; `change` gets its sheet."""
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def csv_text(*rows):
    return "\r\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in rows)


def upload(world, content, name="花名册.xlsx", *, key=None, at=None, **fields):
    clerk = world.signed("clerk", at)
    place = at.code if at else "P-522633-01"
    body = {"file": SimpleUploadedFile(name, content), "place": place, **fields}
    headers = {"Idempotency-Key": str(key or uuid.uuid4())}
    return clerk.client.post("/api/v1/rosters/", body, format="multipart", headers=headers)


def faults(answer):
    assert answer.status_code == 201, answer.content
    return [(each["row"], each["column"], each["code"]) for each in answer.json()["errors"]]


def imported(world, content):
    """Upload and commit; the answer of the commit."""
    seen = upload(world, content)
    assert faults(seen) == []
    answer = world.signed("clerk").post(f"rosters/{seen.json()['id']}/commit/")
    assert answer.status_code == 200, answer.content
    return answer.json()
