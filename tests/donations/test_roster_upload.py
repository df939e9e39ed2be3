import datetime
import io
import uuid

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from core.commands import Act
from donations.models import Donation, DonorIdentity, Item, ItemHoldings, RosterDonation, RosterFile
from donations.queries import identities_of, roster_progress
from donations.services.rosters import _note_progress
from tests.donations.rosters import HEAD, LATER, csv_text, faults, imported, line, upload, xlsx
from tests.plain_sql import drop_guard, execute, refused_by
from tests.world import TODAY, World, donation, item

PLAIN = [HEAD, line(), line("李四", quantity="2盒")]


def test_roster_commit_registers_every_donation(world: World):
    answer = imported(world, xlsx(*PLAIN))

    donations = Donation.objects.order_by("id")
    names = [identities_of([each.donor_id])[each.donor_id].name for each in donations]
    assert (answer["state"], answer["donations"], answer["items"]) == ("committed", 2, 2)
    assert names == ["张三", "李四"]
    assert list(ItemHoldings.objects.order_by("id").values_list("at_point", flat=True)) == [20, 40]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_roster_in_csv_registered(world: World, encoding):
    answer = imported(world, csv_text(*PLAIN).encode(encoding))

    assert answer["donations"] == 2


def test_roster_item_is_screened_as_at_the_counter(world: World):
    world.signed("clerk")
    old = f"{TODAY - datetime.timedelta(days=40)}"

    answer = imported(world, xlsx(HEAD, line(有效期至=old), line("李四", 批号=None), line("王五")))

    outcomes = Item.objects.order_by("id").values_list("outcome", "reasons")
    assert answer["outcomes"] == {"accept": 1, "refuse": 1, "review": 1}
    assert list(outcomes) == [("refuse", ["expired"]), ("review", ["lot_not_read"]), ("accept", [])]


def test_roster_preview_registers_nothing_and_keeps_no_name_in_clear(world: World):
    answer = upload(world, xlsx(*PLAIN))

    roster = RosterFile.objects.get(pk=answer.json()["id"])
    assert Donation.objects.count() == 0
    assert "张三".encode() not in bytes(roster.sealed)
    assert not bytes(roster.sealed).startswith(b"PK")


def test_roster_preview_names_every_bad_cell(world: World):
    bad = [HEAD, line(quantity="若干"), line("李四", 有效期至="05/06/27"), line("王五", 日期="2031-01-01")]

    answer = upload(world, xlsx(*bad))

    assert faults(answer) == [
        (2, "G", "not_a_quantity"),
        (3, "I", "two_digit_year"),
        (4, "J", "future_day"),
    ]
    assert answer.json()["error_count"] == 3


def test_roster_preview_of_several_medicines_proposes_a_split(world: World):
    answer = upload(world, xlsx(HEAD, line(medicine="布洛芬片、对乙酰氨基酚片", quantity="2盒、1盒")))

    assert answer.json()["errors"][0]["proposal"] == [
        {"medicine": "布洛芬片", "quantity": "2盒"},
        {"medicine": "对乙酰氨基酚片", "quantity": "1盒"},
    ]


def test_roster_with_one_bad_cell_registers_nothing(world: World):
    seen = upload(world, xlsx(*PLAIN, line("王五", quantity="若干")))

    answer = world.signed("clerk").post(f"rosters/{seen.json()['id']}/commit/")

    assert (answer.status_code, answer.json()["code"]) == (422, "roster_has_errors")
    assert Donation.objects.count() == 0


def test_roster_with_thousands_of_bad_cells_is_answered_briefly(world: World):
    answer = upload(world, xlsx(HEAD, *[line(f"张{n}", quantity="若干") for n in range(1000)]))

    assert answer.json()["error_count"] == 1000
    assert len(answer.content) < 65536


def test_same_roster_twice_adds_nothing(world: World):
    imported(world, xlsx(*PLAIN))

    again = imported(world, xlsx(*PLAIN))

    assert (again["donations"], again["repeats"], Donation.objects.count()) == (0, 2, 2)


def test_same_roster_in_another_format_adds_nothing(world: World):
    imported(world, xlsx(*PLAIN))

    again = imported(world, csv_text(["标题"], *PLAIN).encode("gb18030"))

    assert (again["donations"], Donation.objects.count()) == (0, 2)


def test_roster_grown_by_a_row_adds_that_row(world: World):
    imported(world, xlsx(*PLAIN))

    again = imported(world, xlsx(*PLAIN, line("王五")))

    assert (again["donations"], again["repeats"]) == (1, 2)


def test_two_equal_anonymous_donations_of_one_roster_are_two(world: World):
    rows = [HEAD, line("匿名"), line("匿名")]
    imported(world, xlsx(*rows))

    again = imported(world, xlsx(*rows))

    assert (again["donations"], Donation.objects.count()) == (0, 2)


def test_roster_line_is_known_by_lot_and_last_usable_day_however_they_are_written(world: World):
    """By its own fingerprint: what the books hold of the donation was corrected since."""
    imported(world, xlsx(HEAD, line(批号="A1", 有效期至=LATER)))
    made = Item.objects.get()
    body = {"reason": "清点时发现写错", "items": [{"item": made.pk, "quantity": 12}]}
    assert world.signed("pharmacist").post(f"donations/{made.donation_id}/correct/", body).status_code == 200
    other = f"{TODAY.year + 2}年5月"

    again = imported(world, xlsx(HEAD, line(批号="a 1", 有效期至=other)))
    another = imported(world, xlsx(HEAD, line(批号="a2", 有效期至=other)))

    assert [(each["donations"], each["repeats"]) for each in (again, another)] == [(0, 1), (1, 0)]


def test_commit_twice_adds_nothing(world: World):
    seen = upload(world, xlsx(*PLAIN)).json()

    answers = [world.signed("clerk").post(f"rosters/{seen['id']}/commit/").json() for _ in range(2)]

    assert [each["donations"] for each in answers] == [2, 0]
    assert Donation.objects.count() == 2


def test_upload_with_the_same_key_and_file_replayed_and_with_another_refused(world: World):
    key = uuid.uuid4()
    first = upload(world, csv_text(*PLAIN).encode(), key=key)

    again = upload(world, csv_text(*PLAIN).encode(), key=key)
    other = upload(world, csv_text(*PLAIN, line("王五")).encode(), key=key)

    assert (again.json(), again["Idempotency-Replayed"]) == (first.json(), "true")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


def test_file_is_let_go_when_registered(world: World):
    answer = imported(world, xlsx(*PLAIN))

    assert RosterFile.objects.get(pk=answer["id"]).sealed is None


def test_file_that_nobody_registered_is_let_go_after_a_week(world: World):
    seen = upload(world, xlsx(*PLAIN)).json()
    RosterFile.objects.update(uploaded_at=datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=8))
    upload(world, xlsx(HEAD, line("王五")))

    answer = world.signed("clerk").post(f"rosters/{seen['id']}/commit/")

    assert (answer.status_code, answer.json()["code"]) == (409, "roster_gone")


def test_roster_of_another_place_is_not_there(world: World):
    seen = upload(world, xlsx(*PLAIN)).json()
    clerk = world.signed("clerk", world.centre)

    answers = [clerk.get(f"rosters/{seen['id']}/"), clerk.post(f"rosters/{seen['id']}/commit/")]

    assert [each.status_code for each in answers] == [404, 404]


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"", 422), (b"%PDF-1.4", 422), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 422), (b"PK\x03\x04", 422)],
)
def test_file_that_is_no_roster_refused(world: World, content, status):
    answer = upload(world, content)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, "/file")


@pytest.mark.parametrize(
    "content",
    [
        xlsx(HEAD),
        xlsx(["从江县余药捐赠登记表"], HEAD, [1], [2], ["合计"]),
        (",".join(HEAD) + "," * 200_000 + "\n" + "," * 200_000).encode(),
    ],
)
def test_empty_roster_is_told_to_be_empty_and_cannot_be_registered(world: World, content):
    seen = upload(world, content)
    committed = world.signed("clerk").post(f"rosters/{seen.json()['id']}/commit/")

    assert [code for _row, _column, code in faults(seen)] == ["nothing_listed"]
    assert committed.json()["code"] == "roster_has_errors"
    assert Donation.objects.count() == 0


def test_file_too_large_refused_by_its_announced_length(world: World):
    answer = upload(world, b"a" * 5_100_000)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("fields", [{"place": "P-522622-01"}, {"campaign": "C-nothing"}])
def test_upload_for_what_is_not_there_refused(world: World, fields):
    assert upload(world, xlsx(*PLAIN), **fields).status_code == 404


def test_upload_that_is_no_form_refused(world: World):
    answer = world.signed("clerk").post("rosters/", {"place": "P-522633-01"})

    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@given(content=st.binary(max_size=400), name=st.text(max_size=12))
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
def test_any_file_is_answered_without_a_failure(world: World, content, name):
    head = csv_text(HEAD).encode() + b"\r\n"

    statuses = [upload(world, each, f"{name}.csv").status_code for each in (content, head + content)]

    assert {201, 400, 422} >= set(statuses)


def test_line_registered_from_two_files_at_once_refused_by_the_database(world: World):
    imported(world, xlsx(*PLAIN))
    known = RosterDonation.objects.order_by("id")[0]
    other = RosterDonation.objects.order_by("id")[1].donation_id
    drop_guard("donations_rosterdonation_append_only")

    with pytest.raises(IntegrityError, match="roster_line_once"):
        RosterDonation.objects.filter(donation_id=other).update(fingerprint=known.fingerprint)


@pytest.mark.parametrize("change", ["UPDATE {} SET donation_id = donation_id", "DELETE FROM {}"])
def test_what_came_from_a_roster_stays_noted(world: World, change: str):
    imported(world, xlsx(*PLAIN))
    statement, noted = change.format("donations_rosterdonation"), RosterDonation.objects.count()

    with refused_by("donations_rosterdonation_append_only"):
        execute(statement)

    drop_guard("donations_rosterdonation_append_only")
    assert execute(statement) == noted > 0


def test_roster_commit_takes_the_same_statements_for_two_and_for_thirty_donations(world: World):
    counts = []
    for size in (2, 30):
        seen = upload(world, xlsx(HEAD, *[line(f"捐{size}-{n}") for n in range(size)])).json()
        with CaptureQueriesContext(connection) as statements:
            world.signed("clerk").post(f"rosters/{seen['id']}/commit/")
        counts.append(len(statements))

    assert DonorIdentity.objects.count() == 32
    assert counts[0] == counts[1]


def test_progress_is_read_from_the_connection_that_registers(world: World):
    roster = RosterFile.objects.get(pk=upload(world, xlsx(*PLAIN)).json()["id"])

    _note_progress(roster, 500, 1667)

    assert roster_progress(roster) == (500, 1667)


def test_roster_detail_tells_its_state(world: World):
    seen = upload(world, xlsx(*PLAIN)).json()

    answer = world.signed("clerk").get(f"rosters/{seen['id']}/").json()

    assert answer == {"id": seen["id"], "state": "preview", "rows": 2, "error_count": 0, "progress": None}


def test_template_filled_in_is_a_roster_without_faults(world: World):
    answer = world.signed("clerk").get("rosters/template.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    cells = {
        "姓名": "张三",
        "药品名称": "布洛芬片",
        "规格": "0.1g*20片",
        "数量": "2",
        "计量单位": "盒",
        "日期": str(TODAY),
    }
    sheet.append([cells.get(head) for head in heads])
    target = io.BytesIO()
    book.save(target)

    seen = upload(world, target.getvalue())

    assert faults(seen) == []
    assert seen.json()["items"] == 1


def test_template_has_drop_downs_for_medicine_measure_and_consent(world: World):
    answer = world.signed("clerk").get("rosters/template.xlsx")

    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]

    formulas = {each.formula1.split(",")[0] for each in sheet.data_validations.dataValidation}
    assert formulas == {'"全名', '"盒', "'药品目录'!$A$2:$A$3"}


def printed(world: World, **query):
    days = {"from": str(TODAY), "to": str(TODAY)}
    return world.signed("clerk").get("roster.xlsx", place="P-522633-01", **days, **query).content


def test_roster_printed_here_is_taken_there(world: World):
    """What one place prints another can import, the same to the last unit: the same heads."""
    unknown = {"medicine": None, "description": "没有的药", "specification": "", "lot_state": "not_read"}
    brought = [
        item(),
        item(**{**unknown, "unit": "盒", "quantity": 3, "lot_number": ""}),
        item(expiry="2020.01", container="loose"),
        item(**{**unknown, "expiry": "", "expiry_state": "not_read", "lot_number": "", "unit": "贴"}),
    ]
    assert world.signed("clerk").post("donations/", donation(items=brought)).status_code == 201
    content = printed(world)

    answer = upload(world, content, at=world.office)
    committed = world.signed("clerk", world.office).post(f"rosters/{answer.json()['id']}/commit/")

    assert faults(answer) == []
    assert (answer.json()["rows"], answer.json()["donations"], committed.status_code) == (4, 1, 200)
    said = ["label", "quantity", "unit", "lot_number", "lot_state", "last_usable_day", "outcome"]
    there, here = Donation.objects.order_by("pk")
    rows = [
        [[getattr(each, name) for name in said] for each in one.items.order_by("line")]
        for one in (there, here)
    ]
    assert rows[1] == rows[0]


def test_own_roster_is_not_registered_a_second_time(world: World):
    """Its donations stand in the books of this place already."""
    assert world.signed("clerk").post("donations/", donation()).status_code == 201

    assert faults(upload(world, printed(world))) == [(2, "A", "own_roster")]


def counter(world: World, *donations) -> None:
    for brought in donations:
        assert world.signed("clerk").post("donations/", brought).status_code == 201


def changed(content: bytes, **cells) -> bytes:
    """The spreadsheet with other words in some cells."""
    book = load_workbook(io.BytesIO(content))
    for name, value in cells.items():
        book.active[name] = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def person(name: str, *items, phone: str = "13800138000"):
    return donation(
        items=items or [item()], donor={"kind": "person", "name": name, "phone": phone, "publish": "masked"}
    )


@pytest.mark.parametrize(
    "head", [{"A1": "药品登记表"}, {"A2": "捐赠接收点：某处 起止日期：2023-01-01"}, {"A1": None, "A2": None}]
)
def test_own_roster_under_another_head_adds_nothing(world: World, head):
    """What the counter registered is known again by its goods, whoever gave it, once for each time it was given."""
    unread = {"medicine": None, "description": "没有的药", "lot_number": "", "lot_state": "not_read"}
    unread |= {"expiry": "", "expiry_state": "not_read", "unit": "贴"}
    twice = person("张三", item(lot_number="b 2"))
    nameless = donation(items=[item(), item(**unread)], donor={"kind": "anonymous"})
    counter(world, person("张三", item(), item(lot_number="A9")), twice, twice, nameless, nameless)

    answer = upload(world, changed(printed(world), **head)).json()

    assert (answer["errors"], answer["donations"], answer["repeats"]) == ([], 0, 3)
    assert answer["repeated_rows"] == [4, 8, 10]
    before = Donation.objects.count()
    assert world.signed("clerk").post(f"rosters/{answer['id']}/commit/").status_code == 200
    assert Donation.objects.count() == before


def test_roster_adds_what_the_counter_did_not_register(world: World):
    """Another person of the name, another lot, day or number of units, and the same goods once more."""
    one = [item(quantity=20, lot_number="2203051", expiry=LATER)]
    counter(world, person("张三", *one))
    rows = [
        line(),
        line("李四"),
        line(电话="13900139000"),
        line(批号="2203052"),
        line("王五"),
        line(日期=str(TODAY - datetime.timedelta(days=1))),
        line("赵六"),
        line(quantity="21片"),
        line("钱七"),
        line(),
    ]

    answer = upload(world, xlsx(HEAD, *rows)).json()

    assert (answer["errors"], answer["donations"], answer["repeats"]) == ([], 9, 1)
    assert answer["repeated_rows"] == [2]


def test_roster_for_the_wall_is_refused_with_its_reason(world: World):
    assert world.signed("clerk").post("donations/", donation()).status_code == 201

    answer = upload(world, printed(world, posted="1"), at=world.office)

    assert faults(answer) == [(1, "A", "posted_roster")]
    assert "姓名已隐去" in answer.json()["errors"][0]["message"]


def test_act_is_the_committers(world: World):
    imported(world, xlsx(*PLAIN))

    act: Act = world.act("clerk")
    assert set(Donation.objects.values_list("registered_by", flat=True)) == {act.actor_id}
