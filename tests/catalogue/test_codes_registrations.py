import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.codes import (
    ApprovalNumber,
    CodeError,
    DeviceNumber,
    ImportRegistration,
    approval_number,
    device_number,
    import_registration,
    other_registration,
)

eight_digits = st.text(alphabet="0123456789", min_size=8, max_size=8)


@pytest.mark.parametrize(
    ("letters", "category", "origin"),
    [
        ("H", "chemical", "domestic"),
        ("Z", "chinese_patent", "domestic"),
        ("S", "biological", "domestic"),
        ("B", "health", "domestic"),
        ("T", "diagnostic", "domestic"),
        ("F", "excipient", "domestic"),
        ("J", "import_repacked", "overseas"),
        ("C", "classical_formula", "domestic"),
        ("HC", "chemical", "hongkong_macao_taiwan"),
        ("ZC", "chinese_patent", "hongkong_macao_taiwan"),
        ("SC", "biological", "hongkong_macao_taiwan"),
        ("HJ", "chemical", "overseas"),
        ("ZJ", "chinese_patent", "overseas"),
        ("SJ", "biological", "overseas"),
    ],
)
def test_approval_number_knows_every_class(letters, category, origin):
    number = approval_number(f"国药准字{letters}20200001")

    assert number == ApprovalNumber(f"国药准字{letters}20200001", category, origin)


@pytest.mark.parametrize(
    "typed",
    [
        "国药准字H10900089",
        "国药准字 h10900089",
        "国药准字Ｈ１０９００089",
        " 国 药 准 字 H 1090 0089\n",
        "批准文号：国药准字H10900089",
        "国药准字：H10900089",
        "国药准字号H10900089",
        "国药准字\u200bH10900089",
    ],
)
def test_approval_number_reads_what_people_type(typed):
    assert approval_number(typed) == ApprovalNumber("国药准字H10900089", "chemical", "domestic")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("H10900089", "prefix_missing"),
        ("C20210002", "prefix_missing"),
        ("批准文号：H10900089", "prefix_missing"),
        ("国药准字H1090008", "pattern"),
        ("国药准字H109000899", "pattern"),
        ("国药准字X10900089", "pattern"),
        ("国药准字BJ10900089", "pattern"),
        ("国药准字CC10900089", "pattern"),
        ("国药准字H1O900089", "pattern"),
        ("国药准字H١٠٩٠٠٠٨٩", "pattern"),
        ("国药准字H10900089;DROP", "pattern"),
        ("\x00", "pattern"),
    ],
)
def test_approval_number_says_what_is_wrong(typed, code):
    answer = approval_number(typed)

    assert isinstance(answer, CodeError)
    assert answer.code == code


@settings(deadline=None)
@given(st.sampled_from("HZSBTFJC"), eight_digits)
def test_approval_number_round_trips(letter, digits):
    number = approval_number(f"国药准字{letter}{digits}")

    assert isinstance(number, ApprovalNumber)
    assert approval_number(number.text.lower()) == number


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (
            "进口药品注册证号H20130650",
            ImportRegistration("进口药品注册证号H20130650", "chemical", "overseas", False),
        ),
        (
            "进口药品注册证号：BH20130650",
            ImportRegistration("进口药品注册证号BH20130650", "chemical", "overseas", True),
        ),
        ("bh20130650", ImportRegistration("进口药品注册证号BH20130650", "chemical", "overseas", True)),
        (
            "注册证号 Z20130001",
            ImportRegistration("进口药品注册证号Z20130001", "chinese_patent", "overseas", False),
        ),
        (
            "医药产品注册证号HC20130001",
            ImportRegistration("医药产品注册证号HC20130001", "chemical", "hongkong_macao_taiwan", False),
        ),
        (
            "注册证号SC20130001",
            ImportRegistration("医药产品注册证号SC20130001", "biological", "hongkong_macao_taiwan", False),
        ),
    ],
)
def test_import_registration_reads_both_certificates(typed, read):
    assert import_registration(typed) == read


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"),
        ("H20130650", "prefix_missing"),
        ("进口药品注册证号HC20130650", "pattern"),
        ("医药产品注册证号H20130650", "pattern"),
        ("进口药品注册证号T20130650", "pattern"),
    ],
)
def test_import_registration_says_what_is_wrong(typed, code):
    answer = import_registration(typed)

    assert isinstance(answer, CodeError)
    assert answer.code == code


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("国械注准20203400124", DeviceNumber("国械注准20203400124", 3, "domestic", "registered")),
        ("国械注进20152201234", DeviceNumber("国械注进20152201234", 2, "overseas", "registered")),
        (
            "国械注许20182070001",
            DeviceNumber("国械注许20182070001", 2, "hongkong_macao_taiwan", "registered"),
        ),
        ("粤械注准 2017 2 20 0001", DeviceNumber("粤械注准20172200001", 2, "domestic", "registered")),
        (
            "医疗器械注册证编号：黔械注准20202140001",
            DeviceNumber("黔械注准20202140001", 2, "domestic", "registered"),
        ),
        ("国械备20151134号", DeviceNumber("国械备20151134号", 1, "overseas", "filed")),
        ("浙温械备20140027", DeviceNumber("浙温械备20140027号", 1, "domestic", "filed")),
        ("京械备20140001号", DeviceNumber("京械备20140001号", 1, "domestic", "filed")),
        (
            "国食药监械（准）字2012第2200123号",
            DeviceNumber("国食药监械(准)字2012第2200123号", 2, "domestic", "registered_before_2014"),
        ),
    ],
)
def test_device_number_reads_every_form_since_2004(typed, read):
    assert device_number(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "国械注准20204400124",
        "国械注准2020340012",
        "某械注准20203400124",
        "国械注外20203400124",
        "国械备2015113号",
        "x",
    ],
)
def test_device_number_refuses_other_forms(typed):
    answer = device_number(typed)

    assert isinstance(answer, CodeError)
    assert answer.code == "pattern"


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("国食健字G20100001", "health_food"),
        ("国食健注G20190001", "health_food"),
        ("卫食健字（2001）第0012号", "health_food"),
        ("黔药制字Z20200001", "hospital_preparation"),
        ("鲁药制备字Z20200001000", "hospital_preparation"),
        ("（鲁）卫消证字（2019）第0012号", "disinfectant"),
        ("兽药字050011234", "veterinary"),
        ("国妆特字G20200001", "cosmetic"),
        ("国药准字H10900089", None),
        ("", None),
    ],
)
def test_other_registration_tells_what_is_no_medicine(typed, kind):
    assert other_registration(typed) == kind


@settings(deadline=None, max_examples=200)
@given(st.text() | st.text(alphabet="国药准字械注备进口药品注册证号BHZSCJ0123456789()第"))
def test_registrations_answer_any_text(text):
    answers = (approval_number(text), import_registration(text), device_number(text))

    assert all(answer.text if not isinstance(answer, CodeError) else answer.zh for answer in answers)
