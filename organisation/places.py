"""The places of a county: opened, described, closed."""

from __future__ import annotations

import re
from typing import Any

from core.commands import Act
from core.errors import NotFound, Stale
from organisation.errors import PlaceCodeTaken, PlaceCodeUnfit, PlaceNeedsParent
from organisation.models import Place
from organisation.queries import place_by_code, township_of

CODE = re.compile(r"P-[0-9]{6}-[0-9A-Z-]{1,15}")


def add_place(*, act: Act, fields: dict[str, Any]) -> Place:
    """A new place under a code of the county's own (P-522633-…); a village clinic stands under its health centre."""
    code = fields["code"]
    if not CODE.fullmatch(code) or not code.startswith(f"P-{act.county_id}-"):
        raise PlaceCodeUnfit(PlaceCodeUnfit.message % {"county": act.county_id}, pointer="/code")
    if Place.objects.filter(code=code).exists():
        raise PlaceCodeTaken(pointer="/code")
    township = township_of(act.county_id, fields.pop("township"))
    parent = fields.pop("parent")
    above = place_by_code(act.county_id, parent, pointer="/parent") if parent else None
    is_clinic = fields["kind"] == Place.Kind.VILLAGE_CLINIC
    stands_well = above and above.kind == Place.Kind.HEALTH_CENTRE and above.township_id == township
    if is_clinic != bool(above) or (is_clinic and not stands_well):
        raise PlaceNeedsParent(pointer="/parent")
    return Place.objects.create(county_id=act.county_id, township_id=township, parent=above, **fields)


def change_place(*, act: Act, code: str, fields: dict[str, Any], version: int) -> Place:
    """Describe a place anew, close it or open it again. At a closed place nothing begins: no donation, no plan, no
    hand-out; what stands there is returned, sent or destroyed as before."""
    place = Place.objects.select_for_update().filter(county_id=act.county_id, code=code).first()
    if place is None:
        raise NotFound
    if version != place.version:
        raise Stale(pointer="/version")
    for name, value in fields.items():
        setattr(place, name, value)
    place.version += 1
    place.save(update_fields=[*fields, "version"])
    return place
