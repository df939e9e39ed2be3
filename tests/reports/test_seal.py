import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.seal import canonical, fingerprint

LEAVES = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
CONTENT = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(
    st.characters(exclude_categories=["Cs"])), inner))  # fmt: skip


def test_canonical_bytes_are_sorted_dense_and_unescaped() -> None:
    assert canonical({"数": 1, "a": [True, None], "": ""}) == '{"":"","a":[true,null],"数":1}'.encode()


@settings(deadline=None)
@given(CONTENT)
def test_canonical_bytes_survive_reading(content: object) -> None:
    assert canonical(json.loads(canonical(content))) == canonical(content)


@pytest.mark.parametrize("content", [1.0, {"a": [0.5]}, {1: "a"}, {"a": b"x"}, float("nan")])
def test_canonical_refuses_what_has_no_one_form(content: object) -> None:
    with pytest.raises(TypeError):
        canonical(content)


def test_fingerprint_is_sha256() -> None:
    assert fingerprint(b"abc") == hashlib.sha256(b"abc").hexdigest()
