"""Law references, remarks and strengths as a Chinese reader is shown them."""

from __future__ import annotations

import csv
import re

import pytest

from catalogue.law_references import in_chinese
from catalogue.pages.remarks import CHINESE
from catalogue.screening_rules import ROWS
from catalogue.services import MEDICINES


def rows() -> list[dict[str, str]]:
    with MEDICINES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("basis", "chinese"),
    [
        ("药品管理法 art. 70", "药品管理法第七十条"),
        ("药品管理法 art. 70, 98", "药品管理法第七十条、第九十八条"),
        ("药品管理法 art. 61, 112", "药品管理法第六十一条、第一百一十二条"),
        ("慈善法 art. 5, 10, 19, 103", "慈善法第五条、第十条、第十九条、第一百零三条"),
        ("医疗器械监督管理条例", "医疗器械监督管理条例"),
        ("programme rule", "征集活动规定"),
    ],
)
def test_articles_are_named_as_statutes_print_them(basis: str, chinese: str) -> None:
    assert in_chinese(basis) == chinese


def test_no_basis_of_the_decision_table_is_left_in_english() -> None:
    bases = {basis for row in ROWS for basis in (row.basis, row.device_basis)}

    assert [basis for basis in bases if re.search("[A-Za-z]", in_chinese(basis))] == []


def test_strengths_are_written_as_on_chinese_labels() -> None:
    units = re.compile(r"mg|ml|ug|μg|IU|CFU|cm|mm|g|μl|m")
    english = {row["strength"] for row in rows() if re.search("[A-Za-z]{2}", units.sub("", row["strength"]))}

    assert english == set()


def test_every_remark_of_the_catalogue_has_its_chinese() -> None:
    parts = {part for row in rows() for part in row["notes"].split("; ") if part}

    assert parts - CHINESE.keys() == set()
    assert CHINESE.keys() - parts == set()
