"""A donor's rights over their own data (个人信息保护法 art. 15, 45–47): consent, a copy, deletion."""

from __future__ import annotations

from core.commands import Act
from core.errors import NotFound
from donations.errors import DonorErased
from donations.models import Donor, DonorIdentity, ReturnCollector


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
    donor = locked_donor(act, donor)
    DonorIdentity.objects.filter(donor=donor).delete()
    ReturnCollector.objects.filter(donor_return__donation__donor=donor).delete()
    donor.publish = Donor.Publish.ANONYMOUS
    donor.township = None
    donor.save(update_fields=["publish", "township"])


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
