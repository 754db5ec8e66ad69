"""What the OpenAPI document says of every endpoint: spelling, errors, headers, exact numbers."""

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from config.numbers import PATTERN

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255},
    OpenApiParameter.HEADER,
    description="The same key with the same body is carried out once; later requests get the first "
    "answer again, with `Idempotent-Replayed: true`. Kept for 7 days.",
)
PREFER = OpenApiParameter(
    "Prefer",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="`respond-async`: answer 202 at once; `handling=strict`: refuse unknown query "
    "parameters.",
)

_MEANINGS = {
    400: "The request is not valid; `error.errors` names every field.",
    401: "No credential, or one that is unknown, expired or revoked.",
    403: "The credential may not do that.",
    404: "Not found, or another tenant's.",
    405: "The method is not allowed here.",
    409: "In conflict with the current state.",
    410: "It was there, and is gone.",
    412: "Another version is there than the one that `If-Match` names.",
    413: "The body is too large.",
    415: "The body must be `application/json`.",
    422: "The Idempotency-Key was used with another body.",
    429: "Too many requests; see `Retry-After`.",
    500: "The outcome is not known, or something failed; `error.code` says which.",
    503: "Not possible right now; nothing was changed. See `Retry-After`.",
}


class FieldErrorSerializer(serializers.Serializer):
    """One thing wrong with one field; `param` is the path in the request."""

    param = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()
    message_ar = serializers.CharField()
    rule = serializers.CharField(required=False)
    expected = serializers.CharField(required=False)
    got = serializers.CharField(required=False)


class ErrorObjectSerializer(serializers.Serializer):
    """The error object: switch on `code`, show `message` or `message_ar`, quote `request_id`."""

    type = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    message_ar = serializers.CharField()
    param = serializers.CharField(allow_null=True)
    errors = FieldErrorSerializer(many=True)
    request_id = serializers.CharField(allow_null=True)
    doc_url = serializers.CharField(allow_null=True)
    required = serializers.CharField(
        required=False, help_text="With `insufficient_scope`: the permission that is lacking."
    )


class ErrorSerializer(serializers.Serializer):
    """The body of every refusal."""

    detail = serializers.CharField()
    error = ErrorObjectSerializer()


class EnvelopeErrorItemSerializer(serializers.Serializer):
    """One entry of the envelope's `errors`."""

    code = serializers.CharField()
    field = serializers.CharField(allow_null=True)
    message = serializers.CharField()
    message_ar = serializers.CharField()
    rule = serializers.CharField(required=False)
    expected = serializers.CharField(required=False)
    got = serializers.CharField(required=False)


class EnvelopeErrorSerializer(serializers.Serializer):
    """The body of a refusal under `/api/v1/health` and `/api/v1/auth`."""

    success = serializers.BooleanField(default=False)
    message = serializers.CharField()
    errors = EnvelopeErrorItemSerializer(many=True)
    error = ErrorObjectSerializer()


def error_responses(*statuses: int, envelope: str | None = None) -> dict[int, OpenApiResponse]:
    """The refusals of an endpoint, to be unpacked into the `responses` of `extend_schema`."""
    body = EnvelopeErrorSerializer if envelope == "health" else ErrorSerializer
    return {status: OpenApiResponse(body, _MEANINGS[status]) for status in statuses}


def without_trailing_slash(
    endpoints: list[tuple[str, str, str, Any]], **kwargs: Any
) -> list[tuple[str, str, str, Any]]:
    """Publish the documents' spelling: each route once, without the slash it also answers to."""
    published: dict[tuple[str, str], tuple[str, str, str, Any]] = {}
    for path, regex, method, view in endpoints:
        spelled = path.rstrip("/") or "/"
        published.setdefault((spelled, method), (spelled, regex, method, view))
    return list(published.values())


def empty_text_is_one_of_any(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """An empty text fits both branches of what may be empty: only a format tells them apart."""
    _any_where_empty(result)
    return result


def _any_where_empty(part: Any) -> None:
    if isinstance(part, dict):
        if {"type": "string", "maxLength": 0} in part.get("oneOf", ()):
            part["anyOf"] = part.pop("oneOf")
        part = list(part.values())
    if isinstance(part, list):
        for inner in part:
            _any_where_empty(inner)


class ExactDecimalExtension(OpenApiSerializerFieldExtension):
    """Amounts are taken as number or string and leave as numbers."""

    target_class = "config.numbers.ExactDecimalField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        number: dict[str, Any] = {"type": "number"}
        if direction == "response":
            return number
        if self.target.min_value is not None:
            number["minimum"] = float(self.target.min_value)
        if self.target.max_value is not None:
            number["maximum"] = float(self.target.max_value)
        return {"oneOf": [number, {"type": "string", "pattern": PATTERN}]}
