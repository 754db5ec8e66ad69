"""Money received and given back, and which invoice it pays."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import models
from django.db.models import F, Q

from config.money import MoneyField
from health.models.invoices import TestInvoice
from health.models.tenanted import Tenanted
from health.models.vouchers import Voucher


class Mode(models.TextChoices):
    """The payment words of the document's own system."""

    CASH = "CASH", "Cash"
    CHEQUE = "CHEQUE", "Cheque"
    BANK = "BANK", "Bank"
    UPI = "UPI", "UPI"
    ONLINE = "ONLINE", "Online"
    CARD = "CARD", "Card"
    WALLET = "WALLET", "Wallet"
    NEFT = "NEFT", "NEFT"
    RTGS = "RTGS", "RTGS"
    IMPS = "IMPS", "IMPS"


class PaymentState(models.TextChoices):
    PENDING = "PENDING", "Waiting for the gateway"
    POSTED = "POSTED", "Received"
    FAILED = "FAILED", "Failed"
    REVERSED = "REVERSED", "Reversed"


PAYMENT_NEXT: dict[str, set[str]] = {
    PaymentState.PENDING: {PaymentState.POSTED, PaymentState.FAILED},
    PaymentState.POSTED: {PaymentState.REVERSED},
    PaymentState.FAILED: set(),
    PaymentState.REVERSED: set(),
}


class Payment(Tenanted):
    """A receipt. What is not allocated or refunded is the patient's advance.

    `warnings` is what its receipt found doubtful; they are told once and not kept.
    """

    warnings: Sequence[dict[str, str]] = ()
    number = models.CharField(max_length=30)
    date = models.DateField()
    mode = models.CharField(max_length=10, choices=Mode.choices)
    amount = MoneyField()
    allocated_amount = MoneyField(default=0)
    refunded_amount = MoneyField(default=0)
    reference = models.CharField(max_length=100, blank=True)
    gateway_id = models.CharField("gateway transaction", max_length=100, null=True)
    status = models.CharField(max_length=10, choices=PaymentState.choices)
    # The invoice the money was offered for; allocations say what it paid.
    invoice = models.ForeignKey(
        TestInvoice, null=True, on_delete=models.PROTECT, related_name="payments"
    )
    patient_id = models.BigIntegerField(null=True)
    party_name = models.CharField(max_length=200)
    party_phone = models.CharField(max_length=20, blank=True)
    voucher = models.OneToOneField(
        Voucher, null=True, on_delete=models.PROTECT, related_name="payment"
    )
    reason = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "payments"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="uq_payments_tenant_number"),
            models.UniqueConstraint(fields=["tenant", "gateway_id"], name="uq_payments_gateway"),
            models.CheckConstraint(
                condition=Q(status__in=PaymentState.values), name="payment_status_known"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, allocated_amount__gte=0, refunded_amount__gte=0)
                & Q(amount__gte=F("allocated_amount") + F("refunded_amount")),
                name="payment_not_over_allocated",
            ),
            models.CheckConstraint(
                condition=Q(status__in=("PENDING", "FAILED"), voucher__isnull=True)
                & Q(allocated_amount=0, refunded_amount=0)
                | Q(status__in=("POSTED", "REVERSED"), voucher__isnull=False),
                name="payment_voucher_fits_status",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "date"], name="ix_payments_tenant_date"),
            models.Index(fields=["tenant", "patient_id"], name="ix_payments_tenant_patient"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def advance_amount(self) -> Decimal:
        """What nobody has spent or given back yet."""
        return self.amount - self.allocated_amount - self.refunded_amount


class Allocation(Tenanted):
    """So much of a payment pays that invoice. Taken back by a row with the amount below zero."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey(TestInvoice, on_delete=models.PROTECT, related_name="allocations")
    amount = MoneyField()
    takes_back = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="taken_back_by"
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "payment_allocations"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, takes_back__isnull=True)
                | Q(amount__lt=0, takes_back__isnull=False),
                name="allocation_sign_fits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id} -> {self.invoice_id}: {self.amount}"


class Refund(Tenanted):
    """Money given back out of a payment's advance."""

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    date = models.DateField()
    mode = models.CharField(max_length=10, choices=Mode.choices)
    amount = MoneyField()
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "payment_refunds"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_has_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.payment_id}: {self.amount}"
