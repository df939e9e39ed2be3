"""Medicines and products found by what people type, over the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response

from catalogue.models import Medicine, Product, SearchGram, SearchKey, SearchName
from catalogue.products import ProductDraft, add_product
from catalogue.search_index import rebuild_index
from catalogue.services import load_medicines
from tests.world import Signed, World

FENBID = "中美天津史克制药有限公司"


@pytest.fixture(scope="module")
def standing_clerk(module_db: None) -> Signed:
    """A clerk, the whole catalogue, and products of 布洛芬缓释胶囊 and 布洛芬片 by three makers."""
    world = World()
    load_medicines()
    product("M010", "芬必得", FENBID, "0.3g*20粒", "国药准字H10900089", barcode="6901234567892")
    product("M010", "芬必得", FENBID, "0.3g*10粒", "国药准字H10900089")
    product("M010", "", "扬子江药业集团有限公司", "0.3g*24粒", "国药准字H20013062")
    product("M009a", "艾洛宁", "石药集团欧意药业有限公司", "0.1g*100片", "国药准字H13020775")
    return world.signed("clerk")


@pytest.fixture
def clerk(standing_clerk: Signed, db: None) -> Signed:
    return standing_clerk


def product(
    medicine: str, brand: str, maker: str, specification: str, number: str, barcode: str = ""
) -> Product:
    return add_product(
        ProductDraft(
            "522633", Medicine.objects.get(code=medicine), brand, specification, maker, number, barcode
        )
    )


def codes(clerk: Signed, words: str, **query: Any) -> list[str]:
    answer = clerk.get("medicines/", q=words, **query)
    assert answer.status_code == 200, answer.json()
    return [row["code"] for row in answer.json()["results"]]


def specifications(clerk: Signed, words: str, **query: Any) -> list[str]:
    answer = clerk.get("products/", q=words, **query)
    assert answer.status_code == 200, answer.json()
    return [row["specification"] for row in answer.json()["results"]]


SLOW_RELEASE_IBUPROFEN = {
    "blf": "start",
    "BLF": "start",
    "ｂｌｆ": "start",
    "buluofen": "start",
    "bu luo fen": "inside",
    "blfhsjn": "start",
    "luofen": "inside",
    "ibuprofen": "exact",
    "Ibupro": "start",
    "芬必得": "exact",
    "fenbide": "exact",
    "fbd": "start",
    "布洛芬缓释": "start",
    "布洛芬缓释胶囊 0.3g": "exact",
    "布洛芬缓释胶囊0.3g": "exact",
    "缓释胶囊 布洛芬 300mg": "inside",
    "布络芬": "sound",
    "芬比得": "sound",
    "布各芬": "typo",
    "ibuprofn": "typo",
    "buluofn": "typo",
    "fenbdie": "typo",
    "M010": "exact",
    "国药准字H10900089": "exact",
    "H10900089": "exact",
    "10900089": "exact",
    "6901234567892": "exact",
    "06901234567892": "exact",
    "布洛芬 扬子江": "start",
    "blf yzj": "start",
}
FIRST = {
    "lhqw": "M095",
    "lianhuaqinwen": "M095",
    "阿司匹灵": "M017a",
    "aspirin": "M017a",
    "扑热息痛": "M001a",
    "acetaminophen": "M001a",
    "黄连素": "M134",
    "999感冒灵": "M038",
    "anxiusuo": "M042",
    "体温计": "M185",
}


@pytest.mark.django_db
def test_slow_release_ibuprofen_is_found_by_whatever_is_typed(clerk: Signed) -> None:
    fits = {}
    for typed in SLOW_RELEASE_IBUPROFEN:
        rows = {row["code"]: row for row in clerk.get("medicines/", q=typed).json()["results"]}
        fits[typed] = rows["M010"]["match"]["fit"] if "M010" in rows else "lost"

    assert fits == SLOW_RELEASE_IBUPROFEN


@pytest.mark.django_db
def test_what_is_meant_comes_first(clerk: Signed) -> None:
    assert {typed: codes(clerk, typed)[:1] for typed in FIRST} == {
        typed: [code] for typed, code in FIRST.items()
    }


@pytest.mark.django_db
def test_two_strengths_stay_two_medicines(clerk: Signed) -> None:
    rows = clerk.get("medicines/", q="阿司匹林片").json()["results"]

    assert [(row["code"], row["strength"]) for row in rows] == [("M017a", "0.3g"), ("M017b", "0.5g")]
    assert codes(clerk, "阿司匹林片 0.5g") == ["M017b"]
    assert codes(clerk, "布洛芬缓释胶囊 0.5g") == []


@pytest.mark.django_db
def test_best_fit_comes_first_and_slips_last(clerk: Signed) -> None:
    product("M138", "布洛芳", "贵州百灵制药有限公司", "10mg*6片", "国药准字H20000001")

    fits = [row["match"]["fit"] for row in clerk.get("medicines/", q="布洛芬").json()["results"]]
    by_initials = codes(clerk, "blf")

    assert fits == sorted(fits, key=["exact", "start", "inside", "sound", "typo"].index)
    assert "typo" not in fits
    assert by_initials[0] == "M009a"
    assert by_initials.index("M138") > by_initials.index("M010")


@pytest.mark.django_db
def test_what_is_refused_stands_behind_what_is_accepted(clerk: Signed) -> None:
    defaults = [row["donation_default"] for row in clerk.get("medicines/", q="fufang").json()["results"]]

    assert set(defaults) >= {"accept", "refuse"}
    assert defaults == sorted(defaults, key=["accept", "pharmacist_review", "out_of_scope", "refuse"].index)


@pytest.mark.django_db
def test_hit_by_brand_tells_its_products_and_hit_by_name_none(clerk: Signed) -> None:
    by_brand = clerk.get("medicines/", q="芬必得").json()["results"][0]
    by_name = clerk.get("medicines/", q="布洛芬缓释胶囊").json()["results"][0]

    assert by_brand["match"] == {"by": "brand", "name": "芬必得", "fit": "exact"}
    assert [product["specification"] for product in by_brand["products"]] == ["0.3g*20粒", "0.3g*10粒"]
    assert (by_name["match"]["by"], by_name["products"]) == ("generic_name", [])


PRODUCTS = {
    "芬必得": ["0.3g*20粒", "0.3g*10粒"],
    "H20013062": ["0.3g*24粒"],
    "国药准字H1090": ["0.3g*20粒", "0.3g*10粒"],
    "6901234567892": ["0.3g*20粒"],
    "yzj": ["0.3g*24粒"],
    "布洛芬 石药": ["0.1g*100片"],
    "芬必得 石药": [],
    "布洛芬缓释胶囊": ["0.3g*20粒", "0.3g*10粒", "0.3g*24粒"],
}


@pytest.mark.django_db
def test_products_are_found(clerk: Signed) -> None:
    assert {typed: specifications(clerk, typed) for typed in PRODUCTS} == PRODUCTS


@pytest.mark.django_db
def test_products_of_one_medicine(clerk: Signed) -> None:
    assert specifications(clerk, "", medicine="M009a") == ["0.1g*100片"]
    assert specifications(clerk, "blf", medicine="M009a") == ["0.1g*100片"]
    assert specifications(clerk, "石药", medicine="M010") == []
    assert specifications(clerk, "blf", medicine="nothing") == []


@pytest.mark.django_db
def test_filters_and_pages_hold_for_what_is_found(clerk: Signed) -> None:
    all_found = codes(clerk, "blf", page_size=200)

    assert codes(clerk, "blf", page_size=2, page=2) == all_found[2:4]
    assert set(codes(clerk, "blf", donation_default="refuse")) < set(all_found)
    assert clerk.get("medicines/", q="blf", page_size=10_000).json()["count"] == len(all_found)
    assert clerk.get("medicines/", q="blf", page="99").status_code == 404


ROUTES = ["medicines/", "products/"]
HOSTILE = [
    "%",
    "_",
    "'",
    '"; DROP TABLE x; --',
    "😀",
    "\\",
    "&|!",
    "|" * 90,
    "𠮷",
    "( ) [",
    "(?i)a+",
    "\u202e",
]
TOO_LONG = ["布" * 101, "x" * 10_000]


@pytest.mark.django_db
def test_hostile_text_is_text(clerk: Signed) -> None:
    answers = {(typed, route): clerk.get(route, q=typed) for typed in HOSTILE for route in ROUTES}

    assert {answer.status_code for answer in answers.values()} == {200}
    assert {key: answer.json()["results"] for key, answer in answers.items() if key[0] in "%_'😀\\"} == {
        (typed, route): [] for typed in "%_'😀\\" for route in ROUTES
    }
    assert codes(clerk, "布洛芬%") == codes(clerk, "布洛芬")


@pytest.mark.django_db
def test_text_that_no_name_can_hold_is_refused(clerk: Signed) -> None:
    answers = [clerk.get(route, q=typed) for typed in TOO_LONG for route in ROUTES]

    assert [faults(answer) for answer in answers] == [(400, ["/q"])] * len(answers)
    assert [clerk.get(route, q="布\x00洛芬").status_code for route in ROUTES] == [400, 400]


def faults(answer: Response) -> tuple[int, list[str]]:
    return answer.status_code, [error["pointer"] for error in answer.json()["errors"]]


@pytest.mark.django_db
def test_lone_surrogate_finds_nothing(clerk: Signed) -> None:
    answer = clerk.client.get(f"/api/v1/medicines/?q={quote(chr(0xD800), errors='surrogatepass')}")

    assert (answer.status_code, answer.json()["results"]) == (200, [])


@pytest.mark.django_db
def test_statements_do_not_grow_with_what_is_found(clerk: Signed) -> None:
    asked = [(route, typed) for route in ROUTES for typed in SLOW_RELEASE_IBUPROFEN]
    few = [statements(clerk, route, typed) for route, typed in asked]
    for number in range(5):
        product(
            "M010", "芬必得", "扬子江药业集团有限公司", f"0.3g*{number + 2}粒", f"国药准字H1090008{number}"
        )
        product("M009b", "芬必得", FENBID, f"0.2g*{number + 2}片", "国药准字H10900089")

    assert [statements(clerk, route, typed) for route, typed in asked] == few
    assert max(few) <= 12


def statements(clerk: Signed, route: str, typed: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert clerk.get(route, q=typed).status_code == 200
    return len(captured)


@pytest.mark.django_db
def test_rebuilt_index_is_the_index(clerk: Signed) -> None:
    tables = [
        SearchName.objects.values_list("kind", "text", "medicines__code"),
        SearchKey.objects.values_list("key"),
    ]
    before = [sorted(map(str, table.all())) for table in tables]

    rebuild_index()

    assert [sorted(map(str, table.all())) for table in tables] == before
    assert SearchGram.objects.exists()


@pytest.mark.django_db
def test_renamed_medicine_is_found_by_its_new_name_only(clerk: Signed) -> None:
    Medicine.objects.filter(code="M134").update(generic_name="盐酸黄连片")

    rebuild_index()

    assert codes(clerk, "盐酸黄连片") == ["M134"]
    assert codes(clerk, "盐酸小檗碱片") == []


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("route", ["medicines/", "products/"])
def test_what_is_found_can_be_had_as_a_file(clerk: Signed, route: str, kind: str) -> None:
    answer = clerk.get(route, q="buluofen", format=kind)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content)
