"""Tables of the distribution room, one file per subject."""

from distribution.models.dispensing import AgeBand, Dispensing, DispensingLine, Mark
from distribution.models.interchangeable import InterchangeableMedicine
from distribution.models.limits import HandOutLimit
from distribution.models.local_use import LocalUseRule
from distribution.models.needs import NeedLine, NeedSheet
from distribution.models.plans import Plan, PlanLine, PlanShare
from distribution.models.profiles import ClinicProfile
from distribution.models.shifts import PopulationShift
from distribution.models.shipments import Shipment, ShipmentLine
from distribution.models.spot_checks import SpotCheck
from distribution.models.urgent import UrgentIssue

__all__ = [
    "AgeBand",
    "ClinicProfile",
    "Dispensing",
    "DispensingLine",
    "HandOutLimit",
    "InterchangeableMedicine",
    "LocalUseRule",
    "Mark",
    "NeedLine",
    "NeedSheet",
    "Plan",
    "PlanLine",
    "PlanShare",
    "PopulationShift",
    "Shipment",
    "ShipmentLine",
    "SpotCheck",
    "UrgentIssue",
]
