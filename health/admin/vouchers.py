"""Vouchers as T-accounts. Nobody adds, changes or deletes one here."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin, TenantTabularInline
from health.admin.pages import LabAdmin
from health.models import Source, Voucher, VoucherLine
from health.words import rupees


class LineInline(ReadOnlyAdmin, TenantTabularInline):
    model = VoucherLine
    view_scope = "health:read"
    extra = 0
    fields = ("line_no", "account", "dr", "cr", "party")
    readonly_fields = fields

    @display(description="debit")
    def dr(self, line: VoucherLine) -> str:
        return rupees(line.debit) if line.debit else ""

    @display(description="credit")
    def cr(self, line: VoucherLine) -> str:
        return rupees(line.credit) if line.credit else ""


class VoucherAdmin(ReadOnlyAdmin, LabAdmin):
    list_display = ("voucher_number", "date", "voucher_type", "reference_number", "total", "pair")
    list_filter = ("voucher_type__code", ("date", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("seal", "voucher_type", "reverses")
    search_fields = ("voucher_number", "reference_number")
    inlines = (LineInline,)
    fields = (
        ("voucher_number", "date", "voucher_type"),
        ("document", "total"),
        "narration",
        ("pair", "sealed"),
        ("created_by", "created_at"),
    )
    readonly_fields = ("document", "total", "pair", "sealed")

    @display(description="total")
    def total(self, voucher: Voucher) -> str:
        return rupees(voucher.seal.total)

    @display(description="document")
    def document(self, voucher: Voucher) -> SafeString | str:
        if voucher.reference_type != Source.TEST_INVOICE:
            return f"{voucher.get_reference_type_display()} {voucher.reference_number}"
        page = reverse("admin:health_testinvoice_change", args=[voucher.reference_id])
        return format_html('<a href="{}">{}</a>', page, voucher.reference_number)

    @display(description="reversal")
    def pair(self, voucher: Voucher) -> SafeString | str:
        other = voucher.reverses or getattr(voucher, "reversal", None)
        if other is None:
            return "–"
        word = "reverses" if voucher.reverses else "reversed by"
        page = reverse("admin:health_voucher_change", args=[other.pk])
        return format_html('{} <a href="{}">{}</a>', word, page, other)

    @display(description="seal")
    def sealed(self, voucher: Voucher) -> str:
        return f"number {voucher.seal.sequence}, {voucher.seal.entry_hash[:16]}…"
