"""Lies of somebody who holds the key and makes every file anew: `verify_bulletin.py` must not call them good."""

from __future__ import annotations

import base64
import copy
import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openpyxl import load_workbook

from reports import verify_bulletin
from reports.content_schema import CONTENT, FIRST_CONTENT
from reports.files.changes import changes_between
from reports.files.csv_file import csv_bytes
from reports.files.workbook import workbook_bytes
from reports.seal import Signer, canonical, fingerprint
from tests.reports.play import Play, edition
from tests.reports.test_bulletin_files import check, failures, get, public_key, story
from tests.reports.test_bulletins import content_of, published
from tests.reports.test_corrections import corrected, new_phone
from tests.world import TODAY, item

__all__ = ["story"]
Content = dict[str, Any]
PUBLISHER = Signer.of(bytes(range(32)))
PERIODS = ("this_period", "cumulative")


@pytest.fixture
def told(story: Play) -> tuple[Content, Content]:
    """Two editions, the second with something in every table."""
    first = content_of(published(story.world)["id"])
    (given,) = story.register(item(quantity=50))
    story.count(given, 50)
    story.accept(given, 50)
    batch, shipment = story.batch(given), story.shipment(story.world.centre)
    story.dispatch(shipment, batch, 40)
    story.receive(shipment, batch, 40)
    story.dispense(story.world.centre, batch, 12, recipients=6)
    second = published(story.world, period_start=str(TODAY), period_end=str(TODAY))
    return first, content_of(second["id"])


def signature(message: bytes) -> dict[str, str]:
    return {"key": PUBLISHER.key_id, "signature": base64.b64encode(PUBLISHER.sign(message)).decode()}


def held(content: Content, *earlier: Content, **files: bytes) -> list[str]:
    """What the program says against an edition that its publisher signs, with its files and those before it."""
    sealed = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    entries = []
    for name, data in files.items():
        entry = {"name": name, "sha256": fingerprint(data)}
        message = {"schema": "donated-medicine-file/1", "bulletin": fingerprint(sealed), **entry}
        entries.append({**entry, **signature(canonical(message))})
    stated = {name: content[name] for name in ("year", "number", "previous_sha256")}
    seal = {"schema": "donated-medicine-seal/1", "county": content["county"]["code"], **stated}
    seal |= {"sha256": fingerprint(sealed), **signature(sealed), "files": entries}
    given = {"it.json": sealed, "seal.json": canonical(seal), **files}
    given |= {f"{number}.json": canonical(each) for number, each in enumerate(earlier)}
    keys = verify_bulletin.read_keys([base64.b64encode(PUBLISHER.public).decode()])
    return [line for line in verify_bulletin.verify(given, keys).lines if line.startswith("✗")]


def first_version(content: Content) -> Content:
    """The edition as it was told before table A named makers."""
    rows = [{name: row[name] for name in row if name != "manufacturer"} for row in content["received"]]
    return {**content, "schema": "donated-medicine-bulletin/1", "received": rows}


def row(content: Content, period: str = "this_period") -> Content:
    found: Content = next(each for each in content[period]["medicines"] if each["medicine"] == "M009a")
    return found


def without_medicine(content: Content, period: str) -> None:
    """The account of a medicine, its details, townships and identities, as if it had never been."""
    books = content[period]
    books["medicines"] = [each for each in books["medicines"] if each["medicine"] != "M009a"]
    books["identities"] = [each for each in books["identities"] if each["medicine"] != "M009a"]
    for kind in ("registered", "accepted", "allotted", "dispensed"):
        books["counts"][f"kinds_{kind}"] = 0
    content["townships"][period] = []
    if period == "this_period":
        content["received"] = content["allotted"] = content["table_identities"] = []


def forgotten(content: Content) -> None:
    for period in PERIODS:
        without_medicine(content, period)


def counted_in_boxes(content: Content) -> None:
    """Tablets told as boxes, in every table."""
    for line in (*content["received"], *content["allotted"], *content["townships"]["this_period"]):
        line["unit"] = "盒"
    for line in (*content["townships"]["cumulative"], row(content), row(content, "cumulative")):
        line["unit"] = "盒"


def one_period_in_boxes(content: Content) -> None:
    for line in (*content["received"], *content["allotted"], *content["townships"]["this_period"]):
        line["unit"] = "盒"
    row(content)["unit"] = "盒"


def more_since_the_beginning(content: Content) -> None:
    """A thousand tablets more were given and handed out, at no time that any edition tells."""
    found = row(content, "cumulative")
    found["items"]["registered"] += 1000
    found["items"]["accepted"] += 1000
    found["stock"]["accepted"] += 1000
    found["stock"]["dispensed"] += 1000
    found["dispensed_by_age"]["other"] = found["dispensed_by_age"].get("other", 0) + 1000
    lines = [each for each in content["townships"]["cumulative"] if each["medicine"] == "M009a"]
    lines[0]["received"] += 1000
    merged = next((each for each in lines if each["township"] == "other"), lines[-1])
    merged["dispensed"] += 1000
    for each in content["cumulative"]["identities"]:
        if each["medicine"] == "M009a" and each["name"] in {"items", "stock", "dispensed_by_age"}:
            each["left"] += 1000
            each["right"] += 1000


def rows_that_cancel(content: Content) -> None:
    line = content["received"][0]
    content["received"] += [{**line, "quantity": 700}, {**line, "quantity": -700}]


def townships_that_cancel(content: Content) -> None:
    line = content["townships"]["cumulative"][0]
    content["townships"]["cumulative"] += [{**line, "received": 700}, {**line, "received": -700}]


def stated_otherwise(content: Content) -> None:
    content["this_period"]["identities"][0] |= {"left": 999, "right": 999}


def table_stated_otherwise(content: Content) -> None:
    content["table_identities"][0] |= {"left": 999, "right": 999}


def nothing_stated(content: Content) -> None:
    content["this_period"]["identities"] = content["table_identities"] = []


def counts(**values: Any) -> Callable[[Content], None]:
    def lie(content: Content) -> None:
        for period in PERIODS:
            content[period]["counts"] |= values

    return lie


def people_as_fractions(content: Content) -> None:
    """Left out of CSV and XLSX, and seen on the page."""
    for period in PERIODS:
        told = content[period]["counts"]
        told["hand_outs_by_age"] = {"65-79": 600.0}
        told["hand_outs"] = 600.0


def split_as_text(content: Content) -> None:
    row(content)["refused_by_reason"]["damaged"] = "９"


def said(**values: Any) -> Callable[[Content], None]:
    return lambda content: content.update(values)


def days(start: str, end: str) -> Callable[[Content], None]:
    def lie(content: Content) -> None:
        content["this_period"]["period"] = {"from": start, "to": end}
        content["cumulative"]["period"]["to"] = end

    return lie


def left_out(*parts: str) -> Callable[[Content], None]:
    def lie(content: Content) -> None:
        for part in parts:
            del content[part]

    return lie


LIES: dict[str, Callable[[Content], None]] = {
    "medicine forgotten in both periods": forgotten,
    "medicine forgotten in this period": lambda content: without_medicine(content, "this_period"),
    "medicine forgotten since the beginning": lambda content: without_medicine(content, "cumulative"),
    "tablets told as boxes": counted_in_boxes,
    "tablets told as boxes in one period": one_period_in_boxes,
    "more since the beginning than the editions told": more_since_the_beginning,
    "duplicated rows that cancel": rows_that_cancel,
    "townships that cancel": townships_that_cancel,
    "sums stated that are not those of the rows": stated_otherwise,
    "sums of details stated otherwise": table_stated_otherwise,
    "identities left out": nothing_stated,
    "more donations since the beginning": counts(donations=10_000),
    "donations in full-width digits": counts(donations="１００００"),
    "donations as 1e3": counts(donations=1e3),
    "donations as a truth": counts(donations=True),
    "donations that are no number": counts(donations=float("nan")),
    "more voided than there were": counts(donations_voided=10_000),
    "people as fractions": people_as_fractions,
    "a split in full-width digits": split_as_text,
    "another number": said(number=7),
    "the year before": said(year=TODAY.year - 1),
    "chain link omitted": said(previous_sha256=None),
    "another county": said(county={"code": "522622", "name": "黄平县"}),
    "told before the one before": said(as_of="2020-01-01T00:00:00Z"),
    "a day that does not exist": days(str(TODAY), "2026-13-45"),
    "a period reversed": days(str(TODAY), "2020-01-01"),
    "townships left out": left_out("townships"),
    "makers left out": lambda content: content["received"][0].pop("manufacturer"),
    "a field that no version has": said(total=5000),
    "a version that left makers out": lambda content: content.update(first_version(content)),
    "a version that nobody knows": said(schema="donated-medicine-bulletin/3"),
    "the least number of people left out": left_out("least_people"),
    "a least number of people that is none": said(least_people=0),
}


def test_honest_editions_hold(told: tuple[Content, Content]) -> None:
    first, second = told
    files = {"bulletin.csv": csv_bytes(second), "bulletin.xlsx": sheets(second)}

    assert held(first) == []
    assert held(second, first, **files) == []


def test_editions_of_the_first_version_stay_good(told: tuple[Content, Content]) -> None:
    """By themselves, with files made now, before one of the second, and corrected by one."""
    newest = told[1]
    first, old = map(first_version, told)
    old["previous_sha256"] = fingerprint(canonical(first))
    follows = {**newest, "previous_sha256": fingerprint(canonical(first))}
    corrected_old = {
        "year": old["year"], "number": old["number"], "sha256": fingerprint(canonical(old)), "reason": "写错",
        **signature(canonical(old)),
    }  # fmt: skip
    changed = {**newest, "received": [{**newest["received"][0], "quantity": 50, "lot_number": "9"}]}
    correction = {
        **changed,
        "number": 3,
        "previous_sha256": fingerprint(canonical(old)),
        "corrects": corrected_old,
        "changes": changes_between(old, changed),
    }

    assert held(old, first, **{"bulletin.csv": csv_bytes(old), "bulletin.xlsx": sheets(old)}) == []
    assert held(follows, first) == []
    assert held(correction, old) == []
    assert [line["manufacturer"] for line in correction["changes"]["figures"]] == ["", ""]
    assert Draft202012Validator(FIRST_CONTENT).is_valid(old)
    assert not Draft202012Validator(CONTENT).is_valid(old)


def test_every_lie_is_seen_even_if_the_publisher_signs_it(told: tuple[Content, Content]) -> None:
    first, second = told
    unseen = []
    for name, lie in LIES.items():
        content = copy.deepcopy(second)
        lie(content)
        assert content != second, name
        if not held(content, first):
            unseen.append(name)

    assert unseen == []


def test_edition_that_hides_what_came_before_it_is_no_first_one(told: tuple[Content, Content]) -> None:
    """Without the edition before it as well."""
    assert held({**told[1], "previous_sha256": None}) != []


def test_later_edition_is_not_passed_off_as_the_one_before(told: tuple[Content, Content]) -> None:
    first, second = told
    later = {**first, "previous_sha256": fingerprint(canonical(second))}

    assert held(later, second) != []
    assert held(second, {**first, "as_of": "2026-11-01T00:00:00Z"}) != []


def lying_csv(content: Content, column: str, value: str) -> bytes:
    rows = list(csv.reader(io.StringIO(csv_bytes(content).decode("utf-8-sig"), newline="")))
    line = next(each for each in rows if each[0] == "received")
    line[rows[0].index(column)] = value
    target = io.StringIO()
    csv.writer(target).writerows(rows)
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def test_csv_that_lies_is_seen(told: tuple[Content, Content]) -> None:
    """Of other words, other digits, in another order, too short, too long, or signed under another name."""
    second = told[1]
    lines = csv_bytes(second).splitlines(keepends=True)
    lying = [
        ("bulletin.csv", lying_csv(second, column, value))
        for column, value in (
            ("generic_name", "阿司匹林片"), ("unit", "盒"), ("quantity", "５０"), ("quantity", "5e1")
        )
    ]  # fmt: skip
    lying += [
        ("bulletin.csv", b"".join(wrong))
        for wrong in ([lines[0], *lines[:0:-1]], lines[:-1], [*lines, lines[-1]])
    ]
    lying += [
        (name, lying_csv(second, "quantity", "5000"))
        for name in ("figures.csv", "bulletin.pdf", "datapackage.json")
    ]

    assert [each for each in lying if not held(second, **dict([each]))] == []


def sheets(content: Content) -> bytes:
    return workbook_bytes(content, fingerprint(canonical(content)))


def workbook(content: Content, change: Callable[[Any], None]) -> bytes:
    book = load_workbook(io.BytesIO(sheets(content)))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def cell(title: str, place: str, value: Any) -> Callable[[Any], None]:
    def change(book: Any) -> None:
        assert book[title][place].value != value
        book[title][place].value = value

    return change


CHANGES: list[Callable[[Any], Any]] = [
    cell("收支（本期）", "F2", 5000),
    cell("收支（累计）", "A2", "阿司匹林片"),
    cell("收支（本期）", "F1", "合格"),
    cell("接收明细", "H2", 5000),
    cell("接收明细", "E2", "别的药厂"),
    cell("说明", "B1", "黄平县"),
    cell("说明", "B8", 5000),
    cell("说明", "A3", "捐赠单位"),
    cell("说明", "A14", "数字以口头通知为准。"),
    lambda book: book["说明"].append(["本期实际接收", 5000]),
    lambda book: book.remove(book["说明"]),
    cell("分配明细", "A2", "别处卫生院"),
    cell("分乡镇（累计）", "F2", 5000),
    cell("核对", "C2", 5000),
    cell("数据", "O2", 5000),
    cell("收支（本期）", "Z2", 5000),
    lambda book: book.create_sheet("汇总").append(["合计", 5000]),
    lambda book: book.remove(book["接收明细"]),
    lambda book: book["收支（本期）"].append(["合计", "", "", "", 5000]),
]


def test_spreadsheet_that_lies_on_any_sheet_is_seen(told: tuple[Content, Content]) -> None:
    assert held(told[1], **{"bulletin.xlsx": workbook(told[1], lambda book: None)}) == []

    for number, change in enumerate(CHANGES):
        assert held(told[1], **{"bulletin.xlsx": workbook(told[1], change)}) != [], number


def test_what_was_not_compared_is_said(told: tuple[Content, Content]) -> None:
    """A PDF is bound by hash and signature alone, and the program does not claim more."""
    content, data = told[1], b"%PDF-1.4 lies"
    sealed = canonical(content)
    entry = {"name": "bulletin.pdf", "sha256": fingerprint(data)}
    message = {"schema": "donated-medicine-file/1", "bulletin": fingerprint(sealed), **entry}
    report = verify_bulletin.Report()
    seal = {"sha256": fingerprint(sealed), "files": [{**entry, **signature(canonical(message))}]}
    keys = verify_bulletin.read_keys([base64.b64encode(PUBLISHER.public).decode()])

    verify_bulletin.check_sealed(report, content, sealed, {canonical(seal)}, {"it.pdf": data}, keys)

    assert any(line.startswith("· it.pdf：其中数字未与 JSON 比对") for line in report.lines)


def whole(story: Play, pk: int) -> dict[str, bytes]:
    """The bulletin's JSON, seal and names as anybody downloads them."""
    endings = ("json", "seal.json", "names.json")
    return {f"{pk}.{ending}": get(f"public/bulletins/{edition(pk)}.{ending}").content for ending in endings}


def against(story: Play, files: dict[str, bytes]) -> list[str]:
    return failures(check(files, public_key(story)))


def test_bulletin_that_calls_itself_a_list_of_names_is_none(story: Play) -> None:
    files = whole(story, pk := published(story.world)["id"])
    content = json.loads(files[f"{pk}.json"])
    list_of_names = {"schema": "donated-medicine-names/1", "bulletin": fingerprint(files[f"{pk}.json"])}
    forged = content | list_of_names | {"entries": [], "withdrawn": len(content["names"])}

    assert against(story, files) == []
    assert len(against(story, {**files, "forged.json": canonical(forged)})) == 1
    own = json.loads(files[f"{pk}.names.json"])
    for more in (
        {**own, "note": "共收到现金100万元"},
        {**own, "entries": [{"name": "吴", "salt": "", "sum": 9}]},
    ):
        assert len(against(story, {**files, f"{pk}.names.json": canonical(more)})) == 1


def test_bulletin_that_calls_itself_a_seal_is_none(story: Play) -> None:
    files = whole(story, pk := published(story.world)["id"])
    true = {"schema": "donated-medicine-seal/1", "sha256": fingerprint(files[f"{pk}.json"])}
    forged = canonical(json.loads(files[f"{pk}.json"]) | true)

    for given in ({"forged.json": forged, **files}, {**files, "forged.json": forged}):
        assert len(against(story, given)) == 1


def test_every_changed_byte_of_a_seal_and_of_names_is_seen(story: Play) -> None:
    files = whole(story, pk := published(story.world)["id"])
    for name in (f"{pk}.seal.json", f"{pk}.names.json"):
        for at in range(len(files[name])):
            data = bytearray(files[name])
            data[at] ^= 1
            assert against(story, {**files, name: bytes(data)}), (name, at)
        assert against(story, {**files, name: files[name] + b" "})


def test_three_true_editions_together_verify(story: Play) -> None:
    numbers = [published(story.world)["id"]]
    numbers += [published(story.world, period_start=str(TODAY), period_end=str(TODAY))["id"]]
    new_phone(story.world)
    numbers += [corrected(story.world, numbers[1])["id"]]
    files = {f"{pk}.json": get(f"public/bulletins/{edition(pk)}.json").content for pk in numbers}
    files["seal.json"] = get(f"public/bulletins/{edition(numbers[-1])}.seal.json").content

    assert against(story, files) == []
