"""Reconciliations: compare both sides, see what differs, say why it is right as it is."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework import status as http
from rest_framework.generics import ListAPIView
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.idempotency.api import idempotent
from config.json import StrictJSONParser
from config.openapi import IDEMPOTENCY_KEY, PREFER, error_responses
from config.pagination import InvoicePagination
from config.preferences import StrictQuery
from config.text import TextField
from invoicing import selectors
from invoicing.api.exports import CSVParser, ExportFormParser, Upload
from invoicing.filters import ReconciliationFilter
from invoicing.models import (
    FindingState,
    ReconciliationFinding,
    ReconciliationRun,
    Source,
    Trigger,
)
from invoicing.reconciliation.export import ExportRefused, read_mapping
from invoicing.services.asking import reconcile_by_resending
from invoicing.services.differences import explain
from invoicing.services.reconciling import (
    invalid_export,
    reconcile_with_export,
    reconcile_with_list,
)
from invoicing.services.sending import By
from invoicing.timing import PLAUSIBLE_DAYS

# As many answers as one request waits for; the command takes any number.
AT_ONCE = 50
WAIT_SECONDS = 20
DAYS = [MinValueValidator(PLAUSIBLE_DAYS[0]), MaxValueValidator(PLAUSIBLE_DAYS[1])]


class RangeSerializer(serializers.Serializer):
    """Which invoices: of one unit, issued on some days (the tenant's, both inclusive)."""

    unit = TextField(max_length=64, required=False, help_text="Name of an EGS unit.")
    date_from = serializers.DateField(required=False, validators=DAYS)
    date_to = serializers.DateField(required=False, validators=DAYS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first, last = attrs.get("date_from"), attrs.get("date_to")
        if first and last and first > last:
            raise serializers.ValidationError({"date_to": "date_to lies before date_from."})
        return attrs


class ReconcileRequestSerializer(RangeSerializer):
    source = serializers.ChoiceField([Source.LIST.value, Source.RESEND.value])
    confirm_old = serializers.BooleanField(
        required=False,
        help_text="Resend what is older than the authority's memory, too: a person's decision.",
    )


class ExportRequestSerializer(RangeSerializer):
    file_name = TextField(max_length=200, required=False, allow_blank=True)
    column = serializers.ListField(
        child=TextField(max_length=200), required=False, help_text="As `total=Invoice Amount`."
    )


class FiguresSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    total = serializers.DecimalField(None, 2)
    vat = serializers.DecimalField(None, 2)


class SummaryRowSerializer(serializers.Serializer):
    """Documents of one status and kind on both sides; `difference` is theirs less ours."""

    status = serializers.CharField()
    document_type = serializers.CharField(help_text="Empty where the other side does not say.")
    form = serializers.CharField(help_text="STANDARD, SIMPLIFIED, or empty.")
    currency = serializers.CharField()
    ours = FiguresSerializer()
    theirs = FiguresSerializer()
    difference = FiguresSerializer()


class ReconciliationSerializer(serializers.ModelSerializer):
    unit: Any = serializers.SlugRelatedField("name", read_only=True)
    date_from = serializers.DateField(source="first_day", allow_null=True)
    date_to = serializers.DateField(source="last_day", allow_null=True)
    open_count = serializers.IntegerField(help_text="Findings nobody has explained.")
    is_clean = serializers.SerializerMethodField()
    columns = serializers.JSONField(help_text="Which header was read as which field.")
    summary = serializers.SerializerMethodField()

    class Meta:
        model = ReconciliationRun
        fields = (
            "id", "source", "unit", "date_from", "date_to", "actor", "file_name", "file_sha256",
            "columns", "started_at", "finished_at", "ours_count", "theirs_count", "finding_count",
            "open_count", "left_out", "is_clean", "summary",
        )  # fmt: skip

    def get_is_clean(self, run: ReconciliationRun) -> bool:
        return bool(run.finished_at) and not run.open_count and not run.left_out

    @extend_schema_field(SummaryRowSerializer(many=True))
    def get_summary(self, run: ReconciliationRun) -> list[dict[str, Any]]:
        sides = ("ours", "theirs", "difference")
        return [{**row, **{side: _exact(row[side]) for side in sides}} for row in run.summary]


def _exact(figures: dict[str, Any]) -> dict[str, Any]:
    amounts = {name: Decimal(figures[name]) for name in ("total", "vat")}
    return {"count": figures["count"], **amounts}


class ReconciliationFindingSerializer(serializers.ModelSerializer):
    invoice_number = serializers.CharField(source="number")
    title = serializers.CharField(source="sentences.title")
    title_ar = serializers.CharField(source="sentences.title_ar")
    meaning = serializers.CharField(source="sentences.meaning")
    meaning_ar = serializers.CharField(source="sentences.meaning_ar")
    next_action = serializers.CharField(source="sentences.next_action")
    next_action_ar = serializers.CharField(source="sentences.next_action_ar")
    ours = serializers.CharField(help_text="What Daftar says of it; empty for nothing.")
    theirs = serializers.CharField(help_text="What the authority says of it.")
    our_total = serializers.DecimalField(None, 2, allow_null=True)
    their_total = serializers.DecimalField(None, 2, allow_null=True)
    total_difference = serializers.DecimalField(None, 2, allow_null=True)
    our_vat = serializers.DecimalField(None, 2, allow_null=True)
    their_vat = serializers.DecimalField(None, 2, allow_null=True)
    vat_difference = serializers.DecimalField(None, 2, allow_null=True)

    class Meta:
        model = ReconciliationFinding
        fields = (
            "id", "kind", "title", "title_ar", "invoice_number", "invoice", "uuid", "ours",
            "theirs", "our_total", "their_total", "total_difference", "our_vat", "their_vat",
            "vat_difference", "our_hash", "their_hash", "csid", "icv", "last_icv", "line",
            "meaning", "meaning_ar", "next_action", "next_action_ar", "state", "reason",
            "explained_by", "explained_at",
        )  # fmt: skip


class ReconciliationDetailSerializer(serializers.Serializer):
    """One run and a page of its findings, in the order they were found."""

    reconciliation = ReconciliationSerializer()
    findings = ReconciliationFindingSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    limit = serializers.IntegerField()
    total_pages = serializers.IntegerField()
    total_is_capped = serializers.BooleanField()


class ExplainRequestSerializer(serializers.Serializer):
    reason = TextField(max_length=500, multiline=True)


class Verifying:
    """Seeing asks ``invoices:read``, comparing and explaining ``invoices:verify``."""

    request: Request

    @property
    def scope(self) -> str:
        is_read = self.request.method in SAFE_METHODS
        return "invoices:read" if is_read else "invoices:verify"


class ReconciliationsView(Verifying, StrictQuery, ListAPIView):
    """`/api/v1/invoices/reconciliations`."""

    serializer_class = ReconciliationSerializer
    filterset_class = ReconciliationFilter
    parser_classes = (StrictJSONParser, CSVParser, ExportFormParser)
    queryset = ReconciliationRun.objects.none()

    class pagination_class(InvoicePagination):
        rows_key = "reconciliations"

    def get_queryset(self) -> Any:
        rows = ReconciliationRun.objects.for_tenant(self.request.auth.tenant)
        return rows.with_open_count().select_related("unit")

    @extend_schema(
        operation_id="reconciliations_list",
        summary="List reconciliations, newest first",
        parameters=[PREFER],
        responses={200: ReconciliationSerializer(many=True), **error_responses(400, 401, 403)},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        operation_id="reconciliations_create",
        summary="Compare what Daftar believes with what the authority holds",
        description="JSON with `source` LIST (a stand-in only) or RESEND (at most 50 documents in "
        "one request); or an export of the Fatoora portal as `text/csv` or as the field `file` of "
        "a form, with `unit`, `date_from`, `date_to` and `column` in the query or beside it. A "
        "list or a file never changes a status. An API key needs the scope `admin`.",
        parameters=[IDEMPOTENCY_KEY],
        request={
            "application/json": ReconcileRequestSerializer,
            "text/csv": OpenApiTypes.STR,
            "multipart/form-data": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "unit": {"type": "string"},
                    "date_from": {"type": "string", "format": "date"},
                    "date_to": {"type": "string", "format": "date"},
                    "column": {"type": "array", "items": {"type": "string"}},
                },
            },
        },
        responses={
            201: ReconciliationSerializer,
            **error_responses(400, 401, 403, 404, 409, 413, 415, 422, 503),
        },
    )
    @idempotent
    def post(self, request: Request) -> Response:
        run = _from_export(request) if isinstance(request.data, Upload) else _from_json(request)
        return Response(
            ReconciliationSerializer(run).data,
            status=http.HTTP_201_CREATED,
            headers={"Location": f"/api/v1/invoices/reconciliations/{run.pk}"},
        )


def _from_json(request: Request) -> ReconciliationRun:
    said = ReconcileRequestSerializer(data=request.data)
    said.is_valid(raise_exception=True)
    about = _about(request, said.validated_data)
    if said.validated_data["source"] == Source.LIST:
        return reconcile_with_list(**about)
    return reconcile_by_resending(
        **about,
        confirm_old=said.validated_data.get("confirm_old", False),
        most=AT_ONCE,
        seconds=WAIT_SECONDS,
    )


def _from_export(request: Request) -> ReconciliationRun:
    said = ExportRequestSerializer(data=dict(request.data))
    said.is_valid(raise_exception=True)
    try:
        columns = read_mapping(said.validated_data.get("column", ()))
    except ExportRefused as refused:
        raise invalid_export(refused) from None
    return reconcile_with_export(
        **_about(request, said.validated_data),
        file=request.data.file,
        name=said.validated_data.get("file_name", ""),
        columns=columns,
    )


def _about(request: Request, said: dict[str, Any]) -> dict[str, Any]:
    credential = request.auth
    return {
        "tenant": credential.tenant,
        "by": By(Trigger.CALLER, credential.actor),
        "unit": selectors.find_unit(credential.tenant, said.get("unit")),
        "first": said.get("date_from"),
        "last": said.get("date_to"),
    }


class ReconciliationView(Verifying, StrictQuery, ListAPIView):
    """`/api/v1/invoices/reconciliations/{id}`."""

    serializer_class = ReconciliationFindingSerializer
    queryset = ReconciliationFinding.objects.none()
    query_parameters = frozenset({"state"})

    class pagination_class(InvoicePagination):
        rows_key = "findings"

    @extend_schema(
        operation_id="reconciliations_retrieve",
        summary="One reconciliation with a page of its findings",
        parameters=[
            OpenApiParameter("page", int),
            OpenApiParameter("limit", int),
            OpenApiParameter("state", enum=FindingState.values),
        ],
        responses={
            200: ReconciliationDetailSerializer,
            **error_responses(400, 401, 403, 404),
        },
    )
    def get(self, request: Request, pk: int) -> Response:
        run = selectors.get_reconciliation(request.auth.tenant, pk)
        findings = run.findings.all()
        if state := request.query_params.get("state"):
            findings = findings.filter(state=state)
        page = self.paginate_queryset(findings)
        answer = self.get_paginated_response(self.get_serializer(page, many=True).data)
        answer.data = {"reconciliation": ReconciliationSerializer(run).data, **answer.data}
        return answer


class ExplainView(Verifying, APIView):
    """`/api/v1/invoices/reconciliation-findings/{id}/explain`."""

    @extend_schema(
        operation_id="reconciliation_findings_explain",
        summary="Say why a difference is right as it is",
        description="For good, with a reason and the name of who says it. No status changes.",
        parameters=[IDEMPOTENCY_KEY],
        request=ExplainRequestSerializer,
        responses={
            200: ReconciliationFindingSerializer,
            **error_responses(400, 401, 403, 404, 409, 413, 415, 422),
        },
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        finding = selectors.get_finding(request.auth.tenant, pk)
        said = ExplainRequestSerializer(data=request.data)
        said.is_valid(raise_exception=True)
        explained = explain(finding, reason=said.validated_data["reason"], by=request.auth.actor)
        return Response(ReconciliationFindingSerializer(explained).data)
