"""What households bring in the season, and its way to the pharmacy."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence

from catalogue.models import Medicine
from config.demo.stage import Stage
from donations.differences import LineCount
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft
from donations.models import Campaign, CustodyEntry, CustodyKind, Donation, Donor
from donations.queries import donations_at
from donations.services.arrivals import count_at_pharmacy, receive_handover
from donations.services.handovers import hand_over
from donations.services.registration import register_donation, void_donation
from organisation.models import Place, Policy, Role

# What the walk by hand brings: left out here, so that its tablets are the only ones and easy to follow.
EXAMPLE = "M009a"
SACHETS = ("颗粒", "散剂", "干混悬")
BOTTLES = ("口服溶液", "糖浆", "合剂", "滴", "混悬", "口服液", "煎膏", "酊", "喷", "气雾")
COMMON = {"antipyretic": 8, "cold combination": 5, "cough": 5, "sore throat": 3, "TCM": 4, "antiviral": 1}
SIZES = [6, 8, 9, 10, 12, 12, 18, 20, 24, 24, 36, 48]


class Giving:
    """The donors' part: who brings what on a day, and what the clerks do with it."""

    def __init__(self, stage: Stage, campaign: Campaign) -> None:
        self.stage, self.campaign = stage, campaign
        self.policy = Policy.objects.get(county=stage.county)
        medicines = list(Medicine.objects.exclude(code=EXAMPLE).order_by("code"))
        self.medicines = medicines
        self.weights = [_weight(medicine) for medicine in medicines]
        self.lots: dict[str, list[tuple[str, datetime.date]]] = {}

    def day(self, on: datetime.date, donations: int) -> None:
        """Register the day's donations, each at some drop-off point; now and then one is taken back."""
        chance = self.stage.chance
        points = self.stage.points
        weights = [6 if place.kind in {"hospital", "office"} else 2 if place.sorts else 1 for place in points]
        for _n in range(donations):
            place = chance.choices(points, weights)[0]
            clerk = self.stage.staff(Role.CLERK, place)
            draft = self._draft(on)
            donation, _items = self.stage.play(
                clerk,
                on,
                "api/v1/donations/",
                lambda act, place=place, draft=draft: register_donation(  # type: ignore[misc]
                    act=act, place=place, campaign=self.campaign, policy=self.policy, draft=draft
                ),
            )
            if chance.random() < 0.01:
                self._void(donation, on)

    def _void(self, donation: Donation, on: datetime.date) -> None:
        places = Place.objects.filter(pk=donation.place_id)
        whole = donations_at(places).get(pk=donation.pk)
        if any(item.holdings.at_point for item in whole.items.all()):
            clerk = self.stage.staff(Role.CLERK, donation.place)
            self.stage.play(
                clerk, on, "api/v1/donations/<int:pk>/void/",
                lambda act: void_donation(act=act, donation=whole, reason="登记有误"),
            )  # fmt: skip

    def _draft(self, on: datetime.date) -> DonationDraft:
        chance = self.stage.chance
        kind = chance.choices([Donor.Kind.PERSON, Donor.Kind.WORK_UNIT, Donor.Kind.ANONYMOUS], [80, 8, 12])[0]
        name = {"person": "捐赠人", "work_unit": "县直单位", "anonymous": ""}[kind]
        count = chance.choices([1, 2, 3, 4, 5, 6, 8], [8, 16, 22, 22, 16, 10, 6])[0]
        return DonationDraft(
            received_on=on,
            items=[self._item(on) for _n in range(count)],
            kind=kind,
            source_confirmed=True,
            unfit=chance.choice(["return", "destroy"]),
            identity=Identity(name=f"{name}{chance.randint(1, 5000)}" if name else ""),
            publish=chance.choice([None, "masked", "anonymous"]),
        )

    def _item(self, on: datetime.date) -> ItemDraft:
        chance = self.stage.chance
        medicine = chance.choices(self.medicines, self.weights)[0]
        lot, last_day = self._lot(medicine, on)
        container = container_of(medicine)
        opened = container in {"blister", "sachet"} and chance.random() < 0.4
        read = chance.random() < 0.7
        dated = medicine.requires_expiry
        return ItemDraft(
            medicine=medicine,
            description=medicine.generic_name,
            specification=medicine.strength,
            lot_number=lot if read and medicine.requires_lot else "",
            lot_state="read" if read and medicine.requires_lot else "not_read",
            expiry=f"有效期至{last_day:%Y年%m月%d日}" if dated else "",
            expiry_state="read" if dated else "not_read",
            quantity=chance.choice(SIZES) if container != "bottle" else chance.choice([1, 1, 1, 2, 3]),
            opened=opened,
            container=container,
            findings=["damaged"] if chance.random() < 0.01 else [],
        )

    def _lot(self, medicine: Medicine, on: datetime.date) -> tuple[str, datetime.date]:
        chance = self.stage.chance
        known = self.lots.setdefault(medicine.code, [])
        if len(known) < 4:
            days = chance.choices([-30, 20, 120, 300, 600], [4, 4, 12, 40, 40])[0]
            last_day = on + datetime.timedelta(days=days + chance.randint(0, 60))
            made = last_day - datetime.timedelta(days=730)
            known.append((f"{made:%y%m%d}{chance.randint(1, 9)}", last_day))
        return chance.choice(known)

    def bring_to_pharmacies(self, on: datetime.date) -> None:
        """Points without a pharmacy hand over what waits; each pharmacy counts what came."""
        waiting: dict[int, list[Donation]] = defaultdict(list)
        for donation in (
            donations_at(Place.objects.filter(county=self.stage.county))
            .filter(items__holdings__at_point__gt=0)
            .distinct()
        ):
            waiting[donation.place_id].append(donation)
        for place in self.stage.points:
            donations = waiting.get(place.pk, [])
            if not donations:
                continue
            if place.sorts:
                for donation in donations:
                    self._count(donation, place, on)
            else:
                self._carry(donations, place, on)

    def _count(self, donation: Donation, place: Place, on: datetime.date) -> None:
        counted = {
            item.pk: self._found(item.holdings.at_point)
            for item in donation.items.all()
            if item.holdings.at_point
        }
        self.stage.play(
            self.stage.staff(Role.CHECKER, place),
            on,
            "api/v1/donations/<int:pk>/count/",
            lambda act: count_at_pharmacy(act=act, donation=donation, policy=self.policy, counted=counted),
        )

    def _carry(self, donations: Sequence[Donation], place: Place, on: datetime.date) -> None:
        pharmacy = self.stage.pharmacy_of(place)
        handover = self.stage.play(
            self.stage.staff(Role.CLERK, place),
            on,
            "api/v1/handovers/",
            lambda act: hand_over(act=act, from_place=place, to_place=pharmacy, donations=donations),
        )
        declared: dict[tuple[str, int], int] = defaultdict(int)
        for entry in CustodyEntry.objects.filter(handover=handover, kind=CustodyKind.HANDED_OVER):
            line = ("group", entry.group_id) if entry.group_id else ("item", entry.item_id or 0)
            declared[line] += entry.quantity
        counted = {line: self._found(units) for line, units in declared.items()}
        self.stage.play(
            self.stage.staff(Role.CHECKER, pharmacy),
            on,
            "api/v1/handovers/<int:pk>/receive/",
            lambda act: receive_handover(act=act, handover=handover, policy=self.policy, counted=counted),
        )

    def _found(self, declared: int) -> LineCount:
        """Mostly what was declared; now and then some are missing or too many."""
        luck = self.stage.chance.random()
        if luck < 0.02:
            return LineCount(max(0, declared - self.stage.chance.randint(1, 3)), "unknown")
        return LineCount(declared + 1, "miscounted") if luck > 0.99 else LineCount(declared)


def _weight(medicine: Medicine) -> float:
    base = COMMON.get(medicine.category, 0.5)
    return base if medicine.donation_default == "accept" else base * 0.15


def container_of(medicine: Medicine) -> str:
    if medicine.is_device:
        return ""
    if any(word in medicine.dosage_form for word in SACHETS):
        return "sachet"
    return "bottle" if any(word in medicine.dosage_form for word in BOTTLES) else "blister"
