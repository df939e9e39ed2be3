"""What a medicine of the catalogue is to the screening, and how the usual ways in which it comes are judged."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from enum import StrEnum

from catalogue.expiry import MonthPolicy
from catalogue.models import Medicine
from catalogue.screening import Screening, screen
from catalogue.screening_facts import Container, ItemFacts, MedicineFacts, PrintState, ScreeningPolicy, Stage
from organisation.models import Policy


class Way(StrEnum):
    """How a household brings a medicine; everything that is printed being read and the day far off."""

    SEALED = "sealed"
    BLISTER = "blister"
    BOTTLE = "bottle"
    LOOSE = "loose"
    USED = "used"


_CONTAINERS = {
    Way.BLISTER: Container.BLISTER,
    Way.BOTTLE: Container.BOTTLE,
    Way.LOOSE: Container.LOOSE,
}


def medicine_facts(medicine: Medicine) -> MedicineFacts:
    return MedicineFacts(
        inn_en=medicine.inn,
        is_device=medicine.is_device,
        dosage_form=medicine.dosage_form,
        strength=medicine.strength,
        smallest_unit=medicine.smallest_unit,
        rx_otc=medicine.rx_otc,
        special_control=medicine.special_control,
        storage=medicine.storage,
        loose_ok=medicine.loose_ok,  # type: ignore[arg-type]
        requires_lot=medicine.requires_lot,
        requires_expiry=medicine.requires_expiry,
        donation_default=medicine.donation_default,  # type: ignore[arg-type]
        pediatric=medicine.paediatric,
    )


def screening_policy(policy: Policy) -> ScreeningPolicy:
    return ScreeningPolicy(
        min_days=policy.min_days,
        max_boxes=policy.max_boxes_per_person,
        out_of_scope_soft=policy.out_of_scope_soft,
        month_policy=MonthPolicy(policy.month_policy),
    )


def usual_verdicts(medicine: Medicine, policy: Policy, on: datetime.date) -> Iterator[tuple[Way, Screening]]:
    """Each way in which it comes with what the decision table says of it at the counter on that day."""
    facts, rules = medicine_facts(medicine), screening_policy(policy)
    for way in [Way.SEALED, Way.USED] if facts.is_device else [each for each in Way if each != Way.USED]:
        item = ItemFacts(
            medicine=facts,
            lot_state=PrintState.READ,
            expiry_state=PrintState.READ,
            last_usable_day=on + datetime.timedelta(days=max(365, rules.min_days)),
            approval_state=PrintState.READ,
            strength_read=True,
            opened=way != Way.SEALED,
            container=_CONTAINERS.get(way),
        )
        yield way, screen(item, stage=Stage.COUNTER, on=on, policy=rules)
