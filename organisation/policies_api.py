"""How a county plans: its own figures, with the defaults of the sources, over HTTP."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from core.errors import Stale
from core.fields import Quantity, Text, Truth
from organisation.access import access_of
from organisation.confirmations import ask_for_policy, policy_awaiting
from organisation.models import Policy, Rhythm, SecondPerson
from organisation.policies import change, locked_policy, loosened

# The least and the most of each; the database holds the same bounds.
DAYS, WEIGHT, TIER = (1, 366), (0, 200), (0, 9)
BOUNDS = {
    "horizon_days": DAYS,
    "safety_percent": (1, 100),
    "safety_learned_percent": (1, 100),
    "reserve_days": DAYS,
    "reservation_days": DAYS,
    "urgent_units": (0, 1_000_000),
    "objection_days": DAYS,
    "answer_days": DAYS,
    **dict.fromkeys(
        [
            "weight_red", "weight_yellow", "weight_green", "weight_pregnant", "weight_fever_case", "weight_child",
        ],
        WEIGHT,
    ),
    **dict.fromkeys(["tier_village_clinic", "tier_health_centre", "tier_hospital"], TIER),
    "band_minimum": (0, 99),
    "band_buffer": (100, 1000),
    "idle_minutes": (5, 720),
    "sign_in_hours": (1, 24),
    "first_password_hours": (1, 720),
    "password_days": (0, 366),
    "identity_days": (0, 7320),
}  # fmt: skip


@extend_schema_field({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"})
class LocalTime(serializers.TimeField):
    """A time of the county's clock, without an offset."""


class PolicyInput(StrictSerializer):
    """Fields that are not given stay as they are."""

    out_of_scope_soft = Truth(
        required=False,
        help_text="false: what is out of scope is refused for good; true: a pharmacist may take it.",
    )
    joint_administration = Truth(required=False)
    second_factor = Truth(required=False)
    second_person = serializers.ChoiceField(
        SecondPerson.choices,
        required=False,
        help_text="For which accounts a second person confirms a new password or a forgotten second factor; `nobody`"
        " only with joint_administration.",
    )
    password_composition = Truth(
        required=False,
        help_text="Whether a password has three of four kinds of characters (off: length counts).",
    )
    public_live_figures = Truth(
        required=False, help_text="Whether the public sees the figures of the day before they are published."
    )
    public_needs = Truth(
        required=False, help_text="Whether the public is told which medicines are needed most."
    )
    public_clinic_stock = serializers.ChoiceField(
        Policy.ClinicStock.choices,
        required=False,
        help_text="Whether, and how finely, the public sees which medicines clinics have.",
    )
    contact = Text(
        80,
        required=False,
        allow_blank=True,
        help_text="Whom the public may ask about a bulletin, unless its campaign names somebody: an office.",
    )
    supervision_phone = Text(
        40, required=False, allow_blank=True, help_text="监督电话, unless the campaign has one of its own."
    )
    pins = Truth(required=False, help_text="Whether staff of places may sign in and co-sign with a PIN.")
    version = Quantity(least=0, most=2**31 - 1, required=False, allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        figures = {
            name: Quantity(least=least, most=most, required=False) for name, (least, most) in BOUNDS.items()
        }
        rhythm = serializers.ChoiceField(
            Rhythm.choices,
            required=False,
            help_text="How often a campaign publishes that says nothing itself.",
        )
        cut_off = LocalTime(required=False, help_text="When the daily report ends, local time.")
        return {**figures, "bulletin_rhythm": rhythm, "report_cut_off": cut_off, **super().get_fields()}


class PolicyShape(serializers.ModelSerializer[Policy]):
    """Weights are points per person in halves (6: threefold); tiers a strict order, the smallest first.

    Bands are per cent of the need: a minimum that everybody has before any tier (0: none), and how far stocks are
    filled up once all needs are met (100: no further).
    """

    report_cut_off = LocalTime()

    class Meta:
        model = Policy
        fields = [
            *BOUNDS, "out_of_scope_soft", "report_cut_off", "bulletin_rhythm", "joint_administration",
            "second_factor", "second_person", "password_composition", "public_live_figures", "public_needs",
            "public_clinic_stock", "contact", "supervision_phone", "pins", "version",
        ]  # fmt: skip


class PolicyState(PolicyShape):
    """The figures that count, and what was asked for beside them."""

    awaits_second_person = serializers.SerializerMethodField(
        help_text="What would guard accounts less and a second person has not confirmed yet, by its fields."
    )

    class Meta(PolicyShape.Meta):
        fields = [*PolicyShape.Meta.fields, "awaits_second_person"]

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_awaits_second_person(self, policy: Policy) -> dict[str, Any]:
        return policy_awaiting(policy.county_id)


class PolicyView(APIView):
    @extend_schema(responses=PolicyState)
    def get(self, request: Request) -> Response:
        """The county's figures for planning; what it has not set are the defaults."""
        return Response(PolicyState(access_of(request).policy).data)

    @extend_schema(request=PolicyInput, responses=PolicyState)
    def put(self, request: Request) -> Response:
        """Set figures for planning; plans drafted from now on go by them.

        What would guard accounts less (fewer second persons, no second factor, longer sign-ins, PINs …) waits for a
        second person, `confirmations/`; the rest counts at once.
        """
        fields = valid(PolicyInput, request)
        version = fields.pop("version")

        def work(act: Act) -> Done:
            policy = set_policy(act=act, figures=fields, version=version)
            return Done(dict(PolicyState(policy).data), "policy", 200)

        return command(request, work, keyed=False)


def set_policy(*, act: Act, figures: dict[str, Any], version: int | None = None) -> Policy:
    """Set some of the county's figures; with `version`, only if that is still the one there is.

    Those that would guard accounts less wait for a second person.
    """
    policy = locked_policy(act.county_id)
    if version is not None and version != policy.version:
        words = _("You saw version %(seen)d; version %(current)d is there now.")
        raise Stale(words % {"seen": version, "current": policy.version}, pointer="/version")
    asked = loosened(policy, figures)
    change(policy, {name: value for name, value in figures.items() if name not in asked})
    if asked:
        ask_for_policy(act, policy, asked)
        policy.refresh_from_db()
    return policy
