"""The allocator's and the approver's screens: drafting, changing a line, approving, sending, urgent issues."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from distribution.models import Plan, PlanLine, Shipment
from distribution.models.urgent import UrgentIssue
from distribution.pages.levels import Level, LevelChart
from organisation.models import Policy
from tests.distribution.stock import HOSPITAL, profile, stock
from tests.distribution.stories import approved, drafted, only_line, submitted
from tests.distribution.test_clinic_pages import key_in, page_of
from tests.world import TODAY, World


def step(client: Client, address: str) -> Any:
    return client.post(address, {"key": key_in(client.get(address))})


def test_plan_is_drafted_handed_in_and_approved_by_another(world: World) -> None:
    stock(world, 100)
    profile(world, world.villages[0])
    allocator = page_of(world.person("allocator"))
    form = {
        "/county": world.county.pk,
        "/from_places": world.hospital.code,
        "/level": "clinics",
        "from": str(TODAY),
        "to": str(TODAY),
        "/horizon_days": "14",
        "key": key_in(allocator.get("/plans/new/")),
    }

    drafted = allocator.post("/plans/new/", form)
    step(allocator, f"{drafted['Location']}submit/")
    done = step(page_of(world.person("approver")), f"{drafted['Location']}approve/")

    assert (done.status_code, Plan.objects.get().state) == (302, "approved"), done.content.decode()
    assert Shipment.objects.get().state == "reserved"


def test_draft_without_a_pharmacy_says_so(world: World) -> None:
    allocator = page_of(world.person("allocator"))
    form = {"/county": world.county.pk, "/level": "clinics", "from": str(TODAY), "to": str(TODAY)}

    answer = allocator.post("/plans/new/", {**form, "key": key_in(allocator.get("/plans/new/"))})

    assert (answer.status_code, Plan.objects.count()) == (400, 0)
    assert 'role="alert"' in answer.content.decode()


def test_workbench_shows_bars_sentences_and_the_table(world: World) -> None:
    plan = drafted(world)["id"]

    shown = page_of(world.person("allocator")).get(f"/plans/{plan}/").content.decode()

    assert "<desc" in shown
    assert "干团村卫生室 0% → " in shown
    assert "the stock there is" in shown
    assert f"/plans/{plan}/lines/{PlanLine.objects.get().pk}/" in shown


def test_workbench_lists_what_nobody_can_use_by_its_day(world: World) -> None:
    stock(world, 30, days=2, lot="SOON")
    stock(world, 20, days=1, lot="SOONER")

    plan = drafted(world)["id"]

    shown = page_of(world.person("allocator")).get(f"/plans/{plan}/").content.decode()
    assert "is to be offered to neighbours" in shown
    rows = re.findall(r"(\d+) 片</td>.*?nobody can use it before it expires", shown)
    assert rows == ["20", "30"]


def test_auditor_reads_the_workbench_and_finds_nothing_to_press(world: World) -> None:
    plan = drafted(world)["id"]

    shown = page_of(world.person("auditor")).get(f"/plans/{plan}/").content.decode()

    assert "/submit/" not in shown
    assert "/lines/" not in shown


def test_line_is_changed_with_a_reason(world: World) -> None:
    plan = drafted(world)["id"]
    line = PlanLine.objects.get()
    allocator, address = page_of(world.person("allocator")), f"/plans/{plan}/lines/{line.pk}/"
    shown = allocator.get(address)
    form = {"/quantity": "60", "/version": Plan.objects.get().version, "key": key_in(shown)}

    bare = allocator.post(address, form)
    done = allocator.post(address, {**form, "/reason": "留作应急"})

    assert bare.status_code >= 400
    assert 'aria-invalid="true"' in bare.content.decode()
    assert done["Location"] == f"/plans/{plan}/?medicine=M009a"
    line.refresh_from_db()
    assert (line.quantity, line.reason) == (60, "留作应急")
    assert "40 units of this batch stay on the shelf" in allocator.get(done["Location"]).content.decode()


def test_line_beside_says_who_shares_the_batch(world: World) -> None:
    profile(world, world.villages[1])
    plan = drafted(world)["id"]
    first, second = PlanLine.objects.order_by("clinic__code")

    shown = page_of(world.person("allocator")).get(f"/plans/{plan}/lines/{first.pk}/").content.decode()

    assert "宰门村卫生室" in shown
    assert f"/plans/{plan}/lines/{second.pk}/" in shown


def test_planner_does_not_approve_the_own_plan(world: World) -> None:
    world.grant(world.person("allocator"), "approver")
    plan = submitted(world)
    both = page_of(world.person("allocator"))

    answer = step(both, f"/plans/{plan}/approve/")

    assert (answer.status_code >= 400, Plan.objects.get().state) == (True, "submitted")


def test_shipment_is_sent_with_less_and_a_reason(world: World) -> None:
    shipment = approved(world)
    pharmacist, address = page_of(world.person("pharmacist")), f"/shipments/{shipment}/dispatch/"
    shown = pharmacist.get(address)
    form = {"/lines/0/line": only_line(world, shipment), "/lines/0/picked": "90", "key": key_in(shown)}

    bare = pharmacist.post(address, form)
    done = pharmacist.post(address, {**form, "/lines/0/reason": "一板破损"})

    assert 'value="100"' in shown.content.decode()
    assert bare.status_code >= 400
    assert 'aria-invalid="true"' in bare.content.decode()
    assert (done.status_code, Shipment.objects.get().lines.get().picked) == (302, 90)


def test_urgent_issue_leaves_and_is_countersigned(world: World) -> None:
    stock(world, 100)
    allocator = page_of(world.person("allocator"))
    shown = allocator.get("/urgent-issues/new/")
    form = {
        "/from_place": world.hospital.code,
        "/to_place": world.centre.code,
        "/agreed_by": "分管副县长",
        "/agreed_at": re.search(r'name="/agreed_at" value="([^"]+)"', shown.content.decode())[1],
        "/reason": "发热病人突增",
        "/lines/1/medicine": "布洛芬片 0.1g (M009a)",
        "/lines/1/quantity": "20",
        "key": key_in(shown),
    }

    too_much = allocator.post("/urgent-issues/new/", {**form, "/lines/1/quantity": "200"})
    done = allocator.post("/urgent-issues/new/", form)
    issue = UrgentIssue.objects.get()
    step(page_of(world.person("approver")), f"/urgent-issues/{issue.pk}/countersign/")

    assert too_much.status_code >= 400
    assert done.status_code == 302, done.content.decode()
    issue.refresh_from_db()
    assert issue.countersigned_by == world.person("approver").pk


def test_workbench_asks_as_many_statements_for_two_clinics(
    world: World, django_assert_max_num_queries: Any
) -> None:
    plan = drafted(world)["id"]
    allocator, counts = page_of(world.person("allocator")), []
    for lines in (1, 2):
        assert PlanLine.objects.count() == lines
        allocator.get(f"/plans/{plan}/")
        with django_assert_max_num_queries(30) as asked:
            allocator.get(f"/plans/{plan}/")
        counts.append(len(asked))
        if lines == 1:
            profile(world, world.villages[1])
            step(allocator, f"/plans/{plan}/recompute/")

    assert counts[0] == counts[1]


def test_plan_of_its_own_rules_is_drafted_on_the_screen(world: World) -> None:
    """The county's groups and bands stand, or none, or the plan's own; and it may be of some medicines alone."""
    stock(world, 60)
    stock(world, 60, medicine=world.paracetamol)
    profile(world, world.villages[0], population=30)
    Policy.objects.create(county=world.county, band_minimum=20)
    allocator = page_of(world.person("allocator"))
    shown = allocator.get("/plans/new/").content.decode()
    assert re.search(r'name="/medicines" value="M009a">\s*<span>布洛芬片 0.1g', shown)
    form = {
        "/county": world.county.pk, "/level": "clinics", "/from_places": HOSPITAL, "from": str(TODAY),
        "to": str(TODAY), "/horizon_days": "14", "bands-0": "30", "bands-1": "100", "bands-2": "",
        "/interchangeable/1/0": "布洛芬片 0.1g (M009a)", "/interchangeable/1/3": "对乙酰氨基酚片 0.5g (M001b)",
    }  # fmt: skip
    own = {"bands": "own", "groups": "own"}

    def draft(**fields: str) -> Any:
        return allocator.post("/plans/new/", {**form, "key": key_in(allocator.get("/plans/new/")), **fields})

    drafted = [draft(), draft(**own), draft(bands="none", groups="none", **{"/medicines": "M009a"})]

    assert [answer.status_code for answer in drafted] == [302] * 3
    plans = Plan.objects.order_by("pk").values_list("bands", "interchangeable", "medicines")
    assert list(plans) == [([20, 100], [], []), ([30, 100], [["M001b", "M009a"]], []), ([], [], ["M009a"])]
    falling, alone = draft(**own, **{"bands-1": "20"}), draft(**own, **{"/interchangeable/1/3": ""})
    assert (falling.status_code, alone.status_code, Plan.objects.count()) == (400, 400, 3)
    assert re.search(r'name="bands-0" value="30"[^>]*aria-invalid', falling.content.decode())
    assert re.search(
        r'name="/interchangeable/1/0" value="布洛芬片 0.1g[^>]*aria-invalid', alone.content.decode()
    )


def test_levels_are_told_apart_where_little_is_shared() -> None:
    chart = LevelChart(
        [Level("甲村卫生室", 0, 1.27), Level("乙村卫生室", 0.4, 3), Level("丙村卫生室", 0, 0.001)]
    )

    first, second, third = chart.rows()

    assert (chart.ends_at, chart.need_x) == (5, None)
    assert [row["value"] for row in (first, second, third)] == ["0% → 1.2%", "0.40% → 3%", "0% → <0.01%"]
    assert 0 < first["added"] < second["before"] + second["added"]


def test_levels_beyond_twice_the_need_are_cut_off() -> None:
    chart = LevelChart([Level("甲村卫生室", 40, 350), Level("乙村卫生室", 12.9, 100)])

    first, second = chart.rows()

    assert (chart.ends_at, second["value"]) == (200, "12% → 100%")
    assert first["before"] + first["added"] == first["room"]
    assert chart.need_x == second["x"] + second["before"] + second["added"]


def test_step_that_is_past_says_so_and_shows_no_button(world: World) -> None:
    approved(world)
    plan = Plan.objects.get().pk
    allocator = page_of(world.person("allocator"))

    for address in (f"/plans/{plan}/submit/", f"/plans/{plan}/lines/{PlanLine.objects.get().pk}/"):
        answer = allocator.get(address)
        assert (answer.status_code, 'name="key"' in answer.content.decode()) == (409, False)
