"""Numbers that say which product this is, but neither which box nor which lot."""

import re

from catalogue.codes.messages import CodeError, code_error
from catalogue.codes.spelling import LONGEST, compact, mod10_ok

# Chemical medicines (X) have a letter and three digits for the name and again for the form; others vary.
_INSURANCE = re.compile(
    r"(?:X[A-Z][0-9]{2}[A-Z]{2}(?:[A-Z][0-9]{3}){2}|[A-WYZ][A-Z][0-9]{2}[A-Z]{2}[A-Z0-9]{8})[0-9]{9}"
)


def drug_id(text: str) -> str | CodeError:
    """Read a drug identification code (药品本位码): 14 digits, 86 (China), 9 (medicines), five of the firm,
    five of the product, one check digit."""
    digits = compact(text[:LONGEST])
    if not re.fullmatch("869[0-9]*", digits):
        return code_error("pattern" if digits else "empty")
    if len(digits) != 14:
        return code_error("length")
    return digits if mod10_ok(digits) else code_error("check_digit")


def ean13(text: str) -> str | CodeError:
    """Read an EAN-13 product code; a UPC-A code of twelve digits gets its leading zero.

    Codes that a shop gives its own goods (02, 04, 20–29) identify no product and are refused.
    """
    digits = compact(text[:LONGEST])
    if not re.fullmatch("[0-9]+", digits):
        return code_error("pattern" if digits else "empty")
    if len(digits) not in {12, 13}:
        return code_error("length")
    code = digits.zfill(13)
    if not mod10_ok(code):
        return code_error("check_digit")
    return code_error("in_store_code") if code.startswith(("02", "04", "2")) else code


def insurance_code(text: str) -> str | CodeError:
    """Read a medical-insurance drug code (医保药品代码): 23 characters, one of the type, five of the class,
    four of the name, four of the form, four of strength and pack, five of the firm."""
    code = compact(text[:LONGEST])
    if not code:
        return code_error("empty")
    if len(code) != 23:
        return code_error("length")
    return code if _INSURANCE.fullmatch(code) else code_error("pattern")
