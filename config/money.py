"""Money in the database: integer minor units behind a Decimal face.

A decimal column is a binary float on SQLite: guards refuse a last instalment, sums drift and plain
CHECKs reject valid rows. An integer column is exact in CHECK, F(), SUM and triggers on both
engines.

For named amounts with two decimals only; prices, quantities and rates stay Decimal text in
payloads. Four traps, each with a test:

1. A bare Decimal in an expression is not scaled (``F("paid") + Decimal("1")`` adds one halala):
   build expressions with `plus`, `minus` and `amount`.
2. A third decimal is refused when it is written, never rounded here: rounding is the law's
   business.
3. Two columns added up are an integer to Django (``Sum(F("cgst") + F("sgst"))`` is a hundred times
   too much): say ``output_field=MoneyField()``.
4. Avg returns a float of minor units, which is nobody's money, and no field can stop it: it is
   banned from the tree, and a test looks.
"""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.expressions import Combinable, CombinedExpression

MINOR_UNITS = 100
LARGEST = Decimal("9999999999999.99")  # 15 digits: exact wherever a number may pass through
_LARGEST_MINOR = LARGEST * MINOR_UNITS
_NEVER_MONEY = (float, bool)


def to_minor(value: Decimal | int | str) -> int:
    """`value` in minor units; ValidationError where it is not an exact amount of two decimals."""
    if isinstance(value, _NEVER_MONEY):
        raise ValidationError("Money is never a float.", code="float_money")
    scaled = Decimal(value) * MINOR_UNITS
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValidationError(f"{value} is not an amount of two decimals.", code="not_two_decimals")
    if abs(scaled) > _LARGEST_MINOR:
        raise ValidationError(f"{value} is too large an amount.", code="amount_too_large")
    return int(scaled)


def from_minor(units: int) -> Decimal:
    """The Decimal with two decimals that `units` minor units are."""
    return Decimal(units).scaleb(-2)


class MoneyField(models.BigIntegerField):
    """A Decimal with exactly two decimals in Python, whole minor units in the database."""

    description = "An amount of money in whole minor units"
    # What django-stubs lets be assigned and read.
    _pyi_private_set_type: Decimal | int | str | Combinable  # type: ignore[assignment]
    _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_minor(int(value))

    def to_python(self, value: Any) -> Decimal | None:
        return None if value is None else from_minor(to_minor(value))

    def get_prep_value(self, value: Any) -> Any:
        if value is None or hasattr(value, "resolve_expression"):
            return value
        return to_minor(value)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if not prepared:
            value = self.get_prep_value(value)
        return value

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)

    @property
    def validators(self) -> list:
        # BigIntegerField's range validators would compare minor units with a Decimal.
        return list(self._validators)  # type: ignore[attr-defined]

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return models.Field.formfield(
            self, form_class=forms.DecimalField, max_digits=15, decimal_places=2, **kwargs
        )


def amount(value: Decimal | int | str) -> models.Value:
    """`value` as a scaled constant for an expression."""
    return models.Value(value, output_field=MoneyField())


def plus(field: str, value: Decimal | int | str) -> CombinedExpression:
    """``field + value``, scaled."""
    return CombinedExpression(
        models.F(field), Combinable.ADD, amount(value), output_field=MoneyField()
    )


def minus(field: str, value: Decimal | int | str) -> CombinedExpression:
    """``field - value``, scaled."""
    return CombinedExpression(
        models.F(field), Combinable.SUB, amount(value), output_field=MoneyField()
    )
