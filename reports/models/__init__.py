"""Tables of the reports room, one file per subject."""

from reports.models.audit import AuditCheckpoint
from reports.models.bulletins import Bulletin, BulletinFile, SigningKey, series_of
from reports.models.daily import DailyForm
from reports.models.days import LedgerDay, TransferDay
from reports.models.drills import RestoreDrill
from reports.models.flows import FlowTotal, Measure, MeasuredFlow
from reports.models.guesses import ReceiptGuesses
from reports.models.names import NamedDonor
from reports.models.questions import Question

__all__ = [
    "AuditCheckpoint",
    "Bulletin",
    "BulletinFile",
    "DailyForm",
    "FlowTotal",
    "LedgerDay",
    "Measure",
    "MeasuredFlow",
    "NamedDonor",
    "Question",
    "ReceiptGuesses",
    "RestoreDrill",
    "SigningKey",
    "TransferDay",
    "series_of",
]
