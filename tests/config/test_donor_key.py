"""The key of identities is changed while the service runs: both keys are read, a run that was killed goes on."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import BinaryField

from config import donor_key
from config.donor_key import COLUMNS, waiting
from config.keys import new_key
from core.models import AuditEntry
from core.sealing import UNNAMED, mark_of, seal_bytes, unseal_bytes
from donations.models import Donation, DonorIdentity, RosterFile
from donations.queries import donors_called, identities_of
from organisation import second_factor
from organisation.models import SecondFactor
from reports.models.names import NamedDonor
from reports.names import names_document
from tests.donations.rosters import HEAD, line, upload, xlsx
from tests.plain_sql import drop_guard, execute, refused_by, value
from tests.reports.test_bulletins import Bulletin, published
from tests.world import TODAY, World, donation

Change = Callable[[], str]
ABOUT = {"purpose": "seal", "bound": "522633 1"}


@pytest.fixture
def change(settings: Any) -> Change:
    """Puts a new key into the settings beside the present one, and gives the old one back."""

    def put() -> str:
        old = settings.DONOR_KEY
        settings.DONOR_KEY, settings.DONOR_KEY_OTHER = new_key(), old
        return old

    return put


def rotate(**options: Any) -> str:
    said = StringIO()
    call_command("rotate_donor_key", stdout=said, **options)
    return said.getvalue()


def register(world: World, name: str = "张三", phone: str = "13800138000") -> int:
    donor = {"kind": "person", "name": name, "phone": phone, "publish": "full"}
    made = world.signed("clerk").post("donations/", donation(place=world.hospital.code, donor=donor)).json()
    return Donation.objects.get(pk=made["id"]).donor_id


def sealed_everywhere(world: World) -> int:
    """One value of every column; the donor's number."""
    donor = register(world)
    published(world, period_end=str(TODAY))
    roster = upload(world, xlsx(HEAD, line()), collector="赵六")
    assert roster.status_code == 201, roster.content
    second_factor.begin(world.person("signer"))
    SecondFactor.objects.update(sealed=SecondFactor.objects.get().pending, confirmed=True)
    return donor


def names(donor: int) -> list[str]:
    return [identities_of([donor])[donor].name] if DonorIdentity.objects.exists() else []


def test_value_names_its_key_and_opens_with_either(change: Change, settings: Any) -> None:
    before = seal_bytes(b"x", **ABOUT)
    change()
    after = seal_bytes(b"x", **ABOUT)

    assert after.startswith(mark_of())
    assert not before.startswith(mark_of())
    assert [unseal_bytes(each, **ABOUT) for each in (before, after)] == [b"x", b"x"]
    settings.DONOR_KEY_OTHER = ""
    with pytest.raises(InvalidTag):
        unseal_bytes(before, **ABOUT)


@pytest.mark.parametrize("broken", [b"", b"\x01", b"\x02", b"\x02abcd", b"\x03" * 40])
def test_what_is_no_sealed_value_does_not_open(broken: bytes) -> None:
    with pytest.raises(InvalidTag):
        unseal_bytes(broken, **ABOUT)


def test_every_sealed_column_is_sealed_anew() -> None:
    """A new column of bytes is either here or known not to be sealed."""
    plain = {
        "core.AuditEntry", "core.AuditAddress", "core.AuditLink", "core.AuditVerification", "core.IdempotencyRecord",
        "organisation.AccessToken", "organisation.DevicePin", "organisation.AttemptLane",
        "organisation.KnownOrigin", "donations.RosterDonation", "donations.ItemPhoto", "reports.Question",
    }  # fmt: skip
    columns = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, BinaryField) and not field.name.endswith("_mac")
    }
    told = {(each.model._meta.label, each.field) for each in COLUMNS}

    assert told <= columns
    rest = {label for label, _field in columns - told}
    assert rest - plain <= {label for label in rest if label.startswith("reports.")}
    assert ("reports.NamedDonor", "opening") in told


def test_everything_is_sealed_anew_and_the_old_key_can_go(
    world: World, change: Change, settings: Any
) -> None:
    donor = sealed_everywhere(world)
    change()
    assert waiting(world.county.pk) == 6

    said = rotate()

    assert "6 sealed anew, 0 open with neither key" in said
    assert "APP_DONOR_KEY_OTHER can be taken away" in said
    settings.DONOR_KEY_OTHER = ""
    assert names(donor) == ["张三"]
    assert [each.pk for each in donors_called(world.county.pk, "138 0013 8000")] == [donor]
    assert [entry["name"] for entry in names_document(Bulletin.objects.get())["entries"]] == ["张三"]
    roster = RosterFile.objects.get()
    told = world.signed("clerk").get(f"rosters/{roster.pk}/collector/").json()
    assert told["name"] == "赵六"
    assert world.signed("clerk").post(f"rosters/{roster.pk}/commit/").status_code == 200
    factor = SecondFactor.objects.get()
    assert len(unseal_bytes(bytes(factor.sealed), purpose="second factor", bound=f"person {factor.pk}")) == 20
    entry = AuditEntry.objects.get(action="manage.py rotate_donor_key")
    assert (entry.subject, entry.county) == ("sealed anew: 6", world.county.pk)
    assert "There is no other key" in rotate()


def test_values_from_before_keys_had_names_are_sealed_anew(world: World, change: Change) -> None:
    donor = register(world)
    row = DonorIdentity.objects.get()
    row.sealed = UNNAMED + bytes(row.sealed)[5:]
    row.save()
    assert names(donor) == ["张三"]

    rotate()  # with the same key: they get their mark
    assert bytes(DonorIdentity.objects.get().sealed).startswith(mark_of())
    change()
    rotate()

    assert names(donor) == ["张三"]


def test_run_that_was_killed_goes_on_and_both_keys_serve_meanwhile(
    world: World, change: Change, monkeypatch: Any
) -> None:
    donors = [register(world, f"张{n}", f"1380013800{n}") for n in range(5)]
    change()
    monkeypatch.setattr(donor_key, "PORTION", 2)
    done: list[Any] = []

    def killed(column: Any, row: Any, seal: Any = donor_key._seal_anew) -> bool:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(row)
        return bool(seal(column, row))

    monkeypatch.setattr(donor_key, "_seal_anew", killed)
    with pytest.raises(KeyboardInterrupt):
        rotate()
    monkeypatch.undo()

    assert waiting(world.county.pk) == 3, "a portion is whole or not at all"
    security = world.signed("security")
    for n, donor in enumerate(donors):
        found = security.post("donors/find/", {"name": f"张{n}"}).json()
        assert [row["id"] for row in found] == [donor]
        assert security.get(f"donors/{donor}/export/").json()["phone"] == f"1380013800{n}"
    new = register(world, "新来的")
    assert names(new) == ["新来的"]
    assert "3 sealed anew" in rotate()


def test_boxes_of_a_person_add_up_over_both_keys(world: World, change: Change) -> None:
    many = donation(place=world.hospital.code)
    many["items"][0]["quantity"] = 900
    for key in ("old", "new"):
        if key == "new":
            change()
        told = world.signed("clerk").post("donations/", many).json()

    reasons = [each["code"] for each in told["items"][0]["screening"]["reasons"]]
    assert "many_boxes" in reasons


def test_roster_of_before_is_known_again_by_either_key(world: World, change: Change, settings: Any) -> None:
    body = xlsx(HEAD, line(), line("李四"))
    world.signed("clerk").post(f"rosters/{upload(world, body).json()['id']}/commit/")
    change()

    assert upload(world, body).json()["repeats"] == 2
    rotate()
    assert upload(world, body).json()["repeats"] == 2
    settings.DONOR_KEY_OTHER = ""
    assert upload(world, body).json()["repeats"] == 2, "by what the books hold"


def test_what_opens_with_neither_key_is_told_and_left_as_it_is(
    world: World, change: Change, settings: Any
) -> None:
    register(world)
    before = bytes(DonorIdentity.objects.get().sealed)
    change()
    settings.DONOR_KEY_OTHER = ""

    with pytest.raises(CommandError, match="522633: 1"):
        rotate()

    assert bytes(DonorIdentity.objects.get().sealed) == before
    with pytest.raises(CommandError, match="another key"):
        rotate(check=True)


def test_published_name_is_only_sealed_anew_or_withdrawn(world: World, change: Change) -> None:
    sealed_everywhere(world)
    length = value("SELECT length(opening) FROM reports_nameddonor")
    change()
    other = mark_of() + b"x" * (length - 5)

    for opening in (b"x" * length, other + b"x", bytes(NamedDonor.objects.get().opening or b"")[:-1] + b"x"):
        with refused_by("named_donor_kept"):
            execute("UPDATE reports_nameddonor SET opening = %s", [opening])
    assert execute("UPDATE reports_nameddonor SET opening = %s", [other]) == 1
    drop_guard("named_donor_kept")
    assert execute("UPDATE reports_nameddonor SET opening = 'x'") == 1
