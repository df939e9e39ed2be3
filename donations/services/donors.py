"""A donor's rights over their own data (个人信息保护法 art. 15, 45–47): consent, a copy, deletion."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from core.commands import Act
from core.errors import NotFound
from donations.errors import DonorErased
from donations.models import Donor, DonorIdentity, ReturnCollector, RosterFile


def change_consent(*, act: Act, donor: Donor, publish: str | None) -> None:
    """Note how far the donor now agrees to be named; a withdrawal counts from this moment (art. 15).

    Raises DonorErased: who was forgotten stays forgotten, and can no longer be asked.
    """
    donor = locked_donor(act, donor)
    if is_erased(donor):
        raise DonorErased
    donor.publish = publish
    donor.save(update_fields=["publish"])


def erase_donor(*, act: Act, donor: Donor) -> None:
    """Forget who the donor is; what was given stays in the books, given by nobody (art. 47).

    What the donor gave is found afterwards by the receipt code only.
    """
    forget_donors(act=act, donors=[locked_donor(act, donor).pk])


def forget_donors(*, act: Act, donors: Sequence[int]) -> None:
    """Forget who these donors are, which the command holds; consent goes too, and with it their names in every
    edition (a trigger of the reports). Five statements, however many they are."""
    DonorIdentity.objects.filter(county_id=act.county_id, donor__in=donors).delete()
    ReturnCollector.objects.filter(county_id=act.county_id, donor_return__donation__donor__in=donors).delete()
    Donor.objects.filter(county_id=act.county_id, pk__in=donors).update(
        publish=Donor.Publish.ANONYMOUS, township=None
    )


def anonymise_donors(*, act: Act, past: QuerySet[Donor], most: int) -> int:
    """Forget who up to `most` of these donors are (art. 19, 47); how many. Those that somebody else holds wait."""
    held = past.select_for_update(no_key=True, skip_locked=True, of=("self",)).order_by("pk")
    donors = list(held.values_list("pk", flat=True)[:most])
    if donors:
        forget_donors(act=act, donors=donors)
    return len(donors)


def anonymise_collectors(*, past: QuerySet[RosterFile]) -> int:
    """Forget who brought these rosters; how many."""
    return past.update(collector=None)


def locked_donor(act: Act, donor: Donor) -> Donor:
    """The county's donor, held until the command ends: consent and deletion judge one after the other."""
    held = Donor.objects.select_for_update(no_key=True).filter(county_id=act.county_id, pk=donor.pk).first()
    if held is None:
        raise NotFound
    return held


def is_erased(donor: Donor) -> bool:
    """Everybody but the anonymous is registered with a name; where none is left, it was erased."""
    named = donor.kind != Donor.Kind.ANONYMOUS
    return named and not DonorIdentity.objects.filter(donor=donor).exists()
