"""What we believe against what the authority holds: each comparison, and each difference found."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from config.json import JSONTextField
from config.money import MoneyField
from invoicing.models.invoices import Invoice, Trigger
from invoicing.models.units import EGSUnit
from invoicing.reconciliation.records import Kind, Word
from invoicing.reconciliation.sentences import SENTENCES, Sentences


class Source(models.TextChoices):
    """How the authority's side became known."""

    LIST = "LIST", "its list"
    RESEND = "RESEND", "resending"
    EXPORT = "EXPORT", "a portal export"


class FindingState(models.TextChoices):
    OPEN = "OPEN", "open"
    EXPLAINED = "EXPLAINED", "explained"


KINDS = [(kind.value, SENTENCES[kind].title) for kind in Kind]
WORDS = [(word.value, word.value) for word in Word]


class ReconciliationRunQuerySet(models.QuerySet["ReconciliationRun"]):
    def for_tenant(self, tenant) -> "ReconciliationRunQuerySet":
        return self.filter(tenant=tenant)

    def with_open_count(self) -> "ReconciliationRunQuerySet":
        """Each with `open_count`, the findings nobody has explained."""
        # A subquery: grouping would cost the rows their order.
        found = ReconciliationFinding.objects.filter(
            run=models.OuterRef("pk"), state=FindingState.OPEN
        )
        counted = found.order_by().values("run").annotate(times=models.Count("pk"))
        return self.annotate(
            open_count=Coalesce(models.Subquery(counted.values("times")), models.Value(0))
        )


class ReconciliationRun(models.Model):
    """One comparison. Its figures are written once, when it ends; a run that never ended died.

    `summary` has one object per status, document type, form and currency, with `ours`, `theirs` and
    `difference`, each `{count, total, vat}`, amounts as text.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey(
        EGSUnit, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField(max_length=10, choices=Source.choices)
    first_day = models.DateField(null=True, blank=True, help_text="Issued then or later.")
    last_day = models.DateField(null=True, blank=True, help_text="Issued then or earlier.")
    trigger = models.CharField(max_length=10, choices=Trigger.choices)
    actor = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    file_sha256 = models.CharField("SHA-256 of the file", max_length=64, blank=True)
    columns = JSONTextField(default=dict, help_text="Which header was read as which field.")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    ours_count = models.PositiveIntegerField(default=0)
    theirs_count = models.PositiveIntegerField(default=0)
    finding_count = models.PositiveIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0, help_text="Not asked for want of time.")
    summary = JSONTextField(default=list)

    open_count: int  # of with_open_count

    objects = ReconciliationRunQuerySet.as_manager()

    class Meta:
        db_table = "reconciliation_runs"
        verbose_name = "reconciliation"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=Source.values), name="reconciliation_source_known"
            ),
            models.CheckConstraint(
                condition=(Q(source="EXPORT") & ~Q(file_sha256=""))
                | (~Q(source="EXPORT") & Q(file_sha256="")),
                name="reconciliation_export_has_digest",
            ),
            models.CheckConstraint(
                condition=Q(first_day__isnull=True)
                | Q(last_day__isnull=True)
                | Q(first_day__lte=models.F("last_day")),
                name="reconciliation_days_in_order",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-id"], name="reconciliation_tenant_newest")]

    def __str__(self) -> str:
        return f"Reconciliation {self.pk}"

    @property
    def subject(self) -> str:
        """How attention names this row."""
        return f"reconciliation:{self.pk}"

    def covers(self, earlier: "ReconciliationRun") -> bool:
        """Whether this run looked at everything `earlier` did, and as closely."""
        return (
            (self.source != Source.RESEND or earlier.source == Source.RESEND)
            and self.unit_id in (None, earlier.unit_id)
            and (self.first_day is None or _within(earlier.first_day, at_least=self.first_day))
            and (self.last_day is None or _within(earlier.last_day, at_most=self.last_day))
        )


def _within(day, *, at_least=None, at_most=None) -> bool:
    if day is None:
        return False
    return bool((at_least is None or day >= at_least) and (at_most is None or day <= at_most))


class ReconciliationFinding(models.Model):
    """One difference: what each side says. Explained once, by whom and why; never deleted."""

    run = models.ForeignKey(ReconciliationRun, on_delete=models.PROTECT, related_name="findings")
    kind = models.CharField(max_length=30, choices=KINDS)
    invoice = models.ForeignKey(
        Invoice, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    number = models.CharField("invoice number", max_length=127, blank=True)
    uuid = models.CharField("UUID", max_length=100, blank=True)
    ours = models.CharField(max_length=10, choices=WORDS, blank=True)
    theirs = models.CharField(max_length=10, choices=WORDS, blank=True)
    our_total = MoneyField(null=True)
    their_total = MoneyField(null=True)
    our_vat = MoneyField("our VAT", null=True)
    their_vat = MoneyField("their VAT", null=True)
    our_hash = models.CharField(max_length=100, blank=True)
    their_hash = models.CharField(max_length=100, blank=True)
    csid = models.CharField("CSID", max_length=64, blank=True)
    icv = models.BigIntegerField("ICV", null=True)
    last_icv = models.BigIntegerField("last ICV", null=True)
    line = models.PositiveIntegerField(default=0, help_text="Of the file; 0 where there is none.")
    state = models.CharField(max_length=10, choices=FindingState.choices, default=FindingState.OPEN)
    reason = models.TextField(blank=True)
    explained_by = models.CharField(max_length=150, blank=True)
    explained_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "reconciliation_findings"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=[kind.value for kind in Kind]), name="finding_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(state="OPEN", reason="", explained_by="", explained_at__isnull=True)
                | (
                    Q(state="EXPLAINED", explained_at__isnull=False)
                    & ~Q(reason="")
                    & ~Q(explained_by="")
                ),
                name="finding_explained_whole",
            ),
        ]
        indexes = [models.Index(fields=["run", "state"], name="finding_run_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number or self.csid}".strip()

    @property
    def sentences(self) -> Sentences:
        """What it means and what to do next, in English and Arabic."""
        return SENTENCES[Kind(self.kind)]

    @property
    def total_difference(self):
        """Theirs less ours; None where a side says nothing."""
        return _difference(self.our_total, self.their_total)

    @property
    def vat_difference(self):
        return _difference(self.our_vat, self.their_vat)


def _difference(ours, theirs):
    return None if ours is None or theirs is None else theirs - ours
