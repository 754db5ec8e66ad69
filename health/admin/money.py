"""Payments: received, spent, released, given back."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin import ReadOnlyAdmin
from config.tenancy.roles import POST
from health.admin.histories import events_of
from health.admin.invoice_forms import amount_field
from health.admin.invoice_parts import figure, link
from health.admin.pages import Asking, LabAdmin, ReasonForm, menu
from health.models import Mode, Payment, PaymentState, Status, TestInvoice
from health.services import payments, releasing
from health.words import rupees

COLOURS = {
    PaymentState.PENDING: "warning",
    PaymentState.POSTED: "success",
    PaymentState.FAILED: "danger",
    PaymentState.REVERSED: "info",
}
# What may be done to a payment, by the paths of the buttons; the first three by a clerk, too.
FITTING: dict[str, set[str]] = {
    PaymentState.PENDING: {"confirm-now", "fail-now"},
    PaymentState.POSTED: {"spend-now", "release-now", "refund-now", "reverse-now"},
    PaymentState.FAILED: set(),
    PaymentState.REVERSED: set(),
}
OF_CLERKS = {"confirm-now", "fail-now", "spend-now"}
CHOICES_SHOWN = 200


class RefundForm(ReasonForm):
    amount = amount_field()
    mode = forms.ChoiceField(choices=Mode.choices, widget=UnfoldAdminSelectWidget())
    field_order = ("amount", "mode", "reason")


class InvoiceForm(forms.Form):
    """An invoice of this payment's patient, and how much."""

    invoice = forms.ModelChoiceField(
        TestInvoice.objects.none(), widget=UnfoldAdminSelectWidget(), empty_label=None
    )
    amount = amount_field()

    def __init__(self, *args: Any, invoices: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoice"].queryset = invoices


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin, Asking, LabAdmin):
    list_display = (
        "number", "dated", "payer", "mode", "received", "allocated", "refunded", "advance",
        "state", "invoice_link", "voucher_link",
    )  # fmt: skip
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("mode", ChoicesDropdownFilter),
        ("date", RangeDateFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("invoice", "voucher")
    search_fields = ("number", "party_name", "=gateway_id", "=invoice__invoice_number")
    search_help_text = "Number or payer, in part; invoice or gateway transaction, whole."
    actions_detail = (
        menu(
            *("Actions", "bolt", "confirm_now", "fail_now"),
            *("spend_now", "release_now", "refund_now", "reverse_now"),
        ),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("number", "state"),
                    ("date", "mode"),
                    ("party_name", "party_phone"),
                    ("reference", "gateway_id"),
                    ("received", "allocated"),
                    ("refunded", "advance"),
                    ("invoice_link", "voucher_link"),
                    "spent_on",
                    "reason",
                    ("created_by", "created_at"),
                )
            },
        ),
        ("History", {"fields": ("history",)}),
    )
    readonly_fields = (
        *("state", "received", "allocated", "refunded", "advance", "invoice_link"),
        *("voucher_link", "spent_on", "history"),
    )

    @display(description="date", ordering="date")
    def dated(self, payment: Payment) -> SafeString:
        return format_html('<span class="daftar-nowrap">{}</span>', payment.date.isoformat())

    @display(description="payer", ordering="party_name")
    def payer(self, payment: Payment) -> SafeString:
        return format_html('<bdi class="daftar-name">{}</bdi>', payment.party_name)

    @display(description="received", ordering="amount")
    def received(self, payment: Payment) -> SafeString:
        return figure(rupees(payment.amount))

    @display(description="allocated", ordering="allocated_amount")
    def allocated(self, payment: Payment) -> SafeString:
        return figure(rupees(payment.allocated_amount))

    @display(description="refunded", ordering="refunded_amount")
    def refunded(self, payment: Payment) -> SafeString:
        return figure(rupees(payment.refunded_amount))

    @display(description="advance")
    def advance(self, payment: Payment) -> SafeString:
        is_there = payment.status == PaymentState.POSTED
        left = payment.amount - payment.allocated_amount - payment.refunded_amount
        return figure(rupees(left) if is_there else "–")

    @display(description="state", ordering="status", label=COLOURS)
    def state(self, payment: Payment) -> str:
        return payment.status

    @display(description="invoice")
    def invoice_link(self, payment: Payment) -> SafeString | str:
        return _link("testinvoice", payment.invoice_id, payment.invoice)

    @display(description="voucher")
    def voucher_link(self, payment: Payment) -> SafeString | str:
        return _link("voucher", payment.voucher_id, payment.voucher)

    @display(description="paid with it")
    def spent_on(self, payment: Payment) -> SafeString | str:
        rows = (
            (row.created_at.date(), _link("testinvoice", row.invoice_id, row.invoice),
             rupees(row.amount))
            for row in payment.allocations.select_related("invoice").order_by("id")
        )  # fmt: skip
        line = '<tr><td>{}</td><td>{}</td><td class="daftar-number">{}</td></tr>'
        cells = format_html_join("", line, rows)
        return format_html('<table class="daftar-table">{}</table>', cells) if cells else "nothing"

    @display(description="")
    def history(self, payment: Payment) -> SafeString | str:
        return events_of(payment)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        payment = self.get_queryset(request).filter(pk=object_id).first()
        wanted = set(FITTING[payment.status]) if payment else set()
        if not self.may(request, POST):
            wanted &= OF_CLERKS
        if not self.may(request, self.change_scope):
            wanted = set()
        offered = super().get_actions_detail(request, object_id)
        return [one for one in offered if any(path in one.path for path in wanted)]

    @action(description="Confirm", url_path="confirm-now", icon="task_alt")
    def confirm_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._do(
            request,
            object_id,
            "Confirm",
            "The gateway has the money: its receipt is written.",
            None,
            lambda said, named: payments.confirm(**named),
        )

    @action(description="Failed", url_path="fail-now", icon="block")
    def fail_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._do(
            request,
            object_id,
            "Close as failed",
            "The gateway never got the money. The books know nothing of it.",
            ReasonForm,
            lambda said, named: payments.fail(**named, reason=said["reason"]),
        )

    @action(description="Spend", url_path="spend-now", icon="payments")
    def spend_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._do(
            request,
            object_id,
            "Pay an invoice with",
            "Out of what is left of it as an advance.",
            partial(InvoiceForm, invoices=_owed(request, object_id)),
            lambda said, named: payments.allocate(
                **named,
                invoice_id=said["invoice"].pk,
                amount=said["amount"],
                day=_today(request),
            ),
        )

    @action(description="Release", url_path="release-now", icon="undo")
    def release_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        paid = TestInvoice.objects.filter(
            tenant=request.tenant,
            allocations__payment_id=object_id,
            allocations__amount__gt=0,
            allocations__taken_back_by=None,
        )
        return self._do(
            request,
            object_id,
            "Release",
            "What it pays of an invoice is the patient's advance again.",
            partial(InvoiceForm, invoices=paid.distinct()),
            lambda said, named: releasing.release(
                **named,
                invoice_id=said["invoice"].pk,
                amount=said["amount"],
                day=_today(request),
            ),
            POST,
        )

    @action(description="Refund", url_path="refund-now", icon="currency_rupee")
    def refund_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._do(
            request,
            object_id,
            "Refund",
            "Out of what is left of it as an advance; release it from an overpaid invoice first.",
            RefundForm,
            lambda said, named: payments.refund(
                **named,
                amount=said["amount"],
                mode=Mode(said["mode"]),
                reason=said["reason"],
                day=_today(request),
            ),
            POST,
        )

    @action(description="Reverse", url_path="reverse-now", icon="settings_backup_restore")
    def reverse_now(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._do(
            request,
            object_id,
            "Reverse",
            "It bounced: its vouchers are reversed, and what it paid is owed again.",
            ReasonForm,
            lambda said, named: payments.reverse(
                **named, reason=said["reason"], day=_today(request)
            ),
            POST,
        )

    def _do(
        self,
        request: HttpRequest,
        object_id: int,
        title: str,
        sentence: str,
        form_class: Any,
        do: Any,
        permission: str | None = None,
    ) -> HttpResponse:
        def done(row: Payment, said: dict[str, Any]) -> None:
            named = {"tenant": request.tenant, "payment_id": row.pk}
            do(said, named | {"actor": request.credential.actor})

        return self.ask(
            request,
            object_id,
            title=title,
            sentences=[sentence],
            form_class=form_class,
            do=done,
            done="{row}: done.",
            permission=permission,
        )


def _owed(request: HttpRequest, payment_id: int) -> QuerySet[TestInvoice]:
    """What the payment's patient owes; where it names no patient, what anybody owes."""
    owed = TestInvoice.objects.filter(
        tenant=request.tenant, status=Status.POSTED, balance_amount__gt=0
    )
    payment = Payment.objects.filter(tenant=request.tenant, pk=payment_id).first()
    if payment is not None and payment.patient_id is not None:
        owed = owed.filter(patient_id=payment.patient_id)
    # By their keys: a field that chooses among rows filters them again, which no slice allows.
    shown = owed.values_list("pk", flat=True)[:CHOICES_SHOWN]
    return TestInvoice.objects.filter(pk__in=list(shown))


def _today(request: HttpRequest) -> Any:
    return timezone.now().astimezone(request.tenant.zone).date()


def _link(model: str, pk: int | None, name: Any) -> SafeString | str:
    return "–" if pk is None else link(model, pk, name)
