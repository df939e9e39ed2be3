"""Fair shares of donated medicines: how much each clinic gets, from which lots, and why.

allocate(clinics, lots, options) -> Allocation     one medicine, or one group of interchangeable ones
recompute_share(cuts, clinic, options) -> int      a clinic's share from the published cuts alone
allocate_tables(clinics, lots, policy) -> Plan     the same on number columns, for many medicines at once
"""

from .engine import Plan, allocate_tables
from .model import (
    MAX_QUANTITY,
    Allocation,
    AllocationInputError,
    Clinic,
    Cut,
    Leftover,
    LimitedBy,
    Line,
    Lot,
    Mark,
    Options,
    Rounding,
    Share,
    Unused,
)
from .plan import allocate
from .recompute import recompute_share
from .tables import NEVER, ClinicTable, LotTable, Policy

__all__ = [
    "MAX_QUANTITY",
    "NEVER",
    "Allocation",
    "AllocationInputError",
    "Clinic",
    "ClinicTable",
    "Cut",
    "Leftover",
    "LimitedBy",
    "Line",
    "Lot",
    "LotTable",
    "Mark",
    "Options",
    "Plan",
    "Policy",
    "Rounding",
    "Share",
    "Unused",
    "allocate",
    "allocate_tables",
    "recompute_share",
]
