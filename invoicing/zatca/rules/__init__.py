"""The request rules: what can be said of a document before it is written, in the caller's words.

Every official rule that a caller's data can break is here, those that are only warnings included,
so that a document without findings is one that the official rules find nothing to say about.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from invoicing.zatca.codes import CURRENCIES, PAYMENT_MEANS
from invoicing.zatca.documents import Document, DocumentKind
from invoicing.zatca.errors import DocumentInvalid
from invoicing.zatca.rules.catalogue import document as rule
from invoicing.zatca.rules.catalogue.supplies import REASONS_TOGETHER
from invoicing.zatca.rules.finding import (
    Finding,
    Rule,
    has_more_decimals,
    is_blank,
    text_findings,
)
from invoicing.zatca.rules.parties import buyer_findings, citizen_findings, seller_findings
from invoicing.zatca.rules.supplies import adjustment_findings, line_findings, prepayment_findings
from invoicing.zatca.totals import Totals, totals

__all__ = ["Finding", "Rule", "check", "seller_findings"]

RATE_CHARACTERS = 14
LONGEST_REASON = 1000
# The official rules compute in binary; with more digits their tolerance of 0.01 is used up.
TOO_LARGE = Decimal(10) ** 13
# How the official rules recognise a standard document: unanchored, hence the trap.
STANDARD_CODE = re.compile(r"01\d{5}")


def check(document: Document, *, today: date | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with `document`, field by field; empty when nothing is.

    `today` is the seller's local date; without it the date of issue is not judged. Never raises.
    """
    found = [
        *_header_findings(document, today),
        *_currency_findings(document),
        *_flag_findings(document),
        *_supply_findings(document),
        *_note_findings(document),
        *_payment_findings(document),
        *seller_findings(document.supplier),
        *buyer_findings(document),
        *line_findings(document),
        *adjustment_findings(document),
        *prepayment_findings(document),
        *citizen_findings(document, _exemption_codes(document)),
    ]
    # Sums mean something only when their parts do.
    return tuple(found or _total_findings(document))


def _header_findings(document: Document, today: date | None) -> Iterator[Finding]:
    number = document.number
    yield from text_findings(number, "invoice_number", rule.NUMBER, shortest=1, longest=127)
    if today is not None and document.issue_date > today:
        yield rule.ISSUE_DATE.at("invoice_date", got=document.issue_date)
    for index, note in enumerate(document.notes):
        path = f"notes[{index}]"
        yield from text_findings(note, path, rule.NOTE_TEXT, shortest=1, longest=1000)
    for path, text, length in (
        ("order_reference", document.order_reference, rule.ORDER_REFERENCE),
        ("contract_reference", document.contract_reference, rule.CONTRACT_REFERENCE),
    ):
        yield from text_findings(text, path, length, longest=127)


def _currency_findings(document: Document) -> Iterator[Finding]:
    rate = document.exchange_rate
    if document.currency not in CURRENCIES:
        yield rule.CURRENCY.at("currency", got=document.currency)
    elif document.currency == "SAR":
        if rate is not None:
            yield rule.EXCHANGE_RATE_IN_SAR.at("exchange_rate", got=rate)
    elif rate is None or rate <= 0:
        yield rule.EXCHANGE_RATE_NEEDED.at("exchange_rate", got=rate)
    elif len(format(rate, "f")) > RATE_CHARACTERS:
        yield rule.EXCHANGE_RATE_LENGTH.at("exchange_rate", got=rate)


def _flag_findings(document: Document) -> Iterator[Finding]:
    flags = document.flags
    if flags.self_billed and flags.export:
        yield rule.EXPORT_SELF_BILLED.at("flags.self_billed")
    if flags.self_billed and document.simplified:
        yield rule.SIMPLIFIED_SELF_BILLED.at("flags.self_billed")
    if document.simplified and STANDARD_CODE.search(flags.code(True)):
        yield rule.NOMINAL_MISTAKEN.at("flags.nominal", got=flags.code(True))
    if flags.b2g and is_blank(document.contract_reference):
        yield rule.B2G_CONTRACT.at("contract_reference")
    if flags.summary and document.simplified:
        if document.customer is None or is_blank(document.customer.name):
            yield rule.SUMMARY_BUYER.at("buyer_name")
        for path in ("supply_date", "supply_end_date"):
            if getattr(document, path) is None:
                yield rule.SUMMARY_DATES.at(path)


def _supply_findings(document: Document) -> Iterator[Finding]:
    starts, ends = document.supply_date, document.supply_end_date
    is_standard_invoice = document.kind is DocumentKind.INVOICE and not document.simplified
    if starts is None:
        if is_standard_invoice:
            yield rule.SUPPLY_DATE.at("supply_date")
        if ends is not None:
            yield rule.SUPPLY_END_ALONE.at("supply_date")
    elif ends is not None and ends < starts:
        yield rule.SUPPLY_END_EARLY.at("supply_end_date", got=ends)


def _note_findings(document: Document) -> Iterator[Finding]:
    if document.kind.is_note:
        if not document.billing_references:
            yield rule.NOTE_REFERENCE.at("billing_reference")
        reason = document.note_reason
        yield from text_findings(reason, "note_reason", rule.NOTE_REASON, shortest=1, longest=1000)
    for index, reference in enumerate(document.billing_references):
        path = f"billing_reference[{index}].number"
        length = rule.REFERENCE_LENGTH
        yield from text_findings(reference.number, path, length, shortest=1, longest=5000)
        if reference.issue_date is not None and reference.issue_date > document.issue_date:
            path = f"billing_reference[{index}].issue_date"
            yield rule.REFERENCE_DATE.at(path, got=reference.issue_date)


def _payment_findings(document: Document) -> Iterator[Finding]:
    means = document.payment_means
    if means is None:
        return
    if means.code not in PAYMENT_MEANS:
        yield rule.PAYMENT_CODE.at("payment_means.code", got=means.code)
    for name, length, longest in (
        ("account", rule.PAYMENT_ACCOUNT, 127),
        ("terms", rule.PAYMENT_TERMS, 1000),
    ):
        path = f"payment_means.{name}"
        yield from text_findings(getattr(means, name), path, length, longest=longest)


def _exemption_codes(document: Document) -> set[str]:
    codes = {line.exemption_code for line in document.lines}
    codes |= {adjustment.exemption_code for adjustment in document.adjustments}
    codes |= {prepayment.exemption_code for prepayment in document.prepayments}
    return {code for code in codes if code}


def _total_findings(document: Document) -> Iterator[Finding]:
    try:
        amounts = totals(document)
    except DocumentInvalid:  # said above, of the field that is missing
        return
    yield from _negative_findings(document, amounts)
    yield from _reason_findings(document, amounts)
    largest = max(amounts.line_extension + amounts.charges + amounts.tax, amounts.tax_sar)
    if largest >= TOO_LARGE:
        yield rule.TOO_LARGE.at("line_items", got=largest)
    if has_more_decimals(document.payable_rounding, 2):
        yield rule.ROUNDING_DECIMALS.at("payable_rounding", got=document.payable_rounding)
    if document.currency != "SAR" and amounts.tax == amounts.tax_sar != Decimal(0):
        yield rule.EXCHANGE_RATE_SAME.at("exchange_rate", got=document.exchange_rate)


def _negative_findings(document: Document, amounts: Totals) -> Iterator[Finding]:
    """The first sums that fall below zero, and not those that fall with them."""
    lines = [
        rule.NEGATIVE_TOTAL.at(f"line_items[{index}].allowances", got=line.net)
        for index, line in enumerate(amounts.lines)
        if line.net < 0
    ]
    rows = [
        rule.NEGATIVE_TOTAL.at("allowances", got=row.taxable)
        for row in amounts.subtotals
        if row.taxable < 0
    ]
    yield from lines or rows
    if amounts.payable < 0 and not lines and not rows:
        path = "prepayments" if document.prepayments else "payable_rounding"
        yield rule.NEGATIVE_PAYABLE.at(path, got=amounts.payable)


def _reason_findings(document: Document, amounts: Totals) -> Iterator[Finding]:
    """The breakdown tells all different reasons of a code, one behind the other."""
    for row in amounts.subtotals:
        if len(row.exemption_reason) > LONGEST_REASON:
            telling = (i for i, line in enumerate(document.lines) if line.category == row.category)
            last = max(telling, default=None)
            path = "charges" if last is None else f"line_items[{last}].exemption_reason"
            yield REASONS_TOGETHER.at(path, got=len(row.exemption_reason))
