"""The JSON of a bulletin is what the OpenAPI document says of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from reports.content_schema import CONTENT, FIRST_CONTENT, FIRST_NAME, NAME, REFERENCE
from tests.reports.play import Play
from tests.reports.test_bulletin_files import story
from tests.reports.test_bulletins import content_of, published
from tests.reports.test_corrections import corrected, new_phone

__all__ = ["story"]


def faults(content: Any, schema: Any = CONTENT) -> list[str]:
    found = Draft202012Validator(schema).iter_errors(content)
    return [f"{fault.json_path}: {fault.message}" for fault in found]


def test_schema_is_one() -> None:
    Draft202012Validator.check_schema(CONTENT)
    Draft202012Validator.check_schema(FIRST_CONTENT)


def test_document_tells_what_a_bulletin_holds(db: None) -> None:
    document = (
        APIClient().get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"}).json()
    )

    answer = document["paths"]["/api/v1/public/bulletins/{id}.json"]["get"]["responses"]["200"]
    assert answer["content"]["application/json"]["schema"] == REFERENCE
    told = document["components"]["schemas"]
    assert (told[NAME], told[FIRST_NAME]) == (CONTENT, FIRST_CONTENT)


def test_bulletin_and_its_correction_are_as_told(story: Play) -> None:
    old = published(story.world)["id"]
    new_phone(story.world)

    assert faults(content_of(old)) == []
    assert faults(content_of(corrected(story.world, old)["id"])) == []


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("number",), "1"),
        (("number",), 1.5),
        (("extra",), 1),
        (("this_period", "medicines", 0, "stock", "found_again"), 1),
        (("this_period", "medicines", 0, "stock", "opening"), None),
        (("received", 0, "donor"), "张三"),
        (("previous_sha256",), "abc"),
    ],
)
def test_bulletin_that_strays_is_told(story: Play, where: tuple[Any, ...], value: Any) -> None:
    content = copy.deepcopy(content_of(published(story.world)["id"]))
    inner = content
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = value

    assert len(faults(content)) == 1


@pytest.mark.parametrize("name", ["this_period", "received", "county", "as_of"])
def test_bulletin_that_lacks_something_is_told(story: Play, name: str) -> None:
    content = content_of(published(story.world)["id"])
    del content[name]

    assert len(faults(content)) == 1
