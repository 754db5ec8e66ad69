"""Bulk work: what was asked for, how far it is, what could not be done, and the file it made."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone

from config.jobs import errors
from config.jobs.runners import RUNNERS
from config.json import JSONTextField

CHUNK_BYTES = 1_048_576


class JobState(models.TextChoices):
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


S = JobState

# RUNNING → RUNNING (not a move of state) is a job taken up from a worker that died.
NEXT: dict[str, set[str]] = {
    S.QUEUED: {S.RUNNING, S.CANCELLED},
    S.RUNNING: {S.DONE, S.FAILED, S.CANCELLED},
    S.DONE: set(),
    S.FAILED: set(),
    S.CANCELLED: set(),
}
ENDED = tuple(state for state, following in NEXT.items() if not following)


class JobQuerySet(models.QuerySet["Job"]):
    def for_tenant(self, tenant) -> "JobQuerySet":
        return self.filter(tenant=tenant)

    def waiting(self) -> "JobQuerySet":
        return self.filter(state__in=(S.QUEUED, S.RUNNING))

    def due(self, now: datetime) -> "JobQuerySet":
        """What a worker may take now: queued, or left behind by one that died."""
        return self.filter(Q(state=S.QUEUED) | Q(state=S.RUNNING, lease_until__lt=now))

    def expired(self, now: datetime) -> "JobQuerySet":
        """Ended jobs whose file has been kept long enough."""
        return self.filter(state__in=ENDED, expires_at__lt=now, pruned_at=None)


class Job(models.Model):
    """One piece of bulk work of a tenant. `state` moves only through `move`.

    The row stays for good (it says who took what out of the house); its file and its notes go when
    `expires_at` has passed.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    parameters = JSONTextField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    total = models.PositiveIntegerField(null=True, help_text="Empty until it is known.")
    done = models.PositiveIntegerField(default=0, help_text="Including those that failed.")
    failed = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    actor = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    pruned_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    error_message_ar = models.TextField("error message in Arabic", blank=True)
    file_name = models.CharField(max_length=255, blank=True)
    file_size = models.BigIntegerField(null=True)
    file_sha256 = models.CharField("SHA-256", max_length=64, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        db_table = "jobs"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="job_state_known"),
            models.CheckConstraint(
                condition=~Q(state="RUNNING") | Q(lease_until__isnull=False, attempt__gte=1),
                name="job_running_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=ENDED) | Q(ended_at__isnull=False, expires_at__isnull=False),
                name="job_ended_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(failed__lte=models.F("done")), name="job_failed_are_done"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="ix_jobs_tenant_newest"),
            models.Index(
                fields=["id"],
                name="ix_jobs_waiting",
                condition=Q(state__in=("QUEUED", "RUNNING")),
            ),
            models.Index(
                fields=["expires_at"], name="ix_jobs_kept", condition=Q(pruned_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        runner = RUNNERS.get(self.kind)
        return f"{runner.title if runner else self.kind} {self.pk}"

    @property
    def subject(self) -> str:
        """How attention names this row."""
        return f"job:{self.pk}"

    @property
    def has_ended(self) -> bool:
        return self.state in ENDED

    @property
    def has_file(self) -> bool:
        return self.state == S.DONE and bool(self.file_name) and self.pruned_at is None

    @property
    def percent(self) -> int:
        """How far it is, 0 to 100; 0 while the total is not known."""
        if self.state == S.DONE:
            return 100
        return min(100, self.done * 100 // self.total) if self.total else 0

    def move(self, target: str, **changes: object) -> None:
        """Go to `target` if state and attempt are still as we read them; two workers cannot both.

        Raises ChangedMeanwhile where another was faster.
        """
        if target != self.state and target not in NEXT[self.state]:
            raise ValueError(f"a job does not go from {self.state} to {target}")
        unchanged = Job.objects.filter(pk=self.pk, state=self.state, attempt=self.attempt)
        if target == S.RUNNING:
            # Of two that find the same lease run out, one wins.
            unchanged = unchanged.filter(lease_until=self.lease_until)
        if not unchanged.update(state=target, **changes):
            raise errors.ChangedMeanwhile(self)
        self.refresh_from_db()


class JobNote(models.Model):
    """One thing that a job could not do, in words for whoever asked."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="notes")
    subject = models.CharField(max_length=200)
    code = models.CharField(max_length=60)
    message = models.TextField()
    message_ar = models.TextField("message in Arabic", blank=True)

    class Meta:
        db_table = "job_notes"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.subject}: {self.message}"


class JobChunk(models.Model):
    """A piece of a job's file. In the database, since web and worker may be on two machines."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField(editable=False)

    class Meta:
        db_table = "job_chunks"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="job_chunk_number_once"),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("content"), CHUNK_BYTES),
                name="job_chunk_at_most_a_mebibyte",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.number}"
