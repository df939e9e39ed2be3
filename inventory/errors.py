from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class ShortStock(DomainError):
    code = "short_stock"
    status = 409
    message = _("There is less in stock than this needs; nothing was taken.")
    guards = ("balance_never_negative",)


class ExpiredStock(DomainError):
    code = "expired_stock"
    message = _("This batch is past its last usable day.")
    guards = ("movement_not_expired", "movement_held_not_expired", "movement_shelf_in_date")


class NotOwnReservation(DomainError):
    code = "not_own_reservation"
    status = 409
    message = _("These goods are promised to another shipment or kit.")
    guards = ("movement_own_reservation", "movement_own_kit")


class BeyondDecision(DomainError):
    code = "beyond_decision"
    status = 409
    message = _("More would be accepted than was counted and decided.")
    guards = ("movement_within_decision", "movement_within_count", "movement_accept_has_source")


class AlreadyReversed(DomainError):
    code = "already_reversed"
    status = 409
    message = _("This was taken back already, or is itself a reversal.")
    guards = (
        "movement_reversed_once",
        "movement_reversal_mirrors",
        "custody_reversed_once",
        "custody_reversal_mirrors",
    )


class LabelNotRead(DomainError):
    code = "label_not_read"
    message = _("Lot number and expiry must be read from the unit before it becomes available.")
    guards = ("batch_lot_and_day_read",)


class NotToSort(DomainError):
    code = "not_to_sort"
    status = 409
    message = _("This item is not waiting to be sorted here.")


class DecisionsDoNotAddUp(DomainError):
    code = "decisions_do_not_add_up"
    message = _("The decisions do not add up to what was counted.")


class NoneSorted(DomainError):
    code = "none_sorted"
    message = _("None of these items could be sorted; each is named with what is wrong.")


class ScreeningRefuses(DomainError):
    code = "screening_refuses"
    message = _("The rules refuse this item; nobody can accept it.")
    guards = ("decision_screening_obeyed",)


class OwnRegistration(DomainError):
    code = "second_person_needed"
    status = 403
    message = _(
        "Who registered an item may sort it only if another person counted it; otherwise leave it in doubt with"
        " what you propose."
    )
    guards = ("decision_by_another",)


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = _("A reason is needed here.")
    guards = ("decision_reason_unless_accepted", "hold_has_reason", "recall_has_reason", "lift_has_reason")


class ReasonContradicted(DomainError):
    code = "reason_contradicted"
    message = _("The expiry of these goods contradicts this reason.")
    guards = ("decision_expired_is_past",)


class ChecklistIncomplete(DomainError):
    code = "checklist_incomplete"
    message = _("Every point of the checklist must be confirmed before units are accepted.")
    guards = ("decision_checklist_whole",)


class NotToday(DomainError):
    code = "not_today"
    status = 409
    message = _("Only what was decided today can be taken back.")


class MovedOn(DomainError):
    code = "moved_on"
    status = 409
    message = _("These units have moved on, so this can no longer be taken back.")


class NothingToReverse(DomainError):
    code = "nothing_to_reverse"
    status = 409
    message = _("This decision moved nothing.")


class NothingToConfirm(DomainError):
    code = "nothing_to_confirm"
    status = 409
    message = _("Nothing was proposed with this decision.")


class OwnProposal(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Who proposed a decision does not confirm it; another pharmacist has to.")
    guards = ("proposal_confirmed_by_another",)


class PhotoNeeded(DomainError):
    code = "photo_needed"
    status = 409
    message = _("There is no photo of these goods yet; nobody can confirm unseen.")
    guards = ("proposal_photo_seen",)


class AlreadyConfirmed(DomainError):
    code = "already_confirmed"
    status = 409
    message = _("This was confirmed already.")
    guards = ("proposal_confirmed_once",)


class DoubtMovedOn(DomainError):
    code = "moved_on"
    status = 409
    message = _("These units are no longer in doubt as they were when this was proposed.")


class HoldReleased(DomainError):
    code = "hold_released"
    status = 409
    message = _("This hold holds less than that, or nothing any more.")


class Recalled(DomainError):
    code = "recalled"
    status = 409
    message = _("These goods are recalled or under inquiry: they can only be held or destroyed.")
    guards = ("movement_not_recalled",)


class UnknownLot(DomainError):
    code = "unknown_lot"
    message = _(
        "Nobody in this county has seen this lot. To have it caught should it arrive, raise the recall as standing."
    )


class AlreadyRecalled(DomainError):
    code = "already_recalled"
    status = 409
    message = _("A recall of just this is in force already.")


class RecallOver(DomainError):
    code = "recall_over"
    status = 409
    message = _("This recall was lifted already.")
    guards = ("recall_lifted_once",)


class NotTheRaiser(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Who raised a recall does not lift it; another person has to.")
    guards = ("recall_lifted_by_another",)


class NothingToAcknowledge(DomainError):
    code = "nothing_to_acknowledge"
    status = 409
    message = _("This place has nothing to acknowledge here, or did so already.")
    guards = ("acknowledged_once",)


class SameLabel(DomainError):
    code = "same_label"
    message = _("Just this lot and expiry are recorded already.")
    guards = ("relabelling_changes_something",)


class RelabellingOpen(DomainError):
    code = "relabelling_open"
    status = 409
    message = _("A correction of this label waits to be confirmed already.")
    guards = ("relabelling_proposed_once",)


class NothingToRelabel(DomainError):
    code = "nothing_to_relabel"
    status = 409
    message = _("No such correction of this label waits to be confirmed.")
    guards = ("relabelling_ended_once",)


class NotTheProposer(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Who proposed the correction of a label does not confirm it; another pharmacist has to.")
    guards = ("relabelling_confirmed_by_another",)


class UnderInquiry(DomainError):
    code = "under_inquiry"
    status = 409
    message = _(
        "A suspected adverse reaction to this lot is not judged yet; its label is corrected afterwards."
    )


class RelabelledSince(DomainError):
    code = "relabelled_since"
    status = 409
    message = _("The label of these goods was corrected since; what came back is registered like a gift.")


class NotSealed(DomainError):
    code = "not_sealed"
    status = 409
    message = _("This batch is opened already.")
    guards = ("opening_keeps_the_label",)


class NotByTheUnit(DomainError):
    code = "not_by_the_unit"
    message = _("This medicine may not be given by the unit out of this container.")
    guards = ("opening_loose_ok",)


class NotHeldHere(DomainError):
    code = "not_held"
    status = 409
    message = _("Only held goods are destroyed; hold these first.")


class SideNeeded(DomainError):
    code = "side_needed"
    message = _("The batch is held on both sides of this place; say which.")


class NotAWitness(DomainError):
    code = "not_a_witness"
    message = _("Nobody who works at this place has this name.")


class WitnessIsActor(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Who proposes a destruction does not witness it.")
    guards = ("destruction_witness_is_another",)


class NotTheWitness(DomainError):
    code = "not_the_witness"
    status = 403
    message = _("Only the witness named in the list confirms it.")
    guards = ("destruction_ended_by_whom",)


class DestructionEnded(DomainError):
    code = "destruction_ended"
    status = 409
    message = _("This destruction was confirmed or withdrawn already.")
    guards = ("destruction_ends_once", "destruction_lines_when_proposed")


class NotOnTheShelf(DomainError):
    code = "not_on_the_shelf"
    status = 409
    message = _("Nothing of this batch is available at this place.")


class NotOpened(DomainError):
    code = "not_opened"
    status = 409
    message = _("This batch is sealed; open a box before filling bags.")


class NoKitsHere(DomainError):
    code = "no_kits_here"
    message = _("Kits are packed where medicines are handed out.")
    guards = ("kit_filled_where_packed",)


class KitTemplateTaken(DomainError):
    code = "kit_template_taken"
    status = 409
    message = _("A template of this name is in use.")
    guards = ("kit_template_name_once",)
    pointer = "/name"


class KitTemplateRetired(DomainError):
    code = "kit_template_retired"
    status = 409
    message = _("This template is retired.")
    guards = ("kit_template_retired_once", "kit_packed_first")


class KitEnded(DomainError):
    code = "kit_ended"
    status = 409
    message = _("This kit was handed out or unpacked already.")
    guards = ("kit_moves_on", "dispensing_of_one_kit")


class KitUnfit(DomainError):
    code = "kit_unfit"
    status = 409
    message = _("This kit is no longer whole or in date; unpack it.")
    guards = ("kit_handed_out_whole",)


class NoDevicesHere(DomainError):
    code = "no_devices_here"
    message = _("Devices are kept in use and lent where medicines are handed out.")
    guards = ("account_in_use_at_clinic",)


class NotADevice(DomainError):
    code = "not_a_device"
    message = _("Only a reusable device is kept in use or lent.")
    guards = ("device_use_of_a_device",)


class DueTooLate(DomainError):
    code = "due_too_late"
    message = _("A device is lent for 92 days at most, from today on.")
    guards = ("device_use_lent_until",)


class DeviceBack(DomainError):
    code = "device_back"
    status = 409
    message = _("This device came back, or was put aside, already.")
    guards = ("device_use_ends_once", "movement_in_use_papered")


class CountUnderWay(DomainError):
    code = "count_under_way"
    status = 409
    message = _("A count of this place is under way already.")
    guards = ("count_one_under_way",)


class NotAtThisStage(DomainError):
    code = "not_at_this_stage"
    status = 409
    message = _("The count is not at the stage where this is done.")
    guards = ("count_moves_on", "count_lines_while_open")


class NothingCounted(DomainError):
    code = "nothing_counted"
    message = _("Nothing was counted yet.")


class MomentOutsideCount(DomainError):
    code = "moment_outside_count"
    message = _("Units are counted after the count began, and not in time to come.")


class KnownBatch(DomainError):
    code = "known_batch"
    message = _("The books know this batch at this place; count it under its number.")


class OwnCount(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Who counted or finished a count does not approve it.")
    guards = ("count_approver_is_another", "count_approver_counted")


class RecountNeeded(DomainError):
    code = "recount_needed"
    status = 409
    message = _("Goods moved on so that this difference can no longer be booked; count these lines again.")
