"""Screens as a person sees them who is signed in: shared by the tests of this room's screens."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client

from organisation.models import Person


class Screen:
    """A browser without a browser: pages of one person, in English."""

    def __init__(self, person: Person) -> None:
        self.client = Client(headers={"Accept": "text/html", "Accept-Language": "en"})
        self.client.force_login(person)

    def get(self, address: str) -> Any:
        return self.client.get(address)

    def shown(self, address: str) -> str:
        answer = self.get(address)
        assert answer.status_code == 200, answer
        return html.unescape(answer.content.decode())

    def send(self, address: str, form: dict[str, Any], *, key: str = "") -> Any:
        """The form of this address with the key that it was shown with."""
        return self.client.post(address, {"key": key or key_in(self.get(address)), **form})


def key_in(answer: Any) -> str:
    found = re.search(r'name="key" value="([^"]+)"', answer.content.decode())
    assert found, "a form bears a key"
    return found[1]


def wrong_fields(answer: Any) -> list[str]:
    """The names of the fields at which the page says that something is wrong."""
    text = answer.content.decode()
    return re.findall(r'name="(/[^"]+)"[^>]*aria-invalid="true"', text)


def words(answer: Any) -> str:
    return html.unescape(answer.content.decode())
