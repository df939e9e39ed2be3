"""Steps of the chain, written through the services and the two journals' own ways in."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any

from catalogue.models import Medicine
from core.commands import Act
from distribution.models import Dispensing, Shipment
from donations.custody import Step, write_custody
from donations.intake import DonationDraft, ItemDraft
from donations.models import Custody as C
from donations.models import CustodyEntry, Item
from donations.models import CustodyKind as K
from donations.services.registration import register_donation
from inventory.checklist import CHECKLIST
from inventory.ledger import Entry, Shelf, post, shelf_of
from inventory.models import Batch, Kind, Movement, Pack, Side, SortingDecision, State
from inventory.models.conversions import Opening
from organisation.models import Place
from organisation.queries import policy_of
from reports.models import Bulletin
from tests.world import TODAY, World, donation

DAY = datetime.timedelta(days=1)


@dataclass
class Play:
    """A story in one county; `on` is its day and may be moved on."""

    world: World
    on: datetime.date = TODAY

    def act(self, role: str = "pharmacist") -> Act:
        return self.world.act(role, on=self.on)

    def register(self, *items: dict[str, Any], place: Place | None = None, **fields: Any) -> list[Item]:
        """A donation through the API; the items it made."""
        place = place or self.world.hospital
        body = donation(place=place.code, items=list(items), **fields)
        answer = self.world.signed("clerk", place).post("donations/", body)
        assert answer.status_code == 201, answer.json()
        return list(Item.objects.filter(donation_id=answer.json()["id"]).order_by("line"))

    def give(self, fields: dict[str, Any], *, act: Act | None = None) -> Item:
        """One item given anonymously at the hospital on the story's day."""
        medicine = Medicine.objects.filter(code=fields["medicine"] or "").first()
        draft = DonationDraft(
            received_on=self.on,
            items=[ItemDraft(**{**fields, "medicine": medicine})],
            kind="anonymous",
            source_confirmed=True,
        )
        world = self.world
        _donation, judged = register_donation(
            act=act or self.act("clerk"), place=world.hospital, campaign=world.campaign,
            policy=policy_of(world.county.pk), draft=draft,
        )  # fmt: skip
        return judged[0][0]

    def step(self, item: Item, kind: K, source: C, target: C, quantity: int, **fields: Any) -> CustodyEntry:
        """One entry of the custody journal at the hospital."""
        place = fields.pop("place_id", self.world.hospital.pk)
        if kind in (K.MISSING, K.SURPLUS):
            fields = {"reason": "miscounted", **fields}
        step = Step(kind, source, target, quantity, place, item_id=item.pk, **fields)
        return write_custody([step], act=self.act())[0]

    def count(self, item: Item, quantity: int) -> None:
        self.step(item, K.RECEIVED, C.AT_POINT, C.COUNTED, quantity)

    def batch(self, item: Item, **fields: Any) -> Batch:
        label = {
            "county_id": item.county_id,
            "medicine_id": item.medicine_id,
            "lot_number": item.lot_number,
            "last_usable_day": item.last_usable_day,
            "pack": Pack.SEALED,
            "product": None,
            **fields,
        }
        return Batch.objects.get_or_create(**label)[0]

    def accept(self, item: Item, quantity: int, **label: Any) -> Movement:
        """Accept counted units into the hospital's store."""
        batch, act, place = self.batch(item, **label), self.act(), self.world.hospital
        entry = self.step(item, K.ACCEPTED, C.COUNTED, C.ACCEPTED, quantity)
        decision = SortingDecision.objects.create(
            county_id=item.county_id, item=item, place=place, outcome="accept", quantity=quantity, batch=batch,
            custody=entry, checklist=dict.fromkeys(CHECKLIST, True),
            decided_by=self.act("lead_pharmacist").actor_id,  # who gave or corrected the item decides nothing
            decided_on=act.on, command=act.command,
        )  # fmt: skip
        return self.move(
            Kind.ACCEPT, batch, quantity, State.DONATED, State.AVAILABLE, decision_id=decision.pk
        )

    def reject(self, item: Item, quantity: int, reason: str = "damaged") -> CustodyEntry:
        return self.step(item, K.REJECTED, C.COUNTED, C.IN_BIN, quantity, reason=reason)

    def move(
        self, kind: Kind, batch: Batch, quantity: int, source: State, target: State, **fields: Any
    ) -> Movement:
        """One movement between two states of one place and side."""
        place, side = fields.pop("place", self.world.hospital), fields.pop("side", Side.STORE)
        to_place, to_side = fields.pop("to_place", place), fields.pop("to_side", side)
        shipment = fields.pop("shipment", None)
        promised = {State.RESERVED, State.IN_TRANSIT}
        ends = [
            Shelf(at.pk, of, state, shipment.pk if shipment and state in promised else None)
            for at, of, state in ((place, side, source), (to_place, to_side, target))
        ]
        if shipment:
            fields |= {"document_type": "shipment", "document_id": shipment.pk}
        fields.setdefault("document_type", "test")
        entry = Entry(kind, batch.pk, quantity, *ends, **fields)
        return self.posted(entry)

    def posted(self, entry: Entry) -> Movement:
        [pk] = post([entry], act=self.act())
        return Movement.objects.get(pk=pk)

    def shipment(self, to: Place, *, source: Place | None = None, **sides: str) -> Shipment:
        return Shipment.objects.create(
            county=self.world.county,
            from_place=source or self.world.hospital,
            to_place=to,
            **{"from_side": Side.STORE, "to_side": Side.CLINIC, **sides},
        )

    def dispatch(self, shipment: Shipment, batch: Batch, quantity: int) -> Movement:
        """Reserve and send."""
        at = {"place": shipment.from_place, "side": shipment.from_side, "shipment": shipment}
        self.move(Kind.RESERVE, batch, quantity, State.AVAILABLE, State.RESERVED, **at)
        return self.move(Kind.DISPATCH, batch, quantity, State.RESERVED, State.IN_TRANSIT, **at)

    def receive(self, shipment: Shipment, batch: Batch, arrived: int, missing: int = 0) -> None:
        at = {"place": shipment.from_place, "side": shipment.from_side, "shipment": shipment}
        to = {"to_place": shipment.to_place, "to_side": shipment.to_side}
        if arrived:
            self.move(Kind.RECEIVE, batch, arrived, State.IN_TRANSIT, State.AVAILABLE, **at, **to)
        if missing:
            self.move(Kind.LOSE, batch, missing, State.IN_TRANSIT, State.LOST, **at)

    def dispense(
        self,
        place: Place,
        batch: Batch,
        quantity: int,
        *,
        age: str = "65-79",
        recipients: int = 1,
        paper: int | None = None,
    ) -> Movement:
        """A hand-out of one batch; with `paper` what came from it to a hand-out that is there."""
        act = self.act("clinic")
        paper = paper or Dispensing.objects.create(
            county=self.world.county, place=place, dispensed_on=act.on, booked_on=act.booked, age_band=age,
            recipients=recipients, collected_by="self", dispensed_by=act.actor_id, recorded_at=act.at,
        ).pk  # fmt: skip
        return self.move(
            Kind.DISPENSE, batch, quantity, State.AVAILABLE, State.DISPENSED, place=place, side=Side.CLINIC,
            document_type="dispensing", document_id=paper, detail=age,
        )  # fmt: skip

    def convert(self, batch: Batch, into: Batch, quantity: int) -> None:
        """Units of one batch are opened in the hospital's store and become another."""
        available, converted = (
            Shelf(self.world.hospital.pk, Side.STORE, state) for state in (State.AVAILABLE, State.CONVERTED)
        )
        pair = [(batch, available, converted), (into, converted, available)]
        entries = [
            Entry(Kind.CONVERT, each.pk, quantity, source, target, "test") for each, source, target in pair
        ]
        act = self.act()
        Opening.objects.create(
            county=self.world.county, place=self.world.hospital, side=Side.STORE, batch=batch, into=into,
            quantity=quantity, opened_by=act.actor_id, opened_on=act.on, command=act.command,
        )  # fmt: skip
        post(entries, act=act)

    def take_back(self, movement: Movement) -> Movement:
        """Reverse a movement, with its own paper and detail."""
        ends = [shelf_of(account) for account in (movement.to_account, movement.from_account)]
        entry = Entry(
            Kind.REVERSAL, movement.batch_id, movement.quantity, *ends, movement.document_type,
            movement.document_id, movement.detail, movement.decision_id, movement.pk,
        )  # fmt: skip
        return self.posted(entry)

    def at(self, days: int) -> Play:
        """The same story some days later (or earlier)."""
        return replace(self, on=self.on + days * DAY)


def edition(pk: Any) -> int | None:
    """The number under which the public knows this bulletin; None as long as it does not."""
    return Bulletin.objects.get(pk=pk).public_number
