"""What a county's policy says of passwords: first ones expire, old ones are changed, composition only if wanted."""

from __future__ import annotations

import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from rest_framework.test import APIClient

from core.models import AuditEntry
from organisation.chinese_words import SYLLABLES
from organisation.guessing import BITS_NEEDED, Kind, bits_of, pieces_of
from organisation.models import Confirmation, Person, Policy
from organisation.passwords import Guessable, kinds_of
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("quick_argon2")
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)
NEW = "乡里的药箱今年冬天都不上锁"


@pytest.fixture
def person(world: World) -> Person:
    person = world.person("clerk")
    person.set_password(PASSWORD)
    person.name, person.username = "张三", "zhang.san"
    person.save(update_fields=["password", "name", "username"])
    return person


def given(person: Person, age: datetime.timedelta, *, first: bool = False) -> None:
    Person.objects.filter(pk=person.pk).update(
        password_set_at=timezone.now() - age, must_change_password=first
    )


def sign_in(person: Person, password: str = PASSWORD) -> tuple[int, str]:
    body = {"username": person.username, "password": password}
    answer = APIClient().post("/api/v1/auth/login/", body, format="json")
    return answer.status_code, answer.json().get("code", "")


def change(person: Person, new: str = NEW) -> Any:
    body = {"username": person.username, "old_password": PASSWORD, "new_password": new}
    return APIClient().post("/api/v1/auth/password/", body, format="json")


def policy(world: World, **changes: Any) -> None:
    Policy.objects.update_or_create(county=world.county, defaults=changes)


def test_first_password_opens_the_change_for_its_hours_only(world: World, person: Person) -> None:
    given(person, 71 * HOUR, first=True)
    assert sign_in(person) == (401, "password_change_required")

    given(person, 73 * HOUR, first=True)

    assert sign_in(person) == (401, "first_password_expired")
    assert change(person).json()["code"] == "first_password_expired"
    setting_up = {"username": person.username, "password": PASSWORD}
    assert APIClient().post("/api/v1/auth/otp/", setting_up, format="json").status_code == 401
    policy(world, first_password_hours=100)
    assert change(person).status_code == 204
    assert sign_in(person, NEW)[0] == 200


def test_screen_says_that_it_expired_and_whom_to_ask(person: Person) -> None:
    given(person, 73 * HOUR, first=True)

    answer = Client().post("/sign-in/", {"username": person.username, "password": PASSWORD})

    assert answer.status_code == 401
    assert "初始密码已过期" in answer.content.decode()


def test_new_first_password_begins_its_hours_anew(world: World, person: Person) -> None:
    given(person, 73 * HOUR, first=True)

    password = world.signed("security").post(f"people/{person.pk}/password/").json()["first_password"]
    given(person, 73 * HOUR, first=True)
    row = Confirmation.objects.get(person=person)
    password += world.signed("auditor").post(f"confirmations/{row.pk}/confirm/").json()["second_part"]

    assert sign_in(person, password) == (401, "password_change_required")


def test_only_one_in_charge_of_security_is_let_in_by_who_runs_the_installation(person: Person) -> None:
    given(person, 73 * HOUR, first=True)
    said = StringIO()

    call_command("renew_password", person.username, stdout=said)

    assert sign_in(person, said.getvalue().split()[-1]) == (401, "password_change_required")
    entry = AuditEntry.objects.get(action="manage.py renew_password")
    assert (entry.subject, entry.county) == (f"person {person.pk}", person.county_id)
    with pytest.raises(CommandError, match="Nobody signs in as nobody"):
        call_command("renew_password", "nobody")


def test_old_password_is_changed_where_the_county_says_so(world: World, person: Person) -> None:
    given(person, 400 * DAY)
    assert sign_in(person)[0] == 200

    policy(world, password_days=90)
    assert sign_in(person) == (401, "password_change_required")
    assert (
        'href="/password/'
        in Client().post("/sign-in/", {"username": person.username, "password": PASSWORD}).content.decode()
    )
    assert change(person).status_code == 204

    assert sign_in(person, NEW)[0] == 200


@pytest.mark.parametrize(
    ("word", "kinds"), [("aaaa", 1), ("aA", 2), ("aA1", 3), ("aA1药", 4), ("药 箱", 1), ("", 0)]
)
def test_kinds_of_characters(word: str, kinds: int) -> None:
    assert kinds_of(word) == kinds


@pytest.mark.parametrize(
    "word",
    [
        "CongJiang2022",
        "余药捐赠药品登记管理员2022",
        "donated-medicines",
        "从江县从江县从江县2023",
        "Password1234",
        "summer2022winter",
        "letmeinplease1",
        "aaaaaaaaaaaa",
        "abcabcabcabc",
        "abcdefghijkl",
        "iloveyou1234",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "13800138000138",
        "199001011990",
        "Zhangsan20222022",
        "zhang.san.clerk1",
        "张三张三张三张三张三张三",
        "xkxkxkxkxkxkxk",
        "congjiangxian!!",
        "zhongguo123456",
        "woaizhongguo1949",
        "zhonghuarenmin",
        "Huawei@12345678",
    ],
)
def test_words_that_anybody_here_would_try_are_refused(person: Person, word: str) -> None:
    refused = change(person, word)

    assert (refused.status_code, refused.json()["code"]) == (422, "weak_password")


def test_chinese_is_judged_by_words_and_syllables_and_told_why() -> None:
    """In characters and in pinyin; single syllables and surnames count too, what is random does not."""
    weak = (
        "lixiaoming19900101 wangfang13812345678 woaini5201314 guandongzhen2022 jintiantianqihenhao W0aizhongguo!"
        " 中华人民共和国万岁万岁 床前明月光疑是地上霜 beijing2008aoyun ｚｈｏｎｇｇｕｏ１２３４５６"
    )
    good = (
        "pingguoqiaolianggangbishanhu xigua-denglong-maobi-huoche yangshanzhongdemiaozhai rV7kPq2mZx9T hk3vq8wz1fmt"
        " 乡里的药箱今年冬天都不上锁"
    )

    def passes(password: str) -> bool:
        return bits_of(pieces_of(password, set())) >= BITS_NEEDED

    assert [password for password in weak.split() if passes(password)] == []
    assert [password for password in good.split() if not passes(password)] == []
    assert [piece.kind for piece in pieces_of("woai1949qwert", set())] == [
        Kind.CHINESE, Kind.DATED, Kind.KEYBOARD,
    ]  # fmt: skip
    with (
        override("en"),
        pytest.raises(ValidationError, match="common Chinese words or surnames; years or days"),
    ):
        Guessable().validate("woaizhongguo1949")
    assert len(SYLLABLES) == 410


@pytest.mark.parametrize(
    "word",
    [
        "乡里的药箱今年冬天都不上锁",
        "correct horse battery staple",
        "just small letters here",
        "another long password",
        "rV7kPq2mZx9T",
        "kettle lamp river stone",
    ],
)
def test_words_that_do_not_belong_together_are_taken(person: Person, word: str) -> None:
    assert change(person, word).status_code == 204


def test_composition_is_asked_where_the_county_says_so(world: World, person: Person) -> None:
    policy(world, password_composition=True)

    refused = change(person, "just small letters here")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/new_password")
    assert change(person, "Some letters and 1 digit").status_code == 204


def test_composition_and_age_are_off_by_default(person: Person) -> None:
    given(person, 4000 * DAY)

    assert change(person, "just small letters here").status_code == 204


@pytest.mark.parametrize(
    ("guard", "change"),
    [
        ("policy_passwords", "first_password_hours = 0"),
        ("policy_passwords", "first_password_hours = 721"),
        ("policy_passwords", "password_days = 367"),
        ("policy_identity_days", "identity_days = 7321"),
    ],
)
def test_database_holds_the_bounds(world: World, guard: str, change: str) -> None:
    policy(world)
    drop_guard("policy_confirmed")
    statement = f"UPDATE organisation_policy SET {change}"

    with refused_by(guard):
        execute(statement)
    drop_guard(guard)
    assert execute(statement) == 1
