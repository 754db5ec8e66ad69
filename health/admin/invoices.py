"""Test invoices for finance staff: found, read, posted, paid and cancelled."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminSelectWidget

from config.admin import ReadOnlyAdmin, TenantTabularInline
from health.admin.pages import Asking, LabAdmin, ReasonForm
from health.admin.paper import PaperMixin
from health.models import (
    History,
    Mode,
    PaymentStatus,
    Status,
    TestInvoice,
    TestInvoiceItem,
)
from health.selectors import history_of
from health.services.crediting import credit_invoice
from health.services.history import Who
from health.services.invoices import cancel_invoice, post_invoice
from health.services.payments import receive
from health.words import COLOURS, rupees

AMOUNTS = (
    *("subtotal_amount", "items_total_discount_amount", "taxable_amount", "cgst_amount"),
    *("sgst_amount", "igst_amount", "cess_amount", "overall_disc_amount", "roundoff"),
    *("final_amount", "credited_amount", "paid_amount", "balance_amount"),
)


class PaymentForm(forms.Form):
    amount = forms.DecimalField(
        min_value=Decimal("0.01"),
        max_digits=15,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget(attrs={"autofocus": True}),
    )
    mode = forms.ChoiceField(choices=Mode.choices, widget=UnfoldAdminSelectWidget())


class ItemInline(ReadOnlyAdmin, TenantTabularInline):
    model = TestInvoiceItem
    view_scope = "health:read"
    extra = 0
    fields = ("line_no", "name", "amount", "discount", "taxable", "tax", "total")
    readonly_fields = fields

    @display(description="test or panel")
    def name(self, item: TestInvoiceItem) -> str:
        return item.test_name or item.panel_name or f"{item.test_id or item.panel_id}"

    @display(description="rate")
    def amount(self, item: TestInvoiceItem) -> str:
        return rupees(item.rate)

    def discount(self, item: TestInvoiceItem) -> str:
        return rupees(item.disc_amount)

    def taxable(self, item: TestInvoiceItem) -> str:
        return rupees(item.taxable_amount)

    def tax(self, item: TestInvoiceItem) -> str:
        return rupees(item.total_amount - item.taxable_amount)

    def total(self, item: TestInvoiceItem) -> str:
        return rupees(item.total_amount)


@admin.register(TestInvoice)
class TestInvoiceAdmin(PaperMixin, ReadOnlyAdmin, Asking, LabAdmin):
    list_display = (
        "invoice_number", "local_date", "patient_name", "final", "paid", "balance", "payment",
        "state", "age", "voucher_link",
    )  # fmt: skip
    list_filter = ("status", "payment_status", "supply_type", ("local_date", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("voucher",)
    search_fields = ("invoice_number", "patient_name", "=patient_phone", "=voucher__voucher_number")
    search_help_text = "Number or patient, in part; phone or voucher number, whole."
    list_before_template = "admin/health/sums.html"
    inlines = (ItemInline,)
    actions_detail = (
        *("post_now", "record_payment", "credit_rest", "cancel_now"),
        *PaperMixin.paper_actions,
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("invoice_number", "state", "payment"),
                    ("invoice_date", "due_date"),
                    ("patient_name", "patient_phone"),
                    ("voucher_link", "reversal_link"),
                    "why_read_only",
                )
            },
        ),
        ("Adds up", {"fields": ("adds_up",)}),
        ("Notes", {"fields": ("notes", "tags", "told")}),
        ("Given out", {"fields": PaperMixin.paper_fields}),
        ("History", {"fields": ("history",)}),
    )
    readonly_fields = (
        "state", "payment", "voucher_link", "reversal_link", "adds_up", "history", "told",
        "why_read_only", *PaperMixin.paper_fields,
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).filter(is_deleted=False)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        listed = getattr(response, "context_data", {}).get("cl")
        if listed is not None:
            response.context_data["sums"] = _sums(listed.queryset)
        return response

    # --- Columns ---------------------------------------------------------------------------------

    @display(description="final", ordering="final_amount")
    def final(self, invoice: TestInvoice) -> SafeString:
        return _figure(invoice.final_amount)

    @display(description="paid", ordering="paid_amount")
    def paid(self, invoice: TestInvoice) -> SafeString:
        return _figure(invoice.paid_amount)

    @display(description="balance", ordering="balance_amount")
    def balance(self, invoice: TestInvoice) -> SafeString:
        return _figure(invoice.balance_amount)

    @display(description="payment", ordering="payment_status", label=COLOURS)
    def payment(self, invoice: TestInvoice) -> str:
        return invoice.payment_status

    @display(description="status", ordering="status", label=COLOURS)
    def state(self, invoice: TestInvoice) -> str:
        return invoice.status

    @display(description="due since")
    def age(self, invoice: TestInvoice) -> str:
        owed = invoice.status == Status.POSTED and invoice.payment_status in (
            PaymentStatus.UNPAID,
            PaymentStatus.PARTIAL,
        )
        if not owed:
            return ""
        days = (_today(invoice) - (invoice.due_date or invoice.local_date)).days
        return f"{days} days" if days > 0 else "not due"

    @display(description="voucher")
    def voucher_link(self, invoice: TestInvoice) -> SafeString | str:
        return _voucher(invoice.voucher_id, str(invoice.voucher or ""))

    @display(description="reversed by")
    def reversal_link(self, invoice: TestInvoice) -> SafeString | str:
        return _voucher(invoice.reversal_voucher_id, str(invoice.reversal_voucher or ""))

    # --- The page --------------------------------------------------------------------------------

    @display(description="")
    def why_read_only(self, invoice: TestInvoice) -> str:
        if invoice.status == Status.DRAFT:
            return "A draft is changed over the API (PUT) until it is posted."
        return "What was posted never changes: cancel it, or issue a credit note."

    @display(description="identity")
    def adds_up(self, invoice: TestInvoice) -> SafeString:
        rows = [
            (name.removesuffix("_amount").replace("_", " "), rupees(getattr(invoice, name)))
            for name in AMOUNTS
        ]
        return _table(rows)

    @display(description="history")
    def history(self, invoice: TestInvoice) -> SafeString:
        return _table([_event(row) for row in history_of(invoice)])

    @display(description="warnings")
    def told(self, invoice: TestInvoice) -> str:
        return "; ".join(warning["message"] for warning in invoice.warnings) or "none"

    # --- What may be done ------------------------------------------------------------------------

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        invoice = self.get_queryset(request).filter(pk=object_id).first()
        fitting = {
            Status.DRAFT: {"post-now", "cancel-now"},
            Status.POSTED: {"record-payment", "credit-rest", "cancel-now"},
        }
        wanted = fitting.get(Status(invoice.status), set()) if invoice else set()
        if not self.may(request, self.change_scope):
            wanted = set()
        wanted |= self.paper_paths(request, invoice)
        offered = super().get_actions_detail(request, object_id)
        return [one for one in offered if any(path in one.path for path in wanted)]

    @action(description="Post", url_path="post-now", icon="task_alt")
    def post_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.ask(
            request,
            object_id,
            title="Post",
            sentences=["Its voucher is written. What it says can never be changed afterwards."],
            form_class=None,
            do=lambda row, said: post_invoice(row, Who(request.credential.actor)),
            done="{row} is posted.",
        )

    @action(description="Record payment", url_path="record-payment", icon="payments")
    def record_payment(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.ask(
            request,
            object_id,
            title="Record a payment for",
            sentences=["Cash and bank are booked at once; gateway modes wait to be confirmed."],
            form_class=PaymentForm,
            do=lambda row, said: receive(
                tenant=request.tenant,
                invoice_id=row.pk,
                amount=said["amount"],
                mode=Mode(said["mode"]),
                day=_today(row),
                actor=request.credential.actor,
            ),
            done="The payment for {row} is kept.",
        )

    @action(description="Credit note", url_path="credit-rest", icon="undo")
    def credit_rest(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.ask(
            request,
            object_id,
            title="Credit what is left of",
            sentences=["Single lines are credited over the API."],
            form_class=ReasonForm,
            do=lambda row, said: credit_invoice(
                request.tenant,
                row.pk,
                reason=said["reason"],
                on=_today(row),
                actor=request.credential.actor,
            ),
            done="A credit note for {row} is issued.",
        )

    @action(description="Cancel", url_path="cancel-now", icon="block")
    def cancel_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.ask(
            request,
            object_id,
            title="Cancel",
            sentences=["A posted invoice is cancelled by a voucher that reverses its own."],
            form_class=ReasonForm,
            do=lambda row, said: cancel_invoice(row, Who(request.credential.actor, said["reason"])),
            done="{row} is cancelled.",
        )


def _today(invoice: TestInvoice) -> date:
    return timezone.now().astimezone(invoice.tenant.zone).date()


def _sums(rows: QuerySet) -> str:
    """The filtered set in figures."""
    sums = rows.order_by().aggregate(
        count=Count("pk"),
        billed=Sum("final_amount"),
        paid=Sum("paid_amount"),
        due=Sum("balance_amount"),
    )
    nil = Decimal(0)
    named = [f"{name} ₹{rupees(sums[name] or nil)}" for name in ("billed", "paid", "due")]
    return f"{sums['count']:,} invoices · {' · '.join(named)}"


def _figure(amount: Decimal) -> SafeString:
    return format_html('<span class="daftar-number">{}</span>', rupees(amount))


def _voucher(pk: int | None, name: str) -> SafeString | str:
    if pk is None:
        return "–"
    return format_html(
        '<a href="{}">{}</a>', reverse("admin:health_voucher_change", args=[pk]), name
    )


def _event(row: History) -> tuple[str, str]:
    changed = ", ".join(sorted(row.after or {}))
    moment = timezone.localtime(row.created_at).strftime("%Y-%m-%d %H:%M")
    words = " · ".join(filter(None, (row.actor, row.reason, changed)))
    return f"{moment} {row.action}", words


def _table(rows: list[tuple[str, str]]) -> SafeString:
    cells = [
        format_html('<tr><td>{}</td><td class="daftar-number">{}</td></tr>', *row) for row in rows
    ]
    body = format_html("{}" * len(cells), *cells)
    return format_html('<table class="daftar-table">{}</table>', body)
