"""The chart of accounts: what each tenant's books are kept in."""

from django.db import models
from django.db.models import Q

from config.tenancy.models import Tenant


class AccountType(models.TextChoices):
    ASSET = "ASSET", "Asset"
    LIABILITY = "LIABILITY", "Liability"
    EQUITY = "EQUITY", "Equity"
    REVENUE = "REVENUE", "Revenue"
    EXPENSE = "EXPENSE", "Expense"


class SystemCode(models.TextChoices):
    """What the posting rules ask for; a mapping says which account of the tenant answers."""

    ACCOUNTS_RECEIVABLE = "ACCOUNTS_RECEIVABLE", "Accounts receivable"
    TEST_REVENUE = "TEST_REVENUE", "Test revenue"
    GST_OUTPUT_CGST = "GST_OUTPUT_CGST", "Output CGST"
    GST_OUTPUT_SGST = "GST_OUTPUT_SGST", "Output SGST"
    GST_OUTPUT_IGST = "GST_OUTPUT_IGST", "Output IGST"
    GST_OUTPUT_CESS = "GST_OUTPUT_CESS", "Output cess"
    DISCOUNT_ALLOWED = "DISCOUNT_ALLOWED", "Discount allowed"
    ROUND_OFF = "ROUND_OFF", "Round off"
    PATIENT_ADVANCE = "PATIENT_ADVANCE", "Patient advances"
    CASH = "CASH", "Cash"
    BANK = "BANK", "Bank"
    UPI_CLEARING = "UPI_CLEARING", "UPI clearing"
    CARD_CLEARING = "CARD_CLEARING", "Card clearing"


class Account(models.Model):
    """One account. What was posted to it stands for ever; it is switched off, never deleted."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="health_accounts")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=10, choices=AccountType.choices)
    is_active = models.BooleanField(default=True)

    class Meta:
        db_table = "health_accounts"
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["tenant", "code"], name="uq_health_accounts_code"),
            models.CheckConstraint(
                condition=Q(type__in=AccountType.values), name="health_account_type_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class AccountMapping(models.Model):
    """Which account of the tenant stands for a system code."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="health_mappings")
    system_code = models.CharField(max_length=30, choices=SystemCode.choices)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="mappings")

    class Meta:
        db_table = "health_account_mappings"
        ordering = ("system_code",)
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "system_code"], name="uq_health_mappings_code"
            ),
            models.CheckConstraint(
                condition=Q(system_code__in=SystemCode.values), name="health_mapping_code_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.system_code} → {self.account}"
