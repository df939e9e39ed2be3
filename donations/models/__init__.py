"""Tables of the intake room, one file per noun."""

from donations.models.boxes import Box
from donations.models.corrections import Correction
from donations.models.custody import (
    CUSTODY_STEPS,
    Custody,
    CustodyDay,
    CustodyEntry,
    CustodyKind,
    GroupHoldings,
    ItemHoldings,
)  # fmt: skip
from donations.models.handovers import Handover, HandoverDonation, HandoverGroup
from donations.models.intake import (
    QUANTITY_LIMIT,
    UNITS,
    Campaign,
    Donation,
    Donor,
    DonorIdentity,
    Item,
    Seen,
)  # fmt: skip
from donations.models.notices import PrivacyNotice
from donations.models.photos import PHOTOS_PER_ITEM, ItemPhoto
from donations.models.returns import DonorReturn, DonorReturnLine, ReturnCollector
from donations.models.rosters import RosterDonation, RosterFile

__all__ = [
    "CUSTODY_STEPS",
    "PHOTOS_PER_ITEM",
    "QUANTITY_LIMIT",
    "UNITS",
    "Box",
    "Campaign",
    "Correction",
    "Custody",
    "CustodyDay",
    "CustodyEntry",
    "CustodyKind",
    "Donation",
    "Donor",
    "DonorIdentity",
    "DonorReturn",
    "DonorReturnLine",
    "GroupHoldings",
    "Handover",
    "HandoverDonation",
    "HandoverGroup",
    "Item",
    "ItemHoldings",
    "ItemPhoto",
    "PrivacyNotice",
    "ReturnCollector",
    "RosterDonation",
    "RosterFile",
    "Seen",
]  # fmt: skip
