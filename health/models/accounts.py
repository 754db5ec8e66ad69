"""The chart of accounts of a tenant, and which account a system code means."""

from django.db import models
from django.db.models import Q

from health.models.tenanted import Tenanted


class AccountType(models.TextChoices):
    ASSET = "ASSET", "Asset"
    LIABILITY = "LIABILITY", "Liability"
    EQUITY = "EQUITY", "Equity"
    REVENUE = "REVENUE", "Revenue"
    EXPENSE = "EXPENSE", "Expense"


class Account(Tenanted):
    """An account; its balance is always the sum of its lines, never a column."""

    code = models.CharField(max_length=50)
    name = models.CharField(max_length=200)
    account_type = models.CharField(max_length=10, choices=AccountType.choices)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "account_masters"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="uq_account_masters_code"),
            models.CheckConstraint(
                condition=Q(account_type__in=AccountType.values), name="account_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AccountMapping(Tenanted):
    """Which account of the tenant plays the part named by `system_code`."""

    system_code = models.CharField(max_length=40)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="mappings")

    class Meta:
        db_table = "account_mappings"
        ordering = ["system_code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "system_code"], name="uq_account_mappings"),
        ]

    def __str__(self) -> str:
        return f"{self.system_code}: {self.account_id}"


class VoucherType(Tenanted):
    """A kind of voucher, and the prefix of its numbers."""

    code = models.CharField(max_length=20)
    prefix = models.CharField(max_length=10)

    class Meta:
        db_table = "voucher_types"
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="uq_voucher_types_code"),
        ]

    def __str__(self) -> str:
        return self.code
