"""What a laboratory invoice must add up to (health.md section 2): pure arithmetic, no Django.

One convention: every tax is rounded per line, half up to the paisa, and the header is the sum of
the lines. Sums are exact; a single line's discount or tax may differ by one paisa, since its
rounding is the caller's, and what the caller said is what is kept.

A discount on the whole comes off after tax (POST_TAX, D2's own way), or off the lines before they
are taxed (PRE_TAX, s.15(3) CGST): then each line's taxable amount is what is left of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from health.findings import PAISA, Finding, agreed, mismatch, near, not_kept, paisa, q

RUPEE, NIL = Decimal("1"), Decimal("0.00")
TAXES = ("cgst", "sgst", "igst", "cess")
PRE_TAX = "PRE_TAX"
# Medical laboratory and diagnostic-imaging services.
SAC = "999316"

LINE_AMOUNTS = ("disc_amount", "taxable_amount", *(f"{tax}_amount" for tax in TAXES))
HEADER_SUMS = {
    "subtotal_amount": "rate",
    "items_total_discount_amount": "disc_amount",
    "taxable_amount": "taxable_amount",
    **{f"{tax}_amount": f"{tax}_amount" for tax in TAXES},
}


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


def compute(
    header: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], rules: Rules = Rules()
) -> Computed:
    """Fill in what was left out and find what does not add up (rules V1 to V16).

    `header` and `lines` hold Decimals under D2's names; what is missing or None is computed. Every
    amount in the result has two decimals. `discount_mode` of the header is POST_TAX unless it says
    PRE_TAX.
    """
    found = Computed({}, [])
    all_given = [_given(said, f"items[{place}]", found) for place, said in enumerate(lines)]
    for place, (said, given) in enumerate(zip(lines, all_given, strict=True)):
        found.lines.append(_discounted(said, given, f"items[{place}]", found))
    is_pre_tax = header.get("discount_mode") == PRE_TAX
    shares = [NIL] * len(found.lines)
    if is_pre_tax:
        nets = [line["rate"] - line["disc_amount"] for line in found.lines]
        _discount(header, sum(nets, NIL), found)
        shares = apportioned(found.header["overall_disc_amount"], nets)
    for place, given in enumerate(all_given):
        _tax(found.lines[place], given, shares[place], f"items[{place}]", found)
    _one_kind_of_tax(found, rules)
    _sums(header, found)
    if is_pre_tax:
        _all_of_it_is_shared(found)
    else:
        _discount(header, found.header["taxable_amount"] + _taxes(found.header), found)
    _final(header, found, rules, is_pre_tax)
    for place, line in enumerate(found.lines):
        found.errors += not_kept(line, f"items[{place}].")
    found.errors += not_kept(found.header)
    return found


def apportioned(discount: Decimal, nets: Sequence[Decimal]) -> list[Decimal]:
    """`discount` shared out in proportion to `nets`, to the paisa, by largest remainder; of equal
    remainders the first line's goes first. Whatever is shared is all of it.
    """
    base = sum(nets, NIL)
    if not base or discount > base:
        return [NIL for _ in nets]
    exact = [discount * net / base for net in nets]
    shares = [share.quantize(PAISA, ROUND_DOWN) for share in exact]
    left = int((discount - sum(shares, NIL)) / PAISA)
    by_remainder = sorted(range(len(nets)), key=lambda place: shares[place] - exact[place])
    for place in by_remainder[:left]:
        shares[place] += PAISA
    return shares


def _given(said: Mapping[str, Any], path: str, found: Computed) -> dict[str, Decimal]:
    """The amounts that the caller said of a line."""
    return {
        name: paisa(said[name], f"{path}.{name}", found.errors)
        for name in (*LINE_AMOUNTS, "total_amount")
        if said.get(name) is not None
    }


def _discounted(
    said: Mapping[str, Any], given: Mapping[str, Decimal], path: str, found: Computed
) -> dict[str, Decimal]:
    """A line as far as its own discount."""
    line = {name: Decimal(said.get(name) or 0) for name in ("disc_percentage", *_rates())}
    line["rate"] = paisa(said.get("rate") or NIL, f"{path}.rate", found.errors)
    by_percentage = q(line["rate"] * line["disc_percentage"] / 100)
    discount = given.get("disc_amount", by_percentage)
    if line["disc_percentage"]:
        near(discount, by_percentage, f"{path}.disc_amount", found.errors)
    if discount > line["rate"]:
        found.errors.append(
            mismatch(f"{path}.disc_amount", f"at most {line['rate']}", discount, "LINE_MISMATCH")
        )
    line["disc_amount"] = discount
    return line


def _tax(
    line: dict[str, Decimal],
    given: Mapping[str, Decimal],
    share: Decimal,
    path: str,
    found: Computed,
) -> None:
    """The rest of a line; `share` is what it bears of a discount on the whole, before tax."""
    taxable = line["rate"] - line["disc_amount"] - share
    if share and "taxable_amount" in given:
        # Which line bears the odd paisa is the caller's business, too; the sum is not.
        line["taxable_amount"] = given["taxable_amount"]
        near(line["taxable_amount"], taxable, f"{path}.taxable_amount", found.errors)
    else:
        line["taxable_amount"] = agreed(
            given, "taxable_amount", taxable, path, found.errors, "LINE_MISMATCH"
        )
    for tax in TAXES:
        computed = q(line["taxable_amount"] * line[f"{tax}_rate"] / 100)
        line[f"{tax}_amount"] = given.get(f"{tax}_amount", computed)
        # What is not taxed has nothing to round.
        taxed = bool(line["taxable_amount"] and line[f"{tax}_rate"])
        tolerance = PAISA if taxed else NIL
        near(line[f"{tax}_amount"], computed, f"{path}.{tax}_amount", found.errors, tolerance)
    _halves(line, path, found)
    total = line["taxable_amount"] + _taxes(line)
    line["total_amount"] = agreed(given, "total_amount", total, path, found.errors, "LINE_MISMATCH")


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
                mismatch(f"{path}.sgst_{what}", central, state, "TAX_SPLIT_INVALID")
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
        given = {name: paisa(said[name], name, found.errors)} if said.get(name) is not None else {}
        found.header[name] = agreed(given, name, total, "", found.errors, "TOTALS_MISMATCH")


def _discount(said: Mapping[str, Any], base: Decimal, found: Computed) -> None:
    """V13: the discount on the whole, of `base`."""
    percentage = Decimal(said.get("overall_disc_percentage") or 0)
    by_percentage = q(base * percentage / 100)
    given = said.get("overall_disc_amount")
    # Nought beside a percentage is a field that a form left at its default.
    discount = paisa(given, "overall_disc_amount", found.errors) if given else by_percentage
    if percentage:
        near(discount, by_percentage, "overall_disc_amount", found.errors)
    if discount > base:
        found.errors.append(
            mismatch("overall_disc_amount", f"at most {base}", discount, "TOTALS_MISMATCH")
        )
    found.header |= {"overall_disc_percentage": percentage, "overall_disc_amount": discount}


def _all_of_it_is_shared(found: Computed) -> None:
    """V11: what the lines bear of a discount before tax is the discount."""
    head = found.header
    borne = head["subtotal_amount"] - head["items_total_discount_amount"] - head["taxable_amount"]
    if borne != head["overall_disc_amount"] and not found.errors:
        found.errors.append(
            mismatch("overall_disc_amount", borne, head["overall_disc_amount"], "TOTALS_MISMATCH")
        )


def _final(said: Mapping[str, Any], found: Computed, rules: Rules, is_pre_tax: bool) -> None:
    head = found.header
    before = head["taxable_amount"] + _taxes(head)
    exact = before if is_pre_tax else before - head["overall_disc_amount"]
    roundoff = _roundoff(said, exact, found, rules)
    head["roundoff"] = roundoff
    final = exact + roundoff
    said_final = said.get("final_amount")
    given_final = (
        {}
        if said_final is None
        else {"final_amount": paisa(said_final, "final_amount", found.errors)}
    )
    head["final_amount"] = agreed(
        given_final, "final_amount", final, "", found.errors, "TOTALS_MISMATCH"
    )
    if head["final_amount"] < 0:
        found.errors.append(
            mismatch("final_amount", "0.00 or more", head["final_amount"], "TOTALS_MISMATCH")
        )


def _roundoff(said: Mapping[str, Any], exact: Decimal, found: Computed, rules: Rules) -> Decimal:
    to_rupee = exact.quantize(RUPEE, ROUND_HALF_UP) - exact
    given = said.get("roundoff")
    if given is None:
        return to_rupee if rules.roundoff_to_rupee else NIL
    roundoff = paisa(given, "roundoff", found.errors)
    if abs(roundoff) > rules.roundoff_limit:
        found.errors.append(
            mismatch("roundoff", f"at most {rules.roundoff_limit}", roundoff, "ROUNDOFF_TOO_LARGE")
        )
    elif rules.roundoff_to_rupee and roundoff != to_rupee:
        found.errors.append(mismatch("roundoff", to_rupee, roundoff, "TOTALS_MISMATCH"))
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
