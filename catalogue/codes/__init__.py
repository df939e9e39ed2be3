"""The codes printed on medicines and devices: registrations, product numbers, box numbers, GS1 barcodes.

A code that is well formed is `format_ok` and nothing more: whether it was ever issued, and to this box, only
the issuing authority knows.
"""

from catalogue.codes.messages import CodeError, Message
from catalogue.codes.products import drug_id, ean13, insurance_code
from catalogue.codes.reader import read_scan
from catalogue.codes.registrations import (
    ApprovalNumber,
    DeviceNumber,
    ImportRegistration,
    approval_number,
    device_number,
    import_registration,
    other_registration,
)
from catalogue.codes.scan import Expiry, Scan
from catalogue.codes.traces import TraceCode, trace_code

__all__ = [
    "ApprovalNumber",
    "CodeError",
    "DeviceNumber",
    "Expiry",
    "ImportRegistration",
    "Message",
    "Scan",
    "TraceCode",
    "approval_number",
    "device_number",
    "drug_id",
    "ean13",
    "import_registration",
    "insurance_code",
    "other_registration",
    "read_scan",
    "trace_code",
]
