"""Rules about what is supplied: lines, allowances and charges, categories and exemptions."""

from collections.abc import Iterator
from decimal import Decimal

from invoicing.zatca.codes import CHARGE_REASONS
from invoicing.zatca.documents import Adjustment, Document, Line, Prepayment, VatCategory
from invoicing.zatca.exemptions import (
    EXEMPTIONS,
    NOT_FOR_PREPAYMENTS,
    OUT_OF_SCOPE,
    codes_of,
    exemption_text,
)
from invoicing.zatca.rules.catalogue import supplies as rule
from invoicing.zatca.rules.finding import Finding, has_more_decimals, text_findings
from invoicing.zatca.totals import EXACT, HUNDRED, cents

STANDARD_RATES = (Decimal(5), Decimal(15))
MOST_LINES = 999_999  # a line's identifier has six characters


def line_findings(document: Document) -> Iterator[Finding]:
    """Judge every line by itself, and what the exemptions of all of them say together."""
    if not document.lines:
        yield rule.NO_LINES.at("line_items")
    if len(document.lines) + len(document.prepayments) > MOST_LINES:
        yield rule.TOO_MANY_LINES.at("line_items", got=len(document.lines))
    for index, line in enumerate(document.lines):
        yield from _line_findings(line, f"line_items[{index}]")
    yield from _one_exemption_findings(document)


def adjustment_findings(document: Document) -> Iterator[Finding]:
    """Judge the allowances and charges of the document as a whole."""
    coded = {line.category for line in document.lines if line.exemption_code}
    for adjustment, path in _with_paths(document.adjustments, ""):
        yield from _adjustment_findings(adjustment, path)
        category, rate = adjustment.category, adjustment.rate
        if category is None or rate is None:
            name = "tax_category" if category is None else "tax_rate"
            yield rule.ADJUSTMENT_CATEGORY.at(f"{path}.{name}")
            continue
        yield from _rate_findings(category, rate, f"{path}.tax_rate")
        # A code is needed only where no line of the category has told it.
        if adjustment.exemption_code or adjustment.exemption_reason or category not in coded:
            yield from _exemption_findings(adjustment, path)


def prepayment_findings(document: Document) -> Iterator[Finding]:
    """Judge the advances that an invoice deducts."""
    if document.prepayments and document.kind.is_note:
        yield rule.PREPAYMENT_KIND.at("prepayments")
    supplied = {line.category for line in document.lines}
    for index, prepayment in enumerate(document.prepayments):
        path = f"prepayments[{index}]"
        yield from _prepayment_findings(prepayment, path)
        if prepayment.issue_date > document.issue_date:
            yield rule.PREPAYMENT_DATE.at(f"{path}.issued_at", got=prepayment.issue_date)
        if prepayment.category not in supplied:
            yield rule.PREPAYMENT_CATEGORY.at(f"{path}.tax_category", got=prepayment.category)


def _line_findings(line: Line, path: str) -> Iterator[Finding]:
    yield from text_findings(line.name, f"{path}.name", rule.LINE_NAME, shortest=3, longest=1000)
    if line.name.strip().isdigit():
        yield rule.LINE_NAME_DIGITS.at(f"{path}.name", got=line.name)
    unit = f"{path}.unit_code"
    yield from text_findings(line.unit_code, unit, rule.UNIT_CODE, shortest=1, longest=127)
    if line.quantity <= 0:
        yield rule.QUANTITY.at(f"{path}.quantity", got=line.quantity)
    if line.unit_price < 0:
        yield rule.NOT_NEGATIVE.at(f"{path}.unit_price", got=line.unit_price)
    if line.base_quantity is not None and line.base_quantity <= 0:
        yield rule.BASE_QUANTITY.at(f"{path}.base_quantity", got=line.base_quantity)
    discount = line.price_discount
    if discount is not None and not 0 <= discount <= line.unit_price:
        yield rule.PRICE_DISCOUNT.at(f"{path}.price_discount", got=discount)
    yield from _rate_findings(line.category, line.rate, f"{path}.tax_rate")
    yield from _exemption_findings(line, path)
    for adjustment, where in _with_paths(line.adjustments, f"{path}."):
        yield from _adjustment_findings(adjustment, where)


def _rate_findings(category: VatCategory, rate: Decimal, path: str) -> Iterator[Finding]:
    if category is VatCategory.S:
        if rate not in STANDARD_RATES:
            yield rule.RATE_STANDARD.at(path, expected="15 or 5", got=rate)
    elif rate != 0:
        yield rule.RATE_ZERO[category].at(path, expected="0", got=rate)


def _exemption_findings(source: Line | Prepayment | Adjustment, path: str) -> Iterator[Finding]:
    category, code, reason = source.category, source.exemption_code, source.exemption_reason
    code_path, reason_path = f"{path}.exemption_code", f"{path}.exemption_reason"
    if category is VatCategory.S:
        if code or reason:
            yield rule.EXEMPTION_ON_STANDARD.at(code_path if code else reason_path)
        return
    if category is None:
        return
    if not code:
        expected = ", ".join(codes_of(category))
        yield rule.EXEMPTION_NEEDED[category].at(code_path, expected=expected)
    elif code not in codes_of(category):
        expected = ", ".join(codes_of(category))
        yield rule.EXEMPTION_CODE.at(code_path, expected=expected, got=code)
    elif code == OUT_OF_SCOPE:
        needed = rule.EXEMPTION_REASON_NEEDED
        yield from text_findings(reason, reason_path, needed, shortest=1, longest=1000)
    elif reason and reason not in (exemption_text(code, None), EXEMPTIONS[code].english):
        yield rule.EXEMPTION_REASON_FIXED.at(reason_path, expected=exemption_text(code, None))


def _one_exemption_findings(document: Document) -> Iterator[Finding]:
    """The VAT breakdown has one row per category and rate, and a row has one code."""
    first: dict[VatCategory, str] = {}
    for index, line in enumerate(document.lines):
        if line.exemption_code and line.category is not VatCategory.S:
            code = first.setdefault(line.category, line.exemption_code)
            if code != line.exemption_code:
                path = f"line_items[{index}].exemption_code"
                yield rule.ONE_EXEMPTION.at(path, expected=code, got=line.exemption_code)
    for adjustment, path in _with_paths(document.adjustments, ""):
        if adjustment.exemption_code and adjustment.category:
            code = first.setdefault(adjustment.category, adjustment.exemption_code)
            if code != adjustment.exemption_code:
                path = f"{path}.exemption_code"
                yield rule.ONE_EXEMPTION.at(path, expected=code, got=adjustment.exemption_code)


def _with_paths(
    adjustments: tuple[Adjustment, ...], prefix: str
) -> Iterator[tuple[Adjustment, str]]:
    """Allowances and charges are counted apart, as a request lists them."""
    counted = {False: 0, True: 0}
    for adjustment in adjustments:
        kind = "charges" if adjustment.is_charge else "allowances"
        yield adjustment, f"{prefix}{kind}[{counted[adjustment.is_charge]}]"
        counted[adjustment.is_charge] += 1


def _adjustment_findings(adjustment: Adjustment, path: str) -> Iterator[Finding]:
    yield from _value_findings(adjustment, path)
    yield from _reason_findings(adjustment, path)


def _value_findings(adjustment: Adjustment, path: str) -> Iterator[Finding]:
    amount, percent, base = adjustment.amount, adjustment.percent, adjustment.base
    if percent is not None and base is None:
        yield rule.PERCENT_ALONE.at(f"{path}.base")
    elif base is not None and percent is None:
        yield rule.BASE_ALONE.at(f"{path}.percent")
    elif (amount is None) == (percent is None):
        yield rule.ADJUSTMENT_VALUE.at(f"{path}.amount")
    for name, value in (("amount", amount), ("base", base)):
        if value is not None:
            yield from _amount_findings(value, f"{path}.{name}")
    if percent is not None and (not 0 <= percent <= HUNDRED or has_more_decimals(percent, 2)):
        yield rule.PERCENT.at(f"{path}.percent", got=percent)


def _amount_findings(value: Decimal, path: str) -> Iterator[Finding]:
    if value < 0:
        yield rule.NOT_NEGATIVE.at(path, got=value)
    elif has_more_decimals(value, 2):
        yield rule.AMOUNT_DECIMALS.at(path, got=value)


def _reason_findings(adjustment: Adjustment, path: str) -> Iterator[Finding]:
    reason = adjustment.reason
    if adjustment.is_charge:
        if adjustment.reason_code not in CHARGE_REASONS:
            yield rule.CHARGE_CODE.at(f"{path}.reason_code", got=adjustment.reason_code)
        if not reason:
            yield rule.CHARGE_REASON.at(f"{path}.reason")
    elif adjustment.reason_code:
        code = f"{path}.reason_code"
        yield from text_findings(adjustment.reason_code, code, rule.REASON_LENGTH, longest=127)
    if reason:
        yield from text_findings(reason, f"{path}.reason", rule.REASON_LENGTH, longest=1000)


def _prepayment_findings(prepayment: Prepayment, path: str) -> Iterator[Finding]:
    number = f"{path}.number"
    yield from text_findings(
        prepayment.number, number, rule.PREPAYMENT_NUMBER, shortest=1, longest=127
    )
    for name in ("taxable", "tax"):
        yield from _amount_findings(getattr(prepayment, name), f"{path}.{name}")
    if not prepayment.taxable:
        yield rule.PREPAYMENT_OF_NOTHING.at(f"{path}.taxable", got=prepayment.taxable)
    due = cents(EXACT.multiply(prepayment.taxable, prepayment.rate) / HUNDRED)
    if abs(prepayment.tax - due) > Decimal("0.01"):
        yield rule.PREPAYMENT_TAX.at(f"{path}.tax", expected=due, got=prepayment.tax)
    yield from _rate_findings(prepayment.category, prepayment.rate, f"{path}.tax_rate")
    if prepayment.exemption_code in NOT_FOR_PREPAYMENTS:
        yield rule.PREPAYMENT_EXEMPTION.at(f"{path}.exemption_code", got=prepayment.exemption_code)
    else:
        yield from _exemption_findings(prepayment, path)
