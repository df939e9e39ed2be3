"""A county's first public page: the latest published figures, what is accepted, and where to bring it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from catalogue.law_references import basis_words
from catalogue.screening_facts import Outcome
from catalogue.screening_rules import ROWS
from core.days import local_day
from core.language import in_language
from donations.models import Campaign
from donations.queries import answering_now
from organisation.models import County, Place, Policy
from organisation.queries import policy_of
from reports.content import live_figures
from reports.files.boxes import Weights
from reports.files.summary import CHARTED, Summary, summaries
from reports.files.words import CATEGORIES, COUNTY_OWN, ENGLISH, local_moment
from reports.models import Bulletin
from reports.needs import asked_for, needed_most
from reports.pages.account import account_rows, without_empty
from reports.pages.answers import public_page, show
from reports.pages.charts import Chart
from reports.queries import county_by_code, current_campaign, drop_off_points, is_collecting, last_published
from reports.snapshot import snapshot

# As many drop-off points stand open on the page; more are folded by township.
UNFOLDED = 6


@dataclass(frozen=True)
class Town:
    """The drop-off points of a township, and whether they are seen without a click."""

    name: str
    points: Sequence[Place]
    unfolded: bool


@public_page
def county_page(request: HttpRequest, code: str) -> HttpResponse:
    """Figures as of the latest bulletin, what is accepted and refused and why, drop-off points with their hours."""
    county = county_by_code(code)
    policy = policy_of(county.pk)
    with snapshot():
        bulletin = last_published(county.pk)
        points = list(drop_off_points(county))
        on = local_day(county.time_zone)
        campaign = current_campaign(county.pk, on)
        shown = {
            "county": county,
            "campaign": campaign,
            "collecting": is_collecting(county.pk, on, campaign),
            "answering": answering_now(county.pk, on, policy),
            "bulletin": bulletin,
            "points": points,
            "towns": by_township(points),
            **_asked(campaign),
            "refusals": refusals(policy),
            "min_days": policy.min_days,
            "needs_told": policy.public_needs,
            "needed": needed_most(policy, campaign),
            "has_stock": policy.public_clinic_stock != Policy.ClinicStock.OFF,
            "figures": _figures(bulletin, county) if bulletin else None,
            "live": live_figures(county, campaign, on) if policy.public_live_figures else None,
        }
    return show("reports/county.html", shown)


def by_township(points: Sequence[Place]) -> list[Town]:
    """Drop-off points by township, the county's own first; folded where there are more than fit a telephone."""
    found: defaultdict[str, list[Place]] = defaultdict(list)
    for point in sorted(points, key=lambda each: each.township_id or ""):
        found[point.township.name if point.township else _word(COUNTY_OWN)].append(point)
    few = len(points) <= UNFOLDED
    return [Town(name, each, unfolded=few or each[0].township_id is None) for name, each in found.items()]


def _asked(campaign: Campaign | None) -> dict[str, Any]:
    """What the campaign asks for in words: categories with examples, and those that are not simply taken."""
    asked, comma = asked_for(campaign), in_language("、", ", ")

    def listed(categories: Sequence[str]) -> str:
        return comma.join(_category(name) for name in categories)

    return {
        "taken": [(_category(name), comma.join(examples)) for name, examples in asked.taken.items()],
        "looked_at": listed(asked.looked_at),
        "not_collected": listed(asked.not_collected),
    }


def _category(code: str) -> str:
    return _word(CATEGORIES.get(code, code))


def refusals(policy: Policy) -> list[dict[str, str]]:
    """What the counter refuses, each once, and by which law or rule."""
    days = policy.min_days
    bases: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for row in ROWS:
        if row.counter == Outcome.REFUSE:
            bases[in_language(row.zh, row.en).format(min_days=days)][basis_words(row.basis)] = None
    return [{"words": words, "basis": in_language("；", "; ").join(found)} for words, found in bases.items()]


def _figures(bulletin: Bulletin, county: County) -> dict[str, Any]:
    content = json.loads(bytes(bulletin.content or b"{}"))
    weights = Weights.of(content)
    heads, medicines = without_empty(account_rows(content["cumulative"]))
    return {
        "as_of": local_moment(content["as_of"], county.time_zone),
        "this_period": content["this_period"],
        "cumulative": content["cumulative"],
        "heads": heads,
        "medicines": medicines,
        "weighed_in": _word(weights.word),
        "weighed_note": _weighed_note(weights),
        "summaries": [_shown(at, summary, weights) for at, summary in enumerate(summaries(content), start=1)],
    }


def _shown(at: int, summary: Summary, weights: Weights) -> dict[str, Any]:
    words = {"接收": _("Received"), "分配": _("Allotted"), "发放": _("Handed out")}
    return {
        "head": _("By category") if summary.head == "类别" else _("By township"),
        "charts": [
            Chart(
                f"{at}-{each + 1}", words[word], _word(weights.unit), [(_word(name), n) for name, n in bars]
            )
            for each, (word, *_units) in enumerate(CHARTED)
            if (bars := summary.bars("cumulative", each))
        ],
        "rows": [{"name": _word(name), "cells": summary.row(name)} for name in summary.names],
        "merges": summary.merges,
    }


def _word(chinese: str) -> str:
    """A word of the frozen content in the reader's language; names of townships stay as they are."""
    return in_language(chinese, ENGLISH.get(chinese, chinese))


def _weighed_note(weights: Weights) -> str:
    """How the sums by township are to be read."""
    if weights.packs:
        words = _(
            "Boxes are counted by each medicine's usual size and rounded in every line, so that lines may add up to a"
            " little more or less than the county's figure. What is allotted counts where the clinic is."
        )
        return f"{words} {_('“—” in boxes: the usual size of none of the medicines is known.')}"
    return _(
        "A medicine counts as one kind in every township that has it, so that the townships may add up to more kinds"
        " than the county. What is allotted counts where the clinic is."
    )
