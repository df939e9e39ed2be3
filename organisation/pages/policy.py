"""What the county decides for itself, each figure with what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.pages import Field, FormPage, Reply
from organisation.access import access_of
from organisation.models import Policy, Rhythm, SecondPerson
from organisation.policies_api import BOUNDS, PolicyInput

POINTS = _("points of need per person, in halves: 6 counts threefold")
ORDER = _("0 to 9; a smaller number is supplied first, equal ones alike")
WORDS: dict[str, tuple[Any, Any]] = {
    "horizon_days": (_("Days a plan provides for"), _("how long what is sent should last")),
    "safety_percent": (
        _("Safety factor of estimated use, in percent"),
        _("so much of what a clinic is estimated to use before expiry is sent at most"),
    ),
    "safety_learned_percent": (
        _("Safety factor of learned use, in percent"),
        _("the same where use is learned from hand-outs, on seven days with stock of the last 28 or more"),
    ),
    "reserve_days": (_("Reserve in days"), _("a clinic whose stock lasts less is warned about")),
    "reservation_days": (_("Days a promise holds"), _("what nobody sent by then goes back to the shelf")),
    "urgent_units": (_("Urgent issue, units a day"), _("of one medicine, to one clinic, without a plan")),
    "objection_days": (_("Days for objections"), _("working days in which anyone may object to a bulletin")),
    "answer_days": (_("Days for an answer"), _("within which a question of the public is answered")),
    "weight_red": (_("Red tier"), POINTS),
    "weight_yellow": (_("Yellow tier"), POINTS),
    "weight_green": (_("Green tier"), POINTS),
    "weight_pregnant": (_("Pregnant"), POINTS),
    "weight_fever_case": (_("Present fever case"), POINTS),
    "weight_child": (_("Child, for children's forms"), POINTS),
    "tier_village_clinic": (_("Village clinics"), ORDER),
    "tier_health_centre": (_("Health centres"), ORDER),
    "tier_hospital": (_("Hospitals"), ORDER),
    "band_minimum": (
        _("Emergency minimum, in percent of the need"),
        _("everybody has this much before any tier is supplied further; 0: none (20 for vaccines in 2020)"),
    ),
    "band_buffer": (
        _("Filled up to, in percent of the need"),
        _("once all needs are met; 100: no further, the rest stays on the shelf"),
    ),
    "idle_minutes": (
        _("Sign-in unused, in minutes"),
        _("who does nothing for so long signs in anew; 5 to 720"),
    ),
    "sign_in_hours": (_("Sign-in at most, in hours"), _("after so long everybody signs in anew; 1 to 24")),
    "first_password_hours": (
        _("First password, in hours"),
        _("so long it waits for its first sign-in; afterwards security gives another; 1 to 720"),
    ),
    "password_days": (
        _("New password after days"),
        _(
            "0: never by rule, as OWASP ASVS 6.2.10 advises, since people then choose weaker ones; graded protection"
            " (GB/T 22239) asks for a regular change, for instance 90"
        ),
    ),
    "identity_days": (
        _("Names of donors are kept, in days"),
        _(
            "after the campaign's end and the last use, not before a year after the goods' expiry nor during a"
            " recall; then it is forgotten who gave, the books stay; 0: never by itself"
        ),
    ),
}


# What guards accounts, where it is a word or a tick and no figure.
GUARDS: dict[str, Any] = {
    "joint_administration": _("One person may look after system, security and audit"),
    "second_person": _("A second person confirms new passwords"),
    "second_factor": _("A second factor for who approves, signs or administers"),
    "password_composition": _("Passwords of several kinds of characters"),
    "pins": _("PIN on a known device for staff of places"),
}


def policy_field(name: str) -> str:
    """What the page calls a field."""
    return str(GUARDS.get(name) or WORDS[name][0])


def policy_value(name: str, value: Any) -> str:
    """A value as people say it: yes or no, for whom, or a number."""
    if name == "second_person":
        return str(SecondPerson(value).label)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    return str(value)


def _answering(policy: Policy) -> list[Field]:
    """Who answers for a bulletin; without these none is signed."""
    return [
        Field(
            "/contact", _("Contact for the public"), value=policy.contact, hints={"maxlength": "80"},
            help=_("An office, as it stands in every bulletin whose campaign names none of its own."),
        ),
        Field(
            "/supervision_phone", _("Supervision phone"), "tel", value=policy.supervision_phone,
            hints={"maxlength": "40"},
            help=_("Stands in every bulletin whose campaign has none of its own; without both none is signed."),
        ),
    ]  # fmt: skip


class PolicyPage(FormPage):
    title = _("County policy")
    help = _(
        "Plans drafted from now on go by these figures; those that were approved stay as they are. What would guard"
        " accounts less waits for a second person."
    )
    button = _("Save")
    said = _("The policy is changed.")
    shape = PolicyInput
    method = "PUT"

    def route(self) -> str:
        return "policies/"

    def fields(self) -> Sequence[Field]:
        policy = access_of(self.request).policy
        figures = [
            Field(
                f"/{name}", words, "number", help=why, required=True, value=getattr(policy, name),
                hints={"min": str(BOUNDS[name][0]), "max": str(BOUNDS[name][1])},
            )
            for name, (words, why) in WORDS.items()
        ]  # fmt: skip
        soft = Field(
            "/out_of_scope_soft", _("A pharmacist may take what is out of scope"), "check",
            value=policy.out_of_scope_soft,
            help=_("The counter refuses it, but may put it before a pharmacist, who decides with a reason. Unticked:"
                   " it is refused for good, at the counter, in rosters and at sorting."),
        )  # fmt: skip
        return [
            *figures, soft, *self._publishing(policy), *self._signing_in(policy),
            Field("/version", "", "hidden", value=policy.version),
        ]  # fmt: skip

    def _signing_in(self, policy: Policy) -> list[Field]:
        joint = Field(
            "/joint_administration", GUARDS["joint_administration"], "check",
            value=policy.joint_administration, help=_("For a county that has one administrator only."),
        )  # fmt: skip
        two = Field(
            "/second_person", GUARDS["second_person"], "select",
            options=SecondPerson.choices, value=policy.second_person,
            help=_("Somebody else of system, security or audit. For nobody: only where one person looks after all"
                   " three; the list “Second person” then shows what counted without."),
        )  # fmt: skip
        second = Field(
            "/second_factor", GUARDS["second_factor"], "check",
            value=policy.second_factor, help=_("Codes of an authenticator application, beside the password."),
        )  # fmt: skip
        kinds = Field(
            "/password_composition", GUARDS["password_composition"], "check",
            value=policy.password_composition,
            help=_("Three of: capitals, small letters, digits, others (Chinese included), as graded protection asks."
                   " OWASP ASVS 6.2.5 advises against it: length makes a password strong."),
        )  # fmt: skip
        pins = Field(
            "/pins", GUARDS["pins"], "check", value=policy.pins,
            help=_("For signing in and co-signing on a device on which they have shown their password."),
        )  # fmt: skip
        return [joint, two, second, kinds, pins]

    def _publishing(self, policy: Policy) -> list[Field]:
        rhythm = Field(
            "/bulletin_rhythm", _("How often a campaign publishes"), "select", options=Rhythm.choices,
            value=policy.bulletin_rhythm, help=_("Where the campaign itself says nothing."),
        )  # fmt: skip
        cut_off = Field(
            "/report_cut_off", _("When the daily report ends"), "time", required=True,
            value=f"{policy.report_cut_off:%H:%M}",
        )  # fmt: skip
        live = Field(
            "/public_live_figures", _("The public sees figures before they are published"), "check",
            value=policy.public_live_figures,
        )  # fmt: skip
        needs = Field(
            "/public_needs", _("The public is told what is needed most"), "check", value=policy.public_needs,
            help=_("Names of medicines without quantities. What is short makes people run for it."),
        )  # fmt: skip
        stock = Field(
            "/public_clinic_stock", _("The public sees what clinics have"), "select",
            options=Policy.ClinicStock.choices, value=policy.public_clinic_stock,
            help=_("Names of medicines, and whether there is much or little, without quantities. Whoever reads that"
                   " something is there, or runs out, goes for it: by clinic only where that can be borne."),
        )  # fmt: skip
        return [*_answering(policy), rhythm, cut_off, live, needs, stock]

    def done(self, reply: Reply) -> str:
        waiting = reply.data["awaits_second_person"]
        if waiting:
            names = ", ".join(map(policy_field, waiting))
            messages.info(
                self.request, gettext("This waits for a second person: %(names)s.") % {"names": names}
            )
        return reverse("policy")
