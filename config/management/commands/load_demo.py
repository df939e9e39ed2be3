"""Everything a trial needs: catalogue, places, accounts, and a season that ends yesterday."""

from __future__ import annotations

import datetime
import multiprocessing
import os
import time
from collections.abc import Sequence
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from catalogue.services import load_medicines
from config.demo.accounts import Desks, demo_accounts, make_accounts
from config.demo.season import NAMES, SIZES, Report, play_season
from core.days import local_day
from organisation.loading import load_county
from organisation.models import County, Place

COUNTIES = {"522633": 12, "611022": 0, "522622": 0}
# Stands while a season is loaded into an empty database: config.prepare begins anew where it finds one.
UNFINISHED = "demo_unfinished"


class Command(BaseCommand):
    help = "Load the catalogue, the places, one account per role, and play a season. Does nothing when it is there."

    def handle(self, *args: Any, **options: Any) -> None:
        if _season() not in NAMES:
            raise CommandError(
                f"SEASON must be {' or '.join(filter(None, NAMES))} or empty, not {_season()!r}."
            )
        connections.close_all()
        connection_created.connect(_commit_at_leisure)
        if County.objects.exists():
            self.stdout.write(
                "演示数据已有；RESET=1 重新开始。The trial's data is there already; RESET=1 begins anew."
            )
        else:
            self._load()

    def _load(self) -> None:
        started = time.monotonic()
        _execute(f"CREATE TABLE {UNFINISHED} ()")
        self.stdout.write(f"{load_medicines()} 种药品 medicines")
        counties = [load_county(code, village_points=points) for code, points in COUNTIES.items()]
        self.stdout.write(f"{len(counties)} 个县 counties, {Place.objects.count()} 个机构 places")
        first, *others = [county for county in counties if county.pk in SIZES]
        beside = _beside(others)
        _play(first, self._progress)
        self._accounts([first, *others])
        for process in beside:
            process.join()
        if any(process.exitcode for process in beside):
            raise CommandError("A county's season could not be played.")
        _execute(f"DROP TABLE {UNFINISHED}")
        self.stdout.write(f"\n已就绪 Ready after {time.monotonic() - started:.0f} s")

    def _accounts(self, counties: list[County]) -> None:
        accounts = [account for county in counties for account in demo_accounts(county, _desks(county))]
        make_accounts(accounts, Path(settings.BASE_DIR) / "var" / "demo-accounts.json")

    def _progress(self, words: str) -> None:
        self.stdout.write(f"\r{words}   ", ending="")
        self.stdout.flush()


def _season() -> str:
    """The size to be played: the surroundings' word, or nothing for the usual one."""
    return os.environ.get("SEASON", "")


def _play(county: County, report: Report) -> None:
    size = SIZES[county.pk][_season()]
    until = local_day(county.time_zone) - datetime.timedelta(days=1)
    play_season(county, size, until=until, report=report)


def _beside(counties: Sequence[County]) -> list[ForkProcess]:
    """Processes that play the seasons of these counties without a word; no row is shared with another county."""
    connections.close_all()  # two processes cannot share one
    fork = multiprocessing.get_context("fork")
    processes = [
        fork.Process(target=_play, args=(county, lambda _words: None), daemon=True) for county in counties
    ]
    for process in processes:
        process.start()
    return processes


def _commit_at_leisure(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """A trial that is cut short is begun anew, so its commits need not wait for the disk one by one."""
    connection.cursor().execute("SET synchronous_commit = off")


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _desks(county: County) -> Desks:
    """The hospital, a health centre, and a point that hands over to the centre or, lacking one, to the hospital."""
    places = Place.objects.filter(county=county).select_related("township").order_by("code")
    hospital = next(place for place in places if place.sorts and place.kind == Place.Kind.HOSPITAL)
    centre = [place for place in places if place.kind == Place.Kind.HEALTH_CENTRE][2]
    points = [place for place in places if place.takes_donations and not place.sorts]
    return Desks(hospital, centre, min(points, key=lambda point: (point.parent_id != centre.pk, point.code)))
