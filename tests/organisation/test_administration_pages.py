"""The screens of the administrator and of those in charge of security: their whole job, without the API's pages."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from donations.models import Campaign
from organisation.models import Deputy, Person, Place, Policy, RoleGrant
from tests.world import TODAY, World


def screens(world: World, role: str) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(world.person(role))
    return client


def sent(client: Client, path: str, **fields: Any) -> Any:
    """The form at `path` filled in and sent, with what its hidden fields hold."""
    page = client.get(path)
    assert page.status_code == 200, page.content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(/[^"]+)" value="([^"]*)"', page.content.decode()))
    return client.post(path, {"key": str(uuid.uuid4()), **hidden, **fields})


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_account_is_made_given_a_role_and_ended(world: World) -> None:
    security = screens(world, "security")

    slip = sent(security, "/people/new/", **{"/name": "杨芹", "/username": "yang.qin"})

    person = Person.objects.get(username="522633-yang.qin")
    [password] = re.findall(r'<dd class="code">([A-Za-z2-9]{16})</dd>', slip.content.decode())
    assert person.check_password(password)
    role = {"/role": "clerk", "/place": "P-522633-01", "/township": "", "/starts_on": "", "/ends_on": ""}
    assert sent(security, f"/people/{person.pk}/roles/", **role).status_code == 302
    shown = security.get(f"/people/{person.pk}/")
    assert "clerk · 从江县中医院北院药房" in words(shown)
    grant = RoleGrant.objects.get(person=person).pk
    assert sent(security, f"/people/{person.pk}/roles/{grant}/end/").status_code == 302
    assert sent(security, f"/people/{person.pk}/change/", **{"/name": "杨芹"}).status_code == 302
    person.refresh_from_db()
    assert person.is_active is False
    assert "ended" in words(security.get("/people/?q=杨"))


def test_first_password_is_not_shown_twice(world: World) -> None:
    security, key = screens(world, "security"), str(uuid.uuid4())
    form = {"key": key, "/name": "杨芹", "/username": "yang.qin"}

    security.post("/people/new/", form)
    again = security.post("/people/new/", form)

    assert "It was shown already" in words(again)
    assert Person.objects.filter(username="522633-yang.qin").count() == 1


def test_what_is_wrong_stands_at_its_field_and_the_typing_stays(world: World) -> None:
    answer = sent(screens(world, "security"), "/people/new/", **{"/name": "杨芹", "/username": "y q"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'name="/username" value="y q"[^>]*aria-invalid', page)
    assert 'value="杨芹"' in page


def test_new_password_is_shown_once(world: World) -> None:
    clerk = world.person("clerk")

    slip = sent(screens(world, "security"), f"/people/{clerk.pk}/password/")

    [password] = re.findall(r'<dd class="code">([A-Za-z2-9]{8})</dd>', slip.content.decode())
    clerk.refresh_from_db()
    assert clerk.check_password(password)


def test_own_account_offers_nothing_to_change(world: World) -> None:
    security = screens(world, "security")

    shown = security.get(f"/people/{world.person('security').pk}/").content.decode()

    assert "your own account" in shown
    assert "roles/" not in shown


def test_somebody_is_signed_out_everywhere(world: World) -> None:
    clerk, security = screens(world, "clerk"), screens(world, "security")

    assert sent(security, f"/people/{world.person('clerk').pk}/sign-out/").status_code == 302

    assert clerk.get("/donations/").url.startswith("/sign-in/")
    assert sent(security, "/sign-out-everywhere/").status_code == 302
    assert security.get("/people/").url.startswith("/sign-in/")


def test_deputy_is_named_and_ended(world: World) -> None:
    security, pharmacist = screens(world, "security"), world.person("pharmacist")
    grant, deputy = RoleGrant.objects.get(person=pharmacist).pk, world.person("clerk").username
    days = {"/starts_on": str(TODAY), "/ends_on": str(TODAY)}

    answer = sent(security, "/deputies/new/", grant=str(grant), **{"/deputy": deputy, **days})

    row = Deputy.objects.get()
    assert (answer.status_code, row.grant_id, row.deputy.username) == (302, grant, deputy)
    assert "End it" in words(security.get("/deputies/"))
    assert sent(security, f"/deputies/{row.pk}/end/").status_code == 302
    row.refresh_from_db()
    assert row.ended_on == TODAY


def test_deputy_for_nobody_is_refused(world: World) -> None:
    days = {"/starts_on": str(TODAY), "/ends_on": str(TODAY)}

    answer = sent(screens(world, "security"), "/deputies/new/", grant="²", **{"/deputy": "x", **days})

    assert answer.status_code == 400
    assert Deputy.objects.count() == 0


def test_place_is_opened_and_closed(world: World) -> None:
    administrator = screens(world, "administrator")
    fields = {
        "/code": "P-522633-77", "/name": "从江县公安局", "/kind": "office", "/township": "", "/parent": "",
        "/takes_donations": "true",
    }  # fmt: skip

    assert sent(administrator, "/places/new/", **fields).status_code == 302
    place = Place.objects.get(code="P-522633-77")
    assert (place.takes_donations, place.sorts) == (True, False)
    assert sent(administrator, "/places/P-522633-77/", **{"/name": "从江县公安局"}).status_code == 302
    place.refresh_from_db()
    assert place.active is False
    assert "closed" in words(administrator.get("/places/?q=公安"))


def test_policy_is_changed_with_what_each_figure_does_beside_it(world: World) -> None:
    administrator = screens(world, "administrator")
    page = administrator.get("/policies/").content.decode()
    shown = dict(re.findall(r'name="(/[a-z_]+)" value="(\d+)"', page))
    assert shown["/horizon_days"] == "14"
    shown |= dict(re.findall(r'name="(/out_of_scope_soft)" value="(true)" checked', page))

    answer = sent(administrator, "/policies/", **{**shown, "/horizon_days": "10"})

    policy = Policy.objects.get(county=world.county)
    assert (answer.status_code, policy.horizon_days, policy.safety_percent) == (302, 10, 60)
    assert policy.out_of_scope_soft
    unticked = {**shown, "/version": str(policy.version), "key": "y"}
    del unticked["/out_of_scope_soft"]
    assert administrator.post("/policies/", unticked).status_code == 302
    policy.refresh_from_db()
    assert not policy.out_of_scope_soft
    stale = administrator.post("/policies/", {**shown, "key": "x", "/horizon_days": "9"})
    assert stale.status_code == 409


def test_campaign_is_opened_and_closed(world: World) -> None:
    administrator = screens(world, "administrator")
    fields = {
        "/code": "C-522633-2", "/name": "春季余药捐赠", "/starts_on": str(TODAY), "/ends_on": str(TODAY),
        "/donee": "P-522633-01", "/coordinator": "从江县卫生健康局", "/categories": "退热药\n\n止咳药\n",
    }  # fmt: skip

    assert sent(administrator, "/campaigns/new/", **fields).status_code == 302
    campaign = Campaign.objects.get(code="C-522633-2")
    assert campaign.categories == ["退热药", "止咳药"]
    assert sent(administrator, f"/campaigns/{campaign.pk}/close/").status_code == 302
    campaign.refresh_from_db()
    assert campaign.state == Campaign.State.CLOSED


@pytest.mark.parametrize("path", ["/people/", "/deputies/", "/places/", "/campaigns/"])
def test_auditor_reads_and_is_offered_nothing_to_change(world: World, path: str) -> None:
    page = screens(world, "auditor").get(path)

    assert page.status_code == 200
    assert "/new/" not in page.content.decode()


def test_page_for_what_none_of_ones_places_does_says_so(world: World) -> None:
    """A hospital's pharmacist keeps nothing for local use there: the page is no door that leads back to itself."""
    page = Client(headers={"Accept-Language": "en"})
    page.force_login(world.person("pharmacist", world.hospital))

    answer = page.get("/local-uses/", follow=True)

    assert answer.redirect_chain[0][0] == "/here/?next=%2Flocal-uses%2F&for=hands_out%2Csorts"
    assert "None of the places where you work does this" in answer.content.decode()
