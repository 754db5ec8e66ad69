"""Whether the authority answers at all, as all processes together have found."""

from django.db import models
from django.db.models import Q


class Breaker(models.Model):
    """The circuit breaker of one address; closed while `opened_at` is empty.

    Moves by compare-and-set only (services.breakers). `failures` counts calls in a row that brought
    no answer, each of another document than the one before: one document on which the authority
    chokes must not stop everybody's. Open, nothing is sent of its own accord until `open_until`;
    then `probe_until` is the lease of the one call that may try.
    """

    address = models.CharField(max_length=255, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last_failed = models.ForeignKey(
        "invoicing.Invoice", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    last_error = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    pause_seconds = models.PositiveIntegerField(default=0)
    probe_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "zatca_breakers"
        constraints = [
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, open_until__isnull=True)
                | Q(opened_at__isnull=False, open_until__isnull=False, pause_seconds__gt=0),
                name="breaker_open_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return self.address
