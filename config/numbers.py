"""Amounts, prices, quantities and rates as callers send them: one strict pattern, digits kept."""

import re
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from config.validation import refusal

PATTERN = r"^-?[0-9]+(\.[0-9]+)?$"
# SQLite computes in doubles, which hold 15 digits; beyond them two databases disagree.
MAX_DIGITS = 15

_PLAIN = re.compile(PATTERN.replace("$", r"\Z"))
_MAX_LENGTH = 40


class ExactDecimalField(serializers.Field):
    """A JSON number or a string of ASCII digits, as a Decimal with exactly the digits sent.

    Refused: exponents, signs other than a leading minus, spaces, separators, other scripts' digits,
    booleans and floats. ``-0`` becomes ``0``. `max_digits` counts digits from the first that is not
    zero, `decimal_places` those after the point: at most so many go in, and so many come out.
    """

    default_error_messages = {"invalid": "A plain decimal number is required."}

    def __init__(
        self,
        *,
        max_digits: int = MAX_DIGITS,
        decimal_places: int | None = None,
        min_value: Decimal | int | None = None,
        max_value: Decimal | int | None = None,
        **kwargs: Any,
    ) -> None:
        self.max_digits = max_digits
        self.decimal_places = decimal_places
        self.min_value = min_value
        self.max_value = max_value
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        number = exact_decimal(data)
        if number is None:
            raise refusal(
                "invalid_number",
                "A plain decimal number is required, as in 12.50: digits, at most one point.",
                "يجب إدخال رقم عشري صريح مثل 12.50: أرقام ونقطة عشرية واحدة على الأكثر.",
            )
        self._check_digits(number)
        self._check_bounds(number)
        return number

    def to_representation(self, value: Any) -> Decimal:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
        places = self.decimal_places or 0
        # As the column has it: what was just written is answered as it will be read.
        lacks = places + int(number.as_tuple().exponent) > 0
        return number.quantize(Decimal(1).scaleb(-places)) if lacks else number

    def _check_digits(self, number: Decimal) -> None:
        _, digits, exponent = number.as_tuple()
        if len(digits) > self.max_digits:
            raise refusal(
                "too_many_digits",
                f"At most {self.max_digits} digits are allowed.",
                f"يُسمح بحد أقصى {self.max_digits} من الأرقام.",
            )
        places = self.decimal_places
        if places is not None and -int(exponent) > places:
            raise refusal(
                "too_many_decimals",
                f"At most {places} digits may follow the decimal point.",
                f"يُسمح بحد أقصى {places} من الأرقام بعد الفاصلة العشرية.",
            )

    def _check_bounds(self, number: Decimal) -> None:
        if self.min_value is not None and number < self.min_value:
            raise refusal(
                "min_value",
                f"The number may not be below {self.min_value}.",
                f"يجب ألا يقل الرقم عن {self.min_value}.",
            )
        if self.max_value is not None and number > self.max_value:
            raise refusal(
                "max_value",
                f"The number may not be above {self.max_value}.",
                f"يجب ألا يزيد الرقم على {self.max_value}.",
            )


def exact_decimal(data: Any) -> Decimal | None:
    """`data` as a Decimal with its own digits, or None where it is not a plain decimal number."""
    text = str(data) if isinstance(data, str | int | Decimal) else ""
    if len(text) > _MAX_LENGTH or not _PLAIN.match(text):
        return None
    number = Decimal(text)
    return number if number else number.copy_abs()
