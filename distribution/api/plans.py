"""Plans over HTTP: drafted, changed, handed in, approved."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.models import Medicine
from catalogue.queries import medicines_by_code
from core.api import act_of, command, valid
from core.commands import Act, Done
from core.errors import Fault, Invalid, NotFound
from distribution.interchangeable import check_groups
from distribution.models import Plan, PlanLine, PlanShare
from distribution.queries import lines_of, plan_within, plans_within, shares_of, townships_within
from distribution.serializers.plans import (
    LineChange,
    PlanDetailShape,
    PlanInput,
    PlanLineShape,
    PlanShape,
    PlanShareShape,
)
from distribution.services.approval import approve_plan, cancel_plan
from distribution.services.plans import (
    PlanOrder,
    change_line,
    draft_plan,
    left_on_shelf,
    recompute_plan,
    submit_plan,
)
from distribution.services.publication import publish_plan
from donations.errors import NotAPharmacy
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from organisation.models import Place
from organisation.queries import township_of

# A command answers briefly; the rest is behind GET plans/{id}/ and GET shipments/?plan=.
SHOWN = 200


class PlanFilter(django_filters.FilterSet):
    status = django_filters.CharFilter("state")
    township = django_filters.CharFilter("township_id")

    class Meta:
        model = Plan
        fields = ["level"]


class PlanLineFilter(django_filters.FilterSet):
    line = django_filters.NumberFilter("pk")
    medicine = django_filters.CharFilter("batch__medicine__code")
    clinic = django_filters.CharFilter("clinic__code")
    batch = django_filters.NumberFilter("batch_id")

    class Meta:
        model = PlanLine
        fields: list[str] = []


class PlanShareFilter(django_filters.FilterSet):
    medicine = django_filters.CharFilter("medicine__code")
    clinic = django_filters.CharFilter("clinic__code")

    class Meta:
        model = PlanShare
        fields: list[str] = []


class PlanList(ScopedList[Plan]):
    model = Plan
    serializer_class = PlanShape
    orderings = {"period": "period_start", "recalled_lines": "recalled_lines"}
    filterset_class = PlanFilter

    def rows(self, access: Access) -> QuerySet[Plan]:
        return plans_within(access, act_of(self.request).on)

    @extend_schema(request=PlanInput, responses={201: PlanDetailShape})
    def post(self, request: Request) -> Response:
        """Draft who gets what from the stock of these places, as fairly as it can be done. Reserves nothing.

        Leftovers are what nobody can use, with the reason; the answer shows the first 200.
        """
        fields = valid(PlanInput, request)

        def work(act: Act) -> Done:
            plan = draft_plan(act=act, order=_order(request, act, fields))
            return _drafted(request, plan, status=201)

        return command(request, work)


class PlanDetail(APIView):
    @extend_schema(responses=PlanDetailShape)
    def get(self, request: Request, pk: int) -> Response:
        """A plan with its leftovers and the cuts from which anybody can recompute a share."""
        return Response(PlanDetailShape(plan_within(access_of(request), pk, act_of(request).on)).data)


class PlanLines(ScopedList[PlanLine]):
    model = PlanLine
    serializer_class = PlanLineShape
    filterset_class = PlanLineFilter

    def rows(self, access: Access) -> QuerySet[PlanLine]:
        return lines_of(plan_within(access, self.kwargs["pk"], act_of(self.request).on))


class PlanClinics(ScopedList[PlanShare]):
    model = PlanShare
    serializer_class = PlanShareShape
    filterset_class = PlanShareFilter

    def rows(self, access: Access) -> QuerySet[PlanShare]:
        return shares_of(plan_within(access, self.kwargs["pk"], act_of(self.request).on))


class PlanLineDetail(APIView):
    keyed = False

    @extend_schema(request=LineChange)
    def patch(self, request: Request, pk: int, line: int) -> Response:
        """Change what one line of a draft gives, with the reason; says what then stays on the shelf."""
        fields = valid(LineChange, request)

        def work(act: Act) -> Done:
            plan = plan_within(access_of(request), pk, act.on)
            changed = change_line(act=act, plan=plan, line_id=line, **fields)
            answer = {**PlanLineShape(changed).data, "left_on_shelf": left_on_shelf(changed)}
            return Done(answer, f"plan {pk} line {line}", status=200)

        return command(request, work, keyed=False)


class PlanRecompute(APIView):
    @extend_schema(request=None, responses=PlanDetailShape)
    def post(self, request: Request, pk: int) -> Response:
        """Draft anew from today's stock and needs; changes made by hand are given up."""

        def work(act: Act) -> Done:
            plan = recompute_plan(act=act, plan=plan_within(access_of(request), pk, act.on))
            return _drafted(request, plan, status=200)

        return command(request, work)


class PlanSubmit(APIView):
    @extend_schema(request=None)
    def post(self, request: Request, pk: int) -> Response:
        """Hand a draft in for approval by another person."""

        def work(act: Act) -> Done:
            plan = submit_plan(act=act, plan=plan_within(access_of(request), pk, act.on))
            return Done({"id": pk, "status": plan.state, "version": plan.version}, f"plan {pk}", status=200)

        return command(request, work)


class PlanApprove(APIView):
    @extend_schema(request=None)
    def post(self, request: Request, pk: int) -> Response:
        """Approve what another person planned: everything is reserved, or nothing.

        Lines that are short (`short_stock`) or past their day (`expired_meanwhile`) are named as `/lines/<id>`.
        """

        def work(act: Act) -> Done:
            plan = plan_within(access_of(request), pk, act.on)
            shipments = approve_plan(act=act, plan=plan)
            answer = {
                "id": pk,
                "status": Plan.State.APPROVED,
                "shipments": [shipment.pk for shipment in shipments[:SHOWN]],
                "shipments_count": len(shipments),
            }
            return Done(answer, f"plan {pk}", status=200)

        return command(request, work)


class PlanPublish(APIView):
    @extend_schema(request=None)
    def post(self, request: Request, pk: int) -> Response:
        """Show an approved plan to the public: who gets what and why, with the cuts to recompute it from."""

        def work(act: Act) -> Done:
            plan = publish_plan(act=act, plan=plan_within(access_of(request), pk, act.on))
            return Done({"id": pk, "published_on": str(plan.published_on)}, f"plan {pk}", status=200)

        return command(request, work)


class PlanCancel(APIView):
    @extend_schema(request=None)
    def post(self, request: Request, pk: int) -> Response:
        """Give a plan up; what it reserved returns to the shelf, as long as nothing of it has left."""

        def work(act: Act) -> Done:
            plan = cancel_plan(act=act, plan=plan_within(access_of(request), pk, act.on))
            return Done({"id": pk, "status": plan.state, "version": plan.version}, f"plan {pk}", status=200)

        return command(request, work)


def _drafted(request: Request, plan: Plan, *, status: int) -> Done:
    row = PlanShape(plan_within(access_of(request), plan.pk, act_of(request).on)).data
    answer = {**row, "leftovers": plan.leftovers[:SHOWN], "leftovers_count": len(plan.leftovers)}
    return Done(answer, f"plan {plan.pk}", status)


def _order(request: Request, act: Act, fields: dict[str, Any]) -> PlanOrder:
    if fields["county"] != act.county_id:
        raise NotFound(pointer="/county")
    first, last = fields["period"]
    medicines = _medicines(fields["medicines"])
    planned = {medicine.code for medicine in medicines}
    check_groups(fields["interchangeable"] or [], "/interchangeable", planned)
    return PlanOrder(
        level=fields["level"],
        from_places=_suppliers(request, fields["from_places"]),
        period_start=first,
        period_end=last,
        medicines=medicines,
        interchangeable=fields["interchangeable"],
        bands=fields["bands"],
        horizon_days=fields["horizon_days"],
        township_id=_township(request, act, fields["township"]),
    )


def _township(request: Request, act: Act, code: str | None) -> str | None:
    """The township planned for, within one's own; who is limited to townships has to name one."""
    limits = townships_within(access_of(request))
    township = township_of(act.county_id, code)
    if limits is not None and township not in limits:
        raise NotFound(pointer="/township")
    return township


def _suppliers(request: Request, codes: list[str]) -> list[Place]:
    places = {place.code: place for place in access_of(request).places().filter(code__in=codes, active=True)}
    unknown = [index for index, code in enumerate(codes) if code not in places]
    if unknown:
        raise NotFound(
            faults=[Fault(f"/from_places/{index}", NotFound.code, NotFound.message) for index in unknown]
        )
    for index, code in enumerate(codes):
        if not places[code].sorts:
            raise NotAPharmacy(pointer=f"/from_places/{index}")
    return [places[code] for code in sorted(places)]


def _medicines(codes: list[str]) -> list[Medicine]:
    medicines = medicines_by_code(codes)
    faults = [
        Fault(f"/medicines/{index}", "unknown_medicine", _("The catalogue does not know this."))
        for index, code in enumerate(codes)
        if code not in medicines
    ]
    if faults:
        raise Invalid(faults=faults)
    return [medicines[code] for code in sorted(medicines)]
