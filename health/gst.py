"""What a laboratory invoice must add up to (health.md section 2): pure arithmetic, no Django.

One convention: every tax is rounded per line, half up to the paisa, and the header is the sum of
the lines. Sums are exact; a single line's discount or tax may differ by one paisa, since its
rounding is the caller's, and what the caller said is what is kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

PAISA, RUPEE, NIL = Decimal("0.01"), Decimal("1"), Decimal("0.00")
TAXES = ("cgst", "sgst", "igst", "cess")
NOISE = Decimal("0.000001")

LINE_AMOUNTS = ("disc_amount", "taxable_amount", *(f"{tax}_amount" for tax in TAXES))
HEADER_SUMS = {
    "subtotal_amount": "rate",
    "items_total_discount_amount": "disc_amount",
    "taxable_amount": "taxable_amount",
    **{f"{tax}_amount": f"{tax}_amount" for tax in TAXES},
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up, or that a person should know; `param` is its path."""

    param: str
    code: str
    message: str
    expected: str | None = None
    got: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What a tenant asks of its invoices."""

    roundoff_limit: Decimal = Decimal("0.50")
    # The roundoff must be what brings the total to the nearest rupee.
    roundoff_to_rupee: bool = False
    # Another state than the branch's was named as place of supply.
    is_inter_state: bool = False


@dataclass(slots=True)
class Computed:
    """An invoice with every amount filled in, and what was found on the way."""

    header: dict[str, Decimal]
    lines: list[dict[str, Decimal]]
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)


def q(amount: Decimal) -> Decimal:
    """Half up, to the paisa."""
    return amount.quantize(PAISA, ROUND_HALF_UP)


def compute(
    header: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], rules: Rules = Rules()
) -> Computed:
    """Fill in what was left out and find what does not add up (rules V1 to V16).

    `header` and `lines` hold Decimals under D2's names; what is missing or None is computed. Every
    amount in the result has two decimals.
    """
    found = Computed({}, [])
    for position, said in enumerate(lines):
        found.lines.append(_line(said, f"items[{position}]", found))
    _one_kind_of_tax(found, rules)
    _sums(header, found)
    _final(header, found, rules)
    return found


def _line(said: Mapping[str, Any], path: str, found: Computed) -> dict[str, Decimal]:
    line = {name: Decimal(said.get(name) or 0) for name in ("disc_percentage", *_rates())}
    line["rate"] = _paisa(said.get("rate") or NIL, f"{path}.rate", found)
    given = {
        name: _paisa(said[name], f"{path}.{name}", found)
        for name in (*LINE_AMOUNTS, "total_amount")
        if said.get(name) is not None
    }
    by_percentage = q(line["rate"] * line["disc_percentage"] / 100)
    discount = given.get("disc_amount", by_percentage)
    if line["disc_percentage"]:
        _near(discount, by_percentage, f"{path}.disc_amount", found)
    if discount > line["rate"]:
        found.errors.append(
            _mismatch(f"{path}.disc_amount", f"at most {line['rate']}", discount, "LINE_MISMATCH")
        )
    line["disc_amount"] = discount
    taxable = line["rate"] - discount
    line["taxable_amount"] = _exact(given, "taxable_amount", taxable, path, found, "LINE_MISMATCH")
    for tax in TAXES:
        computed = q(line["taxable_amount"] * line[f"{tax}_rate"] / 100)
        line[f"{tax}_amount"] = given.get(f"{tax}_amount", computed)
        # What is not taxed has nothing to round.
        taxed = bool(line["taxable_amount"] and line[f"{tax}_rate"])
        tolerance = PAISA if taxed else NIL
        _near(line[f"{tax}_amount"], computed, f"{path}.{tax}_amount", found, tolerance)
    _halves(line, path, found)
    total = line["taxable_amount"] + _taxes(line)
    line["total_amount"] = _exact(given, "total_amount", total, path, found, "LINE_MISMATCH")
    return line


def _rates() -> list[str]:
    return [f"{tax}_rate" for tax in TAXES]


def _taxes(amounts: Mapping[str, Decimal]) -> Decimal:
    return sum((amounts[f"{tax}_amount"] for tax in TAXES), NIL)


def _halves(line: Mapping[str, Decimal], path: str, found: Computed) -> None:
    """V4: the central and the state half are one tax, levied twice."""
    for what in ("rate", "amount"):
        central, state = line[f"cgst_{what}"], line[f"sgst_{what}"]
        if central != state:
            found.errors.append(
                _mismatch(f"{path}.sgst_{what}", central, state, "TAX_SPLIT_INVALID")
            )


def _one_kind_of_tax(found: Computed, rules: Rules) -> None:
    """V5: a supply is inside a state or between two, never both; between two only where said."""
    within = any(line["cgst_rate"] or line["cgst_amount"] for line in found.lines)
    between = any(line["igst_rate"] or line["igst_amount"] for line in found.lines)
    if within and between:
        message = "IGST cannot stand beside CGST and SGST on one invoice."
    elif between and not rules.is_inter_state:
        message = "IGST needs a place_of_supply in another state than the branch's."
    elif within and rules.is_inter_state:
        message = "CGST and SGST need a place_of_supply in the branch's own state."
    else:
        return
    found.errors.append(Finding("items", "TAX_SPLIT_INVALID", message))


def _sums(said: Mapping[str, Any], found: Computed) -> None:
    for name, column in HEADER_SUMS.items():
        total = sum((line[column] for line in found.lines), NIL)
        given = {name: _paisa(said[name], name, found)} if said.get(name) is not None else {}
        found.header[name] = _exact(given, name, total, "", found, "TOTALS_MISMATCH")


def _final(said: Mapping[str, Any], found: Computed, rules: Rules) -> None:
    head = found.header
    before = head["taxable_amount"] + _taxes(head)
    percentage = Decimal(said.get("overall_disc_percentage") or 0)
    by_percentage = q(before * percentage / 100)
    given = said.get("overall_disc_amount")
    # Nought beside a percentage is a field that a form left at its default.
    discount = _paisa(given, "overall_disc_amount", found) if given else by_percentage
    if percentage:
        _near(discount, by_percentage, "overall_disc_amount", found)
    if discount > before:
        found.errors.append(
            _mismatch("overall_disc_amount", f"at most {before}", discount, "TOTALS_MISMATCH")
        )
    head |= {"overall_disc_percentage": percentage, "overall_disc_amount": discount}
    exact = before - discount
    roundoff = _roundoff(said, exact, found, rules)
    head["roundoff"] = roundoff
    final = exact + roundoff
    said_final = said.get("final_amount")
    given_final = (
        {} if said_final is None else {"final_amount": _paisa(said_final, "final_amount", found)}
    )
    head["final_amount"] = _exact(given_final, "final_amount", final, "", found, "TOTALS_MISMATCH")
    if head["final_amount"] < 0:
        found.errors.append(
            _mismatch("final_amount", "0.00 or more", head["final_amount"], "TOTALS_MISMATCH")
        )


def _roundoff(said: Mapping[str, Any], exact: Decimal, found: Computed, rules: Rules) -> Decimal:
    to_rupee = exact.quantize(RUPEE, ROUND_HALF_UP) - exact
    given = said.get("roundoff")
    if given is None:
        return to_rupee if rules.roundoff_to_rupee else NIL
    roundoff = _paisa(given, "roundoff", found)
    if abs(roundoff) > rules.roundoff_limit:
        found.errors.append(
            _mismatch("roundoff", f"at most {rules.roundoff_limit}", roundoff, "ROUNDOFF_TOO_LARGE")
        )
    elif rules.roundoff_to_rupee and roundoff != to_rupee:
        found.errors.append(_mismatch("roundoff", to_rupee, roundoff, "TOTALS_MISMATCH"))
    elif roundoff and (exact + roundoff) % 1:
        found.warnings.append(
            Finding(
                "roundoff",
                "ROUNDOFF_NOT_TO_RUPEE",
                "The round-off does not bring the total to a whole rupee.",
                str(to_rupee),
                str(roundoff),
            )
        )
    return roundoff


def _paisa(value: Any, path: str, found: Computed) -> Decimal:
    """V-all: finer than a paisa is refused, once the noise of somebody's float is off it."""
    amount = Decimal(value).quantize(NOISE, ROUND_HALF_UP)
    if amount != q(amount):
        found.errors.append(
            Finding(
                path,
                "NOT_PAISA_EXACT",
                "An amount has at most two decimals.",
                str(q(amount)),
                str(value),
            )
        )
    return q(amount)


def _near(
    given: Decimal, computed: Decimal, path: str, found: Computed, tolerance: Decimal = PAISA
) -> None:
    if abs(given - computed) > tolerance:
        found.errors.append(
            _mismatch(path, computed, given, "LINE_MISMATCH" if "[" in path else "TOTALS_MISMATCH")
        )


def _exact(
    given: Mapping[str, Decimal],
    name: str,
    computed: Decimal,
    path: str,
    found: Computed,
    code: str,
) -> Decimal:
    if name not in given:
        return computed
    if given[name] != computed:
        found.errors.append(
            _mismatch(f"{path}.{name}" if path else name, computed, given[name], code)
        )
    return given[name]


def _mismatch(path: str, expected: Decimal | str, got: Decimal, code: str) -> Finding:
    return Finding(
        path, code, f"{path} should be {expected}; it is {got}.", str(expected), str(got)
    )
