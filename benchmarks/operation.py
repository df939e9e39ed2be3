"""What an operation of the benchmark is: requests on prepared data, and beside them the floor for the same rows."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.views import APIView

from benchmarks.stage import County

# method, path, headers, body: as the load generator takes it
Call = tuple[str, str, dict[str, str], str]


@dataclass(frozen=True)
class Operation:
    """One line of the table.

    `bodies` prepares the data for so many calls and gives their bodies; `floor_rows` the same for the floor: JSON
    with everything that is to be written, references resolved. `bare` writes it as a plain DRF view would, and
    `statement` as one SQL statement (`%(call)s` is the JSON). `share` is the part of the run's calls it is given.
    """

    name: str
    token: Callable[[County], str]
    path: str
    bodies: Callable[[County, int], list[Any]]
    floor_rows: Callable[[County, int], list[Any]]
    bare: type[APIView]
    statement: str
    share: float = 1.0
    limit: str = ""

    def requests(self, county: County, count: int) -> list[Call]:
        headers = {"Authorization": f"Token {self.token(county)}", "Content-Type": "application/json"}
        return [
            (
                "POST",
                f"/api/v1/{self.path}",
                {**headers, "Idempotency-Key": str(uuid.uuid4())},
                json.dumps(body),
            )
            for body in self.bodies(county, count)
        ]

    def bare_requests(self, county: County, count: int) -> list[Call]:
        headers = {"Content-Type": "application/json"}
        return [
            ("POST", f"/{self.slug}/", headers, json.dumps(rows)) for rows in self.floor_rows(county, count)
        ]

    def statements(self, county: County, count: int) -> list[str]:
        return [json.dumps(rows) for rows in self.floor_rows(county, count)]

    @property
    def slug(self) -> str:
        return self.name.replace(" ", "-")
