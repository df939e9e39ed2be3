"""The season's bulletins: drafted by one, signed by another, each beginning where the last one ended."""

from __future__ import annotations

import datetime

from config.demo.stage import Stage
from donations.models import Campaign
from organisation.models import Role
from reports.services import draft_bulletin, publish_bulletin, submit_bulletin


class Telling:
    def __init__(self, stage: Stage, campaign: Campaign) -> None:
        self.stage, self.campaign = stage, campaign
        self.from_day = campaign.starts_on

    def publish(self, on: datetime.date) -> None:
        """Publish what happened since the last bulletin, up to the day before; no part goes on before that."""
        if self.stage.part.leads:
            self._publish(on)
        self.stage.part.meet()
        self.stage.county.refresh_from_db()

    def _publish(self, on: datetime.date) -> None:
        publisher, signer = self.stage.staff(Role.PUBLISHER), self.stage.staff(Role.SIGNER)
        until = on - datetime.timedelta(days=1)
        bulletin = self.stage.play(
            publisher,
            on,
            "api/v1/bulletins/",
            lambda act: draft_bulletin(
                act=act, campaign=self.campaign, period_start=self.from_day, period_end=until
            ),
        )
        self.stage.play(
            publisher,
            on,
            "api/v1/bulletins/<int:pk>/submit/",
            lambda act: submit_bulletin(act=act, bulletin=bulletin),
        )
        self.stage.play(
            signer,
            on,
            "api/v1/bulletins/<int:pk>/publish/",
            lambda act: publish_bulletin(act=act, bulletin=bulletin),
        )
        self.from_day = on
