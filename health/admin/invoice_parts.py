"""The parts of an invoice's page as tables: its lines, its sums, its money."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from health.models import DiscountMode, Status, TestInvoice
from health.selectors import payments_of
from health.words import rupees

LINES = ("No.", "Test or panel", "Rate", "Discount", "Taxable", "GST", "Total")
MONEY = ("Date", "What", "Number", "State", "Amount", "Pays of this bill")


def figure(text: str) -> SafeString:
    """An amount in a list, under the others."""
    return format_html('<span class="daftar-figure">{}</span>', text)


def link(model: str, pk: int, name: Any) -> SafeString:
    """The way to a row's page."""
    page = reverse(f"admin:health_{model}_change", args=[pk])
    return format_html('<a class="daftar-link" href="{}">{}</a>', page, name)


def lines_of(invoice: TestInvoice) -> SafeString:
    """What was billed, line by line."""
    rows = [
        (
            item.line_no,
            item.test_name or item.panel_name or f"{item.test_id or item.panel_id}",
            rupees(item.rate),
            rupees(item.rate - item.taxable_amount),
            rupees(item.taxable_amount),
            rupees(item.total_amount - item.taxable_amount),
            rupees(item.total_amount),
        )
        for item in invoice.items.order_by("line_no")
    ]
    return table_of(LINES, rows, figures_from=2)


def sums_of(invoice: TestInvoice) -> SafeString:
    """How the final amount comes about; the database keeps nothing that does not add up."""
    is_pre_tax = invoice.discount_mode == DiscountMode.PRE_TAX
    discount = ("Discount on the whole", -invoice.overall_disc_amount)
    signed = [
        ("Rates", invoice.subtotal_amount),
        ("Discounts of lines", -invoice.items_total_discount_amount),
        *([discount] if is_pre_tax else []),
        ("Taxable", invoice.taxable_amount),
        ("CGST", invoice.cgst_amount),
        ("SGST", invoice.sgst_amount),
        ("IGST", invoice.igst_amount),
        ("Cess", invoice.cess_amount),
        *([] if is_pre_tax else [discount]),
        ("Round-off", invoice.roundoff),
    ]
    kept = ("Rates", "Taxable")
    rows = [(name, rupees(amount)) for name, amount in signed if amount or name in kept]
    rows.append((_strong("Final ✓"), rupees(invoice.final_amount)))
    rows += [
        ("Credited", rupees(-invoice.credited_amount)),
        ("Paid", rupees(-invoice.paid_amount)),
    ]
    # Nobody owes what was cancelled.
    if invoice.status != Status.CANCELLED:
        rows.append((_strong("Balance"), rupees(invoice.balance_amount)))
    return table_of((), rows, figures_from=1)


def money_of(invoice: TestInvoice) -> SafeString | str:
    """Payments that were offered for it or pay it, and credit notes, by date."""
    rows: list[tuple[Any, ...]] = [
        (payment.date, "Payment", link("payment", payment.pk, payment.number),
         payment.get_status_display(), rupees(payment.amount), rupees(payment.applied_amount))
        for payment in payments_of(invoice)
    ]  # fmt: skip
    rows += [
        (note.date, "Credit note", note.number, note.reason, rupees(note.total_amount), "")
        for note in invoice.credit_notes.order_by("id")
    ]
    if not rows:
        return "None yet."
    return table_of(MONEY, sorted(rows, key=lambda row: row[0]), figures_from=4)


def _strong(text: str) -> SafeString:
    return format_html("<strong>{}</strong>", text)


def table_of(
    head: Iterable[str], rows: Iterable[tuple[Any, ...]], *, figures_from: int
) -> SafeString:
    """A table in the house's look; cells from `figures_from` on are figures."""
    top = format_html_join(
        "",
        '<th class="{}">{}</th>',
        ((_kind(n, figures_from), word) for n, word in enumerate(head)),
    )
    body = format_html_join("", "<tr>{}</tr>", ((_cells(row, figures_from),) for row in rows))
    frame = '<table class="daftar-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    return format_html(frame, top, body)


def _cells(row: tuple[Any, ...], figures_from: int) -> SafeString:
    cells = ((_kind(n, figures_from), value) for n, value in enumerate(row))
    return format_html_join("", '<td class="{}" dir="auto">{}</td>', cells)


def _kind(place: int, figures_from: int) -> str:
    return "daftar-number" if place >= figures_from else ""
