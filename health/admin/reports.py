"""The reports as pages: a period, a table whose every figure leads to what is behind it, files."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action

from config.admin import choose_tenant
from config.problems import Problem
from config.tenancy.roles import EXPORT
from health.admin.analytics import analytics
from health.admin.integrity import IntegrityMixin
from health.admin.vouchers import VoucherAdmin
from health.errors import InvalidFilter, PatientNotFound
from health.exporting import shown
from health.files import FORMATS, report_file
from health.models import Voucher
from health.report import Lead, Question, Report, Row, Sums, month_of, parameter, period_of
from health.reporting import DIFFERENCE
from health.reporting_money import statement
from health.reports import REPORTS, report_of

ROWS_SHOWN = 1_000
OWN = ("date_from", "date_to", "format")
PAGES = {
    "voucher": "admin:health_voucher_change",
    "invoice": "admin:health_testinvoice_change",
    "payment": "admin:health_payment_change",
    "credit note": "admin:health_credit_note_pdf",
}


class PeriodForm(forms.Form):
    date_from = forms.DateField(required=False)
    date_to = forms.DateField(required=False)


@admin.register(Voucher)
class BooksAdmin(IntegrityMixin, VoucherAdmin):
    """The list of vouchers, and the reports that are made of them."""

    actions_list = ("reports", "plots")

    @action(description="Reports", url_path="all-reports", icon="table_chart")
    def reports(self, request: HttpRequest) -> HttpResponseBase:
        """The way to the reports; the trial balance comes first."""
        return redirect("admin:health_report_page", "trial-balance")

    @action(description="Analytics", url_path="plots", icon="monitoring")
    def plots(self, request: HttpRequest) -> HttpResponseBase:
        """The way to the plots."""
        return redirect("admin:health_analytics")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("reports/<slug:name>/", view(self.report_view), name="health_report_page"),
            path("statements/<int:pk>/", view(self.statement_view), name="health_statement"),
            path("analytics/", view(self.analytics_view), name="health_analytics"),
            *super().get_urls(),
        ]

    def report_view(self, request: HttpRequest, name: str) -> HttpResponseBase:
        """One report of `health.reports` for this month, or the period asked for."""
        if detour := self._guarded(request):
            return detour
        if name not in REPORTS:
            raise Http404
        if name == "integrity" and request.GET.get("format") not in FORMATS:
            return redirect("admin:health_integrity")
        asked = question(request)
        try:
            return self._shown(request, name, report_of(request.tenant, name, asked), asked)
        except InvalidFilter as refusal:
            self.message_user(request, refusal.message, messages.WARNING)
            return redirect("admin:health_report_page", "trial-balance")

    def statement_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """A patient's account."""
        if detour := self._guarded(request):
            return detour
        asked = question(request)
        try:
            report = statement(request.tenant, pk, asked)
        except PatientNotFound:
            raise Http404 from None
        return self._shown(request, f"statement-{pk}", report, asked)

    def analytics_view(self, request: HttpRequest) -> HttpResponseBase:
        """The plots."""
        if detour := self._guarded(request):
            return detour
        asked = question(request)
        context = {
            **self._page(request, "Analytics", asked),
            **analytics(request.tenant, asked, lambda lead: address(lead, asked)),
        }
        return TemplateResponse(request, "admin/health/analytics.html", context)

    def _guarded(self, request: HttpRequest) -> HttpResponseBase | None:
        if request.tenant is None:
            return choose_tenant(request, self.admin_site)
        if not self.has_view_permission(request):
            raise PermissionDenied
        return None

    def _shown(
        self, request: HttpRequest, name: str, report: Report, asked: Question
    ) -> HttpResponseBase:
        form = request.GET.get("format")
        may_export = self.may(request, EXPORT)
        if form in FORMATS:
            if not may_export:
                raise PermissionDenied
            try:
                return report_file(request, request.tenant, name, report, asked, form)
            except Problem as refusal:
                self.message_user(request, refusal.message, messages.ERROR)
        rows, totals = _some(report)
        context = {
            **self._page(request, report.title, asked),
            "report": report,
            "name": name,
            "facts": [
                (label.capitalize(), shown(value), _tone(label, value))
                for label, value in report.facts
            ],
            "head": [(c, _is_figure(rows, place)) for place, c in enumerate(report.head)],
            "rows": [[_cell(value, asked) for value in row] for row in rows[:ROWS_SHOWN]],
            "is_cut": len(rows) > ROWS_SHOWN,
            "limit": ROWS_SHOWN,
            "totals": [shown(totals[c]) if c in totals else "" for c in report.head],
            "narrowed": _narrowed(report, asked),
            "files": [
                (form.upper(), f"?{urlencode({**asked.only, **_query(asked), 'format': form})}")
                for form in (FORMATS if may_export else ())
            ],
        }
        return TemplateResponse(request, "admin/health/report.html", context)

    def _page(self, request: HttpRequest, title: str, asked: Question | None) -> dict[str, Any]:
        """The way to every report, for the same period where there is one."""
        query = f"?{urlencode(_query(asked))}" if asked else ""
        names = [("Analytics", reverse("admin:health_analytics"))]
        names += [
            (
                name.replace("-", " ").capitalize().replace("Gst", "GST"),
                reverse("admin:health_report_page", args=[name]),
            )
            for name in REPORTS
            if name not in ("ledger", "integrity")  # reached from an account; a page of its own
        ]
        names.append(("Integrity", reverse("admin:health_integrity")))
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "period": asked,
            "only": asked.only if asked else {},
            "links": [(name, f"{link}{query}", link == request.path) for name, link in names],
        }


def question(request: HttpRequest) -> Question:
    """The period asked for, or this month up to today; and what the columns are narrowed to.

    What is no period is told, and this month is shown.
    """
    today = timezone.now().astimezone(request.tenant.zone).date()
    form = PeriodForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    period = period_of(said.get("date_from"), said.get("date_to"), today)
    if form.errors or period.last < period.first:
        messages.warning(request, "That is no period; this month is shown instead.")
        period = month_of(today)
    only = {name: value for name, value in request.GET.items() if name not in OWN}
    return Question(period.first, period.last, only=only)


def address(lead: Lead, asked: Question) -> str:
    """The page of what a value comes from; of a report, for the same period."""
    if lead.to in PAGES:
        return reverse(PAGES[lead.to], args=[lead.pk])
    if lead.to == "patient":
        page = reverse("admin:health_statement", args=[lead.pk])
        return f"{page}?{urlencode(_query(asked))}"
    page = reverse("admin:health_report_page", args=[lead.to])
    return f"{page}?{urlencode({**_query(asked), **lead.only})}"


def _query(asked: Question) -> dict[str, str]:
    return {"date_from": asked.first.isoformat(), "date_to": asked.last.isoformat()}


def _some(report: Report) -> tuple[list[Row], Mapping[str, Any]]:
    """The first rows, one more than are shown, and the totals of all of them."""
    sums, rows = Sums(report), []
    fetched = iter(report.rows)
    for row in islice(fetched, ROWS_SHOWN + 1):
        rows.append(row)
        sums.add(row)
    for row in fetched:
        sums.add(row)
    return rows, sums.by_column


def _is_figure(rows: list[Row], place: int) -> bool:
    return bool(rows) and isinstance(rows[0][place], Decimal | int)


def _cell(value: Any, asked: Question) -> tuple[str, bool, str]:
    """As it is written, whether it is a figure, and where it leads."""
    lead = getattr(value, "lead", None)
    link = address(lead, asked) if lead is not None and value else ""
    return shown(value), isinstance(value, Decimal | int), link


def _tone(label: str, value: Any) -> str:
    """The colour of the badge that a fact is; none for those that are just said."""
    if label != DIFFERENCE:
        return ""
    return "danger" if value else "success"


def _narrowed(report: Report, asked: Question) -> list[tuple[str, str]]:
    columns = {parameter(column): column for column in report.head}
    return [(columns[name], said) for name, said in asked.only.items() if name in columns]
