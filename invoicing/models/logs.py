"""The audit log of an invoice: append-only in the database, hash-chained per invoice."""

from typing import Any

from django.db import models
from django.db.models import Q

from config.json import JSONTextField


class LogStatus(models.TextChoices):
    SUBMITTED = "SUBMITTED"
    CLEARED = "CLEARED"
    REJECTED = "REJECTED"
    ERROR = "ERROR"


class LogAction(models.TextChoices):
    RETRY = "RETRY"


class InvoiceLogQuerySet(models.QuerySet["InvoiceLog"]):
    def for_tenant(self, tenant) -> "InvoiceLogQuerySet":
        return self.filter(tenant=tenant)

    def retries(self) -> "InvoiceLogQuerySet":
        return self.filter(action=LogAction.RETRY)


class InvoiceLog(models.Model):
    """One row per settled try, and one RETRY row per claim of a FAILED or REJECTED invoice.

    Nothing else is logged here (contracts 19): seals, claims and sendings are Revision and Attempt.
    `entry_hash` binds everything in `content()` to the row's place in the invoice's own chain.
    """

    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    invoice = models.ForeignKey("invoicing.Invoice", on_delete=models.PROTECT, related_name="logs")
    invoice_number = models.CharField(max_length=127)
    revision = models.PositiveIntegerField()
    attempt_no = models.PositiveIntegerField()
    uuid = models.CharField("UUID", max_length=100, null=True)
    hash = models.CharField(max_length=64, null=True)
    environment = models.CharField(max_length=10)
    status = models.CharField(max_length=10, choices=LogStatus.choices)
    action = models.CharField(
        max_length=20,
        null=True,
        choices=LogAction.choices,
        db_comment="Action type (e.g., 'RETRY', 'SUBMIT')",
    )
    previous_status = models.CharField(
        max_length=20, null=True, db_comment="Previous invoice status before action"
    )
    zatca_response_code = models.TextField("ZATCA response code", null=True)
    zatca_response = JSONTextField("ZATCA's answer", null=True)
    error_message = models.TextField(null=True)
    request_payload = JSONTextField(null=True)
    payload_sha256 = models.CharField(max_length=64)
    trigger = models.CharField(max_length=10)
    actor = models.CharField(max_length=150)
    reason = models.TextField(null=True)
    request_id = models.CharField(max_length=64, null=True)
    submitted_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    sequence = models.PositiveIntegerField()
    previous_hash = models.CharField(max_length=64)
    entry_hash = models.CharField(max_length=64)

    objects = InvoiceLogQuerySet.as_manager()

    class Meta:
        db_table = "invoice_logs"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=LogStatus.values), name="invoice_log_status_known"
            ),
            # Taken before the invoice moves on, so that the row never says PROCESSING.
            models.CheckConstraint(
                condition=Q(action__isnull=True, previous_status__isnull=True)
                | Q(action="RETRY", previous_status__in=("FAILED", "REJECTED"), status="SUBMITTED"),
                name="invoice_log_retry_complete",
            ),
            models.UniqueConstraint(
                fields=["invoice", "sequence"], name="invoice_log_one_line_per_invoice"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="ix_invoice_logs_tenant_newest"),
            models.Index(fields=["tenant", "invoice_number"], name="ix_invoice_logs_tenant_number"),
            models.Index(fields=["tenant", "created_at"], name="ix_invoice_logs_tenant_created"),
            models.Index(fields=["tenant", "status"], name="ix_invoice_logs_tenant_status"),
        ]

    def __str__(self) -> str:
        return f"{self.invoice_number} {self.action or ''} {self.status}".replace("  ", " ")

    def content(self) -> dict[str, Any]:
        """What the hash covers: every column but the hash itself and the row id."""
        own = {"id", "sequence", "previous_hash", "entry_hash"}
        values = {
            field.attname: getattr(self, field.attname)
            for field in self._meta.concrete_fields
            if field.name not in own
        }
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in values.items()
        }
