"""What the application's role may change in rows that stay: column by column, as the services change them.

A table that is not named has rows that are written once and never changed. What a service changes beside these is
refused by the database, so a new change of a column begins with a line here (`manage.py database_roles` prints it).
"""

from __future__ import annotations

from organisation.policies_api import PolicyShape

HOLDINGS = (
    "at_point, on_the_way, counted, in_doubt, accepted, in_bin, refused, voided, missing, returned, destroyed"
)
VERSIONED = "state, version"

UPDATED = {
    "catalogue_medicine": (
        "generic_name, inn, category, dosage_form, strength, smallest_unit, rx_otc, special_control, paediatric,"
        " storage, symptom_groups, loose_ok, requires_lot, requires_expiry, donation_default, not_for, brands,"
        " evidence, notes, search_text"
    ),
    "distribution_clinicprofile": (
        "population, age_0_3, age_4_14, age_65_79, age_80_up, pregnant, living_alone_elderly, destitute_low_income,"
        " disabled, chronic_patients, tier_red, tier_yellow, tier_green, current_fever_cases, travel_minutes,"
        " data_date, version"
    ),
    "distribution_dispensing": "reversed_by, reversed_at",
    "distribution_handoutlimit": "per_hand_out, per_fever, fever_days, set_by, set_on",
    "distribution_localuserule": "percent, set_by, set_on",
    "distribution_needsheet": "version, entered_by",
    "distribution_plan": (
        f"{VERSIONED}, planned_by, planned_on, approved_by, approved_on, cuts, leftovers, published_by, published_on"
    ),
    "distribution_planline": "batch_id, quantity, drafted, reason, changed_by",
    "distribution_planshare": "allotted",
    "distribution_populationshift": "ends_on",
    "distribution_shipment": (
        f"{VERSIONED}, dispatched_by, dispatched_on, received_by, received_on, expired_on"
    ),
    "distribution_shipmentline": (
        "batch_id, promised, picked, pick_reason, accepted, damaged, missing, receipt_reason"
    ),
    "distribution_spotcheck": "state, rectification, rectified_by, rectified_on, closed_by, closed_on",
    "distribution_urgentissue": "countersigned_by, countersigned_at",
    "django_session": "session_data, expire_date",
    "donations_campaign": f"{VERSIONED}, closed_on, rhythm",
    "donations_custodyday": "quantity, entries",
    "donations_donor": "publish, township_id",
    "donations_donoridentity": "county_id, sealed, name_mac, phone_mac",
    "donations_groupholdings": HOLDINGS,
    "donations_handover": (
        "state, received_on, received_by, seal_intact, seal_note, list_seal, void_reason, voided_on, voided_by"
    ),
    "donations_handoverdonation": "open",
    "donations_itemholdings": f"{HOLDINGS}, place_id",
    "donations_returncollector": "sealed",
    "donations_rosterfile": "sealed, collector, committed_by, committed_at",
    "inventory_balance": "quantity",
    "inventory_destruction": "state, reason, ended_by_id, ended_on",
    "inventory_deviceuse": "batch_id, condition, reason, ended_by, ended_on, ended_command",
    "inventory_kit": "state, ended_by, ended_on, reason",
    "inventory_kittemplate": "retired_by, retired_on",
    "inventory_priority": "rank",
    "inventory_relabelling": "state, into_id, ended_by, ended_on, ended_command",
    "inventory_sortingproposal": "confirmed_by, confirmed_on, into_id",
    "inventory_stockcount": (
        "state, finished_by_id, finished_on, ended_by_id, ended_on, reason, donation_id"
    ),
    "inventory_stockday": "quantity, entries",
    "organisation_accesstoken": "used_at",
    "organisation_confirmation": "confirmed_by, confirmed_at, second, ended_at",
    "organisation_county": "closed_through",
    "organisation_deputy": "ended_on, ended_by",
    "organisation_devicepin": "pin, created_at, failures, tried_at",
    "organisation_holiday": "name, works, set_by",
    "organisation_knownorigin": "seen_at",
    "organisation_person": (
        "name, password, last_login, is_active, must_change_password, password_set_at, is_claimed,"
        " sign_ins_ended, version"
    ),
    "organisation_place": "name, address, phone, opening_hours, active, version",
    "organisation_policy": ", ".join(PolicyShape.Meta.fields),
    "organisation_rolegrant": "starts_on, ends_on, granted_by, waits",
    "organisation_secondfactor": "sealed, pending, confirmed, last_step",
    "organisation_attemptlane": "full_at, reserved_at",
    "organisation_unitcategory": "place_id",
    "organisation_workunit": "name, category_id, place_id",
    "reports_bulletin": (
        f"{VERSIONED}, signed_by, published_at, year, number, content, sha256, key_id, signature, remark"
    ),
    "reports_dailyform": "content, uploaded_by, uploaded_at",
    "reports_nameddonor": "opening",
    "reports_question": "owner_id, shown, answer, answered_by, answered_at",
    "reports_receiptguesses": "misses, began_at",
    "reports_transferday": "quantity",
}
