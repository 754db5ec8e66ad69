"""The outbox: mail that was asked for, written in the transaction of whoever asked."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from config.delivery import errors
from config.json import JSONTextField


class Language(models.TextChoices):
    """Which language comes first; every letter says everything in both."""

    ARABIC = "ar", "Arabic"
    ENGLISH = "en", "English"


class MailState(models.TextChoices):
    QUEUED = "QUEUED"
    SENDING = "SENDING"
    SENT = "SENT"
    FAILED = "FAILED"


S = MailState

# FAILED → QUEUED is a person's decision. SENDING under a lease that ran out is claimed again.
NEXT: dict[str, set[str]] = {
    S.QUEUED: {S.SENDING},
    S.SENDING: {S.SENT, S.QUEUED, S.FAILED},
    S.SENT: set(),
    S.FAILED: {S.QUEUED},
}


class MailQuerySet(models.QuerySet["MailMessage"]):
    def for_tenant(self, tenant) -> "MailQuerySet":
        return self.filter(tenant=tenant)

    def about(self, subject: str) -> "MailQuerySet":
        return self.filter(subject=subject)

    def due(self, now: datetime) -> "MailQuerySet":
        """What a worker may take now: its time has come, or its worker died."""
        waiting = Q(state=S.QUEUED, next_attempt_at__lte=now)
        left_behind = Q(state=S.SENDING, lease_until__lt=now)
        return self.filter(waiting | left_behind).order_by("id")


class MailMessage(models.Model):
    """One letter to one address. `state` moves only through `move`.

    The letter itself is written when it is sent, by the writer registered for `kind`, from
    `subject` and `parameters`. `message_id` is made once, so that whoever gets a letter twice (its
    first sending ended without an answer) can see that it is one.
    """

    tenant = models.ForeignKey("tenancy.Tenant", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200, help_text="What it is about, e.g. invoice:42")
    to = models.EmailField(max_length=254)
    language = models.CharField(max_length=2, choices=Language.choices, default=Language.ARABIC)
    parameters = JSONTextField(default=dict)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.QUEUED)
    message_id = models.CharField("Message-ID", max_length=255, unique=True)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    next_attempt_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    actor = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now, help_text="Back-off counts from here.")
    sent_at = models.DateTimeField(null=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        db_table = "mail_messages"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=MailState.values), name="mail_state_known"
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="mail_language_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="SENDING") | Q(lease_until__isnull=False),
                name="mail_sending_has_lease",
            ),
            models.CheckConstraint(
                condition=~Q(state="QUEUED") | Q(next_attempt_at__isnull=False),
                name="mail_queued_is_due_some_time",
            ),
            models.CheckConstraint(
                condition=Q(state="SENT", sent_at__isnull=False)
                | (~Q(state="SENT") & Q(sent_at__isnull=True)),
                name="mail_sent_says_when",
            ),
            models.CheckConstraint(condition=~Q(to=""), name="mail_has_an_address"),
        ]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="ix_mail_tenant_newest"),
            models.Index(fields=["tenant", "subject"], name="ix_mail_tenant_subject"),
            models.Index(
                fields=["id"],
                name="ix_mail_waiting",
                condition=Q(state__in=("QUEUED", "SENDING")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    @property
    def ref(self) -> str:
        """How attention names this row."""
        return f"mail:{self.pk}"

    def move(self, target: str, **changes: object) -> None:
        """Go to `target` if state and attempts are still as we read them; two workers cannot both.

        Raises ChangedMeanwhile.
        """
        if target != self.state and target not in NEXT[self.state]:
            raise ValueError(f"mail does not go from {self.state} to {target}")
        unchanged = MailMessage.objects.filter(pk=self.pk, state=self.state, attempts=self.attempts)
        if not unchanged.update(state=target, **changes):
            raise errors.ChangedMeanwhile(self)
        self.refresh_from_db()


class MailPreferences(models.Model):
    """How a tenant wants its mail: at most one row for each."""

    tenant = models.OneToOneField(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="mail_preferences"
    )
    send_when_final = models.BooleanField(
        "send automatically when final",
        default=False,
        help_text="A document goes to the buyer's address as soon as it is cleared or reported.",
    )
    reply_to = models.EmailField(
        max_length=254, blank=True, help_text="Where the buyer's answers go."
    )
    language = models.CharField(
        max_length=2,
        choices=Language.choices,
        default=Language.ARABIC,
        help_text="Which language comes first.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "mail_preferences"
        verbose_name = verbose_name_plural = "mail settings"
        constraints = [
            models.CheckConstraint(
                condition=Q(language__in=Language.values), name="mail_preferences_language_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Mail of {self.tenant}"
