"""The administrator's screens of limits of hand-outs and of shares for local use."""

from __future__ import annotations

import re

import pytest

from distribution.models.limits import HandOutLimit
from distribution.models.local_use import LocalUseRule
from tests.distribution.test_clinic_pages import key_in, page_of
from tests.world import World

IBUPROFEN = "布洛芬片 0.1g (M009a)"


def test_limit_is_set_changed_and_lifted_on_a_screen(world: World) -> None:
    administrator, address = page_of(world.person("administrator")), "/dispensing-limits/set/"
    form = {"/rules/0/medicine": IBUPROFEN, "/rules/0/per_fever": "6", "/rules/0/fever_days": "7"}

    for figures in (form, {**form, "/rules/0/per_fever": "8"}):
        answer = administrator.post(address, {**figures, "key": key_in(administrator.get(address))})
        assert answer["Location"] == "/dispensing-limits/", answer.content.decode()

    limit = HandOutLimit.objects.get()
    assert (limit.per_hand_out, limit.per_fever) == (None, 8)
    assert f"{address}?medicine=M009a" in administrator.get("/dispensing-limits/").content.decode()
    shown = administrator.get(f"{address}?medicine=M009a").content.decode()
    assert re.search(r'name="/rules/0/per_fever" value="8"', shown)
    clinic = page_of(world.person("clinic", world.villages[0])).get("/dispensing-limits/").content.decode()
    assert "布洛芬片 0.1g" in clinic
    assert address not in clinic


@pytest.mark.parametrize(("medicine", "code"), [("", None), (IBUPROFEN, "M009a")])
def test_share_for_local_use_is_set_on_a_screen(world: World, medicine: str, code: str | None) -> None:
    administrator, address = page_of(world.person("administrator")), "/local-use-rules/set/"
    form = {"/rules/0/medicine": medicine, "/rules/0/percent": "80"}

    wrong = administrator.post(
        address, {**form, "/rules/0/percent": "101", "key": key_in(administrator.get(address))}
    )
    done = administrator.post(address, {**form, "key": key_in(administrator.get(address))})

    assert re.search(r'name="/rules/0/percent" value="101"[^>]*aria-invalid', wrong.content.decode())
    assert done["Location"] == "/local-use-rules/"
    rule = LocalUseRule.objects.get()
    assert (rule.percent, rule.medicine and rule.medicine.code) == (80, code)
