"""What needs a person: one row per open (tenant, kind, subject)."""

from django.db import models
from django.db.models import Q


class AttentionQuerySet(models.QuerySet["Attention"]):
    def for_tenant(self, tenant) -> "AttentionQuerySet":
        return self.filter(tenant=tenant)

    def open(self) -> "AttentionQuerySet":
        return self.filter(resolved_at=None)


class Attention(models.Model):
    """An alarm or a task: what was found, how often, why it matters and what to do next."""

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, help_text="What it is about, e.g. invoice:42")
    reason = models.TextField()
    next_action = models.TextField()
    count = models.PositiveIntegerField(default=1)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.CharField(max_length=150, blank=True)

    objects = AttentionQuerySet.as_manager()

    class Meta:
        db_table = "attention"
        ordering = ["-last_seen", "-id"]
        verbose_name_plural = "attention"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "subject"],
                condition=Q(resolved_at=None),
                name="attention_one_open_per_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-last_seen"], name="attention_tenant_last_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.kind_in_words}: {self.subject_in_words}"

    @property
    def kind_in_words(self) -> str:
        return self.kind.replace("_", " ").capitalize()

    @property
    def subject_in_words(self) -> str:
        return self.subject.replace(":", " ", 1)
