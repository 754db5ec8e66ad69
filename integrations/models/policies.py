"""Policies as IMS has them, and their invoices."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from config.json import JSONTextField
from config.money import MoneyField
from integrations.ims import Invoice
from integrations.models.setup import Source

if TYPE_CHECKING:
    from integrations.models.transactions import TritonTransaction


class PolicyQuerySet(models.QuerySet["IMSPolicy"]):
    def for_tenant(self, tenant) -> "PolicyQuerySet":
        return self.filter(tenant=tenant)

    def bound(self) -> "PolicyQuerySet":
        return self.filter(bound_at__isnull=False)


class IMSPolicy(models.Model):
    """One opportunity of a source, and the policy that came of it.

    The row's lock is what makes the transactions of one opportunity run one after another.
    `invoice_number` and `invoice_retrieved_at` (D0) are those of the original policy; endorsements
    and the like have invoices of their own.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="policies")
    opportunity_id = models.BigIntegerField(null=True, blank=True)
    policy_number = models.CharField(max_length=50, blank=True)
    insured_name = models.CharField(max_length=100, blank=True)
    insured_guid = models.UUIDField("insured GUID", null=True, blank=True)
    submission_guid = models.UUIDField("submission GUID", null=True, blank=True)
    quote_guid = models.UUIDField("quote GUID", null=True, blank=True)
    latest_quote_guid = models.UUIDField("latest quote GUID", null=True, blank=True)
    effective_date = models.DateField(null=True, blank=True)
    expiration_date = models.DateField(null=True, blank=True)
    bound_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    invoice_number = models.CharField(max_length=100, null=True, blank=True)
    invoice_retrieved_at = models.DateTimeField(null=True, blank=True)
    ims_invoice_num = models.BigIntegerField("IMS invoice number", null=True, blank=True)
    office_invoice_num = models.BigIntegerField("office invoice number", null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        db_table = "ims_policies"
        verbose_name = "IMS policy"
        verbose_name_plural = "IMS policies"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "opportunity_id"],
                condition=Q(opportunity_id__isnull=False),
                name="ims_policy_once_per_opportunity",
            ),
            models.UniqueConstraint(
                fields=["source", "policy_number"],
                condition=Q(opportunity_id__isnull=True),
                name="ims_policy_once_per_number",
            ),
            models.UniqueConstraint(
                fields=["source", "policy_number"],
                condition=Q(bound_at__isnull=False) & ~Q(policy_number=""),
                name="ims_policy_number_bound_once",
            ),
            models.CheckConstraint(
                condition=Q(opportunity_id__isnull=False) | ~Q(policy_number=""),
                name="ims_policy_has_a_key",
            ),
            models.CheckConstraint(
                condition=Q(bound_at__isnull=True) | Q(quote_guid__isnull=False),
                name="ims_policy_bound_has_quote",
            ),
            models.CheckConstraint(
                condition=Q(invoice_number__isnull=True, invoice_retrieved_at__isnull=True)
                | Q(invoice_number__isnull=False, invoice_retrieved_at__isnull=False),
                name="ims_policy_invoice_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="ims_policies_tenant"),
            models.Index(fields=["tenant", "policy_number"], name="ims_policies_number"),
        ]

    def __str__(self) -> str:
        return self.policy_number or f"opportunity {self.opportunity_id}"

    @property
    def subject(self) -> str:
        """How attention names this row."""
        return f"ims_policy:{self.pk}"


class InvoiceStatus(models.TextChoices):
    """What is known of the invoice of a bind, endorsement, cancellation or reinstatement."""

    PENDING = "pending"
    FOUND = "found"
    NOT_EXPECTED = "not_expected"
    GIVEN_UP = "given_up"
    VOID = "void"


class IMSInvoiceQuerySet(models.QuerySet["IMSInvoice"]):
    def for_tenant(self, tenant) -> "IMSInvoiceQuerySet":
        return self.filter(tenant=tenant)

    def due(self, now) -> "IMSInvoiceQuerySet":
        pending = self.filter(status=InvoiceStatus.PENDING, next_look_at__lte=now)
        return pending.order_by("next_look_at", "id")


class IMSInvoice(models.Model):
    """The invoice of one quote in IMS: looked for until it is there, then kept.

    Two numbers that are never mixed: `ims_invoice_num` is IMS's key for printing and payments,
    `office_invoice_num` the office's running number. `data` holds no bank text: those are asked
    for when a person asks.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(IMSPolicy, on_delete=models.PROTECT, related_name="invoices")
    transaction: "models.OneToOneField[TritonTransaction, TritonTransaction]" = (
        models.OneToOneField(
            "integrations.TritonTransaction", on_delete=models.PROTECT, related_name="invoice"
        )
    )
    quote_guid = models.UUIDField("quote GUID")
    status = models.CharField(
        max_length=12, choices=InvoiceStatus.choices, default=InvoiceStatus.PENDING
    )
    invoice_number = models.CharField(max_length=100, null=True, blank=True)
    ims_invoice_num = models.BigIntegerField("IMS invoice number", null=True, blank=True)
    office_invoice_num = models.BigIntegerField("office invoice number", null=True, blank=True)
    premium = MoneyField(null=True, blank=True)
    net_due = MoneyField(null=True, blank=True)
    invoice_date = models.DateField(null=True, blank=True)
    due_date = models.DateField(null=True, blank=True)
    data = JSONTextField(default=dict)
    looks = models.PositiveIntegerField(default=0)
    next_look_at = models.DateTimeField(null=True, blank=True)
    retrieved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    # IMS's answer of this moment, where it was just asked; with the bank texts, so never stored.
    live: Invoice | None = None
    # The number that IMS then named instead of ours: it has billed the same quote anew.
    billed_anew: int | None = None

    objects = IMSInvoiceQuerySet.as_manager()

    class Meta:
        db_table = "ims_invoices"
        verbose_name = "IMS invoice"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=InvoiceStatus.values), name="ims_invoice_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="found")
                | Q(
                    invoice_number__isnull=False,
                    ims_invoice_num__isnull=False,
                    retrieved_at__isnull=False,
                ),
                name="ims_invoice_found_has_number",
            ),
            models.CheckConstraint(
                condition=Q(status="pending") | Q(next_look_at__isnull=True),
                name="ims_invoice_looked_for_while_pending",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_look_at"],
                name="ims_invoices_due",
                condition=Q(next_look_at__isnull=False),
            ),
            models.Index(fields=["tenant", "ims_invoice_num"], name="ims_invoices_number"),
            models.Index(fields=["tenant", "quote_guid"], name="ims_invoices_quote"),
        ]

    def __str__(self) -> str:
        return self.invoice_number or f"invoice of {self.policy}"
