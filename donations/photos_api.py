"""Photos of donated goods over HTTP."""

from __future__ import annotations

import hashlib

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalogue.photos import PhotoError, kept_photo
from core.api import StrictSerializer, command, valid
from core.commands import Act, Done
from donations.photo_uploads import PhotoParser, photo_refused
from donations.queries import item_at
from donations.services.photos import keep_photo
from organisation.access import access_of


class PhotoInput(StrictSerializer):
    photo = serializers.FileField(allow_empty_file=True, max_length=255)


KEPT = inline_serializer(
    "KeptPhoto",
    {
        "id": serializers.IntegerField(),
        "item": serializers.IntegerField(),
        "number": serializers.IntegerField(help_text="Which photo of the item."),
    },
)


class ItemPhotos(APIView):
    parser_classes = [PhotoParser]

    @extend_schema(request={"multipart/form-data": PhotoInput}, responses={201: KEPT})
    def post(self, request: Request, pk: int) -> Response:
        """Keep a photo of an item, JPEG, PNG or WebP up to 10 MB, for a pharmacist who is not here.

        It is drawn anew at 1,600 pixels; place, time and device are not kept. At most six of an item.
        """
        content = valid(PhotoInput, request)["photo"].read()
        try:
            image = kept_photo(content)
        except PhotoError as error:
            raise photo_refused(error) from None

        def work(act: Act) -> Done:
            item = item_at(access_of(request).places(), pk)
            photo = keep_photo(act=act, item=item, image=image)
            return Done({"id": photo.pk, "item": pk, "number": photo.number}, f"item {pk}")

        return command(request, work, body=hashlib.sha256(content).hexdigest())
