"""What was posted, and what became of it: transactions, their payloads, steps and log."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.json import JSONTextField
from integrations import errors
from integrations.models.policies import IMSPolicy
from integrations.models.setup import Source

# The source that the plain paths mean.
TRITON = "triton"


class Status(models.TextChoices):
    """Where a transaction stands. `received` is due or waits for its time."""

    RECEIVED = "received"
    BLOCKED = "blocked", "blocked by another"
    PROCESSING = "processing"
    RECONCILING = "reconciling", "reconciling: a person decides what IMS did"
    COMPLETED = "completed"
    FAILED = "failed"
    NEEDS_ATTENTION = "needs_attention", "needs attention"
    CLOSED = "closed"


S = Status
NEXT: dict[str, set[str]] = {
    S.RECEIVED: {S.PROCESSING, S.BLOCKED, S.CLOSED},
    S.BLOCKED: {S.RECEIVED, S.CLOSED},
    S.PROCESSING: {
        S.COMPLETED, S.FAILED, S.NEEDS_ATTENTION, S.RECONCILING, S.RECEIVED, S.BLOCKED,
    },
    S.RECONCILING: {S.RECEIVED, S.CLOSED},
    S.FAILED: {S.RECEIVED, S.CLOSED},
    S.NEEDS_ATTENTION: {S.RECEIVED, S.CLOSED},
    S.COMPLETED: set(),
    S.CLOSED: set(),
}  # fmt: skip
FINAL = (S.COMPLETED, S.CLOSED)
STUCK = (S.FAILED, S.NEEDS_ATTENTION, S.RECONCILING)


class Kind(models.TextChoices):
    """The six types of Triton; their words are those of integrations.triton."""

    BIND = "bind"
    UNBIND = "unbind"
    ISSUE = "issue"
    ENDORSEMENT = "midterm_endorsement"
    CANCELLATION = "cancellation"
    REINSTATEMENT = "reinstatement"


class IMSStatus(models.TextChoices):
    """The last good step; what went wrong stands beside it, never in its place."""

    PENDING = "pending"
    INSURED_CREATED = "insured_created"
    SUBMISSION_CREATED = "submission_created"
    QUOTE_CREATED = "quote_created"
    RATED = "rated"
    BOUND = "bound"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    ENDORSED = "endorsed"
    REINSTATED = "reinstated"
    UNBOUND = "unbound"


class TransactionQuerySet(models.QuerySet["TritonTransaction"]):
    def for_tenant(self, tenant) -> "TransactionQuerySet":
        return self.filter(tenant=tenant)

    def open(self) -> "TransactionQuerySet":
        return self.exclude(status__in=FINAL)

    def stuck(self) -> "TransactionQuerySet":
        """What waits for a person."""
        return self.filter(status__in=STUCK)

    def retryable(self) -> "TransactionQuerySet":
        return self.filter(status__in=(S.FAILED, S.NEEDS_ATTENTION))

    def due(self, now) -> "TransactionQuerySet":
        received = self.filter(status=S.RECEIVED, next_run_at__lte=now)
        return received.order_by("next_run_at", "transaction_date", "id")

    def lease_expired(self, now) -> "TransactionQuerySet":
        return self.filter(status=S.PROCESSING, lease_until__lt=now).order_by("lease_until", "id")


class TritonTransaction(models.Model):
    """One transaction of a source: stored before anything is done, run until it is finished.

    `status` moves only through `move`; after `bound_at` is set nothing makes it `failed` any more
    (a trigger sees to it). `run_no` fences: what an older run still says is not heard.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="transactions")
    policy = models.ForeignKey(IMSPolicy, on_delete=models.PROTECT, related_name="transactions")
    transaction_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    path_word = models.CharField(max_length=50, default="new")
    external_id = models.CharField(max_length=200, blank=True)
    fingerprint = models.CharField(max_length=64)
    prior_transaction_id = models.CharField(max_length=100, blank=True)
    transaction_date = models.DateTimeField()
    opportunity_id = models.BigIntegerField(null=True, blank=True)
    policy_number = models.CharField(max_length=50, blank=True)
    insured_name = models.CharField(max_length=100, blank=True)
    duplicate_key = models.CharField(max_length=80, blank=True)
    issues = models.BooleanField(default=False, help_text="Issued by us after the bind.")
    version = models.PositiveIntegerField(default=1)

    status = models.CharField(max_length=16, choices=Status.choices, default=Status.RECEIVED)
    ims_status = models.CharField(
        "IMS status", max_length=20, choices=IMSStatus.choices, default=IMSStatus.PENDING
    )
    reason_code = models.CharField(max_length=60, blank=True)
    stage = models.CharField(max_length=20, blank=True, help_text="The step that could not be.")
    error = models.TextField(blank=True)
    error_group = models.CharField(max_length=300, blank=True)
    group_key = models.CharField(max_length=16, blank=True)
    warnings = JSONTextField(default=list)
    blocked_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="blocks"
    )

    run_no = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    retries = models.PositiveIntegerField(default=0)
    redo_from = models.CharField(max_length=20, blank=True)

    insured_guid = models.UUIDField("insured GUID", null=True, blank=True)
    submission_guid = models.UUIDField("submission GUID", null=True, blank=True)
    quote_guid = models.UUIDField("quote GUID", null=True, blank=True)
    option_guid = models.UUIDField("option GUID", null=True, blank=True)
    base_quote_guid = models.UUIDField("quote before it", null=True, blank=True)
    control_number = models.BigIntegerField(null=True, blank=True)
    producer_contact = models.UUIDField(null=True, blank=True)
    producer_location = models.UUIDField(null=True, blank=True)
    underwriter_guid = models.UUIDField("underwriter GUID", null=True, blank=True)
    expiring_quote_guid = models.UUIDField("expiring quote GUID", null=True, blank=True)
    bound_policy_number = models.CharField(max_length=50, blank=True)
    bound_at = models.DateTimeField(null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)

    actor = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, blank=True)
    closed_by = models.CharField(max_length=150, blank=True)
    closed_reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    completed_at = models.DateTimeField(null=True, blank=True)

    objects = TransactionQuerySet.as_manager()

    class Meta:
        db_table = "triton_transactions"
        verbose_name = "transaction"
        ordering = ["-id"]
        permissions = [("repair_tritontransaction", "Can retry, adopt, edit and close")]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "transaction_id"], name="triton_transaction_once"
            ),
            models.UniqueConstraint(
                fields=["source", "duplicate_key"],
                condition=~Q(duplicate_key="") & ~Q(status="closed"),
                name="triton_endorsement_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="triton_status_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="triton_kind_known"),
            models.CheckConstraint(
                condition=Q(ims_status__in=IMSStatus.values), name="triton_ims_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="failed") | Q(bound_at__isnull=True),
                name="triton_bound_never_failed",
            ),
            models.CheckConstraint(
                condition=~Q(status="processing") | Q(lease_until__isnull=False),
                name="triton_processing_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(status="received") | Q(next_run_at__isnull=True),
                name="triton_due_is_received",
            ),
            models.CheckConstraint(
                condition=~Q(status="blocked") | Q(blocked_by__isnull=False),
                name="triton_blocked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=("failed", "needs_attention", "reconciling"))
                | ~Q(reason_code=""),
                name="triton_stuck_has_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | ~Q(closed_by="") & ~Q(closed_reason=""),
                name="triton_closed_by_somebody",
            ),
            # One run at a time of everything about one policy, whatever the lease says.
            models.UniqueConstraint(
                fields=["policy"],
                condition=Q(status="processing"),
                name="triton_one_running_per_policy",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "status", "-id"], name="triton_tenant_status"),
            models.Index(fields=["policy", "transaction_date", "id"], name="triton_of_policy"),
            models.Index(fields=["tenant", "group_key"], name="triton_group"),
            models.Index(
                fields=["next_run_at"], name="triton_due", condition=Q(next_run_at__isnull=False)
            ),
            models.Index(
                fields=["blocked_by"], name="triton_waiting", condition=Q(status="blocked")
            ),
            models.Index(
                fields=["lease_until"], name="triton_leased", condition=Q(status="processing")
            ),
        ]

    def __str__(self) -> str:
        return self.transaction_id

    @property
    def subject(self) -> str:
        """How attention names this row."""
        return f"transaction:{self.pk}"

    @property
    def address(self) -> str:
        """Where its source asks for it: another may have given the same id."""
        name, key = self.source.name, quote(self.transaction_id, safe="")
        if name == TRITON:
            return f"/api/triton/transaction/{key}"
        return f"/api/sources/{name}/transaction/{key}"

    @property
    def current(self) -> "PayloadVersion":
        return self.payloads.get(number=self.version)

    def move(self, target: str, **changes: Any) -> None:
        """Go to `target` if this row is still as we read it; two workers cannot both win.

        Compare-and-set on status and run. Raises InvalidMove for a move the table does not know and
        ChangedMeanwhile where another was faster.
        """
        if target != self.status and target not in NEXT[self.status]:
            raise errors.InvalidMove(self.status, target)
        self.change(status=target, **changes)

    def change(self, **changes: Any) -> None:
        """Write columns while status and run are as we read them. Raises ChangedMeanwhile."""
        unchanged = TritonTransaction.objects.filter(
            pk=self.pk, status=self.status, run_no=self.run_no
        )
        now = timezone.now()
        if not unchanged.update(updated_at=now, **changes):
            raise errors.ChangedMeanwhile(self.transaction_id)
        self.updated_at = now
        for name, value in changes.items():
            if hasattr(value, "resolve_expression"):
                self.refresh_from_db()
                return
            setattr(self, name, value)


class PayloadVersion(models.Model):
    """What the transaction says: as it was posted, and as a person corrected it."""

    transaction = models.ForeignKey(
        TritonTransaction, on_delete=models.PROTECT, related_name="payloads"
    )
    number = models.PositiveIntegerField()
    payload = JSONTextField()
    actor = models.CharField(max_length=150)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "triton_payloads"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["transaction", "number"], name="triton_payload_once"),
        ]

    def __str__(self) -> str:
        return f"{self.transaction} · {self.number}"


class Outcome(models.TextChoices):
    """What became of one attempt at one step; empty while it is under way."""

    OK = "ok"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    NOT_DONE = "not_done", "looked up: IMS had not done it"
    SKIPPED = "skipped"


class SagaStep(models.Model):
    """One attempt at one step, written before its call and closed once by what came of it.

    A step that was begun and never closed may have happened: it is looked up before it is repeated.
    """

    transaction = models.ForeignKey(
        TritonTransaction, on_delete=models.PROTECT, related_name="steps"
    )
    step = models.CharField(max_length=20)
    attempt = models.PositiveIntegerField()
    run_no = models.PositiveIntegerField()
    version = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    code = models.CharField(max_length=60, blank=True)
    message = models.TextField(blank=True)
    result = JSONTextField(default=dict)
    decided_by = models.CharField(
        max_length=150, blank=True, help_text="Who said what became of it, where it was a person."
    )

    class Meta:
        db_table = "triton_steps"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["transaction", "step", "attempt"], name="triton_step_attempt_once"
            ),
            models.UniqueConstraint(
                fields=["transaction"],
                condition=Q(finished_at__isnull=True),
                name="triton_one_step_under_way",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, outcome="")
                | Q(Q(finished_at__isnull=False), Q(outcome__in=Outcome.values)),
                name="triton_step_closed_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step} · {self.attempt}"

    @property
    def milliseconds(self) -> int | None:
        """How long it took; None while it is under way."""
        if self.finished_at is None:
            return None
        return round((self.finished_at - self.started_at).total_seconds() * 1000)


class ProcessingLog(models.Model):
    """What happened to a transaction, one line each, for good."""

    transaction = models.ForeignKey(
        TritonTransaction, on_delete=models.PROTECT, related_name="logs"
    )
    at = models.DateTimeField(default=timezone.now)
    status = models.CharField(max_length=16, choices=Status.choices)
    ims_status = models.CharField("IMS status", max_length=20, choices=IMSStatus.choices)
    event = models.CharField(max_length=40)
    message = models.TextField(blank=True)
    actor = models.CharField(max_length=150)

    class Meta:
        db_table = "triton_logs"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.event}: {self.message}"


class IMSCall(models.Model):
    """One exchange with IMS, as it travelled but for what is secret; never changed or deleted."""

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    environment = models.ForeignKey(
        "integrations.IMSEnvironment", on_delete=models.PROTECT, related_name="calls"
    )
    transaction = models.ForeignKey(
        TritonTransaction, null=True, on_delete=models.PROTECT, related_name="calls"
    )
    step = models.ForeignKey(SagaStep, null=True, on_delete=models.PROTECT, related_name="calls")
    uuid = models.UUIDField("UUID", default=uuid4, unique=True, editable=False)
    operation = models.CharField(max_length=60)
    procedure = models.CharField(max_length=128, blank=True)
    context = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField()
    duration_ms = models.PositiveIntegerField()
    http_status = models.PositiveSmallIntegerField("HTTP status", null=True)
    event = models.CharField(max_length=20, blank=True)
    reached = models.CharField(max_length=5)
    outcome = models.CharField(max_length=10)
    code = models.CharField(max_length=60, blank=True)
    request = models.BinaryField(editable=False)
    response = models.BinaryField(editable=False)

    class Meta:
        db_table = "ims_calls"
        verbose_name = "IMS call"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="ims_calls_tenant"),
            models.Index(fields=["environment", "-id"], name="ims_calls_environment"),
        ]

    def __str__(self) -> str:
        return self.procedure or self.operation


def moves() -> Iterator[tuple[str, str]]:
    """Every legal move, for the trigger."""
    for before, targets in NEXT.items():
        for after in sorted(targets):
            yield str(before), str(after)
