"""What places ask for, and who they serve."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from catalogue.models import Medicine
from core.commands import Act
from core.errors import Stale
from distribution.errors import MoreThanPopulation
from distribution.models import ClinicProfile, NeedLine, NeedSheet
from distribution.served import beyond_population
from distribution.services.priorities import rank_needs
from donations.errors import FutureDay
from organisation.models import Place


def set_needs(
    *,
    act: Act,
    place: Place,
    period_start: datetime.date,
    period_end: datetime.date,
    requested: Mapping[Medicine, int],
    version: int | None = None,
) -> NeedSheet:
    """Write down what a place asks for in a period, in place of what it asked for before."""
    days = {"period_start": period_start, "period_end": period_end}
    sheet = NeedSheet.objects.select_for_update().filter(county_id=act.county_id, place=place, **days).first()
    check_version(sheet.version if sheet else 0, version)
    if sheet is None:
        sheet = NeedSheet.objects.create(
            county_id=act.county_id, place=place, entered_by=act.actor_id, **days
        )
    else:
        sheet.version, sheet.entered_by = sheet.version + 1, act.actor_id
        sheet.save(update_fields=["version", "entered_by"])
        NeedLine.objects.filter(sheet=sheet).delete()
    NeedLine.objects.bulk_create(
        NeedLine(county_id=act.county_id, sheet=sheet, medicine=medicine, requested=units)
        for medicine, units in requested.items()
    )
    rank_needs(act.county_id, act.on)
    return sheet


def set_profile(
    *, act: Act, place: Place, figures: Mapping[str, Any], version: int | None = None
) -> ClinicProfile:
    """Write down who a clinic serves; every figure not given counts as nobody.

    Refused: FutureDay and MoreThanPopulation, which no figures can be.
    """
    _check_figures(act, figures)
    profile = ClinicProfile.objects.select_for_update().filter(place=place).first()
    check_version(profile.version if profile else 0, version)
    fresh = ClinicProfile(
        pk=profile.pk if profile else None,
        county_id=act.county_id,
        place=place,
        version=profile.version + 1 if profile else 1,
        **figures,
    )
    if profile is None:
        fresh.save(force_insert=True)
    else:
        fresh.save(update_fields=[*figures, "version"])
    rank_needs(act.county_id, act.on)
    return fresh


def set_profiles(*, act: Act, figures: Mapping[Place, Mapping[str, Any]]) -> None:
    """Write down who these clinics serve, in place of what was there; a constant number of statements.

    Refused: FutureDay and MoreThanPopulation, by the number of the clinic among them.
    """
    for index, of_place in enumerate(figures.values()):
        _check_figures(act, of_place, f"/profiles/{index}")
    places = {place.pk: place for place in figures}
    there = ClinicProfile.objects.select_for_update().filter(place__in=places).order_by("pk")
    versions = dict(there.values_list("place_id", "version"))
    rows = [
        ClinicProfile(
            county_id=act.county_id, place=place, version=versions.get(place.pk, 0) + 1, **figures[place]
        )
        for _pk, place in sorted(places.items())
    ]
    columns = {name for of_place in figures.values() for name in of_place}
    ClinicProfile.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["place"], update_fields=[*sorted(columns), "version"]
    )
    rank_needs(act.county_id, act.on)


def _check_figures(act: Act, figures: Mapping[str, Any], pointer: str = "") -> None:
    if figures["data_date"] > act.on:
        raise FutureDay(pointer=f"{pointer}/data_date")
    if beyond_population(figures):
        raise MoreThanPopulation(pointer=f"{pointer}/population")


def check_version(current: int, seen: int | None) -> None:
    """Refuse a write that rests on an older version than the one there is (0: there is none yet)."""
    if seen is not None and seen != current:
        message = _("You saw version %(seen)d; version %(current)d is there now.")
        raise Stale(message % {"seen": seen, "current": current}, pointer="/version")
