from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class SecondPersonNeeded(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Another person has to do this than the one before.")
    guards = (
        "plan_approved_by_another",
        "shipment_received_by_another",
        "urgent_issue_countersigned_by_another",
        "spot_check_closed_by_another",
    )


class MoreThanPopulation(DomainError):
    code = "more_than_population"
    message = _("The people of all ages, or of all tiers, add up to more than the population.")
    guards = ("profile_ages_within_population", "profile_tiers_within_population")


class PeriodOver(DomainError):
    code = "period_over"
    message = _("This period has passed; a plan is for days to come.")


class BeforeCampaign(DomainError):
    code = "before_campaign"
    message = _("This day lies before the campaign began.")


class BeforePacked(DomainError):
    code = "before_packed"
    message = _("On this day the kit was not packed yet.")


class WrongPlanState(DomainError):
    code = "wrong_plan_state"
    status = 409
    message = _("The plan is not in a state that allows this.")


class AlreadyPublished(DomainError):
    code = "already_published"
    status = 409
    message = _("This plan is published already.")


class WrongShipmentState(DomainError):
    code = "wrong_shipment_state"
    status = 409
    message = _("The shipment was sent, received or cancelled already.")
    guards = ("shipment_state_and_hands",)


class NothingToShare(DomainError):
    code = "nothing_to_share"
    message = _("There is nothing to share out: no stock, or no line with a quantity.")


class NobodyToSupply(DomainError):
    code = "nobody_to_supply"
    message = _("No active place here could receive anything.")


class BeyondAllocation(DomainError):
    code = "beyond_allocation"
    message = _("A figure is beyond what can be shared out.")


class ExpiredMeanwhile(DomainError):
    code = "expired_meanwhile"
    status = 409
    message = _("This batch has passed its last usable day; nothing was done.")
    guards = ("plan_line_not_expired",)


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = _("A difference needs its reason.")
    guards = ("plan_line_change_has_reason",)


class MoreThanPromised(DomainError):
    code = "more_than_promised"
    message = _("More than was promised cannot be picked.")
    guards = ("picked_within_promise",)


class ReceiptDoesNotAddUp(DomainError):
    code = "receipt_does_not_add_up"
    message = _("Accepted, damaged and missing do not add up to what was sent.")
    guards = ("receipt_adds_up",)


class NotTheWholeShipment(DomainError):
    code = "not_the_whole_shipment"
    message = _("Every line of the shipment needs exactly one count.")


class HandsNothingOut(DomainError):
    code = "hands_nothing_out"
    message = _("This place hands no medicines out.")


class ExpiresDuringCourse(DomainError):
    code = "expires_during_course"
    message = _("What is in stock expires before the course ends.")
    guards = ("dispensing_line_lasts",)


class PrescriberNeeded(DomainError):
    code = "prescriber_needed"
    message = _("A prescription medicine needs the name of its prescriber.")


class TooLateToReverse(DomainError):
    code = "too_late_to_reverse"
    status = 409
    message = _("A hand-out can be taken back on the day of its entry only.")


class MoreThanMayBeKept(DomainError):
    code = "more_than_may_be_kept"
    status = 409
    message = _("The county lets less of this medicine be kept for local use.")


class NotProposed(DomainError):
    code = "not_proposed"
    status = 409
    message = _("More than is proposed does not go to this clinic.")


class MoreThanUrgent(DomainError):
    code = "more_than_urgent"
    status = 409
    message = _("This is more than may be sent without a plan.")


class AgreedOutOfTime(DomainError):
    code = "agreed_out_of_time"
    message = _("An urgent issue is agreed to within the 24 hours before it, never after it.")
    guards = ("urgent_issue_agreed_in_time",)


class AlreadyCountersigned(DomainError):
    code = "already_countersigned"
    status = 409
    message = _("This urgent issue was countersigned already.")
    guards = ("urgent_issue_stands",)


class WithinOnePlace(DomainError):
    code = "within_one_place"
    message = _("A place keeps for local use what it does not send to another.")


class BeforeDispatch(DomainError):
    code = "before_dispatch"
    message = _("Goods do not arrive before they were sent.")
    guards = ("shipment_received_after_dispatch",)


class AlreadyEntered(DomainError):
    code = "already_entered"
    status = 409
    message = _("A hand-out of this day with this register number is in the books already.")


class MoreThanLimit(DomainError):
    code = "more_than_limit"
    status = 409
    message = _("The county lets less of this medicine be given.")


class DeadlineBefore(DomainError):
    code = "deadline_before"
    message = _("The deadline lies before the day of the check.")
    guards = ("spot_check_deadline_after",)


class WrongCheckState(DomainError):
    code = "wrong_check_state"
    status = 409
    message = _("This spot check is not in a state that allows this.")
    guards = ("spot_check_state_and_hands", "spot_check_stands")


class TooManyShifts(DomainError):
    code = "too_many_shifts"
    message = _("At most 20 for one township or place, those long over not counted: put several together.")


class ShiftOver(DomainError):
    code = "shift_over"
    status = 409
    message = _("It ends by then anyway.")
