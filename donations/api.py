"""The intake room over HTTP: campaigns, donations, screenings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from catalogue.queries import medicines_by_code, open_recalls
from core.api import act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from donations.answers import donation_answer, judgement_answer
from donations.handover_serializers import CountInput, line_counts
from donations.identity import Identity
from donations.intake import DonationDraft, ItemDraft, judge_item
from donations.known import known_of_draft
from donations.models import Campaign, Donation, Donor, ItemHoldings
from donations.queries import (
    campaign_by_code,
    donation_alone,
    donation_at,
    donations_at,
    donations_waiting,
)
from donations.serializers import (
    CampaignInput,
    CampaignShape,
    DonationInput,
    DonationShape,
    RhythmInput,
    ScreeningInput,
    VoidInput,
)
from donations.services.arrivals import count_at_pharmacy
from donations.services.campaigns import close_campaign, open_campaign, set_rhythm
from donations.services.registration import register_donation, void_donation
from donations.services.unfit import leave_for_disposal
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.queries import place_by_code, policy_of
from organisation.work_units import right_counter


class CampaignFilter(django_filters.FilterSet):
    class Meta:
        model = Campaign
        fields = ["id"]


class CampaignList(ScopedList[Campaign]):
    model = Campaign
    serializer_class = CampaignShape
    filterset_class = CampaignFilter

    def rows(self, access: Access) -> QuerySet[Campaign]:
        return Campaign.objects.filter(county_id=access.county_id).select_related("donee").order_by("-id")

    @extend_schema(request=CampaignInput, responses={201: CampaignShape})
    def post(self, request: Request) -> Response:
        """Open a campaign."""
        fields = valid(CampaignInput, request)

        def work(act: Act) -> Done:
            donee = place_by_code(act.county_id, fields["donee"], pointer="/donee")
            campaign = open_campaign(act=act, **{**fields, "donee": donee})
            return Done(dict(CampaignShape(campaign).data), f"campaign {campaign.pk}")

        return command(request, work)


class CampaignClose(APIView):
    @extend_schema(request=None, responses=CampaignShape)
    def post(self, request: Request, pk: int) -> Response:
        """End a campaign; it takes no more donations."""

        def work(act: Act) -> Done:
            campaign = _campaign_held(act, pk)
            close_campaign(act=act, campaign=campaign)
            return Done(dict(CampaignShape(campaign).data), f"campaign {pk}", status=200)

        return command(request, work)


class CampaignRhythm(APIView):
    @extend_schema(request=RhythmInput, responses=CampaignShape)
    def put(self, request: Request, pk: int) -> Response:
        """Say how often a campaign publishes from now on; empty: as the county's policy says."""
        fields = valid(RhythmInput, request)

        def work(act: Act) -> Done:
            campaign = _campaign_held(act, pk)
            set_rhythm(act=act, campaign=campaign, **fields)
            return Done(dict(CampaignShape(campaign).data), f"campaign {pk}", status=200)

        return command(request, work, keyed=False)


def _campaign_held(act: Act, pk: int) -> Campaign:
    """A campaign of the county, which nobody else changes meanwhile."""
    held = Campaign.objects.select_for_update(of=("self",)).select_related("donee")
    campaign = held.filter(county_id=act.county_id, pk=pk).first()
    if campaign is None:
        raise NotFound
    return campaign


class DonationFilter(django_filters.FilterSet):
    place = django_filters.CharFilter("place__code")
    received_from = django_filters.DateFilter("received_on", "gte")
    received_to = django_filters.DateFilter("received_on", "lte")
    receipt_code = django_filters.CharFilter("receipt_code")
    waiting = django_filters.BooleanFilter(
        method="filter_waiting", label="Whether something of it is outside a pharmacy for over 48 hours."
    )
    standing = django_filters.ChoiceFilter(
        choices=[("hand_over", "hand_over"), ("count", "count")],
        method="filter_standing",
        label="What stands where it was registered waits to be handed over or, at a pharmacy, to be counted.",
    )

    class Meta:
        model = Donation
        fields: list[str] = []

    def filter_standing(self, rows: QuerySet[Donation], name: str, value: str) -> QuerySet[Donation]:
        standing = ItemHoldings.objects.filter(
            item__donation=OuterRef("pk"), at_point__gt=0, place__sorts=value == "count"
        )
        return rows.filter(Exists(standing))

    def filter_waiting(self, rows: QuerySet[Donation], name: str, value: bool) -> QuerySet[Donation]:
        act = act_of(self.request)
        waiting = donations_waiting(act.county_id, now=act.at, on=act.on).values("pk")
        return rows.filter(pk__in=waiting) if value else rows.exclude(pk__in=waiting)


class DonationList(ScopedList[Donation]):
    model = Donation
    serializer_class = DonationShape
    filterset_class = DonationFilter
    orderings = {"received_on": "received_on", "place": "place__code", "receipt_code": "receipt_code"}

    def rows(self, access: Access) -> QuerySet[Donation]:
        return donations_at(access.places())

    @extend_schema(request=DonationInput)
    def post(self, request: Request) -> Response:
        """Register what one donor brings; every item is screened, and refused ones are recorded as refused."""
        fields = valid(DonationInput, request)

        def work(act: Act) -> Done:
            place = access_of(request).place(fields["place"])
            donation, judged = register_donation(
                act=act,
                place=place,
                campaign=campaign_by_code(
                    act.county_id, fields["campaign"], township=fields["donor"]["township"]
                ),
                policy=access_of(request).policy,
                draft=_draft(fields),
            )
            elsewhere = right_counter(place, _unit_of(fields["donor"]))
            return Done(donation_answer(donation, judged, elsewhere), f"donation {donation.pk}")

        return command(request, work)


def _unit_of(donor: Mapping[str, Any]) -> str:
    """The work unit that stands at the counter: a donor's, or the donor itself."""
    return donor["work_unit"] or (donor["name"] if donor["kind"] == Donor.Kind.WORK_UNIT else "")


class DonationDetail(APIView):
    @extend_schema(responses=DonationShape)
    def get(self, request: Request, pk: int) -> Response:
        """One donation with its items and where their units stand."""
        return Response(DonationShape(donation_at(access_of(request).places(), pk)).data)


class DonationVoid(APIView):
    @extend_schema(request=VoidInput)
    def post(self, request: Request, pk: int) -> Response:
        """Take back a registration before it is handed over."""
        fields = valid(VoidInput, request)

        def work(act: Act) -> Done:
            donation = donation_alone(access_of(request).places(), pk)
            void_donation(act=act, donation=donation, reason=fields["reason"])
            return Done({"id": pk, "state": "voided"}, f"donation {pk}", status=200)

        return command(request, work)


class DonationLeave(APIView):
    @extend_schema(request=None)
    def post(self, request: Request, pk: int) -> Response:
        """Note that the donor does not take back what was refused: it goes into the sealed bin, to be destroyed."""

        def work(act: Act) -> Done:
            donation = donation_at(access_of(request).places(), pk)
            left = leave_for_disposal(act=act, donation=donation)
            return Done({"id": pk, "state": "in_bin", "items": left}, f"donation {pk}", status=200)

        return command(request, work)


class DonationCount(APIView):
    @extend_schema(request=CountInput)
    def post(self, request: Request, pk: int) -> Response:
        """Count a donation brought straight to a pharmacy."""
        lines = line_counts(valid(CountInput, request)["items"])
        counted = {item: count for (_kind, item), count in lines.items()}

        def work(act: Act) -> Done:
            donation = donation_alone(access_of(request).places(), pk)
            count_at_pharmacy(act=act, donation=donation, policy=policy_of(act.county_id), counted=counted)
            return Done({"id": pk, "state": "counted"}, f"donation {pk}", status=200)

        return command(request, work)


class ScreeningView(APIView):
    keyed = False

    @extend_schema(request=ScreeningInput)
    def post(self, request: Request) -> Response:
        """The same checks on one item as at registration, without saving; of a campaign's scope if it is named."""
        fields = valid(ScreeningInput, request)
        act, named = act_of(request), fields.pop("campaign")
        medicines = medicines_by_code([fields["medicine"]] if fields["medicine"] else [])
        item = _item_draft(fields, medicines, "")
        judgement = judge_item(
            item,
            campaign=campaign_by_code(act.county_id, named) if named else None,
            policy=policy_of(act.county_id),
            on=act.on,
            recalls=open_recalls(act.county_id),
            known=known_of_draft(item, county_id=act.county_id, on=act.on),
        )
        return Response(judgement_answer(judgement))


def _draft(fields: dict[str, Any]) -> DonationDraft:
    donor = fields["donor"]
    return DonationDraft(
        received_on=fields["received_on"],
        items=item_drafts(fields["items"], "/items"),
        kind=donor["kind"],
        source_confirmed=fields["source_confirmed"],
        unfit=fields["unfit"],
        identity=Identity(donor["name"], donor["phone"], donor["work_unit"]),
        publish=donor["publish"],
        township_id=donor["township"] or None,
        receipt_code=fields["receipt_code"],
    )


def item_drafts(items: Sequence[dict[str, Any]], pointer: str) -> list[ItemDraft]:
    """Items of a request as drafts; `pointer` says where in the request they stand."""
    medicines = medicines_by_code(item["medicine"] for item in items if item["medicine"])
    return [_item_draft(item, medicines, f"{pointer}/{line}") for line, item in enumerate(items)]


def _item_draft(fields: dict[str, Any], medicines: dict[str, Medicine], pointer: str) -> ItemDraft:
    code = fields["medicine"]
    if code and code not in medicines:
        raise Invalid(
            faults=[Fault(f"{pointer}/medicine", "unknown_medicine", _("The catalogue does not know this."))]
        )
    medicine = medicines.get(code)
    if medicine and fields["unit"] not in {"", medicine.smallest_unit}:
        words = _("This medicine is counted in %(unit)s.") % {"unit": medicine.smallest_unit}
        raise Invalid(faults=[Fault(f"{pointer}/unit", "other_unit", words)])
    return ItemDraft(
        **{
            **fields,
            "medicine": medicine,
            **{n: fields[n] or "" for n in ("produced_on", "barcode")},
        }
    )
