"""Test invoices and their lines, with D2's words; identity and balance are CHECKs."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q

from config.money import MoneyField
from health.models.tenanted import Tenanted
from health.models.vouchers import Voucher


class Status(models.TextChoices):
    DRAFT = "DRAFT", "Draft"
    POSTED = "POSTED", "Posted"
    CANCELLED = "CANCELLED", "Cancelled"


class PaymentStatus(models.TextChoices):
    UNPAID = "UNPAID", "Unpaid"
    PARTIAL = "PARTIAL", "Partly paid"
    PAID = "PAID", "Paid"
    OVERPAID = "OVERPAID", "Overpaid"


class SupplyType(models.TextChoices):
    TAXABLE = "TAXABLE", "Taxable"
    EXEMPT = "EXEMPT", "Exempt"
    NIL = "NIL", "Nil rated"


class DiscountMode(models.TextChoices):
    POST_TAX = "POST_TAX", "After tax, as the document has it"
    PRE_TAX = "PRE_TAX", "Before tax, apportioned to the lines"


class Layout(models.TextChoices):
    SPLIT = "SPLIT", "Taxes, discount and round-off on accounts of their own"
    COMPACT = "COMPACT", "Two lines: receivable and revenue"


NEXT: dict[str, set[str]] = {
    Status.DRAFT: {Status.POSTED, Status.CANCELLED},
    Status.POSTED: {Status.CANCELLED},
    Status.CANCELLED: set(),
}
_WITH_TAXES = (
    F("taxable_amount") + F("cgst_amount") + F("sgst_amount") + F("igst_amount") + F("cess_amount")
)
_OWED = F("final_amount") - F("credited_amount")


def _rate() -> Any:
    # Never computed with in the database, where SQLite would make it a float.
    return models.DecimalField(max_digits=6, decimal_places=3, default=0)


class TestInvoice(Tenanted):
    """A bill for tests and panels. Once posted, what it says never changes (health.triggers).

    `test_order_id`, `patient_id`, `test_id` and `panel_id` are the laboratory's own numbers and
    need no rows here.
    """

    __test__ = False

    invoice_number = models.CharField(max_length=50)
    invoice_date = models.DateTimeField()
    # The same moment in the tenant's time zone: what numbers, locks and reports go by.
    local_date = models.DateField()
    local_time = models.TimeField(null=True, editable=False)
    due_date = models.DateField(null=True)
    branch_id = models.BigIntegerField(null=True)
    test_order_id = models.BigIntegerField(null=True)
    patient_id = models.BigIntegerField(null=True)
    patient_name = models.CharField(max_length=200)
    patient_phone = models.CharField(max_length=20, blank=True)
    patient_phone_normal = models.CharField(max_length=20, blank=True)
    patient_email = models.EmailField(blank=True)
    place_of_supply = models.CharField(max_length=2, blank=True)
    recipient_gstin = models.CharField("recipient's GSTIN", max_length=15, blank=True)
    supply_type = models.CharField(
        max_length=10, choices=SupplyType.choices, default=SupplyType.EXEMPT
    )
    discount_mode = models.CharField(
        max_length=10, choices=DiscountMode.choices, default=DiscountMode.POST_TAX
    )
    subtotal_amount = MoneyField(default=0)
    items_total_discount_amount = MoneyField(default=0)
    taxable_amount = MoneyField(default=0)
    cgst_amount = MoneyField("CGST", default=0)
    sgst_amount = MoneyField("SGST", default=0)
    igst_amount = MoneyField("IGST", default=0)
    cess_amount = MoneyField(default=0)
    overall_disc_percentage = _rate()
    overall_disc_amount = MoneyField(default=0)
    roundoff = MoneyField(default=0)
    final_amount = MoneyField()
    paid_amount = MoneyField(default=0)
    credited_amount = MoneyField(default=0)
    balance_amount = models.GeneratedField(
        expression=F("final_amount") - F("credited_amount") - F("paid_amount"),
        output_field=MoneyField(),
        db_persist=True,
    )
    payment_status = models.CharField(
        max_length=10, choices=PaymentStatus.choices, default=PaymentStatus.UNPAID
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    voucher = models.OneToOneField(
        Voucher, null=True, on_delete=models.PROTECT, related_name="test_invoice"
    )
    reversal_voucher = models.OneToOneField(
        Voucher, null=True, on_delete=models.PROTECT, related_name="cancelled_test_invoice"
    )
    # How its voucher was written: as the laboratory wanted it on the day it was posted, and so is
    # whatever undoes it, however the laboratory wants it then.
    voucher_layout = models.CharField(
        max_length=8, choices=Layout.choices, default=Layout.SPLIT, editable=False
    )
    gross_revenue = models.BooleanField(default=False, editable=False)
    # Under which name, GSTIN and state it was posted (Rule 46(a)); a draft says those of the day.
    supplier_name = models.CharField(max_length=200, blank=True, editable=False)
    supplier_gstin = models.CharField(max_length=15, blank=True, editable=False)
    supplier_state = models.CharField(max_length=2, blank=True, editable=False)
    notes = models.TextField(blank=True)
    tags = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    is_deleted = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)
    # Who last said what it says; notes and money are somebody else's business.
    written_by = models.CharField(max_length=150, blank=True, editable=False)
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=150)

    class Meta:
        db_table = "test_invoices"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "invoice_number"], name="uq_test_invoices_tenant_number"
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="test_invoice_status_known"
            ),
            models.CheckConstraint(
                condition=Q(paid_amount__gte=0, credited_amount__gte=0, final_amount__gte=0)
                & Q(credited_amount__lte=F("final_amount")),
                name="test_invoice_amounts_in_range",
            ),
            # V15. A PRE_TAX discount is already inside the taxable amount.
            models.CheckConstraint(
                condition=Q(
                    discount_mode="POST_TAX",
                    final_amount=_WITH_TAXES - F("overall_disc_amount") + F("roundoff"),
                )
                | Q(discount_mode="PRE_TAX", final_amount=_WITH_TAXES + F("roundoff")),
                name="test_invoice_identity",
            ),
            # A posted invoice of nothing has no voucher.
            models.CheckConstraint(
                condition=Q(status="DRAFT", voucher__isnull=True, reversal_voucher__isnull=True)
                | Q(status="POSTED", reversal_voucher__isnull=True, voucher__isnull=False)
                | Q(status="POSTED", reversal_voucher__isnull=True, final_amount=0)
                | Q(status="CANCELLED", voucher__isnull=True, reversal_voucher__isnull=True)
                | Q(status="CANCELLED", voucher__isnull=False, reversal_voucher__isnull=False),
                name="test_invoice_vouchers_fit_status",
            ),
            models.CheckConstraint(
                condition=Q(voucher_layout__in=Layout.values),
                name="test_invoice_voucher_layout_known",
            ),
            # A pure function of what was paid and what is owed.
            models.CheckConstraint(
                condition=Q(payment_status="UNPAID", paid_amount=0)
                | Q(payment_status="PARTIAL", paid_amount__gt=0, paid_amount__lt=_OWED)
                | Q(payment_status="PAID", paid_amount__gt=0, paid_amount=_OWED)
                | Q(payment_status="OVERPAID", paid_amount__gt=_OWED),
                name="test_invoice_payment_status_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="ix_test_invoices_newest"),
            models.Index(fields=["tenant", "status", "-id"], name="ix_test_invoices_status"),
            models.Index(fields=["tenant", "payment_status", "-id"], name="ix_test_invoices_paid"),
            models.Index(fields=["tenant", "patient_id"], name="ix_test_invoices_patient"),
            models.Index(fields=["tenant", "test_order_id"], name="ix_test_invoices_order"),
            models.Index(
                fields=["tenant", "due_date"],
                condition=Q(status="POSTED") & ~Q(payment_status="PAID"),
                name="ix_test_invoices_open",
            ),
        ]

    def __str__(self) -> str:
        return self.invoice_number

    @property
    def total_tax_amount(self) -> Decimal:
        return self.cgst_amount + self.sgst_amount + self.igst_amount + self.cess_amount


class TestInvoiceItem(models.Model):
    __test__ = False

    invoice = models.ForeignKey(
        TestInvoice, on_delete=models.PROTECT, related_name="items", db_index=False
    )
    line_no = models.PositiveIntegerField()
    test_id = models.BigIntegerField(null=True)
    test_name = models.CharField(max_length=200, blank=True)
    panel_id = models.BigIntegerField(null=True)
    panel_name = models.CharField(max_length=200, blank=True)
    sac = models.CharField("SAC", max_length=8, blank=True)
    rate = MoneyField()
    disc_percentage = _rate()
    disc_amount = MoneyField(default=0)
    taxable_amount = MoneyField()
    cgst_rate = _rate()
    cgst_amount = MoneyField(default=0)
    sgst_rate = _rate()
    sgst_amount = MoneyField(default=0)
    igst_rate = _rate()
    igst_amount = MoneyField(default=0)
    cess_rate = _rate()
    cess_amount = MoneyField(default=0)
    total_amount = MoneyField()
    remarks = models.TextField(blank=True)

    class Meta:
        db_table = "test_invoice_items"
        ordering = ["invoice", "line_no"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "line_no"], name="uq_test_invoice_items_no"),
            models.CheckConstraint(
                condition=Q(total_amount=_WITH_TAXES), name="test_invoice_item_total"
            ),
            models.CheckConstraint(
                condition=Q(test_id__isnull=True) | Q(panel_id__isnull=True),
                name="test_invoice_item_test_or_panel",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}: {self.test_name or self.panel_name}"

    @property
    def overall_disc_share(self) -> Decimal:
        """What the line bears of a discount on the whole before tax."""
        return self.rate - self.disc_amount - self.taxable_amount
