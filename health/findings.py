"""What does not add up, or what a person should know: the words for it. Pure; no Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from health.arabic import sentence

PAISA = Decimal("0.01")
NOISE = Decimal("0.000001")
# The largest amount that the database keeps, as config.money has it.
LARGEST = Decimal("9999999999999.99")
# Of so large a number no double says anything behind the point, and quantising it would fail.
TOO_LARGE = 15


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up, or that a person should know; `param` is its path."""

    param: str
    code: str
    message: str
    expected: str | None = None
    got: str | None = None

    @property
    def message_ar(self) -> str:
        """The same in Arabic."""
        return sentence(self.code, self.param, self.expected, self.got)


def q(amount: Decimal) -> Decimal:
    """Half up, to the paisa."""
    return amount.quantize(PAISA, ROUND_HALF_UP)


def without_noise(number: Decimal) -> Decimal:
    """The amount that somebody's float meant: at six decimals, or two where the rest is nought."""
    if -int(number.as_tuple().exponent) <= 6 or number.adjusted() >= TOO_LARGE:
        return number
    clean = number.quantize(NOISE, ROUND_HALF_UP)
    return q(clean) if clean == q(clean) else clean


def paisa(value: Any, path: str, errors: list[Finding]) -> Decimal:
    """V-all: finer than a paisa is refused, once the noise of somebody's float is off it."""
    amount = Decimal(value).quantize(NOISE, ROUND_HALF_UP)
    if amount != q(amount):
        errors.append(
            Finding(
                path,
                "NOT_PAISA_EXACT",
                "An amount has at most two decimals.",
                str(q(amount)),
                str(value),
            )
        )
    return q(amount)


def near(
    given: Decimal,
    computed: Decimal,
    path: str,
    errors: list[Finding],
    tolerance: Decimal = PAISA,
) -> None:
    """Find fault where one rounding cannot be what lies between the two."""
    if abs(given - computed) > tolerance:
        errors.append(
            mismatch(path, computed, given, "LINE_MISMATCH" if "[" in path else "TOTALS_MISMATCH")
        )


def agreed(
    given: Mapping[str, Decimal],
    name: str,
    computed: Decimal,
    path: str,
    errors: list[Finding],
    code: str,
) -> Decimal:
    """What was said, and a fault where it is not what it must be; what it must be if unsaid."""
    if name not in given:
        return computed
    if given[name] != computed:
        errors.append(mismatch(f"{path}.{name}" if path else name, computed, given[name], code))
    return given[name]


def not_kept(amounts: Mapping[str, Decimal], path: str = "") -> list[Finding]:
    """The sums that are larger than any amount that is kept."""
    return [
        Finding(
            f"{path}{name}",
            "amount_too_large",
            f"{path}{name} is {amount}; no amount is larger than {LARGEST}.",
            f"at most {LARGEST}",
            str(amount),
        )
        for name, amount in amounts.items()
        if abs(amount) > LARGEST
    ]


def mismatch(path: str, expected: Decimal | str, got: Decimal, code: str) -> Finding:
    """The fault in a number, with what would have been right."""
    return Finding(
        path, code, f"{path} should be {expected}; it is {got}.", str(expected), str(got)
    )
