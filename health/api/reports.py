"""`/api/v1/health/reports/{name}`: the books as JSON or CSV."""

import csv
import io
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from config.problems import NotFound
from health.api.answers import enveloped
from health.api.views import TAGS, LabView, refusals
from health.reporting import REPORTS, Period, Report, month_of


class ReportQuerySerializer(serializers.Serializer):
    date_from = serializers.DateField(required=False)
    date_to = serializers.DateField(required=False)
    format = serializers.ChoiceField(["json", "csv"], default="json")


class ReportDataSerializer(serializers.Serializer):
    title = serializers.CharField()
    date_from = serializers.DateField()
    date_to = serializers.DateField()
    columns = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField())
    totals = serializers.DictField()


class ReportSerializer(serializers.Serializer):
    success = serializers.BooleanField(default=True)
    message = serializers.CharField()
    data = ReportDataSerializer()


class ReportView(LabView, APIView):
    """One of the reports of `health.reporting`."""

    @extend_schema(
        operation_id="health_report",
        summary="A report of the books, for a period: this month where none is named",
        tags=TAGS,
        parameters=[
            ReportQuerySerializer,
            OpenApiParameter("name", str, OpenApiParameter.PATH, enum=list(REPORTS)),
        ],
        responses={200: ReportSerializer, **refusals(400, 401, 403, 404)},
    )
    def get(self, request: Request, name: str) -> HttpResponseBase:
        if name not in REPORTS:
            raise NotFound
        asked = ReportQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        tenant = request.auth.tenant
        usual = month_of(timezone.now().astimezone(tenant.zone).date())
        period = Period(
            asked.validated_data.get("date_from", usual.first),
            asked.validated_data.get("date_to", usual.last),
        )
        report = REPORTS[name](tenant, period)
        if asked.validated_data["format"] == "csv":
            return _csv(name, report)
        return enveloped("Report retrieved successfully", _told(report, period))


def _told(report: Report, period: Period) -> dict[str, Any]:
    return {
        "title": report.title,
        "date_from": period.first,
        "date_to": period.last,
        "columns": report.head,
        "rows": report.rows,
        "totals": report.totals,
    }


def _csv(name: str, report: Report) -> HttpResponse:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(report.head)
    writer.writerows([_harmless(value) for value in row] for row in report.rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _harmless(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula is quoted."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
