"""Tables of the inventory room, one file per subject."""

from inventory.models.batches import Batch, Pack
from inventory.models.conversions import Opening, Relabelling
from inventory.models.counts import CountLine, CountResult, Spot, StockCount
from inventory.models.destructions import Destruction, DestructionLine, HoldSpent
from inventory.models.devices import DeviceUse
from inventory.models.holds import Hold, HoldRelease
from inventory.models.kits import Kit, KitTemplate, KitTemplateLine
from inventory.models.labels import BatchCode, LabelLine, LabelRun
from inventory.models.ledger import (
    INSIDE,
    MAY_BE_NEGATIVE,
    MOVEMENT_STEPS,
    OUT,
    PROMISED,
    Account,
    Balance,
    Kind,
    Movement,
    Side,
    State,
    StockDay,
)
from inventory.models.proposals import SortingProposal
from inventory.models.recalls import AdverseReaction, RecallAcknowledgement, RecallNotice
from inventory.models.sorting import Priority, SortingDecision

__all__ = [
    "INSIDE",
    "MAY_BE_NEGATIVE",
    "MOVEMENT_STEPS",
    "OUT",
    "PROMISED",
    "Account",
    "AdverseReaction",
    "Balance",
    "Batch",
    "BatchCode",
    "CountLine",
    "CountResult",
    "Destruction",
    "DestructionLine",
    "DeviceUse",
    "Hold",
    "HoldRelease",
    "HoldSpent",
    "Kind",
    "Kit",
    "KitTemplate",
    "KitTemplateLine",
    "LabelLine",
    "LabelRun",
    "Movement",
    "Opening",
    "Pack",
    "Priority",
    "RecallAcknowledgement",
    "RecallNotice",
    "Relabelling",
    "Side",
    "SortingDecision",
    "SortingProposal",
    "Spot",
    "State",
    "StockCount",
    "StockDay",
]
