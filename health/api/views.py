"""`/api/v1/health/testinvoices` (D2 and health.md 1.1): translates, decides nothing."""

from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.api import idempotent
from config.openapi import IDEMPOTENCY_KEY, PREFER, error_responses
from config.pagination import EnvelopePagination
from config.preferences import StrictQuery
from config.problems import InvalidRequest
from config.tenancy.errors import InsufficientScope
from config.tenancy.roles import ADMIN, POST
from health import selectors
from health.api.answers import (
    TestInvoiceRowSerializer,
    TestInvoiceRowWithItemsSerializer,
    TestInvoiceSerializer,
    VoucherSerializer,
    after_its_month,
    written,
)
from health.api.envelopes import EnvelopeSerializer, enveloped, not_known
from health.api.requests import (
    CancelSerializer,
    TestInvoiceCreateSerializer,
    TestInvoiceQuerySerializer,
    TestInvoiceUpdateSerializer,
)
from health.filters import TestInvoiceFilter
from health.models import PaymentStatus, Status, TestInvoice
from health.models.tenanted import Tenanted
from health.parameters import FLAGS
from health.services.checking import check
from health.services.history import Who
from health.services.invoices import (
    cancel_invoice,
    create_invoice,
    delete_draft,
    post_invoice,
    update_invoice,
)

TAGS = ["laboratory"]
IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="The version that was read, as `ETag` gave it; another one there is 412.",
)

FILTERS = [
    *(
        OpenApiParameter(
            name,
            {"type": "array", "items": {"type": "string", "enum": words}},
            description="Repeated, or several with commas between them.",
        )
        for name, words in (("status", Status.values), ("payment_status", PaymentStatus.values))
    ),
    *(OpenApiParameter(name, {"type": "number"}) for name in ("min_amount", "max_amount")),
]


def refusals(*statuses: int) -> dict[int, Any]:
    return error_responses(*statuses, envelope="health")


def who(request: Request, reason: str = "") -> Who:
    return Who(request.auth.actor, reason)


class LabView:
    """What every view of the laboratory has: its scope and D2's envelope."""

    scope = "health"
    envelope: ClassVar[str] = "health"


class PostingView(LabView):
    """Read with `health:read`; changed by whoever may change the books for good."""

    request: Request

    @property
    def scope(self) -> str:
        return "health:read" if self.request.method in SAFE_METHODS else POST


class OwnerView(PostingView):
    """Read with `health:read`; changed by the owner alone (contracts 4)."""

    @property
    def scope(self) -> str:
        return "health:read" if self.request.method in SAFE_METHODS else ADMIN


def may_move(request: Request, target: str | None) -> None:
    """Raises InsufficientScope where the status named takes more than writing does."""
    if target in (Status.POSTED, Status.CANCELLED) and not request.auth.may(POST):
        raise InsufficientScope(POST)


class WrittenSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    invoice_number = serializers.CharField()
    status = serializers.CharField()
    voucher_id = serializers.IntegerField(allow_null=True)
    voucher_number = serializers.CharField(allow_null=True)
    warnings = serializers.ListField(child=serializers.DictField())


class WrittenEnvelopeSerializer(EnvelopeSerializer):
    data = WrittenSerializer()


class OneEnvelopeSerializer(EnvelopeSerializer):
    data = TestInvoiceSerializer()


class MessageSerializer(EnvelopeSerializer):
    """An answer that says no more than that it was done."""


class QuoteEnvelopeSerializer(MessageSerializer):
    """The sums of the header, and under `items` those of each line."""

    data = serializers.DictField()


class RowsEnvelopeSerializer(MessageSerializer):
    """One object a row: an event of the history, or what became of one of a batch."""

    data = serializers.ListField(child=serializers.DictField())


class VoucherEnvelopeSerializer(EnvelopeSerializer):
    data = VoucherSerializer(many=True)


class TestInvoicesView(LabView, StrictQuery, ListAPIView):
    """`/api/v1/health/testinvoices`."""

    filterset_class = TestInvoiceFilter
    pagination_class = EnvelopePagination
    queryset = TestInvoice.objects.none()
    list_message = "Test invoices retrieved successfully"

    def get_queryset(self) -> Any:
        rows = TestInvoice.objects.for_tenant(self.request.auth.tenant).filter(is_deleted=False)
        return selectors.with_orders(rows.defer("notes", "tags", "warnings"))

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        request = getattr(self, "request", None)
        # A value that is none was refused by the filter before.
        said = request.query_params.get("include_items", "") if request is not None else ""
        with_items = FLAGS.get(said.lower())
        return TestInvoiceRowWithItemsSerializer if with_items else TestInvoiceRowSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        auth = getattr(self.request, "auth", None)
        zone = auth.tenant.zone if auth else None
        return {**super().get_serializer_context(), "zone": zone}

    @extend_schema(
        operation_id="test_invoices_list",
        summary="List laboratory invoices, newest first",
        tags=TAGS,
        parameters=[PREFER, *FILTERS],
        responses={200: TestInvoiceRowWithItemsSerializer(many=True), **refusals(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="test_invoices_create",
        summary="Create a laboratory invoice, as a draft or posted with its voucher",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=TestInvoiceCreateSerializer,
        responses={201: WrittenEnvelopeSerializer, **refusals(400, 401, 403, 409, 415, 422, 503)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = read_as(request, TestInvoiceCreateSerializer)
        may_move(request, said.validated_data.get("status"))
        invoice = create_invoice(request.auth.tenant, said.validated_data, who(request))
        return enveloped(
            "Test invoice created successfully",
            written(invoice, said),
            status=201,
            Location=f"/api/v1/health/testinvoices/{invoice.pk}",
        )


class TestInvoiceView(LabView, APIView):
    """`/api/v1/health/testinvoices/{id}`."""

    @extend_schema(
        operation_id="test_invoices_retrieve",
        summary="One laboratory invoice with its lines",
        tags=TAGS,
        parameters=[TestInvoiceQuerySerializer],
        responses={200: OneEnvelopeSerializer, **refusals(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        asked = TestInvoiceQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        context = {"zone": request.auth.tenant.zone, **asked.validated_data}
        return enveloped(
            "Test invoice retrieved successfully",
            TestInvoiceSerializer(invoice, context=context).data,
            ETag=f'"{invoice.version}"',
        )

    @extend_schema(
        operation_id="test_invoices_update",
        summary="Change what may still change; post or cancel by `status`",
        tags=TAGS,
        request=TestInvoiceUpdateSerializer,
        parameters=[IF_MATCH],
        responses={200: MessageSerializer, **refusals(400, 401, 403, 404, 409, 412, 415)},
    )
    def put(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        said = read_as(request, TestInvoiceUpdateSerializer)
        may_move(request, said.validated_data.get("status"))
        version = _version(request)
        update_invoice(invoice, said.validated_data, who(request), version=version)
        return enveloped(
            "Test invoice updated successfully", said=said, ETag=f'"{invoice.version}"'
        )

    @extend_schema(
        operation_id="test_invoices_patch",
        summary="The same as PUT",
        tags=TAGS,
        request=TestInvoiceUpdateSerializer,
        parameters=[IF_MATCH],
        responses={200: MessageSerializer, **refusals(400, 401, 403, 404, 409, 412, 415)},
    )
    def patch(self, request: Request, pk: int) -> Response:
        return self.put(request, pk)

    @extend_schema(
        operation_id="test_invoices_delete",
        summary="Put a draft away",
        tags=TAGS,
        parameters=[IF_MATCH],
        responses={200: MessageSerializer, **refusals(400, 401, 403, 404, 409, 412)},
    )
    def delete(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        delete_draft(invoice, who(request), version=_version(request))
        return enveloped("Test invoice deleted successfully")


class PostView(PostingView, APIView):
    """`/api/v1/health/testinvoices/{id}/post`."""

    @extend_schema(
        operation_id="test_invoices_post",
        summary="Post a draft: its voucher is written",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY, IF_MATCH],
        request=None,
        responses={200: WrittenEnvelopeSerializer, **refusals(400, 401, 403, 404, 409, 412, 422)},
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        post_invoice(invoice, who(request), version=_version(request))
        return enveloped("Test invoice posted successfully", written(invoice))


class CancelView(PostingView, APIView):
    """`/api/v1/health/testinvoices/{id}/cancel`."""

    @extend_schema(
        operation_id="test_invoices_cancel",
        summary="Cancel: a posted one by the reversal of its voucher",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY, IF_MATCH],
        request=CancelSerializer,
        responses={
            200: WrittenEnvelopeSerializer,
            **refusals(400, 401, 403, 404, 409, 412, 415, 422),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        read = read_as(request, CancelSerializer)
        said = read.validated_data
        cancel_invoice(
            invoice,
            who(request, said["reason"]),
            on=said.get("date"),
            release_payments=said["release_payments"],
            version=_version(request),
        )
        told = written(invoice, read, after_its_month(invoice))
        return enveloped("Test invoice cancelled successfully", told)


class QuoteView(LabView, APIView):
    """`/api/v1/health/testinvoices/quote`."""

    @extend_schema(
        operation_id="test_invoices_quote",
        summary="What an invoice would add up to; nothing is written",
        tags=TAGS,
        parameters=[IDEMPOTENCY_KEY],
        request=TestInvoiceCreateSerializer,
        responses={200: QuoteEnvelopeSerializer, **refusals(400, 401, 403, 409, 415, 422)},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        said = read_as(request, TestInvoiceCreateSerializer)
        checked = check(request.auth.tenant, said.validated_data)
        lines = zip(checked.said["items"], checked.lines, strict=True)
        names = ("line_no", "test_id", "test_name", "panel_id", "panel_name")
        items = [
            {
                **{name: line[name] for name in names if name in line},
                **amounts,
                "overall_disc_share": amounts["rate"]
                - amounts["disc_amount"]
                - amounts["taxable_amount"],
            }
            for line, amounts in lines
        ]
        totals = {
            **checked.header,
            "supply_type": checked.supply_type,
            "discount_mode": checked.discount_mode,
            "items": items,
            "warnings": [*checked.warnings, *not_known(said)],
        }
        return enveloped("Test invoice computed successfully", totals)


class VoucherView(LabView, APIView):
    """`/api/v1/health/testinvoices/{id}/voucher`."""

    @extend_schema(
        operation_id="test_invoices_voucher",
        summary="The voucher of an invoice, and the one that reversed it",
        tags=TAGS,
        responses={200: VoucherEnvelopeSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        invoice = selectors.get_invoice(request.auth.tenant, pk)
        vouchers = [v for v in (invoice.voucher, invoice.reversal_voucher) if v is not None]
        told = VoucherSerializer(vouchers, many=True).data
        return enveloped("Vouchers retrieved successfully", told)


class HistoryView(LabView, APIView):
    """`/api/v1/health/testinvoices/{id}/history`."""

    @extend_schema(
        operation_id="test_invoices_history",
        summary="Who changed an invoice, when, and what it was before",
        tags=TAGS,
        responses={200: RowsEnvelopeSerializer, **refusals(401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> Response:
        return told_history(selectors.get_invoice(request.auth.tenant, pk))


def told_history(row: Tenanted) -> Response:
    """Who did what to a row of the tenant, first things first."""
    rows = selectors.history_of(row).values(
        "action", "before", "after", "reason", "actor", "request_id", "created_at"
    )
    return enveloped("History retrieved successfully", list(rows))


def serializer_of(request: Request, kind: type[serializers.Serializer], data: Any) -> Any:
    """A serializer over what was said, in the caller's tenant."""
    return kind(data=data, context={"tenant": request.auth.tenant})


def read_as(request: Request, kind: type[serializers.Serializer]) -> Any:
    """The request's body, judged; raises ValidationError with every field."""
    said = serializer_of(request, kind, request.data)
    said.is_valid(raise_exception=True)
    return said


def _version(request: Request) -> int | None:
    """The version that If-Match names; none where it names none."""
    said = request.headers.get("If-Match", "").strip().strip('"')
    if said in ("", "*"):
        return None
    if not said.isdigit():
        raise InvalidRequest("If-Match holds a version, as ETag gave it.", param="If-Match")
    return int(said[:18])
