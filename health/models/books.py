"""How a tenant keeps its books, until when they are closed, and who changed what."""

from decimal import Decimal
from typing import Any

from django.db import models

from config.json import JSONTextField
from config.money import MoneyField
from health.models.tenanted import Tenanted


class Layout(models.TextChoices):
    SPLIT = "SPLIT", "Taxes, discount and round-off on accounts of their own"
    COMPACT = "COMPACT", "Two lines: receivable and revenue"


class OverpayPolicy(models.TextChoices):
    ADVANCE = "ADVANCE", "Keep what is too much as an advance"
    ALLOW = "ALLOW", "Let the invoice be overpaid"
    REJECT = "REJECT", "Refuse"


class LabSettings(Tenanted):
    """One row a tenant, made when it is first needed; lenient by default."""

    gstin = models.CharField("GSTIN", max_length=15, blank=True)
    state_code = models.CharField(max_length=2, blank=True)
    invoice_prefix = models.CharField(max_length=5, default="LAB")
    voucher_layout = models.CharField(max_length=8, choices=Layout.choices, default=Layout.SPLIT)
    overpay_policy = models.CharField(
        max_length=8, choices=OverpayPolicy.choices, default=OverpayPolicy.ADVANCE
    )
    roundoff_limit = MoneyField(default=Decimal("0.50"))
    strict_gst = models.BooleanField(default=False)
    strict_roundoff = models.BooleanField(default=False)
    strict_masters = models.BooleanField(default=False)
    strict_orders = models.BooleanField(default=False)
    gross_revenue = models.BooleanField(default=False)
    allow_zero = models.BooleanField(default=False)
    maker_checker = models.BooleanField(default=False)

    class Meta:
        db_table = "lab_settings"
        verbose_name_plural = "lab settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="uq_lab_settings_tenant")]

    def __str__(self) -> str:
        return f"Settings of tenant {self.tenant_id}"


class LockScope(models.TextChoices):
    ALL = "ALL", "All vouchers"
    TAX = "TAX", "Vouchers of invoices and credit notes"


class PeriodLock(Tenanted):
    """Nothing dated up to `locked_upto` is written any more. Never lifted."""

    locked_upto = models.DateField()
    scope = models.CharField(max_length=3, choices=LockScope.choices, default=LockScope.ALL)
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "period_locks"
        ordering = ["-locked_upto", "-id"]
        indexes = [models.Index(fields=["tenant", "locked_upto"], name="ix_period_locks_tenant")]

    def __str__(self) -> str:
        return f"{self.scope} up to {self.locked_upto}"


class History(Tenanted):
    """One row per change of a document: who, when, what it was and what it became."""

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    action = models.CharField(max_length=30)
    before: Any = JSONTextField(null=True)
    after: Any = JSONTextField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "health_history"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["tenant", "kind", "object_id"], name="ix_health_history_object")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.action}"
