"""The Chinese catalogue is whole, compiled, and in the words of the county's offices."""

import ast
import gettext
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.test import Client
from django.utils.translation import override

from catalogue.expiry_notations import MESSAGES
from catalogue.screening_rules import ROWS
from config.translations import (
    CATALOGUE,
    COMPILED,
    ROOT,
    Entry,
    code_texts,
    compiled,
    faults,
    narrow_marks,
    read_catalogue,
    source_texts,
    template_texts,
)
from core.errors import DomainError, Invalid, NotFound
from core.quantities import _MESSAGES
from distribution.allocation.sentences import OWN_ZH
from distribution.drafting import NO_PROFILE_ZH
from distribution.models import AgeBand, Mark, Plan, Shipment
from distribution.swaps import ZH
from donations.models import Custody, Donation, Donor
from donations.services.registration import receipt_code_of
from inventory.models import Pack, SortingDecision, State
from organisation.models import Place, Role
from reports.models import Bulletin

FORBIDDEN = ("公报", "公告", "印章", "审计员", "患者", "捐赠票据")
# 慢性病患者 is the name of a group in the statistics, not what a recipient is called.
GROUP = "慢性病患者"
LABELS = [
    (Role.CLERK, "接收登记员"),
    (Role.CHECKER, "复核人"),
    (Role.PHARMACIST, "药师"),
    (Role.LEAD_PHARMACIST, "县级药师负责人"),
    (Role.ALLOCATOR, "调配员"),
    (Role.APPROVER, "审批人"),
    (Role.PUBLISHER, "信息发布员"),
    (Role.SIGNER, "签发人"),
    (Role.CLINIC, "发放员"),
    (Role.AUDITOR, "监督员"),
    (Role.ADMINISTRATOR, "系统管理员"),
    (Role.SECURITY, "安全管理员"),
    (Place.Kind.HEALTH_CENTRE, "乡镇卫生院"),
    (Place.Kind.VILLAGE_CLINIC, "村卫生室"),
    (Custody.AT_POINT, "已登记"),
    (Custody.ON_THE_WAY, "已移交"),
    (Custody.COUNTED, "已清点"),
    (Custody.IN_DOUBT, "待核"),
    (Custody.ACCEPTED, "合格"),
    (Custody.IN_BIN, "不合格"),
    (Custody.REFUSED, "不予接收"),
    (Custody.VOIDED, "已作废"),
    (Custody.MISSING, "短少"),
    (Donation.Unfit.RETURN, "退还捐赠人"),
    (Donor.Publish.FULL, "全名"),
    (Donor.Publish.MASKED, "仅姓氏"),
    (Donor.Publish.ANONYMOUS, "不公开"),
    (SortingDecision.Outcome.ACCEPT, "合格"),
    (SortingDecision.Outcome.REJECT, "不合格"),
    (SortingDecision.Outcome.HOLD, "待核"),
    (Pack.SEALED, "整盒未拆"),
    (Pack.OPENED, "已拆（内包装完好）"),
    (State.AVAILABLE, "可用"),
    (State.HELD, "暂控"),
    (State.RESERVED, "已预留"),
    (State.IN_TRANSIT, "在途"),
    (State.LOST, "遗失"),
    (State.ADJUSTED, "盘盈盘亏调整"),
    (Plan.State.DRAFT, "草稿"),
    (Plan.State.SUBMITTED, "待审批"),
    (Plan.State.APPROVED, "已批准"),
    (Plan.State.CANCELLED, "已取消"),
    (Shipment.State.DISPATCHED, "在途"),
    (Shipment.State.RECEIVED, "已签收"),
    (Bulletin.State.DRAFT, "草稿"),
    (Bulletin.State.SUBMITTED, "待签发"),
    (Bulletin.State.PUBLISHED, "已公布"),
    (AgeBand.INFANT, "0—3岁"),
    (AgeBand.OLDEST, "80岁及以上"),
    (Mark.PREGNANT, "孕产妇"),
    (Mark.LIVING_ALONE, "独居（孤寡、空巢）老人"),
    (Mark.DESTITUTE, "特困人员（五保）"),
    (Mark.LOW_INCOME, "低保对象"),
    (Mark.DISABLED, "残疾人"),
    (Mark.CHRONIC, GROUP),
]


# Calls that tell a person something, and which of their arguments says it.
TELLING = {"Fault": 2, "ErrorDetail": 0, "ValidationError": 0, "AuthenticationFailed": 0, "ParseError": 0}


def untranslated(source: str) -> Iterator[str]:
    """The messages of refusals that are written into the code without being translated."""
    import_module("config.urls")  # so that every room's refusals are known
    telling = TELLING | {kind.__name__: 0 for kind in kinds_of(DomainError)}
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call):
            name = getattr(call.func, "id", getattr(call.func, "attr", ""))
            for words in call.args[telling.get(name, len(call.args)) :][:1]:
                if isinstance(words, ast.Constant | ast.JoinedStr):
                    yield ast.unparse(call)


def kinds_of(kind: type) -> Iterator[type]:
    for narrower in kind.__subclasses__():
        yield narrower
        yield from kinds_of(narrower)


def the_catalogue() -> dict[str, Entry]:
    return read_catalogue(CATALOGUE.read_text("utf-8"))


def test_every_text_of_the_sources_is_translated() -> None:
    used = source_texts(ROOT)

    assert faults(the_catalogue(), used) == []
    assert used["pharmacist"] == "organisation/models.py"
    assert used["Skip to the content"] == "core/templates/core/base.html"


def test_compiled_catalogue_says_what_the_catalogue_says() -> None:
    with COMPILED.open("rb") as file:
        read = gettext.GNUTranslations(file)

    entries = the_catalogue()
    # python -m config.translations compiles it again.
    assert COMPILED.read_bytes() == compiled(entries)
    assert {key: told(read, key) for key in entries} == {key: entry.text for key, entry in entries.items()}


def told(catalogue: gettext.GNUTranslations, key: str) -> str:
    """What a compiled catalogue says; a text that is counted has one form in Chinese."""
    one, _zero, many = key.partition("\x00")
    return catalogue.ngettext(one, many, 1) if many else catalogue.gettext(key)


def test_no_forbidden_word_in_the_catalogue() -> None:
    texts = [entry.text.replace(GROUP, "") for entry in the_catalogue().values()]

    assert [text for text in texts if re.search("|".join(FORBIDDEN), text)] == []


def test_every_translation_is_chinese() -> None:
    texts = [entry.text for key, entry in the_catalogue().items() if key]

    assert [text for text in texts if not re.search("[\u4e00-\u9fff]", text)] == []
    assert [text for text in texts if re.search("[\u4e00-\u9fff][,;:?!.]", text)] == []


@pytest.mark.parametrize(("choice", "words"), LABELS, ids=lambda value: str(value))
def test_label_is_the_word_of_the_offices(choice, words: str) -> None:
    with override("zh-hans"):
        assert str(choice.label) == words


def test_refusal_is_told_in_the_language_asked_for() -> None:
    with override("zh-hans"):
        chinese = str(NotFound.message)
    with override("en"):
        english = str(NotFound.message)

    assert (chinese, english) == ("此处没有这一项，请核对后再试。", "There is no such thing here.")


def test_mistyped_receipt_code_is_told_in_the_language_asked_for() -> None:
    with override("en"), pytest.raises(Invalid) as refused:
        receipt_code_of("1234")

    assert [fault.message for fault in refused.value.faults] == ["A receipt code has 17 characters."]


def test_no_refusal_is_told_in_words_that_nobody_translates() -> None:
    rooms = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name != "tests"]
    found = {
        str(path.relative_to(ROOT)): list(untranslated(path.read_text("utf-8")))
        for room in rooms
        for path in room.rglob("*.py")
    }

    assert len(found) > 100
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_refusal_without_translation_is_found_out() -> None:
    source = """
raise ValidationError(_("one"), code="a")
raise ValidationError("two", code="b")
raise BeyondAllocation(f"{three}")
Fault("/four", "code", "four")
"""

    assert list(untranslated(source)) == [
        "ValidationError('two', code='b')",
        "BeyondAllocation(f'{three}')",
        "Fault('/four', 'code', 'four')",
    ]


@pytest.mark.parametrize(
    ("asked", "heading"),
    [
        ("", "登录"),
        ("zh-CN,zh;q=0.9", "登录"),
        ("fr", "登录"),
        ("en-GB,en;q=0.9", "Sign in"),
    ],
)
def test_page_is_chinese_unless_english_is_asked_for(asked: str, heading: str) -> None:
    page = Client(headers={"Accept-Language": asked}).get("/sign-in/")

    assert f"<h1>{heading}</h1>" in page.content.decode()


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ({}, ["missing: '%(there)d there' of room.py"]),
        ({"%(there)d there": Entry("", False)}, ["not translated: '%(there)d there'"]),
        ({"%(there)d there": Entry("有%(there)d", True)}, ["fuzzy: '%(there)d there'"]),
        ({"%(there)d there": Entry("有%(here)d", False)}, ["other placeholders: '%(there)d there'"]),
        ({"%(there)d there": Entry("有%(there)s", False)}, ["other placeholders: '%(there)d there'"]),
        (
            {"%(there)d there": Entry("有(%(there)d个)", False)},
            ["half-width marks: '%(there)d there'"],
        ),
        (
            {"%(there)d there": Entry("有%(there)d", False), "gone": Entry("无", False)},
            ["no longer used: 'gone'"],
        ),
    ],
)
def test_faulty_catalogue_is_found_out(entries: dict[str, Entry], found: list[str]) -> None:
    assert faults(entries, {"%(there)d there": "room.py"}) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("人口增减(返乡、外出)", ["(", ")"]),
        ("数量(%(unit)s)", ["("]),
        ("共%(count)s,余%(left)s；", [","]),
        ("共；, 余", [","]),
        ("第%(number)s期（%(year)s）：12:30，A (B), 100%", []),
        ("%(name)s：%(count)s!", []),
    ],
)
def test_half_width_marks_beside_chinese_are_found(text: str, found: list[str]) -> None:
    assert narrow_marks(text) == found


def test_sentences_that_stand_in_the_code_have_full_marks() -> None:
    """Pure rooms say Chinese without the catalogue: refusals of what was typed, and what limited a share."""
    said = [*OWN_ZH.values(), NO_PROFILE_ZH, ZH, *(row.zh for row in ROWS)]
    said += [words[0] for words in (*MESSAGES.values(), *_MESSAGES.values())]

    assert len(said) > 50
    assert [text for text in said if narrow_marks(re.sub(r"\{\w+\}", "0", text))] == []


# Spellings of others that are recognised, with whatever marks they bring.
RECOGNISED = {
    "donations/roster_import_columns.py",
    "distribution/profile_columns.py",
    "distribution/register_words.py",
}
ROOMS = ("config", "reports", "distribution", "inventory", "donations", "catalogue", "organisation", "core")


def test_papers_and_sheets_have_full_marks() -> None:
    """Heads and words of papers are Chinese without the catalogue; a text with letters or signs is a pattern."""
    found = {
        path: chinese_texts(path)
        for path in ROOT.glob("*/**/*.py")
        if path.relative_to(ROOT).parts[0] in ROOMS
    }

    assert sum(map(len, found.values())) > 500
    narrow = {
        str(path.relative_to(ROOT)): wrong
        for path, texts in found.items()
        if (wrong := [text for text in texts if narrow_marks(text)])
    }
    assert {path: texts for path, texts in narrow.items() if path not in RECOGNISED} == {}


def chinese_texts(path: Path) -> list[str]:
    """The texts of a file with Chinese characters and without Latin ones, docstrings left out."""
    tree = ast.parse(path.read_text("utf-8"))
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [
        text for text in texts if re.search("[\u3400-\u9fff]", text) and not re.search(r"[A-Za-z\\|?*]", text)
    ]


def test_texts_of_code_are_found_however_they_are_called() -> None:
    source = """
_("one " "text"); translation.gettext_lazy('two'); pgettext("verb", "open"); ngettext("day", "days", n); other("no")
"""

    assert list(code_texts(source, "room.py")) == ["one text", "two", "verb\x04open", "day\x00days"]


def test_text_put_together_before_it_is_translated_is_refused() -> None:
    with pytest.raises(ValueError, match=r"room.py:1: only a plain text can be translated"):
        list(code_texts('_(f"{count} left")', "room.py"))


def test_texts_of_templates_are_found() -> None:
    source = """{% load i18n %}{% translate "It's" %}<p>{{ _('in a filter') }}</p>
{% blocktranslate with name=county.name trimmed %}
  Figures of
  {{ name }}
{% endblocktranslate %}{% blocktranslate count n=days %}a day{% plural %}{{ n }} days{% endblocktranslate %}"""

    assert list(template_texts(source, "page.html")) == [
        "It's",
        "in a filter",
        "Figures of %(name)s",
        "a day\x00%(n)s days",
    ]


def test_catalogue_is_read_with_contexts_plurals_and_marks() -> None:
    text = """
msgid ""
msgstr "Language: zh_Hans\\n"

#, fuzzy
msgctxt "verb"
msgid "open"
msgstr ""
"打"
"开"

msgid "day"
msgid_plural "days"
msgstr[0] "日"
"""

    assert read_catalogue(text) == {
        "": Entry("Language: zh_Hans\n", False),
        "verb\x04open": Entry("打开", True),
        "day\x00days": Entry("日", False),
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"', "'a' stands twice"),
        ('msgid "a"\nmsgstr b', "not a line of a catalogue: msgstr b"),
        ('"a"', 'not a line of a catalogue: "a"'),
    ],
)
def test_broken_catalogue_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        read_catalogue(text)
