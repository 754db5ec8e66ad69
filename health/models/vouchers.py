"""Double-entry vouchers. A voucher cannot be committed without its seal (a deferred foreign key),
and the database writes a seal only over lines that balance: see health.triggers.

Nothing here is ever changed: a reversal is a voucher of its own that names what it reverses.
"""

import uuid

from django.db import models
from django.db.models import Q

from config.money import MoneyField
from health.models.accounts import Account, VoucherType
from health.models.tenanted import Tenanted


class LedgerHead(Tenanted):
    """The end of a tenant's chain of vouchers. First row locked by everything that posts."""

    sequence = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_heads"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="uq_ledger_heads_tenant")]

    def __str__(self) -> str:
        return f"{self.tenant_id}: {self.sequence}"


class VoucherSeal(Tenanted):
    """The proof that a voucher balances, and its place in the tenant's hash chain."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sequence = models.PositiveBigIntegerField()
    total = MoneyField()
    line_count = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    entry_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "voucher_seals"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "sequence"], name="uq_voucher_seals_place"),
            models.CheckConstraint(condition=Q(total__gt=0), name="voucher_seal_has_total"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence}"


class Source(models.TextChoices):
    """What a voucher is about; with `reference_id` the document."""

    TEST_INVOICE = "TEST_INVOICE", "Test invoice"
    CREDIT_NOTE = "CREDIT_NOTE", "Credit note"
    PAYMENT = "PAYMENT", "Payment"
    ALLOCATION = "ALLOCATION", "Allocation of an advance"
    REFUND = "REFUND", "Refund"


class Voucher(Tenanted):
    voucher_number = models.CharField(max_length=30)
    voucher_type = models.ForeignKey(VoucherType, on_delete=models.PROTECT, related_name="+")
    date = models.DateField()
    narration = models.CharField(max_length=500, blank=True)
    reference_type = models.CharField(max_length=20, choices=Source.choices)
    reference_id = models.BigIntegerField()
    reference_number = models.CharField(max_length=50)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversal"
    )
    seal = models.OneToOneField(VoucherSeal, on_delete=models.PROTECT, related_name="voucher")
    created_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "vouchers"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "voucher_number"], name="uq_vouchers_tenant_number"
            ),
            models.UniqueConstraint(
                fields=["tenant", "reference_type", "reference_id"],
                condition=Q(reverses__isnull=True),
                name="uq_vouchers_one_original",
            ),
            models.CheckConstraint(
                condition=Q(reference_type__in=Source.values), name="voucher_reference_known"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "date", "id"], name="ix_vouchers_tenant_date")]

    def __str__(self) -> str:
        return self.voucher_number


class VoucherLine(models.Model):
    voucher = models.ForeignKey(
        Voucher, on_delete=models.PROTECT, related_name="lines", db_index=False
    )
    line_no = models.PositiveIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    debit = MoneyField(default=0)
    credit = MoneyField(default=0)
    party = models.CharField(max_length=200, blank=True)
    patient_ref = models.BigIntegerField(null=True)

    class Meta:
        db_table = "voucher_lines"
        ordering = ["voucher", "line_no"]
        constraints = [
            models.UniqueConstraint(fields=["voucher", "line_no"], name="uq_voucher_lines_no"),
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
                name="voucher_line_one_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.debit} / {self.credit}"
