"""Test invoices for finance staff: found, read, posted, paid and cancelled."""

from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display

from config.admin import ReadOnlyAdmin
from config.pagination import COUNT_CAP
from config.tenancy.roles import POST
from health.admin.bulk import BulkMixin, today
from health.admin.histories import events_of
from health.admin.invoice_filters import (
    OWED,
    AgeFilter,
    AmountFilter,
    BranchFilter,
    CreditedFilter,
    TagFilter,
    age_of,
)
from health.admin.invoice_forms import CancelForm, CreditForm, PaymentForm
from health.admin.invoice_parts import (
    figure,
    lines_of,
    link,
    money_of,
    sums_of,
)
from health.admin.pages import Asking, LabAdmin, menu
from health.admin.paper import PaperMixin
from health.models import (
    Mode,
    Status,
    TestInvoice,
)
from health.reporting_sales import TAX
from health.services.crediting import credit_invoice, left_of
from health.services.history import Who
from health.services.invoices import cancel_invoice, post_invoice
from health.services.payments import receive
from health.words import COLOURS, CREDITED, rupees

AGE_COLOURS = {"not due": "info", "1-30": "warning"} | dict.fromkeys(
    ("31-60", "61-90", "over 90"), "danger"
)
# What may be done to an invoice, by the paths of the buttons.
FITTING: dict[str, set[str]] = {
    Status.DRAFT: {"post-now", "cancel-now"},
    Status.POSTED: {"record-payment", "credit-now", "cancel-now"},
    Status.CANCELLED: set(),
}


@admin.register(TestInvoice)
class TestInvoiceAdmin(PaperMixin, BulkMixin, ReadOnlyAdmin, Asking, LabAdmin):
    list_display = (
        "number", "dated", "patient", "final", "paid", "balance", "standing",
        "age", "doubts", "voucher_link",
    )  # fmt: skip
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("payment_status", ChoicesDropdownFilter),
        AgeFilter,
        ("supply_type", ChoicesDropdownFilter),
        CreditedFilter,
        ("final_amount", AmountFilter),
        ("local_date", RangeDateFilter),
        BranchFilter,
        TagFilter,
    )
    list_filter_submit = True
    list_fullwidth = True
    actions = BulkMixin.bulk_actions
    list_select_related = ("voucher", "tenant")
    search_fields = ("invoice_number", "patient_name", "=patient_phone", "=voucher__voucher_number")
    search_help_text = "Number or patient, in part; phone or voucher number, whole."
    list_before_template = "admin/health/sums.html"
    # Two menus: seven buttons in a row leave no room for the bill's own number.
    actions_detail = (
        menu("Actions", "bolt", "post_now", "record_payment", "credit_now", "cancel_now"),
        menu("Give out", "print", *PaperMixin.paper_actions),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("number", "patient_name"),
                    ("state", "patient_phone"),
                    ("payment", "voucher_link"),
                    ("invoice_date", "reversal_link"),
                    "due_date",
                    "why_read_only",
                )
            },
        ),
        ("Lines", {"fields": ("lines",)}),
        ("Adds up", {"fields": ("adds_up",)}),
        ("Money", {"fields": ("money",)}),
        ("Notes", {"fields": ("notes", "labels", "told")}),
        ("Given out", {"fields": PaperMixin.paper_fields}),
        ("History", {"fields": ("history",)}),
    )
    readonly_fields = (
        "number", "state", "payment", "voucher_link", "reversal_link", "adds_up", "history", "told",
        "why_read_only", "lines", "money", "labels", *PaperMixin.paper_fields,
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

    @display(description="invoice number", ordering="invoice_number")
    def number(self, invoice: TestInvoice) -> SafeString:
        return format_html('<bdi class="daftar-nowrap">{}</bdi>', invoice.invoice_number)

    @display(description="date", ordering="local_date")
    def dated(self, invoice: TestInvoice) -> SafeString:
        return format_html('<span class="daftar-nowrap">{}</span>', invoice.local_date.isoformat())

    @display(description="patient", ordering="patient_name")
    def patient(self, invoice: TestInvoice) -> SafeString:
        return format_html('<bdi class="daftar-name">{}</bdi>', invoice.patient_name)

    @display(description="final", ordering="final_amount")
    def final(self, invoice: TestInvoice) -> SafeString:
        return figure(rupees(invoice.final_amount))

    @display(description="paid", ordering="paid_amount")
    def paid(self, invoice: TestInvoice) -> SafeString:
        return figure(rupees(invoice.paid_amount))

    @display(description="balance", ordering="balance_amount")
    def balance(self, invoice: TestInvoice) -> SafeString:
        # A draft is owed by nobody yet, a cancelled one by nobody any more.
        is_owed = invoice.status == Status.POSTED
        return figure(rupees(invoice.balance_amount) if is_owed else "–")

    @display(description="payment", ordering="payment_status", label=COLOURS)
    def payment(self, invoice: TestInvoice) -> str | None:
        if invoice.status != Status.POSTED:
            return None
        # Unpaid, but by nobody any more: credit notes took all of it.
        is_credited = invoice.credited_amount and invoice.payment_status in OWED
        return CREDITED if is_credited and not _is_owed(invoice) else invoice.payment_status

    @display(description="status", ordering="status", label=COLOURS)
    def state(self, invoice: TestInvoice) -> str:
        return invoice.status

    @display(description="status", ordering="status", label=COLOURS)
    def standing(self, invoice: TestInvoice) -> str:
        # In one column: whatever has a state of payment is posted.
        return self.payment(invoice) or self.state(invoice)

    @display(description="due since", label=AGE_COLOURS)
    def age(self, invoice: TestInvoice) -> Any:
        if not _is_owed(invoice):
            return None
        bucket = age_of(invoice.due_date or invoice.local_date, today(invoice))
        return bucket, bucket if bucket == "not due" else f"{bucket} days"

    @display(description="")
    def doubts(self, invoice: TestInvoice) -> SafeString | str:
        if not invoice.warnings:
            return ""
        said = "\n".join(warning["message"] for warning in invoice.warnings)
        mark = '<span class="{}" role="img" aria-label="{}" title="{}">⚠ {}</span>'
        looks = "daftar-nowrap daftar-tone-warning"
        return format_html(mark, looks, said, said, len(invoice.warnings))

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

    @display(description="")
    def lines(self, invoice: TestInvoice) -> SafeString:
        return lines_of(invoice)

    @display(description="")
    def adds_up(self, invoice: TestInvoice) -> SafeString:
        return sums_of(invoice)

    @display(description="")
    def money(self, invoice: TestInvoice) -> SafeString | str:
        return money_of(invoice)

    @display(description="")
    def history(self, invoice: TestInvoice) -> SafeString | str:
        return events_of(invoice)

    @display(description="tags")
    def labels(self, invoice: TestInvoice) -> str:
        return ", ".join(invoice.tags) or "none"

    @display(description="warnings")
    def told(self, invoice: TestInvoice) -> str:
        return " ".join(warning["message"] for warning in invoice.warnings) or "none"

    # --- What may be done ------------------------------------------------------------------------

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        invoice = self.get_queryset(request).filter(pk=object_id).first()
        wanted = set(FITTING[invoice.status]) if invoice else set()
        if not self.may(request, POST):
            wanted &= {"record-payment"}
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
            permission=POST,
        )

    @action(description="Record payment", url_path="record-payment", icon="payments")
    def record_payment(self, request: HttpRequest, object_id: int) -> HttpResponse:
        invoice = self.get_queryset(request).filter(pk=object_id).first()
        owed = invoice.balance_amount if invoice else None
        return self.ask(
            request,
            object_id,
            title="Record a payment for",
            sentences=["Cash and bank are booked at once; gateway modes wait to be confirmed."],
            form_class=partial(PaymentForm, owed=owed),
            do=lambda row, said: receive(
                tenant=request.tenant,
                invoice_id=row.pk,
                amount=said["amount"],
                mode=Mode(said["mode"]),
                day=today(row),
                reference=said["reference"],
                actor=request.credential.actor,
            ),
            done="The payment for {row} is kept.",
        )

    @action(description="Credit note", url_path="credit-now", icon="undo")
    def credit_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        invoice = self.get_queryset(request).filter(pk=object_id).first()
        return self.ask(
            request,
            object_id,
            title="Credit",
            sentences=[
                "Say before tax what is no longer owed of each line; its tax goes with it.",
                "With no line named, all that is left of the invoice is credited.",
            ],
            form_class=partial(CreditForm, left=left_of(invoice) if invoice else []),
            do=lambda row, said: credit_invoice(
                request.tenant,
                row.pk,
                reason=said["reason"],
                on=today(row),
                actor=request.credential.actor,
                lines=said["lines"],
            ),
            done="A credit note for {row} is issued.",
            permission=POST,
        )

    @action(description="Cancel", url_path="cancel-now", icon="block")
    def cancel_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self.ask(
            request,
            object_id,
            title="Cancel",
            sentences=["A posted invoice is cancelled by a voucher that reverses its own."],
            form_class=CancelForm,
            do=lambda row, said: cancel_invoice(
                row,
                Who(request.credential.actor, said["reason"]),
                release_payments=said["release_payments"],
            ),
            done="{row} is cancelled.",
            permission=POST,
        )


def _is_owed(invoice: TestInvoice) -> bool:
    return invoice.status == Status.POSTED and invoice.balance_amount > 0


def _sums(rows: QuerySet) -> str:
    """The filtered set in figures; of a very long one the first ten thousand (contracts 14)."""
    counted = TestInvoice.objects.filter(pk__in=rows.values("pk")[:COUNT_CAP])
    posted = Q(status=Status.POSTED)
    sums = counted.order_by().aggregate(
        count=Count("pk"),
        billed=Sum("final_amount", filter=posted),
        tax=Sum(TAX, filter=posted),
        paid=Sum("paid_amount", filter=posted),
        due=Sum("balance_amount", filter=posted),
    )
    nil = Decimal(0)
    named = [f"{name} ₹{rupees(sums[name] or nil)}" for name in ("billed", "tax", "paid", "due")]
    first = "the first " if sums["count"] == COUNT_CAP else ""
    word = "invoice" if sums["count"] == 1 else "invoices"
    return f"{first}{sums['count']:,} {word} · {' · '.join(named)}"


def _voucher(pk: int | None, name: str) -> SafeString | str:
    if pk is None:
        return "–"
    return link("voucher", pk, name)
