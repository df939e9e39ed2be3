"""Reads of the intake room."""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext

from core.errors import Fault, Invalid, NotFound
from donations.identity import Identity, name_macs, phone_macs, unseal, unseal_file
from donations.models import (
    Campaign,
    Correction,
    Custody,
    CustodyEntry,
    CustodyKind,
    Donation,
    Donor,
    DonorIdentity,
    Handover,
    HandoverDonation,
    Item,
    ItemHoldings,
    RosterFile,
)
from organisation.models import Person, Place, Policy
from organisation.queries import townships

ANSWERING = ("contact", "supervision_phone")
GIVING = [CustodyKind.REGISTERED, CustodyKind.REFUSED, CustodyKind.CORRECTED, CustodyKind.VOIDED]


def answering_for(campaign: Campaign, policy: Policy) -> dict[str, str]:
    """Who answers to the public for a campaign: its own `contact` and `supervision_phone`, else its county's."""
    return {name: getattr(campaign, name) or getattr(policy, name) for name in ANSWERING}


def answering_now(county_id: str, on: datetime.date, policy: Policy) -> dict[str, str]:
    """Who answers to the public on a day: of each what a campaign says, open ones first, the newest of them first.

    A campaign that names nobody does not hide who is named by another; else it is the county's.
    """
    begun = Campaign.objects.filter(county_id=county_id, starts_on__lte=on)
    named = begun.order_by("-state", "-starts_on", "-id").values(*ANSWERING)
    return {
        name: next(filter(None, (row[name] for row in named)), getattr(policy, name)) for name in ANSWERING
    }


def reached_by(campaign: Campaign, policy: Policy) -> str:
    """The same as a donor's papers say it: whom to ask and a number to call, as far as there are any."""
    return "，".join(filter(None, answering_for(campaign, policy).values()))


def campaign_by_code(county_id: str, code: str, *, township: str | None = None) -> Campaign:
    """The county's open campaign with this code; the donor's township is looked up in the same statement."""
    known = Exists(townships(county_id).filter(code=township)) if township else Value(True)
    campaigns = Campaign.objects.filter(county_id=county_id, code=code, state=Campaign.State.OPEN)
    campaign = campaigns.annotate(township_known=known).first()
    if campaign is None:
        raise NotFound(pointer="/campaign")
    if not campaign.township_known:
        raise NotFound(pointer="/donor/township")
    return campaign


def donations_at(places: QuerySet[Place]) -> QuerySet[Donation]:
    """Donations registered at these places, newest first, with their items and where those stand."""
    items = Item.objects.select_related("medicine", "holdings").order_by("line")
    return (
        Donation.objects.filter(place__in=places)
        .select_related("place", "campaign", "donor")
        .prefetch_related(Prefetch("items", queryset=items))
        .order_by("-id")
    )


def donation_at(places: QuerySet[Place], pk: int) -> Donation:
    donation = donations_at(places).filter(pk=pk).first()
    if donation is None:
        raise NotFound
    return donation


def donation_alone(places: QuerySet[Place], pk: int) -> Donation:
    """The same without its items, for a command that locks them itself."""
    donation = donations_at(places).prefetch_related(None).filter(pk=pk).first()
    if donation is None:
        raise NotFound
    return donation


def item_at(places: QuerySet[Place], pk: int) -> Item:
    """An item whose units stand at one of these places."""
    item = Item.objects.filter(holdings__place__in=places, pk=pk).first()
    if item is None:
        raise NotFound
    return item


WAITING = datetime.timedelta(hours=48)


def donations_waiting(county_id: str, *, now: datetime.datetime, on: datetime.date) -> QuerySet[Donation]:
    """Donations of which something has been outside a pharmacy for over 48 hours, at a point or on its way.

    They wait since they were registered, or, where that was done later, since the end of the day they came in;
    `on` is the local day of `now`. The cost grows with what waits, not with the age of the books.
    """
    standing = ItemHoldings.objects.filter(county_id=county_id, place__sorts=False, at_point__gt=0)
    travelling = HandoverDonation.objects.filter(county_id=county_id, open=True)
    outside = standing.order_by().values("item__donation_id").union(travelling.values("donation_id"))
    long_ago = Q(registered_at__lt=now - WAITING) | Q(received_on__lt=on - WAITING)
    return Donation.objects.filter(long_ago, county_id=county_id, pk__in=outside)


def handovers_of(places: QuerySet[Place]) -> QuerySet[Handover]:
    """Handovers that these places sent or are to receive, newest first."""
    return (
        (Handover.objects.filter(from_place__in=places) | Handover.objects.filter(to_place__in=places))
        .select_related("from_place", "to_place")
        .order_by("-id")
    )


def handover_at(places: QuerySet[Place], pk: int) -> Handover:
    """One that these places sent or are to receive."""
    handover = handovers_of(places).filter(pk=pk).first()
    if handover is None:
        raise NotFound
    return handover


def items_of(donation_ids: Iterable[int]) -> QuerySet[Item]:
    return Item.objects.filter(donation_id__in=list(donation_ids)).select_related("holdings", "medicine")


def items_held(donation_ids: Iterable[int]) -> list[Item]:
    """The same in register order, locked: until the command ends nobody else moves or corrects their units."""
    standing = items_of(donation_ids).filter(holdings__isnull=False)
    return list(standing.select_for_update(of=("holdings",)).order_by("id"))


def identities_of(donor_ids: Iterable[int]) -> dict[int, Identity]:
    """Who these donors are; anonymous and erased ones are absent. Whoever calls this has it logged."""
    return {
        row.donor_id: unseal(bytes(row.sealed), county_id=row.county_id, donor_id=row.donor_id)
        for row in DonorIdentity.objects.filter(donor_id__in=list(donor_ids))
    }


def codes_bound(codes: Iterable[str]) -> set[str]:
    """Those of these receipt codes that a donation bears already, in whichever county."""
    wanted = list(codes)
    if not wanted:
        return set()
    return set(Donation.objects.filter(receipt_code__in=wanted).values_list("receipt_code", flat=True))


def items_left(donation: Donation) -> frozenset[int]:
    """The donation's items that were refused at the counter and left there for disposal."""
    left = CustodyEntry.objects.filter(item__donation=donation, kind=CustodyKind.LEFT_FOR_DISPOSAL)
    return frozenset(left.order_by().values_list("item_id", flat=True))


def given_by_item(item: OuterRef) -> Subquery:
    """The same sum as `given_of` for the item of a row around it; null where nothing was brought in."""
    entries = CustodyEntry.objects.filter(item=item, kind__in=GIVING).order_by()
    return Subquery(entries.values("item").annotate(units=_signed()).values("units"))


def given_of(items: QuerySet[Item]) -> dict[int, int]:
    """Units that each item brought in: as registered or refused, corrections netted, less what was voided."""
    entries = CustodyEntry.objects.filter(item__in=items, kind__in=GIVING)
    return dict(entries.values("item_id").annotate(units=_signed()).values_list("item_id", "units"))


def _signed() -> Sum:
    return Sum(
        Case(
            When(Q(kind=CustodyKind.VOIDED) | Q(to_state=Custody.OUTSIDE), then=-F("quantity")),
            default=F("quantity"),
            output_field=IntegerField(),
        )
    )


def roster_items(place: Place, start: datetime.date, end: datetime.date) -> QuerySet[Item]:
    """Items of donations received at a place from `start` to `end`, in the order in which they came."""
    return (
        Item.objects.filter(donation__place=place, donation__received_on__range=(start, end))
        .select_related("medicine", "donation__donor__township")
        .order_by("donation__received_on", "donation_id", "line")
    )


def campaigns_open(county_id: str, on: datetime.date) -> QuerySet[Campaign]:
    """The county's campaigns that take donations on this day, the newest first."""
    return Campaign.objects.filter(
        county_id=county_id, state=Campaign.State.OPEN, starts_on__lte=on, ends_on__gte=on
    ).order_by("-id")


def open_campaign_on(county_id: str, on: datetime.date) -> Campaign:
    """The county's one open campaign of this day; where there are several, one has to be named."""
    found = list(campaigns_open(county_id, on)[:2])
    if len(found) != 1:
        raise Invalid(faults=[Fault("/campaign", "required", gettext("Name the campaign."))])
    return found[0]


def roster_file_at(places: QuerySet[Place], pk: int) -> RosterFile:
    roster = RosterFile.objects.filter(pk=pk, place__in=places).first()
    if roster is None:
        raise NotFound
    return roster


def collector_of(roster: RosterFile) -> Identity:
    """Who brought a roster for many, if that was told. Whoever calls this has it logged."""
    if roster.collector is None:
        return Identity()
    plain = unseal_file(bytes(roster.collector), county_id=roster.county_id, file_id=roster.pk)
    return Identity(**json.loads(plain))


def roster_progress(roster: RosterFile) -> tuple[int, int] | None:
    """(donations registered so far, of how many) while the roster is being registered, else None."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE %s",
            [f"roster {roster.pk} %"],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    done, total = row[0].rpartition(" ")[2].split("/")
    return int(done), int(total)


def donation_within(places: QuerySet[Place], pk: int) -> Donation:
    """A donation that was registered at these places, or of which something stands there now."""
    county = Place.objects.filter(county__in=places.values("county")).distinct()
    here = Q(place__in=places) | Q(items__holdings__place__in=places)
    donation = donations_at(county).filter(pk=pk).filter(here).distinct().first()
    if donation is None:
        raise NotFound
    return donation


def corrections_at(places: QuerySet[Place]) -> QuerySet[Correction]:
    """Corrections of donations that were registered at these places, or of which something stands there now."""
    stands = Item.objects.filter(donation=OuterRef("donation"), holdings__place__in=places).order_by()
    names = Person.objects.filter(pk=OuterRef("corrected_by")).values("name")
    rows = Correction.objects.filter(Q(donation__place__in=places) | Exists(stands))
    return rows.select_related("donation__place").annotate(corrector=Subquery(names)).order_by("-id")


def waiting_corrections() -> Exists:
    """Whether units that a correction added still wait for somebody else to count them."""
    added = CustodyEntry.objects.filter(
        item__donation=OuterRef("donation"),
        command=OuterRef("command"),
        kind=CustodyKind.CORRECTED,
        to_state=Custody.AT_POINT,
        item__holdings__at_point__gt=0,
    )
    return Exists(added.order_by())


def entries_of(corrections: Sequence[Correction]) -> dict[uuid.UUID, list[CustodyEntry]]:
    """What these corrections wrote into the custody journal, by their commands. One statement."""
    entries = CustodyEntry.objects.filter(
        item__donation__in=[each.donation_id for each in corrections],
        command__in=[each.command for each in corrections],
    ).select_related("item__medicine", "item__holdings")
    found: dict[uuid.UUID, list[CustodyEntry]] = {}
    for entry in entries.order_by("id"):
        found.setdefault(entry.command, []).append(entry)
    return found


def donor_by_id(county_id: str, pk: int) -> Donor:
    """Any donor of the county."""
    donor = Donor.objects.filter(county_id=county_id, pk=pk).first()
    if donor is None:
        raise NotFound
    return donor


def donor_who_gave_at(places: QuerySet[Place], pk: int) -> Donor:
    """A donor of something that was registered at one of these places."""
    gave = Donation.objects.filter(donor=OuterRef("pk"), place__in=places)
    donor = Donor.objects.filter(Exists(gave), county__in=places.values("county"), pk=pk).first()
    if donor is None:
        raise NotFound
    return donor


def donors_known_as(county_id: str, name: str, phone: str, receipt_code: str = "") -> QuerySet[Donor]:
    """Donors with exactly this name, this phone and a donation of this code, of which those given count.

    Names and phones are found by keyed hashes, without unsealing.
    """
    known = {
        "identities__name_mac__in": name_macs(name),
        "identities__phone_mac__in": phone_macs(phone),
        "donations__receipt_code": receipt_code,
    }
    wanted = {field: value for field, value in known.items() if value}
    found = Donor.objects.filter(county_id=county_id, **wanted) if wanted else Donor.objects.none()
    return found.prefetch_related("donations").order_by("id")


def donors_called(county_id: str, words: str) -> QuerySet[Donor]:
    """Donors whose whole name or whose phone this is."""
    is_words = Q(identities__name_mac__in=name_macs(words))
    if phones := phone_macs(words):
        is_words |= Q(identities__phone_mac__in=phones)
    return Donor.objects.filter(is_words, county_id=county_id)


def donations_standing(place: Place) -> QuerySet[Donation]:
    """Donations of which something still stands where it was registered, in the order in which they came."""
    standing = ItemHoldings.objects.filter(county_id=place.county_id, place=place, at_point__gt=0)
    here = donations_at(Place.objects.filter(pk=place.pk))
    return here.filter(pk__in=standing.values("item__donation_id")).order_by("id")
