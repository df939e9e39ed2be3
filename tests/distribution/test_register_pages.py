"""The health centre's screen for villages on paper: receipts, a typed register, and a file looked at first."""

from __future__ import annotations

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from distribution.models import Dispensing
from tests.distribution.stories import delivered, dispatched
from tests.distribution.test_clinic_pages import key_in, page_of
from tests.world import TODAY, World

HEAD = "单位,发放日期,登记号,年龄段,药品名称,规格,数量,用药天数"


def centre(world: World) -> Client:
    return page_of(world.person("clinic", world.centre))


def typed(world: World, **fields: Any) -> dict[str, Any]:
    return {
        "place": world.villages[0].code,
        "day": str(TODAY),
        "/hand_outs/3/register_ref": "17",
        "/hand_outs/3/age_band": "65-79",
        "/hand_outs/3/lines/0/medicine": "布洛芬片 0.1g (M009a)",
        "/hand_outs/3/lines/0/quantity": "6",
        "/hand_outs/3/lines/0/days_supply": "3",
        **fields,
    }


def test_receipts_of_all_its_villages_are_on_one_screen(world: World) -> None:
    shipment = dispatched(world)

    assert f"/shipments/{shipment}/receive/" in centre(world).get("/dispensing-registers/").content.decode()


def test_register_is_typed_in(world: World) -> None:
    delivered(world)
    client = centre(world)
    key = key_in(client.get("/dispensing-registers/"))

    done = client.post("/dispensing-registers/", {**typed(world), "key": key})

    assert done.status_code == 302, done.content.decode()
    given = Dispensing.objects.get()
    assert (given.place.pk, given.register_ref, given.age_band) == (world.villages[0].pk, "17", "65-79")
    assert (given.entered_for, [line.quantity for line in given.lines.all()]) == (True, [6])


def test_refused_row_is_named_and_keeps_its_typing(world: World) -> None:
    delivered(world)
    client = centre(world)
    wrong = typed(world, **{"/hand_outs/3/lines/0/quantity": "600", "key": "k"})

    answer = client.post(
        "/dispensing-registers/", {**wrong, "key": key_in(client.get("/dispensing-registers/"))}
    )

    shown = answer.content.decode()
    field = re.search(r'<input[^>]*name="/hand_outs/3/lines/0/quantity"[^>]*>', shown)[0]
    assert ('value="600"' in field, 'aria-invalid="true"' in field) == (True, True)
    assert Dispensing.objects.count() == 0


def read(world: World, client: Client, row: str) -> Any:
    file = SimpleUploadedFile("register.csv", f"{HEAD}\n{row}\n".encode())
    form = {"/place": world.villages[0].code, "/file": file}
    address = "/dispensing-registers/read/"
    return client.post(address, {**form, "key": key_in(client.get(address))})


def test_file_is_looked_at_and_then_entered(world: World) -> None:
    delivered(world)
    client = centre(world)

    looked = read(world, client, f"干团村卫生室,{TODAY},21,15—64岁,布洛芬片,0.1g,6,3")
    before = Dispensing.objects.count()
    shown = looked.context["content"]
    done = client.post("/dispensing-registers/enter/", {"content": shown, "key": key_in(looked)})

    assert (before, done.status_code) == (0, 302), done.content.decode()
    assert Dispensing.objects.get().register_ref == "21"


def test_wrong_cell_is_named_and_nothing_can_be_entered(world: World) -> None:
    delivered(world)

    shown = read(world, centre(world), f"干团村卫生室,{TODAY},21,青年,布洛芬片,0.1g,6,3").content.decode()

    assert '<td data-head="Row">2</td>' in shown
    assert "/enter/" not in shown


def test_content_that_was_tampered_with_is_refused(world: World) -> None:
    client = centre(world)
    key = key_in(client.get("/dispensing-registers/"))

    for content in ("", "[", '[{"place": 7}]', "{}", "[]"):
        answer = client.post("/dispensing-registers/enter/", {"content": content, "key": key})
        assert answer.status_code == 400
    assert Dispensing.objects.count() == 0
