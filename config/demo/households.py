"""What households and work units bring: drawn by lot, from real medicines."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence

from catalogue.models import Medicine
from config.demo.boxes import MAKER
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft
from donations.models import Donor

# What the walk by hand brings: left out here, so that its tablets are the only ones and easy to follow.
EXAMPLE = "M009a"
SACHETS = ("颗粒", "散剂", "干混悬")
BOTTLES = ("口服溶液", "糖浆", "合剂", "滴", "混悬", "口服液", "煎膏", "酊", "喷", "气雾")
COMMON = {"antipyretic": 8, "cold combination": 5, "cough": 5, "sore throat": 3, "TCM": 4, "antiviral": 1}
SURNAMES = ["吴", "石", "杨", "潘", "梁", "陆", "韦", "蒙", "王", "李", "张", "陈", "刘", "黄", "龙", "欧阳"]
GIVEN = list("秀英明芳华军丽强敏静勇艳杰娟涛霞平刚桂兰玉珍建国春梅文斌雪莲志远光荣海燕德胜美云永红")
# No county's own: what they give is a story.
UNITS = ["县某局机关", "县某中学", "县某供电所", "县某林场", "县某客运站", "县某银行支行"]
# What one household has left of a medicine: strips and sachets by the piece, suppositories by the small box,
# everything else by the package.
BY_THE_PIECE = {"片", "粒", "袋", "丸", "贴", "只"}
PIECES = [6, 8, 9, 10, 12, 12, 18, 20, 24, 24, 36, 48]
SUPPOSITORY, SUPPOSITORIES = "枚", [5, 5, 6, 10, 10, 12]
PACKAGES = [1, 1, 1, 2, 3]


class Households:
    """Draws one donation after another.

    Each medicine comes from at most so many `lots`; a work unit brings together what up to `collected` of its
    households have.
    """

    def __init__(
        self, chance: random.Random, medicines: Sequence[Medicine], *, lots: int, collected: int
    ) -> None:
        self.chance, self.medicines, self.most_lots, self.collected = chance, medicines, lots, collected
        self.weights = [_weight(medicine) for medicine in medicines]
        self.lots: dict[str, list[tuple[str, datetime.date]]] = {}

    def draft(self, on: datetime.date) -> DonationDraft:
        chance = self.chance
        kind = chance.choices([Donor.Kind.PERSON, Donor.Kind.WORK_UNIT, Donor.Kind.ANONYMOUS], [80, 8, 12])[0]
        households = chance.randint(1, self.collected) if kind == Donor.Kind.WORK_UNIT else 1
        count = chance.choices([1, 2, 3, 4, 5, 6, 8], [8, 16, 22, 22, 16, 10, 6])[0]
        return DonationDraft(
            received_on=on,
            items=[self._item(on, households) for _n in range(count)],
            kind=kind,
            source_confirmed=True,
            unfit=chance.choice(["return", "destroy"]),
            identity=Identity(name=self._name(kind)),
            publish=chance.choice([None, "masked", "full", "anonymous"]),
        )

    def _name(self, kind: str) -> str:
        """A name like those of the county, of nobody in particular; nobody's where none was given."""
        if kind == Donor.Kind.ANONYMOUS:
            return ""
        if kind == Donor.Kind.WORK_UNIT:
            return self.chance.choice(UNITS)
        given = self.chance.sample(GIVEN, self.chance.choice([1, 2, 2]))
        return self.chance.choice(SURNAMES) + "".join(given)

    def _item(self, on: datetime.date, households: int) -> ItemDraft:
        chance = self.chance
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
            manufacturer=MAKER if read else "",
            lot_number=lot if read and medicine.requires_lot else "",
            lot_state="read" if read and medicine.requires_lot else "not_read",
            expiry=f"有效期至{last_day:%Y年%m月%d日}" if dated else "",
            expiry_state="read" if dated else "not_read",
            quantity=chance.choice(amounts(medicine)) * households,
            opened=opened,
            container=container,
            findings=["damaged"] if chance.random() < 0.01 else [],
        )

    def _lot(self, medicine: Medicine, on: datetime.date) -> tuple[str, datetime.date]:
        chance = self.chance
        known = self.lots.setdefault(medicine.code, [])
        if len(known) < self.most_lots:
            days = chance.choices([-30, 20, 120, 300, 600], [4, 4, 12, 40, 40])[0]
            last_day = on + datetime.timedelta(days=days + chance.randint(0, 60))
            made = last_day - datetime.timedelta(days=730)
            known.append((f"{made:%y%m%d}{chance.randint(1, 9)}", last_day))
        return chance.choice(known)


def medicines_given() -> list[Medicine]:
    """The catalogue without what the walk by hand brings."""
    return list(Medicine.objects.exclude(code=EXAMPLE).order_by("code"))


def amounts(medicine: Medicine) -> list[int]:
    """The units that a household may have left, each as likely."""
    if medicine.smallest_unit == SUPPOSITORY:
        return SUPPOSITORIES
    return PIECES if medicine.smallest_unit in BY_THE_PIECE else PACKAGES


def _weight(medicine: Medicine) -> float:
    base = COMMON.get(medicine.category, 0.5)
    return base if medicine.donation_default == "accept" else base * 0.15


def container_of(medicine: Medicine) -> str:
    if medicine.is_device:
        return ""
    if any(word in medicine.dosage_form for word in SACHETS):
        return "sachet"
    return "bottle" if any(word in medicine.dosage_form for word in BOTTLES) else "blister"
