import io
import json

import pytest
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import override
from hypothesis import given, settings
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from core.errors import Invalid
from core.json_body import DEPTH_LIMIT, FAULT_LIMIT, MalformedBody, StrictJSONParser


def parse(content: bytes) -> object:
    return StrictJSONParser().parse(io.BytesIO(content))


def faults(content: bytes) -> list[tuple[str, str]]:
    with pytest.raises((MalformedBody, Invalid)) as caught:
        parse(content)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False, width=16)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | STORABLE,
    lambda inner: st.lists(inner) | st.dictionaries(STORABLE, inner),
    max_leaves=20,
)


@settings(deadline=None, max_examples=50)
@given(JSON)
def test_storable_body_parsed_as_it_is(body: object) -> None:
    parsed = parse(json.dumps(body).encode())

    assert parsed == body


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: json.dumps([text, {text: 1}]).encode()))
def test_any_bytes_parsed_or_refused(content: bytes) -> None:
    try:
        body = parse(content)
    except (MalformedBody, Invalid, ParseError) as refusal:
        body = str(refusal)

    assert json.loads(json.dumps(body).encode("utf-8")) == body


def test_byte_order_mark_passed_over() -> None:
    assert parse(b"\xef\xbb\xbf[1]") == [1]


@pytest.mark.parametrize("content", [b"\xff\xfe[\x001\x00]\x00", b'"\xed\xa0\x80"', b"\xc3("])
def test_body_not_utf8_refused(content: bytes) -> None:
    assert faults(content) == [("", "malformed_body")]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"nonsense", b"[1,]", b"{'a': 1}", b"[NaN]", b"[Infinity]", b"[-Infinity]", b'{"a": 1, "a": 2}',
     b'[{"b": {"a": 1, "a": 1}}]', b"[1] [2]", b'["\n"]', b"[" + b"9" * 5000 + b"]"],
)  # fmt: skip
def test_body_not_json_refused(content: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        parse(content)

    assert caught.value.status_code == 400


@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 40 + b"1" + b"]" * 40])
def test_deep_body_refused(nested: bytes) -> None:
    with pytest.raises((MalformedBody, ParseError)) as caught:
        parse(nested)

    assert getattr(caught.value, "status", 400) == 400


def test_depth_counted_exactly() -> None:
    assert parse(b"[" * DEPTH_LIMIT + b"1" + b"]" * DEPTH_LIMIT) is not None
    assert faults(b"[" * (DEPTH_LIMIT + 1) + b"1" + b"]" * (DEPTH_LIMIT + 1)) == [("", "malformed_body")]


def test_unstorable_text_named_by_its_pointer() -> None:
    body = b'{"items": [{"a/b~c": "\\u0000"}, {"note": "\\ud800"}], "fine": "\\ud83d\\ude00"}'

    assert sorted(faults(body)) == [("/items/0/a~1b~0c", "text_refused"), ("/items/1/note", "text_refused")]


def test_unstorable_name_named_without_its_character() -> None:
    assert faults(b'{"donor": {"na\\u0000me": 1}}') == [
        ("/donor/na\N{REPLACEMENT CHARACTER}me", "text_refused")
    ]


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "-9223372036854775808", "1e400", "-1e400", "1" * 400]
)
def test_number_beyond_any_book_refused(number: str) -> None:
    code = "min_value" if number.startswith("-") else "max_value"
    assert faults(f'{{"quantity": {number}}}'.encode()) == [("/quantity", code)]


def test_faults_told_up_to_a_limit() -> None:
    assert len(faults(json.dumps(["\0"] * 1000).encode())) == FAULT_LIMIT


def test_body_too_large_refused_unread(settings: object) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    stream = io.BytesIO(b"[" + b" " * 1000 + b"]")

    with pytest.raises(RequestDataTooBig):
        StrictJSONParser().parse(stream)

    assert stream.tell() == 11


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b'{"n": ' + b"9" * 5000 + b"}", "A number in the body has too many digits."),
        (b'{"n": }', "The body is not JSON at line 1, column 7."),
        (b'{"n": NaN}', "The body is not JSON: NaN is no JSON number"),
        (b'{"n": 1, "n": 2}', "The body is not JSON: a name stands twice in one object"),
    ],
)
def test_body_refused_in_our_own_words(content: bytes, words: str) -> None:
    with override("en"), pytest.raises((MalformedBody, ParseError)) as caught:
        parse(content)

    assert str(caught.value.detail) == words
