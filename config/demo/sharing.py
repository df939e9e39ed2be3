"""The season's plans, shipments and hand-outs."""

from __future__ import annotations

import datetime
from collections import defaultdict
from dataclasses import dataclass

from catalogue.expiry import is_usable
from catalogue.models import Medicine
from config.demo.stage import Stage
from distribution.models import AgeBand, Shipment, ShipmentLine
from distribution.needs import course_units
from distribution.services.approval import approve_plan
from distribution.services.dispensing import dispense
from distribution.services.hand_outs import HandOut, HandOutLine
from distribution.services.needs import set_needs, set_profiles
from distribution.services.plans import PlanOrder, draft_plan, submit_plan
from distribution.services.shipments import Arrival, dispatch_shipment, receive_shipment
from inventory.models import Balance, Side, State
from organisation.models import Place, Role

COURSE_DAYS = 3
PERIOD = datetime.timedelta(days=6)
BANDS = [AgeBand.INFANT, AgeBand.CHILD, AgeBand.ADULT, AgeBand.ELDER, AgeBand.OLDEST]
BAND_WEIGHTS = [4, 12, 40, 30, 14]
CHILD_WEIGHTS = [30, 70, 0, 0, 0]
MARKS = {
    AgeBand.INFANT: ["low_income"],
    AgeBand.CHILD: ["chronic", "low_income"],
    AgeBand.ADULT: ["pregnant", "chronic", "low_income"],
    AgeBand.ELDER: ["living_alone", "chronic", "low_income"],
    AgeBand.OLDEST: ["living_alone", "chronic", "low_income"],
}


@dataclass(eq=False)
class OnShelf:
    """Units of a batch that a clinic can still hand out on the day."""

    batch_id: int
    medicine: Medicine
    units: int


class Sharing:
    """From stock to recipients."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.rounds = 0
        self.owed = 0
        self._place = {place.pk: place for place in stage.places}
        self._medicine = Medicine.objects.in_bulk()

    def count_people(self, on: datetime.date) -> None:
        """The clinics' profiles: who lives in the village. Sizes are drawn, the places are real."""
        people = {clinic: self._people(clinic) for clinic in self.stage.clinics}
        self.stage.play(
            self.stage.staff(Role.ALLOCATOR),
            on,
            "api/v1/clinic-profiles/",
            lambda act: set_profiles(act=act, figures=people),
        )

    def _people(self, clinic: Place) -> dict[str, object]:
        population = self.stage.chance.randint(600, 2200)
        return {
            "population": population,
            "age_0_3": population * 4 // 100,
            "age_4_14": population * 14 // 100,
            "age_65_79": population * 10 // 100,
            "age_80_up": population * 3 // 100,
            "pregnant": population // 150,
            "tier_red": population * 2 // 100,
            "tier_yellow": population * 6 // 100,
            "tier_green": population * 9 // 100,
            "data_date": datetime.date(2022, 12, 1),
        }

    def ask(self, on: datetime.date) -> None:
        """Some clinics say how much they want of what they hand out most; it caps their share."""
        clinics = self.stage.own(self.stage.clinics)
        medicines = list(Medicine.objects.filter(category="antipyretic", donation_default="accept")[:12])
        for clinic in self.stage.chance.sample(clinics, len(clinics) // 8):
            requested = {medicine: self.stage.chance.choice([20, 40, 60]) for medicine in medicines}
            self.stage.play(
                self.stage.staff(Role.CLINIC, clinic),
                on,
                "api/v1/needs/",
                lambda act, clinic=clinic, requested=requested: set_needs(  # type: ignore[misc]
                    act=act,
                    place=clinic,
                    period_start=on,
                    period_end=on + PERIOD,
                    requested=requested,
                ),
            )

    def share_out(self, on: datetime.date, *, every_centre: bool) -> None:
        """The county's pharmacy supplies the health centres, and every (other) centre its villages and itself."""
        hospital, *centres = self.stage.pharmacies
        if self.stage.part.leads:
            self._plan(PlanOrder("townships", [hospital], on, on + PERIOD), None, on)
        self.stage.part.meet()
        self._send(hospital, on)
        self.rounds += 1
        for centre in self.stage.own(centres if every_centre else centres[self.rounds % 2 :: 2]):
            self._plan(
                PlanOrder("clinics", [centre], on, on + PERIOD, township_id=centre.township_id), centre, on
            )
            self._send(centre, on)

    def _plan(self, order: PlanOrder, centre: Place | None, on: datetime.date) -> None:
        """Draft, submit, and approve by another person."""
        allocator, approver = (
            self.stage.staff(Role.ALLOCATOR, centre),
            self.stage.staff(Role.APPROVER, centre),
        )
        plan = self.stage.play(allocator, on, "api/v1/plans/", lambda act: draft_plan(act=act, order=order))
        if not plan.lines.exists():
            return
        self.stage.play(
            allocator, on, "api/v1/plans/<int:pk>/submit/", lambda act: submit_plan(act=act, plan=plan)
        )
        self.stage.play(
            approver, on, "api/v1/plans/<int:pk>/approve/", lambda act: approve_plan(act=act, plan=plan)
        )

    def _send(self, supplier: Place, on: datetime.date) -> None:
        """Whatever of the supplier's is promised to this part's places sets out and arrives."""
        sender = self.stage.staff(Role.PHARMACIST, supplier)
        planned = Shipment.objects.filter(from_place=supplier, state=Shipment.State.RESERVED).order_by("pk")
        for shipment in planned.prefetch_related("lines"):
            to_place = self._place[shipment.to_place_id]
            if not self.stage.own([to_place]):
                continue
            role = Role.CLINIC if shipment.to_side == Side.CLINIC else Role.PHARMACIST
            receiver = self.stage.staff(role, to_place)
            self.stage.play(
                sender, on, "api/v1/shipments/<int:pk>/dispatch/",
                lambda act, shipment=shipment: dispatch_shipment(act=act, shipment=shipment, picks={}),  # type: ignore[misc]
            )  # fmt: skip
            arrivals = {line.pk: self._arrival(line) for line in shipment.lines.all()}
            self.stage.play(
                receiver, on, "api/v1/shipments/<int:pk>/receive/",
                lambda act, shipment=shipment, arrivals=arrivals: receive_shipment(  # type: ignore[misc]
                    act=act, shipment=shipment, arrivals=arrivals
                ),
            )  # fmt: skip

    def _arrival(self, line: ShipmentLine) -> Arrival:
        luck, sent = self.stage.chance.random(), line.promised
        if luck < 0.01 and sent > 1:
            return Arrival(accepted=sent - 1, missing=1, reason="途中短少")
        if luck < 0.02 and sent > 1:
            return Arrival(accepted=sent - 1, damaged=1, reason="外包装破损")
        return Arrival(accepted=sent)

    def hand_out(self, on: datetime.date, number: int) -> None:
        """This part of the day's hand-outs; those for which no clinic has stock are owed until some comes."""
        self.owed += self.stage.part.share(number)
        shelves = self._shelves(on)
        clinics = [clinic for clinic in sorted(shelves) if self.stage.own([self._place[clinic]])]
        while self.owed and clinics:
            clinic_id = self.stage.chance.choice(clinics)
            self._hand_out_one(clinic_id, shelves[clinic_id], on)
            self.owed -= 1
            if not shelves[clinic_id]:
                clinics.remove(clinic_id)

    def _shelves(self, on: datetime.date) -> dict[int, list[OnShelf]]:
        """What each clinic may hand out on the day, because it lasts for a course."""
        shelves: dict[int, list[OnShelf]] = defaultdict(list)
        rows = Balance.objects.filter(
            county=self.stage.county, state=State.AVAILABLE, account__side=Side.CLINIC, quantity__gt=0
        ).order_by("id")
        what = ("account__place_id", "batch_id", "batch__medicine_id", "batch__last_usable_day", "quantity")
        for place_id, batch_id, medicine_id, last_day, units in rows.values_list(*what):
            medicine = self._medicine[medicine_id]
            if is_usable(last_day, on, course_days(medicine), requires_expiry=medicine.requires_expiry):
                shelves[place_id].append(OnShelf(batch_id, medicine, units))
        return shelves

    def _hand_out_one(self, clinic_id: int, shelf: list[OnShelf], on: datetime.date) -> None:
        """One medicine for one person, off the shelf that the caller keeps for the day."""
        chance, place = self.stage.chance, self._place[clinic_id]
        stock = chance.choice(shelf)
        units = min(stock.units, chance.choice(portions(stock.medicine)))
        stock.units -= units
        if not stock.units:
            shelf.remove(stock)
        band = chance.choices(BANDS, CHILD_WEIGHTS if stock.medicine.paediatric else BAND_WEIGHTS)[0]
        hand_out = HandOut(
            dispensed_on=on,
            age_band=band,
            collected_by=chance.choice(["self", "family", "village_cadre", "delivered"]),
            lines=[
                HandOutLine(
                    quantity=units,
                    days_supply=course_days(stock.medicine),
                    batch_id=stock.batch_id,
                    prescriber="值班医师" if stock.medicine.by_prescription else "",
                )
            ],
            marks=[chance.choice(MARKS[band])] if chance.random() < 0.3 else [],
            register_ref=str(chance.randint(1, 9999)),
        )
        self.stage.play(
            self.stage.staff(Role.CLINIC, place), on, "api/v1/dispensings/",
            lambda act: dispense(act=act, place=place, hand_out=hand_out),
        )  # fmt: skip


def course_days(medicine: Medicine) -> int:
    return COURSE_DAYS if medicine.requires_expiry else 1


def portions(medicine: Medicine) -> list[int]:
    """The units of one hand-out, each as likely: one bottle, or a dose once or twice a day over the course."""
    if course_units(medicine.smallest_unit) == 1:
        return [1]
    return [COURSE_DAYS, COURSE_DAYS, 2 * COURSE_DAYS]
