"""`/api/v1/health/reports/{name}` and statements of account: as JSON, CSV, XLSX or PDF."""

from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from config.files import FileAnswers
from config.openapi import PREFER
from config.preferences import refuse_unknown
from config.problems import FieldError, NotFound
from config.tenancy.errors import InsufficientScope
from config.tenancy.roles import EXPORT, VERIFY
from health import errors
from health.api.envelopes import EnvelopeSerializer, enveloped
from health.api.views import TAGS, LabView, refusals
from health.files import FORMATS, XLSX, report_file
from health.report import Question, Report, parameter, period_of
from health.reporting_money import statement
from health.reports import REPORTS, report_of

OWN = ("date_from", "date_to", "format")
TYPES = {"text/csv": "csv", XLSX: "xlsx", "application/pdf": "pdf"}


class ReportQuerySerializer(serializers.Serializer):
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    format = serializers.ChoiceField(
        ["json", *FORMATS],
        required=False,
        help_text="Without it, the one that `Accept` names, or json.",
    )


class ReportDataSerializer(serializers.Serializer):
    title = serializers.CharField()
    date_from = serializers.DateField()
    date_to = serializers.DateField()
    facts = serializers.DictField(help_text="What stands above the rows, such as a balance.")
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField())
    totals = serializers.DictField()


class ReportSerializer(EnvelopeSerializer):
    data = ReportDataSerializer()


FILES: dict[Any, Any] = {
    (200, "application/json"): ReportSerializer,
    (200, "text/csv"): OpenApiTypes.STR,
    (200, XLSX): OpenApiTypes.BINARY,
    (200, "application/pdf"): OpenApiTypes.BINARY,
}


class ReportView(FileAnswers, LabView, APIView):
    """One of the reports of `health.reports`."""

    file_types = tuple(TYPES)

    @extend_schema(
        operation_id="health_report",
        summary="A report of the books, for a period: this month where none is named",
        description="Any column narrows it by a parameter of its name with `_` for a space: "
        "`lines?test_or_panel=Blood+Test`. `ledger` needs `account`, the code of one. A file takes "
        "`health:export`, and `integrity` takes `health:verify`: a role that has it, or a key with "
        "`admin`. `Prefer: handling=strict` refuses what is no parameter and no column.",
        tags=TAGS,
        parameters=[
            ReportQuerySerializer,
            PREFER,
            OpenApiParameter("account", str, description="Of `ledger`: such as 1100-AR."),
            OpenApiParameter("name", str, OpenApiParameter.PATH, enum=list(REPORTS)),
        ],
        responses={**FILES, **refusals(400, 401, 403, 404)},
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        if name not in REPORTS:
            raise NotFound
        # The chain of hashes is recomputed for it (contracts 4).
        if name == "integrity" and not request.auth.may(VERIFY):
            raise InsufficientScope(VERIFY)
        wanted, asked = _question(request, TYPES.get(self.accepted_file or "", "json"))
        report = report_of(request.auth.tenant, name, asked)
        own = (*OWN, "account") if name == "ledger" else OWN
        refuse_unknown(request, {*own, *map(parameter, report.head)})
        return _answer(request, name, report, asked, wanted)


class StatementView(FileAnswers, LabView, APIView):
    """`/api/v1/health/statements/{id}`; the id is the laboratory's own number of a patient."""

    file_types = tuple(TYPES)

    @extend_schema(
        operation_id="patient_statement",
        summary="A patient's account: billed, credited, paid, and what is owed after each",
        description="`id` is the `patient_id` of the invoices. A balance below zero is the "
        "patient's. A file takes `health:export`.",
        tags=TAGS,
        parameters=[ReportQuerySerializer, PREFER],
        responses={**FILES, **refusals(400, 401, 403, 404)},
    )
    def get(self, request: Request, pk: int) -> HttpResponseBase:
        wanted, asked = _question(request, TYPES.get(self.accepted_file or "", "json"))
        refuse_unknown(request, OWN)
        report = statement(request.auth.tenant, pk, asked)
        return _answer(request, f"statement-{pk}", report, asked, wanted)


def _question(request: Request, accepted: str) -> tuple[str, Question]:
    """The format, and what is asked. Raises InsufficientScope where a file takes more."""
    read = ReportQuerySerializer(data=request.query_params)
    read.is_valid(raise_exception=True)
    said = read.validated_data
    # What is no JSON is a file, and files are lists that leave the house (contracts 4).
    wanted = said.get("format", accepted)
    if wanted != "json" and not request.auth.may(EXPORT):
        raise InsufficientScope(EXPORT)
    today = timezone.now().astimezone(request.auth.tenant.zone).date()
    period = period_of(said.get("date_from"), said.get("date_to"), today)
    if period.last < period.first:
        field = "date_to" if "date_to" in said else "date_from"
        message = f"The period ends on {period.last}, before it begins."
        arabic = f"تنتهي الفترة في {period.last} قبل بدايتها."
        error = FieldError(field, "INVALID_FILTER", message, arabic)
        raise errors.InvalidFilter(message, message_ar=arabic, errors=[error])
    only = {name: str(value) for name, value in request.query_params.items() if name not in OWN}
    return wanted, Question(period.first, period.last, only=only)


def _answer(
    request: Request, name: str, report: Report, asked: Question, wanted: str
) -> HttpResponseBase:
    if wanted == "json":
        return enveloped("Report retrieved successfully", _told(report.read(), asked))
    return report_file(request, request.auth.tenant, name, report, asked, wanted)


def _told(report: Report, asked: Question) -> dict[str, Any]:
    return {
        "title": report.title,
        "date_from": asked.first,
        "date_to": asked.last,
        "facts": dict(report.facts),
        "columns": report.head,
        "rows": report.rows,
        "totals": report.totals,
    }
