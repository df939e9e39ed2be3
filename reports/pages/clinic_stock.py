"""What clinics have, township by township, where the county's policy lets the public see it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from core.days import local_day
from core.language import in_language
from organisation.queries import policy_of
from reports.clinic_stock import FEW, clinic_stock
from reports.files.words import COUNTY_OWN, ENGLISH
from reports.pages.answers import public_page, show
from reports.queries import county_by_code


@public_page
def clinic_stock_page(request: HttpRequest, code: str) -> HttpResponse:
    """Every township or clinic with how many kinds it has, and which of the one asked for; or why nothing."""
    county = county_by_code(code)
    stock = clinic_stock(policy_of(county.pk), local_day(county.time_zone))
    rows = [_shown(row) for row in stock["rows"]] if stock else []
    chosen = next((row for row in rows if row["key"] == request.GET.get("of")), None)
    shown = {"county": county, "stock": stock, "rows": rows, "chosen": chosen}
    return show("reports/clinic_stock.html", shown)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Places in no township are the county's own."""
    few = in_language("（{}）", " ({})").format(_("few left"))
    return {
        "key": row.get("place", row["township"]),
        "name": row.get("place_name") or row["name"] or in_language(COUNTY_OWN, ENGLISH[COUNTY_OWN]),
        "of": row["name"] if "place" in row else "",
        "medicines": [
            f"{each['generic_name']} {each['strength']}".strip() + (few if each["level"] == FEW else "")
            for each in row["medicines"]
        ],
    }
