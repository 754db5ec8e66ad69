"""Routes of the tests of the edge, with our error handlers wired as in production."""

from django.core.exceptions import SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from rest_framework import exceptions, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.views import APIView

from config.health import healthz, readyz
from config.problems import Conflict, NotFound, Unauthenticated
from config.routing import ApiRouter, both
from tests.config.edge.probe import Open, ProbeDetail, Probes

RAISED = {
    "bug": ZeroDivisionError("division by zero: secret-of-the-house"),
    "overflow": OverflowError("date value out of range"),
    "data": DataError("integer out of range"),
    "unicode": UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    "recursion": RecursionError("maximum recursion depth exceeded"),
    "locked": OperationalError("database is locked"),
    "lost": InterfaceError("connection already closed"),
    "too-much": OperationalError("Expression tree is too large (maximum depth 1000)"),
    "no-table": OperationalError("no such table: invoices"),
    "throttled": exceptions.Throttled(wait=7),
    "denied": exceptions.PermissionDenied("Not for clerks.", code="insufficient_scope"),
    "failed-credential": exceptions.AuthenticationFailed("The key was revoked."),
    "foreign": NotFound(),
    "unauthenticated": Unauthenticated(),
    "conflict": Conflict("Wait.", retry_after=3, extra={"invoice": {"id": 456}}),
    "multipart": MultiPartParserError("Invalid boundary in multipart: None"),
    "suspicious": SuspiciousOperation("x"),
}


class Raises(Open, APIView):
    schema = None

    def get(self, request, name):
        raise RAISED[name]


class RaisesInEnvelope(Raises):
    envelope = "health"


class Echo(Open, APIView):
    schema = None

    def post(self, request):
        return Response({"query": request.query_params, "body": request.data})


class Numbers(Open, viewsets.ViewSet):
    schema = None
    lookup_field = "number"

    def list(self, request):
        return Response({"numbers": []})

    def retrieve(self, request, number):
        return Response({"number": number})

    @action(detail=True)
    def status(self, request, number):
        return Response({"status_of": number})


class NumberStatus(Open, APIView):
    schema = None

    def get(self, request, number):
        return Response({"status_of": number})


def broken_page(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("secret-of-the-house")


router = ApiRouter()
router.register("api/v1/numbers", Numbers, basename="number")

urlpatterns = [
    *both("api/v1/probes", Probes.as_view(), "probes"),
    *both("api/v1/probes/<int:pk>", ProbeDetail.as_view(), "probe"),
    *both("api/v1/raises/<slug:name>", Raises.as_view(), "raises"),
    *both("api/v1/health/raises/<slug:name>", RaisesInEnvelope.as_view(), "raises-in-envelope"),
    *both("api/v1/numbered/<path:number>/status", NumberStatus.as_view(), "number-status"),
    path("api/echo", Echo.as_view()),
    path("api/", include("config.catalogue")),
    path("api/broken", broken_page),
    path("office/broken", broken_page),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("healthz", healthz),
    path("readyz", readyz),
    *router.urls,
]
handler400 = "config.api.bad_request"
handler403 = "config.api.permission_denied"
handler404 = "config.api.page_not_found"
handler500 = "config.api.server_error"
