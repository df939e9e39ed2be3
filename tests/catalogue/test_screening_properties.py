"""What no combination of facts, findings and policies may do."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.screening import (
    FINDINGS,
    Container,
    ItemFacts,
    MedicineFacts,
    Outcome,
    Override,
    PrintState,
    ScreeningPolicy,
    Stage,
    screen,
)

REFUSE = Outcome.REFUSE

medicines = st.builds(
    MedicineFacts,
    inn_en=st.sampled_from(["ibuprofen", "paracetamol + caffeine", "dextromethorphan", "TCM; no INN", "n/a"]),
    is_device=st.booleans(),
    dosage_form=st.sampled_from(["片剂", "糖浆剂", "注射液", ""]),
    strength=st.sampled_from(["0.3g", ""]),
    smallest_unit=st.sampled_from(["片", "支", "瓶"]),
    special_control=st.sampled_from(["none", "none", "psychotropic", "ephedrine compound"]),
    storage=st.sampled_from(["室温", "冷藏"]),
    loose_ok=st.sampled_from(["y", "n", "dep"]),
    requires_lot=st.booleans(),
    requires_expiry=st.booleans(),
    donation_default=st.sampled_from(["accept", "accept", "pharmacist_review", "refuse", "out_of_scope"]),
)
items = st.builds(
    ItemFacts,
    medicine=st.none() | medicines,
    lot_state=st.sampled_from(PrintState),
    expiry_state=st.sampled_from(PrintState),
    last_usable_day=st.none() | st.dates(date(2022, 1, 1), date(2026, 1, 1)),
    opened=st.booleans(),
    container=st.none() | st.sampled_from(Container),
    approval_state=st.sampled_from(PrintState),
    strength_read=st.booleans(),
    source_confirmed=st.booleans(),
    findings=st.frozensets(st.sampled_from(sorted(FINDINGS)), max_size=2),
    boxes=st.integers(0, 12),
    trace_seen_before=st.booleans(),
    in_campaign_scope=st.booleans(),
    recall_match=st.booleans(),
    recall_possible=st.booleans(),
)
policies = st.builds(
    ScreeningPolicy,
    min_days=st.integers(0, 400),
    max_boxes=st.integers(0, 9),
    out_of_scope_soft=st.booleans(),
)
stages = st.sampled_from(Stage)
any_day = st.dates(date(2022, 6, 1), date(2025, 6, 1))
quick = settings(deadline=None, max_examples=200)


def severity(facts, **given_values):
    return screen(facts, **given_values).outcome.severity


@given(facts=items, stage=stages, on=any_day, policy=policies)
@quick
def test_outcome_is_the_worst_of_all_reasons(facts, stage, on, policy):
    result = screen(facts, stage=stage, on=on, policy=policy)

    assert result.outcome.severity == max((reason.outcome.severity for reason in result.reasons), default=0)


@given(facts=items, stage=stages, on=any_day, policy=policies, finding=st.sampled_from(sorted(FINDINGS)))
@quick
def test_finding_never_improves_the_outcome(facts, stage, on, policy, finding):
    worse = replace(facts, findings=facts.findings | {finding})

    before = severity(facts, stage=stage, on=on, policy=policy)
    after = severity(worse, stage=stage, on=on, policy=policy)

    assert after >= before


@given(
    facts=items,
    stage=stages,
    on=any_day,
    policy=policies,
    name=st.sampled_from(["lot_state", "expiry_state"]),
)
@quick
def test_label_gets_better_the_more_of_it_is_read(facts, stage, on, policy, name):
    facts = replace(facts, last_usable_day=facts.last_usable_day or on)
    order = [PrintState.READ, PrintState.NOT_READ, PrintState.NOT_PRINTED]

    found = [severity(replace(facts, **{name: state}), stage=stage, on=on, policy=policy) for state in order]

    assert found == sorted(found)


@given(facts=items, stage=stages, on=any_day, policy=policies, later=st.integers(0, 800))
@quick
def test_waiting_never_improves_the_outcome(facts, stage, on, policy, later):
    now = severity(facts, stage=stage, on=on, policy=policy)
    then = severity(facts, stage=stage, on=on + timedelta(days=later), policy=policy)

    assert then >= now


@given(facts=items, on=any_day, policy=policies)
@quick
def test_refusal_at_the_counter_stands_at_sorting(facts, on, policy):
    at_counter = screen(facts, stage=Stage.COUNTER, on=on, policy=policy).reasons
    at_sorting = screen(facts, stage=Stage.SORTING, on=on, policy=policy).reasons

    final = {reason.code for reason in at_counter if reason.override == Override.NEVER}
    assert final <= {reason.code for reason in at_sorting if reason.outcome == REFUSE}


@given(facts=items, on=any_day, policy=policies)
@quick
def test_nothing_passes_sorting_before_lot_and_expiry_are_read(facts, on, policy):
    medicine = facts.medicine
    unread = PrintState.READ not in {facts.lot_state, facts.expiry_state}
    needs_reading = medicine is None or (medicine.requires_lot and medicine.requires_expiry)

    outcome = screen(facts, stage=Stage.SORTING, on=on, policy=policy).outcome

    assert not (unread and needs_reading) or outcome == REFUSE


@given(facts=items, stage=stages, on=any_day, policy=policies)
@quick
def test_only_reviews_and_scope_may_be_overridden(facts, stage, on, policy):
    reasons = screen(facts, stage=stage, on=on, policy=policy).reasons

    lifted = {r.code for r in reasons if r.outcome == REFUSE and r.override == Override.PHARMACIST}
    assert lifted <= ({"out_of_scope"} if policy.out_of_scope_soft else set())
