"""Races for days that close and numbers that follow each other."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.commands import Act, Caller, Done, run_command
from core.errors import DomainError
from donations.intake import DonationDraft, ItemDraft
from donations.models import CustodyEntry
from donations.services.registration import register_donation
from organisation.queries import policy_of
from reports.models import Bulletin
from tests.faults.races import Arena, Ends, Guard, Race, Start, dropped, rewritten, wins
from tests.plain_sql import execute, value
from tests.world import TODAY

DAY = datetime.timedelta(days=1)
FIRST_DAY = TODAY - 800 * DAY

CLOSED = Guard(
    "Closing a day takes the county's book alone, an entry takes it beside others and then looks whether its day is"
    " open (booking_day_open). Neither alone suffices: without the lock the closing does not see what is being"
    " written, without the rule whoever waited writes into the closed day.",
    apart="book",
    without=[
        dropped("booking_day_open"),
        rewritten("county_closes", "pg_advisory_xact_lock(", "("),
        rewritten("book_open", "pg_advisory_xact_lock_shared(", "("),
    ],
    meet="donations_donor|core_auditentry",
)


def close_through(day: datetime.date) -> None:
    execute("UPDATE organisation_county SET closed_through = %s WHERE code = '522633'", [day])


@dataclass(frozen=True)
class Told:
    """What a client would be told of a command that is given to its service, on a day of its own."""

    status_code: int
    code: str = ""

    def json(self) -> dict[str, str]:
        return {"code": self.code}


def command(act: Act, work: Callable[[], Done]) -> Told:
    try:
        answer = run_command(act=act, caller=Caller("POST race/", uuid.uuid4()), body={}, work=work)
    except DomainError as error:
        return Told(error.status, error.code)
    return Told(answer.status)


def begun_early(arena: Arena) -> None:
    """The campaign has days for many rounds."""
    arena.world.campaign.starts_on = FIRST_DAY
    arena.world.campaign.save(update_fields=["starts_on"])


def closing_day(arena: Arena) -> Start:
    """One rival closes a day and reads its entries; nothing may be booked on it later."""
    world = arena.world
    day = arena.memory["day"] = arena.memory.get("day", FIRST_DAY) + DAY
    begun_early(arena)
    clerk, signer = world.person("clerk"), world.person("signer")
    draft = DonationDraft(received_on=day, source_confirmed=True, kind="anonymous",
                          items=[ItemDraft(medicine=world.ibuprofen, quantity=5, lot_number="X", lot_state="read",
                                           expiry=str(TODAY + 400 * DAY), expiry_state="read",
                                           container="blister")])  # fmt: skip
    booked = CustodyEntry.objects.filter(booked_on=day)
    at_closing: list[int] = []

    def give() -> Any:
        act = Act(clerk.pk, world.county.pk, day)

        def work() -> Done:
            policy = policy_of(world.county.pk)
            register_donation(
                act=act, place=world.hospital, campaign=world.campaign, policy=policy, draft=draft
            )
            return Done({})

        return command(act, work)

    def close() -> Any:
        def work() -> Done:
            close_through(day)
            at_closing.append(booked.count())
            return Done({})

        return command(Act(signer.pk, world.county.pk, day), work)

    def settled(ends: Ends) -> tuple[Any, Any]:
        return (booked.count(), wins(ends)), (at_closing[-1], at_closing[-1] + 1)

    return Start([close, *[give] * (arena.rivals - 1)], settled)


NUMBER = Guard(
    "The county's row is held by who publishes, so that publishers take turns. Behind it stand bulletin_number_next"
    " and bulletin_periods_consecutive, which look at what is committed, and bulletin_number_once, which alone keeps"
    " out whoever took the same number at the same moment.",
    apart="book",
    without=[
        dropped("bulletin_number_once"),
        dropped("bulletin_number_next"),
        dropped("bulletin_periods_consecutive"),
        lambda: close_through(TODAY - DAY),  # or closing the days would hold the county's row
    ],
    unlocked="organisation_county|reports_bulletin",
    meet='MAX."reports_bulletin"."number"',
)


def published(arena: Arena) -> Start:
    """Two bulletins that begin on the same day, each to be signed by half of the rivals."""
    world = arena.world
    publisher = arena.once("publisher", lambda: world.signed("publisher"))
    begun_early(arena)
    last = Bulletin.objects.filter(state="published").order_by("-period_end").first()
    start = last.period_end + DAY if last else TODAY - 700 * DAY
    pks = []
    for length in range(2):
        body = {
            "campaign": world.campaign.code,
            "period_start": str(start),
            "period_end": str(start + length * DAY),
        }
        made = publisher.post("bulletins/", body)
        assert made.status_code == 201, made.json()
        pks.append(made.json()["id"])
        assert publisher.post(f"bulletins/{pks[-1]}/submit/").status_code == 200
    crowd = arena.crowd("signer")
    works = [partial(one.post, f"bulletins/{pks[n % 2]}/publish/") for n, one in enumerate(crowd)]

    def settled(ends: Ends) -> tuple[Any, Any]:
        numbers = sorted(Bulletin.objects.filter(state="published").values_list("number", flat=True))
        for pk in Bulletin.objects.filter(pk__in=pks, state="submitted").values_list("pk", flat=True):
            publisher.post(f"bulletins/{pk}/withdraw/", {"reason": "重叠"})
        return (wins(ends), numbers), (1, list(range(1, len(numbers) + 1)))

    return Start(works, settled)


EDITION = Guard(
    "bulletin_corrected_once decides alone; the service only looks first.",
    without=[dropped("bulletin_corrected_once")],
    meet='INSERT INTO "reports_bulletin"',
)


def corrected(arena: Arena) -> Start:
    pk = arena.once("bulletin", lambda: one_published(arena))
    crowd = arena.crowd("publisher")
    works = [partial(one.post, f"bulletins/{pk}/correct/", {"reason": "监督电话有误"}) for one in crowd]

    def settled(ends: Ends) -> tuple[Any, Any]:
        drafts = list(Bulletin.objects.filter(corrects=pk, state="draft").values_list("pk", flat=True))
        for draft in drafts:
            crowd[0].post(f"bulletins/{draft}/withdraw/", {"reason": "重来"})
        return (wins(ends), len(drafts)), (1, 1)

    return Start(works, settled)


def one_published(arena: Arena) -> int:
    start = published(arena)
    start.works[0]()
    start.settled(Ends())
    return int(value("SELECT max(id) FROM reports_bulletin WHERE state = 'published'"))


RACES = [
    Race("day closed and booked on", CLOSED, closing_day, frozenset({"day_closed"})),
    Race(
        "bulletins published at once",
        NUMBER,
        published,
        frozenset({"periods_not_consecutive", "bulletin_state"}),
    ),
    Race("bulletin corrected twice", EDITION, corrected, frozenset({"correction_open"})),
]
