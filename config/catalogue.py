"""Every code a Problem can carry, read from the classes themselves, so that it is never wrong."""

from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.openapi import error_responses
from config.problems import NotFound, Problem
from config.routing import both


class ErrorCodeSerializer(serializers.Serializer):
    """One code: its HTTP status, its type, and what it means in English and Arabic."""

    code = serializers.CharField()
    status = serializers.IntegerField()
    type = serializers.CharField()
    message = serializers.CharField()
    message_ar = serializers.CharField()


class ErrorCodes(APIView):
    """All codes, sorted."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="error_codes", responses={200: ErrorCodeSerializer(many=True)}, tags=["errors"]
    )
    def get(self, request: Request) -> Response:
        return Response([entry for _, entry in sorted(_entries().items())])


class ErrorCode(APIView):
    """One code; the page that `error.doc_url` points at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="error_code",
        responses={200: ErrorCodeSerializer, **error_responses(404)},
        tags=["errors"],
    )
    def get(self, request: Request, code: str) -> Response:
        entries = _entries()
        if code not in entries:
            raise NotFound
        return Response(entries[code])


# Included under /api/.
urlpatterns = [
    *both("errors", ErrorCodes.as_view(), "error-codes"),
    *both("errors/<slug:code>", ErrorCode.as_view(), "error-code"),
]


def known_codes() -> dict[str, type[Problem]]:
    """The class behind each code; of several, the one that introduced it."""
    found: dict[str, type[Problem]] = {}
    for kind in _classes(Problem):
        found.setdefault(kind.code, kind)
    return found


def _entries() -> dict[str, dict[str, Any]]:
    """Every code's page, those of single fields included."""
    kinds = known_codes()
    of_fields = {
        code: {**_entry(kind), "code": code, "message": english, "message_ar": arabic}
        for kind in kinds.values()
        for code, (english, arabic) in kind.of_errors.items()
    }
    return of_fields | {code: _entry(kind) for code, kind in kinds.items()}


def doc_url(code: str) -> str | None:
    """The path of a code's page, or None where there is none."""
    if code not in known_codes():
        return None
    try:
        return reverse("error-code", args=[code])
    except NoReverseMatch:
        return None


def _classes(kind: type[Problem]) -> Iterator[type[Problem]]:
    yield kind
    for child in kind.__subclasses__():
        yield from _classes(child)


def _entry(kind: type[Problem]) -> dict[str, Any]:
    return {
        "code": kind.code,
        "status": kind.status,
        "type": kind.type,
        "message": kind.message,
        "message_ar": kind.message_ar,
    }
