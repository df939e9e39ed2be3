"""The reports room over HTTP, for people who are signed in: bulletins, to-do lists, the audit log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api import act_of, command, valid
from core.commands import Act, Done
from organisation.access import Access, access_of
from organisation.lists import ScopedList
from reports.editions import preview
from reports.models import Bulletin
from reports.queries import bulletin_of, bulletins_of, campaign_of, published
from reports.serializers import (
    BulletinAtWorkShape,
    BulletinInput,
    BulletinShape,
    ClosingInput,
    NewEditionInput,
    TakenBackInput,
)
from reports.services import (
    correct_bulletin,
    draft_bulletin,
    draft_closing_account,
    publish_bulletin,
    send_back_bulletin,
    submit_bulletin,
    withdraw_bulletin,
)
from reports.signing import make_files
from reports.snapshot import snapshot
from reports.todo import to_do_list


class BulletinFilter(django_filters.FilterSet):
    class Meta:
        model = Bulletin
        fields = ["state", "year", "kind"]


class BulletinList(ScopedList[Bulletin]):
    """The county's bulletins, the newest first."""

    model = Bulletin
    serializer_class = BulletinShape
    filterset_class = BulletinFilter

    def rows(self, access: Access) -> QuerySet[Bulletin]:
        return bulletins_of(access.county_id)

    @extend_schema(request=BulletinInput, responses={201: BulletinAtWorkShape})
    def post(self, request: Request) -> Response:
        """Draft the bulletin of a period, which ends today at the latest.

        Periods of a county follow each other without gap or overlap; the first may begin on any day.
        """
        fields = valid(BulletinInput, request)

        def work(act: Act) -> Done:
            campaign = campaign_of(act.county_id, fields["campaign"])
            return _done(draft_bulletin(act=act, **{**fields, "campaign": campaign}), status=201)

        return command(request, work)


class ClosingAccount(APIView):
    @extend_schema(request=ClosingInput, responses={201: BulletinAtWorkShape})
    def post(self, request: Request) -> Response:
        """Draft the closing account (总公示) of a campaign that is over: all its days, all its tables.

        It ends with the last published bulletin and names what is not closed. Published, it has an archive of every
        edition.
        """
        fields = valid(ClosingInput, request)

        def work(act: Act) -> Done:
            campaign = campaign_of(act.county_id, fields["campaign"])
            return _done(draft_closing_account(act=act, campaign=campaign), status=201)

        return command(request, work)


class BulletinDetail(APIView):
    @extend_schema(responses=BulletinAtWorkShape)
    def get(self, request: Request, pk: int) -> Response:
        """A bulletin with its `content`: as frozen once it is published, as the books stand now before that."""
        with snapshot():
            bulletin = bulletin_of(access_of(request).county_id, pk)
            content = preview(bulletin, at=act_of(request).at)
        return Response({**BulletinAtWorkShape(bulletin).data, "content": content})


class BulletinSubmit(APIView):
    @extend_schema(request=None, responses=BulletinAtWorkShape)
    def post(self, request: Request, pk: int) -> Response:
        """Lay a draft before the signer."""
        return command(request, _step(pk, submit_bulletin))


class BulletinSendBack(APIView):
    @extend_schema(request=TakenBackInput, responses=BulletinAtWorkShape)
    def post(self, request: Request, pk: int) -> Response:
        """Give a bulletin that waits for its signature back to its drafter."""
        return command(request, _step(pk, send_back_bulletin, **valid(TakenBackInput, request)))


class BulletinWithdraw(APIView):
    @extend_schema(request=TakenBackInput, responses=BulletinAtWorkShape)
    def post(self, request: Request, pk: int) -> Response:
        """Give up a draft, or a bulletin that waits for its signature; it had no number, so none is missing."""
        return command(request, _step(pk, withdraw_bulletin, **valid(TakenBackInput, request)))


class BulletinCorrect(APIView):
    @extend_schema(request=NewEditionInput, responses={201: BulletinAtWorkShape})
    def post(self, request: Request, pk: int) -> Response:
        """Draft a correction (更正公示) of a published edition; it lists what changed, and is signed by another."""
        fields = valid(NewEditionInput, request)

        def work(act: Act) -> Done:
            bulletin = bulletin_of(act.county_id, pk)
            return _done(correct_bulletin(act=act, bulletin=bulletin, **fields), status=201)

        return command(request, work)


class BulletinPublish(APIView):
    @extend_schema(request=None, responses=BulletinAtWorkShape)
    def post(self, request: Request, pk: int) -> Response:
        """Sign and publish: the days up to the period's end are closed, the figures numbered, sealed and frozen.

        By another person than the drafter. A period may end today: what happens later today is booked tomorrow.
        """
        answer = command(request, _step(pk, publish_bulletin))
        # Not within the command, which holds up the county while it lasts; a repeat makes up what is missing.
        make_files(published(Bulletin.Kind).defer(None).get(pk=pk), timezone.now())
        return answer


def _step(pk: int, service: Callable[..., Bulletin], **fields: Any) -> Callable[[Act], Done]:
    return lambda act: _done(service(act=act, bulletin=bulletin_of(act.county_id, pk), **fields))


def _done(bulletin: Bulletin, status: int = 200) -> Done:
    return Done(dict(BulletinAtWorkShape(bulletin).data), f"bulletin {bulletin.pk}", status)


class ToDoView(APIView):
    def get(self, request: Request) -> Response:
        """What waits for the signed-in person, counted, with the list behind each count."""
        access = access_of(request)
        return Response({"on": access.reach.on, "duties": to_do_list(access)})
