"""The content of a document arranged for paper and screen: words beside values, values as text.

One arrangement for every layout, so that PDF, receipt and browser say the same. JSON types only.
A label is ``{"ar", "en"}``; a row is a label with a `value`; names and addresses that stand in the
document as ``Arabic | English`` become two lines.
"""

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from invoicing.printing import wording as w
from invoicing.printing.content import Adjustment, Advance, Content, Line, Party, TaxRow
from invoicing.printing.wording import Words

CREDIT_NOTE = "381"
CENT = Decimal("0.01")
SAUDI = Words("المملكة العربية السعودية", "Saudi Arabia")
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
Row = dict[str, Any]


def sheet(content: Content) -> dict[str, Any]:
    """Everything that a layout shows of a document."""
    title = w.TITLES.get((content.type_code, content.is_simplified), Words("مستند", "Document"))
    return {
        "title": _words(title),
        "number": content.number,
        "is_simplified": content.is_simplified,
        "marks": [_words(mark) for mark in _marks(content)],
        "facts": list(_facts(content)),
        "seller": _party(w.SELLER, content.seller),
        "buyer": _party(w.BUYER, content.buyer) if _is_named(content.buyer) else None,
        "has_discounts": any(_allowances(line) for line in content.lines),
        "lines": [_line(line) for line in content.lines],
        "extras": [_extra(item) for item in content.adjustments],
        "tax_rows": [_tax_row(row) for row in content.tax_rows],
        "advances": [_advance(item) for item in content.advances],
        "sums": list(_sums(content)),
        "due": _row(
            w.CREDITED if content.type_code == CREDIT_NOTE else w.PAYABLE, money(content.payable)
        ),
        "riyals": list(_riyals(content)),
        "currency": content.currency,
        "payment": list(_payment(content)),
        "notes": [note for note in content.notes if note],
        "uuid": content.uuid,
        "words": {
            name.lower(): _words(value)
            for name, value in vars(w).items()
            if isinstance(value, Words)
        },
    }


def money(amount: Decimal) -> str:
    """``1,234.50``: at least two decimals, and every digit that the document has."""
    return f"{amount:,}" if _decimals(amount) > 2 else f"{amount:,.2f}"


def plain(number: Decimal) -> str:
    """A quantity or a rate without trailing zeros."""
    whole = number == number.to_integral_value()
    return f"{number:,.0f}" if whole else f"{number.normalize():,f}"


def lines_of(text: str) -> list[str]:
    """``Arabic | English`` as two lines, Arabic first; any other text as its own lines."""
    halves = [half.strip() for half in text.split("|")]
    if len(halves) == 2 and _is_foreign(halves[0]) != _is_foreign(halves[1]):
        return sorted(halves, key=_is_foreign)
    return [line.strip() for line in text.split("\n") if line.strip()]


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _words(words: Words) -> Row:
    return words._asdict()


def _row(words: Words, value: str) -> Row:
    return {**_words(words), "value": value, "lines": lines_of(value)}


def _marks(content: Content) -> Iterator[Words]:
    for mark, words in zip(content.transaction[2:], w.FLAGS, strict=False):
        if mark == "1":
            yield words


def _facts(content: Content) -> Iterator[Row]:
    yield _row(w.NUMBER, content.number)
    yield _row(w.ISSUED, f"{content.date}  {content.time}")
    if content.supply_end:
        yield _row(w.PERIOD, f"{content.supply_date} – {content.supply_end}")
    elif content.supply_date:
        yield _row(w.SUPPLIED, content.supply_date)
    for original in content.originals:
        dated = f"{original.number}  ({original.date})" if original.date else original.number
        yield _row(w.ORIGINAL, dated)
    for words, value in (
        (w.REASON, content.reason),
        (w.ORDER, content.order),
        (w.CONTRACT, content.contract),
    ):
        if value:
            yield _row(words, value)
    if content.currency != "SAR":
        yield _row(w.CURRENCY, content.currency)
        if content.exchange_rate is not None:
            yield _row(w.RATE, f"1 {content.currency} = {plain(content.exchange_rate)} SAR")


def _payment(content: Content) -> Iterator[Row]:
    code = content.payment_code
    if code and code != w.NOT_DEFINED:
        known = w.PAYMENT.get(code)
        yield _row(w.PAID_BY, f"{known.ar} · {known.en}" if known else code)
    if content.account:
        yield _row(w.ACCOUNT, content.account)
    if content.terms:
        yield _row(w.TERMS, content.terms)


def _is_named(party: Party) -> bool:
    return bool(party.name or party.vat_number or party.id_number or party.street)


def _party(label: Words, party: Party) -> Row:
    rows = []
    if party.vat_number:
        rows.append(_row(w.VAT_NUMBER, party.vat_number))
    if party.id_number:
        scheme = w.SCHEMES.get(party.id_scheme, Words(party.id_scheme, party.id_scheme))
        rows.append(_row(scheme, party.id_number))
    return {
        **_words(label),
        "name": lines_of(party.name),
        "rows": rows,
        "address": _address(party),
    }


def _address(party: Party) -> list[str]:
    """The national address on one line, or on two where the document has it in two languages."""
    parts = (party.street, party.additional_street, party.district, party.city, party.province)
    versions = [_place(party, version) for version in zip(*map(_split, parts), strict=True)]
    if not versions[0]:
        return []
    if versions[0] == versions[1]:
        versions = versions[:1]
    country = SAUDI if party.country == "SA" else Words(party.country, party.country)
    return [_joined((line, country[_is_foreign(line)])) for line in versions]


def _place(party: Party, said: tuple[str, ...]) -> str:
    street, additional, district, city, province = said
    numbered = f"{party.building_number} {street}"
    return _joined(
        (numbered, additional, party.plot, district, f"{city} {party.postal_code}", province)
    )


def _split(text: str) -> tuple[str, str]:
    """The Arabic and the English half of a text; a text in one language is both."""
    parts = lines_of(text)
    return (parts[0], parts[1]) if len(parts) == 2 else (text, text)


def _is_foreign(text: str) -> bool:
    return _ARABIC.search(text) is None


def _joined(parts: Iterable[str]) -> str:
    said = [part.strip() for part in parts if part.strip()]
    return (", " if _is_foreign("".join(said)) else "، ").join(said)


def _allowances(line: Line) -> Decimal:
    return sum((item.amount for item in line.adjustments if not item.is_charge), Decimal(0))


def _line(line: Line) -> Row:
    unit = w.UNITS.get(line.unit, Words(line.unit, line.unit))
    return {
        "number": line.number,
        "name": lines_of(line.name),
        "remarks": list(_remarks(line)),
        "quantity": plain(line.quantity),
        "unit": _words(unit),
        "price": money(line.price),
        "discount": money(_allowances(line)),
        "net": money(line.net),
        "category": line.category,
        "rate": f"{plain(line.rate)}%",
        "tax": money(line.tax),
        "gross": money(line.gross),
    }


def _remarks(line: Line) -> Iterator[Row]:
    """What the columns cannot say of a line."""
    if line.price_discount and line.before_discount is not None:
        yield _row(w.PRICE_BEFORE, f"{money(line.before_discount)} − {money(line.price_discount)}")
    if line.base_quantity is not None and line.base_quantity != 1:
        yield _row(w.PER, plain(line.base_quantity))
    for item in line.adjustments:
        yield _adjustment(item)


def _adjustment(item: Adjustment) -> Row:
    value = money(item.amount)
    if item.percent is not None and item.base is not None:
        value = f"{plain(item.percent)}% × {money(item.base)} = {value}"
    return {
        **_row(w.CHARGE if item.is_charge else w.ALLOWANCE, value),
        "reason": item.reason,
    }


def _extra(item: Adjustment) -> Row:
    rate = "" if item.rate is None else f"{plain(item.rate)}%"
    return {**_adjustment(item), "rate": rate, "is_charge": item.is_charge}


def _tax_row(row: TaxRow) -> Row:
    return {
        **_words(w.CATEGORIES.get(row.category, Words(row.category, row.category))),
        "category": row.category,
        "rate": f"{plain(row.rate)}%",
        "taxable": money(row.taxable),
        "tax": money(row.tax),
        "exemption": lines_of(row.exemption),
    }


def _advance(item: Advance) -> Row:
    return {
        "number": item.number,
        "date": item.date,
        "taxable": money(item.taxable),
        "rate": f"{plain(item.rate)}%",
        "tax": money(item.tax),
        "total": money(item.taxable + item.tax),
    }


def _sums(content: Content) -> Iterator[Row]:
    """The way from the lines to the amount due; what is nothing is left out."""
    if content.allowances or content.charges:
        yield _row(w.LINES_TOTAL, money(content.net))
    if content.allowances:
        yield _row(w.ALLOWANCES, f"−{money(content.allowances)}")
    if content.charges:
        yield _row(w.CHARGES, money(content.charges))
    yield _row(w.EXCLUSIVE, money(content.exclusive))
    yield _row(w.TOTAL_VAT, money(content.tax))
    yield _row(w.INCLUSIVE, money(content.inclusive))
    if content.prepaid:
        yield _row(w.PREPAID, f"−{money(content.prepaid)}")
    if content.rounding:
        yield _row(w.ROUNDING, money(content.rounding).replace("-", "−"))


def _riyals(content: Content) -> Iterator[Row]:
    """The totals in riyals that the law wants beside a foreign currency.

    VAT is the document's own figure (BT-111); the others follow from its exchange rate, so that
    the three add up.
    """
    if content.currency == "SAR":
        return
    rate = content.exchange_rate
    if rate is not None:
        exclusive = (content.exclusive * rate).quantize(CENT, ROUND_HALF_UP)
        yield _row(w.EXCLUSIVE, money(exclusive))
        yield _row(w.TOTAL_VAT, money(content.tax_sar))
        yield _row(w.INCLUSIVE, money(exclusive + content.tax_sar))
    else:
        yield _row(w.TOTAL_VAT, money(content.tax_sar))
