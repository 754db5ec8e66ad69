"""The REST door of invoicing: translate a request, call the service, translate what came of it."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status as http
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.files import FileAnswers
from config.idempotency.api import idempotent
from config.openapi import IDEMPOTENCY_KEY, PREFER, error_responses
from config.pagination import InvoicePagination
from config.preferences import StrictQuery, prefer
from config.printing.pictures import qr_svg
from config.problems import NotFound
from invoicing import errors, selectors
from invoicing.api.answers import (
    InvoiceDetailSerializer,
    InvoiceLogSerializer,
    InvoiceResponseSerializer,
    InvoiceRowSerializer,
    StatusSerializer,
    TimelineSerializer,
    cause,
    invoice_answer,
    sentence,
    status_answer,
    timeline_answer,
    unknown_answer,
)
from invoicing.api.requests import InvoiceRequestSerializer
from invoicing.filters import InvoiceFilter, InvoiceLogFilter
from invoicing.models import Invoice, InvoiceLog, Trigger
from invoicing.services.retrying import retry_invoice
from invoicing.services.sending import By
from invoicing.services.submission import Submission, submit_invoice


class InvoicesView(StrictQuery, ListAPIView):
    """`/api/v1/invoices`."""

    scope = "invoices"
    serializer_class = InvoiceRowSerializer
    filterset_class = InvoiceFilter
    pagination_class = InvoicePagination
    queryset = Invoice.objects.none()

    def get_queryset(self) -> Any:
        # The documents' text columns are long and no part of a row.
        return Invoice.objects.for_tenant(self.request.auth.tenant).defer(
            "xml_content", "zatca_response"
        )

    @extend_schema(
        operation_id="invoices_list",
        summary="List invoices, newest first",
        parameters=[PREFER],
        responses={200: InvoiceRowSerializer(many=True), **error_responses(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="invoices_create",
        summary="Submit an invoice, a note or a prepayment invoice",
        description="Accepted, sealed and sent in one request. 2xx means that the verdict is in "
        "the body; an invoice without a verdict is a 500 whose `error.invoice` names the stored "
        "row. A known number is resumed, revised or refused; see the documentation.",
        parameters=[IDEMPOTENCY_KEY, PREFER],
        request=InvoiceRequestSerializer,
        responses={
            201: InvoiceResponseSerializer,
            200: OpenApiResponse(
                InvoiceResponseSerializer, description="An existing row was resumed or revised."
            ),
            202: OpenApiResponse(
                InvoiceResponseSerializer, description="Sealed; a worker sends it."
            ),
            **error_responses(400, 401, 403, 409, 413, 415, 422, 500, 503),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        credential = request.auth
        said = InvoiceRequestSerializer(data=request.data, context={"tenant": credential.tenant})
        said.is_valid(raise_exception=True)
        try:
            submission = submit_invoice(
                tenant=credential.tenant,
                payload=said.payload,
                by=By(Trigger.CALLER, credential.actor),
                respond_async="respond-async" in prefer(request),
                metadata=said.validated_data.get("metadata"),
                client_reference=said.validated_data.get("client_reference", ""),
                buyer_email=said.validated_data.get("buyer_email", ""),
                request_key=request.headers.get("Idempotency-Key", ""),
            )
        except errors.Broken as broken:
            raise verdict_unknown(broken.invoice) from broken
        return submission_response(submission)


def submission_response(submission: Submission) -> Response:
    invoice = submission.invoice
    headers = {"Location": f"/api/v1/invoices/{invoice.pk}"}
    if not submission.sent:
        headers["Preference-Applied"] = "respond-async"
        return _verdict_response(
            invoice, http.HTTP_202_ACCEPTED, headers=headers, notices=submission.notices
        )
    code = http.HTTP_201_CREATED if submission.created else http.HTTP_200_OK
    raise_unless_known(invoice)
    return _verdict_response(
        invoice,
        code,
        headers=headers if submission.created else {},
        notices=submission.notices,
    )


def raise_unless_known(invoice: Invoice) -> None:
    """Raise VerdictUnknown unless the verdict is known."""
    if not invoice.has_verdict:
        raise verdict_unknown(invoice)


def verdict_unknown(invoice: Invoice) -> errors.VerdictUnknown:
    """The 500 that names the stored invoice and what kept its verdict away (contracts 8)."""
    message, message_ar = sentence(invoice)
    return errors.VerdictUnknown(
        cause(invoice),
        message,
        message_ar,
        unknown_answer(invoice, invoice.current),
    )


def _verdict_response(invoice: Invoice, code: int, **more: Any) -> Response:
    notices = more.pop("notices", ())
    return Response(invoice_answer(invoice, invoice.current, notices), status=code, **more)


class InvoiceView(APIView):
    """`/api/v1/invoices/{id}`."""

    scope = "invoices"

    @extend_schema(
        operation_id="invoices_retrieve",
        summary="One invoice with what its current revision says",
        responses={200: InvoiceDetailSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        context = {"revision": invoice.current}
        return Response(InvoiceDetailSerializer(invoice, context=context).data)


class RetryView(APIView):
    """`/api/v1/invoices/{id}/retry`."""

    scope = "invoices"

    @extend_schema(
        operation_id="invoices_retry",
        summary="Retry a FAILED or REJECTED invoice",
        description="Resends the stored bytes where the outcome is unknown; seals the same content "
        "as a new document where it was rejected. The caller never chooses between the two.",
        parameters=[IDEMPOTENCY_KEY],
        request=None,
        responses={
            200: InvoiceResponseSerializer,
            **error_responses(400, 401, 403, 404, 409, 422, 500),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        try:
            retried = retry_invoice(invoice, By(Trigger.CALLER, request.auth.actor))
        except errors.Broken as broken:
            raise verdict_unknown(broken.invoice) from broken
        raise_unless_known(retried)
        return _verdict_response(retried, http.HTTP_200_OK)


class StatusView(APIView):
    """`/api/v1/invoices/{number}/status`."""

    scope = "invoices"

    @extend_schema(
        operation_id="invoices_status",
        summary="The status of an invoice by its number",
        responses={200: StatusSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, invoice_number: str) -> Response:
        invoice = selectors.find_invoice(request.auth.tenant, invoice_number)
        return Response(status_answer(invoice, invoice.logs.order_by("-sequence").first()))


class LogsView(StrictQuery, ListAPIView):
    """`/api/v1/invoices/logs`: the log of all invoices, newest first."""

    scope = "invoices"
    serializer_class = InvoiceLogSerializer
    filterset_class = InvoiceLogFilter
    queryset = InvoiceLog.objects.none()

    class pagination_class(InvoicePagination):
        rows_key = "logs"

    def get_queryset(self) -> Any:
        return InvoiceLog.objects.for_tenant(self.request.auth.tenant).order_by("-id")

    @extend_schema(
        operation_id="invoice_logs_list",
        summary="The audit log of all invoices, newest first",
        parameters=[PREFER],
        responses={200: InvoiceLogSerializer(many=True), **error_responses(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class InvoiceLogsView(LogsView):
    """`/api/v1/invoices/{id}/logs`: the log of one invoice, oldest first."""

    def get_queryset(self) -> Any:
        invoice = selectors.get_invoice(self.request.auth.tenant, self.kwargs["pk"])
        return super().get_queryset().filter(invoice=invoice).order_by("sequence")

    @extend_schema(
        operation_id="invoices_logs_list",
        summary="The audit log of one invoice, oldest first",
        parameters=[PREFER],
        responses={200: InvoiceLogSerializer(many=True), **error_responses(400, 401, 403, 404)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return ListAPIView.get(self, request, *args, **kwargs)


class TimelineView(APIView):
    """`/api/v1/invoices/{id}/timeline`."""

    scope = "invoices"

    @extend_schema(
        operation_id="invoices_timeline",
        summary="Everything that happened to an invoice, oldest first",
        responses={200: TimelineSerializer, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        return Response(timeline_answer(invoice, selectors.timeline(invoice)))


class XMLView(FileAnswers, APIView):
    """`/api/v1/invoices/{id}/xml`."""

    scope = "invoices"
    file_types = ("application/xml",)

    @extend_schema(
        operation_id="invoices_xml",
        summary="The document: the authority's cleared version, otherwise the sealed bytes",
        responses={(200, "application/xml"): OpenApiTypes.BINARY, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        xml = selectors.printable_xml(invoice, invoice.current)
        if xml is None:
            raise NotFound(
                "This invoice has no document.", message_ar="لا يوجد مستند لهذه الفاتورة."
            )
        name = "".join(c if c.isalnum() or c in "-_." else "_" for c in invoice.invoice_number)
        return HttpResponse(
            xml,
            content_type="application/xml",
            headers={"Content-Disposition": f'attachment; filename="{name}.xml"'},
        )


class QRView(FileAnswers, APIView):
    """`/api/v1/invoices/{id}/qr`."""

    scope = "invoices"
    file_types = ("image/svg+xml",)

    @extend_schema(
        operation_id="invoices_qr",
        summary="The QR code as a picture (SVG)",
        parameters=[OpenApiParameter("pk", int, OpenApiParameter.PATH)],
        responses={(200, "image/svg+xml"): OpenApiTypes.BINARY, **error_responses(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        payload = selectors.printable_qr(invoice, invoice.current)
        if payload is None:
            raise NotFound(
                "This invoice has no QR code that may be given out yet.",
                message_ar="لا يوجد بعد رمز استجابة يمكن تسليمه لهذه الفاتورة.",
            )
        return HttpResponse(qr_svg(payload), content_type="image/svg+xml")
