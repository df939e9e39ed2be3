"""In WeChat's browser: pages and PDFs are shown, and a file to be saved says where to open it."""

from __future__ import annotations

import pytest
from django.test import Client

from core.models import AuditEntry
from tests.world import TODAY, World, donation

WECHAT = (
    "Mozilla/5.0 (Linux; Android 12; V2055A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0"
    " Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240404 MicroMessenger/8.0.49.2600(0x28003133) WeChat/arm64"
)
OTHER = WECHAT.partition(" XWEB")[0]
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


def browser(world: World, agent: str, accept: str = PAGE) -> Client:
    client = Client(headers={"User-Agent": agent, "Accept": accept, "Accept-Language": "zh-CN"})
    client.force_login(world.person("clerk"))
    return client


@pytest.mark.parametrize(
    "file",
    [
        "donations/?format=xlsx",
        "donations/?format=csv",
        f"roster.xlsx?place=P-522633-01&from={TODAY}&to={TODAY}",
        "rosters/template.xlsx",
        "public/bulletins/1.archive.zip",
    ],
)
def test_file_to_be_saved_says_to_open_it_in_a_browser(world: World, file: str) -> None:
    before = AuditEntry.objects.count()

    told = browser(world, WECHAT).get(f"/api/v1/{file}")

    words = told.content.decode()
    assert (told.status_code, told["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "选择“在浏览器打开”。" in words
    assert f"http://testserver/api/v1/{file}".replace("&", "&amp;") in words
    assert ("在浏览器中登录后" in words) == (not file.startswith("public/"))
    assert "Content-Disposition" not in told.headers
    assert AuditEntry.objects.count() == before
    if not file.startswith("public/"):
        saved, read = (browser(world, *each).get(f"/api/v1/{file}") for each in ((OTHER,), (WECHAT, "*/*")))
        assert saved["Content-Disposition"].startswith("attachment")
        assert "html" not in read["Content-Type"]
        saved.close()
        read.close()


def test_pages_and_papers_are_shown(world: World) -> None:
    made = world.signed("clerk").post("donations/", donation()).json()["id"]
    client = browser(world, WECHAT)

    receipt = client.get(f"/api/v1/donations/{made}/receipt.pdf")

    assert (receipt["Content-Type"], receipt["Content-Disposition"][:7]) == ("application/pdf", "inline;")
    assert client.get(f"/donations/{made}/").status_code == 200
    assert client.get("/donations/?format=xlsx").status_code == 200
