"""`/api/v1/health/testinvoices/batch`: many bills in one request."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.core.exceptions import ValidationError
from django.db import DatabaseError
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.api import RETRY_AFTER, as_problem, problem_body
from config.idempotency.api import idempotent, once
from config.openapi import IDEMPOTENCY_KEY
from config.problems import Problem
from health.api.answers import written
from health.api.envelopes import enveloped
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
from health.models import TestInvoice
from health.services.invoices import create_invoice, create_invoices

log = structlog.get_logger(__name__)

# What is the result of one bill, and stops none of the others.
REFUSALS = (serializers.ValidationError, ValidationError, Problem, DatabaseError)


class BatchView(LabView, APIView):
    """`/api/v1/health/testinvoices/batch`."""

    # Each bill is kept together with its answer under its own part of the key: a request that was
    # cut short, by a kill too, is finished by the same request, and bills nothing twice.

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
        whole = read_as(request, BatchSerializer)
        said = whole.validated_data
        if not said["atomic"]:
            return self._each(request, whole)
        read, wrong = [], {}
        for position, item in enumerate(said["items"]):
            read.append(serializer_of(request, TestInvoiceCreateSerializer, item))
            if not read[-1].is_valid():
                wrong[f"items[{position}]"] = read[-1].errors
        if wrong:
            raise serializers.ValidationError(wrong)
        for one in read:
            may_move(request, one.validated_data.get("status"))
        told = once(request, "all", said["items"], lambda: self._all(request, read))
        done = "Test invoices created successfully"
        return enveloped(done, told["data"], said=whole, status=201)

    def _all(self, request: Request, read: Sequence[Any]) -> dict[str, Any]:
        content = [one.validated_data for one in read]
        invoices = create_invoices(request.auth.tenant, content, who(request))
        made = zip(invoices, read, strict=True)
        return {"data": [_made(invoice, one) for invoice, one in made]}

    def _each(self, request: Request, whole: Any) -> Response:
        results, later = [], None
        for position, item in enumerate(whole.validated_data["items"]):
            try:
                results.append(self._tried(request, position, item))
            except REFUSALS as trouble:
                problem = as_problem(trouble)
                if problem.status >= 500:
                    log.exception("batch_item_failed", index=position)
                    later = RETRY_AFTER
                later = problem.retry_after or later
                told = problem_body(problem, request=request, envelope=self.envelope)
                results.append({"success": False, "index": position, "errors": told["errors"]})
        if all(result["success"] for result in results):
            done = "Test invoices created successfully"
            return enveloped(done, results, said=whole, status=201)
        # An answer that says "later" is not kept: sent again, what was made is only told.
        headers = {"Retry-After": str(later)} if later else {}
        some = any(result["success"] for result in results)
        refused = f"{'Some' if some else 'All'} test invoices were refused"
        answer = enveloped(refused, results, said=whole, status=207, **headers)
        answer.data["success"] = some
        return answer

    def _tried(self, request: Request, position: int, item: Any) -> dict[str, Any]:
        said = serializer_of(request, TestInvoiceCreateSerializer, item)
        said.is_valid(raise_exception=True)
        may_move(request, said.validated_data.get("status"))

        def make() -> dict[str, Any]:
            invoice = create_invoice(request.auth.tenant, said.validated_data, who(request))
            return _made(invoice, said)

        return once(request, str(position), item, make)


def _made(invoice: TestInvoice, said: Any) -> dict[str, Any]:
    return {"success": True, **written(invoice, said)}
