import datetime

import pypdfium2
import pytest
import zxingcpp

from core.models import AuditEntry
from core.receipt_codes import parse_receipt_code
from tests.world import TODAY, World, donation, item

OLD = TODAY - datetime.timedelta(days=40)


def registered(world, **fields):
    return world.signed("clerk").post("donations/", donation(**fields)).json()


def receipt(world, made, size="a5"):
    answer = world.signed("clerk").get(f"donations/{made['id']}/receipt.pdf", size=size)
    assert answer.status_code == 200, answer.content
    return pypdfium2.PdfDocument(answer.content)


def texts(document):
    return [page.get_textpage().get_text_range().replace("\r\n", "") for page in document]


@pytest.mark.parametrize("size", ["a5", "80mm", "a4"])
def test_receipt_of_every_size_names_donor_donee_item_and_handler(world: World, size):
    made = registered(world, donor={"kind": "person", "name": "㛃䶮𠮷", "phone": "13800138000"})

    text = "".join(texts(receipt(world, made, size)))

    for word in ("㛃䶮𠮷", "从江县中医院北院药房", "布洛芬片", "2203051", "20", "clerk", "隐私告知"):
        assert word in text


def test_receipt_holds_the_code_as_qr(world: World):
    made = registered(world)

    picture = receipt(world, made)[0].render(scale=3).to_pil()

    assert zxingcpp.read_barcode(picture).text == parse_receipt_code(made["receipt_code"])


def test_receipt_on_a4_has_two_copies_on_one_page(world: World):
    pages = texts(receipt(world, registered(world), "a4"))

    assert len(pages) == 1
    assert [pages[0].count(copy) for copy in ("第一联 捐赠人留存", "第二联 受赠单位留存")] == [1, 1]


def test_receipt_on_a4_too_long_for_half_a_page_has_its_copies_on_two(world: World):
    made = registered(world, items=[item() for _ in range(20)])

    pages = texts(receipt(world, made, "a4"))

    assert ["第一联" in page for page in pages] == [True, False]
    assert ["第二联" in page for page in pages] == [False, True]


def test_receipt_names_refused_items_apart_with_their_reason(world: World):
    expired = item(medicine="M001b", expiry=f"有效期至{OLD:%Y年%m月%d日}")
    made = registered(world, items=[item(), expired], unfit="destroy")

    [text] = texts(receipt(world, made))

    kept, refused = text.split("二、不予接收")
    assert "对乙酰氨基酚片" not in kept
    assert "已过有效期" in refused
    assert "留置待销毁" in refused


def test_receipt_tells_goods_left_afterwards_from_those_handed_back(world: World):
    expired = item(medicine="M001b", expiry=f"有效期至{OLD:%Y年%m月%d日}")
    made = registered(world, items=[expired])

    [before] = texts(receipt(world, made))
    world.signed("clerk").post(f"donations/{made['id']}/leave/")
    [after] = texts(receipt(world, made))

    assert "一、不予接收（当场退还捐赠人" in before
    assert "一、不予接收（留置待销毁" in after


def test_receipt_of_a_voided_donation_says_so(world: World):
    made = registered(world)
    world.signed("clerk").post(f"donations/{made['id']}/void/", {"reason": "重复登记"})

    [text] = texts(receipt(world, made))

    assert "本次登记已作废" in text
    assert "布洛芬" not in text


def test_receipt_of_an_anonymous_donor_has_no_name(world: World):
    made = registered(world, donor={"kind": "anonymous"})

    [text] = texts(receipt(world, made))

    assert "匿名捐赠人" in text


def test_receipt_leaves_one_entry_in_the_audit_log(world: World):
    made = registered(world)
    receipt(world, made)

    entries = AuditEntry.objects.filter(action__startswith="GET ")

    assert [entry.subject for entry in entries] == [f"donation {made['id']}"]


def test_receipt_is_given_to_a_client_that_asks_for_pdf(world: World):
    made = registered(world)

    answer = world.signed("clerk").client.get(
        f"/api/v1/donations/{made['id']}/receipt.pdf", HTTP_ACCEPT="application/pdf"
    )

    assert (answer.status_code, answer.content[:5]) == (200, b"%PDF-")


def test_receipt_of_another_county_is_not_there(world: World):
    made = registered(world)

    answer = world.signed("clerk", foreign=True).get(f"donations/{made['id']}/receipt.pdf")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_receipt_of_unknown_size_refused(world: World):
    made = registered(world)

    answer = world.signed("clerk").get(f"donations/{made['id']}/receipt.pdf", size="a0")

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/size")
