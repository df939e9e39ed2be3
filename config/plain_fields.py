"""Columns that say nothing of a person, whatever row they stand in: quantities, days, states, goods, places, rules.

A new column belongs here, or on a line of the record of processing (config/processing.py); the build fails until
somebody has said which. Names that could be a person's in another table are given with their model.
"""

_ANYWHERE = """
accepted account acknowledged_on active age_0_3 age_4_14 age_65_79 age_80_up agreed_at allotted answer_days
answered_at approval_number approved_on arrived arrived_side asked_at asked_on at at_point backup_taken_at
band_buffer band_minimum bands barcode batch body_mac book booked_on brands bulletin bulletin_rhythm
business_day by_county campaign categories category chain checked_on checklist checklist_version
chronic_patients clinic closed_on closed_through command committed_at condition confirmed_on container copies
corrected_on corrects count counted counted_at counted_on countersigned_at county course current_fever_cases
custody cuts damaged data_date day days_supply decided_on decision declared destitute_low_income destroyed
destruction digest disabled dispatched_on dispensed_on dispensing division document_id document_type donated
donation donation_default donee donor_return dosage_form drafted drafted_at due_on ended_command ended_on
ends_on entered_on entries entry evidence expected expired_on expiry expiry_precision expiry_raw expiry_state
explanation_en explanation_zh faults fever_days finished_on first_entry first_password_hours first_position
first_used_at flow found_in from_account from_place from_places from_side from_state generic_name good gram
group group_number handed_over_on handover hands_out happened_on heads highest hold horizon_days id
identity_days idle_minutes in_bin in_doubt inn inside insurance_code interchangeable into issued_at item
joint_administration key_id kit last_usable_day layout learned_days leftovers level lifted_on line list_seal
living_alone_elderly loose_ok lost lot_key lot_number lot_state made_at made_on manufacturer
max_boxes_per_person measure medicine medicines method min_days missing month_policy name_key need need_basis
need_formula not_for notice objection_days on_hand on_the_way open opened opened_on opening_hours origin
out_of_scope_soft outcome own_stock pack pack_size packed_on paediatric parent password_composition
password_days per_fever per_hand_out percent period_end period_start picked pins place placed_on plan planned_on
population position pregnant printed_on product promised proposed_on public public_clinic_stock
public_live_figures public_needs published_at published_on quantity raised_on rank rate_days rate_units reasons
recall received_on recorded_at rectified_on refused regained registered_at released_on report_cut_off
reported_on requested requires_expiry requires_lot reservation_days reserve_days retired_on returned returned_on
reversed_at reverses rhythm roster route rows run rx_otc safety_learned_percent safety_percent screening
seal_intact seal_number sealed_at second_factor second_person seconds set_on sha256 sheet shelf_days shipment
shipment_id side sign_in_hours signature smallest_unit sorts source_confirmed special_control specification
spot started_at started_on starts_on state status storage strength surplus_percent surplus_units symptom_groups
taken_on takes_donations target template through tier tier_green tier_health_centre tier_hospital tier_red
tier_village_clinic tier_yellow time_zone to_account to_place to_side to_state township trace_codes transit_days
travel_minutes unclaimed_days unfit unit uploaded_at urgent_units usage version voided voided_on waiting
weight_child weight_fever_case weight_green weight_pregnant weight_red weight_yellow works year
"""
_OF_MODELS = """
AuditCheckpoint.content AuditCheckpoint.key AuditEntry.number AuditEntry.result BatchCode.code Box.code
Bulletin.key Bulletin.kind Bulletin.number BulletinFile.key BulletinFile.name Campaign.code Campaign.coordinator
Campaign.name County.code County.name CustodyDay.kind CustodyEntry.kind DeviceUse.kind Division.code
Division.name Donation.donor DonorIdentity.donor Holiday.name IdempotencyRecord.key ItemPhoto.number Kit.code
KitTemplate.name LedgerDay.content LedgerDay.key MeasuredFlow.detail MeasuredFlow.kind MeasuredFlow.source
Medicine.code Medicine.notes Medicine.search_text Movement.detail Movement.kind Place.code Place.kind Place.name
Plan.public_number PrivacyNotice.number Product.brand Product.retired Question.number Recall.kind
Recall.reference RestoreDrill.detail SearchGram.name SearchKey.key SearchKey.kind SearchKey.name SearchName.kind
SearchName.text StockDay.detail StockDay.kind TransferDay.kind UnitCategory.name WorkUnit.name
"""
PLAIN = frozenset(_ANYWHERE.split())
PLAIN_OF = frozenset(_OF_MODELS.split())
