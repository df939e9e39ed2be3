"""The decision table row by row, at both stages; flags; the law that changes with the day."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from catalogue.screening import (
    FINDINGS,
    OUTCOME_WORDS,
    Container,
    ItemFacts,
    MedicineFacts,
    Outcome,
    Override,
    PrintState,
    Reason,
    ScreeningPolicy,
    Stage,
    screen,
)
from catalogue.screening_rules import ROWS

ON = date(2023, 1, 8)
POLICY = ScreeningPolicy()
ACCEPT, REVIEW, REFUSE = Outcome.ACCEPT, Outcome.REVIEW, Outcome.REFUSE
MEDICINE = MedicineFacts(
    inn_en="ibuprofen", strength="0.3g", dosage_form="缓释胶囊", smallest_unit="粒", loose_ok="y"
)
DEVICE = MedicineFacts(inn_en="n/a", is_device=True)
THERMOMETER = MedicineFacts(inn_en="n/a", is_device=True, requires_lot=False, requires_expiry=False)
SOUND = ItemFacts(
    medicine=MEDICINE,
    lot_state=PrintState.READ,
    expiry_state=PrintState.READ,
    last_usable_day=ON + timedelta(days=365),
    container=Container.BLISTER,
    approval_state=PrintState.READ,
)
GLOSSARY = {
    "已过有效期", "有效期不足{min_days}天", "无批号或无法辨认", "无有效期或无法辨认", "标签缺失或涂改",
    "特殊管理药品", "含麻黄碱类复方制剂", "注射剂", "需冷藏药品", "已开封多剂量包装", "裸片（脱离原包装）",
    "包装破损、受潮、变质", "境外药品（无批准文号）", "来源不明", "医院制剂、汤剂、饮片", "已被召回",
    "非药品（保健食品等）", "不在本次征集范围", "器械已使用或失灵", "批号待核对", "有效期待核对", "数量较多",
    "追溯码曾登记", "待药师审核",
}  # fmt: skip
# What a reason that waits is called when it was decided, where that is no word of the others.
DECIDED = {
    "无法辨明药品", "无规格或无法辨认", "不能排除属召回批次", "药师审核不合格", "数量较多，来源存疑",
    "追溯码曾登记，来源存疑",
}  # fmt: skip
WAITING = {"批号待核对", "有效期待核对", "数量较多", "追溯码曾登记", "待药师审核"}


def item(medicine=None, **seen):
    """A sound item with something changed in the medicine (a dict or facts) or in what was seen."""
    facts = replace(MEDICINE, **medicine) if isinstance(medicine, dict) else medicine or MEDICINE
    return replace(SOUND, medicine=facts, **seen)


def codes(facts, stage, on=ON, policy=POLICY):
    return [reason.code for reason in screen(facts, stage=stage, on=on, policy=policy).reasons]


def outcomes(facts, on=ON, policy=POLICY):
    return tuple(screen(facts, stage=stage, on=on, policy=policy).outcome for stage in Stage)


CONDITIONS = [
    ("special_control", item({"special_control": "narcotic"}), REFUSE, REFUSE),
    ("special_control", item({"special_control": "psychotropic"}), REFUSE, REFUSE),
    ("special_control", item({"special_control": "special compound"}), REFUSE, REFUSE),
    ("special_control", item({"special_control": "toxic"}), REFUSE, REFUSE),
    ("special_control", item({"special_control": "radioactive"}), REFUSE, REFUSE),
    ("special_control", item({"special_control": "vaccine"}), REFUSE, REFUSE),
    ("special_control", item({"special_control": "blood product"}), REFUSE, REFUSE),
    ("ephedrine_compound", item({"special_control": "ephedrine compound"}), REFUSE, REFUSE),
    ("ephedrine_compound", item({"inn_en": "ibuprofen + pseudoephedrine"}), REFUSE, REFUSE),
    ("injection", item({"dosage_form": "注射液"}), REFUSE, REFUSE),
    ("injection", item({"dosage_form": "注射用无菌粉末"}), REFUSE, REFUSE),
    ("cold_chain", item({"storage": "冷藏"}), REFUSE, REFUSE),
    ("cold_chain", item({"storage": "2~8℃避光"}), REFUSE, REFUSE),
    ("recalled", item(recall_match=True), REFUSE, REFUSE),
    ("expired", item(last_usable_day=ON - timedelta(days=1)), REFUSE, REFUSE),
    ("expired", item(DEVICE, last_usable_day=ON - timedelta(days=1)), REFUSE, REFUSE),
    ("lot_not_printed", item(lot_state=PrintState.NOT_PRINTED), REFUSE, REFUSE),
    ("lot_not_printed", item(DEVICE, lot_state=PrintState.NOT_PRINTED), REFUSE, REFUSE),
    ("expiry_not_printed", item(expiry_state=PrintState.NOT_PRINTED, last_usable_day=None), REFUSE, REFUSE),
    ("no_device_number", item(DEVICE, approval_state=PrintState.NOT_PRINTED), REFUSE, REFUSE),
    ("foreign_no_approval", item(approval_state=PrintState.NOT_PRINTED), REFUSE, REFUSE),
    ("source_unknown", item(source_confirmed=False), REFUSE, REFUSE),
    ("opened_multidose", item({"loose_ok": "y"}, opened=True, container=Container.BOTTLE), REFUSE, REFUSE),
    ("opened_multidose", item({"loose_ok": "dep"}, opened=True, container=Container.BOTTLE), REFUSE, REFUSE),
    ("opened_multidose", item({"loose_ok": "dep"}, opened=True, container=None), REFUSE, REFUSE),
    ("opened_multidose", item({"loose_ok": "n"}, opened=True, container=Container.BLISTER), REFUSE, REFUSE),
    ("opened_multidose", item({"loose_ok": "n"}, opened=True, container=Container.BOTTLE), REFUSE, REFUSE),
    ("bare_units", item(container=Container.LOOSE), REFUSE, REFUSE),
    ("bare_units", item({"loose_ok": "dep"}, opened=True, container=Container.LOOSE), REFUSE, REFUSE),
    ("device_opened", item(DEVICE, opened=True), REFUSE, REFUSE),
    ("device_opened", item(DEVICE, container=Container.LOOSE), REFUSE, REFUSE),
    ("catalogue_refuses", item({"donation_default": "refuse"}), REFUSE, REFUSE),
    ("out_of_scope", item({"donation_default": "out_of_scope"}), REFUSE, REVIEW),
    ("out_of_scope", item(in_campaign_scope=False), REFUSE, REVIEW),
    ("unidentified", replace(SOUND, medicine=None), REVIEW, REFUSE),
    ("strength_not_read", item({"strength": ""}), REVIEW, REFUSE),
    ("lot_not_read", item(lot_state=PrintState.NOT_READ), REVIEW, REFUSE),
    ("recall_possible", item(recall_possible=True), REVIEW, REFUSE),
    ("expiry_not_read", item(expiry_state=PrintState.NOT_READ, last_usable_day=None), REVIEW, REFUSE),
    ("expiry_not_read", item(expiry_state=PrintState.READ, last_usable_day=None), REVIEW, REFUSE),
    ("short_life", item(last_usable_day=ON), REVIEW, REVIEW),
    ("short_life", item(last_usable_day=ON + timedelta(days=29)), REVIEW, REVIEW),
    ("pharmacist_review", item({"donation_default": "pharmacist_review"}), REVIEW, REVIEW),
    ("many_boxes", item(boxes=POLICY.max_boxes + 1), REVIEW, REVIEW),
    ("trace_repeated", item(trace_seen_before=True), REVIEW, REVIEW),
]


@pytest.mark.parametrize(("code", "facts", "at_counter", "at_sorting"), CONDITIONS)
def test_row_of_the_table_alone_decides(code, facts, at_counter, at_sorting):
    results = [screen(facts, stage=stage, on=ON, policy=POLICY) for stage in Stage]

    assert [[reason.code for reason in result.reasons] for result in results] == [[code], [code]]
    assert [result.outcome for result in results] == [at_counter, at_sorting]


@pytest.mark.parametrize("code", sorted(FINDINGS))
@pytest.mark.parametrize("medicine", [MEDICINE, DEVICE, THERMOMETER, None])
def test_finding_refuses_at_both_stages(code, medicine):
    facts = replace(SOUND, medicine=medicine, findings=frozenset({code}))

    assert outcomes(facts) == (REFUSE, REFUSE)
    assert [code in codes(facts, stage) for stage in Stage] == [True, True]


@pytest.mark.parametrize(
    "facts",
    [
        SOUND,
        item(last_usable_day=ON + timedelta(days=30)),
        item(boxes=POLICY.max_boxes),
        item({"loose_ok": "y"}, opened=True, container=Container.BLISTER),
        item({"loose_ok": "y"}, opened=True, container=Container.SACHET),
        item({"loose_ok": "dep"}, opened=True, container=Container.BLISTER),
        item({"loose_ok": "n"}, container=Container.BOTTLE),
        item({"loose_ok": "y", "smallest_unit": "支"}, opened=True, container=Container.BOTTLE),
        item({"strength": ""}, strength_read=True),
        item({"storage": "阴凉处(不超过20℃),不得冷冻"}),
        item({"inn_en": "TCM; no INN"}),
        item({"inn_en": "dextromethorphan + guaifenesin"}),
        item(approval_state=PrintState.NOT_READ),
        item(DEVICE),
        item(THERMOMETER, lot_state=PrintState.NOT_PRINTED, expiry_state=PrintState.NOT_PRINTED, opened=True),
        item(
            THERMOMETER, lot_state=PrintState.NOT_READ, expiry_state=PrintState.NOT_READ, last_usable_day=None
        ),
        item(THERMOMETER, approval_state=PrintState.NOT_PRINTED, container=Container.LOOSE),
    ],
)
def test_sound_item_is_accepted_at_both_stages(facts):
    assert outcomes(facts) == (ACCEPT, ACCEPT)


def test_every_row_is_shown_by_a_case_or_can_be_ticked():
    shown = {code for code, *_ in CONDITIONS} | FINDINGS

    assert shown == {row.code for row in ROWS}


def test_findings_are_what_a_person_can_see():
    assert {
        "special_control", "ephedrine_compound", "injection", "cold_chain", "recalled", "unlabelled",
        "label_altered", "damaged", "foreign_no_approval", "source_unknown", "hospital_preparation",
        "not_medicine", "device_used_or_broken", "mercury",
    } == FINDINGS  # fmt: skip


def test_codes_of_the_table_are_unique():
    assert len({row.code for row in ROWS}) == len(ROWS)


def test_messages_are_the_words_of_the_glossary():
    assert {row.zh for row in ROWS} == GLOSSARY
    assert {row.decided_zh for row in ROWS} == (GLOSSARY | DECIDED) - WAITING


def test_refusal_at_sorting_waits_for_nothing():
    """What is published as the reason of a rejection is final, whatever the counter called it."""
    for code, facts, _at_counter, at_sorting in CONDITIONS:
        [reason] = screen(facts, stage=Stage.SORTING, on=ON, policy=POLICY).reasons
        waits = reason.message_zh in WAITING
        assert waits == (at_sorting is REVIEW and code != "short_life" and code != "out_of_scope"), code


def test_reason_names_law_words_and_who_may_decide_otherwise():
    facts = item(last_usable_day=date(2023, 1, 7))

    assert screen(facts, stage=Stage.COUNTER, on=ON, policy=POLICY).reasons == (
        Reason("expired", "已过有效期", "Past its expiry", "药品管理法 art. 98", Override.NEVER, REFUSE),
    )


def test_reason_for_a_device_names_the_law_of_devices():
    facts = item(DEVICE, last_usable_day=date(2023, 1, 7))

    assert [reason.basis for reason in screen(facts, stage=Stage.COUNTER, on=ON, policy=POLICY).reasons] == [
        "医疗器械监督管理条例"
    ]


def test_short_life_says_how_many_days_the_county_asks_for():
    facts = item(last_usable_day=ON + timedelta(days=59))
    policy = ScreeningPolicy(min_days=60)

    (reason,) = screen(facts, stage=Stage.SORTING, on=ON, policy=policy).reasons

    assert (reason.message_zh, reason.override) == ("有效期不足60天", Override.PHARMACIST)


def test_all_reasons_are_shown_the_worst_first():
    facts = item({"donation_default": "pharmacist_review"}, boxes=9, lot_state=PrintState.NOT_PRINTED)

    assert codes(facts, Stage.COUNTER) == ["lot_not_printed", "pharmacist_review", "many_boxes"]


def test_review_beside_a_refusal_lets_nobody_override():
    facts = item({"donation_default": "pharmacist_review"}, recall_match=True)

    assert screen(facts, stage=Stage.SORTING, on=ON, policy=POLICY).override == Override.NEVER


def test_out_of_scope_is_for_a_pharmacist_unless_the_county_is_strict():
    facts = item(in_campaign_scope=False)
    strict = ScreeningPolicy(out_of_scope_soft=False)

    soft_screening = screen(facts, stage=Stage.COUNTER, on=ON, policy=POLICY)
    hard_screening = screen(facts, stage=Stage.COUNTER, on=ON, policy=strict)

    assert (soft_screening.override, hard_screening.override) == (Override.PHARMACIST, Override.NEVER)
    assert outcomes(facts, policy=strict) == (REFUSE, REFUSE)


def test_unknown_medicine_without_lot_number_is_refused_like_any_other():
    facts = replace(SOUND, medicine=None, lot_state=PrintState.NOT_PRINTED)

    assert codes(facts, Stage.COUNTER) == ["lot_not_printed", "unidentified"]


def test_unknown_medicine_in_an_opened_bottle_is_refused():
    facts = replace(SOUND, medicine=None, opened=True, container=Container.BOTTLE)

    assert outcomes(facts) == (REFUSE, REFUSE)


def test_thermometer_in_use_is_judged_by_what_was_found():
    facts = item(THERMOMETER, findings=frozenset({"device_used_or_broken"}))

    assert codes(facts, Stage.SORTING) == ["device_used_or_broken"]


@pytest.mark.parametrize("inn", ["dextromethorphan", "dextromethorphan hydrobromide"])
@pytest.mark.parametrize("column", ["none", "psychotropic"])
@pytest.mark.parametrize(
    ("on", "expected"), [(date(2024, 6, 30), (REVIEW, REVIEW)), (date(2024, 7, 1), (REFUSE, REFUSE))]
)
def test_dextromethorphan_alone_is_psychotropic_from_july_2024(inn, column, on, expected):
    default = "refuse" if column == "psychotropic" else "pharmacist_review"
    facts = item({"inn_en": inn, "special_control": column, "donation_default": default})
    facts = replace(facts, last_usable_day=date(2025, 6, 30))

    assert outcomes(facts, on=on) == expected


@pytest.mark.parametrize("on", [date(2024, 6, 30), date(2024, 7, 1)])
def test_diphenoxylate_compound_is_controlled_before_and_after_july_2024(on):
    facts = item({"inn_en": "diphenoxylate + atropine", "special_control": "psychotropic"})
    facts = replace(facts, last_usable_day=date(2025, 6, 30))

    assert codes(facts, Stage.COUNTER, on=on) == ["special_control"]


@pytest.mark.parametrize(
    ("on", "expected"), [(date(2024, 6, 30), []), (date(2024, 7, 1), ["special_control"])]
)
def test_diphenoxylate_compound_needs_no_word_of_the_catalogue_from_july_2024(on, expected):
    facts = item({"inn_en": "diphenoxylate + atropine"}, last_usable_day=date(2025, 6, 30))

    assert codes(facts, Stage.COUNTER, on=on) == expected


def test_catalogue_refusal_of_a_narcotic_stays_whatever_the_day():
    facts = item({"inn_en": "codeine", "special_control": "narcotic", "donation_default": "refuse"})

    assert codes(facts, Stage.COUNTER) == ["special_control", "catalogue_refuses"]


@pytest.mark.parametrize(
    "broken",
    [
        lambda: screen(item(findings=frozenset({"smells"})), stage=Stage.COUNTER, on=ON, policy=POLICY),
        lambda: item({"loose_ok": "maybe"}),
        lambda: item({"donation_default": ""}),
        lambda: item(lot_state="lost"),
        lambda: item(container="bag"),
        lambda: screen(SOUND, stage="clinic", on=ON, policy=POLICY),
    ],
)
def test_word_the_table_does_not_know_is_a_mistake_of_the_caller(broken):
    with pytest.raises(ValueError, match=r"unknown findings|maybe|donation_default|lost|bag|clinic"):
        broken()


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (SOUND, []),
        (item({"pediatric": True}), ["pediatric"]),
        (item({"storage": "冷藏"}), ["cold_chain"]),
        (item(findings=frozenset({"cold_chain"})), ["cold_chain"]),
        (item({"rx_otc": "Rx"}), ["prescription"]),
        (item({"rx_otc": "dual"}), []),
        (item(approval_format_ok=False), ["approval_format"]),
        (item(last_usable_day=date(2033, 1, 8)), ["expiry_far_off"]),
        (item({"inn_en": "paracetamol + caffeine"}), ["duplicate_ingredient"]),
        (item({"inn_en": "paracetamol"}), []),
        (replace(SOUND, medicine=None), []),
    ],
)
def test_flag(facts, expected):
    flags = screen(facts, stage=Stage.COUNTER, on=ON, policy=POLICY).flags

    assert [flag.code for flag in flags] == expected


def test_duplicate_ingredient_is_named_in_both_languages():
    facts = item({"inn_en": "TCM herbs + paracetamol + caffeine"})

    (flag,) = screen(facts, stage=Stage.COUNTER, on=ON, policy=POLICY).flags

    assert (flag.message_zh, flag.message_en) == (
        "含对乙酰氨基酚，勿与含同一成分的药品同用",
        "Contains paracetamol: not together with another medicine containing it",
    )


@pytest.mark.parametrize(
    ("inn", "expected"),
    [
        ("TCM; no INN", set()),
        ("TCM (contains 罂粟壳)", set()),
        ("n/a", set()),
        ("", set()),
        ("TCM extracts + ephedrine", {"ephedrine"}),
        ("guaifenesin (formula varies) + Pholcodine", {"guaifenesin", "pholcodine"}),
        ("dextromethorphan (+ diphenhydramine night)", {"dextromethorphan", "diphenhydramine"}),
        ("acetylsalicylic acid + caffeine", {"acetylsalicylic acid", "caffeine"}),
    ],
)
def test_ingredients_of_an_inn(inn, expected):
    assert MedicineFacts(inn_en=inn).ingredients == expected


def test_outcome_words_cover_every_stage_and_outcome():
    assert set(OUTCOME_WORDS) == {(stage, outcome) for stage in Stage for outcome in Outcome}
