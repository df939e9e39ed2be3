from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import DomainError


class DaysReversed(DomainError):
    code = "days_reversed"
    status = 400
    message = _("The last day comes before the first.")


class DayToCome(DomainError):
    code = "future_day"
    message = _("This day has not come yet.")


class BeforeCampaign(DomainError):
    code = "period_before_campaign"
    message = _("The campaign begins after this period.")


class PeriodsOverlap(DomainError):
    code = "periods_not_consecutive"
    status = 409
    message = _("A period begins on the day after the last published one ended.")
    guards = ("bulletin_periods_consecutive",)


class BulletinState(DomainError):
    code = "bulletin_state"
    status = 409
    message = _("The bulletin is not at the stage where this is done.")
    guards = ("bulletin_state_forward", "bulletin_begins_as_draft")


class CampaignGoesOn(DomainError):
    code = "campaign_goes_on"
    status = 409
    message = _("The campaign is not over yet; close it, or wait for its last day.")
    pointer = "/campaign"


class CampaignNotTold(DomainError):
    code = "campaign_not_told"
    status = 409
    message = _(
        "Publish the bulletins up to the campaign's last day first; the closing account adds them up."
    )
    pointer = "/campaign"


class ClosingExists(DomainError):
    code = "closing_exists"
    status = 409
    message = _("This campaign has a closing account already.")
    guards = ("bulletin_one_closing",)
    pointer = "/campaign"


class ClosingDays(DomainError):
    code = "closing_days"
    status = 409
    message = _("A closing account ends with the last published bulletin; withdraw it and draft it anew.")
    guards = ("bulletin_closing_ends_with_periods",)


class FormMissing(DomainError):
    code = "form_missing"
    status = 404
    message = _("The county has uploaded no form for the daily report yet.")


class FormUnfit(DomainError):
    code = "form_unfit"
    message = _("The form cannot be filled.")
    pointer = "/file"


class NameKept(DomainError):
    code = "name_kept"
    status = 409
    message = _("A published name can only be withdrawn.")
    guards = ("named_donor_kept", "named_donor_of_published")


class RemarkMissing(DomainError):
    code = "remark_missing"
    status = 400
    message = _("Say why the bulletin goes back or is withdrawn.")
    guards = ("bulletin_back_has_remark",)
    pointer = "/reason"


class DraftOpen(DomainError):
    code = "draft_open"
    status = 409
    message = _("There is a draft for this period and campaign already.")
    guards = ("bulletin_one_draft",)
    pointer = "/period_start"


class ChangesNothing(DomainError):
    code = "correction_changes_nothing"
    status = 409
    message = _(
        "No figure and no text differs from the edition that this one corrects. Put right what is wrong, then lay it"
        " before the signer; or withdraw it."
    )
    guards = ("bulletin_correction_changes",)


class CorrectionOpen(DomainError):
    code = "correction_open"
    status = 409
    message = _("This edition has a correction already; what is wrong in it is corrected there.")
    guards = ("bulletin_corrected_once",)


class CorrectionStrays(DomainError):
    code = "correction_strays"
    status = 409
    message = _("A correction is of a published edition, for its own period and campaign, and says why.")
    guards = ("bulletin_correction_of_published", "bulletin_correction_has_reason")


class BulletinFrozen(DomainError):
    code = "bulletin_frozen"
    status = 409
    message = _("A published bulletin stays as it is; a correction is a new edition.")
    guards = ("bulletin_frozen",)


class OwnDraft(DomainError):
    code = "second_person_needed"
    status = 403
    message = _("Who drafted a bulletin does not sign it.")
    guards = ("bulletin_signed_by_another",)


class ContactMissing(DomainError):
    code = "contact_missing"
    status = 409
    message = _("The notice names nobody to ask: set the contact in the county policy.")
    pointer = "/contact"


class SupervisionPhoneMissing(DomainError):
    code = "supervision_phone_missing"
    status = 409
    message = _("The notice has no supervision phone: set it in the county policy.")
    pointer = "/supervision_phone"


class ReceiptCodeInvalid(DomainError):
    code = "receipt_code_invalid"
    status = 400
    message = _("The receipt code is mistyped; compare each character.")


class ScanUnfit(DomainError):
    code = "scan_unfit"
    status = 400
    message = _("The scan is no whole PDF file, or holds programs or other files.")
    pointer = "/file"


class ScanAttached(DomainError):
    code = "scan_attached"
    status = 409
    message = _("A scan of this edition is attached already; it stays as it is.")
    guards = ("bulletin_file_once",)


class TooManyGuesses(DomainError):
    code = "too_many_guesses"
    status = 429
    message = _("Too many codes that nobody has were asked for from here; try again in a quarter of an hour.")


class HashInvalid(DomainError):
    code = "sha256_invalid"
    status = 400
    message = _("A SHA-256 value has 64 hexadecimal characters.")


class FileBeingMade(DomainError):
    code = "file_being_made"
    status = 404
    message = _("The file is still being made; try again in a minute.")


class TooManyQuestions(DomainError):
    code = "too_many_questions"
    status = 429
    message = _("So many questions have been asked that no more are taken now; try again later.")


class QuestionAnswered(DomainError):
    code = "question_answered"
    status = 409
    message = _("The answer to this question is published; it stays as it is.")
    guards = ("question_answered", "question_kept")
