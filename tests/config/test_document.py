"""The OpenAPI document is made once, not for everyone who asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from rest_framework.test import APIClient

from config.document import document, made_once

JSON = "application/vnd.oai.openapi+json"


def test_document_is_made_once_for_all_who_ask_in_one_language_and_format(db: None) -> None:
    document.cache_clear()
    accept = {"Accept": JSON, "Accept-Language": "zh-hans"}
    start = Barrier(2)

    def asked_at_once(_number: int) -> bytes:
        start.wait()
        return made_once(JSON, "zh-hans")

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(asked_at_once, range(2))
    again = APIClient().get("/api/v1/schema/?lang=nobody-speaks-this", headers=accept)

    assert first == second == again.content
    assert again.json()["openapi"].startswith("3.1")
    assert (document.cache_info().misses, document.cache_info().hits) == (1, 2)


def test_document_can_be_asked_for_in_another_language_and_as_yaml(db: None) -> None:
    accept = {"Accept-Language": "zh-hans"}
    yaml = APIClient().get("/api/v1/schema/", headers=accept)
    english = APIClient().get("/api/v1/schema/?lang=en&format=json", headers=accept)

    assert yaml["Content-Type"].startswith("application/vnd.oai.openapi")
    assert yaml.content.startswith(b"openapi: 3.1")
    assert english["Content-Language"] == "en"
    assert english.json()["paths"]
