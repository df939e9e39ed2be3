"""A notice says whom to ask and whom to call: without both it is drafted with a warning, and not signed."""

from __future__ import annotations

from django.test import Client

from donations.models import Campaign
from organisation.models import County
from reports.models import Bulletin
from tests.reports.play import DAY
from tests.reports.test_bulletins import content_of, draft
from tests.world import TODAY, World

LACKING = [("contact", "contact_missing"), ("supervision_phone", "supervision_phone_missing")]


def unanswered(world: World) -> int:
    """A draft of a campaign that names nobody, in a county that names nobody."""
    world.campaign.contact = world.campaign.supervision_phone = ""
    world.campaign.save(update_fields=["contact", "supervision_phone"])
    drafted = draft(world.signed("publisher"))
    told = drafted.json()["lacking"]
    assert [(each["setting"], each["code"]) for each in told] == LACKING
    return drafted.json()["id"]


def test_notice_that_names_nobody_is_not_signed(world: World) -> None:
    pk = unanswered(world)
    world.signed("publisher").post(f"bulletins/{pk}/submit/")

    refused = world.signed("signer").post(f"bulletins/{pk}/publish/")

    assert (refused.status_code, refused.json()["code"]) == (409, "contact_missing")
    faults = [(each["pointer"], each["code"]) for each in refused.json()["errors"]]
    assert faults == [("/contact", "contact_missing"), ("/supervision_phone", "supervision_phone_missing")]
    bulletin = Bulletin.objects.get(pk=pk)
    assert (bulletin.state, bulletin.number, bulletin.content) == ("submitted", None, None)
    assert County.objects.get(pk=world.county.pk).closed_through is None


def test_county_answers_for_a_campaign_that_names_nobody(world: World) -> None:
    pk = unanswered(world)
    world.signed("publisher").post(f"bulletins/{pk}/submit/")
    said = {"contact": "从江县卫生健康局办公室", "supervision_phone": "12345"}
    assert world.signed("administrator").put("policies/", said).status_code == 200

    answer = world.signed("signer").post(f"bulletins/{pk}/publish/")

    assert (answer.status_code, answer.json()["lacking"]) == (200, [])
    assert content_of(pk)["campaign"] | said == content_of(pk)["campaign"]
    assert "12345" in Client().get("/counties/522633/").content.decode()


def test_screen_of_a_draft_warns_of_what_is_lacking(world: World) -> None:
    pk = unanswered(world)
    publisher = Client(headers={"Accept": "text/html", "Accept-Language": "zh-hans"})
    publisher.force_login(world.person("publisher"))

    page = publisher.get(f"/bulletins/{pk}/desk/").content.decode()

    assert "公示没有监督电话" in page
    assert "公示没有联系方式" in page


def test_internal_report_needs_no_contact(world: World) -> None:
    unanswered(world)
    day = str(TODAY - DAY)
    body = {"campaign": world.campaign.code, "period_start": day, "period_end": day}
    pk = world.signed("publisher").post("bulletins/units/", body).json()["id"]

    assert world.signed("publisher").get(f"bulletins/{pk}/").json()["lacking"] == []


def test_new_campaign_that_names_nobody_hides_nobody(world: World) -> None:
    """The county's page names who answers for the older campaign that is still open."""
    world.campaign.contact = "旧活动办公室"
    world.campaign.save(update_fields=["contact"])
    Campaign.objects.create(
        county=world.county, code="C-2", name="新的征集活动", starts_on=TODAY - DAY, ends_on=TODAY + DAY,
        donee=world.hospital, coordinator="从江县卫生健康局", supervision_phone="0855-99",
    )  # fmt: skip

    page = Client().get("/counties/522633/").content.decode()

    assert all(words in page for words in ("新的征集活动", "旧活动办公室", "0855-99"))
