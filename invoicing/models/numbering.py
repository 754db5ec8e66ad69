"""Invoice numbers that the server gives: series, their counters, and who got which number."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from invoicing.models.invoices import Invoice
from invoicing.models.units import EGSUnit

KINDS = (
    ("388", "Invoices"),
    ("381", "Credit notes"),
    ("383", "Debit notes"),
    ("386", "Prepayments"),
)
KIND_WORDS = {"388": "INV", "381": "CN", "383": "DN", "386": "PP"}
_PLACE = re.compile(r"\{(unit|kind|yyyy|yy|mm|seq(?::0?[1-9][0-9]?)?)\}")
LONGEST_NUMBER = 50  # as a request's invoice_number


def validate_pattern(pattern: str) -> None:
    """Accept text with exactly one ``{seq}`` or ``{seq:06}``, and no place we do not know."""
    rest = _PLACE.sub("", pattern)
    if "{" in rest or "}" in rest or rest.strip() != rest:
        raise ValidationError(
            "Use the places {unit}, {kind}, {yyyy}, {yy}, {mm} and {seq:06} only.",
            code="invalid_pattern",
        )
    if sum(place.startswith("seq") for place in _PLACE.findall(pattern)) != 1:
        raise ValidationError("Name {seq} once, as in {seq:06}.", code="invalid_pattern")


class NumberSeriesQuerySet(models.QuerySet["NumberSeries"]):
    def for_tenant(self, tenant) -> "NumberSeriesQuerySet":
        return self.filter(tenant=tenant)

    def active(self) -> "NumberSeriesQuerySet":
        return self.filter(is_active=True)


class NumberSeries(models.Model):
    """How the server numbers documents of a tenant that come without a number.

    The most particular active series counts: of the document's unit before the tenant's, of its
    kind before that of every kind.
    """

    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="number_series"
    )
    unit = models.ForeignKey(
        EGSUnit,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="number_series",
        verbose_name="EGS unit",
        help_text="Empty: for every unit without a series of its own.",
    )
    document_type = models.CharField(
        max_length=3,
        blank=True,
        choices=KINDS,
        help_text="Empty: for every kind without a series of its own.",
    )
    pattern = models.CharField(
        max_length=60,
        default="{unit}-{yyyy}-{seq:06}",
        validators=[validate_pattern],
        help_text="Places: {unit}, {kind} (INV, CN, DN, PP), {yyyy}, {yy}, {mm}, {seq:06}.",
    )
    starts_at = models.PositiveBigIntegerField(
        default=1, help_text="The first number. Later years of a yearly series begin at 1."
    )
    resets_yearly = models.BooleanField(
        default=True, help_text="Begin anew with each year of issue, in the tenant's time zone."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = NumberSeriesQuerySet.as_manager()

    class Meta:
        db_table = "number_series"
        ordering = ["unit__name", "document_type", "id"]
        verbose_name_plural = "number series"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "unit", "document_type"],
                condition=Q(is_active=True, unit__isnull=False),
                name="number_series_one_per_unit_and_kind",
                violation_error_message="The unit has an active series for these documents.",
            ),
            models.UniqueConstraint(
                fields=["tenant", "document_type"],
                condition=Q(is_active=True, unit__isnull=True),
                name="number_series_one_per_kind",
                violation_error_message="The tenant has an active series for these documents.",
            ),
            models.CheckConstraint(condition=Q(starts_at__gte=1), name="number_series_from_one"),
        ]

    def __str__(self) -> str:
        return self.pattern

    def clean(self) -> None:
        if self.resets_yearly and not re.search(r"\{yy(yy)?\}", self.pattern):
            raise ValidationError(
                {"pattern": "A series that begins anew each year needs {yyyy} or {yy}."}
            )
        if self.unit_id and self.unit is not None and self.unit.tenant_id != self.tenant_id:
            raise ValidationError({"unit": "Choose one of your own units."})


class NumberCounter(models.Model):
    """How far a series has counted: one row for each year of issue, or one for ever."""

    series = models.ForeignKey(
        NumberSeries, on_delete=models.PROTECT, related_name="counters", db_index=False
    )
    period = models.CharField(max_length=4, blank=True, help_text="The year, or empty.")
    last_number = models.PositiveBigIntegerField()

    class Meta:
        db_table = "number_counters"
        constraints = [
            models.UniqueConstraint(fields=["series", "period"], name="number_counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.period}: {self.last_number}"


class AssignedNumber(models.Model):
    """A number that a series gave, and the request that it was given to.

    Written in the transaction that accepts the invoice. A request that comes again under its key
    (after a crash, a lost answer, a double click) is known by this row and gets the same number.
    """

    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    counter = models.ForeignKey(
        NumberCounter, on_delete=models.PROTECT, related_name="assigned", db_index=False
    )
    sequence = models.PositiveBigIntegerField()
    invoice = models.OneToOneField(
        Invoice, on_delete=models.PROTECT, related_name="assigned_number"
    )
    request_key = models.CharField(max_length=255)
    request_sha256 = models.CharField(max_length=64, help_text="Of the request without a number.")

    class Meta:
        db_table = "assigned_numbers"
        constraints = [
            models.UniqueConstraint(fields=["counter", "sequence"], name="assigned_number_once"),
            models.UniqueConstraint(
                fields=["tenant", "request_key"], name="assigned_number_once_per_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.invoice} to {self.request_key}"
