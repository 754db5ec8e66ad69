"""D2's envelope around every answer, and what it tells of a request's unknown fields."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

WARNED_OF = 50


class EnvelopeSerializer(serializers.Serializer):
    """What D2 puts around an answer."""

    success = serializers.BooleanField(default=True)
    message = serializers.CharField()
    warnings = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="Where the request had fields that are not known here, and were ignored.",
    )


def enveloped(
    message: str,
    data: Any = None,
    *,
    said: serializers.BaseSerializer[Any] | None = None,
    status: int = 200,
    **headers: str,
) -> Response:
    """D2's envelope around an answer; with `said`, what of the request meant nothing is told."""
    body: dict[str, Any] = {"success": True, "message": message}
    if data is not None:
        body["data"] = data
    if warnings := not_known(said):
        body["warnings"] = warnings
    return Response(body, status=status, headers=headers)


def not_known(said: serializers.BaseSerializer[Any] | None) -> list[dict[str, Any]]:
    """A warning for each key of a request that means nothing here, in its lines, too."""
    if said is None:
        return []
    return [
        {
            "code": "UNKNOWN_FIELD",
            "field": name,
            "message": "This field is not known here.",
            "message_ar": "هذا الحقل غير معروف هنا.",
        }
        for name in islice(_strange(said, said.initial_data), WARNED_OF)
    ]


def _strange(kind: Any, content: Any, path: str = "") -> Iterator[str]:
    if isinstance(kind, serializers.ListSerializer) and isinstance(content, list):
        for place, one in enumerate(content):
            yield from _strange(kind.child, one, f"{path}[{place}]")
    elif isinstance(kind, serializers.Serializer) and isinstance(content, dict):
        at = f"{path}." if path else ""
        yield from (f"{at}{name}" for name in sorted(set(content) - set(kind.fields)))
        for name in sorted(set(content) & set(kind.fields)):
            yield from _strange(kind.fields[name], content[name], f"{at}{name}")
