"""Rows to pick from: never required, and an invoice keeps a copy of what was picked.

`reference` is the id that the laboratory's own system gives (D2's patient_id, test_id and so on).
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models

from config.money import MoneyField
from health.gst import SAC
from health.identifiers import is_gstin
from health.models.invoices import SupplyType
from health.models.tenanted import Tenanted


def _known_once(table: str) -> list[models.BaseConstraint]:
    return [models.UniqueConstraint(fields=["tenant", "reference"], name=f"uq_{table}_reference")]


class Master(Tenanted):
    reference = models.BigIntegerField(
        validators=[MinValueValidator(1)], help_text="The number that your own system gives it."
    )
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Patient(Master):
    name = models.CharField(max_length=200)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField("e-mail", blank=True)
    gstin = models.CharField("GSTIN", max_length=15, blank=True)
    state_code = models.CharField(max_length=2, blank=True)

    class Meta:
        db_table = "patients"
        ordering = ["name", "id"]
        constraints = _known_once("patients")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.gstin and not is_gstin(self.gstin):
            raise ValidationError(
                {"gstin": ValidationError("Its form or its check digit is wrong.", "not_a_gstin")}
            )


class Priced(Master):
    """Something a laboratory bills; exempt by default (Notification 12/2017, entry 74)."""

    name = models.CharField(max_length=200)
    price = MoneyField(validators=[MinValueValidator(0)])
    sac = models.CharField(
        "SAC",
        max_length=8,
        default=SAC,
        validators=[RegexValidator(r"\A[0-9]{4,8}\Z", "Four to eight digits.")],
    )
    supply_type = models.CharField(
        max_length=10, choices=SupplyType.choices, default=SupplyType.EXEMPT
    )
    gst_rate: Any = models.DecimalField(
        "GST rate",
        max_digits=6,
        decimal_places=3,
        default=0,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.supply_type != SupplyType.TAXABLE and self.gst_rate:
            raise ValidationError(
                {
                    "gst_rate": ValidationError(
                        "Exempt and nil-rated supplies bear none.", "tax_on_exempt"
                    )
                }
            )
        # Half of it is CGST and half SGST, both with three decimals.
        if self.gst_rate and (self.gst_rate * 500) % 1:
            raise ValidationError({"gst_rate": ValidationError("It has no half.", "odd_rate")})


class LabTest(Priced):
    class Meta:
        db_table = "lab_tests"
        ordering = ["name", "id"]
        constraints = _known_once("lab_tests")


class Panel(Priced):
    tests = models.ManyToManyField(LabTest, related_name="panels", blank=True)

    class Meta:
        db_table = "test_panels"
        ordering = ["name", "id"]
        constraints = _known_once("test_panels")


class TestOrder(Master):
    __test__ = False

    number = models.CharField(max_length=50)
    status = models.CharField(max_length=20, blank=True)
    ordered_on = models.DateField(null=True, blank=True)
    patient = models.ForeignKey(
        Patient, null=True, blank=True, on_delete=models.PROTECT, related_name="orders"
    )
    referred_by = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "test_orders"
        ordering = ["-id"]
        constraints = _known_once("test_orders")

    def __str__(self) -> str:
        return self.number
