from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class CampaignClosed(DomainError):
    code = "campaign_closed"
    message = _("This campaign takes no donations on this day.")
    guards = ("donation_in_open_campaign",)


class CampaignCodeTaken(DomainError):
    code = "campaign_code_taken"
    status = 409
    message = _("Another campaign of this county has this code.")
    guards = ("campaign_code_once",)
    pointer = "/code"


class CampaignDays(DomainError):
    code = "campaign_days"
    status = 400
    message = _("A campaign's days lie between 2000 and 2100, the first before the last.")
    guards = ("campaign_days_in_order", "campaign_days_of_this_century")
    pointer = "/ends_on"


class DonorErased(DomainError):
    code = "donor_erased"
    status = 409
    message = _("This donor was erased; nobody is known any more whose word could be noted.")


class NotForPharmacist(DomainError):
    code = "not_for_pharmacist"
    message = _("A pharmacist decides on what is merely out of scope; this is refused for another reason.")


class NotLeft(DomainError):
    code = "not_left"
    status = 409
    message = _("Nothing of this donation was refused and handed back at the counter.")


class LeftTooLate(DomainError):
    code = "left_too_late"
    status = 409
    message = _("Goods are left for disposal on the day on which they were refused, at the same counter.")


class NotADropOffPoint(DomainError):
    code = "not_a_drop_off_point"
    message = _("This place takes no donations.")


class NotAPharmacy(DomainError):
    code = "not_a_pharmacy"
    message = _("This place has no pharmacy that sorts donations.")


class FutureDay(DomainError):
    code = "future_day"
    message = _("This day has not come yet.")


class SourceNotConfirmed(DomainError):
    code = "source_not_confirmed"
    message = _(
        "The donor has to confirm that the medicines come from a regular channel and were stored properly."
    )


class ReceiptCodeUsed(DomainError):
    code = "receipt_code_used"
    status = 409
    message = _("This receipt code belongs to another donation.")
    guards = ("receipt_code_once",)
    pointer = "/receipt_code"


class NotOwnRegistration(DomainError):
    code = "not_own_registration"
    status = 403
    message = _("Only who registered a donation may void it.")


class NotAtPoint(DomainError):
    code = "not_at_point"
    status = 409
    message = _("These goods have left the drop-off point, or never stood there.")
    guards = ("itemholdings_never_negative", "groupholdings_never_negative")


class InOpenHandover(DomainError):
    code = "in_open_handover"
    status = 409
    message = _("This donation is already on the list of an open handover.")
    guards = ("donation_in_one_open_handover",)


class HandoverClosed(DomainError):
    code = "handover_closed"
    status = 409
    message = _("This handover was received or voided already.")
    guards = ("handover_ends_once",)


class HandoverTooLong(DomainError):
    code = "handover_too_long"
    message = _("This list has more than 5,000 items; hand over in several lists.")


class SamePlace(DomainError):
    code = "same_place"
    message = _("These goods are at this place already.")
    guards = ("handover_to_elsewhere",)


class ListChanged(DomainError):
    code = "list_changed"
    status = 409
    message = _("This is not the list that was sealed: it was changed, or it is that of another handover.")
    guards = ("handover_list_fixed",)


class SurplusTooLarge(DomainError):
    code = "surplus_too_large"
    message = _("Far more was counted than declared. Register the rest as an anonymous donation.")


class SamePerson(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Another person has to do this than the one before.")
    guards = ("handover_received_by_another",)


class NotTheWholeList(DomainError):
    code = "not_the_whole_list"
    message = _("Every line of the list needs exactly one count.")


class RosterTooLong(DomainError):
    code = "roster_too_long"
    message = _("This roster has more than 10,000 rows; take a shorter period.")


class PeriodReversed(DomainError):
    code = "period_reversed"
    status = 400
    message = _("The last day comes before the first.")


class RosterUnreadable(DomainError):
    code = "roster_unreadable"
    message = _("This file cannot be read as a roster.")


class RosterHasErrors(DomainError):
    code = "roster_has_errors"
    message = _("This roster has cells at fault; mend the file and upload it again.")


class RosterGone(DomainError):
    code = "roster_gone"
    status = 409
    message = _("This preview was let go after some days; upload the file again.")


class RosterTwice(DomainError):
    code = "roster_twice"
    status = 409
    message = _("Lines of this roster were registered at the same moment from another file.")
    guards = ("roster_line_once",)


class NotCorrectable(DomainError):
    code = "not_correctable"
    status = 409
    message = _("These units are on the way or sorted; receive them, or take the sorting back, first.")


class FoundInHandover(DomainError):
    code = "found_in_handover"
    status = 409
    message = _(
        "This was found in a handover beyond its list; nobody gave it, so that there is nothing to correct."
    )


class PhotoTooLarge(DomainError):
    code = "photo_too_large"
    status = 413
    message = _("This photo is too large.")


class NotInBin(DomainError):
    code = "not_in_bin"
    status = 409
    message = _("So many units of this item do not lie in the bin of unfit goods.")


class StillClaimable(DomainError):
    code = "still_claimable"
    status = 409
    message = _("The donor may still fetch these units; they are not destroyed before.")


class TooManyPhotos(DomainError):
    code = "too_many_photos"
    status = 409
    message = _("This item has as many photos as are kept of one.")
    guards = ("item_photo_few",)
