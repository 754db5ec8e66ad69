"""Who owns the rows and who may touch them.

A Tenant is one taxpayer in one environment: a company that tries things out in the sandbox and
sells in production is two tenants with one VAT number, so that credentials, keys, numbers and rows
of one never meet another's (contracts 5). A Membership gives a person a role in a tenant, an ApiKey
gives a program scopes.
"""

import uuid
import zoneinfo
from datetime import datetime, timedelta
from functools import cache, reduce

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Length, Replace
from django.db.models.lookups import Exact
from django.utils import timezone


class Environment(models.TextChoices):
    """The authority's three environments; the words of the invoicing API."""

    SANDBOX = "SANDBOX", "Sandbox"
    SIMULATION = "SIMULATION", "Simulation"
    PRODUCTION = "PRODUCTION", "Production"


class DeepGate(models.TextChoices):
    """What the official rules do to a draft, before it costs a number of the chain."""

    OFF = "off", "Off: not judged"
    WARN = "warn", "Warn: told, and sent all the same"
    BLOCK = "block", "Block: refused before it is sealed"


class Role(models.TextChoices):
    """What a person may do in a tenant; `config.tenancy.permissions` holds the table."""

    VIEWER = "viewer", "Viewer"
    AUDITOR = "auditor", "Auditor"
    CLERK = "clerk", "Clerk"
    ACCOUNTANT = "accountant", "Accountant"
    INTEGRATOR = "integrator", "Integrator"
    OWNER = "owner", "Owner"


class Scope(models.TextChoices):
    """What an API key may do (contracts 4). `admin` contains every other one."""

    INVOICES_READ = "invoices:read", "Read invoices"
    INVOICES_WRITE = "invoices:write", "Write invoices"
    HEALTH_READ = "health:read", "Read laboratory invoices"
    HEALTH_WRITE = "health:write", "Write laboratory invoices"
    INTEGRATIONS_READ = "integrations:read", "Read integrations"
    INTEGRATIONS_WRITE = "integrations:write", "Write integrations"
    ADMIN = "admin", "Administer the tenant"


@cache
def _known_timezones() -> frozenset[str]:
    # Read from hundreds of files each time it is asked.
    return frozenset(zoneinfo.available_timezones())


def validate_timezone(name: str) -> None:
    """Accept a name of the IANA time zone database."""
    if name not in _known_timezones():
        raise ValidationError(
            f"{name!r} is not an IANA time zone, such as Asia/Riyadh.", code="unknown_timezone"
        )


def validate_scopes(scopes: object) -> None:
    """Accept a list of one or more different known scopes."""
    if not isinstance(scopes, list) or not scopes or len(set(scopes)) < len(scopes):
        raise ValidationError("Name at least one scope, each once.", code="invalid_scopes")
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown:
        raise ValidationError(f"Unknown scope: {', '.join(unknown)}.", code="unknown_scope")


def validate_in_future(moment: datetime) -> None:
    """Accept a moment that has not come yet."""
    if moment <= timezone.now():
        raise ValidationError("The expiry must lie in the future.", code="in_the_past")


# BR-KSA-40: 15 digits, the first and the last of them 3. Taking the digits away must leave nothing:
# a regular expression would read nicer, but SQLite has none outside Django's own connections.
_without_digits = reduce(
    lambda text, digit: Replace(text, Value(digit), Value("")), "0123456789", F("vat_number")
)
SAUDI_VAT_NUMBER = RegexValidator(
    r"\A3[0-9]{13}3\Z", "A Saudi VAT number has 15 digits and begins and ends with 3."
)


class TenantQuerySet(models.QuerySet["Tenant"]):
    def active(self) -> "TenantQuerySet":
        return self.filter(is_active=True)


class Tenant(models.Model):
    """One taxpayer in one environment. Never deleted: business rows PROTECT it; deactivate it."""

    company_name = models.CharField(max_length=200)
    company_name_ar = models.CharField("company name in Arabic", max_length=200, blank=True)
    vat_number = models.CharField(
        "VAT number",
        max_length=15,
        blank=True,
        validators=[SAUDI_VAT_NUMBER],
        help_text="15 digits, first and last 3. Empty for a company without a Saudi registration.",
    )
    environment = models.CharField(
        max_length=10,
        choices=Environment.choices,
        help_text="Fixed once saved: another environment is another tenant.",
    )
    timezone = models.CharField(
        "time zone", max_length=64, default="Asia/Riyadh", validators=[validate_timezone]
    )
    country_code = models.CharField(
        max_length=2,
        default="SA",
        validators=[RegexValidator(r"\A[A-Z]{2}\Z", "Two capital letters, ISO 3166-1.")],
    )
    deep_gate = models.CharField(
        "check by the official rules",
        max_length=5,
        choices=DeepGate.choices,
        default=DeepGate.BLOCK,
        help_text="ZATCA's own rules on every invoice before it takes its place in the chain.",
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Without it no key, token or session of it is accepted."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        db_table = "tenants"
        ordering = ["company_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(environment__in=Environment.values), name="tenant_environment_known"
            ),
            models.CheckConstraint(
                condition=Q(deep_gate__in=DeepGate.values), name="tenant_deep_gate_known"
            ),
            models.CheckConstraint(
                condition=Q(vat_number="")
                | (
                    Q(vat_number__startswith="3", vat_number__endswith="3")
                    & Q(Exact(Length("vat_number"), 15))
                    & Q(Exact(_without_digits, Value("")))
                ),
                name="tenant_vat_number_is_saudi",
                violation_error_message=SAUDI_VAT_NUMBER.message,
            ),
            models.UniqueConstraint(
                fields=["vat_number", "environment"],
                condition=~Q(vat_number=""),
                name="tenant_vat_number_unique_per_environment",
                violation_error_message="This VAT number already has a tenant in this environment.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.company_name} ({self.environment})"

    def clean(self) -> None:
        """Refuse another environment than the one it was created with (contracts 5)."""
        if self.pk is None:
            return
        before = type(self).objects.filter(pk=self.pk).values_list("environment", flat=True).first()
        if before is not None and before != self.environment:
            raise ValidationError(
                {"environment": "A tenant keeps its environment; create another tenant instead."}
            )

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """Its time zone, for invoice dates and the numbers of a day (contracts 12)."""
        return zoneinfo.ZoneInfo(self.timezone)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        """Memberships that open a door: membership, person and tenant are all active."""
        return self.filter(is_active=True, user__is_active=True, tenant__is_active=True)


class Membership(models.Model):
    """The role of a person in a tenant."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships"
    )
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    is_active = models.BooleanField("active", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        db_table = "memberships"
        ordering = ["tenant", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "tenant"], name="membership_unique"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role} of {self.tenant}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def usable(self, now: datetime | None = None) -> "ApiKeyQuerySet":
        """Keys that still open a door: not revoked, not expired, tenant active."""
        not_expired = Q(expires_at__isnull=True) | Q(expires_at__gt=now or timezone.now())
        return self.filter(not_expired, revoked_at__isnull=True, tenant__is_active=True)


class ApiKey(models.Model):
    """A program's key. Only the SHA-256 of its secret is kept: the secret has 256 random bits, so a
    slow password hash would protect nothing and cost every request.
    """

    # A use is noted at most this often, so that reading does not become writing.
    USE_NOTED_EVERY = timedelta(minutes=1)

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="api_keys")
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16, unique=True, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(default=list, validators=[validate_scopes])
    expires_at = models.DateTimeField(null=True, blank=True, validators=[validate_in_future])
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        db_table = "api_keys"
        ordering = ["-id"]
        verbose_name = "API key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    @property
    def state(self) -> str:
        """active, expired or revoked; a key of a deactivated tenant is not accepted either."""
        if self.revoked_at:
            return "revoked"
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return "expired" if expired else "active"


class LoginAttempts(models.Model):
    """Sign-ins tried for one name from one address since `since`; a success deletes the row.

    `who` is a digest: names that people mistype, passwords among them, are not kept.
    """

    who = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    since = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "login_attempts"

    def __str__(self) -> str:
        return f"{self.count} since {self.since:%Y-%m-%d %H:%M}"
