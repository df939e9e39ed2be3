"""The real places of a county, from the official statistical division codes.

Every township has its health centre and every village its clinic. The named hospitals and offices are those of the
counties' public notices of December 2022.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from organisation.models import County, Division, Place, Policy

DIVISIONS = Path(__file__).parent / "data" / "divisions.csv"


@dataclass(frozen=True)
class Landmark:
    """A place that no division code names."""

    name: str
    kind: Place.Kind
    takes_donations: bool = True
    sorts: bool = False


HOSPITAL, OFFICE, BUREAU = Place.Kind.HOSPITAL, Place.Kind.OFFICE, Place.Kind.BUREAU
LANDMARKS = {
    "522633": [
        Landmark("从江县中医院北院药房", HOSPITAL, sorts=True),
        Landmark("从江县卫生健康局", BUREAU, takes_donations=False),
    ],
    "522622": [
        Landmark("黄平县人民医院药房", HOSPITAL, sorts=True),
        Landmark("黄平县卫生健康局", BUREAU, takes_donations=False),
    ],
    "611022": [
        Landmark("丹凤县医院药房", HOSPITAL, sorts=True),
        Landmark("丹凤县卫生健康局", BUREAU, takes_donations=False),
        Landmark("县委办", OFFICE),
        Landmark("县人大办", OFFICE),
        Landmark("县政府办", OFFICE),
        Landmark("县政协办", OFFICE),
    ],
}


def load_county(code: str, *, village_points: int = 0, divisions: Path = DIVISIONS) -> County:
    """The county with its townships, villages and places; what is there already is left as it is.

    In the first `village_points` townships the first village clinic takes donations too. `divisions` is a CSV with
    the columns county_code, county_name, level, code, name, parent_code; `LookupError` where it lacks the county.
    """
    rows = [row for row in _rows(divisions) if row["county_code"] == code]
    if not rows:
        raise LookupError(code)
    county, made = County.objects.get_or_create(code=code, defaults={"name": rows[0]["county_name"]})
    if made:
        Policy.objects.create(county=county)
        Division.objects.bulk_create(_division(row, county) for row in rows if row["level"] != "county")
        _make_places(county, rows, village_points)
    return county


def _rows(divisions: Path) -> list[dict[str, str]]:
    with divisions.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _division(row: dict[str, str], county: County) -> Division:
    parent = row["parent_code"] if row["level"] == "village" else None
    return Division(code=row["code"], county=county, level=row["level"], name=row["name"], parent_id=parent)


def _make_places(county: County, rows: list[dict[str, str]], village_points: int) -> None:
    landmarks = [
        Place(
            county=county,
            code=f"P-{county.pk}-{number:02}",
            name=landmark.name,
            kind=landmark.kind,
            takes_donations=landmark.takes_donations,
            sorts=landmark.sorts,
        )
        for number, landmark in enumerate(LANDMARKS.get(county.pk, []), start=1)
    ]
    townships = [row for row in rows if row["level"] == "township"]
    places = Place.objects.bulk_create([*landmarks, *(_health_centre(row, county) for row in townships)])
    by_township = {centre.township_id: centre for centre in places if centre.township_id}
    Place.objects.bulk_create(_clinics(rows, townships[:village_points], by_township))


def _health_centre(row: dict[str, str], county: County) -> Place:
    kind_of_centre = "社区卫生服务中心" if row["name"].endswith("街道") else "卫生院"
    return Place(
        county=county,
        code=f"P-{county.pk}-{row['code'][6:]}",
        name=row["name"] + kind_of_centre,
        kind=Place.Kind.HEALTH_CENTRE,
        township_id=row["code"],
        division_id=row["code"],
        takes_donations=True,
        sorts=True,
        hands_out=True,
    )


def _clinics(
    rows: list[dict[str, str]], townships_with_point: list[dict[str, str]], centres: dict[str, Place]
) -> list[Place]:
    waiting_for_point = {row["code"] for row in townships_with_point}
    clinics = []
    for row in rows:
        if row["level"] != "village":
            continue
        centre = centres[row["parent_code"]]
        clinics.append(
            Place(
                county_id=centre.county_id,
                code=f"{centre.code}-{row['code'][9:]}",
                name=_clinic_name(row["name"]),
                kind=Place.Kind.VILLAGE_CLINIC,
                township_id=row["parent_code"],
                division_id=row["code"],
                parent=centre,
                takes_donations=row["parent_code"] in waiting_for_point,
                hands_out=True,
            )
        )
        waiting_for_point.discard(row["parent_code"])
    return clinics


def _clinic_name(village: str) -> str:
    """贯洞村村民委员会 has the clinic 贯洞村卫生室, 贯洞社区居民委员会 the station 贯洞社区卫生服务站."""
    for committee in ("居民委员会", "居委会"):
        if village.endswith(committee):
            return village.removesuffix(committee) + "卫生服务站"
    for committee in ("村民委员会", "村委会", "委员会"):
        village = village.removesuffix(committee)
    return village + "卫生室"
