"""A small county of real places and medicines, with one person for each role, in which tests play."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from rest_framework.response import Response
from rest_framework.test import APIClient

from catalogue.models import Medicine
from core.commands import Act
from core.days import local_day
from donations.models import Campaign
from organisation.authentication import issue_token
from organisation.models import County, Division, Person, Place, Role, RoleGrant

TODAY = local_day("Asia/Shanghai")
PASSWORD = "a long enough password"


@dataclass
class Signed:
    """A person signed in to the API; writes carry a fresh Idempotency-Key unless one is given."""

    person: Person
    client: APIClient = field(default_factory=APIClient)

    def __post_init__(self) -> None:
        token, _row = issue_token(self.person)
        self.client.credentials(HTTP_AUTHORIZATION=f"Token {token}")

    def get(self, route: str, **query: Any) -> Response:
        return self.client.get(f"/api/v1/{route}", query)

    def post(self, route: str, body: Any = None, *, key: uuid.UUID | None = None) -> Response:
        return self._write("post", route, body, key)

    def put(self, route: str, body: Any = None, *, key: uuid.UUID | None = None) -> Response:
        return self._write("put", route, body, key)

    def patch(self, route: str, body: Any = None, *, key: uuid.UUID | None = None) -> Response:
        return self._write("patch", route, body, key)

    def _write(self, method: str, route: str, body: Any, key: uuid.UUID | None) -> Response:
        send = getattr(self.client, method)
        headers = {"Idempotency-Key": str(key or uuid.uuid4())}
        return send(f"/api/v1/{route}", {} if body is None else body, format="json", headers=headers)


class World:
    """从江县 with a hospital pharmacy, an office, a health centre and two of its village clinics; 黄平县 beside it.

    `signed("clerk")` is the API as that role; `person("clerk")` the person behind it.
    """

    def __init__(self) -> None:
        # Few statements: this stands before some thousands of tests.
        self.county, self.neighbour = County.objects.bulk_create(
            [County(code="522633", name="从江县"), County(code="522622", name="黄平县")]
        )
        self.township = self._division("522633100", "贯洞镇", self.county)
        self.hospital, self.office, self.centre, self.foreign_place = Place.objects.bulk_create(
            [
                self._new_place("P-522633-01", "从江县中医院北院药房", "hospital", takes=True, sorts=True),
                self._new_place("P-522633-02", "从江县卫生健康局", "bureau", takes=True),
                self._new_place(
                    "P-522633-10", "贯洞镇卫生院", "health_centre", takes=True, sorts=True, hands_out=True
                ),
                Place(
                    code="P-522622-01", name="黄平县人民医院药房", county=self.neighbour, kind="hospital",
                    takes_donations=True, sorts=True, hands_out=True,
                ),
            ]
        )  # fmt: skip
        self.villages = Place.objects.bulk_create(
            self._new_place(f"P-522633-1{n}", name, "village_clinic", hands_out=True, parent=self.centre)
            for n, name in enumerate(["干团村卫生室", "宰门村卫生室"], start=1)
        )
        self.ibuprofen, self.paracetamol = Medicine.objects.bulk_create(
            [
                tablets("M009a", "布洛芬片", "0.1g", "ibuprofen"),
                tablets("M001b", "对乙酰氨基酚片", "0.5g", "paracetamol"),
            ]
        )
        self.campaign = Campaign.objects.create(
            county=self.county,
            code="C-522633-2022",
            name="余药捐赠",
            starts_on=TODAY - datetime.timedelta(days=60),
            ends_on=TODAY + datetime.timedelta(days=60),
            donee=self.hospital,
            coordinator="从江县卫生健康局",
            contact="从江县卫生健康局办公室",
            supervision_phone="12345",
        )
        self._people: dict[str, Person] = {}

    def _division(self, code: str, name: str, county: County) -> Division:
        return Division.objects.create(code=code, county=county, level=Division.Level.TOWNSHIP, name=name)

    def _place(self, code: str, name: str, kind: str, **fields: Any) -> Place:
        place = self._new_place(code, name, kind, **fields)
        place.save()
        return place

    def _new_place(
        self,
        code: str,
        name: str,
        kind: str,
        *,
        takes: bool = False,
        sorts: bool = False,
        hands_out: bool = False,
        parent: Place | None = None,
    ) -> Place:
        return Place(
            county=self.county,
            code=code,
            name=name,
            kind=kind,
            takes_donations=takes,
            sorts=sorts,
            hands_out=hands_out,
            parent=parent,
            township=self.township if kind in {"health_centre", "village_clinic"} else None,
        )

    def _medicine(self, *of: str) -> Medicine:
        medicine = tablets(*of)
        medicine.save()
        return medicine

    def person(
        self,
        role: str,
        place: Place | None = None,
        *,
        name: str = "",
        foreign: bool = False,
        township: Division | None = None,
    ) -> Person:
        """One person of the role; places default to the hospital (clinic staff: the health centre)."""
        key = name or f"{role}-{place.code if place else ''}-{foreign}-{township.pk if township else ''}"
        if key not in self._people:
            county = self.neighbour if foreign else self.county
            person = Person.objects.create(
                username=f"{key}-{uuid.uuid4().hex[:6]}", name=role, county=county, must_change_password=False
            )
            self.grant(person, role, place, township)
            self._people[key] = person
        return self._people[key]

    def grant(
        self, person: Person, role: str, place: Place | None = None, township: Division | None = None
    ) -> None:
        needs_place = role in {Role.CLERK, Role.CHECKER, Role.PHARMACIST, Role.CLINIC}
        if needs_place and place is None:
            if person.county_id != self.county.pk:
                place = self.foreign_place
            else:
                place = self.centre if role == Role.CLINIC else self.hospital
        RoleGrant.objects.create(
            person=person, county_id=person.county_id, role=role, place=place, township=township
        )

    def signed(
        self,
        role: str,
        place: Place | None = None,
        *,
        name: str = "",
        foreign: bool = False,
        township: Division | None = None,
    ) -> Signed:
        return Signed(self.person(role, place, name=name, foreign=foreign, township=township))

    def act(self, role: str = "pharmacist", *, on: datetime.date | None = None) -> Act:
        """A deed of this role's person, for calling services directly."""
        return self.act_of(self.person(role), on=on)

    def act_of(self, person: Person, *, on: datetime.date | None = None) -> Act:
        self.county.refresh_from_db()
        return Act(
            actor_id=person.pk,
            county_id=self.county.pk,
            on=on or TODAY,
            closed_through=self.county.closed_through,
        )


def tablets(code: str, name: str, strength: str, inn: str) -> Medicine:
    """A medicine of the catalogue, not yet written."""
    return Medicine(
        code=code,
        generic_name=name,
        inn=inn,
        category="antipyretic",
        dosage_form="片剂",
        strength=strength,
        smallest_unit="片",
        rx_otc="OTC",
        loose_ok="dep",
        donation_default="accept",
    )


def item(**fields: Any) -> dict[str, Any]:
    """An item of a donation as the API takes it: 20 tablets of ibuprofen, label read, in date."""
    later = TODAY + datetime.timedelta(days=400)
    return {
        "medicine": "M009a",
        "lot_number": "2203051",
        "lot_state": "read",
        "expiry": f"有效期至{later:%Y年%m月%d日}",
        "expiry_state": "read",
        "quantity": 20,
        "container": "blister",
        **fields,
    }


def donation(**fields: Any) -> dict[str, Any]:
    """A donation as the API takes it."""
    return {
        "campaign": "C-522633-2022",
        "place": "P-522633-01",
        "received_on": str(TODAY),
        "source_confirmed": True,
        "donor": {"kind": "person", "name": "张三", "phone": "13800138000"},
        "items": [item()],
        **fields,
    }
