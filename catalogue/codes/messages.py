"""What the reader of codes says to people, in zh-Hans and English, each under a stable code."""

from dataclasses import dataclass
from typing import Final

_TEXTS: Final = {
    "empty": ("没有内容", "Nothing was given."),
    "too_long": ("内容过长，不是药品条码", "Too long for a code on a medicine."),
    "unknown": ("无法识别的编码，请按包装手工填写", "Not a known code; fill in by hand from the package."),
    "format_ok": ("仅表示编码格式正确，不代表真伪", "The format is right; that does not make it genuine."),
    "pattern": (
        "编号格式不符，请对照包装核对",
        "The number is not of the right form; compare it with the package.",
    ),
    "prefix_missing": (
        "请补上前面的文字（国药准字、进口药品注册证号或医药产品注册证号）",
        "Add the words before the number (国药准字, 进口药品注册证号 or 医药产品注册证号).",
    ),
    "length": ("编码位数不对", "The code has the wrong number of characters."),
    "check_digit": ("校验位不符，可能有数字读错", "The check digit does not fit; a digit may be misread."),
    "in_store_code": ("店内自编码，不能识别商品", "A shop's own code, which does not identify the product."),
    "excel_number": (
        "追溯码被表格软件当成数字，末尾数字已丢失；请将单元格设为文本后重新扫码",
        "A spreadsheet made this a number and lost its last digits; format the cell as text, scan again.",
    ),
    "excel_rounded": (
        "追溯码末五位全为0，疑似被表格软件改写；请对照包装核对",
        "The code ends in five zeros, as a spreadsheet leaves it; compare it with the package.",
    ),
    "separator_missing": (
        "条码中的分隔符丢失，批号与序列号等无法分开；请对照包装选择",
        "The separators between the fields are lost; choose lot and serial number by the package.",
    ),
    "incomplete": (
        "条码只读出一部分，请对照包装核对",
        "Only a part of the barcode could be read; compare it.",
    ),
    "repeated": ("条码中同一项目出现两个不同的值", "The barcode gives the same field twice, differently."),
    "impossible_date": ("条码中的日期不存在", "The barcode holds a date that does not exist."),
    "dates_disagree": ("条码中的两个有效期不一致", "The barcode holds two expiry dates that disagree."),
    "in_the_future": ("生产日期晚于今天", "The production date lies in the future."),
    "after_expiry": ("生产日期晚于有效期", "The production date is later than the expiry."),
    "logistic_unit": ("物流箱码，不是药品编码", "A carton's shipping code, not a medicine's."),
    "health_food": ("保健食品，不是药品", "A health food, not a medicine."),
    "hospital_preparation": ("医院制剂，不在接收范围", "A hospital preparation, which is not accepted."),
    "disinfectant": ("消毒产品，不是药品", "A disinfectant, not a medicine."),
    "veterinary": ("兽药，不得接收", "A veterinary medicine, which must not be accepted."),
    "cosmetic": ("化妆品，不是药品", "A cosmetic, not a medicine."),
}


@dataclass(frozen=True)
class Message:
    """One thing to tell the person at the counter: a stable code, zh-Hans and English."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True)
class CodeError(Message):
    """Why a text is not the code it was taken for. Returned, not raised: bad codes are ordinary input."""


def message(code: str) -> Message:
    """The message of this code. KeyError for a code that has no text."""
    return Message(code, *_TEXTS[code])


def code_error(code: str) -> CodeError:
    """The message of this code as the answer of a reader that failed."""
    return CodeError(code, *_TEXTS[code])
