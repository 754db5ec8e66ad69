"""An invoice, its revisions (what was said and sealed) and its attempts (what was sent)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.json import JSONTextField
from config.money import MoneyField
from invoicing import errors
from invoicing.models.units import Chain, EGSUnit


class Phase(models.TextChoices):
    PHASE_1 = "PHASE_1"
    PHASE_2 = "PHASE_2"


class InvoiceStatus(models.TextChoices):
    """The documents' five words."""

    CREATED = "CREATED"
    PROCESSING = "PROCESSING"
    CLEARED = "CLEARED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"


S = InvoiceStatus

# FAILED → CLEARED is an answer that came after its lease had run out: the bytes are the same in
# every attempt, so the authority's yes counts whenever it arrives.
NEXT: dict[str, set[str]] = {
    S.CREATED: {S.PROCESSING, S.REJECTED},
    S.PROCESSING: {S.CLEARED, S.REJECTED, S.FAILED},
    S.FAILED: {S.PROCESSING, S.CLEARED},
    S.REJECTED: {S.PROCESSING},
    S.CLEARED: set(),
}
RETRYABLE = (S.FAILED, S.REJECTED)


class ZatcaStatus(models.TextChoices):
    """What the five words cannot say."""

    NOT_APPLICABLE = "NOT_APPLICABLE"
    CLEARED = "CLEARED"
    REPORTED = "REPORTED"
    CLEARED_WITH_WARNINGS = "CLEARED_WITH_WARNINGS"
    REPORTED_WITH_WARNINGS = "REPORTED_WITH_WARNINGS"
    NOT_CLEARED = "NOT_CLEARED"
    NOT_REPORTED = "NOT_REPORTED"
    UNKNOWN = "UNKNOWN"


class FailureClass(models.TextChoices):
    TRANSIENT = "TRANSIENT"
    UNKNOWN_OUTCOME = "UNKNOWN_OUTCOME"
    CREDENTIAL = "CREDENTIAL"
    CONFIGURATION = "CONFIGURATION"
    PERMANENT = "PERMANENT"
    BUG = "BUG"


class Reached(models.TextChoices):
    """Whether the authority may have got the bytes."""

    NO = "NO"
    MAYBE = "MAYBE"
    YES = "YES"


class Channel(models.TextChoices):
    CLEARANCE = "CLEARANCE"
    REPORTING = "REPORTING"


class Trigger(models.TextChoices):
    """Who asked for an attempt."""

    CALLER = "CALLER"
    STAFF = "STAFF"
    COMMAND = "COMMAND"
    WORKER = "WORKER"


@dataclass(frozen=True, slots=True)
class Lane:
    """Those who take turns at being sent: a unit, or a tenant with what needs no unit (Phase 1)."""

    unit_id: int | None = None
    tenant_id: int | None = None

    @property
    def key(self) -> tuple[int, int]:
        """Its place among the others."""
        return self.unit_id or 0, self.tenant_id or 0


class InvoiceQuerySet(models.QuerySet["Invoice"]):
    def for_tenant(self, tenant) -> "InvoiceQuerySet":
        return self.filter(tenant=tenant)

    def waiting(self) -> "InvoiceQuerySet":
        """What is to be sent at some time, the oldest first."""
        return self.filter(next_attempt_at__isnull=False).order_by("next_attempt_at", "id")

    def in_lane(self, lane: Lane) -> "InvoiceQuerySet":
        if lane.unit_id is not None:
            return self.waiting().filter(unit=lane.unit_id)
        return self.waiting().filter(tenant=lane.tenant_id, unit=None)

    def lease_expired(self, now) -> "InvoiceQuerySet":
        return self.filter(status=S.PROCESSING, lease_until__lt=now).order_by("lease_until", "id")


class Invoice(models.Model):
    """One invoice number of one tenant: the master row that never multiplies.

    `uuid`, `hash`, `xml_content` and `zatca_response` mirror the current revision and are written
    only by seal and settle (contracts 20). `status` moves only through `move`.
    """

    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="invoices", db_index=False
    )
    unit = models.ForeignKey(
        EGSUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices"
    )
    invoice_number = models.CharField(max_length=127)
    phase = models.CharField(max_length=10, choices=Phase.choices)
    status = models.CharField(
        max_length=10, choices=InvoiceStatus.choices, default=InvoiceStatus.CREATED
    )
    environment = models.CharField(max_length=10)
    document_type = models.CharField(max_length=3)
    is_simplified = models.BooleanField()
    currency = models.CharField(max_length=3, default="SAR")
    total_amount = MoneyField()
    tax_amount = MoneyField()
    # What notes and deductions that count have made of the total; services.crediting writes them.
    credited_amount = MoneyField(default=0)
    debited_amount = MoneyField(default=0)
    deducted_amount = MoneyField(default=0)
    buyer_name = models.CharField(max_length=1000, blank=True)
    buyer_email = models.EmailField("buyer's e-mail", max_length=254, blank=True)
    issued_at = models.DateTimeField()
    client_reference = models.CharField(max_length=200, blank=True)
    metadata = JSONTextField(default=dict)

    hash = models.CharField(max_length=64, null=True)
    uuid = models.CharField("UUID", max_length=100, null=True)
    xml_content = models.TextField("XML", null=True)
    zatca_response = JSONTextField("ZATCA's answer", null=True)
    error_message = models.TextField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    zatca_status = models.CharField(
        "ZATCA status", max_length=30, choices=ZatcaStatus.choices, blank=True
    )
    failure_class = models.CharField(max_length=20, choices=FailureClass.choices, blank=True)

    revision = models.PositiveIntegerField(default=1)
    attempt_no = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    resend_count = models.PositiveIntegerField(default=0)
    retry_count = models.PositiveIntegerField(default=0)
    retry_limit = models.PositiveIntegerField(default=100)
    parked_at = models.DateTimeField(null=True)
    parked_reason = models.TextField(blank=True)
    log_count = models.PositiveIntegerField(default=0)
    log_head = models.CharField(max_length=64, default="0" * 64)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects = InvoiceQuerySet.as_manager()

    class Meta:
        db_table = "invoices"
        ordering = ["-created_at", "-id"]
        permissions = [("retry_invoice", "Can retry an invoice")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "invoice_number"], name="uq_invoices_tenant_invoice_number"
            ),
            models.CheckConstraint(
                condition=Q(status__in=InvoiceStatus.values), name="invoice_status_known"
            ),
            models.CheckConstraint(condition=Q(phase__in=Phase.values), name="invoice_phase_known"),
            models.CheckConstraint(
                condition=Q(phase="PHASE_1") | Q(unit__isnull=False),
                name="invoice_phase_2_has_unit",
            ),
            models.CheckConstraint(
                condition=~Q(status="CLEARED", phase="PHASE_2")
                | Q(uuid__isnull=False, hash__isnull=False, xml_content__isnull=False),
                name="invoice_cleared_has_document",
            ),
            models.CheckConstraint(
                condition=~Q(status="PROCESSING", phase="PHASE_2") | Q(lease_until__isnull=False),
                name="invoice_processing_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status="CLEARED") | Q(next_attempt_at__isnull=True),
                name="invoice_cleared_is_never_due",
            ),
            models.CheckConstraint(
                condition=Q(total_amount__gte=0, tax_amount__gte=0),
                name="invoice_amounts_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(credited_amount__gte=0, debited_amount__gte=0, deducted_amount__gte=0)
                & Q(
                    credited_amount__lte=models.F("total_amount")
                    + models.F("debited_amount")
                    - models.F("deducted_amount")
                ),
                name="invoice_never_over_credited",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant"], name="ix_invoices_tenant_id"),
            models.Index(fields=["invoice_number"], name="ix_invoices_invoice_number"),
            models.Index(fields=["status"], name="ix_invoices_status"),
            models.Index(fields=["hash"], name="ix_invoices_hash"),
            models.Index(fields=["uuid"], name="ix_invoices_uuid"),
            models.Index(fields=["tenant", "status"], name="ix_invoices_tenant_status"),
            models.Index(fields=["tenant", "created_at"], name="ix_invoices_tenant_created"),
            models.Index(
                fields=["next_attempt_at"],
                name="ix_invoices_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
            # Turns are taken over units (services.turns); Phase 1 has none, and few that wait.
            models.Index(
                fields=["unit", "next_attempt_at", "id"],
                name="ix_invoices_unit_due",
                condition=Q(next_attempt_at__isnull=False),
            ),
            models.Index(
                fields=["tenant", "next_attempt_at", "id"],
                name="ix_invoices_phase_1_due",
                condition=Q(next_attempt_at__isnull=False, unit__isnull=True),
            ),
            models.Index(
                fields=["lease_until"],
                name="ix_invoices_leased",
                condition=Q(status="PROCESSING"),
            ),
        ]

    def __str__(self) -> str:
        return self.invoice_number

    @property
    def current(self) -> "Revision":
        """The revision that counts now."""
        revisions = self.revisions.select_related("chain__unit__tenant")
        return revisions.get(number=self.revision)

    @property
    def has_verdict(self) -> bool:
        """Whether the current revision was judged; after a rejection the next may still wait."""
        if self.status == S.REJECTED:
            return self.current.outcome == S.REJECTED
        return self.status == S.CLEARED

    @property
    def creditable_amount(self) -> Decimal:
        """What credit notes may still take: total and debit notes, less what is credited and, of a
        prepayment invoice, what was deducted elsewhere.
        """
        return self.raised_amount - self.deducted_amount - self.credited_amount

    @property
    def raised_amount(self) -> Decimal:
        """The total with the debit notes that were cleared."""
        return self.total_amount + self.debited_amount

    @property
    def subject(self) -> str:
        """How attention names this row."""
        return f"invoice:{self.pk}"

    def move(self, target: str, **changes: Any) -> None:
        """Go to `target` if this row is still as we read it; two workers cannot both win.

        Compare-and-set on status, attempt and revision. `changes` are values, not expressions: the
        instance has them afterwards. Raises InvalidMove for a move the table does not know and
        ChangedMeanwhile where another was faster.
        """
        if target != self.status and target not in NEXT[self.status]:
            raise errors.InvalidMove(self.status, target)
        unchanged = Invoice.objects.filter(
            pk=self.pk, status=self.status, attempt_no=self.attempt_no, revision=self.revision
        )
        changes |= {"status": target, "updated_at": timezone.now()}
        if not unchanged.update(**changes):
            raise errors.ChangedMeanwhile(self)
        for name, value in changes.items():
            setattr(self, name, str(value) if isinstance(value, Enum) else value)


class Revision(models.Model):
    """One version of what the invoice says, and the exact bytes it was sealed into.

    A rejected document is corrected by a further revision with its own UUID and the next ICV; the
    rejected one keeps its place in the chain. Sealed columns are written once (a trigger sees to
    it).
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    payload = JSONTextField(null=True, help_text="The validated request, amounts as text.")
    payload_sha256 = models.CharField(max_length=64)
    uuid = models.UUIDField("UUID", unique=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True)
    chain = models.ForeignKey(
        Chain, null=True, on_delete=models.PROTECT, related_name="documents", db_index=False
    )
    icv = models.BigIntegerField("ICV", null=True)
    pih = models.CharField("PIH", max_length=100, null=True)
    hash = models.CharField(max_length=64, null=True)
    xml = models.BinaryField("XML", null=True, editable=False)
    qr = models.TextField("QR", blank=True)
    cleared_xml = models.BinaryField("cleared XML", null=True, editable=False)
    cleared_difference = models.TextField(
        blank=True,
        help_text="Why the version that came back cleared is not given out; empty where it may be.",
    )
    outcome = models.CharField(max_length=10, choices=InvoiceStatus.choices, blank=True)
    findings = JSONTextField(default=list, help_text="What the gate or the authority said.")
    reason = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    sealed_at = models.DateTimeField(null=True)
    first_sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "invoice_revisions"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="revision_number_once"),
            models.UniqueConstraint(fields=["chain", "icv"], name="revision_icv_once_per_chain"),
            models.CheckConstraint(
                condition=Q(xml__isnull=True, icv__isnull=True, chain__isnull=True)
                | Q(
                    xml__isnull=False,
                    icv__isnull=False,
                    chain__isnull=False,
                    pih__isnull=False,
                    hash__isnull=False,
                    sealed_at__isnull=False,
                ),
                name="revision_sealed_whole",
            ),
            models.CheckConstraint(
                condition=Q(cleared_difference="") | Q(cleared_xml__isnull=False),
                name="revision_difference_needs_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · {self.number}"

    @property
    def is_sealed(self) -> bool:
        return self.icv is not None

    @property
    def may_be_given_out(self) -> bool:
        """False where the authority's version is not the document that was sent."""
        return not self.cleared_difference


class Attempt(models.Model):
    """One try to send a revision: written before the call, closed once by its answer.

    `reached` is MAYBE until the answer says otherwise, since a process may die at any point.
    """

    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="attempts")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    actor = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    abandoned_at = models.DateTimeField(null=True, help_text="Its lease ran out without an answer.")
    ended_at = models.DateTimeField(null=True)
    reached = models.CharField(max_length=5, choices=Reached.choices, default=Reached.MAYBE)
    event = models.CharField(
        max_length=30, blank=True, help_text="What happened to the connection."
    )
    http_status = models.PositiveSmallIntegerField("HTTP status", null=True)
    response = models.BinaryField(null=True, editable=False)
    outcome = models.CharField(max_length=10, choices=InvoiceStatus.choices, blank=True)
    zatca_status = models.CharField(
        "ZATCA status", max_length=30, choices=ZatcaStatus.choices, blank=True
    )
    failure_class = models.CharField(max_length=20, choices=FailureClass.choices, blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    duration_ms = models.PositiveIntegerField(null=True)

    class Meta:
        db_table = "invoice_attempts"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "number"], name="attempt_number_once"),
            models.CheckConstraint(
                condition=Q(reached__in=Reached.values), name="attempt_reached_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} · attempt {self.number}"
