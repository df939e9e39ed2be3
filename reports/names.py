"""爱心名单: the donors who agreed to be named, published beside a bulletin and sealed by salted commitments.

A commitment is the SHA-256 of the canonical bytes of name, salt and schema; it stands in the bulletin, name and salt
beside it. Who withdraws the consent disappears from every edition's list at once (个人信息保护法 art. 15, 25, 47),
the bulletin's bytes stay as they were signed, and the hash of a name whose 32 random bytes are gone tells nothing.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from core.masking import NAMELESS, published_name
from donations.identity import Identity, seal_name, unseal_name
from donations.models import CustodyEntry, CustodyKind, Donation, Donor
from donations.queries import identities_of
from reports.models import Bulletin
from reports.models.names import NamedDonor
from reports.seal import canonical, fingerprint

NAMES_SCHEMA, NAME_SCHEMA = "donated-medicine-names/1", "donated-medicine-name/1"
SALT_BYTES = 32


@dataclass(frozen=True)
class Named:
    """A donor as an edition names them; `opening` is what the commitment is over."""

    donor: Donor
    opening: dict[str, str]

    @property
    def commitment(self) -> str:
        return fingerprint(canonical(self.opening))


def names_told(bulletin: Bulletin) -> list[Named]:
    """The donors of the period who agree to be named, each with a fresh salt, for the bulletin that is being signed.

    Their consent is held until the transaction ends, so that no withdrawal falls between reading and keeping.
    """
    agreeing = list(_agreeing(bulletin).select_for_update(no_key=True))
    identities = identities_of(donor.pk for donor in agreeing)
    named = [(donor, _shown(donor, identities.get(donor.pk, Identity()))) for donor in agreeing]
    return [
        Named(donor, {"schema": NAME_SCHEMA, "name": name, "salt": secrets.token_hex(SALT_BYTES)})
        for donor, name in named
        if name != NAMELESS
    ]


def keep_names(bulletin: Bulletin, named: list[Named]) -> None:
    """Keep what opens the commitments of a published edition."""
    NamedDonor.objects.bulk_create(
        NamedDonor(
            county_id=bulletin.county_id,
            bulletin=bulletin,
            donor=each.donor,
            shown=str(each.donor.publish),
            commitment=each.commitment,
            opening=seal_name(canonical(each.opening), county_id=bulletin.county_id, donor_id=each.donor.pk),
        )
        for each in named
    )


def names_document(bulletin: Bulletin) -> dict[str, Any]:
    """The list as anyone may have it now, in the order of the commitments; `withdrawn`: how many are gone."""
    kept = NamedDonor.objects.filter(county=bulletin.county_id, bulletin=bulletin).order_by("commitment")
    openings = [
        json.loads(unseal_name(bytes(row.opening), county_id=row.county_id, donor_id=row.donor_id))
        for row in kept
        if row.opening is not None
    ]
    return {
        "schema": NAMES_SCHEMA,
        "bulletin": bulletin.sha256,
        "entries": [{"name": each["name"], "salt": each["salt"]} for each in openings],
        "withdrawn": len(kept) - len(openings),
    }


def _agreeing(bulletin: Bulletin) -> QuerySet[Donor]:
    """Donors of whom something was taken in these days, and not voided afterwards."""
    entries = CustodyEntry.objects.filter(county_id=OuterRef("county_id"), item__donation=OuterRef("pk"))
    given = Donation.objects.filter(
        Exists(entries.filter(kind=CustodyKind.REGISTERED)),
        ~Exists(entries.filter(kind=CustodyKind.VOIDED)),
        county=bulletin.county_id,
        booked_on__range=(bulletin.period_start, bulletin.period_end),
        found_in__isnull=True,
    )
    agreeing = Donor.objects.filter(county=bulletin.county_id, publish__in=NamedDonor.Shown.values)
    return agreeing.filter(pk__in=given.values("donor")).order_by("pk")


def _shown(donor: Donor, identity: Identity) -> str:
    unit = donor.kind == Donor.Kind.WORK_UNIT
    name = (identity.work_unit or identity.name) if unit else identity.name
    return published_name(name, kind=donor.kind, publish=donor.publish)
