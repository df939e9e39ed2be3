"""The books of a county, or of many, written by COPY through the guards and triggers of both journals.

A wave is a season: items are given, counted and sorted into the stores of a county in one go, half of what a store
keeps is moved to its own dispensing room and half is sent to a village clinic, and then it is handed out day by day.
The database numbers, judges and rolls up every row as it does any other; of what the services write, the audit log
and the records of keys are left out. Chances come from one seed.
"""

from __future__ import annotations

import datetime
import itertools
import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from catalogue.models import Medicine
from config.demo.households import container_of
from config.demo.stage import GROWING
from core.days import local_day
from core.receipt_codes import new_receipt_code
from donations.models import Campaign
from inventory.checklist import WHOLE_CHECKLIST
from organisation.models import County, Place

DAY = datetime.timedelta(days=1)
CLERK, CHECKER, PHARMACIST, CLINIC = 1, 2, 3, 4
ITEMS_OF_DONATION, UNITS, FIRST, PORTION = 4, 6, 500, 20_000
BANDS = ("0-3", "4-14", "15-64", "65-79", "80+")
STEPS = (
    ("registered", "outside", "at_point", CLERK),
    ("received", "at_point", "counted", CHECKER),
    ("accepted", "counted", "accepted", PHARMACIST),
)
CHECKED = "{" + ", ".join(f'"{point}": true' for point in WHOLE_CHECKLIST) + "}"
NONE = r"\N"

DONATION = """campaign_id place_id donor_id receipt_code received_on booked_on registered_by registered_at
    source_confirmed unfit"""
ITEM = """donation_id line medicine_id description specification manufacturer approval_number lot_number
    lot_state expiry_raw expiry_precision last_usable_day expiry_state quantity unit opened container findings
    trace_codes barcode outcome reasons"""
CUSTODY = """kind from_state to_state place_id actor item_id quantity reason note business_day booked_on
    recorded_at command"""
DECISION = """item_id place_id outcome quantity custody_id medicine_id batch_id lot_number expiry_raw
    last_usable_day reason note checklist checklist_version screening decided_by decided_on command"""
SHIPMENT = """from_place_id from_side to_place_id to_side state dispatched_by dispatched_on received_by
    received_on version"""
SENT_LINE = """shipment_id batch_id promised picked accepted damaged missing pick_reason
    receipt_reason"""
PAPER = """place_id dispensed_on booked_on recipients age_band marks register_ref collected_by entered_for
    dispensed_by recorded_at"""
MOVEMENT = """batch_id quantity from_account_id to_account_id kind document_type document_id detail
    decision_id actor business_day booked_on recorded_at command"""

Shelf = tuple[int, str, str, int]  # place, side, state, shipment or 0


@dataclass(frozen=True)
class Size:
    """How much there is: `lines` items and `papers` hand-outs in each wave of so many days, in every county."""

    counties: int
    places: int
    waves: int
    lines: int
    papers: int
    lines_of_paper: int
    days: int

    @property
    def units(self) -> int:
        """Of each lot on each of its shelves: more than is handed out of it."""
        shelves = 2 * self.lines
        return UNITS * (self.papers * self.lines_of_paper // shelves + self.lines_of_paper + 3)


@dataclass
class Stocked:
    """One lot: where it is kept, where else it goes, and what the database called it."""

    medicine: int
    lot: str
    last_day: datetime.date
    store: Place
    clinic: Place
    item: int = 0
    batch: int = 0
    decision: int = 0


class Copying:
    """COPY of one county's rows, in portions; the planner is shown a table anew whenever it has grown fourfold.

    Else the guards would go on as planned for the empty tables they were first run on.
    """

    def __init__(self, county: str) -> None:
        self.county = county
        self.sent: dict[str, int] = {}
        self.shown: dict[str, int] = {}

    def __call__(self, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> list[int]:
        """Send the rows, all but their county; the numbers that the database gave them, in their order."""
        rows = iter(rows)
        with connection.cursor() as cursor:
            cursor.execute("SELECT last_county_number(%s)", [self.county])
            (before,) = cursor.fetchone()
            while portion := list(itertools.islice(rows, min(PORTION, FIRST + self.sent.get(table, 0)))):
                self._send(cursor, table, columns, portion)
            cursor.execute(
                f"SELECT id FROM {table} WHERE county_id = %s AND id > %s ORDER BY id",
                [self.county, before or 0],
            )
            return [number for (number,) in cursor.fetchall()]

    def _send(self, cursor: Any, table: str, columns: str, portion: list[Sequence[Any]]) -> None:
        with cursor.copy(f"COPY {table} (county_id, {', '.join(columns.split())}) FROM STDIN") as sending:
            sending.write("".join("\t".join(map(str, (self.county, *row))) + "\n" for row in portion))
        self.sent[table] = self.sent.get(table, 0) + len(portion)
        if self.sent[table] > 4 * self.shown.get(table, 0):
            cursor.execute(f"ANALYZE {table}, inventory_balance, inventory_stockday, donations_itemholdings")
            self.shown[table] = self.sent[table]


class Books:
    """The books of one county, which has its places already: hospital or centres that sort, and village clinics."""

    def __init__(self, county: County, size: Size, seed: int) -> None:
        self.county, self.size = county, size
        self.chance = random.Random(f"{seed} {county.pk}")
        self.today = local_day(county.time_zone)
        self.first = self.today - size.waves * size.days * DAY
        places = list(Place.objects.filter(county=county).order_by("code"))
        self.stores = [place for place in places if place.sorts]
        self.villages = [place for place in places if place.hands_out and not place.sorts]
        self.medicines = [
            medicine.pk
            for medicine in Medicine.objects.filter(donation_default="accept").order_by("code")
            if container_of(medicine) == "blister" and not (medicine.by_prescription or medicine.is_device)
        ]
        self.copy = Copying(county.pk)
        self.accounts: dict[Shelf, int] = {}
        self.campaign = self._campaign()

    def _campaign(self) -> Campaign:
        return Campaign.objects.create(
            county=self.county,
            code=f"C-{self.county.pk}-1",
            name="余药捐赠",
            starts_on=self.first,
            ends_on=self.today + 60 * DAY,
            donee=self.stores[0],
            coordinator=f"{self.county.name}卫生健康局",
        )

    def write(self) -> None:
        """All waves, and then every day but this one is closed."""
        for wave in range(self.size.waves):
            begin = self.first + wave * self.size.days * DAY
            stocked = self._lots(wave)
            self._take_in(stocked, begin)
            shelves = self._move(stocked, begin)
            self._hand_out(shelves, begin)
            let_planner_look()
        with connection.cursor() as cursor:
            closed = [self.today - DAY, self.county.pk]
            cursor.execute("UPDATE organisation_county SET closed_through = %s WHERE code = %s", closed)

    def _lots(self, wave: int) -> list[Stocked]:
        """So many lots of medicines of which a few are most of what is given, in every store in turn."""
        made = []
        for number in range(self.size.lines):
            medicine = self.medicines[int(len(self.medicines) * self.chance.random() ** 3)]
            store = self.stores[number % len(self.stores)]
            clinic = self.villages[number % len(self.villages)]
            last_day = self.today + self.chance.randrange(60, 900) * DAY
            made.append(Stocked(medicine, f"{wave:02}{number:06}", last_day, store, clinic))
        return made

    def _take_in(self, lots: list[Stocked], day: datetime.date) -> None:
        """From the donor's hand to the pharmacist's word, through the custody journal."""
        on, at = str(day), f"{day} 04:00+00"
        groups = list(self._groups(lots))
        donors = self.copy("donations_donor", "kind", (("anonymous",) for _g in groups))
        donations = self.copy("donations_donation", DONATION, (
            (self.campaign.pk, group[0].store.pk, donor, new_receipt_code().replace("-", ""), on, on, CLERK,
             at, "t", "return") for group, donor in zip(groups, donors, strict=True)))  # fmt: skip
        units = 2 * self.size.units + UNITS
        items = self.copy("donations_item", ITEM, (
            (donation, line, lot.medicine, "", "", "", "", lot.lot, "read", "", "day", lot.last_day, "read",
             units, "", "t", "blister", "[]", "[]", "", "accept", "[]")
            for group, donation in zip(groups, donations, strict=True) for line, lot in enumerate(group, 1)
        ))  # fmt: skip
        ordered = [lot for group in groups for lot in group]
        for lot, item in zip(ordered, items, strict=True):
            lot.item = item
        entries: list[int] = []
        for kind, source, target, actor in STEPS:
            entries = self.copy("donations_custodyentry", CUSTODY, (
                (kind, source, target, lot.store.pk, actor, lot.item, units, "", "", on, on, at, uuid.uuid4())
                for lot in ordered))  # fmt: skip
        self._decide(ordered, entries, day, units)

    def _groups(self, lots: list[Stocked]) -> Iterator[list[Stocked]]:
        """What one donor brings to one store."""
        by_store = sorted(lots, key=lambda lot: (lot.store.pk, lot.lot))
        for _store, here in itertools.groupby(by_store, key=lambda lot: lot.store.pk):
            rest = list(here)
            for start in range(0, len(rest), ITEMS_OF_DONATION):
                yield rest[start : start + ITEMS_OF_DONATION]

    def _decide(self, lots: list[Stocked], entries: list[int], day: datetime.date, units: int) -> None:
        batches = self.copy("inventory_batch", "medicine_id lot_number last_usable_day pack", (
            (lot.medicine, lot.lot, lot.last_day, "opened") for lot in lots))  # fmt: skip
        decisions = self.copy("inventory_sortingdecision", DECISION, (
            (lot.item, lot.store.pk, "accept", units, entry, lot.medicine, batch, lot.lot, "", lot.last_day,
             "", "", CHECKED, 1, "{}", PHARMACIST, day, uuid.uuid4())
            for lot, entry, batch in zip(lots, entries, batches, strict=True)))  # fmt: skip
        for lot, batch, decision in zip(lots, batches, decisions, strict=True):
            lot.batch, lot.decision = batch, decision
        self._account(
            {(lot.store.pk, "store", state, 0) for lot in lots for state in ("donated", "available")}
        )
        accounts = self.accounts
        self._post("accept", "sorting", day, (
            (lot.batch, units, accounts[lot.store.pk, "store", "donated", 0],
             accounts[lot.store.pk, "store", "available", 0], lot.decision, "", lot.decision) for lot in lots
        ), PHARMACIST)  # fmt: skip

    def _account(self, shelves: set[Shelf]) -> None:
        """The accounts that there are not yet."""
        new = sorted(shelves - self.accounts.keys())
        rows = ((*shelf[:3], shelf[3] or NONE) for shelf in new)
        numbers = self.copy("inventory_account", "place_id side state shipment_id", rows)
        self.accounts |= dict(zip(new, numbers, strict=True))

    def _post(self, kind: str, document: str, day: datetime.date, rows: Iterable[Any], actor: int) -> None:
        """Movements of one day: batch, units, from, to, document, detail, decision."""
        at = f"{day} 05:00+00"
        self.copy("inventory_movement", MOVEMENT, (
            (batch, units, source, target, kind, document, paper, detail, decision, actor, day, day, at,
             uuid.uuid4()) for batch, units, source, target, paper, detail, decision in rows))  # fmt: skip

    def _move(self, lots: list[Stocked], day: datetime.date) -> dict[int, list[tuple[int, int, int]]]:
        """Half into the store's own dispensing room, if it hands out, and half to a clinic; where it stands."""
        sent = [(lot, lot.clinic) for lot in lots]
        kept = [lot for lot in lots if lot.store.hands_out]
        targets = {lot.store.pk for lot in kept} | {clinic.pk for _lot, clinic in sent}
        self._account(
            {(place, "clinic", state, 0) for place in targets for state in ("available", "dispensed")}
        )
        units, accounts = self.size.units, self.accounts
        self._post("local_use", "local_use", day, (
            (lot.batch, units, accounts[lot.store.pk, "store", "available", 0],
             accounts[lot.store.pk, "clinic", "available", 0], NONE, "", NONE) for lot in kept
        ), PHARMACIST)  # fmt: skip
        self._send(sent, day)
        shelves: dict[int, list[tuple[int, int, int]]] = {}
        for lot, place in [*((lot, lot.store) for lot in kept), *sent]:
            rooms = (accounts[place.pk, "clinic", state, 0] for state in ("available", "dispensed"))
            shelves.setdefault(place.pk, []).append((lot.batch, *rooms))  # type: ignore[arg-type]
        return shelves

    def _send(self, sent: list[tuple[Stocked, Place]], day: datetime.date) -> None:
        """Promised, sent and received, one shipment for each pair of store and clinic."""
        units, accounts = self.size.units, self.accounts
        pairs = sorted({(lot.store.pk, clinic.pk) for lot, clinic in sent})
        numbers = self.copy("distribution_shipment", SHIPMENT, (
            (store, "store", clinic, "clinic", "received", PHARMACIST, day, CLINIC, day, 1)
            for store, clinic in pairs))  # fmt: skip
        known = dict(zip(pairs, numbers, strict=True))
        through = [(lot, known[lot.store.pk, clinic.pk], clinic) for lot, clinic in sent]
        self.copy("distribution_shipmentline", SENT_LINE, (
            (shipment, lot.batch, units, units, units, 0, 0, "", "") for lot, shipment, _c in through
        ))  # fmt: skip
        travelling = {(store, "store", state, number)
                      for (store, _c), number in known.items() for state in ("reserved", "in_transit")}  # fmt: skip
        self._account(travelling)
        for kind, of in (("reserve", 0), ("dispatch", 1), ("receive", 2)):
            stations = (
                (lot.batch, shipment, (
                    accounts[lot.store.pk, "store", "available", 0],
                    accounts[lot.store.pk, "store", "reserved", shipment],
                    accounts[lot.store.pk, "store", "in_transit", shipment],
                    accounts[clinic.pk, "clinic", "available", 0],
                )) for lot, shipment, clinic in through
            )  # fmt: skip
            actor = CLINIC if kind == "receive" else PHARMACIST
            self._post(kind, "shipment", day, (
                (batch, units, way[of], way[of + 1], shipment, "", NONE) for batch, shipment, way in stations
            ), actor)  # fmt: skip

    def _hand_out(self, shelves: dict[int, list[tuple[int, int, int]]], begin: datetime.date) -> None:
        """Papers in the order of the days, each of some lots of one place, in turn."""
        places = [place for place, here in shelves.items() for _shelf in here]
        self.chance.shuffle(places)
        turns = {place: itertools.cycle(here) for place, here in shelves.items()}
        size = self.size
        for start in range(0, size.papers, PORTION):
            part = range(start, min(start + PORTION, size.papers))
            days = [begin + (1 + number * (size.days - 1) // size.papers) * DAY for number in part]
            heads = [(places[number % len(places)], day) for number, day in zip(part, days, strict=True)]
            self._give(
                [(place, day, self._lines(turns[place], shelves[place])) for place, day in heads],
            )

    def _lines(self, turn: Iterator[tuple[int, int, int]], here: list[Any]) -> list[tuple[int, int, int]]:
        return list(itertools.islice(turn, min(self.size.lines_of_paper, len(here))))

    def _give(self, papers: list[tuple[int, datetime.date, list[tuple[int, int, int]]]]) -> None:
        bands = [self.chance.choice(BANDS) for _paper in papers]
        heads = self.copy("distribution_dispensing", PAPER, (
            (place, day, day, 1, band, "[]", "", "self", "f", CLINIC, f"{day} 06:00+00")
            for (place, day, _lines), band in zip(papers, bands, strict=True)))  # fmt: skip
        rows = [(paper, band, day, line) for paper, band, (_place, day, lines)
                in zip(heads, bands, papers, strict=True) for line in lines]  # fmt: skip
        lines = "dispensing_id batch_id quantity days_supply prescriber flagged"
        self.copy("distribution_dispensingline", lines, (
            (paper, line[0], UNITS, 3, "", "") for paper, _b, _d, line in rows))  # fmt: skip
        self.copy("inventory_movement", MOVEMENT, (
            (line[0], UNITS, line[1], line[2], "dispense", "dispensing", paper, band, NONE, CLINIC, day, day,
             f"{day} 06:00+00", uuid.uuid4()) for paper, band, day, line in rows))  # fmt: skip


def let_planner_look() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(GROWING)}, distribution_dispensing, distribution_dispensingline")
