"""Rosters from elsewhere: looked at first, then registered as a whole or not at all."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet

from catalogue.models import Medicine
from catalogue.queries import open_recalls
from catalogue.recalls import OpenRecalls
from core.commands import Act
from core.errors import DomainError, Fault
from core.language import in_language
from core.spreadsheets import SheetRefused, read_spreadsheet
from donations.custody import write_custody
from donations.errors import NotADropOffPoint, RosterGone, RosterHasErrors, RosterUnreadable
from donations.identity import (
    Identity,
    name_mac,
    phone_mac,
    seal,
    seal_collector,
    seal_file,
    unseal_file,
)
from donations.intake import NOTHING_KNOWN, DonationDraft, ItemDraft, Judgement, Known, judge_item
from donations.known import known_of_drafts
from donations.models import (
    Campaign,
    Donation,
    Donor,
    DonorIdentity,
    Item,
    RosterDonation,
    RosterFile,
)
from donations.roster_import import CellFault, Imported, ImportedDonation, fault_at, read_roster_rows
from donations.roster_import_cells import CellRefused
from donations.roster_import_medicines import MedicineIndex
from donations.roster_repeats import repeats_of
from donations.services.registration import (
    BATCH,
    check_draft,
    first_steps,
    item_row,
    receipt_code_of,
    write_boxes,
)
from organisation.models import Division, Place, Policy
from organisation.work_units import right_counters

OWN_ROSTER = CellFault(
    2,
    "A",
    "own_roster",
    "这是本接收点自己的花名册，所列捐赠均已登记；再次导入会重复",
    "This is this place's own roster: what it lists is registered already and would be registered twice.",
)
CHUNK = 500
KEPT_DAYS = 7


@dataclass(frozen=True)
class Judged:
    """A donation of the roster with the judgement of each item, and the fingerprint it is known by."""

    draft: DonationDraft
    judgements: Sequence[Judgement]
    fingerprint: bytes


@dataclass
class Preview:
    """What a roster holds. `repeats`: donations that the books have already; `repeated_rows`: where those begin that
    no earlier roster brought in these words, but the counter."""

    rows: int
    faults: list[CellFault]
    fresh: list[Judged] = field(default_factory=list)
    repeats: int = 0
    repeated_rows: Sequence[int] = ()
    # Work units on the roster that hand in elsewhere, and where.
    elsewhere: dict[str, Place] = field(default_factory=dict)

    @property
    def items(self) -> int:
        return sum(len(judged.judgements) for judged in self.fresh)

    @property
    def outcomes(self) -> dict[str, int]:
        """Items that would be, or were, registered, by what screening says."""
        said = Counter(str(each.screening.outcome) for judged in self.fresh for each in judged.judgements)
        return dict(sorted(said.items()))


def upload_roster(
    *,
    act: Act,
    place: Place,
    campaign: Campaign,
    policy: Policy,
    content: bytes,
    collector: Identity | None = None,
) -> tuple[RosterFile, Preview]:
    """Look at a roster without registering anything: every bad cell by row and column, or what it would bring.

    `collector` is who brings it for many, such as a unit's collector: each person on it is a donor all the same.
    Raises RosterUnreadable for what is no roster at all.
    """
    if not place.takes_donations or not place.active:
        raise NotADropOffPoint(pointer="/place")
    preview = _preview(act, place, campaign, policy, content)
    _let_go(act)
    roster = RosterFile.objects.create(
        county_id=act.county_id,
        place=place,
        campaign=campaign,
        faults=len(preview.faults),
        rows=preview.rows,
        uploaded_by=act.actor_id,
        uploaded_at=act.at,
    )
    _keep(roster, b"" if preview.faults else content, collector)
    return roster, preview


def _keep(roster: RosterFile, content: bytes, collector: Identity | None) -> None:
    if content:
        roster.sealed = seal_file(content, county_id=roster.county_id, file_id=roster.pk)
    if collector:
        roster.collector = seal_collector(collector, county_id=roster.county_id, file_id=roster.pk)
    roster.save(update_fields=["sealed", "collector"])


def commit_roster(*, act: Act, roster: RosterFile, policy: Policy) -> Preview:
    """Register the whole roster, or nothing; what the books have already is left out.

    The file is read and judged again: the day, the catalogue and the books may have moved since the preview.
    """
    roster = RosterFile.objects.select_for_update().select_related("place", "campaign").get(pk=roster.pk)
    if roster.committed_at:
        return Preview(roster.rows, [], repeats=roster.donations.count())
    if roster.faults:
        raise RosterHasErrors
    if roster.sealed is None:
        raise RosterGone
    content = unseal_file(bytes(roster.sealed), county_id=act.county_id, file_id=roster.pk)
    preview = _preview(act, roster.place, roster.campaign, policy, content, hold=True)
    if preview.faults:
        raise RosterHasErrors(
            faults=[
                Fault(f"/{each.row}/{each.column}", each.code, in_language(each.message, each.message_en))
                for each in preview.faults
            ]
        )
    for start in range(0, len(preview.fresh), CHUNK):
        _note_progress(roster, start, len(preview.fresh))
        _register(act, roster, preview.fresh[start : start + CHUNK])
    roster.sealed, roster.committed_by, roster.committed_at = None, act.actor_id, act.at
    roster.save(update_fields=["sealed", "committed_by", "committed_at"])
    return preview


def _preview(
    act: Act, place: Place, campaign: Campaign, policy: Policy, content: bytes, *, hold: bool = False
) -> Preview:
    try:
        rows = read_spreadsheet(content)
    except SheetRefused as error:
        words = in_language(error.message, error.message_en)
        raise RosterUnreadable(faults=[Fault("/file", error.code, words)]) from None
    towns = Division.objects.filter(county_id=act.county_id, level=Division.Level.TOWNSHIP)
    imported = read_roster_rows(
        rows,
        medicines=MedicineIndex(Medicine.objects.all()),
        townships={town.name: town.code for town in towns},
    )
    if printed_of_these_books(place, imported):
        return Preview(0, [OWN_ROSTER])
    repeats = repeats_of(place, policy, imported.donations)
    judged, faults = _judge(act, place, campaign, policy, imported, repeats.prints, repeats.known, hold=hold)
    fresh = [each for each in judged if each.fingerprint not in repeats.known]
    faults = sorted([*imported.faults, *faults], key=lambda fault: (fault.row, fault.column))
    elsewhere = {} if faults else right_counters(place, (each.draft.identity.work_unit for each in fresh))
    return Preview(imported.rows, faults, fresh, len(judged) - len(fresh), repeats.rows, elsewhere)


def printed_of_these_books(place: Place, imported: Imported) -> bool:
    """Whether it is the place's own roster of days of which its donations stand in the books already."""
    head = imported.printed
    if head is None or head.start is None or head.place != place.name:
        return False
    return Donation.objects.filter(place=place, received_on__range=(head.start, head.end)).exists()


def _judge(
    act: Act,
    place: Place,
    campaign: Campaign,
    policy: Policy,
    imported: Imported,
    prints: Sequence[bytes],
    repeated: Collection[bytes],
    *,
    hold: bool,
) -> tuple[list[Judged], list[CellFault]]:
    """Judge every donation of the roster; of those that are not registered again nothing is looked up."""
    judged: list[Judged] = []
    faults: list[CellFault] = []
    pairs = list(zip(imported.donations, prints, strict=True))
    fresh = [donation.draft for donation, mark in pairs if mark not in repeated]
    looked_up = iter(known_of_drafts(act.county_id, campaign, fresh, on=act.on, hold=hold))
    recalls = open_recalls(act.county_id)
    for donation, mark in pairs:
        known = [NOTHING_KNOWN for _row in donation.rows] if mark in repeated else next(looked_up)
        faults += _donation_faults(act, place, campaign, imported, donation)
        judgements = []
        for row, item, about in zip(donation.rows, donation.draft.items, known, strict=True):
            try:
                judgements.append(_judge_item(act, place, campaign, policy, item, recalls, about))
            except DomainError as error:
                faults += [_cell_fault(imported, row, fault) for fault in error.faults]
        judged.append(Judged(donation.draft, judgements, mark))
    return judged, faults


def _judge_item(
    act: Act,
    place: Place,
    campaign: Campaign,
    policy: Policy,
    item: ItemDraft,
    recalls: OpenRecalls,
    known: Known,
) -> Judgement:
    return judge_item(
        item, campaign=campaign, policy=policy, on=act.on, recalls=recalls, known=known, place_id=place.pk
    )


def _donation_faults(
    act: Act, place: Place, campaign: Campaign, imported: Imported, donation: ImportedDonation
) -> list[CellFault]:
    try:
        check_draft(act, place, campaign, donation.draft)
    except DomainError as error:
        return [_cell_fault(imported, donation.rows[0], fault) for fault in error.faults]
    return []


_COLUMNS = {"received_on": "day", "name": "name", "expiry": "expiry"}


def _cell_fault(imported: Imported, row: int, fault: Fault) -> CellFault:
    if imported.header is None:
        raise AssertionError("a donation was read without a header")
    column = _COLUMNS.get(fault.pointer.rpartition("/")[2], "medicine")
    refused = CellRefused(fault.code, str(fault.message), str(fault.message))
    return fault_at(imported.header, row, column, refused)


def _register(act: Act, roster: RosterFile, chunk: Sequence[Judged]) -> None:
    """Seven statements for as many donations as a chunk holds."""
    donors = Donor.objects.bulk_create(_donor(act, each.draft) for each in chunk)
    DonorIdentity.objects.bulk_create(
        _identity(act, donor, each.draft)
        for donor, each in zip(donors, chunk, strict=True)
        if each.draft.identity
    )
    donations = Donation.objects.bulk_create(
        _donation(act, roster, donor, each.draft) for donor, each in zip(donors, chunk, strict=True)
    )
    rows = [
        item_row(act, donation, line, judgement)
        for donation, each in zip(donations, chunk, strict=True)
        for line, judgement in enumerate(each.judgements, start=1)
    ]
    written = Item.objects.bulk_create(rows, batch_size=BATCH)
    write_boxes(zip(written, (judgement for each in chunk for judgement in each.judgements), strict=True))
    items = iter(written)
    steps = [
        step
        for each in chunk
        for step in first_steps(roster.place, each.draft, [next(items) for _ in each.judgements])
    ]
    write_custody(steps, act=act)
    RosterDonation.objects.bulk_create(
        RosterDonation(
            county_id=act.county_id, roster=roster, donation=donation, fingerprint=each.fingerprint
        )
        for donation, each in zip(donations, chunk, strict=True)
    )


def _donor(act: Act, draft: DonationDraft) -> Donor:
    return Donor(
        county_id=act.county_id, kind=draft.kind, publish=draft.publish, township_id=draft.township_id
    )


def _identity(act: Act, donor: Donor, draft: DonationDraft) -> DonorIdentity:
    return DonorIdentity(
        county_id=act.county_id,
        donor=donor,
        sealed=seal(draft.identity, county_id=act.county_id, donor_id=donor.pk),
        name_mac=name_mac(draft.identity.name),
        phone_mac=phone_mac(draft.identity.phone),
    )


def _donation(act: Act, roster: RosterFile, donor: Donor, draft: DonationDraft) -> Donation:
    return Donation(
        county_id=act.county_id,
        campaign=roster.campaign,
        place=roster.place,
        donor=donor,
        receipt_code=receipt_code_of(None),
        received_on=draft.received_on,
        booked_on=act.booked,
        registered_by=act.actor_id,
        registered_at=act.at,
        source_confirmed=draft.source_confirmed,
        unfit=draft.unfit,
    )


def _let_go(act: Act) -> None:
    """Files that nobody registered name donors all the same: they are not kept longer than needed (PIPL art. 19)."""
    oldest = act.at - datetime.timedelta(days=KEPT_DAYS)
    old: QuerySet[RosterFile] = RosterFile.objects.filter(
        county_id=act.county_id, sealed__isnull=False, uploaded_at__lt=oldest
    )
    old.update(sealed=None)


def _note_progress(roster: RosterFile, done: int, total: int) -> None:
    """How far registering has come, for others to see: nothing else of an open transaction is visible to them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('application_name', %s, true)", [f"roster {roster.pk} {done}/{total}"]
        )
