"""The decision table of screening, as data: a reason, the law or rule behind it, its outcome at each stage.

Messages are the words of the programme's glossary. `programme rule` marks choices of the programme;
everything else names the law. A row applies when its finding was ticked or its condition holds;
`screening.screen` takes the worst.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from catalogue.expiry import is_usable
from catalogue.screening_facts import (
    Container,
    ItemFacts,
    MedicineFacts,
    Outcome,
    PrintState,
    ScreeningPolicy,
)

REVIEW, REFUSE = Outcome.REVIEW, Outcome.REFUSE
PROGRAMME = "programme rule"
DRUG_LAW = "药品管理法"
DEVICE_LAW = "医疗器械监督管理条例"


@dataclass(frozen=True, slots=True)
class Case:
    item: ItemFacts
    on: date
    policy: ScreeningPolicy

    @property
    def medicine(self) -> MedicineFacts | None:
        return self.item.medicine


def never(case: Case) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Row:
    """`applies` is the machine's condition; `ticked` rows may also be found by a person, by their code.

    `soft`: a refusal that a pharmacist may lift where the county's policy says so; at sorting it is a review.
    `final`: what a reason that waits for somebody's word (in Chinese, in English) is called once it was decided.
    """

    code: str
    zh: str
    en: str
    basis: str
    applies: Callable[[Case], bool] = never
    counter: Outcome = REFUSE
    sorting: Outcome = REFUSE
    ticked: bool = False
    soft: bool = False
    device_basis: str = ""
    final: tuple[str, str] = ("", "")

    @property
    def decided_zh(self) -> str:
        """The words of a refusal or rejection: nothing waits any more."""
        return self.final[0] or self.zh

    @property
    def decided_en(self) -> str:
        return self.final[1] or self.en


# --- law that changes with the day ---


@dataclass(frozen=True, slots=True)
class DatedControl:
    """An ingredient that comes under a control `since` a day; `compounds` says whether in compounds too."""

    ingredient: str
    compounds: bool
    since: date
    before: str
    control: str

    def covers(self, medicine: MedicineFacts) -> bool:
        named = any(name.startswith(self.ingredient) for name in medicine.ingredients)
        return named and (self.compounds or len(medicine.ingredients) == 1)


# 国家药监局、公安部、国家卫生健康委公告 2024年第54号.
DATED_CONTROLS = (
    DatedControl("dextromethorphan", False, date(2024, 7, 1), before="none", control="psychotropic"),
    DatedControl("diphenoxylate", True, date(2024, 7, 1), before="special compound", control="psychotropic"),
)
EPHEDRINES = ("ephedrine", "pseudoephedrine", "methylephedrine")


@lru_cache(maxsize=4096)
def control_on(medicine: MedicineFacts, on: date) -> str:
    """The special control in force on a day. Herb 麻黄 is no ephedrine: TCM names no such ingredient."""
    dated = next((each for each in DATED_CONTROLS if each.covers(medicine)), None)
    if dated and on >= dated.since:
        return dated.control
    if dated and medicine.special_control == dated.control:
        return dated.before
    has_ephedrine = any(name.startswith(EPHEDRINES) for name in medicine.ingredients)
    if has_ephedrine and medicine.special_control == "none":
        return "ephedrine compound"
    return medicine.special_control


def donation_default_on(medicine: MedicineFacts, on: date) -> str:
    """The catalogue's word; a refusal for a control not yet in force is for a pharmacist to decide."""
    lifted = medicine.special_control != "none" and control_on(medicine, on) == "none"
    if lifted and medicine.donation_default == "refuse":
        return "pharmacist_review"
    return medicine.donation_default


# --- conditions ---

# Labels that forbid freezing or refrigerating (不得冷冻, 避免冷藏) ask for no cold chain.
_COLD = re.compile("(?<![得勿可免])(?:冷藏|冷冻)|冷处|(?<![0-9])2 ?℃? ?[-~—–～至] ?8 ?℃")


def is_cold_chain(case: Case) -> bool:
    return case.medicine is not None and _COLD.search(case.medicine.storage) is not None


def _special_control(case: Case) -> bool:
    controls = {"none", "ephedrine compound"}
    return case.medicine is not None and control_on(case.medicine, case.on) not in controls


def _ephedrine_compound(case: Case) -> bool:
    return case.medicine is not None and control_on(case.medicine, case.on) == "ephedrine compound"


def _injection(case: Case) -> bool:
    form = case.medicine.dosage_form if case.medicine else ""
    return "注射" in form or "输液" in form


def _foreign_no_approval(case: Case) -> bool:
    is_device = case.medicine is not None and case.medicine.is_device
    return not is_device and case.item.approval_state == PrintState.NOT_PRINTED


def _no_device_number(case: Case) -> bool:
    single_use = case.medicine is not None and case.medicine.is_single_use_device
    return single_use and case.item.approval_state == PrintState.NOT_PRINTED


def _requires_lot(case: Case) -> bool:
    return case.medicine is None or case.medicine.requires_lot


def _requires_expiry(case: Case) -> bool:
    return case.medicine is None or case.medicine.requires_expiry


def _expiry_not_read(case: Case) -> bool:
    if case.item.expiry_state == PrintState.NOT_PRINTED:
        return False
    unknown = case.item.expiry_state == PrintState.NOT_READ or case.item.last_usable_day is None
    return _requires_expiry(case) and unknown


def _expired(case: Case) -> bool:
    return case.item.last_usable_day is not None and not is_usable(case.item.last_usable_day, case.on)


def _short_life(case: Case) -> bool:
    last_day = case.item.last_usable_day
    return last_day is not None and 0 <= (last_day - case.on).days < case.policy.min_days


def _opened_multidose(case: Case) -> bool:
    """Opened, and what is left cannot be given by the unit in its own closed container."""
    item, medicine = case.item, case.medicine
    if not item.opened or (medicine and medicine.is_device):
        return False
    if medicine is None:
        return item.container == Container.BOTTLE
    if medicine.loose_ok == "dep":
        return item.container in {Container.BOTTLE, None}
    in_bottle = item.container == Container.BOTTLE and medicine.smallest_unit != "支"
    return medicine.loose_ok == "n" or in_bottle


def _bare_units(case: Case) -> bool:
    is_device = case.medicine is not None and case.medicine.is_device
    return not is_device and case.item.container == Container.LOOSE


def _single_use_opened(case: Case) -> bool:
    single_use = case.medicine is not None and case.medicine.is_single_use_device
    return single_use and (case.item.opened or case.item.container == Container.LOOSE)


def _strength_not_read(case: Case) -> bool:
    missing = case.medicine is not None and not case.medicine.is_device and not case.medicine.strength
    return missing and not case.item.strength_read


def _default_is(value: str) -> Callable[[Case], bool]:
    return lambda case: case.medicine is not None and donation_default_on(case.medicine, case.on) == value


def _out_of_scope(case: Case) -> bool:
    return not case.item.in_campaign_scope or _default_is("out_of_scope")(case)


# --- the table ---

ROWS: tuple[Row, ...] = (
    Row("special_control", "特殊管理药品", "Medicine under special control", f"{DRUG_LAW} art. 61, 112",
        _special_control, ticked=True),
    Row("ephedrine_compound", "含麻黄碱类复方制剂", "Compound containing an ephedrine", PROGRAMME,
        _ephedrine_compound, ticked=True),
    Row("injection", "注射剂", "Injection", PROGRAMME, _injection, ticked=True),
    Row("cold_chain", "需冷藏药品", "Needs a cold chain", PROGRAMME, is_cold_chain, ticked=True),
    Row("recalled", "已被召回", "Recalled", f"{DRUG_LAW} art. 82", lambda case: case.item.recall_match,
        ticked=True, device_basis=DEVICE_LAW),
    Row("expired", "已过有效期", "Past its expiry", f"{DRUG_LAW} art. 98", _expired, device_basis=DEVICE_LAW),
    Row("lot_not_printed", "无批号或无法辨认", "No legible lot number", f"{DRUG_LAW} art. 98",
        lambda case: _requires_lot(case) and case.item.lot_state == PrintState.NOT_PRINTED,
        device_basis=DEVICE_LAW),
    Row("expiry_not_printed", "无有效期或无法辨认", "No legible expiry", f"{DRUG_LAW} art. 98",
        lambda case: _requires_expiry(case) and case.item.expiry_state == PrintState.NOT_PRINTED,
        device_basis=DEVICE_LAW),
    Row("unlabelled", "标签缺失或涂改", "No label", f"{DRUG_LAW} art. 49, 98", ticked=True,
        device_basis=DEVICE_LAW),
    Row("label_altered", "标签缺失或涂改", "Label altered", f"{DRUG_LAW} art. 49, 98", ticked=True,
        device_basis=DEVICE_LAW),
    Row("no_device_number", "标签缺失或涂改", "No device registration number on the label", DEVICE_LAW,
        _no_device_number),
    Row("damaged", "包装破损、受潮、变质", "Pack damaged, damp or spoiled", f"{DRUG_LAW} art. 98",
        ticked=True, device_basis=DEVICE_LAW),
    Row("foreign_no_approval", "境外药品（无批准文号）", "No Chinese approval number", f"{DRUG_LAW} art. 49",
        _foreign_no_approval, ticked=True),
    Row("source_unknown", "来源不明", "Source unknown", PROGRAMME,
        lambda case: not case.item.source_confirmed, ticked=True),
    Row("hospital_preparation", "医院制剂、汤剂、饮片", "Hospital preparation, decoction or raw herbs",
        PROGRAMME, ticked=True),
    Row("not_medicine", "非药品（保健食品等）", "Not a medicine (health food, disinfectant, veterinary)",
        PROGRAMME, ticked=True),
    Row("opened_multidose", "已开封多剂量包装", "Opened multi-dose pack", PROGRAMME, _opened_multidose),
    Row("bare_units", "裸片（脱离原包装）", "Units out of their pack", PROGRAMME, _bare_units),
    Row("device_used_or_broken", "器械已使用或失灵", "Device used or not working", PROGRAMME, ticked=True),
    Row("device_opened", "器械已使用或失灵", "Single-use device opened", PROGRAMME, _single_use_opened),
    Row("mercury", "不在本次征集范围", "Contains mercury", PROGRAMME, ticked=True),
    Row("catalogue_refuses", "不在本次征集范围", "Not taken by this programme", PROGRAMME,
        _default_is("refuse")),
    Row("out_of_scope", "不在本次征集范围", "Not asked for by this campaign", PROGRAMME, _out_of_scope,
        soft=True),
    Row("unidentified", "待药师审核", "Not in the catalogue: a pharmacist must identify it",
        f"{DRUG_LAW} art. 70", lambda case: case.medicine is None, counter=REVIEW,
        final=("无法辨明药品", "Nobody could say which medicine it is")),
    Row("strength_not_read", "待药师审核", "The strength must be read from the label", f"{DRUG_LAW} art. 70",
        _strength_not_read, counter=REVIEW, final=("无规格或无法辨认", "No legible strength")),
    Row("lot_not_read", "批号待核对", "Lot number not yet read", f"{DRUG_LAW} art. 70, 98",
        lambda case: _requires_lot(case) and case.item.lot_state == PrintState.NOT_READ,
        counter=REVIEW, device_basis=DEVICE_LAW, final=("无批号或无法辨认", "No legible lot number")),
    Row("recall_possible", "批号待核对", "May belong to a lot that is recalled or under inquiry",
        f"{DRUG_LAW} art. 82", lambda case: case.item.recall_possible, counter=REVIEW,
        device_basis=DEVICE_LAW, final=("不能排除属召回批次", "Could not be told from a lot under recall")),
    Row("expiry_not_read", "有效期待核对", "Expiry not yet read", f"{DRUG_LAW} art. 70, 98", _expiry_not_read,
        counter=REVIEW, device_basis=DEVICE_LAW, final=("无有效期或无法辨认", "No legible expiry")),
    Row("short_life", "有效期不足{min_days}天", "Fewer than {min_days} days left: for urgent use only",
        PROGRAMME, _short_life, counter=REVIEW, sorting=REVIEW),
    Row("pharmacist_review", "待药师审核", "For a pharmacist to decide", PROGRAMME,
        _default_is("pharmacist_review"), counter=REVIEW, sorting=REVIEW,
        final=("药师审核不合格", "Not passed by the pharmacist")),
    Row("many_boxes", "数量较多", "Many boxes from one person", PROGRAMME,
        lambda case: case.item.boxes > case.policy.max_boxes, counter=REVIEW, sorting=REVIEW,
        final=("数量较多，来源存疑", "Many boxes from one person, of doubtful source")),
    Row("trace_repeated", "追溯码曾登记", "Traceability code registered before", PROGRAMME,
        lambda case: case.item.trace_seen_before, counter=REVIEW, sorting=REVIEW,
        final=("追溯码曾登记，来源存疑", "Traceability code registered before, of doubtful source")),
)  # fmt: skip
