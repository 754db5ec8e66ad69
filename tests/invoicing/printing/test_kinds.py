"""Every kind of document prints, says its numbers, and carries a QR code that scans."""

import random
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from config.printing.fonts import covered
from config.printing.typesetting import typeset
from invoicing.models import InvoiceStatus
from invoicing.printing.content import read
from invoicing.printing.paper import paper
from invoicing.printing.sheet import sheet
from invoicing.selectors import printable_qr
from invoicing.services.printing import render_pdf
from tests.invoicing.printing.kinds import KINDS
from tests.invoicing.printing.paper import missing, page_count, picture, scanned, words

# Worked out by hand from the requests: number, total with VAT, amount due.
SAID = {
    "standard": [
        "فاتورة ضريبية",
        "شركة الحجاز للمقاولات",
        "Hijaz Contracting Co.",
        "PO-4711",
        "INV-1",
        "200.00",
        "30.00",
        "230.00 SAR",
    ],
    "simplified": ["S-1", "Simplified Tax Invoice", "230.00 SAR"],
    "credit-note": ["CN-1", "Tax Invoice Credit Note", "INV-1", "Amount credited", "230.00 SAR"],
    "debit-note": ["DN-1", "Tax Invoice Debit Note", "INV-1", "230.00 SAR"],
    "simplified-credit-note": ["SCN-1", "Simplified Tax Invoice Credit Note", "2026-11-20"],
    "prepayment": ["ADV-1", "Prepayment Tax Invoice", "230.00 SAR"],
    # 230.00 less the advance of 100.00 + 15.00.
    "deducted": ["INV-2", "ADV-7", "2026-10-15", "−115.00", "115.00 SAR"],
    # 200.00, 30.00 and 230.00 dollars at 3.75.
    "foreign": ["230.00 USD", "1 USD = 3.75 SAR", "750.00 SAR", "112.50 SAR", "862.50 SAR"],
    "export": ["INV-4", "Export of goods", "Houston 77001, US", "200.00 SAR"],
    "summary": ["2026-10-01 – 2026-10-31", "Summary", "Third-party billing"],
    # 1250.00 + (2 × 90.00 − 9.00 + 12.00) + 200.00 − 20.00; 15 % of 1250.00 + 183.00 − 20.00.
    "adjusted": ["1,613.00", "211.95", "1,824.95 SAR", "Medicines and medical equipment"],
    "huge": ["9,876,543,210.00", "1,481,481,481.50", "11,358,024,691.50 SAR"],
    "many-lines": ["Item no. 1", "Item no. 65", "14,950.00 SAR", "Page 4 / 4"],
    "phase-1": ["P-1", "115.00 SAR", "399999999900003"],
}


@pytest.mark.parametrize("kind", KINDS)
def test_it_prints_and_scans(posted, kind):
    invoice = posted(KINDS[kind])
    assert invoice.status == InvoiceStatus.CLEARED

    pdf = render_pdf(invoice).content

    assert missing(pdf, SAID[kind]) == []
    paper = picture(pdf, 150)
    top_left = paper.crop((0, 0, paper.width // 2, paper.height // 2))
    assert scanned(top_left) == [printable_qr(invoice, invoice.current)]


def test_a_long_invoice_repeats_its_head_and_counts_its_pages(posted):
    pdf = render_pdf(posted(KINDS["many-lines"])).content

    text = words(pdf)
    assert page_count(pdf) == 4
    # The head stands on every page that holds lines, the count on all.
    assert text.count("سعر الوحدة") == 4
    assert (text.count("Page"), text.count("صفحة")) == (4, 4)
    assert [digit in text for digit in "١٢٣٤"] == [True] * 4


def test_a_signed_copy_of_a_sample_reads_as_the_authority_wrote_it(reference):
    folder = reference / "zatca" / "samples" / "standard"
    advance = read((folder / "Advance_Payment_adjustments.xml").read_bytes())
    foreign = read(
        (folder / "Advance_Payment_adjustments_with_foreign_currency_invoice.xml").read_bytes()
    )

    # reference/zatca.md §2: inclusive 2185, payable 1035; VAT of the dollar sample 1068.75 riyals.
    assert (advance.inclusive, advance.payable) == (Decimal("2185.00"), Decimal("1035.00"))
    assert (foreign.currency, foreign.tax_sar) == ("USD", Decimal("1068.75"))
    assert [line.name for line in advance.lines] == ["Laptop | حاسوب محمول"]


@pytest.mark.parametrize("form", ["standard", "simplified"])
def test_every_official_sample_can_be_laid_out(reference, form):
    for file in sorted((reference / "zatca" / "samples" / form).glob("*.xml")):
        content = read(file.read_bytes())
        pdf = on_a4(paper(sheet(content)))
        due = f"{content.payable:,.2f} {content.currency}"
        assert missing(pdf, [due, content.seller.vat_number, "فاتورة ضريبية"]) == [], file.name


def test_every_text_that_our_fonts_cover_can_be_set():
    letters, chance = sorted(covered()), random.Random(7)
    empty = paper(sheet(read(b"<Invoice/>")))
    for _ in range(10):
        noted = {**empty, "notes": ["".join(chance.sample(letters, 80))]}
        assert on_a4(noted)


def on_a4(arranged: dict) -> bytes:
    data = {
        "sheet": arranged,
        "brand": {"accent": "#000000", "logo": "", "footer": []},
        "qr": {"svg": "", "modules": 0},
        "attachment": {},
    }
    return typeset("invoicing/print/a4.typ", data, made_at=datetime(2026, 1, 1, tzinfo=UTC))
