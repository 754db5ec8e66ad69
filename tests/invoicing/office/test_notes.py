"""A credit or debit note from the invoice's page: prefilled, guarded, linked."""

from decimal import Decimal

import pytest

from invoicing.models import Invoice
from tests.invoicing.admin.pages import story, words
from tests.invoicing.office.pages import boxes, fill, found, note, send
from tests.invoicing.payloads import LINE, credit_note, simplified
from tests.invoicing.traces import URL, everything

REASON = {"invoice_number": "CN-9", "note_reason": "إرجاع بضاعة"}


def test_it_begins_with_the_whole_invoice(clerk, cleared):
    page = clerk.get(note(cleared))
    shown = {name: box.value for name, box in boxes(page.context["sheet"]).items()}
    assert shown["invoice_type"] == "381"
    assert shown["simplified"] == "false"
    assert shown["egs_unit"] == "till-1"
    assert shown["billing_reference[0].number"] == "INV-CLEARED"
    assert shown["line_items[0].quantity"] == "2"
    assert shown["note_reason"] == ""


def test_a_part_is_credited_and_told_on_both_pages(clerk, cleared):
    send(clerk, note(cleared), paths={**REASON, "line_items[0].quantity": "1"})
    made = Invoice.objects.get(invoice_number="CN-9")
    assert (made.status, made.document_type) == ("CLEARED", "381")
    assert made.unit == cleared.unit
    told = words(clerk.get(story(cleared)))
    assert "CN-9" in told
    assert "Still creditable 115.00 SAR" in told
    assert "INV-CLEARED" in words(clerk.get(story(made)))


def test_a_reason_is_mandatory(clerk, cleared, zatca):
    before = everything(zatca)
    page = fill(clerk, note(cleared), "send", paths={"invoice_number": "CN-9"})
    assert set(found(page)) == {"note_reason"}
    assert everything(zatca) == before


def test_more_than_is_left_stands_beside_the_reference(clerk, cleared, api, zatca):
    half = {"line_items": [{**LINE, "quantity": 1}]}
    api.post(URL, credit_note("CN-1", of="INV-CLEARED", **half))
    before = everything(zatca)
    for do in ("check", "review", "send"):
        page = fill(clerk, note(cleared), do, paths=REASON)
        assert found(page) == {"billing_reference[0].number": ["over_credit"]}
    assert everything(zatca) == before


def test_a_simplified_invoice_gets_a_simplified_note(clerk, post):
    sold = post(simplified("S-1"))
    send(clerk, note(sold), paths=REASON)
    assert Invoice.objects.get(invoice_number="CN-9").is_simplified


def test_a_debit_note_raises_the_balance(clerk, cleared):
    send(clerk, note(cleared, "383"), paths={**REASON, "line_items[0].quantity": "1"})
    cleared.refresh_from_db()
    assert cleared.creditable_amount == Decimal("345.00")


def test_the_reference_and_the_kind_cannot_be_changed(clerk, cleared):
    changed = {**REASON, "invoice_type": "388", "billing_reference[0].number": "OTHER"}
    send(clerk, note(cleared), paths=changed)
    made = Invoice.objects.get(invoice_number="CN-9")
    assert made.document_type == "381"
    assert made.references.get().original == cleared


def test_nothing_is_left_to_credit(clerk, cleared, api):
    api.post(URL, credit_note("CN-1", of="INV-CLEARED"))
    page = clerk.get(note(cleared), follow=True)
    assert "No credit note can be issued on INV-CLEARED now." in words(page)


def test_a_rejected_invoice_is_corrected_not_credited(clerk, rejected):
    assert "No credit note" in words(clerk.get(note(rejected), follow=True))
    assert clerk.get(note(rejected, "388")).status_code == 404


@pytest.mark.parametrize("who", ["viewer", "stranger"])
def test_only_a_clerk_of_the_house_credits(request, who, cleared, zatca):
    browser = request.getfixturevalue(who)
    before = everything(zatca)
    assert browser.post(note(cleared), {"do": "send"}).status_code in (403, 404)
    assert everything(zatca) == before
