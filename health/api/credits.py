"""`/api/v1/health/testinvoices/{id}/credit-notes`."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.api import idempotent
from config.numbers import ExactDecimalField
from config.openapi import IDEMPOTENCY_KEY
from config.text import TextField
from config.validation import refusal
from health import selectors
from health.api.envelopes import EnvelopeSerializer, enveloped
from health.api.requests import PaymentAmountField, RequestSerializer
from health.api.views import TAGS, PostingView, refusals
from health.models import CreditNote
from health.services.crediting import credit_invoice

AMOUNTS = (
    *("taxable_amount", "cgst_amount", "sgst_amount", "igst_amount", "cess_amount"),
    *("overall_disc_amount", "roundoff", "total_amount"),
)


class CreditedLineSerializer(RequestSerializer):
    """A line, whole as far as it is left, or up to a taxable amount."""

    line_no = serializers.IntegerField(min_value=1)
    taxable_amount = PaymentAmountField(required=False)


class CreditRequestSerializer(RequestSerializer):
    reason = TextField(max_length=500)
    date = serializers.DateField(required=False)
    items = CreditedLineSerializer(many=True, required=False, allow_empty=False)

    def validate_items(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        seen: set[int] = set()
        wrong: dict[int, Any] = {}
        for position, line in enumerate(items):
            number = line["line_no"]
            if number in seen:
                twice = refusal(
                    "VALIDATION_ERROR",
                    f"Line {number} is named twice.",
                    f"ذُكر السطر {number} مرتين.",
                )
                wrong[position] = {"line_no": twice.detail}
            seen.add(number)
        if wrong:
            raise serializers.ValidationError(wrong)
        return items


class CreditNoteSerializer(serializers.ModelSerializer):
    class Meta:
        model = CreditNote
        fields = (
            "id", "number", "date", "invoice_id", "reason", *AMOUNTS, "is_financial",
            "created_at", "created_by",
        )  # fmt: skip

    def build_field(self, name: str, *args: object) -> tuple[type, dict]:
        return (ExactDecimalField, {}) if name in AMOUNTS else super().build_field(name, *args)


class CreditNoteEnvelopeSerializer(EnvelopeSerializer):
    data = CreditNoteSerializer()


class CreditNotesEnvelopeSerializer(CreditNoteEnvelopeSerializer):
    data = CreditNoteSerializer(many=True)


class CreditNotesView(PostingView, APIView):
    """`/api/v1/health/testinvoices/{id}/credit-notes`."""

    @extend_schema(
        operation_id="test_invoices_credit_notes",
        summary="The credit notes of an invoice",
        tags=TAGS,
        responses={200: CreditNotesEnvelopeSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        rows = selectors.get_invoice(request.auth.tenant, pk).credit_notes.order_by("id")
        told = CreditNoteSerializer(rows, many=True).data
        return enveloped("Credit notes retrieved successfully", told)

    @extend_schema(
        operation_id="test_invoices_credit",
        summary="Credit what is left of an invoice, or of some of its lines",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=CreditRequestSerializer,
        responses={
            201: CreditNoteEnvelopeSerializer,
            **refusals(400, 401, 403, 404, 409, 415, 422),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        selectors.get_invoice(request.auth.tenant, pk)
        read = CreditRequestSerializer(data=request.data)
        read.is_valid(raise_exception=True)
        said, auth = read.validated_data, request.auth
        lines = {line["line_no"]: line.get("taxable_amount") for line in said.get("items", ())}
        note = credit_invoice(
            auth.tenant,
            pk,
            reason=said["reason"],
            on=said.get("date") or timezone.now().astimezone(auth.tenant.zone).date(),
            actor=auth.actor,
            lines=lines or None,
        )
        told = CreditNoteSerializer(note).data
        return enveloped("Credit note issued successfully", told, said=read, status=201)
