"""Where the publisher drafts the internal report by unit."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from reports.pages.bulletin_desk import BulletinNewPage


class UnitReportPage(BulletinNewPage):
    title = _("Draft a report by unit")
    help = _(
        "An internal report: what each work unit gave, and what each health centre received and handed out. It is"
        " signed like a bulletin and is never public."
    )

    def route(self) -> str:
        return "bulletins/units/"

    def _first(self) -> str:
        """Left to the drafter: the days of these reports follow each other, not those of the bulletins."""
        return ""
