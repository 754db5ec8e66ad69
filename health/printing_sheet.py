"""What a bill or a credit note says on paper, as texts in the order in which they stand there.

JSON types only; every figure is a finished text, so that A4 and receipt cannot differ in one.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from health.amount_words import amount_in_words
from health.gst import TAXES
from health.models import (
    Allocation,
    CreditNote,
    CreditNoteItem,
    DiscountMode,
    LabSettings,
    PaymentStatus,
    Status,
    SupplyType,
    TestInvoice,
    TestInvoiceItem,
)
from health.states import state
from health.words import rupees

TAX_INVOICE, BILL_OF_SUPPLY = "Tax Invoice", "Bill of Supply"
BOTH = "Invoice-cum-Bill of Supply"
_HEADS = {"cgst": "CGST", "sgst": "SGST", "igst": "IGST", "cess": "Cess"}

Row = dict[str, str]


class Supplier(NamedTuple):
    """Who a bill is from."""

    name: str
    gstin: str
    state_code: str


def supplier_of(invoice: TestInvoice, lab: LabSettings) -> Supplier:
    """As it was when the bill was posted; of what never was, as it is now."""
    if invoice.supplier_name:
        return Supplier(invoice.supplier_name, invoice.supplier_gstin, invoice.supplier_state)
    return Supplier(invoice.tenant.company_name, lab.gstin, lab.state_code)


def title_of(invoice: TestInvoice, items: Iterable[TestInvoiceItem]) -> str:
    """Rules 46, 46A and 49: by whether its lines are taxed, and for an unregistered recipient both
    kinds may stand on one bill.
    """
    taxed = {_rate(item) > 0 for item in items}
    if taxed == {True}:
        return TAX_INVOICE
    if taxed == {False}:
        return BILL_OF_SUPPLY
    return TAX_INVOICE if invoice.recipient_gstin else BOTH


def invoice_sheet(invoice: TestInvoice, lab: LabSettings) -> dict[str, Any]:
    """An invoice with what was paid and credited of it so far."""
    items = list(invoice.items.order_by("line_no"))
    return {
        "title": title_of(invoice, items),
        "number": invoice.invoice_number,
        "stamp": "" if invoice.status == Status.POSTED else invoice.status,
        "marks": _marks(invoice),
        "facts": _facts(invoice),
        **_parties(invoice, lab),
        "lines": [_line(item, item) for item in items],
        "discounts": any(item.rate != item.taxable_amount for item in items),
        "splits": _splits((item, item) for item in items),
        "sums": _sums(invoice, invoice.subtotal_amount, invoice.items_total_discount_amount),
        "total": _row("Total", rupees(invoice.final_amount)),
        "words": amount_in_words(invoice.final_amount),
        "settled": [] if invoice.status == Status.DRAFT else [*_credits(invoice), *_paid(invoice)],
        "balance": _balance(invoice),
        "notes": [*_law(invoice), *filter(None, [invoice.notes])],
    }


def note_sheet(note: CreditNote, lab: LabSettings) -> dict[str, Any]:
    """A credit note, with the invoice that it refers to (Rule 53(1A))."""
    invoice = note.invoice
    parts = list(note.items.select_related("invoice_item").order_by("invoice_item__line_no"))
    marks = ["Financial credit note: it reduces no tax."] if note.is_financial else []
    return {
        "title": "Credit Note",
        "number": note.number,
        "stamp": "",
        "marks": marks,
        "facts": [
            _row("Number", note.number),
            _row("Date", day_text(note.date)),
            _row("Against", invoice.invoice_number),
            _row("Dated", day_text(invoice.local_date)),
            _row("Reason", note.reason),
        ],
        **_parties(invoice, lab),
        "lines": [_line(part.invoice_item, part) for part in parts],
        "discounts": False,
        "splits": _splits((part.invoice_item, part) for part in parts),
        "sums": _sums(note, note.taxable_amount, Decimal(0)),
        "total": _row("Credited", rupees(note.total_amount)),
        "words": amount_in_words(note.total_amount),
        "settled": [],
        "balance": None,
        "notes": [],
    }


def day_text(day: date) -> str:
    """``15 Jan 2024``: it cannot be read as another day."""
    return f"{day.day:02d} {day:%b %Y}"


def _row(label: str, value: str) -> Row:
    return {"label": label, "value": value}


def _rows(*rows: tuple[str, str]) -> list[Row]:
    return [_row(label, value) for label, value in rows if value]


def _marks(invoice: TestInvoice) -> list[str]:
    if invoice.status == Status.DRAFT:
        return ["This is a draft: nothing is owed for it yet."]
    if invoice.status == Status.POSTED:
        return []
    reversal = invoice.reversal_voucher
    if reversal is None:
        return ["Cancelled before it was posted."]
    return [f"Cancelled on {day_text(reversal.date)} by {reversal.voucher_number}."]


def _facts(invoice: TestInvoice) -> list[Row]:
    # In the time zone of then: the day is the one that its number and its voucher have.
    time = f", {invoice.local_time:%H:%M}" if invoice.local_time else ""
    return _rows(
        ("Number", invoice.invoice_number),
        ("Date", day_text(invoice.local_date) + time),
        ("Due", day_text(invoice.due_date) if invoice.due_date else ""),
        ("Test order", str(invoice.test_order_id or "")),
        ("Place of supply", state(invoice.place_of_supply)),
    )


def _parties(invoice: TestInvoice, lab: LabSettings) -> dict[str, Any]:
    supplier = supplier_of(invoice, lab)
    return {
        "seller": {
            "name": supplier.name,
            "rows": _rows(("GSTIN", supplier.gstin), ("State", state(supplier.state_code))),
        },
        "buyer": {
            "name": invoice.patient_name,
            "rows": _rows(
                ("Patient ID", str(invoice.patient_id or "")),
                ("Phone", invoice.patient_phone),
                ("GSTIN", invoice.recipient_gstin),
            ),
        },
    }


def _line(item: TestInvoiceItem, part: TestInvoiceItem | CreditNoteItem) -> dict[str, Any]:
    name = item.test_name or item.panel_name or f"{item.test_id or item.panel_id}"
    tax = part.total_amount - part.taxable_amount
    is_whole = part is item
    return {
        "no": str(item.line_no),
        "name": name,
        "sac": item.sac,
        "remarks": item.remarks if is_whole else "",
        "rate": rupees(item.rate),
        # With what the line bears of a discount on the whole before tax.
        "discount": rupees(item.rate - item.taxable_amount) if is_whole else "",
        "taxable": rupees(part.taxable_amount),
        "gst": f"{percent(_rate(item))} %" if _rate(item) and (is_whole or tax) else "–",
        "tax": rupees(tax),
        "total": rupees(part.total_amount),
    }


def percent(rate: Decimal) -> str:
    """``18`` or ``0.25``: without zeros that say nothing."""
    text = f"{rate:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rate(item: TestInvoiceItem) -> Decimal:
    return item.cgst_rate + item.sgst_rate + item.igst_rate + item.cess_rate


def _splits(
    pairs: Iterable[tuple[TestInvoiceItem, TestInvoiceItem | CreditNoteItem]],
) -> dict[str, Any]:
    """The taxes by rate, and only those that were charged; nothing where none was."""
    by_rates: dict[tuple[Decimal, ...], dict[str, Decimal]] = {}
    for item, part in pairs:
        rates = tuple(getattr(item, f"{tax}_rate") for tax in TAXES)
        sums = by_rates.setdefault(rates, dict.fromkeys(("taxable", *TAXES), Decimal(0)))
        for name in sums:
            sums[name] += getattr(part, f"{name}_amount")
    charged = [tax for tax in TAXES if any(sums[tax] for sums in by_rates.values())]
    if not charged:
        return {"heads": [], "rows": []}
    rows = []
    for rates, sums in sorted(by_rates.items()):
        of_tax = dict(zip(TAXES, rates, strict=True))
        cells = [rupees(sums["taxable"])]
        for tax in charged:
            cells.append(f"{percent(of_tax[tax])} %")
            cells.append(rupees(sums[tax]))
        rows.append(cells)
    heads = ["Taxable", *(head for tax in charged for head in (_HEADS[tax], "Amount"))]
    return {"heads": heads, "rows": rows}


def _sums(document: TestInvoice | CreditNote, gross: Decimal, off: Decimal) -> list[Row]:
    """From the gross amount to the total; what is nothing is left out."""
    overall = document.overall_disc_amount
    is_before_tax = getattr(document, "discount_mode", "") == DiscountMode.PRE_TAX
    steps = [("Subtotal", gross), ("Discount on lines", -off)]
    if is_before_tax:
        steps.append(("Discount", -overall))
    if gross != document.taxable_amount:
        steps.append(("Taxable", document.taxable_amount))
    steps += [(_HEADS[tax], getattr(document, f"{tax}_amount")) for tax in TAXES]
    if not is_before_tax:
        steps.append(("Discount", -overall))
    steps.append(("Round-off", document.roundoff))
    return [_row(label, rupees(amount)) for label, amount in steps if amount]


def _paid(invoice: TestInvoice) -> list[Row]:
    """The money that pays it: what was taken back is not there any more."""
    live = (
        Allocation.objects.filter(invoice=invoice, amount__gt=0, taken_back_by__isnull=True)
        .select_related("payment")
        .order_by("payment__date", "id")
    )
    return [
        _row(
            f"Paid {day_text(row.payment.date)} by {row.payment.get_mode_display()}, "
            f"{row.payment.number}",
            rupees(-row.amount),
        )
        for row in live
    ]


def _credits(invoice: TestInvoice) -> list[Row]:
    return [
        _row(f"Credited {day_text(note.date)}, {note.number}", rupees(-note.total_amount))
        for note in invoice.credit_notes.order_by("date", "id")
    ]


def _balance(invoice: TestInvoice) -> Row | None:
    if invoice.status != Status.POSTED:
        return None
    if invoice.payment_status == PaymentStatus.OVERPAID:
        return _row("In your favour", rupees(-invoice.balance_amount))
    return _row("Balance due", rupees(invoice.balance_amount))


def _law(invoice: TestInvoice) -> list[str]:
    said = {
        SupplyType.EXEMPT: "Exempt supply: no GST is charged.",
        SupplyType.NIL: "Nil-rated supply: no GST is charged.",
    }
    sentence = said.get(SupplyType(invoice.supply_type))
    return [sentence] if sentence else []
