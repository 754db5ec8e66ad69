"""Bills and credit notes on paper: what they say, to the figure, and that they say it always."""

import re

import pytest
import zxingcpp

from health.models import CreditNote, LabSettings, TestInvoice
from health.printing import Codes, render_invoice, render_note
from tests.conftest import client_of
from tests.health.conftest import API, URL, bill, line, sample_of
from tests.invoicing.printing.paper import picture, scanned, size_mm, words


def said(pdf: bytes) -> str:
    """The text of a page on one line, as a reader copies it: without marks of direction."""
    return re.sub(r"\s+", " ", re.sub("[\u2066-\u2069]", "", words(pdf)))


def kept(api, body: dict) -> TestInvoice:
    return TestInvoice.objects.get(pk=api.post(URL, body).json()["data"]["id"])


def test_the_documents_sample_half_paid_and_part_credited(lab, lab_api, reference):
    LabSettings.objects.create(tenant=lab, gstin="27AAPFU0939F1ZV", state_code="27")
    invoice = kept(lab_api, sample_of(reference))
    at = f"{URL}/{invoice.pk}"
    paid = {"amount": "560.75", "payment_mode": "CASH", "date": "2024-01-20"}
    lab_api.post(f"{at}/payments", paid)
    credit = {"reason": "Not done", "date": "2024-01-22", "items": [{"line_no": 2}]}
    lab_api.post(f"{at}/credit-notes", credit)
    invoice.refresh_from_db()

    for size in ("a4", "80mm"):
        text = said(render_invoice(invoice, size=size).content)
        for phrase in (
            "Tax Invoice", "City Lab", "GSTIN 27AAPFU0939F1ZV", "27 Maharashtra", "INV-2024-001",
            "15 Jan 2024, 10:30", "15 Feb 2024", "John Doe", "9876543210", "Diabetes Panel",
            "560.50", "Subtotal 1,000.00", "Discount on lines −50.00", "Taxable 950.00",
            "CGST 85.50", "SGST 85.50", "Round-off 0.50", "Total ₹ 1,121.50",
            "Rupees One Thousand One Hundred Twenty-One and Fifty Paise Only",
            "Paid 20 Jan 2024 by Cash, RCPT202401200001 −560.75", "−560.50",
            "Balance due ₹ 0.25", "Regular checkup invoice",
        ):  # fmt: skip
            assert phrase in text, (size, phrase, text)
    assert "9 % 85.50 9 % 85.50" in said(render_invoice(invoice).content)

    text = said(render_note(CreditNote.objects.get()).content)
    for phrase in (
        "Credit Note", "Against INV-2024-001", "Dated 15 Jan 2024", "22 Jan 2024", "Not done",
        "Diabetes Panel", "475.00 9 % 42.75 9 % 42.75",
        "CGST 42.75", "Credited ₹ 560.50",
    ):  # fmt: skip
        assert phrase in text, phrase
    assert "Blood Test" not in text


def test_what_is_no_bill_says_so_and_exempt_supplies_are_bills_of_supply(lab, lab_api):
    draft = kept(lab_api, bill())
    dropped, undone = kept(lab_api, bill()), kept(lab_api, bill(status="POSTED"))
    for one in (dropped, undone):
        lab_api.post(f"{URL}/{one.pk}/cancel", {"reason": "twice"})
        one.refresh_from_db()

    for size in ("a4", "80mm"):
        texts = [said(render_invoice(one, size=size).content) for one in (draft, dropped, undone)]
        assert all("Bill of Supply" in text for text in texts)
        assert all("Exempt supply: no GST is charged." in text for text in texts)
        assert all("Balance due" not in text for text in texts)
        assert "DRAFT" in texts[0]
        assert "CANCELLED" in texts[1]
        assert "Cancelled before it was posted." in texts[1]
        assert f"by {undone.reversal_voucher.voucher_number}." in texts[2]


@pytest.mark.parametrize(
    ("gstin", "title"),
    [("", "Invoice-cum-Bill of Supply"), ("27AAPFU0939F1ZV", "Tax Invoice")],
)
def test_taxed_and_exempt_lines_on_one_bill(lab, lab_api, gstin, title):
    LabSettings.objects.create(tenant=lab, state_code="27")
    taxed = line(line_no=2, test_name="Water test", igst_rate=18, rate=100)
    mixed = kept(lab_api, bill(items=[line(), taxed], recipient_gstin=gstin, place_of_supply="29"))

    text = said(render_invoice(mixed).content)
    for phrase in (title, "29 Karnataka", "IGST 18.00", "100.00 18 % 18.00", "Total ₹ 618.00"):
        assert phrase in text, phrase


def test_indian_figures_an_overall_discount_and_money_too_much(lab, lab_api):
    LabSettings.objects.create(tenant=lab, overpay_policy="ALLOW")
    big = kept(
        lab_api,
        bill(
            status="POSTED",
            patient_name="आशा शर्मा",
            items=[line(rate="1112150")],
            overall_disc_percentage=10,
        ),
    )
    paid = {"amount": "1112150", "payment_mode": "NEFT", "date": "2026-01-01"}
    lab_api.post(f"{URL}/{big.pk}/payments", paid)
    big.refresh_from_db()

    text = said(render_invoice(big).content)
    for phrase in (
        "आशा", "Subtotal 11,12,150.00", "Discount −1,11,215.00", "Total ₹ 10,00,935.00",
        "Rupees Ten Lakh Nine Hundred Thirty-Five Only", "−11,12,150.00",
        "In your favour ₹ 1,11,215.00",
    ):  # fmt: skip
        assert phrase in text, (phrase, text)


def test_a_discount_before_tax_stands_with_the_lines_that_bear_it(lab_api):
    draft = kept(lab_api, bill())
    draft.items.update(taxable_amount=450, total_amount=450)
    draft.discount_mode, draft.overall_disc_amount = "PRE_TAX", 50
    draft.taxable_amount = draft.final_amount = 450
    draft.save()

    text = said(render_invoice(TestInvoice.objects.get()).content)
    for phrase in (
        "Blood Test SAC 999316 500.00 50.00 450.00", "Subtotal 500.00", "Discount −50.00",
        "Taxable 450.00", "Total ₹ 450.00",
    ):  # fmt: skip
        assert phrase in text, (phrase, text)


def test_the_codes_are_read_by_a_scanner_and_only_where_they_were_asked_for(lab_api):
    invoice = kept(lab_api, bill(invoice_number="LAB/1", invoice_date="2024-01-15T10:30:00"))
    fact = "City Lab\nLAB/1\n2024-01-15\nINR 500.00"

    both = render_invoice(invoice, codes=Codes(qr=True, bars=True)).content
    neither = render_invoice(invoice, codes=Codes(qr=False)).content
    roll = render_invoice(invoice, size="80mm", codes=Codes(bars=True)).content

    assert scanned(picture(both, 203)) == scanned(picture(roll, 203)) == [fact]
    assert bars(picture(both, 203)) == bars(picture(roll, 203)) == ["LAB/1"]
    assert scanned(picture(neither, 203)) == bars(picture(neither, 203)) == []
    assert size_mm(both) == (210, 297)
    assert size_mm(roll)[0] == 80


def bars(image) -> list[str]:
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.Code128)
    return [code.text for code in found]


def test_the_same_state_gives_the_same_bytes_and_money_gives_others(lab_api, reference):
    pk = lab_api.post(URL, sample_of(reference)).json()["data"]["id"]
    at = f"{URL}/{pk}/pdf"

    first = lab_api.get(at)
    assert (first.status_code, first["Content-Type"]) == (200, "application/pdf")
    assert first["Content-Disposition"] == 'attachment; filename="INV-2024-001.pdf"'
    assert lab_api.get(at).content == first.content
    again = lab_api.get(at, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    paid = {"amount": "1", "payment_mode": "CASH", "date": "2024-01-20"}
    payment = lab_api.post(f"{URL}/{pk}/payments", paid).json()["data"]
    assert lab_api.get(at)["ETag"] != first["ETag"]
    bounced = {"reason": "bounced", "date": "2024-01-21"}
    lab_api.post(f"/api/v1/health/payments/{payment['id']}/reverse", bounced)
    assert lab_api.get(at).content == first.content
    assert size_mm(lab_api.get(f"{at}?size=80mm").content)[0] == 80
    assert lab_api.get(f"{at}?format=80mm").content == lab_api.get(f"{at}?size=80mm").content
    for asked in ("size=a5", "format=csv", "include_qr=maybe"):
        refused = lab_api.get(f"{at}?{asked}")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (
            400, asked.partition("=")[0],
        )  # fmt: skip


def test_a_credit_note_is_had_over_the_api(lab_api, najd):
    invoice = kept(lab_api, bill(status="POSTED"))
    note = lab_api.post(f"{URL}/{invoice.pk}/credit-notes", {"reason": "not done"}).json()["data"]
    at = f"/api/v1/health/credit-notes/{note['id']}/pdf"

    assert "Credited ₹ 500.00" in said(lab_api.get(at).content)
    assert size_mm(lab_api.get(f"{at}?size=80mm").content)[0] == 80
    assert client_of(najd, "health:read").get(at).status_code == 404
    assert client_of(invoice.tenant, "invoices:read").get(at).status_code == 403


def test_a_file_is_answered_to_whoever_accepts_it(lab, lab_api):
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]

    paper = lab_api.get(f"{URL}/{pk}/pdf", HTTP_ACCEPT="application/pdf")
    assert (paper.status_code, paper["Content-Type"]) == (200, "application/pdf")
    assert paper.content.startswith(b"%PDF")
    sheet = client_of(lab, "admin").get(f"{API}/reports/bills", HTTP_ACCEPT="text/csv")
    assert (sheet.status_code, sheet["Content-Type"]) == (200, "text/csv; charset=utf-8")
