"""The reports as pages: a period, a table, its totals, and the way to CSV."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action

from config.admin import choose_tenant
from health.admin.vouchers import VoucherAdmin
from health.models import Voucher
from health.reporting import REPORTS, Period, month_of
from health.words import rupees


class PeriodForm(forms.Form):
    date_from = forms.DateField(required=False)
    date_to = forms.DateField(required=False)


@admin.register(Voucher)
class BooksAdmin(VoucherAdmin):
    """The list of vouchers, and the reports that are made of them."""

    actions_list = ("reports",)

    @action(description="Reports", url_path="all-reports", icon="monitoring")
    def reports(self, request: HttpRequest) -> HttpResponse:
        """The way to the reports; the trial balance comes first."""
        return redirect("admin:health_report_page", "trial-balance")

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.report_view)
        return [path("reports/<slug:name>/", page, name="health_report_page"), *super().get_urls()]

    def report_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """One report of `health.reporting` for this month, or the period asked for."""
        if request.tenant is None:
            return choose_tenant(request, self.admin_site)
        if not self.has_view_permission(request):
            raise PermissionDenied
        if name not in REPORTS:
            raise Http404
        usual = month_of(timezone.now().astimezone(request.tenant.zone).date())
        form = PeriodForm(request.GET)
        said = form.cleaned_data if form.is_valid() else {}
        period = Period(said.get("date_from") or usual.first, said.get("date_to") or usual.last)
        report = REPORTS[name](request.tenant, period)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": report.title,
            "report": report,
            "head": [
                (column, bool(report.rows) and _shown(report.rows[0][place])[1])
                for place, column in enumerate(report.head)
            ],
            "rows": [[_shown(value) for value in row] for row in report.rows],
            "totals": [
                rupees(report.totals[column]) if column in report.totals else ""
                for column in report.head
            ],
            "period": period,
            "links": _links(),
        }
        return TemplateResponse(request, "admin/health/report.html", context)


def _links() -> list[tuple[str, str]]:
    return [
        (name.replace("-", " ").capitalize(), reverse("admin:health_report_page", args=[name]))
        for name in REPORTS
    ]


def _shown(value: Any) -> tuple[str, bool]:
    """As it is written, and whether it is a figure."""
    if isinstance(value, Decimal):
        return rupees(value), True
    return str(value), isinstance(value, int)
