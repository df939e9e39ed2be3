"""A county is brought in whole, with the one account that makes the others, or not at all."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from core.models import AuditEntry
from organisation.models import County, Person, Place

FILE = """county_code,county_name,level,code,name,parent_code
522634,雷山县,county,522634,雷山县,
522634,雷山县,township,522634100,丹江镇,522634
522634,雷山县,village,522634100200,脚猛村,522634100
"""


def add(code: str, username: str = "first.person", **options: object) -> str:
    said = StringIO()
    call_command("add_county", code, username=username, name="龙秀英", stdout=said, **options)
    return said.getvalue()


def test_county_comes_with_its_places_and_the_person_who_makes_accounts(db: None, tmp_path: Path) -> None:
    password = add("522633").strip().rpartition(" ")[2]

    words = {"username": "522633-first.person", "password": password}
    refused = APIClient().post("/api/v1/auth/login/", words)
    renewed = words | {"old_password": password, "new_password": "a long enough password"}
    changed = APIClient().post(
        "/api/v1/auth/password/", {k: v for k, v in renewed.items() if k != "password"}
    )
    held = Person.objects.get().grants.values_list("role", flat=True)

    told = (refused.json()["code"], changed.status_code < 300, list(held))
    assert told == ("password_change_required", True, ["security"])
    assert Place.objects.filter(county="522633").count() > 100
    assert AuditEntry.objects.get(action="manage.py add_county").subject == "county 522633"
    with pytest.raises(CommandError, match="there already"):
        add("522633")

    (tmp_path / "divisions.csv").write_text(FILE, "utf-8")
    add("522634", "second.person", divisions=tmp_path / "divisions.csv")
    assert County.objects.get(pk="522634").name == "雷山县"


def test_county_that_no_file_holds_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="does not hold the county 522634"):
        add("522634")

    assert not County.objects.exists()


def test_nothing_is_added_where_the_account_is_refused(db: None) -> None:
    with pytest.raises(CommandError, match="Nothing was added"):
        call_command("add_county", "522633", username="a b", name="龙秀英", stdout=StringIO())

    assert not County.objects.exists()
