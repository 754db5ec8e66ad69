"""Laboratory invoices (D2), their lines and their history."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from config.json import JSONTextField
from config.money import MoneyField
from config.tenancy.models import Tenant
from health import errors
from health.models.books import Voucher


class InvoiceStatus(models.TextChoices):
    DRAFT = "DRAFT", "Draft"
    POSTED = "POSTED", "Posted"
    CANCELLED = "CANCELLED", "Cancelled"


class PaymentStatus(models.TextChoices):
    """A function of what is paid and what is owed, and of nothing else."""

    UNPAID = "UNPAID", "Unpaid"
    PARTIAL = "PARTIAL", "Partly paid"
    PAID = "PAID", "Paid"
    OVERPAID = "OVERPAID", "Overpaid"


S, P = InvoiceStatus, PaymentStatus
NEXT: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.POSTED, S.CANCELLED}),
    S.POSTED: frozenset({S.CANCELLED}),
    S.CANCELLED: frozenset(),
}
RATE = {"max_digits": 6, "decimal_places": 3, "default": 0}


class TestInvoiceQuerySet(models.QuerySet["TestInvoice"]):
    __test__ = False

    def for_tenant(self, tenant: Tenant) -> "TestInvoiceQuerySet":
        return self.filter(tenant=tenant)

    def live(self) -> "TestInvoiceQuerySet":
        return self.filter(is_deleted=False)


class TestInvoice(models.Model):
    """A bill for tests and panels. Once posted, what it says never changes (a trigger sees to it).

    `test_order_id`, `patient_id` and the lines' `test_id` and `panel_id` are the laboratory
    system's own numbers: they need no rows here (health.md 1.2).
    """

    __test__ = False

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="test_invoices")
    invoice_number = models.CharField(max_length=50)
    # As it was said, in the tenant's own time zone (contracts 12).
    invoice_date = models.DateTimeField()
    due_date = models.DateField(null=True)
    branch_id = models.PositiveBigIntegerField(null=True)
    test_order_id = models.PositiveBigIntegerField(null=True)
    patient_id = models.PositiveBigIntegerField(null=True)
    patient_name = models.CharField(max_length=200)
    patient_phone = models.CharField(max_length=20, blank=True)
    patient_email = models.EmailField(blank=True)
    place_of_supply = models.CharField(max_length=2, blank=True)
    recipient_gstin = models.CharField(max_length=15, blank=True)
    subtotal_amount = MoneyField()
    items_total_discount_amount = MoneyField(default=0)
    taxable_amount = MoneyField()
    cgst_amount = MoneyField(default=0)
    sgst_amount = MoneyField(default=0)
    igst_amount = MoneyField(default=0)
    cess_amount = MoneyField(default=0)
    overall_disc_percentage = models.DecimalField(**RATE)
    overall_disc_amount = MoneyField(default=0)
    roundoff = MoneyField(default=0)
    final_amount = MoneyField()
    paid_amount = MoneyField(default=0)
    credited_amount = MoneyField(default=0)
    payment_status = models.CharField(max_length=8, choices=P.choices, default=P.UNPAID)
    status = models.CharField(max_length=9, choices=S.choices, default=S.DRAFT)
    voucher = models.OneToOneField(
        Voucher, null=True, on_delete=models.PROTECT, related_name="posted_invoice"
    )
    reversal_voucher = models.OneToOneField(
        Voucher, null=True, on_delete=models.PROTECT, related_name="cancelled_invoice"
    )
    cancel_reason = models.CharField(max_length=300, blank=True)
    notes = models.TextField(blank=True)
    tags = JSONTextField(default=list)
    warnings = JSONTextField(default=list)
    version = models.PositiveIntegerField(default=1)
    is_deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=150)

    objects = TestInvoiceQuerySet.as_manager()

    class Meta:
        db_table = "test_invoices"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "invoice_number"], name="uq_test_invoices_number"
            ),
            models.CheckConstraint(condition=Q(status__in=S.values), name="test_invoice_status"),
            models.CheckConstraint(
                condition=Q(
                    final_amount=F("taxable_amount")
                    + F("cgst_amount")
                    + F("sgst_amount")
                    + F("igst_amount")
                    + F("cess_amount")
                    - F("overall_disc_amount")
                    + F("roundoff")
                ),
                name="test_invoice_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(taxable_amount=F("subtotal_amount") - F("items_total_discount_amount")),
                name="test_invoice_taxable_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(final_amount__gte=0, paid_amount__gte=0, credited_amount__gte=0)
                & Q(credited_amount__lte=F("final_amount")),
                name="test_invoice_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.POSTED) | Q(voucher__isnull=False),
                name="test_invoice_posted_has_voucher",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.CANCELLED, voucher__isnull=False)
                | Q(reversal_voucher__isnull=False),
                name="test_invoice_cancelled_is_reversed",
            ),
            models.CheckConstraint(
                condition=Q(
                    payment_status=P.UNPAID,
                    paid_amount=0,
                    credited_amount__lt=F("final_amount"),
                )
                | Q(payment_status=P.UNPAID, status=S.DRAFT, paid_amount=0)
                | Q(
                    payment_status=P.PARTIAL,
                    paid_amount__gt=0,
                    paid_amount__lt=F("final_amount") - F("credited_amount"),
                )
                | Q(
                    payment_status=P.PAID,
                    paid_amount=F("final_amount") - F("credited_amount"),
                )
                | Q(
                    payment_status=P.OVERPAID,
                    paid_amount__gt=F("final_amount") - F("credited_amount"),
                ),
                name="test_invoice_payment_status",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "-id"], name="ix_test_invoices_status"),
            models.Index(fields=["tenant", "payment_status", "-id"], name="ix_test_invoices_paid"),
            models.Index(fields=["tenant", "invoice_date"], name="ix_test_invoices_date"),
            models.Index(fields=["tenant", "patient_id"], name="ix_test_invoices_patient"),
            models.Index(fields=["tenant", "-id"], name="ix_test_invoices_page"),
        ]

    def __str__(self) -> str:
        return self.invoice_number

    @property
    def net_amount(self) -> Any:
        """What is owed: the total less what was credited."""
        return self.final_amount - self.credited_amount

    @property
    def balance_amount(self) -> Any:
        """What is still owed; below nought where it was overpaid."""
        return self.net_amount - self.paid_amount

    def move(self, target: str, **changes: Any) -> None:
        """Go to `target`, or stay and change, if the row is still as it was read.

        Compare-and-set on status and version. Raises IllegalTransition, or ChangedMeanwhile where
        another was faster.
        """
        if target != self.status and target not in NEXT[self.status]:
            raise errors.IllegalTransition(self.status, target)
        changes |= {
            "status": target,
            "version": self.version + 1,
            "updated_at": timezone.now(),
        }
        unchanged = TestInvoice.objects.filter(pk=self.pk, status=self.status, version=self.version)
        if not unchanged.update(**changes):
            raise errors.ChangedMeanwhile(self.invoice_number)
        for name, value in changes.items():
            setattr(self, name, value)


def payment_status(paid: Any, net: Any, *, is_draft: bool = False) -> str:
    """What an invoice is called of which `paid` of `net` was paid."""
    if paid > net:
        return P.OVERPAID
    if paid == net and not is_draft:
        return P.PAID
    return P.PARTIAL if paid else P.UNPAID


class TestInvoiceItem(models.Model):
    """One test or panel."""

    __test__ = False

    invoice = models.ForeignKey(TestInvoice, on_delete=models.PROTECT, related_name="items")
    line_no = models.PositiveIntegerField()
    test_id = models.PositiveBigIntegerField(null=True)
    test_name = models.CharField(max_length=200, blank=True)
    panel_id = models.PositiveBigIntegerField(null=True)
    panel_name = models.CharField(max_length=200, blank=True)
    sac = models.CharField("SAC", max_length=8, blank=True)
    rate = MoneyField()
    disc_percentage = models.DecimalField(**RATE)
    disc_amount = MoneyField(default=0)
    taxable_amount = MoneyField()
    cgst_rate = models.DecimalField(**RATE)
    cgst_amount = MoneyField(default=0)
    sgst_rate = models.DecimalField(**RATE)
    sgst_amount = MoneyField(default=0)
    igst_rate = models.DecimalField(**RATE)
    igst_amount = MoneyField(default=0)
    cess_rate = models.DecimalField(**RATE)
    cess_amount = MoneyField(default=0)
    total_amount = MoneyField()
    remarks = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "test_invoice_items"
        ordering = ("line_no",)
        constraints = [
            models.UniqueConstraint(fields=["invoice", "line_no"], name="uq_test_invoice_items_no"),
            models.CheckConstraint(
                condition=Q(test_id__isnull=True) | Q(panel_id__isnull=True),
                name="test_invoice_item_test_or_panel",
            ),
            models.CheckConstraint(
                condition=Q(
                    total_amount=F("rate")
                    - F("disc_amount")
                    + F("cgst_amount")
                    + F("sgst_amount")
                    + F("igst_amount")
                    + F("cess_amount"),
                    taxable_amount=F("rate") - F("disc_amount"),
                ),
                name="test_invoice_item_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.test_name or self.panel_name or f"line {self.line_no}"


class TestInvoiceEvent(models.Model):
    """One change of an invoice: who, when, what it was before. Append-only."""

    __test__ = False

    invoice = models.ForeignKey(TestInvoice, on_delete=models.PROTECT, related_name="events")
    action = models.CharField(max_length=20)
    changes = JSONTextField(default=dict, help_text="Field: [before, after].")
    actor = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "test_invoice_events"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.action
