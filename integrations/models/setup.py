"""Where transactions come from and where they go: sources, environments of IMS, and their names.

Everything that differs between two installations of IMS is a row here, never a constant.
"""

import re
import uuid
from string import Formatter
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from config import crypto

# What holds an environment back where no person does: its login, refused by IMS.
BY_CREDENTIALS = "credentials"
NUMBERS = ("number", "office_number")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def validate_base_url(url: str) -> None:
    """Accept loopback, and https to a host that the operator allows (IMS_HOSTS)."""
    parts = urlsplit(url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValidationError("The address is a plain one.", code="odd_address")
    if parts.hostname in LOOPBACK and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https" or parts.hostname not in settings.IMS_HOSTS:
        raise ValidationError("IMS is reached by https, at a host in IMS_HOSTS.", code="odd_host")


def validate_number_format(said: str) -> None:
    """What cannot be filled in would be found out when the first invoice comes."""
    sentence = "It needs {number} or {office_number}; {year} as well, as INV-{year}-{number}."
    try:
        parts = [part for part in Formatter().parse(said) if part[1] is not None]
    except ValueError:
        raise ValidationError(sentence, code="odd_format") from None
    names = {name for _, name, _, _ in parts}
    # Zeros before a number at most: a width of millions would be filled in as well.
    plain = all(
        not turn and re.fullmatch(r"(0?[12]?\d)?", spec or "") for _, _, spec, turn in parts
    )
    if not plain or names - {*NUMBERS, "year"} or not names & {*NUMBERS}:
        raise ValidationError(sentence, code="odd_format")


class EnvironmentQuerySet(models.QuerySet["IMSEnvironment"]):
    def for_tenant(self, tenant) -> "EnvironmentQuerySet":
        return self.filter(tenant=tenant)

    def open(self) -> "EnvironmentQuerySet":
        """Those that may be called: active, and held back by nobody."""
        return self.filter(is_active=True, paused_at=None)


class IMSEnvironment(models.Model):
    """One installation of IMS, as one user of it; queue and circuit breaker belong to it."""

    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="ims_environments"
    )
    uuid = models.UUIDField("UUID", default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=50)
    base_url = models.CharField(
        "base URL", max_length=200, validators=[validate_base_url], help_text="…/ims_env/"
    )
    user_name = models.CharField(max_length=100)
    password_sealed = models.BinaryField(null=True, editable=False)
    program_code = models.CharField(max_length=5, blank=True, help_text="Lists the legal lines.")
    is_active = models.BooleanField(default=True)

    capacity = models.PositiveSmallIntegerField(
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(8)],
        help_text="Transactions at once; IMS works them off one by one anyway.",
    )
    invoice_attempts = models.PositiveSmallIntegerField(
        default=3, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    invoice_wait_seconds = models.PositiveSmallIntegerField(
        default=2, validators=[MaxValueValidator(10)]
    )
    invoice_number_format = models.CharField(
        max_length=60,
        blank=True,
        validators=[validate_number_format],
        help_text="With {number}, {office_number}, {year}; empty: IMS's number as it is.",
    )

    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=150, blank=True)
    paused_reason = models.TextField(blank=True)
    # The circuit breaker, moved by compare-and-set (services.breakers).
    failures = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    open_until = models.DateTimeField(null=True, blank=True)
    probe_until = models.DateTimeField(null=True, blank=True)
    # Counted up by every claim: the row's lock is what makes them take turns.
    claims = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EnvironmentQuerySet.as_manager()

    class Meta:
        db_table = "ims_environments"
        verbose_name = "IMS environment"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="ims_environment_name_once"),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_by="")
                | Q(Q(paused_at__isnull=False), ~Q(paused_by="")),
                name="ims_environment_paused_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(opened_at__isnull=True, open_until__isnull=True)
                | Q(opened_at__isnull=False, open_until__isnull=False),
                name="ims_environment_breaker_whole",
            ),
            models.CheckConstraint(
                condition=Q(capacity__gte=1), name="ims_environment_takes_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """How attention names this row."""
        return f"ims:{self.pk}"

    def seal_password(self, password: str) -> None:
        """Put the TripleDES text, as IMS's administrator hands it out, under our own key."""
        self.password_sealed = crypto.seal(password.encode(), context=self._context)

    def password(self) -> str:
        """The password; asked for explicitly, never kept."""
        if self.password_sealed is None:
            return ""
        return crypto.open_sealed(bytes(self.password_sealed), context=self._context).decode()

    @property
    def _context(self) -> str:
        return f"{self.tenant_id}:{self.uuid}:ims_password"


class Source(models.Model):
    """A system that posts transactions; `triton` is the one that the plain paths mean."""

    tenant = models.ForeignKey(
        "tenancy.Tenant", on_delete=models.PROTECT, related_name="ims_sources"
    )
    name = models.CharField(
        max_length=50, validators=[RegexValidator(r"\A[a-z0-9_-]+\Z", "Lower case, no blanks.")]
    )
    environment = models.ForeignKey(
        IMSEnvironment, on_delete=models.PROTECT, related_name="sources"
    )
    sends_issue = models.BooleanField(
        default=False,
        help_text="It sends issue as a transaction of its own, so that a bind only binds.",
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ims_sources"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="ims_source_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ProcedureName(models.Model):
    """A procedure of the Triton bridge that has another name in this installation."""

    environment = models.ForeignKey(
        IMSEnvironment, on_delete=models.PROTECT, related_name="procedure_names"
    )
    procedure = models.CharField(max_length=60, help_text="The name in the published set.")
    name = models.CharField(max_length=128, help_text="The name here, without _WS.")

    class Meta:
        db_table = "ims_procedure_names"
        ordering = ["procedure"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "procedure"], name="ims_procedure_named_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.procedure} = {self.name}"


class Office(models.Model):
    """An office of the agency, which quotes and issues."""

    environment = models.ForeignKey(
        IMSEnvironment, on_delete=models.PROTECT, related_name="offices"
    )
    name = models.CharField(max_length=100)
    quoting_location = models.UUIDField()
    issuing_location = models.UUIDField()

    class Meta:
        db_table = "ims_offices"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "name"], name="ims_office_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class LineKind(models.TextChoices):
    PRIMARY = "primary", "Primary"
    EXCESS = "excess", "Excess or umbrella"


FRACTION = [
    MinValueValidator(0, "A fraction between 0 and 1, as 0.20."),
    MaxValueValidator(1, "A fraction between 0 and 1, as 0.20."),
]


class Line(models.Model):
    """A line of business at a company location: what a quote is made for.

    Commissions are fractions and stand in where a transaction names none.
    """

    environment = models.ForeignKey(IMSEnvironment, on_delete=models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=10, choices=LineKind.choices)
    name = models.CharField(max_length=100)
    line_guid = models.UUIDField("line GUID")
    company_location = models.UUIDField()
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="lines")
    company_commission = models.DecimalField(
        max_digits=7, decimal_places=6, null=True, blank=True, validators=FRACTION
    )
    producer_commission = models.DecimalField(
        max_digits=7, decimal_places=6, null=True, blank=True, validators=FRACTION
    )
    backdate_days = models.PositiveSmallIntegerField(
        default=14, help_text="How far back IMS lets a policy begin; told beforehand, as a warning."
    )

    class Meta:
        db_table = "ims_lines"
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "kind"], name="ims_line_kind_once"),
            models.CheckConstraint(
                condition=Q(kind__in=LineKind.values), name="ims_line_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(company_commission__isnull=True)
                | Q(company_commission__gte=0, company_commission__lte=1),
                name="ims_line_company_fraction",
            ),
            models.CheckConstraint(
                condition=Q(producer_commission__isnull=True)
                | Q(producer_commission__gte=0, producer_commission__lte=1),
                name="ims_line_producer_fraction",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Program(models.Model):
    """IMS's program for a program name and market segment of Triton; an empty one fits all."""

    environment = models.ForeignKey(
        IMSEnvironment, on_delete=models.PROTECT, related_name="programs"
    )
    program_name = models.CharField(max_length=200, blank=True)
    market_segment_code = models.CharField(max_length=10, blank=True)
    program_id = models.PositiveIntegerField("program ID")
    program_code = models.CharField(max_length=20, blank=True)

    class Meta:
        db_table = "ims_programs"
        ordering = ["program_name", "market_segment_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "program_name", "market_segment_code"],
                name="ims_program_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program_name or '*'} {self.market_segment_code or '*'}: {self.program_id}"


def normalised_name(text: str) -> str:
    """How names and addresses are compared: without case, blanks made single."""
    return " ".join(text.casefold().split())


class ProducerAlias(models.Model):
    """A producer as Triton writes it, and as IMS knows it."""

    environment = models.ForeignKey(
        IMSEnvironment, on_delete=models.PROTECT, related_name="producer_aliases"
    )
    written = models.CharField(max_length=200, help_text="The e-mail or name in the transaction.")
    key = models.CharField(max_length=200, editable=False)
    email = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ims_producer_aliases"
        verbose_name_plural = "producer aliases"
        ordering = ["written"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "key"], name="ims_producer_alias_once"),
            models.CheckConstraint(
                condition=~Q(email="") | ~Q(name=""), name="ims_producer_alias_names_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.written} → {self.email or self.name}"

    def save(self, *args, **kwargs) -> None:
        self.key = normalised_name(self.written)
        super().save(*args, **kwargs)


class UnderwriterAlias(models.Model):
    """An underwriter as Triton writes the name, and as IMS knows it."""

    environment = models.ForeignKey(
        IMSEnvironment, on_delete=models.PROTECT, related_name="underwriter_aliases"
    )
    written = models.CharField(max_length=200)
    key = models.CharField(max_length=200, editable=False)
    name = models.CharField(max_length=200, help_text="First and last name in IMS.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "ims_underwriter_aliases"
        verbose_name_plural = "underwriter aliases"
        ordering = ["written"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "key"], name="ims_underwriter_alias_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.written} → {self.name}"

    def save(self, *args, **kwargs) -> None:
        self.key = normalised_name(self.written)
        super().save(*args, **kwargs)


class KnownInsured(models.Model):
    """One insured of an environment by name and address: two transactions never add it twice.

    The row is the lock under which it is looked up and added, and remembers what came of it.
    """

    environment = models.ForeignKey(IMSEnvironment, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, help_text="SHA-256 of name, city, state and ZIP.")
    guid = models.UUIDField("GUID", null=True)
    holder = models.BigIntegerField(null=True, help_text="The transaction that may add it.")
    held_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True, help_text="When IMS was last asked to add it.")

    class Meta:
        db_table = "ims_known_insureds"
        constraints = [
            models.UniqueConstraint(fields=["environment", "key"], name="ims_insured_known_once"),
        ]

    def __str__(self) -> str:
        return str(self.guid or self.key)
