"""A donor's rights over their own data (个人信息保护法 art. 15, 45–47): consent, a copy, deletion."""

from __future__ import annotations

from core.commands import Act
from core.errors import NotFound
from donations.models import Donor, DonorIdentity


def change_consent(*, act: Act, donor: Donor, publish: str | None) -> None:
    """Note how far the donor now agrees to be named; a withdrawal counts from this moment (art. 15)."""
    if donor.county_id != act.county_id:
        raise NotFound
    donor.publish = publish
    donor.save(update_fields=["publish"])


def erase_donor(*, act: Act, donor: Donor) -> None:
    """Forget who the donor is; what was given stays in the books, given by nobody (art. 47).

    What the donor gave is found afterwards by the receipt code only.
    """
    if donor.county_id != act.county_id:
        raise NotFound
    DonorIdentity.objects.filter(donor=donor).delete()
    donor.publish = Donor.Publish.ANONYMOUS
    donor.township = None
    donor.save(update_fields=["publish", "township"])
