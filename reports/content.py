"""What a bulletin says: the content that is sealed and published, computed from the books."""

from __future__ import annotations

import base64
import datetime
import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from catalogue.queries import usual_packs
from core.days import next_open_day
from donations.models import Campaign
from organisation.models import County
from organisation.queries import policy_of
from reports.accounts import Identity
from reports.closing import not_closed
from reports.details import Row, allotted_rows, received_rows
from reports.figures import Figures, Period, figures
from reports.files.changes import changes_between
from reports.models import Bulletin
from reports.names import Named
from reports.queries import last_in_chain
from reports.small_cells import merge, merged_cells
from reports.townships import township_rows

SCHEMA = "donated-medicine-bulletin/1"


def bulletin_content(
    bulletin: Bulletin, named: list[Named], *, previous: str | None, at: datetime.datetime
) -> dict[str, Any]:
    """This period (本期) and all since the campaign began (累计), with the rows of this period behind the totals.

    `previous` is the hash of the county's bulletin before, so that none can be exchanged later; of the donors
    `named` beside it there are commitments only.
    """
    campaign, county = bulletin.campaign, bulletin.county
    period = Period(bulletin.period_start, bulletin.period_end)
    this_period = figures(county.pk, period)
    cumulative = figures(county.pk, cumulative_period(campaign, period))
    received = [_plain(row) for row in received_rows(county.pk, period)]
    allotted = [_plain(row) for row in allotted_rows(county.pk, period)]
    content: dict[str, Any] = {
        "schema": SCHEMA,
        "county": {"code": county.pk, "name": county.name, "time_zone": county.time_zone},
        "campaign": _campaign(campaign),
        "year": bulletin.year,
        "number": bulletin.number,
        "as_of": moment(at),
        "previous_sha256": previous,
        "this_period": public_figures(this_period),
        "cumulative": public_figures(cumulative),
        "received": received,
        "allotted": allotted,
        "townships": {
            "this_period": township_rows(county.pk, period),
            "cumulative": township_rows(county.pk, cumulative_period(campaign, period)),
        },
        "packs": usual_packs(row.code for row in [*this_period.rows, *cumulative.rows] if row.code),
        "names": sorted(each.commitment for each in named),
        "objection_days": policy_of(county.pk).objection_days,
        "table_identities": [
            identity.content() for identity in _table_identities(this_period, received, allotted)
        ],
    }
    if bulletin.kind == Bulletin.Kind.CLOSING:
        content |= {"kind": bulletin.kind, "not_closed": not_closed(content["cumulative"]["medicines"])}
    return content | (_correction(bulletin, content) if bulletin.corrects_id else {})


def _correction(bulletin: Bulletin, content: dict[str, Any]) -> dict[str, Any]:
    """Which edition is corrected, with its hash and signature, why, and what differs from it."""
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
        "changes": changes_between(json.loads(bytes(old.content or b"{}")), content),
    }


def preview(bulletin: Bulletin, *, at: datetime.datetime) -> dict[str, Any]:
    """What the bulletin says: the frozen content, or before it is published what it would say now."""
    if bulletin.content is not None:
        frozen: dict[str, Any] = json.loads(bytes(bulletin.content))
        return frozen
    last = last_in_chain(bulletin.county_id)
    return bulletin_content(bulletin, [], previous=last.sha256 if last else None, at=at)


def cumulative_period(campaign: Campaign, period: Period) -> Period:
    """From the campaign's first day to the end of the period."""
    return Period(min(campaign.starts_on, period.start), period.end)


def public_figures(found: Figures) -> dict[str, Any]:
    """Figures as anyone may read them: cells with few people behind them are merged."""
    content = found.content()
    people = found.counts.hand_outs_by_age
    content["counts"]["hand_outs_by_age"] = merge(people, merged_cells(people))
    for row, line in zip(found.rows, content["medicines"], strict=True):
        line["dispensed_by_age"] = merge(row.dispensed, merged_cells(row.hand_out_lines))
    return content


def live_figures(county: County, campaign: Campaign | None, on: datetime.date) -> dict[str, Any] | None:
    """The figures up to this day as anyone may read them; None where there is no campaign to count from."""
    if campaign is None:
        return None
    today = next_open_day(on, county.closed_through)
    return public_figures(figures(county.pk, cumulative_period(campaign, Period(today, today))))


def moment(at: datetime.datetime) -> str:
    return f"{at.astimezone(datetime.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _campaign(campaign: Campaign) -> dict[str, str]:
    return {
        "code": campaign.code,
        "name": campaign.name,
        "donee": campaign.donee.name,
        "coordinator": campaign.coordinator,
        "contact": campaign.contact,
        "supervision_phone": campaign.supervision_phone,
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
