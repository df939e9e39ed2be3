"""Every route that changes something has a plain name in the audit log, and no name is left over."""

from __future__ import annotations

import pytest
from django.utils.translation import override

import config.urls  # noqa: F401 - so that every room's refusals are known
from config.access import ACCESS, PAGES
from config.housekeeping import ROUTE as HOUSEKEEPING
from config.management.commands.add_county import ROUTE as ADD_COUNTY
from config.management.commands.confirm_alone import ROUTE as CONFIRM_ALONE
from config.management.commands.renew_password import ROUTE as RENEW_PASSWORD
from config.management.commands.rotate_donor_key import ROUTE as ROTATE_DONOR_KEY
from core.errors import DomainError
from reports.audit_actions import (
    ACTIONS,
    BASE,
    READS,
    SCREENS,
    SCREENS_OF,
    SYSTEM,
    action_name,
    named_actions,
    stored_alike,
)
from reports.audit_words import KINDS, OF_ROUTES, SHARED, refusal_words, subject_words
from tests.core.test_translations import kinds_of

READING = {"GET", "HEAD", "OPTIONS"}


def writing(table: dict[str, dict[str, frozenset[str]]]) -> set[str]:
    return {f"{method} {route}" for route, may in table.items() for method in may if method not in READING}


def test_every_writing_route_of_the_api_has_a_name_and_no_name_is_left_over() -> None:
    assert writing(ACCESS) == set(ACTIONS)
    assert set(READS) <= {f"GET {route}" for route in ACCESS}
    assert set(SYSTEM) == {HOUSEKEEPING, ADD_COUNTY, CONFIRM_ALONE, RENEW_PASSWORD, ROTATE_DONOR_KEY}


def test_every_writing_screen_has_a_name_and_no_name_is_left_over() -> None:
    assert writing(PAGES) - set(ACTIONS) == set(SCREENS) | set(SCREENS_OF)
    assert set(SCREENS_OF.values()) <= set(ACTIONS)


def test_no_two_actions_are_called_the_same() -> None:
    for language in ("en", "zh-hans"):
        with override(language):
            names = [str(words) for _stored, words in named_actions()]

        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("action", "chinese", "english"),
    [
        ("POST api/v1/donations/", "登记捐赠", "Register a donation"),
        ("POST api/v1/plans/<int:pk>/approve/", "批准分配方案", "Approve a plan"),
        ("POST plans/<int:pk>/approve/", "批准分配方案", "Approve a plan"),
        ("POST destructions/new/", "提出销毁", "List goods for destruction"),
        ("GET api/v1/people/", "查看", "Read"),
        ("GET api/v1/donors/<int:pk>/", "查看捐赠人身份", "Read who a donor is"),
        (HOUSEKEEPING, "系统自动处理", "Automatic housekeeping"),
        ("DELETE api/v1/nowhere/", "", ""),
    ],
)
def test_action_is_named_in_both_languages(action: str, chinese: str, english: str) -> None:
    with override("zh-hans"):
        assert str(action_name(action)) == chinese
    with override("en"):
        assert str(action_name(action)) == english


def test_what_is_called_the_same_is_found_together() -> None:
    found = stored_alike(f"POST {BASE}destructions/")

    assert {f"POST {BASE}destructions/", "POST destructions/new/"} <= set(found)
    assert not [action for action in found if "confirm" in action]


@pytest.mark.parametrize(
    ("subject", "action", "words"),
    [
        ("donation 17", "POST api/v1/donations/", "捐赠登记 17"),
        ("pk 17", "POST api/v1/donations/<int:pk>/void/", "捐赠登记 17"),
        ("pk 3 line 8", "PATCH api/v1/plans/<int:pk>/lines/<int:line>/", "分配方案 3"),
        ("plan 3 line 8", "PATCH api/v1/plans/<int:pk>/lines/<int:line>/", "分配方案3，第8行"),
        ("place P-522633-01", "POST api/v1/places/", "机构 P-522633-01"),
        ("code P-522633-01", "PATCH api/v1/places/<str:code>/", "机构 P-522633-01"),
        ("kit 4, dispensing 9", "POST api/v1/kits/<int:pk>/dispense/", "健康包 4 · 发放 9"),
        ("kits 4–9", "POST api/v1/kits/", "健康包 4–9"),
        ("2 of 3 items", "POST api/v1/sortings/", "3条明细中的2条"),
        ("policy", "PUT api/v1/policies/", "县级规则"),
        ("pk 5", "GET api/v1/nowhere/<int:pk>/", ""),
        ("who knows", "POST api/v1/donations/", ""),
        ("", "POST api/v1/auth/login/", ""),
    ],
)
def test_subject_is_told_where_its_kind_is_known(subject: str, action: str, words: str) -> None:
    with override("zh-hans"):
        assert subject_words(subject, action) == words


def test_every_kind_of_a_route_has_words() -> None:
    assert set(OF_ROUTES.values()) <= set(KINDS)
    assert set(OF_ROUTES) <= {route.partition("/")[0] for route in (*ACCESS, *PAGES)}


def test_code_is_told_in_the_words_of_its_rule() -> None:
    """A code that several rules share has words that hold for all of them."""
    said: dict[str, set[str]] = {}
    for refusal in kinds_of(DomainError):
        said.setdefault(refusal.code, set()).add(str(refusal.message))

    many = {code for code, words in said.items() if len(words) > 1 or any("%(" in each for each in words)}
    assert many == set(SHARED) - {"method_not_allowed"}
    with override("zh-hans"):
        assert str(refusal_words("not_found")) == "此处没有这一项，请核对后再试。"
        assert str(refusal_words("second_person_needed")) == "须由另一人办理。"
        assert str(refusal_words("no such code")) == ""
        assert [code for code in said if "{" in str(refusal_words(code)) or not refusal_words(code)] == []
