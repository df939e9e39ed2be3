"""What waits for a person: counted per role they hold, each with the list of the API behind it.

Goods that wait too long outside a pharmacy are counted for each place by itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.queries import recalls_in_force
from distribution.models import Plan, Shipment
from distribution.outlook import chosen, clinic_outlook
from distribution.queries import shipments_of
from distribution.spot_checks import overdue_checks, spot_checks_at, to_rectify
from distribution.swaps import swaps_of
from distribution.unusual import Days, unusual_hand_outs
from distribution.urgent_issues import not_countersigned, overdue, urgent_issues_of
from donations.models import Handover, ItemHoldings
from donations.queries import donations_waiting
from donations.unfit import goods_in_bins, unclaimed
from inventory.models import Balance, State
from inventory.models.counts import CountLine, StockCount
from inventory.models.destructions import Destruction
from inventory.queries.conversions import to_confirm
from inventory.queries.devices import device_uses_at, overdue_loans, to_call_back
from inventory.queries.proposals import awaiting_confirmation
from inventory.queries.recalls import inquiries, open_notices
from inventory.queries.sorting import sorting_queue
from organisation.access import Access
from organisation.models import Place
from organisation.models import Role as R
from reports.calendar import due_days
from reports.drills import drills_lacking
from reports.models import Bulletin
from reports.questions import overdue_questions, own_questions

DAY = datetime.timedelta(days=1)
SOON = 30 * DAY
WEEK = 7 * DAY
# What waits longer than these is a warning.
SORTED_WITHIN, ARRIVED_WITHIN = 7 * DAY, 3 * DAY
PUBLISH_WITHIN = 3 * DAY
Places = QuerySet[Place]


@dataclass(frozen=True)
class Duty:
    """One kind of waiting thing: whose it is, and how many there are."""

    code: str
    title: Any
    roles: frozenset[str]
    link: str
    rows: Callable[[Access, Places], QuerySet[Any] | list[Any]]
    # The reference to the place by which the count is split, if any.
    by: str = ""


def to_do_list(access: Access) -> list[dict[str, Any]]:
    """What waits for the person's roles, counted, a constant number of statements each; zero is an answer too."""
    on, held = access.reach.on, access.reach.roles
    days = {
        "today": on,
        "later": on + SOON + DAY,
        "week_ago": on - WEEK,
        "sorted_since": on - SORTED_WITHIN,
        "sent_since": on - ARRIVED_WITHIN,
    }
    return [
        {
            "code": duty.code,
            "title": str(duty.title),
            **_counted(duty, duty.rows(access, access.reach.places(duty.roles & held))),
            "link": "/api/v1/" + duty.link.format(**days),
        }
        for duty in DUTIES
        if duty.roles & held
    ]


def _counted(duty: Duty, rows: QuerySet[Any] | list[Any]) -> dict[str, Any]:
    if isinstance(rows, list):
        return {"count": len(rows)}
    if not duty.by:
        return {"count": rows.count()}
    named = {"code": F(f"{duty.by}__code"), "name": F(f"{duty.by}__name")}
    places = list(rows.order_by().values(**named).annotate(count=Count("pk")).order_by("code"))
    return {"count": sum(place["count"] for place in places), "places": places}


def _roles(*names: R) -> frozenset[str]:
    return frozenset(str(name) for name in names)


def _waiting(*, sorts: bool) -> Callable[[Access, Places], QuerySet[Any]]:
    """Donations of which something still stands where it was registered."""

    def rows(access: Access, places: Places) -> QuerySet[Any]:
        standing = ItemHoldings.objects.filter(
            county_id=access.county_id, place__in=places.filter(sorts=sorts), at_point__gt=0
        )
        return standing.order_by().values("item__donation_id").distinct()

    return rows


def _holding(state: str) -> Callable[[Access, Places], QuerySet[Any]]:
    def rows(access: Access, places: Places) -> QuerySet[Any]:
        return ItemHoldings.objects.filter(
            Q(**{f"{state}__gt": 0}), county_id=access.county_id, place__in=places
        )

    return rows


def _late(access: Access, places: Places) -> QuerySet[Any]:
    waiting = donations_waiting(access.county_id, now=timezone.now(), on=access.reach.on)
    return waiting.filter(place__in=places)


def _under_way(access: Access, places: Places) -> QuerySet[Any]:
    sent = Handover.objects.filter(county_id=access.county_id, state=Handover.State.OPEN)
    return sent.filter(from_place__in=places)


def _unclaimed(access: Access, places: Places) -> QuerySet[Any]:
    return unclaimed(goods_in_bins(places), access.reach.on)


def _handovers(access: Access, places: Places) -> QuerySet[Any]:
    return Handover.objects.filter(
        county_id=access.county_id, state=Handover.State.OPEN, to_place__in=places
    ).exclude(handed_over_by=access.person.pk)


def _on_shelf(access: Access, places: Places) -> QuerySet[Balance]:
    return Balance.objects.filter(
        county_id=access.county_id, account__place__in=places, state=State.AVAILABLE, quantity__gt=0
    )


def _expiring(access: Access, places: Places) -> QuerySet[Any]:
    on = access.reach.on
    return _on_shelf(access, places).filter(batch__last_usable_day__range=(on, on + SOON))


def _outlook(choice: str) -> Callable[[Access, Places], list[Any]]:
    """Medicines at clinics of which the outlook is such."""

    def rows(access: Access, places: Places) -> list[Any]:
        return chosen(clinic_outlook(access.county_id, places, access.reach.on), **{choice: True})

    return rows


def _swaps(access: Access, places: Places) -> list[Any]:
    return swaps_of(access.county_id, places, access.reach.on)


def _expired(access: Access, places: Places) -> QuerySet[Any]:
    return _on_shelf(access, places).filter(batch__last_usable_day__lt=access.reach.on)


def _to_witness(access: Access, places: Places) -> QuerySet[Any]:
    proposed = Destruction.objects.filter(county_id=access.county_id, state=Destruction.State.PROPOSED)
    return proposed.filter(place__in=places, witness_id=access.person.pk)


def _counts(access: Access, places: Places) -> QuerySet[Any]:
    """Finished counts of which this person counted nothing."""
    finished = StockCount.objects.filter(county_id=access.county_id, state=StockCount.State.FINISHED)
    own = Q(finished_by=access.person.pk) | Q(
        Exists(CountLine.objects.filter(count=OuterRef("pk"), counted_by=access.person.pk))
    )
    return finished.filter(~own, place__in=places)


def _to_dispatch(access: Access, places: Places) -> QuerySet[Any]:
    reserved = Shipment.objects.filter(county_id=access.county_id, state=Shipment.State.RESERVED)
    return reserved.filter(from_place__in=places)


def _to_receive(access: Access, places: Places) -> QuerySet[Any]:
    on_the_road = Shipment.objects.filter(county_id=access.county_id, state=Shipment.State.DISPATCHED)
    return on_the_road.filter(to_place__in=places).exclude(dispatched_by=access.person.pk)


def _unsorted(access: Access, places: Places) -> QuerySet[Any]:
    queue: QuerySet[Any] = sorting_queue(access.county_id, places)
    return queue.filter(waiting_since__lt=access.reach.on - SORTED_WITHIN)


def _overdue(access: Access, places: Places) -> QuerySet[Any]:
    """On the road too long, a matter for both ends."""
    sent = shipments_of(places).filter(state=Shipment.State.DISPATCHED)
    return sent.filter(dispatched_on__lt=access.reach.on - ARRIVED_WITHIN)


def _plans(access: Access, places: Places) -> QuerySet[Any]:
    """Plans that somebody else made, of the approver's township where the role is for one."""
    submitted = Plan.objects.filter(county_id=access.county_id, state=Plan.State.SUBMITTED)
    grants = [grant for grant in access.reach.grants if grant.role == R.APPROVER]
    if all(grant.township_id for grant in grants):
        submitted = submitted.filter(township_id__in=[grant.township_id for grant in grants])
    return submitted.exclude(planned_by=access.person.pk)


def _to_countersign(access: Access, places: Places) -> QuerySet[Any]:
    return not_countersigned(urgent_issues_of(places)).exclude(issued_by=access.person.pk)


def _not_countersigned(access: Access, places: Places) -> QuerySet[Any]:
    return overdue(urgent_issues_of(places), timezone.now())


def _to_rectify(access: Access, places: Places) -> QuerySet[Any]:
    return to_rectify(spot_checks_at(places))


def _not_rectified(access: Access, places: Places) -> QuerySet[Any]:
    return overdue_checks(spot_checks_at(places), access.reach.on)


def _rectified(access: Access, places: Places) -> QuerySet[Any]:
    """To be looked at again, by another person than who put it right."""
    answered = spot_checks_at(places).filter(state="rectified")
    return answered.exclude(rectified_by=access.person.pk)


def _unusual(access: Access, places: Places) -> list[Any]:
    on = access.reach.on
    return unusual_hand_outs(places, Days(on - WEEK, on))


def _notices(access: Access, places: Places) -> QuerySet[Any]:
    return open_notices(places)


def _reactions(access: Access, places: Places) -> QuerySet[Any]:
    """Suspected reactions of which no recall of the lot has been made, and which nobody has lifted."""
    return inquiries(access.county_id)


def _local_recalls(access: Access, places: Places) -> QuerySet[Any]:
    return recalls_in_force(access.county_id).filter(place__isnull=False)


def _labels(access: Access, places: Places) -> QuerySet[Any]:
    return to_confirm(access.county_id, places, access.person.pk)


def _alone(access: Access, places: Places) -> QuerySet[Any]:
    """What a colleague who is alone at their place proposed, wherever in the county."""
    return awaiting_confirmation(access.county_id).exclude(proposed_by=access.person.pk)


def _loans_overdue(access: Access, places: Places) -> QuerySet[Any]:
    return overdue_loans(device_uses_at(places), access.reach.on)


def _to_call_back(access: Access, places: Places) -> QuerySet[Any]:
    return to_call_back(device_uses_at(places))


def _drafts(access: Access, places: Places) -> QuerySet[Any]:
    return Bulletin.objects.filter(county_id=access.county_id, state=Bulletin.State.DRAFT)


def _due(*, overdue: bool) -> Callable[[Access, Places], list[Any]]:
    """Campaigns that have to publish within three days, or should have."""

    def rows(access: Access, places: Places) -> list[Any]:
        found = due_days(access.person.county, access.policy, access.reach.on)
        return [due for due in found if due.overdue == overdue and due.days_left <= PUBLISH_WITHIN.days]

    return rows


def _to_sign(access: Access, places: Places) -> QuerySet[Any]:
    submitted = Bulletin.objects.filter(county_id=access.county_id, state=Bulletin.State.SUBMITTED)
    return submitted.exclude(drafted_by=access.person.pk)


def _questions(access: Access, places: Places) -> QuerySet[Any]:
    return own_questions(access.county_id, access.person.pk)


def _questions_overdue(access: Access, places: Places) -> QuerySet[Any]:
    return overdue_questions(access.county_id, access.reach.on)


def _drills(access: Access, places: Places) -> list[str]:
    return drills_lacking(timezone.now())


SORTERS = _roles(R.PHARMACIST, R.LEAD_PHARMACIST)
LEAD = _roles(R.LEAD_PHARMACIST)
SHELVES = _roles(R.PHARMACIST, R.CLINIC)
COUNTERS = _roles(R.PHARMACIST, R.LEAD_PHARMACIST, R.CHECKER)
WITNESSES = _roles(R.PHARMACIST, R.LEAD_PHARMACIST, R.CHECKER, R.CLINIC, R.CLERK)
DESK = _roles(R.CLERK, R.PHARMACIST)
SENDERS = _roles(R.CLERK, R.PHARMACIST, R.LEAD_PHARMACIST)

DUTIES = (
    Duty("hand_over", _("donations to hand over"), DESK, "donations/?standing=hand_over",
         _waiting(sorts=False)),
    Duty("count", _("donations to count"), COUNTERS, "donations/?standing=count", _waiting(sorts=True)),
    Duty("waiting", _("donations outside a pharmacy for over 48 hours"), SENDERS, "donations/?waiting=true",
         _late, by="place"),
    Duty("under_way", _("handovers sent and not received yet"), SENDERS, "handovers/?state=open", _under_way,
         by="from_place"),
    Duty("receive", _("handovers to receive"), COUNTERS, "handovers/?state=open", _handovers),
    Duty("sort", _("items to sort"), SORTERS, "sorting-queue/?standing=counted", _holding("counted")),
    Duty("in_doubt", _("items in doubt"), SORTERS, "sorting-queue/?standing=in_doubt", _holding("in_doubt")),
    Duty("confirm", _("decisions of one person to confirm"), SORTERS, "sortings/awaiting/", _alone),
    Duty("reactions", _("suspected adverse reactions to judge"), LEAD, "recalls/?kind=reaction&open=true",
         _reactions),
    Duty("local_recalls", _("recalls of single places to look at"), LEAD, "recalls/?open=true", _local_recalls),
    Duty("labels", _("corrections of labels to confirm"), SORTERS, "relabellings/?state=proposed", _labels),
    Duty("recalls", _("recalls to acknowledge"), SHELVES | LEAD, "recalls/?unacknowledged=true", _notices),
    Duty("unclaimed", _("unfit goods that nobody fetched in time"), SENDERS, "unfit-goods/?unclaimed=1", _unclaimed),
    Duty("unsorted", _("items unsorted for more than 7 days"), SORTERS,
         "sorting-queue/?waiting_before={sorted_since}", _unsorted),
    Duty("expiring", _("batches with 30 days or less"), SHELVES,
         "stock/?state=available&expires_from={today}&expires_before={later}", _expiring),
    Duty("expired", _("batches past their last day"), SHELVES,
         "stock/?state=available&expires_before={today}", _expired),
    Duty("wasting", _("medicines that will expire before their expected use"), SHELVES,
         "clinic-outlook/?wasting=true", _outlook("wasting")),
    Duty("below_reserve", _("medicines below the reserve"), SHELVES, "clinic-outlook/?below_reserve=true",
         _outlook("below_reserve")),
    Duty("swaps", _("swaps between clinics to arrange"), _roles(R.ALLOCATOR), "swaps/", _swaps),
    Duty("witness", _("destructions to witness"), WITNESSES, "destructions/?state=proposed", _to_witness),
    Duty("counts", _("counts to approve"), COUNTERS, "counts/?state=finished", _counts),
    Duty("dispatch", _("shipments to send"), SHELVES, "shipments/?status=reserved", _to_dispatch),
    Duty("arrivals", _("shipments to receive"), SHELVES, "shipments/?status=dispatched", _to_receive),
    Duty("overdue", _("shipments on the road for more than 3 days"), SHELVES,
         "shipments/?status=dispatched&dispatched_before={sent_since}", _overdue),
    Duty("loans_overdue", _("lent devices not given back in time"), SHELVES, "device-uses/?overdue=true",
         _loans_overdue),
    Duty("call_back", _("recalled devices to call back"), SHELVES, "device-uses/?call_back=true", _to_call_back),
    Duty("approve", _("plans to approve"), _roles(R.APPROVER), "plans/?status=submitted", _plans),
    Duty("countersign", _("urgent issues to countersign"), _roles(R.APPROVER), "urgent-issues/?open=true",
         _to_countersign),
    Duty("countersign_late", _("urgent issues not countersigned within 24 hours"),
         _roles(R.APPROVER, R.ALLOCATOR, R.LEAD_PHARMACIST, R.AUDITOR), "urgent-issues/?overdue=true",
         _not_countersigned),
    Duty("rectify", _("findings of spot checks to rectify"), SHELVES | _roles(R.CLERK), "spot-checks/?state=open",
         _to_rectify),
    Duty("rectify_late", _("findings not rectified by their deadline"), SHELVES | _roles(R.CLERK, R.AUDITOR),
         "spot-checks/?due_before={today}", _not_rectified),
    Duty("rectified", _("rectified findings to look at again"), _roles(R.AUDITOR), "spot-checks/?state=rectified",
         _rectified),
    Duty("unusual", _("unusual hand-outs of the last 7 days"), _roles(R.AUDITOR),
         "unusual-hand-outs/?from={week_ago}", _unusual),
    Duty("publish", _("campaigns that publish within 3 days"), _roles(R.PUBLISHER), "bulletin-calendar/",
         _due(overdue=False)),
    Duty("publish_late", _("campaigns past their day of publishing"), _roles(R.PUBLISHER, R.SIGNER),
         "bulletin-calendar/?overdue=true", _due(overdue=True)),
    Duty("submit", _("bulletins to lay before the signer"), _roles(R.PUBLISHER), "bulletins/?state=draft",
         _drafts),
    Duty("questions", _("questions of the public to answer"), _roles(R.PUBLISHER, R.ADMINISTRATOR),
         "questions/?mine=true", _questions),
    Duty("questions_overdue", _("questions past their last day"), _roles(R.PUBLISHER, R.ADMINISTRATOR),
         "questions/?overdue=true", _questions_overdue),
    Duty("restore_drill", _("restores to rehearse: none went well within a day"), _roles(R.ADMINISTRATOR),
         "restore-drills/", _drills),
    Duty("sign", _("bulletins to sign"), _roles(R.SIGNER), "bulletins/?state=submitted", _to_sign),
)  # fmt: skip
