"""Published plans as pages: the list, and of one of them who got what of a medicine, and why."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from catalogue.models import Medicine
from core.language import reads_english
from distribution.models import Plan
from organisation.models import County, Division
from organisation.queries import place_names
from reports.pages.answers import public_page, show
from reports.plans_api import PublicShareShape, published_plan, published_plans, published_shares
from reports.queries import county_by_code

LISTED = 100


@public_page
def plans_page(request: HttpRequest, code: str) -> HttpResponse:
    """A county's published plans, the newest first."""
    county = county_by_code(code)
    plans = published_plans().filter(county=county).select_related("township")[:LISTED]
    return show("reports/plans.html", {"county": county, "plans": plans})


@public_page
def plan_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One plan: each medicine it shared out, and for the chosen one every place's share with its sentence."""
    plan = published_plan(pk)
    shares = published_shares(plan)
    medicines = list(Medicine.objects.filter(pk__in=shares.order_by().values("medicine")).order_by("code"))
    asked = request.GET.get("medicine", "")
    chosen = next((each for each in medicines if each.code == asked), medicines[0] if medicines else None)
    rows = PublicShareShape(shares.filter(medicine=chosen), many=True).data if chosen else []
    sentence = "explanation_en" if reads_english() else "explanation_zh"
    return show(
        "reports/plan.html",
        {
            "plan": plan,
            "county": County.objects.get(pk=plan.county_id),
            "township": Division.objects.filter(pk=plan.township_id).first(),
            "suppliers": _names(plan),
            "medicines": medicines,
            "chosen": chosen,
            "rows": [{**row, "sentence": row[sentence]} for row in rows],
            "leftovers": [each for each in plan.leftovers if _is_offered(each, chosen)],
        },
    )


def _is_offered(left: dict[str, Any], chosen: Medicine | None) -> bool:
    """What nobody in the county can use in time, so that neighbours may have it; what needs are met without stays."""
    return chosen is not None and left["medicine"] == chosen.code and left["reason"] == "unusable"


def _names(plan: Plan) -> list[str]:
    names = place_names(plan.county_id)
    return [names.get(code, code) for code in plan.from_places]
