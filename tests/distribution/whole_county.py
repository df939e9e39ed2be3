"""A county in which anything may happen: its people, a small model of where its units stand, and what must hold.

The model knows every unit by place, side, state, shipment and batch, and every donated item by custody state. A deed
tells it what it moves; the books must then say the same, and the checks behind `manage.py verify_ledger` find
nothing. A deed that is refused has changed no row of any table.
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections import Counter
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from donations.models import ItemHoldings
from inventory.models import Batch, Hold
from inventory.queries.holds import held_by
from inventory.verification import verify
from tests.distribution.stock import CENTRE, FIRST, HOSPITAL, SECOND, profile, stock
from tests.inventory.test_devices import oximeter
from tests.world import TODAY, Signed, World

__all__ = ["CENTRE", "FIRST", "HOSPITAL", "SECOND"]
YESTERDAY = TODAY - datetime.timedelta(days=1)
TOO_MANY = 10**6
# Of the twelve choices of an index, those that choose what fits.
MOSTLY = 10
LOTS = ["A1", "B2", "C3"]
MEDICINE, DEVICE = "M009a", "M187"
DEVICE_LOTS = ["OX-1", "OX-2"]
# What is written about a request, or when somebody was last seen, and not what the request was to do.
ABOUT_REQUESTS = {
    "core_auditentry",
    "core_auditaddress",
    "core_idempotencyrecord",
    "organisation_accesstoken",
}
OK, REFUSED = "ok", "refused"

Spot = tuple[str, str, str, int]  # place code, side, state, shipment (or less the kit) or 0


@dataclass(frozen=True)
class Label:
    medicine: str
    lot: str
    last_day: datetime.date
    pack: str


class Stage:
    """The people and profiles of a world, made once; every example begins from here."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = {
            "clerk": world.signed("clerk"),
            "clerk of the centre": world.signed("clerk", world.centre),
            "checker": world.signed("checker"),
            "checker of the centre": world.signed("checker", world.centre),
            "pharmacist": world.signed("pharmacist"),
            "second pharmacist": world.signed("pharmacist", name="second pharmacist"),
            "pharmacist of the centre": world.signed("pharmacist", world.centre),
            "lead": world.signed("lead_pharmacist"),
            "second lead": world.signed("lead_pharmacist", name="second lead"),
            "centre": world.signed("clinic", world.centre),
            "village": world.signed("clinic", world.villages[0]),
            "allocator": world.signed("allocator"),
            "approver": world.signed("approver"),
            "both": self._planner_and_approver(world),
            "stranger": world.signed("lead_pharmacist", foreign=True),
        }
        world.person("clerk", world.office)
        for place in (world.centre, *world.villages):
            profile(world, place, population=4)
        _fill_shelves(world)
        self.template = self._kit_template()
        self.tables = [
            table
            for table in connection.introspection.table_names()
            if table.split("_")[0]
            in {"core", "catalogue", "organisation", "donations", "inventory", "distribution"}
            and table not in ABOUT_REQUESTS
        ]

    def _kit_template(self) -> int:
        line = {"medicine": "M009a", "quantity": 2, "days_supply": 1}
        body = {"name": "健康包", "shelf_days": 0, "lines": [line]}
        return int(self.people["lead"].post("kit-templates/", body).json()["id"])

    def _planner_and_approver(self, world: World) -> Signed:
        person = world.person("allocator", name="both")
        world.grant(person, "approver")
        return Signed(person)


def _fill_shelves(world: World) -> None:
    """Stock at the hospital, at both sides of the centre and at a village; some of it expired on the shelf."""
    for lot, days in (("A1", 300), ("B2", 40), ("OLD", -1)):
        stock(world, 12, lot=lot, days=days, since=YESTERDAY)
        stock(world, 12, lot=lot, days=days, place=world.centre, since=YESTERDAY)
    for lot, days in (("A1", 300), ("LAST", 0), ("OLD", -1)):
        stock(world, 9, lot=lot, days=days, place=world.villages[0], side="clinic", since=YESTERDAY)
    stock(world, 9, lot="B2", days=40, place=world.centre, side="clinic", since=YESTERDAY)
    for lot, days, place in (("OX-1", 300, world.villages[0]), ("OX-2", 300, world.villages[0]),
                             ("OLD", -1, world.villages[0]), ("OX-1", 300, world.centre)):  # fmt: skip
        stock(
            world,
            2,
            lot=lot,
            days=days,
            place=place,
            side="clinic",
            since=YESTERDAY,
            medicine=oximeter(world),
        )


class WholeCounty(RuleBasedStateMachine):
    """What all deeds share: sending a command, the model, and the comparison after every step."""

    stage: ClassVar[Stage]

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.world = self.stage.world
        self.known_rows: Any = None
        self.checked = False
        self.last: tuple[Any, ...] | None = None
        self.labels: dict[int, Label] = {}
        self.recalls: dict[int, tuple[str, str, str]] = {}
        self.recalls_lifted: set[int] = set()
        self.units, self.items = self.books(), self.custody()
        self.learn_labels()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # Sending a command

    def send(self, who: str, route: str, body: Any = None, due: str | None = None) -> Any:
        """What a command answers, or None where it was refused, which left every table as it was.

        `due` says what the model expects of it, where it can tell.
        """
        before, key = self.rows(), uuid.uuid4()
        answer = self.stage.people[who].post(route, body, key=key)
        told = json.loads(answer.content) if answer.content else None
        if answer.status_code >= 400:
            changed = self.fresh_rows() - before
            assert not changed, f"refused, and yet something changed: {changed} {route} {told}"
            assert due != OK, f"{who}: {route} {body} was refused: {told}"
            return None
        assert due != REFUSED, f"{who}: {route} {body} was not refused: {told}"
        self.changed()
        self.last = (who, route, body, key, answer.content)
        return told

    def changed(self) -> None:
        """Something was written: the tables are read again, and everything is checked anew."""
        self.known_rows, self.checked = None, False

    def rows(self) -> Any:
        if self.known_rows is None:
            self.known_rows = self.fresh_rows()
        return self.known_rows

    def fresh_rows(self) -> Any:
        """How many rows each table holds, and the sum of their hashes."""
        each = " UNION ALL ".join(
            f"SELECT '{table}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {table} t"
            for table in self.stage.tables
        )
        with connection.cursor() as cursor:
            cursor.execute(each)
            return set(cursor.fetchall())  # the server may ask the tables side by side

    # The books, and the model beside them

    def books(self) -> Counter[tuple[Spot, int]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.code, a.side, a.state, coalesce(a.shipment_id, -a.kit_id, 0), b.batch_id, b.quantity"
                " FROM inventory_balance b JOIN inventory_account a ON a.id = b.account_id"
                " JOIN organisation_place p ON p.id = a.place_id"
                " WHERE b.quantity <> 0 AND a.state NOT IN ('donated', 'converted')"
            )
            return Counter({(tuple(row[:4]), row[4]): row[5] for row in cursor.fetchall()})

    def custody(self) -> Counter[tuple[int, str]]:
        rows = ItemHoldings.objects.values("item_id", *ItemHoldings.STATES)
        return Counter({(row["item_id"], state): row[state] for row in rows for state in ItemHoldings.STATES
                        if row[state]})  # fmt: skip

    def learn_labels(self) -> None:
        rows = (
            Batch.objects.filter(county=self.world.county)
            .exclude(pk__in=self.labels)
            .select_related("medicine")
        )
        for row in rows:
            self.labels[row.pk] = Label(row.medicine.code, row.lot_number, row.last_usable_day, row.pack)

    def there(self, spot: Spot, batch: int) -> int:
        return self.units[spot, batch]

    def move(self, batch: int, quantity: int, source: Spot | None, target: Spot) -> None:
        """Units go from one spot to another; from none, where they come from a donor or another batch."""
        if source:
            self.units[source, batch] -= quantity
        self.units[target, batch] += quantity

    def move_item(self, item: int, quantity: int, source: str | None, target: str | None) -> None:
        if source:
            self.items[item, source] -= quantity
        if target:
            self.items[item, target] += quantity

    def adopt(self, group: Callable[[Spot, int], Hashable]) -> None:
        """Let the books say how units divide within a group, after seeing that every group adds up."""
        books = self.books()
        assert _grouped(self.units, group) == _grouped(books, group)
        self.units = books

    def batch(self, index: int, spot: Spot | None = None, medicine: str = MEDICINE) -> int:
        """A batch of a medicine; mostly one of which units stand at the spot."""
        known = sorted(batch for batch, label in self.labels.items() if label.medicine == medicine)
        here = [batch for batch in known if self.units[spot, batch]] if spot else []
        return int(pick(here if here and index < MOSTLY else known, index))

    def recalled(self, batch: int, place: str) -> bool:
        """Whether a recall in force is about a batch at a place."""
        label = self.labels[batch]
        return self.recalled_lot(label.medicine, label.lot, place)

    def recalled_lot(self, medicine: str, lot: str, place: str) -> bool:
        return any(
            medicine == of and wanted in ("", lot) and at in ("", place)
            for pk, (of, wanted, at) in self.recalls.items()
            if pk not in self.recalls_lifted
        )

    def expired(self, batch: int) -> bool:
        return self.labels[batch].last_day < TODAY

    def usable(self, batch: int, place: str) -> bool:
        return not self.expired(batch) and not self.recalled(batch, place)

    # What holds after every step

    @invariant()
    def books_are_as_the_model_says(self) -> None:
        """After a refusal there is nothing to check: every table was seen to be as before."""
        if not self.checked:
            self.learn_labels()
            assert _filled(self.books()) == _filled(self.units)
            assert _filled(self.custody()) == _filled(self.items)
            assert verify(self.world.county.pk) == []
            self.holds_hold_what_is_there()
        self.checked = True

    def holds_hold_what_is_there(self) -> None:
        """No hold holds more than lies in held: it could not be released, or would release another's goods."""
        holds = list(Hold.objects.filter(county=self.world.county).select_related("place"))
        still = held_by(holds)
        claimed: Counter[tuple[Spot, int]] = Counter()
        for hold in holds:
            for side, units in still[hold.pk].items():
                claimed[(hold.place.code, side, "held", 0), hold.batch_id] += units
        assert {key: units for key, units in claimed.items() if units > self.units[key]} == {}


def usable_or_held(spot: Spot, batch: int) -> Hashable:
    """Available and held units of a batch at a side of a place, whichever they are."""
    place, side, state, _shipment = spot
    return (place, side, "here", batch) if state in ("available", "held") else (spot, batch)


def pick(pool: list[Any], index: int) -> Any:
    return pool[index % len(pool)]


def split(quantity: int, parts: int) -> list[int]:
    """A quantity in so many nearly equal parts."""
    return [quantity // parts + (n < quantity % parts) for n in range(parts)]


def _grouped(units: Counter[tuple[Spot, int]], group: Callable[[Spot, int], Hashable]) -> dict[Hashable, int]:
    sums: Counter[Hashable] = Counter()
    for (spot, batch), quantity in units.items():
        sums[group(spot, batch)] += quantity
    return _filled(sums)


def _filled(counted: Counter[Any]) -> dict[Any, int]:
    return {key: units for key, units in counted.items() if units}


def dues(*wrong: Any) -> str:
    """What is due where these are all that could be wrong."""
    return REFUSED if any(wrong) else OK


def refused_if(*wrong: Any) -> str | None:
    """What is due where something else may be wrong too."""
    return REFUSED if any(wrong) else None
