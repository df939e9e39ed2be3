"""A plan of many lines over many lots, ready to be approved: see bench_approval.py."""

from __future__ import annotations

import datetime

from django.db import connection

from benchmarks.stage import County
from distribution.models import Plan, PlanLine
from distribution.services.approval import approve_plan
from organisation.models import Place, Role

UNITS, EACH = 900_000, 10


class LargePlan:
    """Lots at the hospital, each of its own, and clinics that get some of each in turn."""

    def __init__(self, seed: int, *, lots: int, clinics: int) -> None:
        self.county = County(seed)
        items = self.county.counted(lots, quantity=UNITS)
        for number, item in enumerate(items):
            item.lot_number = f"L{number:05}"  # as the pharmacist reads it: no two alike
        self.lots = self.county.accepted(items, self.county.hospital)
        self.clinics = [place for place in self.county.stage.clinics if place != self.county.hospital][
            :clinics
        ]
        self._more_clinics(clinics)

    def _more_clinics(self, wanted: int) -> None:
        """The real county has some hundred places; the rest are made up of numbers."""
        county = self.county.stage.county
        made = [
            Place(
                county=county,
                code=f"B-{number:05}",
                name=f"{number}号卫生室",
                kind="village_clinic",
                hands_out=True,
            )
            for number in range(wanted - len(self.clinics))
        ]
        self.clinics += Place.objects.bulk_create(made)

    def submitted(self, lines: int) -> Plan:
        """A plan as its planner leaves it; every line is another pair of lot and clinic."""
        county, today = self.county.stage.county, self.county.today
        plan = Plan.objects.create(
            county=county,
            level=Plan.Level.CLINICS,
            from_places=[self.county.hospital.code],
            period_start=today,
            period_end=today + datetime.timedelta(days=13),
            horizon_days=14,
            state=Plan.State.SUBMITTED,
            planned_by=self.county.stage.staff(Role.ALLOCATOR).pk,
            planned_on=today,
        )
        PlanLine.objects.bulk_create((self._line(plan, number) for number in range(lines)), batch_size=5_000)
        return plan

    def _line(self, plan: Plan, number: int) -> PlanLine:
        lot = self.lots[number % len(self.lots)]
        # Lots of one round go to clinics apart; the next round begins one clinic further.
        clinic = self.clinics[(number + number // len(self.lots)) % len(self.clinics)]
        return PlanLine(
            county=plan.county,
            plan=plan,
            from_place=self.county.hospital,
            clinic=clinic,
            batch_id=lot.batch_id,
            quantity=EACH,
            drafted=EACH,
        )

    def tell_counters(self) -> None:
        """Make this connection tell what its functions took, which it does late otherwise."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_force_next_flush()")

    def approve(self, plan: Plan) -> None:
        approver = self.county.stage.staff(Role.APPROVER)
        self.county.stage.play(
            approver, self.county.today, "bench/", lambda act: approve_plan(act=act, plan=plan)
        )
