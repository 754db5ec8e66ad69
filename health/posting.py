"""Which lines a test invoice makes in the books (health.md 3.1): receivable first, then revenue."""

from decimal import Decimal
from typing import Protocol

from health.ledger import ZERO, Entry
from health.models import DiscountMode, Layout, TestInvoice


class Manner(Protocol):
    """How a voucher is written: the settings say it of bills to come, a posted bill of itself."""

    voucher_layout: str
    gross_revenue: bool


def discount_after_tax(invoice: TestInvoice) -> Decimal:
    """The discount on the whole that is not inside the taxable amount already."""
    is_inside = invoice.discount_mode == DiscountMode.PRE_TAX
    return ZERO if is_inside else invoice.overall_disc_amount


def entries_of(invoice: TestInvoice, manner: Manner) -> list[Entry]:
    """The entries that post `invoice`; the voucher leaves out those of nothing."""
    receivable = Entry(
        "ACCOUNTS_RECEIVABLE",
        debit=invoice.final_amount,
        party=invoice.patient_name,
        patient_ref=invoice.patient_id,
    )
    if manner.voucher_layout == Layout.COMPACT:
        return [receivable, Entry("TEST_REVENUE", credit=invoice.final_amount)]
    discount = discount_after_tax(invoice)
    revenue = invoice.taxable_amount
    if manner.gross_revenue:
        gross = invoice.subtotal_amount - invoice.taxable_amount
        revenue, discount = revenue + gross, discount + gross
    return [
        receivable,
        Entry("TEST_REVENUE", credit=revenue),
        Entry("GST_OUTPUT_CGST", credit=invoice.cgst_amount),
        Entry("GST_OUTPUT_SGST", credit=invoice.sgst_amount),
        Entry("GST_OUTPUT_IGST", credit=invoice.igst_amount),
        Entry("GST_OUTPUT_CESS", credit=invoice.cess_amount),
        Entry("DISCOUNT_ALLOWED", debit=discount),
        Entry(
            "ROUND_OFF",
            debit=max(-invoice.roundoff, ZERO),
            credit=max(invoice.roundoff, ZERO),
        ),
    ]


def accounts_of(invoice: TestInvoice) -> dict[str, int]:
    """Which accounts a posted invoice was posted to, by the parts that they played then."""
    if invoice.voucher is None:
        return {}
    written = [entry for entry in entries_of(invoice, invoice) if entry.debit or entry.credit]
    lines = sorted(invoice.voucher.lines.all(), key=lambda line: line.line_no)
    return {entry.system_code: line.account_id for entry, line in zip(written, lines, strict=False)}
