"""Registration numbers: of medicines (批准文号, 进口药品注册证号), of devices, and of what is no medicine.

Sources: 药品注册管理办法 (2020) art. 123 for 国药准字; 医疗器械注册与备案管理办法 (2021) art. 114, 116 and
医疗器械注册管理办法 (2004) for devices. Digits that name the approving province or year are not checked:
too many exceptions are in circulation.
"""

import re
from dataclasses import dataclass
from typing import Final

from catalogue.codes.messages import CodeError, code_error
from catalogue.codes.spelling import LONGEST, compact

_CATEGORIES: Final = {
    "H": "chemical",
    "Z": "chinese_patent",
    "S": "biological",
    "B": "health",
    "T": "diagnostic",
    "F": "excipient",
    "J": "import_repacked",
    "C": "classical_formula",
}
_ORIGINS: Final = {"": "domestic", "C": "hongkong_macao_taiwan", "J": "overseas"}
_APPROVAL = re.compile(r"(?:批准文号:?)?国药准字号?[:\-]?([HZSBTFJC])([CJ]?)([0-9]{8})")
_IMPORT = re.compile(
    r"(?:(进口药品|医药产品)?注册证(?:证|编)?号?[:\-]?)?(B?)([HZS])(C?)([0-9]{8})",
)
_BARE = re.compile(r"(?:批准文号:?)?[HZSBTFJC][CJ]?[0-9]{8}")

_REGIONS = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵黔云滇藏陕秦甘陇青宁新"
_DEVICE_ORIGINS: Final = {"准": "domestic", "进": "overseas", "许": "hongkong_macao_taiwan"}
_DEVICE_LABEL = r"(?:(?:医疗器械)?(?:注册证|备案凭证|备案)?(?:编号|号):?)?"
_REGISTERED = re.compile(rf"{_DEVICE_LABEL}([国{_REGIONS}]械注(准|进|许)[0-9]{{4}}([123])[0-9]{{6}})")
_FILED = re.compile(rf"{_DEVICE_LABEL}((国|[{_REGIONS}][\u4e00-\u9fff]{{0,2}})械备[0-9]{{8}})号?")
_REGISTERED_BEFORE_2014 = re.compile(
    rf"{_DEVICE_LABEL}([国{_REGIONS}]食?药监械\((准|进|许)\)字[0-9]{{4}}第([123])[0-9]{{6}})号?"
)

_OTHERS: Final = (
    ("health_food", re.compile(r"(?:国食健[字注]|食健备|卫食健)")),
    ("hospital_preparation", re.compile(rf"[{_REGIONS}]药制(?:备?字|备案)")),
    ("disinfectant", re.compile(rf"\(?[国{_REGIONS}]?\)?卫消[证准进备]?字")),
    ("veterinary", re.compile(r"\(?(?:[0-9]{4})?\)?外?兽药")),
    ("cosmetic", re.compile(rf"[国{_REGIONS}]G?妆")),
)


@dataclass(frozen=True)
class ApprovalNumber:
    """A well-formed 批准文号. `text` is its one spelling (国药准字H10900089); `category` follows the first
    letter, `origin` the second. The single C is a classical formula, such as 化湿败毒颗粒."""

    text: str
    category: str
    origin: str


@dataclass(frozen=True)
class ImportRegistration:
    """A well-formed number of a certificate issued before 2020: 进口药品注册证 or, with C, 医药产品注册证.
    `for_repacking` is the leading B (大包装)."""

    text: str
    category: str
    origin: str
    for_repacking: bool


@dataclass(frozen=True)
class DeviceNumber:
    """A well-formed device number: `device_class` 1, 2 or 3; `scheme` registered, filed (class 1) or
    registered_before_2014."""

    text: str
    device_class: int
    origin: str
    scheme: str


def approval_number(text: str) -> ApprovalNumber | CodeError:
    """Read a 批准文号: `国药准字` and one of [HZSBTFJC] or [HZS][CJ], then eight digits."""
    plain = compact(text[:LONGEST])
    match = _APPROVAL.fullmatch(plain)
    if not match:
        return _why_not(plain)
    kind, second, digits = match.groups()
    if second and kind not in "HZS":
        return code_error("pattern")
    origin = "overseas" if kind == "J" else _ORIGINS[second]
    return ApprovalNumber(f"国药准字{kind}{second}{digits}", _CATEGORIES[kind], origin)


def import_registration(text: str) -> ImportRegistration | CodeError:
    """Read an old import registration: 进口药品注册证号 or 医药产品注册证号, B?[HZS]C? and eight digits.

    Without those words a number is taken only where no 批准文号 looks like it, that is with a leading B.
    """
    plain = compact(text[:LONGEST])
    match = _IMPORT.fullmatch(plain)
    if not match:
        return _why_not(plain)
    certificate, repack, kind, greater_china, digits = match.groups()
    if "注册证" not in plain and not repack:
        return code_error("prefix_missing")
    if certificate and bool(greater_china) != (certificate == "医药产品"):
        return code_error("pattern")
    return ImportRegistration(
        text=f"{'医药产品' if greater_china else '进口药品'}注册证号{repack}{kind}{greater_china}{digits}",
        category=_CATEGORIES[kind],
        origin="hongkong_macao_taiwan" if greater_china else "overseas",
        for_repacking=bool(repack),
    )


def device_number(text: str) -> DeviceNumber | CodeError:
    """Read the number of a registered or filed medical device, in the forms used since 2004."""
    plain = compact(text[:LONGEST])
    for scheme, pattern in (("registered", _REGISTERED), ("registered_before_2014", _REGISTERED_BEFORE_2014)):
        match = pattern.fullmatch(plain)
        if match:
            ending = "号" if scheme == "registered_before_2014" else ""
            origin = _DEVICE_ORIGINS[match[2]]
            return DeviceNumber(match[1] + ending, int(match[3]), origin, scheme)
    match = _FILED.fullmatch(plain)
    if match:
        return DeviceNumber(match[1] + "号", 1, "overseas" if match[2] == "国" else "domestic", "filed")
    return code_error("pattern" if plain else "empty")


def other_registration(text: str) -> str | None:
    """What the number belongs to when it is no medicine's: health_food, hospital_preparation, disinfectant,
    veterinary or cosmetic; None when it shows none of their marks. Reads the beginning only."""
    plain = compact(text[:LONGEST])
    return next((kind for kind, mark in _OTHERS if mark.match(plain)), None)


def _why_not(plain: str) -> CodeError:
    if not plain:
        return code_error("empty")
    return code_error("prefix_missing" if _BARE.fullmatch(plain) else "pattern")
