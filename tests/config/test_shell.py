"""The frame of the screens: signing in, the menu, the to-do list, the place one works at."""

from django.test import Client

from organisation.models import Person, RoleGrant
from tests.world import PASSWORD, World, donation


def page_of(person: Person) -> Client:
    client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
    client.force_login(person)
    return client


def test_sign_in_leads_on_and_keeps_a_wrong_name(world: World) -> None:
    person = world.person("clerk")
    person.set_password(PASSWORD)
    person.save()
    client = Client()

    wrong = client.post("/sign-in/", {"username": person.username, "password": "x", "next": "/here/"})
    right = client.post("/sign-in/", {"username": person.username, "password": PASSWORD, "next": "/here/"})

    assert (wrong.status_code, f'value="{person.username}"' in wrong.content.decode()) == (401, True)
    assert (right.status_code, right["Location"]) == (302, "/here/")


def test_sign_in_leads_to_no_other_site(world: World) -> None:
    shown = Client().get("/sign-in/", {"next": "https://elsewhere.example/"})

    assert 'name="next" value="/"' in shown.content.decode()


def test_first_password_is_changed_on_its_page(world: World) -> None:
    person = world.person("clerk")
    person.set_password(PASSWORD)
    person.must_change_password = True
    person.save()
    fields = {"/username": person.username, "/old_password": PASSWORD, "/new_password": "short"}

    weak = Client().post("/password/", fields)
    changed = Client().post("/password/", {**fields, "/new_password": "another long password"})

    assert weak.status_code == 422
    assert (changed.status_code, changed["Location"]) == (302, "/sign-in/")
    person.refresh_from_db()
    assert person.must_change_password is False


def test_home_counts_what_waits(world: World) -> None:
    world.signed("clerk", world.office).post("donations/", donation(place=world.office.code))

    shown = page_of(world.person("clerk", world.office)).get("/").content.decode()

    assert "donations to hand over" in shown
    assert "<strong>1</strong>" in shown


def test_home_asks_as_many_statements_for_three_as_for_one(
    world: World, django_assert_max_num_queries: object
) -> None:
    person = world.person("clerk", world.office)
    counts = []
    for donations in (1, 2):
        for _n in range(donations):
            world.signed("clerk", world.office).post("donations/", donation(place=world.office.code))
        client = page_of(person)
        with django_assert_max_num_queries(40) as asked:
            client.get("/")
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_place_is_chosen_once_for_the_session(world: World) -> None:
    person = world.person("clerk", world.office)
    RoleGrant.objects.create(person=person, county=world.county, role="clerk", place=world.hospital)
    client = page_of(person)

    before = client.get("/").content.decode()
    chosen = client.post("/here/", {"place": world.hospital.code, "next": "/"})
    after = client.get("/").content.decode()

    assert chosen["Location"] == "/"
    assert (world.hospital.name in before, world.hospital.name in after) == (False, True)


def test_place_of_somebody_else_is_not_found(world: World) -> None:
    client = page_of(world.person("clerk", world.office))

    assert client.post("/here/", {"place": world.hospital.code}).status_code == 404
    assert client.post("/here/", {"place": world.foreign_place.code}).status_code == 404


def test_screens_hold_no_script_or_style_of_their_own(world: World) -> None:
    answer = page_of(world.person("clerk")).get("/")

    assert "<style" not in answer.content.decode()
    assert " style=" not in answer.content.decode()
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
