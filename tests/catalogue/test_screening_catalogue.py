"""Every medicine and device of the real catalogue, sealed, in date and read, at both stages."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

import catalogue
from catalogue.screening import (
    Container,
    ItemFacts,
    MedicineFacts,
    Outcome,
    PrintState,
    ScreeningPolicy,
    Stage,
    screen,
)

CATALOGUE = Path(catalogue.__file__).parent / "data" / "medicines.csv"
SPRING_2023, SUMMER_2024 = date(2023, 1, 8), date(2024, 7, 1)


def listed(codes):
    return set(codes.split())


# Written out code by code, so that neither the table nor the catalogue can change unnoticed.
NARCOTIC_OR_PSYCHOTROPIC = listed(
    "M055a M055b M057a M057b M057c M058a M058b M177a M177b M178a M178b M179a M179b M180 M181 M182a M182b"
)
OPIUM_COMPOUND = listed("M059 M060a M060b M061a M061b M061c")
EPHEDRINE = listed("M030 M031 M032 M033 M034 M035 M036 M037a M037b M056a M056b M056c M063")
COLD_CHAIN = {"M130", "M175"}
REFUSED_FOR_OTHER_REASONS = {"M022", "M094a", "M094b", "M184", "M195"}
DEXTROMETHORPHAN = {"M052"}
REFUSED = NARCOTIC_OR_PSYCHOTROPIC | OPIUM_COMPOUND | EPHEDRINE | COLD_CHAIN | REFUSED_FOR_OTHER_REASONS
TCM_WITH_THE_HERB_EPHEDRA = listed(
    "M064a M064b M069 M070a M070b M071 M072 M073 M095 M096 M097 M098 M099 M100 M101 M116"
)


def rows():
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


def facts(row):
    return MedicineFacts(
        inn_en=row["inn_en"],
        is_device=row["category"] == "device",
        dosage_form=row["dosage_form"],
        strength=row["strength"],
        smallest_unit=row["smallest_unit"],
        rx_otc=row["rx_otc"],
        special_control=row["special_control"],
        storage=row["storage"],
        loose_ok=row["loose_ok"],
        requires_lot=row["requires_lot"] == "y",
        requires_expiry=row["requires_expiry"] == "y",
        donation_default=row["donation_default"],
        pediatric=row["pediatric"] == "y",
    )


def sound(row, on):
    return ItemFacts(
        medicine=facts(row),
        lot_state=PrintState.READ,
        expiry_state=PrintState.READ,
        last_usable_day=on + timedelta(days=365),
        approval_state=PrintState.READ,
        strength_read=True,
    )


def screened(on, stage, **seen):
    items = {code: replace(sound(row, on), **seen) for code, row in rows().items()}
    return {code: screen(item, stage=stage, on=on, policy=ScreeningPolicy()) for code, item in items.items()}


def with_outcome(screenings, outcome):
    return {code for code, screening in screenings.items() if screening.outcome == outcome}


def with_reason(screenings, code_of_reason):
    return {
        code
        for code, screening in screenings.items()
        if code_of_reason in {reason.code for reason in screening.reasons}
    }


@pytest.mark.parametrize(
    ("on", "stage", "refused", "counts"),
    [
        (SPRING_2023, Stage.COUNTER, REFUSED, {"accept": 144, "review": 47, "refuse": 43 + 49}),
        (SPRING_2023, Stage.SORTING, REFUSED, {"accept": 144, "review": 47 + 49, "refuse": 43}),
        (SUMMER_2024, Stage.COUNTER, REFUSED | DEXTROMETHORPHAN, {"accept": 144, "review": 46, "refuse": 93}),
        (SUMMER_2024, Stage.SORTING, REFUSED | DEXTROMETHORPHAN, {"accept": 144, "review": 95, "refuse": 44}),
    ],
)
def test_catalogue_is_taken_as_its_rows_say(on, stage, refused, counts):
    out_of_scope = {code for code, row in rows().items() if row["donation_default"] == "out_of_scope"}

    screenings = screened(on, stage)

    assert with_outcome(screenings, Outcome.REFUSE) - out_of_scope == refused
    assert Counter(screening.outcome.value for screening in screenings.values()) == counts


@pytest.mark.parametrize(
    ("reason", "codes"),
    [
        ("special_control", NARCOTIC_OR_PSYCHOTROPIC | OPIUM_COMPOUND | DEXTROMETHORPHAN),
        ("ephedrine_compound", EPHEDRINE),
        ("cold_chain", COLD_CHAIN),
        ("injection", {"M175"}),
        ("catalogue_refuses", REFUSED | DEXTROMETHORPHAN),
    ],
)
def test_catalogue_is_refused_for_the_right_reason(reason, codes):
    assert with_reason(screened(SUMMER_2024, Stage.SORTING), reason) == codes


def test_ephedra_herb_is_no_ephedrine_compound():
    noted = {code for code, row in rows().items() if "herb 麻黄" in row["notes"]}

    refused = with_outcome(screened(SPRING_2023, Stage.SORTING), Outcome.REFUSE)

    assert (noted, noted & refused) == (TCM_WITH_THE_HERB_EPHEDRA, set())


def test_opened_box_of_intact_blisters_is_refused_only_where_loose_units_are_not_given():
    not_given = {
        code for code, row in rows().items() if row["loose_ok"] == "n" and row["category"] != "device"
    }
    single_use = {
        code for code, row in rows().items() if row["category"] == "device" and row["requires_expiry"] == "y"
    }

    screenings = screened(SPRING_2023, Stage.SORTING, opened=True, container=Container.BLISTER)

    assert with_reason(screenings, "opened_multidose") == not_given
    assert with_reason(screenings, "device_opened") == single_use


def test_opened_bottle_is_refused_except_single_dose_bottles_in_an_opened_box():
    medicines = {code: row for code, row in rows().items() if row["category"] != "device"}
    single_dose = {
        code for code, row in medicines.items() if (row["smallest_unit"], row["loose_ok"]) == ("支", "y")
    }

    screenings = screened(SPRING_2023, Stage.SORTING, opened=True, container=Container.BOTTLE)

    assert with_reason(screenings, "opened_multidose") == set(medicines) - single_dose


def test_unread_label_blocks_everything_but_reusable_devices_at_sorting():
    reusable = {"M184", "M185", "M186", "M187", "M193", "M194"}
    unread = {"lot_state": PrintState.NOT_READ, "expiry_state": PrintState.NOT_READ, "last_usable_day": None}

    screenings = screened(SPRING_2023, Stage.SORTING, **unread)

    assert with_outcome(screenings, Outcome.REFUSE) == set(rows()) - reusable | {"M184"}


def test_strength_missing_in_the_catalogue_must_be_read_before_sorting():
    screenings = screened(SPRING_2023, Stage.SORTING, strength_read=False)

    assert with_reason(screenings, "strength_not_read") == {"M006", "M083", "M115"}


def test_paracetamol_hidden_in_compounds_is_flagged():
    hidden = {
        code
        for code, row in rows().items()
        if "paracetamol" in row["inn_en"] and row["inn_en"] != "paracetamol"
    }

    screenings = screened(SPRING_2023, Stage.COUNTER)

    flagged = {
        code
        for code, screening in screenings.items()
        if any("含对乙酰氨基酚" in flag.message_zh for flag in screening.flags)
    }
    assert flagged == hidden
    assert {"M025", "M030", "M038", "M040"} <= flagged


def test_children_forms_are_flagged():
    pediatric = {code for code, row in rows().items() if row["pediatric"] == "y"}

    screenings = screened(SPRING_2023, Stage.COUNTER)

    assert {c for c, s in screenings.items() if "pediatric" in {f.code for f in s.flags}} == pediatric
