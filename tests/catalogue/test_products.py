"""Products added by a pharmacist, and what the catalogue refuses."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.response import Response

from catalogue.models import Medicine, Product, SearchName
from catalogue.products import ProductDraft, add_product
from catalogue.services import MEDICINES, load_medicines
from organisation.models import County
from tests.cloned import together
from tests.plain_sql import drop_guard, insert, refused_by
from tests.world import Signed, World


@pytest.fixture
def few_medicines(db: None, tmp_path: Path) -> Path:
    """The lines of the catalogue for slow-release ibuprofen and paracetamol, loaded."""
    lines = MEDICINES.read_text(encoding="utf-8").splitlines(keepends=True)
    file = tmp_path / "medicines.csv"
    file.write_text(
        "".join(line for line in lines if line.startswith(("code", "M010", "M001"))), encoding="utf-8"
    )
    load_medicines(file)
    return file


FENBID = {
    "medicine": "M010",
    "brand": "芬必得",
    "specification": "0.3g*20粒",
    "manufacturer": "中美天津史克制药有限公司",
    "approval_number": "批准文号：国药准字 Ｈ１０９０００８９",
    "barcode": "6901234567892",
    "insurance_code": "XM01AEB175E007010100483",
    "pack_size": 20,
}


@pytest.fixture
def pharmacist(world: World, few_medicines: Path) -> Signed:
    return world.signed("pharmacist")


def add(signed: Signed, **changes: Any) -> Response:
    return signed.post("products/", FENBID | changes)


def faults(answer: Response) -> tuple[int, list[tuple[str, str]]]:
    return answer.status_code, [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


@pytest.mark.django_db
def test_product_is_added_in_one_spelling_and_found(pharmacist: Signed) -> None:
    answer = add(pharmacist)

    assert answer.status_code == 201
    assert answer.json() == FENBID | {
        "id": answer.json()["id"],
        "generic_name": "布洛芬缓释胶囊",
        "dosage_form": "缓释胶囊",
        "strength": "0.3g",
        "approval_number": "国药准字H10900089",
        "own": True,
        "retired_on": None,
        "retired_by": None,
        "retired_reason": None,
    }
    found = pharmacist.get("products/", q="zmtjsk").json()["results"]
    assert [row["id"] for row in found] == [answer.json()["id"]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "status", "expected"),
    [
        ({"medicine": "M999"}, 400, [("/medicine", "unknown_medicine")]),
        ({"specification": "0.5g*20粒"}, 400, [("/specification", "other_strength")]),
        ({"approval_number": "H10900089"}, 400, [("/approval_number", "approval_number_prefix_missing")]),
        ({"approval_number": "国食健字G20040001"}, 400, [("/approval_number", "approval_number_pattern")]),
        ({"barcode": "6901234567890"}, 400, [("/barcode", "barcode_check_digit")]),
        ({"barcode": "abc"}, 400, [("/barcode", "barcode_pattern")]),
        ({"insurance_code": "XM01"}, 400, [("/insurance_code", "insurance_code_length")]),
        ({"pack_size": 0}, 400, [("/pack_size", "min_value")]),
        ({"pack_size": "20"}, 400, [("/pack_size", "not_whole")]),
        ({"brand": "x\x00"}, 400, [("/brand", "text_refused")]),
        ({"brand": 7}, 400, [("/brand", "not_text")]),
        ({"colour": "red"}, 400, [("/colour", "unknown_field")]),
        (
            {"brand": "", "manufacturer": "", "approval_number": "", "barcode": ""},
            400,
            [("/manufacturer", "required")],
        ),
        (
            {"barcode": "1", "insurance_code": "1"},
            400,
            [("/barcode", "barcode_length"), ("/insurance_code", "insurance_code_length")],
        ),
    ],
)
def test_refusal_names_the_field_and_leaves_nothing(
    pharmacist: Signed, changes: dict[str, Any], status: int, expected: list[tuple[str, str]]
) -> None:
    before = (Product.objects.count(), SearchName.objects.count())

    answer = add(pharmacist, **changes)

    assert faults(answer) == (status, expected)
    assert (Product.objects.count(), SearchName.objects.count()) == before


@pytest.mark.django_db
def test_strength_may_be_printed_in_another_unit(pharmacist: Signed) -> None:
    assert add(pharmacist, specification="300mg×20粒").status_code == 201


@pytest.mark.django_db
def test_product_and_barcode_stand_in_the_catalogue_once(pharmacist: Signed) -> None:
    first = add(pharmacist).json()["id"]

    again, other = add(pharmacist), add(pharmacist, specification="0.3g*10粒")

    assert (faults(again), str(first) in again.json()["detail"]) == ((409, []), True)
    assert (faults(other), str(first) in other.json()["detail"]) == (
        (409, [("/barcode", "barcode_taken")]),
        True,
    )
    assert Product.objects.count() == 1


@pytest.mark.django_db
def test_same_key_adds_one_product(pharmacist: Signed) -> None:
    key = uuid.uuid4()

    answers = [pharmacist.post("products/", FENBID, key=key) for _ in range(2)]

    assert answers[0].json() == answers[1].json()
    assert Product.objects.count() == 1


@pytest.mark.django_db
def test_adding_takes_as_many_statements_for_known_names_as_before(pharmacist: Signed) -> None:
    counts = []
    for number in range(3):
        with CaptureQueriesContext(connection) as captured:
            add(pharmacist, barcode="", specification=f"0.3g*{number + 6}粒")
        counts.append(len(captured))

    assert counts[1] == counts[2] <= counts[0]


def test_same_box_added_at_once_stands_in_the_catalogue_once(cloned_db: str, few_medicines: Path) -> None:
    medicine = Medicine.objects.get(code="M010")
    county = County.objects.create(code="522633", name="从江县").pk

    def work() -> Product:
        with transaction.atomic():
            return add_product(
                ProductDraft(county, medicine, "芬必得", "0.3g*20粒", "中美天津史克制药有限公司")
            )

    results = together([work, work])

    assert Product.objects.count() == 1
    assert sum(isinstance(result, Product) for result in results) == 1
    assert SearchName.objects.filter(text="中美天津史克制药有限公司").count() == 1


def browsing(world: World, role: str, language: str = "en") -> Client:
    client = Client(headers={"Accept": "text/html", "Accept-Language": language})
    client.force_login(world.person(role))
    return client


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("blf", True), ("buluofen", True), ("ibuprofen", True), ("芬必得", True), ("M010", True),
        ("布络芬", True), ("6901234567892", True), ("paracetamol", False),
    ],
)  # fmt: skip
def test_screen_finds_a_medicine_by_whatever_is_typed(
    world: World, pharmacist: Signed, words: str, found: bool
) -> None:
    add(pharmacist)

    shown = browsing(world, "clinic").get("/medicines/", {"q": words}).content.decode()

    assert ("/medicines/M010/" in shown) == found
    assert ("is this meant?" in shown) == (words == "布络芬")


def test_words_and_an_order_together_are_both_heeded(world: World, pharmacist: Signed) -> None:
    add(pharmacist)
    add(pharmacist, brand="安瑞克", barcode="", specification="0.3g*10粒")

    listed = {
        order: [
            row["brand"]
            for row in world.signed("clerk").get("products/", q="blf", ordering=order).json()["results"]
        ]
        for order in ("brand", "-brand")
    }
    medicines = world.signed("clerk").get("medicines/", q="paracetamol", ordering="-code").json()["results"]

    assert listed["brand"] == listed["-brand"][::-1] == sorted(listed["brand"])
    assert len(listed["brand"]) == 2
    assert [row["code"] for row in medicines] == sorted((row["code"] for row in medicines), reverse=True)
    assert all(row["match"] for row in medicines)


def test_screen_of_a_medicine_says_how_it_is_judged_and_which_products_there_are(
    world: World, pharmacist: Signed
) -> None:
    add(pharmacist)

    shown = browsing(world, "clerk").get("/medicines/M010/").content.decode()

    assert "国药准字H10900089" in shown
    assert "sealed, as bought" in shown
    assert '<span class="badge bad">refuse</span>' in shown
    assert "/products/new/" not in shown


def test_verdicts_of_a_medicine_are_those_of_the_counter(world: World, pharmacist: Signed) -> None:
    Medicine.objects.filter(code="M010").update(special_control="narcotic")

    told = world.signed("clinic").get("medicines/M010/").json()

    assert {verdict["outcome"] for verdict in told["verdicts"]} == {"refuse"}
    assert [reason["code"] for reason in told["verdicts"][0]["reasons"]] == ["special_control"]
    assert told["ingredients"] == ["ibuprofen"]


def test_device_is_judged_sealed_and_used(world: World, few_medicines: Path) -> None:
    Medicine.objects.filter(code="M010").update(category="device")

    verdicts = world.signed("clinic").get("medicines/M010/").json()["verdicts"]

    assert [(verdict["way"], verdict["outcome"]) for verdict in verdicts] == [
        ("sealed", "accept"),
        ("used", "refuse"),
    ]


def test_unknown_medicine_is_not_found(world: World, few_medicines: Path) -> None:
    assert world.signed("clinic").get("medicines/M999/").status_code == 404
    assert browsing(world, "clinic").get("/medicines/M999/").status_code == 404


def test_product_is_added_by_its_form_and_a_wrong_code_said_at_its_field(
    world: World, pharmacist: Signed
) -> None:
    form = {f"/{name}": value for name, value in FENBID.items()}
    screen = browsing(world, "pharmacist")

    wrong = screen.post("/products/new/", {**form, "/barcode": "6901234567890", "key": str(uuid.uuid4())})
    done = [screen.post("/products/new/", {**form, "key": key}) for key in [str(uuid.uuid4())] * 2]

    assert (wrong.status_code, 'id="f-barcode-fault"' in wrong.content.decode()) == (400, True)
    assert [(answer.status_code, answer["Location"]) for answer in done] == [(302, "/medicines/M010/")] * 2
    assert Product.objects.count() == 1
    assert "芬必得" in screen.get("/products/?medicine=M010").content.decode()


GUARDS = [
    ("product_barcode_digits", {"barcode": "69012345678x"}),
    ("product_insurance_code_form", {"insurance_code": "short", "brand": ""}),
    ("product_pack_size_positive", {"pack_size": 0, "brand": ""}),
    ("product_barcode_once", {"barcode": "6901234567892", "specification": "0.3g*10粒"}),
    ("product_once", {}),
]


@pytest.mark.parametrize(("guard", "columns"), GUARDS)
def test_database_refuses_and_lets_pass_without_the_guard(
    world: World, guard: str, columns: dict[str, Any]
) -> None:
    row = {
        "medicine_id": world.ibuprofen.pk, "brand": "芬必得", "specification": "0.3g*20粒", "manufacturer": "史克",
        "approval_number": "", "barcode": "", "insurance_code": "", "pack_size": 20, "county_id": world.county.pk,
    }  # fmt: skip
    insert("catalogue_product", **row)
    insert("catalogue_product", **row | {"barcode": "6901234567892"})

    with refused_by(guard):
        insert("catalogue_product", **row | columns)

    drop_guard(guard)
    assert insert("catalogue_product", **row | columns)
