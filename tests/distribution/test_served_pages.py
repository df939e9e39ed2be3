"""The screens of who is served and of who comes or goes for a time."""

from __future__ import annotations

import html
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from distribution.models import ClinicProfile
from distribution.models.shifts import PopulationShift
from tests.distribution.stock import FIRST, SECOND, profile
from tests.distribution.test_clinic_pages import key_in, page_of
from tests.world import TODAY, World


def uploaded(client: Client, address: str, text: str) -> Any:
    file = SimpleUploadedFile("table.csv", text.encode())
    return client.post(address, {"key": key_in(client.get(address)), "/file": file})


def content_of(answer: Any) -> str:
    [content] = re.findall(r'name="content" value="([^"]*)"', answer.content.decode())
    return html.unescape(content)


def test_shift_is_added_shown_and_ended(world: World) -> None:
    allocator = page_of(world.person("allocator"))
    new = "/population-shifts/new/"
    form = {"/place": FIRST, "/from": str(TODAY), "/to": str(TODAY), "/percent": "30"}

    added = allocator.post(new, {**form, "key": key_in(allocator.get(new))})

    row = PopulationShift.objects.get()
    assert (added.status_code, added["Location"], row.percent) == (302, "/population-shifts/", 30)
    shown = allocator.get("/population-shifts/").content.decode()
    assert "干团村卫生室" in shown
    assert "+30%" in shown
    end = f"/population-shifts/{row.pk}/end/"
    assert end in shown
    assert end not in page_of(world.person("auditor")).get("/population-shifts/").content.decode()
    done = allocator.post(end, {"key": key_in(allocator.get(end)), "/to": "2022-12-01"})
    assert (done.status_code, PopulationShift.objects.count()) == (302, 0)


def test_what_is_wrong_with_a_shift_stands_at_its_field(world: World) -> None:
    allocator, new = page_of(world.person("allocator")), "/population-shifts/new/"
    form = {"/place": FIRST, "/from": str(TODAY), "/to": str(TODAY), "/percent": "30", "/heads": "8"}

    answer = allocator.post(new, {**form, "key": key_in(allocator.get(new))})

    assert (answer.status_code, PopulationShift.objects.count()) == (400, 0)
    assert re.search(r'name="/percent" value="30"[^>]*aria-invalid', answer.content.decode())


def test_table_of_shifts_is_looked_at_and_then_takes_the_place_of_what_was_there(world: World) -> None:
    allocator = page_of(world.person("allocator"))
    head = "名称,开始日期,结束日期,增减人数\n"
    assert (
        "/api/v1/population-shifts/template.xlsx"
        in allocator.get("/population-shifts/read/").content.decode()
    )

    bad = uploaded(allocator, "/population-shifts/read/", f"{head}干团村卫生室,{TODAY},{TODAY},许多\n")
    seen = uploaded(allocator, "/population-shifts/read/", f"{head}干团村卫生室,{TODAY},{TODAY},-50\n")

    assert "A whole number is needed here." in bad.content.decode()
    assert "-50 people" in seen.content.decode()
    assert PopulationShift.objects.count() == 0
    done = allocator.post("/population-shifts/enter/", {"content": content_of(seen)})
    assert (done.status_code, PopulationShift.objects.get().heads) == (302, -50)
    assert allocator.post("/population-shifts/enter/", {"content": "?"}).status_code == 400
    assert PopulationShift.objects.get().heads == -50


def test_table_of_profiles_is_looked_at_and_entered_whole(world: World) -> None:
    allocator = page_of(world.person("allocator"))
    profile(world, world.villages[1], population=80)
    head = "机构编码,服务人口,红标,数据日期\n"

    seen = uploaded(allocator, "/clinic-profiles/read/", f"{head}{FIRST},900,12,{TODAY}\n")
    done = allocator.post("/clinic-profiles/enter/", {"content": content_of(seen)})

    assert done["Location"] == "/clinic-profiles/"
    assert dict(ClinicProfile.objects.values_list("place__code", "population")) == {FIRST: 900, SECOND: 80}
    shown = allocator.get("/clinic-profiles/").content.decode()
    assert "干团村卫生室" in shown
    assert "/clinic-profiles/read/" in shown


def test_figures_of_one_clinic_are_written_down_and_changed(world: World) -> None:
    allocator, new = page_of(world.person("allocator")), "/clinic-profiles/set/"
    profile(world, world.villages[1], population=80)
    form = {"key": key_in(allocator.get(new)), "/population": "900", "/data_date": str(TODAY)}

    unchosen = allocator.post(new, form)
    added = allocator.post(new, {**form, "place": FIRST})
    known = allocator.get(f"{new}?place={SECOND}").content.decode()
    version = re.search(r'name="/version" value="(\d+)"', known)[1]
    change = {**form, "place": SECOND, "/version": version}
    changed, late = (allocator.post(new, change) for _n in range(2))

    assert f'<option value="{SECOND}"' not in allocator.get(new).content.decode()
    assert (unchosen.status_code, "Choose the clinic." in unchosen.content.decode()) == (400, True)
    assert 'name="/population" value="900"' in unchosen.content.decode()
    assert 'name="/population" value="80"' in known
    assert (added.status_code, changed.status_code, late.status_code) == (302, 302, 409)
    assert dict(ClinicProfile.objects.values_list("place__code", "population")) == {FIRST: 900, SECOND: 900}
    assert f"{new}?place={FIRST}" in allocator.get("/clinic-profiles/").content.decode()
    assert new not in page_of(world.person("auditor")).get("/clinic-profiles/").content.decode()
