"""What leaves the laboratory on paper and by mail: PDFs, and bills to the patient by e-mail."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.delivery.models import MailMessage, MailState
from config.delivery.selectors import mail_about
from config.files import FileAnswers
from config.idempotency.api import idempotent
from config.openapi import IDEMPOTENCY_KEY
from health import selectors
from health.api.envelopes import EnvelopeSerializer, enveloped
from health.api.views import TAGS, LabView, refusals
from health.files import pdf_answer
from health.printing import LAYOUTS, Codes, render_invoice, render_note
from health.services.mailing import email_invoice, subject_of

NEWEST = 100
PDF: dict[Any, Any] = {
    (200, "application/pdf"): OpenApiTypes.BINARY,
    304: OpenApiResponse(description="As in If-None-Match."),
}


class SizeSerializer(serializers.Serializer):
    """`size` is health's own word; `format` says the same."""

    size = serializers.ChoiceField(list(LAYOUTS), required=False)
    format = serializers.ChoiceField(list(LAYOUTS), required=False)

    @property
    def chosen(self) -> str:
        said = self.validated_data
        return said.get("size") or said.get("format") or "a4"


class InvoicePDFQuerySerializer(SizeSerializer):
    include_qr = serializers.BooleanField(default=True)
    include_barcode = serializers.BooleanField(
        default=False, help_text="The number as a bar code, where it is ASCII."
    )


class InvoicePDFView(FileAnswers, LabView, APIView):
    """`/api/v1/health/testinvoices/{id}/pdf`."""

    file_types = ("application/pdf",)

    @extend_schema(
        operation_id="test_invoices_pdf",
        summary="A laboratory invoice as PDF, on A4 or on 80 mm paper",
        description="Tax invoice, bill of supply, or both in one, as its lines are taxed; with "
        "what was paid and credited so far. Drafts and cancelled ones are marked. The same "
        "document in the same state gives the same bytes.",
        tags=TAGS,
        parameters=[InvoicePDFQuerySerializer],
        responses={**PDF, **refusals(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        asked = InvoicePDFQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        codes = Codes(asked.validated_data["include_qr"], asked.validated_data["include_barcode"])
        return pdf_answer(request, render_invoice(invoice, size=asked.chosen, codes=codes))


class CreditNotePDFView(FileAnswers, LabView, APIView):
    """`/api/v1/health/credit-notes/{id}/pdf`."""

    file_types = ("application/pdf",)

    @extend_schema(
        operation_id="credit_notes_pdf",
        summary="A credit note as PDF, on A4 or on 80 mm paper",
        tags=TAGS,
        parameters=[SizeSerializer],
        responses={**PDF, **refusals(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        note = selectors.get_credit_note(request.auth.tenant, pk)
        asked = SizeSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return pdf_answer(request, render_note(note, size=asked.chosen))


class BillEmailRequestSerializer(serializers.Serializer):
    """Where the bill goes; without `to`, to the invoice's `patient_email`."""

    to = serializers.EmailField(max_length=254, required=False, allow_null=True)


class LetterSerializer(serializers.ModelSerializer):
    """One letter about the invoice and what became of it."""

    state = serializers.ChoiceField(MailState.choices)

    class Meta:
        model = MailMessage
        fields = (
            "id", "to", "state", "attempts", "message_id", "error_code", "error_message", "actor",
            "created_at", "next_attempt_at", "sent_at",
        )  # fmt: skip


class LetterEnvelopeSerializer(EnvelopeSerializer):
    data = LetterSerializer()


class LettersEnvelopeSerializer(LetterEnvelopeSerializer):
    data = LetterSerializer(many=True)


class InvoiceEmailView(LabView, APIView):
    """`/api/v1/health/testinvoices/{id}/email`."""

    @extend_schema(
        operation_id="test_invoices_emails",
        summary="The e-mails about a laboratory invoice, newest first",
        tags=TAGS,
        responses={200: LettersEnvelopeSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        mail = mail_about(request.auth.tenant, subject_of(invoice))[:NEWEST]
        told = LetterSerializer(mail, many=True).data
        return enveloped("E-mails retrieved successfully", told)

    @extend_schema(
        operation_id="test_invoices_email",
        summary="Send a posted laboratory invoice to the patient as PDF",
        description="Queued, then sent by a worker; GET says what became of it.",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=BillEmailRequestSerializer,
        responses={
            202: LetterEnvelopeSerializer,
            **refusals(400, 401, 403, 404, 409, 415, 422, 503),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        said = BillEmailRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        to = said.validated_data.get("to") or ""
        letter = email_invoice(invoice, actor=request.auth.actor, to=to)
        return enveloped(
            "E-mail queued successfully",
            LetterSerializer(letter).data,
            said=said,
            status=202,
            Location=f"/api/v1/health/testinvoices/{pk}/email",
        )
