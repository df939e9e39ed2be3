"""The publisher's, the signer's and the auditor's screens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.html import escape

from core.models import AuditEntry
from distribution.models import Plan
from distribution.models.spot_checks import SpotCheck
from donations.models import Custody, CustodyKind
from organisation.models import Person
from reports.models import Bulletin
from reports.models.questions import Question
from tests.distribution.stories import delivered
from tests.reports.play import Play
from tests.world import TODAY, World, item

APPROVE = "POST api/v1/plans/<int:pk>/approve/"


def page_of(person: Person) -> Client:
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(person)
    return client


def table(answer: Any) -> str:
    """The list itself, without what its filters offer."""
    return answer.content.decode().split('id="table"')[1].split("</section>")[0]


def key_in(answer: Any) -> str:
    return re.search(r'name="key" value="([^"]+)"', answer.content.decode())[1]


def fill(client: Client, address: str, **fields: Any) -> Any:
    form = {f"/{name}": value for name, value in fields.items()}
    return client.post(address, {**form, "key": key_in(client.get(address))})


def draft(world: World) -> tuple[Client, str]:
    """The publisher, and the desk of a draft that ends today."""
    publisher = page_of(world.person("publisher"))
    period = {"period_start": str(TODAY), "period_end": str(TODAY)}
    done = fill(publisher, "/bulletins/new/", campaign=world.campaign.code, **period)
    return publisher, done["Location"]


def test_figures_of_a_period_agree_with_their_details(world: World) -> None:
    delivered(world)

    shown = page_of(world.person("publisher")).get("/figures/").content.decode()

    assert "yes, every one" in shown
    assert "布洛芬片 0.1g" in shown


def test_account_on_the_desk_is_whole_with_its_parts(play: Play) -> None:
    """Every column of table C, so that a reader can add each line up: also what was lost on the road."""
    given = play.give(item(quantity=40))
    play.count(given, 38)
    play.step(given, CustodyKind.MISSING, Custody.AT_POINT, Custody.MISSING, 2)
    play.accept(given, 30)
    play.reject(given, 8)
    batch, shipment = play.batch(given), play.shipment(play.world.centre)
    play.dispatch(shipment, batch, 20)
    play.receive(shipment, batch, 17, missing=3)
    play.dispense(play.world.centre, batch, 12)

    shown = page_of(play.world.person("publisher")).get("/figures/").content.decode()

    cells = dict(re.findall(r'<td class="number(?: zero)?" data-head="([^"]+)">(-?\d+)', shown))
    assert cells == {
        "Opening, not sorted": "0", "Received": "40", "Surplus": "0", "Accepted": "30", "Rejected": "8",
        "Missing": "2", "Voided": "0", "Closing, not sorted": "0", "Opening": "0", "Opening, on the road": "0",
        "Into stock": "30", "Allotted": "20", "Handed out": "12", "Returned": "0", "Destroyed": "0", "Lost": "3",
        "Adjusted": "0", "Closing, on the road": "0", "Closing": "15", "of it in use": "0",
    }  # fmt: skip
    assert re.search(r"8<br><small>[^<]*damaged[^<]* 8</small>", shown, re.IGNORECASE)
    assert "12<br><small>65-79 12</small>" in shown


def test_wrong_period_is_told_at_its_field(world: World) -> None:
    answer = page_of(world.person("publisher")).get("/figures/?from=2020-02-30&to=2020-02-01")

    assert answer.status_code == 400
    assert 'aria-invalid="true"' in answer.content.decode()


@pytest.mark.parametrize("address", ["/figures/received/", "/figures/allotted/"])
def test_details_show_this_month_unless_told_otherwise(world: World, address: str) -> None:
    delivered(world)
    client = page_of(world.person("auditor"))

    assert "布洛芬片 0.1g" in table(client.get(address))
    assert "布洛芬片" not in table(client.get(f"{address}?from=2020-01-01&to=2020-01-31"))


def test_bulletin_goes_from_draft_to_correction(world: World) -> None:
    delivered(world)
    publisher, desk = draft(world)
    signer = page_of(world.person("signer"))
    steps = desk.removesuffix("desk/")
    before = publisher.get(desk).content.decode()

    fill(publisher, f"{steps}submit/")
    assert f"{steps}publish/" in signer.get(desk).content.decode()
    assert f"<dd>{TODAY}</dd>" in signer.get(f"{steps}publish/").content.decode()
    fill(signer, f"{steps}publish/")
    bare = fill(publisher, f"{steps}correct/", reason="")
    done = fill(publisher, f"{steps}correct/", reason="漏记一笔接收")

    assert "布洛芬片 0.1g" in before
    assert f"{steps}submit/" in before
    assert f"/api/v1{steps}draft.pdf" in before
    assert "draft.pdf" not in publisher.get(desk).content.decode()
    assert bare.status_code == 400
    assert done["Location"] != desk
    assert [one.state for one in Bulletin.objects.order_by("pk")] == ["published", "draft"]
    assert ".pdf" in publisher.get(desk).content.decode()


def test_drafter_does_not_sign(world: World) -> None:
    world.grant(world.person("publisher"), "signer")
    publisher, desk = draft(world)
    steps = desk.removesuffix("desk/")
    fill(publisher, f"{steps}submit/")

    answer = fill(publisher, f"{steps}publish/")

    assert (answer.status_code >= 400, Bulletin.objects.get().state) == (True, "submitted")


def test_question_is_answered_in_public(world: World) -> None:
    Client().post(
        "/api/v1/public/questions/",
        {"county": world.county.pk, "text": "<b>药都去哪了?</b>"},
        content_type="application/json",
    )
    question = Question.objects.get()
    publisher, address = page_of(world.person("publisher")), f"/questions/{question.pk}/answer/"

    listed = publisher.get("/questions/?open=true").content.decode()
    bare = fill(publisher, address, answer="")
    done = fill(publisher, address, answer="已分配到两个村卫生室。")

    assert "Who answers" in listed
    assert address in listed
    assert "&lt;b&gt;药都去哪了?&lt;/b&gt;" in listed
    assert (bare.status_code, done.status_code) == (400, 302)
    question.refresh_from_db()
    assert question.answer == "已分配到两个村卫生室。"


def test_spot_check_is_written_put_right_and_closed(world: World) -> None:
    auditor, clinic = page_of(world.person("auditor")), page_of(world.person("clinic", world.villages[0]))
    found = {"place": world.villages[0].code, "checked_on": str(TODAY), "findings": "登记表未签字"}

    bare = fill(auditor, "/spot-checks/new/", **{**found, "findings": ""}, rectify_by=str(TODAY))
    fill(auditor, "/spot-checks/new/", **found, rectify_by=str(TODAY))
    check = SpotCheck.objects.get()
    listed = clinic.get("/spot-checks/").content.decode()
    fill(clinic, f"/spot-checks/{check.pk}/rectify/", rectification="已补签")
    fill(auditor, f"/spot-checks/{check.pk}/close/")

    assert bare.status_code == 400
    assert f"/spot-checks/{check.pk}/rectify/" in listed
    assert f"/spot-checks/{check.pk}/close/" not in listed
    check.refresh_from_db()
    assert (check.state, check.rectification) == ("closed", "已补签")


def test_audit_log_is_searched_by_the_names_of_actions(world: World) -> None:
    delivered(world)
    plan = Plan.objects.get().pk
    auditor = page_of(world.person("auditor"))

    approvals = auditor.get("/audit/", {"action_is": APPROVE})
    part = table(auditor.get("/audit/", {"action": "approve"}))
    refused = page_of(world.person("clinic")).post(f"/plans/{plan}/approve/")
    both = table(auditor.get("/audit/", {"action_is": APPROVE}))

    assert f'<option value="{escape(APPROVE)}" selected>Approve a plan</option>' in approvals.content.decode()
    for shown in (table(approvals), part):
        assert f'Approve a plan<small class="stored">{escape(APPROVE)}</small>' in shown
        assert f'Plan {plan}<small class="stored">plan {plan}</small>'.lower() in shown.lower()
        assert "receive" not in shown
    assert refused.status_code == 403
    assert (table(approvals).count("Approve a plan"), both.count("Approve a plan")) == (1, 2)
    assert 'Your roles do not allow this.<small class="stored">not_allowed</small>' in both
    assert AuditEntry.objects.count() > 2


def test_lists_ask_as_many_statements_for_three_as_for_one(
    world: World, django_assert_max_num_queries: Any
) -> None:
    auditor = page_of(world.person("auditor"))
    found = {"place": world.villages[0].code, "checked_on": str(TODAY), "findings": "账物相符"}
    counts = []
    for more in (1, 2):
        for _n in range(more):
            fill(auditor, "/spot-checks/new/", **found)
        auditor.get("/audit/")
        asked = []
        for address in ("/spot-checks/", "/audit/"):
            with django_assert_max_num_queries(20) as statements:
                auditor.get(address)
            asked.append(len(statements))
        counts.append(asked)

    assert counts[0] == counts[1]


def test_bulletin_of_another_county_is_not_found(world: World) -> None:
    _publisher, desk = draft(world)

    assert page_of(world.person("publisher", foreign=True)).get(desk).status_code == 404
