"""What a bulletin says: the content that is sealed and published, computed from the books."""

from __future__ import annotations

import base64
import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from catalogue.queries import usual_packs
from core.days import next_open_day
from donations.models import Campaign
from donations.queries import answering_for
from organisation.models import County, Policy
from organisation.queries import policy_of
from reports.accounts import Identity
from reports.closing import not_closed
from reports.details import Row, allotted_rows, received_rows
from reports.figures import Figures, Period, figures
from reports.files.changes import changes_between
from reports.models import Bulletin
from reports.names import Named
from reports.public_figures import Books, books, published_before
from reports.small_cells import LEAST, Breakdowns
from reports.townships import NO_TOWNSHIPS

# What differs between the contents of two editions.
Changes = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]
DAY = datetime.timedelta(days=1)
SCHEMA = "donated-medicine-bulletin/2"  # 1, of which editions are kept, told no maker in table A


def bulletin_content(
    bulletin: Bulletin, named: list[Named], *, previous: str | None, at: datetime.datetime
) -> dict[str, Any]:
    """This period (本期) and all since the campaign began (累计), with the rows of this period behind the totals.

    `previous` is the hash of the county's bulletin before, so that none can be exchanged later; of the donors
    `named` beside it there are commitments only.
    """
    policy = policy_of(bulletin.county_id)
    content = {
        "schema": SCHEMA,
        **edition_head(bulletin, policy, previous=previous, at=at),
        **_told(bulletin),
        "names": sorted(each.commitment for each in named),
        "objection_days": policy.objection_days,
    }
    if bulletin.kind == Bulletin.Kind.CLOSING:
        content |= {"kind": bulletin.kind, "not_closed": not_closed(content["cumulative"]["medicines"])}
    return content | (correction(bulletin, content, changes_between) if bulletin.corrects_id else {})


def edition_head(
    bulletin: Bulletin, policy: Policy, *, previous: str | None, at: datetime.datetime
) -> dict[str, Any]:
    """Which edition it is, of which county and campaign, as of which moment, after which one."""
    return {
        "county": _county(bulletin.county),
        "campaign": _campaign(bulletin.campaign, policy),
        "year": bulletin.year,
        "number": bulletin.number,
        "as_of": moment(at),
        "previous_sha256": previous,
    }


def _told(bulletin: Bulletin) -> dict[str, Any]:
    """The figures of both spans, and the rows of the period behind them."""
    county, period = bulletin.county_id, Period(bulletin.period_start, bulletin.period_end)
    span = cumulative_period(bulletin.campaign, period)
    this_period, whole = books(county, period), books(county, span)
    this_shown, whole_shown = _shown(bulletin, span, this_period, whole)
    received = [_plain(row) for row in received_rows(county, period)]
    allotted = [_plain(row) for row in allotted_rows(county, period)]
    rows = [*this_period.found.rows, *whole.found.rows]
    return {
        "this_period": this_period.figures_as(this_shown),
        "cumulative": whole.figures_as(whole_shown),
        "least_people": LEAST,
        "received": received,
        "allotted": allotted,
        "townships": {
            "this_period": this_period.townships_as(this_shown),
            "cumulative": whole.townships_as(whole_shown),
        },
        "packs": usual_packs(county, (row.code for row in rows if row.code)),
        "table_identities": [
            identity.content() for identity in _table_identities(this_period.found, received, allotted)
        ],
    }


def _shown(
    bulletin: Bulletin, span: Period, this_period: Books, whole: Books
) -> tuple[Breakdowns, Breakdowns]:
    """How people are broken down in the period and since the beginning.

    A closing account tells all days once more and has no period of its own to merge.
    """
    if bulletin.kind == Bulletin.Kind.CLOSING:
        earlier = published_before(bulletin.campaign, span, ended_by=bulletin.period_end)
        return whole.carried_on(earlier), whole.carried_on(earlier)
    earlier = published_before(bulletin.campaign, span, ended_by=bulletin.period_start - DAY)
    shown = this_period.shown()
    return shown, whole.carried_on(earlier, shown)


def correction(bulletin: Bulletin, content: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """Which edition is corrected, with its hash and signature, why, and what `changes` find between the two."""
    old = Bulletin.objects.filter(county_id=bulletin.county_id).get(pk=bulletin.corrects_id or 0)
    signature = base64.b64encode(bytes(old.signature or b"")).decode()
    return {
        "corrects": {
            "year": old.year,
            "number": old.number,
            "sha256": old.sha256,
            "key": old.key_id,
            "signature": signature,
            "reason": bulletin.reason,
        },
        "changes": changes(json.loads(bytes(old.content or b"{}")), content),
    }


def cumulative_period(campaign: Campaign, period: Period) -> Period:
    """From the campaign's first day to the end of the period."""
    return Period(min(campaign.starts_on, period.start), period.end)


def live_figures(county: County, campaign: Campaign | None, on: datetime.date) -> dict[str, Any] | None:
    """The figures up to this day as anyone may read them; None where there is no campaign to count from.

    People are broken down as the last edition has them, for of two readings of one day the difference would be a
    person; who came since stands in `other`.
    """
    if campaign is None:
        return None
    today = next_open_day(on, county.closed_through)
    span = cumulative_period(campaign, Period(today, today))
    whole = Books(figures(county.pk, span), NO_TOWNSHIPS)
    return whole.figures_as(whole.carried_on(published_before(campaign, span, ended_by=today)))


def moment(at: datetime.datetime) -> str:
    return f"{at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _county(county: County) -> dict[str, str]:
    return {"code": county.pk, "name": county.name, "time_zone": county.time_zone}


def _campaign(campaign: Campaign, policy: Policy) -> dict[str, str]:
    return {
        "code": campaign.code,
        "name": campaign.name,
        "donee": campaign.donee.name,
        "coordinator": campaign.coordinator,
        **answering_for(campaign, policy),
    }


def _plain(row: Row) -> Row:
    days = {name: str(value) for name, value in row.items() if isinstance(value, datetime.date)}
    plain = {**row, **days, "quantity": row["units"]}
    del plain["units"]
    return plain


def _table_identities(found: Figures, received: list[Row], allotted: list[Row]) -> Iterable[Identity]:
    """That the rows published with the totals add up to them."""
    table_a, table_b = _sums(received), _sums(allotted)
    for line in found.rows:
        yield Identity("table_a", line.code, table_a[line.code], line.items["registered"])
        yield Identity("table_b", line.code, table_b[line.code], line.allotted)


def _sums(rows: list[Row]) -> Counter[str | None]:
    sums: Counter[str | None] = Counter()
    for row in rows:
        sums[row["medicine"]] += row["quantity"]
    return sums
