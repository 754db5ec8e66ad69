"""`/api/v1/health/testinvoices/batch`: many bills in one request."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.api import idempotent
from config.openapi import IDEMPOTENCY_KEY
from config.problems import FieldError, Problem
from config.validation import field_errors
from health.api.answers import enveloped, written
from health.api.requests import BatchSerializer, TestInvoiceCreateSerializer
from health.api.views import (
    TAGS,
    LabView,
    RowsEnvelopeSerializer,
    may_move,
    read_as,
    refusals,
    serializer_of,
    who,
)
from health.services.invoices import create_invoice, create_invoices


class BatchView(LabView, APIView):
    """`/api/v1/health/testinvoices/batch`."""

    @extend_schema(
        operation_id="test_invoices_batch",
        summary="Create up to 200 invoices: all or none, or each for itself",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=BatchSerializer,
        responses={
            201: RowsEnvelopeSerializer,
            207: RowsEnvelopeSerializer,
            **refusals(400, 401, 403, 409, 415, 422),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = read_as(request, BatchSerializer).validated_data
        if not said["atomic"]:
            return self._each(request, said["items"])
        read, wrong = [], {}
        for position, item in enumerate(said["items"]):
            read.append(serializer_of(request, TestInvoiceCreateSerializer, item))
            if not read[-1].is_valid():
                wrong[f"items[{position}]"] = read[-1].errors
        if wrong:
            raise serializers.ValidationError(wrong)
        content = [one.validated_data for one in read]
        for one in content:
            may_move(request, one.get("status"))
        invoices = create_invoices(request.auth.tenant, content, who(request))
        results = [
            {"success": True, **written(invoice, one.unknown())}
            for invoice, one in zip(invoices, read, strict=True)
        ]
        return enveloped("Test invoices created successfully", results, status=201)

    def _each(self, request: Request, items: list[Any]) -> Response:
        results = [self._tried(request, position, item) for position, item in enumerate(items)]
        if all(result["success"] for result in results):
            return enveloped("Test invoices created successfully", results, status=201)
        return enveloped("Some test invoices were refused", results, status=207)

    def _tried(self, request: Request, position: int, item: Any) -> dict[str, Any]:
        said = serializer_of(request, TestInvoiceCreateSerializer, item)
        try:
            said.is_valid(raise_exception=True)
            may_move(request, said.validated_data.get("status"))
            invoice = create_invoice(request.auth.tenant, said.validated_data, who(request))
        except serializers.ValidationError as trouble:
            found = list(field_errors(trouble.detail))
        except Problem as problem:
            found = list(problem.errors) or [
                FieldError(problem.param or "", problem.code, str(problem), problem.message_ar)
            ]
        else:
            return {"success": True, **written(invoice, said.unknown())}
        refused = [{"code": e.code, "field": e.param, "message": e.message} for e in found]
        return {"success": False, "index": position, "errors": refused}
