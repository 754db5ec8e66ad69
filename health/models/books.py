"""How a tenant keeps its books, until when they are closed, and who changed what."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from config.json import JSONTextField
from config.money import MoneyField
from health.identifiers import is_gstin
from health.models.invoices import DiscountMode, Layout
from health.models.tenanted import Tenanted


class OverpayPolicy(models.TextChoices):
    ADVANCE = "ADVANCE", "Keep what is too much as an advance"
    ALLOW = "ALLOW", "Let the invoice be overpaid"
    REJECT = "REJECT", "Refuse"


class LabSettings(Tenanted):
    """One row a tenant, made when it is first needed; lenient by default.

    What a `strict_` switch is about is a warning while it is off, and a refusal once it is on.
    """

    gstin = models.CharField("GSTIN", max_length=15, blank=True)
    state_code = models.CharField(
        max_length=2,
        blank=True,
        validators=[RegexValidator(r"\A[0-9]{2}\Z", "Two digits, as a GSTIN begins with.")],
        help_text="Empty: as the GSTIN begins.",
    )
    # With year and six digits it makes sixteen characters (Rule 46(b)).
    invoice_prefix = models.CharField(
        max_length=5,
        default="LAB",
        validators=[RegexValidator(r"\A[A-Z][A-Z0-9]{0,3}\Z", "One to four capital letters.")],
        help_text="Bills are numbered LAB/2627/000001: at most 16 characters (Rule 46).",
    )
    voucher_layout = models.CharField(
        max_length=8,
        choices=Layout.choices,
        default=Layout.SPLIT,
        help_text="COMPACT books taxes as revenue: the GST summary is then the only place that "
        "knows what is owed to the state.",
    )
    discount_mode = models.CharField(
        "discount on the whole",
        max_length=10,
        choices=DiscountMode.choices,
        default=DiscountMode.POST_TAX,
        help_text="For bills that do not say themselves.",
    )
    overpay_policy = models.CharField(
        max_length=8, choices=OverpayPolicy.choices, default=OverpayPolicy.ADVANCE
    )
    # As far as the e-invoice portal goes.
    roundoff_limit = MoneyField(
        default=Decimal("0.50"),
        validators=[MinValueValidator(0), MaxValueValidator(Decimal("99.99"))],
    )
    backdating_days = models.PositiveSmallIntegerField(
        "days of backdating",
        null=True,
        blank=True,
        help_text="How far back money and books may still be dated; empty: up to a period lock.",
    )
    strict_gst = models.BooleanField(
        "strict about GST", default=False, help_text="Bill numbers, GSTINs, GST without one's own."
    )
    strict_phone = models.BooleanField(
        "strict about phones", default=False, help_text="An Indian mobile number, or none."
    )
    strict_roundoff = models.BooleanField(
        "strict about rounding",
        default=False,
        help_text="A round-off brings the total to the nearest rupee.",
    )
    strict_masters = models.BooleanField(
        "strict about masters",
        default=False,
        help_text="Only patients, tests, panels and orders that are written down here.",
    )
    strict_orders = models.BooleanField(
        "strict about orders", default=False, help_text="A test order is billed once."
    )
    gross_revenue = models.BooleanField(
        default=False, help_text="Revenue before discounts, and the discounts beside it."
    )
    allow_zero = models.BooleanField("post bills of nothing", default=False)
    maker_checker = models.BooleanField(
        "maker and checker", default=False, help_text="Who wrote a bill may not post it."
    )

    class Meta:
        db_table = "lab_settings"
        verbose_name_plural = "lab settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="uq_lab_settings_tenant")]

    def __str__(self) -> str:
        return "Laboratory settings"

    @property
    def home_state(self) -> str:
        """The state that supplies are made from; empty where nobody has said."""
        return self.state_code or self.gstin[:2]

    # Codes of their own: a form says its own words for Django's `invalid`.
    def clean(self) -> None:
        if self.gstin and not is_gstin(self.gstin):
            raise ValidationError(
                {"gstin": ValidationError("Its form or its check digit is wrong.", "not_a_gstin")}
            )
        if self.gstin and self.state_code and not self.gstin.startswith(self.state_code):
            raise ValidationError(
                {"state_code": ValidationError("The GSTIN is of another state.", "other_state")}
            )
        # Credit notes are numbered CN/2627/000001: one series has one kind of paper.
        if self.invoice_prefix == "CN":
            raise ValidationError(
                {"invoice_prefix": ValidationError("CN numbers credit notes.", "taken_prefix")}
            )


class LockScope(models.TextChoices):
    ALL = "ALL", "All vouchers"
    TAX = "TAX", "Vouchers of invoices and credit notes"


class PeriodLock(Tenanted):
    """Nothing dated up to `locked_upto` is written any more. Never lifted."""

    locked_upto = models.DateField()
    scope = models.CharField(max_length=3, choices=LockScope.choices, default=LockScope.ALL)
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        db_table = "period_locks"
        ordering = ["-locked_upto", "-id"]
        indexes = [models.Index(fields=["tenant", "locked_upto"], name="ix_period_locks_tenant")]

    def __str__(self) -> str:
        return f"{self.scope} up to {self.locked_upto}"


class History(Tenanted):
    """One row per change of a document: who, when, what it was and what it became."""

    kind = models.CharField(max_length=20)
    object_id = models.BigIntegerField()
    action = models.CharField(max_length=30)
    before: Any = JSONTextField(null=True)
    after: Any = JSONTextField(null=True)
    reason = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=150)
    request_id = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "health_history"
        ordering = ["id"]
        indexes = [
            models.Index(fields=["tenant", "kind", "object_id"], name="ix_health_history_object")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id} {self.action}"
