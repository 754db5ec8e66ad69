"""Vouchers: balanced, sealed, chained, and never changed. Written by `health.ledger` alone."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from config.db.log_chain import GENESIS
from config.money import MoneyField
from config.tenancy.models import Tenant
from health.models.accounts import Account


class VoucherType(models.TextChoices):
    SALES = "SALES", "Sales"
    CREDIT_NOTE = "CREDIT_NOTE", "Credit note"
    RECEIPT = "RECEIPT", "Receipt"
    PAYMENT = "PAYMENT", "Payment"
    JOURNAL = "JOURNAL", "Journal"


class LedgerHead(models.Model):
    """The end of a tenant's chain of vouchers. Its row lock puts the tenant's postings in order."""

    tenant = models.OneToOneField(
        Tenant, on_delete=models.PROTECT, primary_key=True, related_name="ledger_head"
    )
    sequence = models.PositiveBigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        db_table = "health_ledger_heads"

    def __str__(self) -> str:
        return f"{self.sequence}"


class VoucherSeries(models.Model):
    """How many vouchers a tenant has of one day: their numbers have no gap."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=40)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "health_number_series"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key"], name="uq_health_number_series_key")
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.last}"


class VoucherSeal(models.Model):
    """Written last: a trigger lets it in only where the lines balance, and the voucher needs it.

    The voucher's foreign key to its seal is checked at commit on both engines, so a voucher without
    one, which is one that does not balance, cannot be committed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    total = MoneyField()
    line_count = models.PositiveIntegerField()
    sequence = models.PositiveBigIntegerField()
    previous_hash = models.CharField(max_length=64)
    entry_hash = models.CharField(max_length=64)

    class Meta:
        db_table = "health_voucher_seals"

    def __str__(self) -> str:
        return self.entry_hash[:12]


class Voucher(models.Model):
    """One entry in the books."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="health_vouchers")
    number = models.CharField(max_length=30)
    type = models.CharField(max_length=12, choices=VoucherType.choices)
    date = models.DateField()
    narration = models.CharField(max_length=300)
    reference_type = models.CharField(max_length=20)
    reference_id = models.PositiveBigIntegerField()
    reference_number = models.CharField(max_length=50)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    seal = models.OneToOneField(VoucherSeal, on_delete=models.PROTECT, related_name="voucher")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "health_vouchers"
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="uq_health_vouchers_number"),
            models.CheckConstraint(
                condition=Q(type__in=VoucherType.values), name="health_voucher_type_known"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "date"], name="ix_health_vouchers_day"),
            models.Index(
                fields=["tenant", "reference_type", "reference_id"], name="ix_health_vouchers_ref"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def content(self, lines: "list[VoucherLine]") -> dict[str, Any]:
        """What its hash binds."""
        return {
            "number": self.number,
            "type": self.type,
            "date": self.date.isoformat(),
            "narration": self.narration,
            "reference": [self.reference_type, self.reference_id, self.reference_number],
            "reverses": self.reverses_id,
            "created_by": self.created_by,
            "lines": [
                [line.line_no, line.account_id, str(line.debit), str(line.credit), line.party_id]
                for line in lines
            ],
        }


class VoucherLine(models.Model):
    """A debit or a credit of one account."""

    voucher = models.ForeignKey(Voucher, on_delete=models.PROTECT, related_name="lines")
    line_no = models.PositiveSmallIntegerField()
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    debit = MoneyField(default=0)
    credit = MoneyField(default=0)
    # The patient's id in the laboratory's own system, where the line is about one.
    party_id = models.PositiveBigIntegerField(null=True)

    class Meta:
        db_table = "health_voucher_lines"
        ordering = ("line_no",)
        constraints = [
            models.UniqueConstraint(
                fields=["voucher", "line_no"], name="uq_health_voucher_lines_no"
            ),
            models.CheckConstraint(
                condition=Q(debit__gt=0, credit=0) | Q(debit=0, credit__gt=0),
                name="health_line_one_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_no}"


class PeriodLock(models.Model):
    """Nothing dated up to this day may be posted any more. Locks are added, never taken back."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="period_locks")
    locked_until = models.DateField()
    reason = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "health_period_locks"
        ordering = ("-locked_until",)
        indexes = [models.Index(fields=["tenant", "locked_until"], name="ix_health_locks")]

    def __str__(self) -> str:
        return f"until {self.locked_until}"
