"""The arithmetic of a document, as the EN 16931 and KSA rules check it.

Every named amount is rounded half up to two decimals where the rules name it, and nowhere else:
VAT of the document is the sum of the categories' taxes, never the sum of the lines' taxes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

from invoicing.zatca.documents import Adjustment, Document, Line, VatCategory
from invoicing.zatca.errors import DocumentInvalid
from invoicing.zatca.exemptions import exemption_text

NIL = Decimal("0.00")
CENT = Decimal("0.01")
HUNDRED = Decimal(100)

# Wide enough that only a division can be inexact, and then 40 digits behind the halfway points.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class LineTotals:
    """LineExtensionAmount (BT-131), line VAT (KSA-11), line amount with VAT (KSA-12)."""

    net: Decimal
    tax: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Subtotal:
    """One row of the VAT breakdown (BG-23); the exemption is empty for category S."""

    category: VatCategory
    rate: Decimal
    taxable: Decimal
    tax: Decimal
    exemption_code: str
    exemption_reason: str


@dataclass(frozen=True, slots=True)
class Totals:
    """LegalMonetaryTotal and TaxTotal of a document, all with two decimals.

    `tax` is in the document's currency (BT-110), `tax_sar` in riyals (BT-111).
    """

    line_extension: Decimal
    allowances: Decimal
    charges: Decimal
    tax_exclusive: Decimal
    tax: Decimal
    tax_sar: Decimal
    tax_inclusive: Decimal
    prepaid: Decimal
    rounding: Decimal
    payable: Decimal
    lines: tuple[LineTotals, ...]
    subtotals: tuple[Subtotal, ...]


def cents(value: Decimal) -> Decimal:
    """Round half up to two decimals; a zero is never negative."""
    return value.quantize(CENT, ROUND_HALF_UP) + NIL


def adjustment_amount(adjustment: Adjustment) -> Decimal:
    """Return the amount of an allowance or charge: as given, or percent of its base.

    Raises DocumentInvalid when it has neither.
    """
    if adjustment.amount is not None:
        return cents(adjustment.amount)
    if adjustment.percent is None or adjustment.base is None:
        raise DocumentInvalid("an allowance or charge needs an amount, or a percent and a base")
    with localcontext(EXACT):
        return cents(adjustment.base * adjustment.percent / HUNDRED)


def totals(document: Document) -> Totals:
    """Compute everything that the document states as a sum.

    Raises DocumentInvalid when a foreign currency comes without exchange rate, or an adjustment
    without amount or category.
    """
    with localcontext(EXACT):
        lines = tuple(_line_totals(line) for line in document.lines)
        line_extension = sum((line.net for line in lines), NIL)
        allowances, charges = _adjustments(document.adjustments)
        subtotals = _subtotals(document, lines)
        tax = sum((row.tax for row in subtotals), NIL)
        tax_exclusive = line_extension - allowances + charges
        tax_inclusive = tax_exclusive + tax
        prepaid = sum((cents(p.taxable) + cents(p.tax) for p in document.prepayments), NIL)
        rounding = cents(document.payable_rounding)
        return Totals(
            line_extension=line_extension,
            allowances=allowances,
            charges=charges,
            tax_exclusive=tax_exclusive,
            tax=tax,
            tax_sar=_in_riyals(tax, document),
            tax_inclusive=tax_inclusive,
            prepaid=prepaid,
            rounding=rounding,
            payable=tax_inclusive - prepaid + rounding,
            lines=lines,
            subtotals=subtotals,
        )


def net_price(line: Line) -> Decimal:
    """Return the item net price (BT-146): the gross price less the discount, not rounded."""
    if line.price_discount is None:
        return line.unit_price
    return EXACT.subtract(line.unit_price, line.price_discount)


def _line_totals(line: Line) -> LineTotals:
    net = line.quantity * net_price(line)
    if line.base_quantity is not None:
        net /= line.base_quantity
    net = cents(net)
    if line.adjustments:
        allowances, charges = _adjustments(line.adjustments)
        net += charges - allowances
    tax = cents(net * line.rate / HUNDRED)
    return LineTotals(net, tax, net + tax)


def _adjustments(adjustments: tuple[Adjustment, ...]) -> tuple[Decimal, Decimal]:
    allowances = charges = NIL
    for adjustment in adjustments:
        if adjustment.is_charge:
            charges += adjustment_amount(adjustment)
        else:
            allowances += adjustment_amount(adjustment)
    return allowances, charges


def _subtotals(document: Document, lines: tuple[LineTotals, ...]) -> tuple[Subtotal, ...]:
    """Group by (category, rate) in order of appearance: BR-S-08, BR-Z-08, BR-E-08, BR-O-08."""
    taxable: dict[tuple[VatCategory, Decimal], Decimal] = {}
    exemption: dict[tuple[VatCategory, Decimal], list[tuple[str, str]]] = {}
    for source, amount in _taxed(document, lines):
        if source.category is None or source.rate is None:
            raise DocumentInvalid("a document level allowance or charge needs category and rate")
        key = (source.category, source.rate)
        taxable[key] = taxable.get(key, NIL) + amount
        if source.exemption_code:
            exemption.setdefault(key, []).append(
                (source.exemption_code, source.exemption_reason or "")
            )
    return tuple(
        Subtotal(
            category, rate, amount, cents(amount * rate / HUNDRED), *_exemption(exemption.get(key))
        )
        for key, amount in taxable.items()
        for category, rate in (key,)
    )


def _taxed(
    document: Document, lines: tuple[LineTotals, ...]
) -> Iterator[tuple[Line | Adjustment, Decimal]]:
    for line, amounts in zip(document.lines, lines, strict=True):
        yield line, amounts.net
    for adjustment in document.adjustments:
        amount = adjustment_amount(adjustment)
        yield adjustment, amount if adjustment.is_charge else -amount


def _exemption(found: list[tuple[str, str]] | None) -> tuple[str, str]:
    """The first code speaks for the row; different free texts of one code are all told."""
    if not found:
        return "", ""
    code = found[0][0]
    reasons = dict.fromkeys(reason for _, reason in found if reason)
    return code, exemption_text(code, "; ".join(reasons))


def _in_riyals(tax: Decimal, document: Document) -> Decimal:
    if document.currency == "SAR":
        return tax
    if document.exchange_rate is None:
        raise DocumentInvalid(f"a document in {document.currency} needs an exchange rate to SAR")
    return cents(tax * document.exchange_rate)
