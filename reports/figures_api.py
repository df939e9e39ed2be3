"""Figures over HTTP: table C with its identities, and tables A and B behind it, of a county or a cut of it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from core.api import act_of, valid_query
from core.days import next_open_day
from core.errors import NotFound
from core.ordering import Ordering, Rows
from core.replica import aside
from donations.models import CustodyEntry
from organisation.access import Access
from organisation.lists import ScopedList
from organisation.models import Place
from organisation.queries import place_by_code, township_of
from reports.account_rows import account_lines
from reports.content import cumulative_period
from reports.details import allotted_rows, received_rows
from reports.errors import DaysReversed, DayToCome
from reports.figures import Figures, Period, figures
from reports.flows import Cut
from reports.models import TransferDay
from reports.models.flows import FlowTotal
from reports.queries import current_campaign
from reports.serializers import AccountRow, AllottedRow, FiguresQuery, ReceivedRow
from reports.snapshot import snapshot

CUTS = ("place", "township", "medicine", "category")
ASKED = frozenset({"county", "from", "to", *CUTS})


def asked_period(request: Request) -> Period:
    """The period asked for, of the person's own county; it ends on the day that is being booked at the latest."""
    fields, act = valid_query(FiguresQuery, request), act_of(request)
    if fields.get("county", act.county_id) != act.county_id:
        raise NotFound(pointer="/county")
    if fields["to"] < fields["from"]:
        raise DaysReversed(pointer="/to")
    if fields["to"] > next_open_day(act.on, act.closed_through):
        raise DayToCome(pointer="/to")
    return Period(fields["from"], fields["to"])


def asked_cut(request: Request) -> Cut:
    """The places and medicines asked for; NotFound for one that the county, or the catalogue, does not have."""
    fields, county = valid_query(FiguresQuery, request), act_of(request).county_id
    return Cut(
        _places(county, fields.get("place"), fields.get("township")),
        _medicines(fields.get("medicine"), fields.get("category")),
    )


def _places(county_id: str, place: str | None, township: str | None) -> frozenset[int] | None:
    if not place and not township:
        return None
    places = Place.objects.filter(county_id=county_id)
    if township:
        places = places.filter(township=township_of(county_id, township))
    if place:
        places = places.filter(pk=place_by_code(county_id, place).pk)
    return frozenset(places.values_list("pk", flat=True))


def _medicines(code: str | None, category: str | None) -> frozenset[int] | None:
    if not code and not category:
        return None
    medicines = Medicine.objects.filter(**({"category": category} if category else {}))
    if code:
        if not Medicine.objects.filter(code=code).exists():
            raise NotFound(pointer="/medicine")
        medicines = medicines.filter(code=code)
    return frozenset(medicines.values_list("pk", flat=True))


def asked_figures(request: Request) -> tuple[Figures, Figures | None]:
    """本期 and 累计: of the period, and of all since the last campaign began; None where there was none."""
    period, cut, county = asked_period(request), asked_cut(request), act_of(request).county_id
    campaign = current_campaign(county, period.end)
    since = cumulative_period(campaign, period) if campaign else None
    return figures(county, period, cut), figures(county, since, cut) if since else None


@aside
def seen_figures(request: Request) -> tuple[Figures, Figures | None]:
    """What is asked for, as of one moment."""
    with snapshot():
        return asked_figures(request)


class FiguresView(APIView):
    @extend_schema(parameters=[FiguresQuery])
    def get(self, request: Request) -> Response:
        """Table C (收支) for a period (本期) and since the campaign began (`cumulative`, 累计), with its identities.

        Of the county, or of a place, a township, a medicine, a category. Read from the books at this moment (`as_of`,
        截至时刻). Quantities are in each medicine's smallest unit and are never added across medicines; figures count
        by the day of booking. `registered` is net of corrections, every column net of reversals. Of places, what came
        from or went to other places stands in lines of its own: `handed_in`, `handed_over`, `arrived`, `left`.
        """
        act = act_of(request)
        period, since = seen_figures(request)
        cut = {name: request.query_params.get(name) or None for name in CUTS}
        answer = {"county": act.county_id, "as_of": act.at, "cut": cut, **period.content()}
        return Response({**answer, "cumulative": since.content() if since else None})


class AccountList(ScopedList[FlowTotal]):
    """Table C (收支) as rows to take away: 本期 and 累计 of each medicine, whether its identities hold, 截至时刻."""

    model = FlowTotal
    serializer_class = AccountRow
    filter_backends = (Ordering,)
    rows_are = Rows.TOLD
    parameters = ASKED

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        period, since = seen_figures(self.request)
        at = act_of(self.request).at
        told = {"this_period": period, **({"cumulative": since} if since else {})}
        return [line for span, found in told.items() for line in account_lines(span, found, at)]

    @extend_schema(parameters=[FiguresQuery])
    def get(self, request: Request) -> Response:
        return self.list(request)


class ReceivedList(ScopedList[CustodyEntry]):
    """Table A (接收): what was registered, by day, medicine, label and drop-off point. No donor stands in it."""

    model = CustodyEntry
    serializer_class = ReceivedRow
    filter_backends = (Ordering,)
    rows_are = Rows.SUMS
    parameters = ASKED

    def rows(self, access: Access) -> QuerySet[Any]:
        return received_rows(access.county_id, asked_period(self.request), asked_cut(self.request))

    @extend_schema(parameters=[FiguresQuery])
    @aside
    def get(self, request: Request) -> Response:
        return self.list(request)


class AllottedList(ScopedList[TransferDay]):
    """Table B (分配): what was allotted to each clinic, by day, medicine and batch."""

    model = TransferDay
    serializer_class = AllottedRow
    filter_backends = (Ordering,)
    rows_are = Rows.SUMS
    parameters = ASKED

    def rows(self, access: Access) -> QuerySet[Any]:
        return allotted_rows(access.county_id, asked_period(self.request), asked_cut(self.request))

    @extend_schema(parameters=[FiguresQuery])
    @aside
    def get(self, request: Request) -> Response:
        return self.list(request)
