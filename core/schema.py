"""What every route of the API has in common, told to the OpenAPI document."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from core.exports import Csv, Xlsx

FILE = {"schema": {"type": "string", "format": "binary", "description": "The rows of all pages."}}
KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.UUID,
    OpenApiParameter.HEADER,
    required=True,
    default="00000000-0000-0000-0000-000000000000",
    description=(
        "A new UUID for each new intent. The same key with the same body gives the first answer again "
        "(Idempotency-Replayed: true); with another body it is refused. "
        "This page puts a new one in the place of zeros."
    ),
)


class Fault(serializers.Serializer[Any]):
    pointer = serializers.CharField(help_text="JSON pointer into the request.")
    code = serializers.CharField()
    message = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """A refusal as problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="A stable English word.")
    detail = serializers.CharField()
    errors = serializers.ListField(child=Fault())  # type: ignore[assignment]


class Schema(AutoSchema):
    """Adds the Idempotency-Key to keyed writes and the problem shape to every route."""

    def get_override_parameters(self) -> list[Any]:
        # What is put in place of something is the same done twice; views whose PUT takes a key all the same say so.
        named = {"POST": "keyed", "PUT": "keyed_put"}.get(self.method, "")
        return [KEY] if getattr(self.view, named, self.method == "POST") else []

    def get_summary(self) -> str:
        """The first sentence of what the view says of itself."""
        return str(self.get_description() or "").split("\n")[0].split(". ")[0][:120]

    def get_tags(self) -> list[str]:
        return [type(self.view).__module__.split(".")[0]]

    def get_response_serializers(self) -> Any:
        """A view that names no shape for its answer answers with an object."""
        if getattr(self.view, "serializer_class", None) and self.method == "GET":
            return super().get_response_serializers()
        return OpenApiTypes.OBJECT

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        responses = super()._get_response_bodies(direction)
        for content in (response.get("content", {}) for response in responses.values()):
            content.update({form: FILE for form in (Csv.media_type, Xlsx.media_type) if form in content})
        refusal = OpenApiResponse(Problem, description="A refusal as problem details (RFC 9457).")
        responses["default"] = self._get_response_for_code(  # type: ignore[no-untyped-call]
            refusal, "default", media_types=["application/problem+json"], direction=direction
        )
        return responses
