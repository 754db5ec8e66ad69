"""Vouchers as T-accounts. Nobody adds, changes or deletes one here."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import AllValuesCheckboxFilter, RangeDateFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin
from health.admin.invoice_parts import figure
from health.admin.pages import LabAdmin
from health.models import Voucher, VoucherLine
from health.selectors import document_of
from health.words import rupees


class VoucherAdmin(ReadOnlyAdmin, LabAdmin):
    list_display = (
        "voucher_number", "dated", "voucher_type", "document", "narration", "total", "pair",
    )  # fmt: skip
    list_filter = (("voucher_type__code", AllValuesCheckboxFilter), ("date", RangeDateFilter))
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("seal", "voucher_type", "reverses", "reversal")
    search_fields = ("voucher_number", "reference_number")
    search_help_text = "Number of the voucher or of its document, in part."

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The two sides of the voucher instead of a form: nothing here is edited."""
        if detour := self._detour(request):
            return detour
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        voucher = self.get_object(request, object_id)
        lines = list(voucher.lines.select_related("account").order_by("line_no"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": voucher,
            "title": str(voucher),
            "sides": [("Debit", _side(lines, "debit")), ("Credit", _side(lines, "credit"))],
            "total": rupees(voucher.seal.total),
            "document": self.document(voucher),
            "pair": self.pair(voucher),
            "back": reverse("admin:health_voucher_changelist"),
        }
        return TemplateResponse(request, "admin/health/voucher.html", context)

    @display(description="date", ordering="date")
    def dated(self, voucher: Voucher) -> SafeString:
        return format_html('<span class="daftar-nowrap">{}</span>', voucher.date.isoformat())

    @display(description="total", ordering="seal__total")
    def total(self, voucher: Voucher) -> SafeString:
        return figure(rupees(voucher.seal.total))

    @display(description="document", ordering="reference_number")
    def document(self, voucher: Voucher) -> SafeString:
        kind, pk = document_of(voucher)
        page = reverse(f"admin:health_{kind}_change", args=[pk])
        return format_html(
            '<a class="daftar-link" href="{}">{}</a>', page, voucher.reference_number
        )

    @display(description="reversal")
    def pair(self, voucher: Voucher) -> SafeString | str:
        other = voucher.reverses or getattr(voucher, "reversal", None)
        if other is None:
            return "–"
        word = "reverses" if voucher.reverses else "reversed by"
        page = reverse("admin:health_voucher_change", args=[other.pk])
        return format_html('{} <a class="daftar-link" href="{}">{}</a>', word, page, other)


def _side(lines: list[VoucherLine], side: str) -> list[dict[str, Any]]:
    return [
        {
            "account": line.account,
            "page": reverse("admin:health_account_change", args=[line.account_id]),
            "party": line.party,
            "amount": rupees(getattr(line, side)),
        }
        for line in lines
        if getattr(line, side) > Decimal(0)
    ]
