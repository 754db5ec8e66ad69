"""What a list's parameters may say: another value is a 400 with its name, never a shrug."""

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from config.money import to_minor
from config.numbers import exact_decimal
from config.problems import Bilingual

CODE = "INVALID_FILTER"
BIGGEST = 2**63 - 1
FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _invalid(english: str, arabic: str) -> ValidationError:
    return ValidationError(english, code=Bilingual(CODE, arabic))


class FlagField(forms.Field):
    """``true`` or ``false``; nothing where it is not said."""

    def to_python(self, value: Any) -> bool | None:
        said = "" if value is None else str(value).lower()
        if said and said not in FLAGS:
            raise _invalid("Say true or false.", "القيمة true أو false.")
        return FLAGS.get(said)


class WholeField(forms.Field):
    """A number of the laboratory's own: digits alone."""

    def to_python(self, value: Any) -> int | None:
        said = "" if value is None else str(value)
        if not said:
            return None
        if not (said.isascii() and said.isdigit()) or len(said) > 19 or int(said) > BIGGEST:
            raise _invalid("Say a whole number.", "يجب أن تكون القيمة عددًا صحيحًا.")
        return int(said)


class AmountField(forms.Field):
    """An amount in rupees, with two decimals at most."""

    def to_python(self, value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        amount = exact_decimal(value)
        try:
            to_minor("" if amount is None else amount)
        except (ArithmeticError, ValidationError):
            raise _invalid(
                "Say an amount with two decimals at most, as in 12.50.",
                "يجب أن تكون القيمة مبلغًا بمنزلتين عشريتين على الأكثر مثل 12.50.",
            ) from None
        return amount


class OrderField(django_filters.fields.ChoiceField):
    """A column to sort by, with a minus before it for the highest first."""

    def validate(self, value: Any) -> None:
        if value and not self.valid_value(value):
            known = ", ".join(str(name) for name, _ in self.choices if name)
            raise _invalid(f"One or more of {known}.", f"القيمة من: {known}.")


class FlagFilter(django_filters.BooleanFilter):
    field_class = FlagField


class WholeFilter(django_filters.NumberFilter):
    field_class = WholeField


class OrderFilter(django_filters.OrderingFilter):
    field_class = OrderField


class AmountFilter(django_filters.NumberFilter):
    field_class = AmountField


class DayFilter(django_filters.DateFilter):
    """A day as ISO 8601 writes it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)


class RangeForm(forms.Form):
    """The form of a filter set whose ranges must not end before they begin."""

    RANGES = (("date_from", "date_to"), ("min_amount", "max_amount"))

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        for first, last in self.RANGES:
            begins, ends = said.get(first), said.get(last)
            if begins is not None and ends is not None and ends < begins:
                english, arabic = f"It is before {first}.", f"القيمة أقل من {first}."
                self.add_error(last, _invalid(english, arabic))
        return said
