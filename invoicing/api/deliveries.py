"""Documents that leave the house: to the buyer by e-mail, many as a zip, all for an auditor."""

from typing import Any

from django_filters.utils import translate_validation
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework import status as http
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.delivery.models import Language, MailMessage, MailState
from config.delivery.selectors import mail_about
from config.idempotency.api import idempotent
from config.jobs.api import JobSerializer, accepted
from config.openapi import IDEMPOTENCY_KEY, error_responses
from config.problems import FieldError, InvalidRequest
from config.text import TextField
from config.validation import refusal
from invoicing import selectors
from invoicing.api.requests import without_nulls
from invoicing.filters import InvoiceFilter
from invoicing.models import Invoice
from invoicing.services import archiving, bulk, mailing

NEWEST = 100


class EmailRequestSerializer(serializers.Serializer):
    """Where the document goes; without `to`, to the invoice's `buyer_email`."""

    to = serializers.EmailField(max_length=254, required=False)
    language = serializers.ChoiceField(
        Language.choices, required=False, help_text="Which language comes first."
    )

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(without_nulls(data))


class MailSerializer(serializers.ModelSerializer):
    """One letter about the invoice and what became of it."""

    state = serializers.ChoiceField(MailState.choices)
    error_code = serializers.SerializerMethodField()
    error_message = serializers.SerializerMethodField()

    class Meta:
        model = MailMessage
        fields = [
            "id", "to", "language", "state", "attempts", "message_id", "error_code",
            "error_message", "actor", "created_at", "next_attempt_at", "sent_at",
        ]  # fmt: skip

    def get_error_code(self, message: MailMessage) -> str | None:
        return message.error_code or None

    def get_error_message(self, message: MailMessage) -> str | None:
        return message.error_message or None


class MailListSerializer(serializers.Serializer):
    emails = MailSerializer(many=True)


class EmailView(APIView):
    """`/api/v1/invoices/{id}/email`."""

    scope = "invoices"

    @extend_schema(
        operation_id="invoices_emails",
        summary="The e-mails about an invoice, newest first",
        responses={200: MailListSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        mail = mail_about(invoice.tenant, invoice.subject)[:NEWEST]
        return Response({"emails": MailSerializer(mail, many=True).data})

    @extend_schema(
        operation_id="invoices_email",
        summary="Send the document to the buyer: PDF and XML",
        description="Queued, then sent by a worker; GET says what became of it. Only what may be "
        "given out: a standard document once it is cleared.",
        parameters=[IDEMPOTENCY_KEY],
        request=EmailRequestSerializer,
        responses={
            202: MailSerializer,
            **error_responses(400, 401, 403, 404, 409, 415, 422, 503),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        said = EmailRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        message = mailing.email_invoice(invoice, actor=request.auth.actor, **said.validated_data)
        headers = {"Location": f"/api/v1/invoices/{pk}/email"}
        return Response(
            MailSerializer(message).data, status=http.HTTP_202_ACCEPTED, headers=headers
        )


class PDFZipRequestSerializer(serializers.Serializer):
    """Either ids, or a filter with the parameters of the list of invoices."""

    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        allow_empty=False,
    )
    filter = serializers.DictField(child=TextField(max_length=200), required=False)

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(without_nulls(data))

    def validate(self, data: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in data) == ("filter" in data):
            raise refusal(
                "ids_or_filter", "Give either ids or a filter.", "اذكر إما المعرفات أو عامل تصفية."
            )
        return data


class PDFZipView(APIView):
    """`/api/v1/invoices/pdf-zip`."""

    # Nothing that the same key could not fetch one by one.
    scope = "invoices:read"

    @extend_schema(
        operation_id="invoices_pdf_zip",
        summary="Many invoices as PDFs in one zip",
        description="A job; follow it at its Location. What could not be printed is in the job's "
        "`notes` and in `not-printed.txt` in the zip. At most 5,000.",
        parameters=[IDEMPOTENCY_KEY],
        request=PDFZipRequestSerializer,
        responses={202: JobSerializer, **error_responses(400, 401, 403, 404, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = PDFZipRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        who = {"tenant": request.auth.tenant, "actor": request.auth.actor}
        if "ids" in said.validated_data:
            return accepted(bulk.zip_chosen(ids=said.validated_data["ids"], **who))
        found = filtered(request.auth.tenant, said.validated_data["filter"])
        return accepted(bulk.zip_found(invoices=found, **who))


def filtered(tenant: Any, wanted: dict[str, str]) -> Any:
    """The tenant's invoices that the list's own filter finds; 400 for what it does not know."""
    unknown = [name for name in wanted if name not in InvoiceFilter.base_filters]
    if unknown:
        raise InvalidRequest(
            errors=[
                FieldError(
                    f"filter.{name}",
                    "unknown_filter",
                    "The list of invoices has no such filter.",
                    "لا يوجد عامل تصفية بهذا الاسم.",
                )
                for name in unknown
            ]
        )
    found = InvoiceFilter(wanted, queryset=Invoice.objects.for_tenant(tenant))
    if not found.is_valid():
        raise serializers.ValidationError({"filter": translate_validation(found.errors).detail})
    return found.qs


class ArchiveRequestSerializer(serializers.Serializer):
    """Days of issue in the tenant's time zone, both inclusive."""

    to = serializers.DateField()
    unit = TextField(max_length=64, required=False, help_text="Of this EGS unit only.")

    def get_fields(self) -> dict[str, Any]:
        # `from` is a word of Python's own.
        return {"from": serializers.DateField(), **super().get_fields()}

    def to_internal_value(self, data: Any) -> Any:
        return super().to_internal_value(without_nulls(data))


class ArchiveView(APIView):
    """`/api/v1/invoices/archive`."""

    scope = "invoices:export"

    @extend_schema(
        operation_id="invoices_archive",
        summary="An archive for an auditor",
        description="A job; follow it at its Location. The zip holds XML, answers, PDFs, payloads, "
        "the audit log and a manifest, and `verify_archive` checks it offline.",
        parameters=[IDEMPOTENCY_KEY],
        request=ArchiveRequestSerializer,
        responses={202: JobSerializer, **error_responses(400, 401, 403, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = ArchiveRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        days = said.validated_data
        asked = archiving.range_of(
            request.auth.tenant, days["from"], days["to"], days.get("unit", "")
        )
        return accepted(archiving.queue_archive(asked, actor=request.auth.actor))
