"""Where the publisher drafts the internal report by unit, and attaches the scan of a stamped paper."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from core.api import act_of
from core.pages import Field
from reports.models import Bulletin
from reports.pages.bulletin_desk import BulletinNewPage, BulletinStepPage
from reports.queries import last_published
from reports.unit_api import ScanUpload


class UnitReportPage(BulletinNewPage):
    title = _("Draft a report by unit")
    help = _(
        "An internal report: what each work unit gave, and what each health centre received and handed out. It is"
        " signed like a bulletin and is never public."
    )

    def route(self) -> str:
        return "bulletins/units/"

    def _last(self) -> Bulletin | None:
        """The days of these reports follow each other, not those of the bulletins."""
        return last_published(act_of(self.request).county_id, (Bulletin.Kind.UNITS,))


class StampedScanPage(BulletinStepPage):
    title = _("Attach the stamped scan")
    help = _(
        "The paper as it was stamped, scanned as a PDF. It gets a hash and a signature of its own and stays; once"
        " only."
    )
    button = _("Attach")
    said = _("The scan is attached.")
    shape = ScanUpload
    step = "stamped"
    while_it_is = {"state": {"published"}, "stamped": {False}}

    def fields(self) -> Sequence[Field]:
        return [Field("/file", _("Scan (.pdf)"), "file", required=True, hints={"accept": ".pdf"})]
