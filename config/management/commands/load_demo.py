"""Everything a trial needs: catalogue, places, accounts, and a season that ends yesterday."""

from __future__ import annotations

import datetime
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connection

from catalogue.services import load_medicines
from config.demo.accounts import demo_accounts, make_accounts
from config.demo.season import SIZES, play_season
from core.days import local_day
from organisation.loading import load_county
from organisation.models import County, Place

COUNTIES = {"522633": 12, "611022": 0, "522622": 0}


class Command(BaseCommand):
    help = "Load the catalogue, the places, one account per role, and play a season. Does nothing when it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        if County.objects.exists():
            self.stdout.write("The trial's data is there already.")
            return
        started = time.monotonic()
        self.stdout.write(f"{load_medicines()} medicines")
        counties = [load_county(code, village_points=points) for code, points in COUNTIES.items()]
        self.stdout.write(f"{Place.objects.count()} places in {len(counties)} counties")
        # A trial that is cut short is begun anew, so its commits need not wait for the disk one by one.
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        for county in counties:
            sizes = SIZES.get(county.pk)
            if sizes:
                size = sizes[os.environ.get("SEASON", "")]
                until = local_day(county.time_zone) - datetime.timedelta(days=1)
                play_season(county, size, until=until, report=self._progress)
        self._accounts(counties)
        self.stdout.write(f"\nReady after {time.monotonic() - started:.0f} s")

    def _accounts(self, counties: list[County]) -> None:
        accounts = [
            account
            for county in counties
            if county.pk in SIZES
            for account in demo_accounts(county, *_desks(county))
        ]
        make_accounts(accounts, Path(settings.BASE_DIR) / "var" / "demo-accounts.json")

    def _progress(self, words: str) -> None:
        self.stdout.write(f"\r{words}   ", ending="")
        self.stdout.flush()


def _desks(county: County) -> tuple[Place, Place]:
    """The health centre and the hospital at which the county's accounts stand."""
    places = Place.objects.filter(county=county).select_related("township").order_by("code")
    centre = [place for place in places if place.kind == Place.Kind.HEALTH_CENTRE][2]
    return centre, next(place for place in places if place.sorts and place.kind == Place.Kind.HOSPITAL)
