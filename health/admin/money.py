"""Payments: received, spent, given back."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin
from health.admin.pages import LabAdmin
from health.models import Payment, PaymentState
from health.words import rupees

COLOURS = {
    PaymentState.PENDING: "warning",
    PaymentState.POSTED: "success",
    PaymentState.FAILED: "danger",
    PaymentState.REVERSED: "info",
}


@admin.register(Payment)
class PaymentAdmin(ReadOnlyAdmin, LabAdmin):
    list_display = (
        "number", "date", "party_name", "mode", "received", "allocated", "refunded", "state",
        "invoice", "voucher",
    )  # fmt: skip
    list_filter = ("status", "mode", ("date", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("invoice", "voucher")
    search_fields = ("number", "party_name", "=gateway_id", "=invoice__invoice_number")

    @display(description="received", ordering="amount")
    def received(self, payment: Payment) -> str:
        return rupees(payment.amount)

    @display(description="allocated", ordering="allocated_amount")
    def allocated(self, payment: Payment) -> str:
        return rupees(payment.allocated_amount)

    @display(description="refunded", ordering="refunded_amount")
    def refunded(self, payment: Payment) -> str:
        return rupees(payment.refunded_amount)

    @display(description="state", label=COLOURS)
    def state(self, payment: Payment) -> str:
        return payment.status
