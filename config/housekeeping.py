"""What the program does by itself every night, county by county.

Nothing rests on its having run: goods past their day cannot be planned, sent or handed out before it either.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

from django.utils import timezone

from core.audit import forget_addresses
from core.commands import SYSTEM, Act, Caller, Done, run_command
from distribution.services.priorities import rank_needs
from distribution.services.reservations import expire_reservations, overdue_reservations
from donations.retention import collectors_past
from donations.services.donors import anonymise_collectors, anonymise_donors
from inventory.queries.retention import donors_past
from inventory.queries.stock import expired_stock
from inventory.services.expiry import hold_expired
from organisation.attempts import tidy
from organisation.models import County
from organisation.queries import policy_of
from organisation.sign_ins import tidy_sign_ins
from reports.audit_checkpoints import make_checkpoint
from reports.guesses import tidy_guesses
from reports.queries import lacking_files
from reports.signing import make_files

ROUTE = "manage.py housekeeping"
# Balances that one command moves: a run that is cut short goes on where it stopped.
PORTION = 2000
# Shipments of which one command gives back what they hold.
SHIPMENTS = 200
# Donors whom one command forgets.
DONORS = 200


def keep_house(county_id: str, on: datetime.date) -> int:
    """The whole night's work: `keep_stock` before all else, then the files of bulletins that lack any.

    They lack some where the server died after publishing, or a new kind of file came since.
    """
    moved = keep_stock(county_id, on)
    for bulletin in lacking_files(county_id):
        make_files(bulletin, timezone.now())
    forget_identities(county_id, on)
    tidy()
    tidy_guesses()
    tidy_sign_ins()
    return moved


def keep_log() -> None:
    """Sign the day's checkpoint over the audit log of all counties; forget addresses that were kept long enough."""
    make_checkpoint()
    forget_addresses()


def keep_stock(county_id: str, on: datetime.date) -> int:
    """Put expired stock to held, give back what was promised and not sent in time, and rank what is needed most.

    As on the day `on`; says how many balances of expired stock moved.

    Runs twice, or twice at once, as if it had run once. Each portion is a command with its entry in the audit log,
    under the route above and no person.
    """
    moved = 0
    while expired_stock(county_id, on).exists():
        moved += _hold_portion(county_id, on)
    while overdue_reservations(county_id, on).exists() and _expire_portion(county_id, on):
        pass
    _command(county_id, on, _rank)
    return moved


def forget_identities(county_id: str, on: datetime.date) -> int:
    """Forget who donors are whose names nobody needs any more, as the county's policy says; how many.

    Each portion is a command with its entry in the audit log, and none is written where there is nobody to forget.
    """
    days = policy_of(county_id).identity_days
    if not days:
        return 0
    past, forgotten = donors_past(county_id, on=on, days=days), 0
    while past.exists():
        portion = _counted(
            county_id, on, "donors", lambda act: anonymise_donors(act=act, past=past, most=DONORS)
        )
        if not portion:
            break
        forgotten += portion
    rosters = collectors_past(county_id, on=on, days=days)
    if rosters.exists():
        _counted(county_id, on, "collectors", lambda act: anonymise_collectors(past=rosters))
    return forgotten


def _counted(county_id: str, on: datetime.date, whom: str, forget: Callable[[Act], int]) -> int:
    forgotten = 0

    def work(act: Act) -> Done:
        nonlocal forgotten
        forgotten = forget(act)
        return Done({}, f"{whom} anonymised: {forgotten}")

    _command(county_id, on, work)
    return forgotten


def _expire_portion(county_id: str, on: datetime.date) -> int:
    """How many promises lapsed; none where somebody else holds those that are left."""
    lapsed = 0

    def work(act: Act) -> Done:
        nonlocal lapsed
        lapsed = expire_reservations(act=act, most=SHIPMENTS)
        return Done({}, f"reservations expired: {lapsed}")

    _command(county_id, on, work)
    return lapsed


def _hold_portion(county_id: str, on: datetime.date) -> int:
    held = 0

    def work(act: Act) -> Done:
        nonlocal held
        held = hold_expired(act=act, most=PORTION)
        return Done({}, f"expired: {held}")

    _command(county_id, on, work)
    return held


def _rank(act: Act) -> Done:
    rank_needs(act.county_id, act.on)
    return Done({}, "priorities")


def _command(county_id: str, on: datetime.date, work: Callable[[Act], Done]) -> None:
    county = County.objects.get(pk=county_id)  # anew each time: its days may be closed in between
    act = Act(SYSTEM, county_id, on, county.closed_through)
    run_command(act=act, caller=Caller(ROUTE), body=None, work=lambda: work(act))
