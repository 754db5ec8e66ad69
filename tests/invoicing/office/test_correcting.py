"""Correct and resubmit: what was said beside its field, the next revision, a reason."""

import pytest

from invoicing.api.requests import InvoiceRequestSerializer
from invoicing.entry.labels import NOT_ASKED
from invoicing.entry.reading import read_request
from invoicing.entry.sheet import Sheet, values_of
from invoicing.errors import NothingChanged
from invoicing.models import Invoice, InvoiceLog, Revision, Trigger
from invoicing.services.entering import changes, correct_invoice
from invoicing.services.sending import By
from tests.invoicing.admin.pages import story, words
from tests.invoicing.office.pages import boxes, correct, fill, found, send, written
from tests.invoicing.payloads import LINE, simplified, standard
from tests.invoicing.traces import everything, sent

WRONG_RATE = {
    "rule": "BR-KSA-84",
    "severity": "error",
    "message": "The rate must be 15 or 5.",
    "message_ar": "النسبة 15 أو 5.",
    "param": "line_items[0].tax_rate",
    "source": "gate",
}


def test_the_form_holds_what_the_current_revision_says(clerk, rejected):
    page = clerk.get(correct(rejected))
    shown = {name: box.value for name, box in boxes(page.context["sheet"]).items()}
    assert shown["invoice_number"] == "INV-REJECTED"
    assert shown["buyer_address.city"] == "جدة"
    assert shown["line_items[0].unit_price"] == "100.00"
    assert shown["payment_means.code"] == "10"


def test_sentences_stand_beside_their_field_or_at_the_top(clerk, rejected):
    findings = [*rejected.current.findings, WRONG_RATE]
    Revision.objects.filter(invoice=rejected).update(findings=findings)
    page = clerk.get(correct(rejected))
    assert found(page)["line_items[0].tax_rate"] == ["BR-KSA-84"]
    assert found(page)[""] == [rejected.current.findings[0]["code"]]
    assert "The rate must be 15 or 5." in words(page)
    assert "النسبة 15 أو 5." in words(page)
    # And the story of an invoice that the gate refused can be read.
    assert "BR-KSA-84" in words(clerk.get(story(rejected)))


def test_a_correction_is_the_next_revision_with_its_reason(clerk, rejected, zatca):
    answer = send(
        clerk,
        correct(rejected),
        paths={"line_items[0].quantity": "3"},
        reason="Three were delivered",
    )
    assert answer.redirect_chain[-1][0] == story(rejected)
    rejected.refresh_from_db()
    assert (rejected.status, rejected.revision) == ("CLEARED", 2)
    assert str(rejected.total_amount) == "345.00"
    new = rejected.current
    assert (new.reason, new.actor) == ("Three were delivered", "user:amal")
    assert len(sent(zatca, "INV-REJECTED")) == 2
    retry = InvoiceLog.objects.get(action="RETRY")
    assert (retry.trigger, retry.reason) == ("STAFF", "Three were delivered")


def test_the_review_shows_old_and_new(clerk, rejected, zatca):
    before = everything(zatca)
    page = fill(
        clerk,
        correct(rejected),
        "review",
        paths={"line_items[0].quantity": "3", "buyer_name": "شركة", "notes[0]": "New"},
    )
    assert sorted(page.context["changes"]) == [
        ("Buyer · Name", "شركة الحجاز", "شركة"),
        ("Lines 1 · Quantity", "2", "3"),
        ("Note 1", None, "New"),
    ]
    assert everything(zatca) == before


def test_unchanged_content_points_at_retry(clerk, rejected, zatca):
    before = everything(zatca)
    for do in ("review", "send"):
        page = fill(clerk, correct(rejected), do, reason="Because")
        assert found(page) == {"": ["nothing_changed"]}
        assert "Use Retry" in words(page)
    assert everything(zatca) == before


def test_the_service_refuses_it_whatever_the_page_has_looked_at(rejected, zatca):
    before = everything(zatca)
    with pytest.raises(NothingChanged):
        correct_invoice(rejected, rejected.current.payload, By(Trigger.STAFF, "user:amal", "x"))
    assert everything(zatca) == before


def test_another_spelling_of_a_number_is_no_change(clerk, rejected):
    page = fill(clerk, correct(rejected), "review", paths={"line_items[0].unit_price": "100.0"})
    assert found(page) == {"": ["nothing_changed"]}


def test_a_reason_is_required(clerk, rejected, zatca):
    before = everything(zatca)
    page = fill(clerk, correct(rejected), "send", paths={"line_items[0].quantity": "3"})
    assert page.context["form"].errors["reason"]
    assert everything(zatca) == before


def test_refusals_of_the_request_rules_stand_beside_their_fields(clerk, rejected, zatca):
    before = everything(zatca)
    page = fill(
        clerk,
        correct(rejected),
        "send",
        paths={
            "line_items[0].tax_rate": "7",
            "line_items[0].unit_price": "a lot",
            "buyer_tax_number": "123",
        },
        reason="x",
    )
    assert found(page) == {"line_items[0].unit_price": ["invalid_number"]}
    page = fill(
        clerk,
        correct(rejected),
        "send",
        paths={"line_items[0].tax_rate": "7", "buyer_tax_number": "123"},
        reason="x",
    )
    assert set(found(page)) == {"line_items[0].tax_rate", "buyer_tax_number"}
    assert "نسبة الفئة S" in words(page)
    assert everything(zatca) == before


def test_somebody_was_faster(clerk, rejected, api, zatca):
    page = clerk.get(correct(rejected))
    said = written(page) | {"line_items[0].quantity": "3", "do": "send", "reason": "x"}
    zatca.control.script("INV-REJECTED", delivery=2, fault="reject")
    api.post(f"/api/v1/invoices/{rejected.pk}/retry")
    before = everything(zatca)
    assert found(clerk.post(correct(rejected), said)) == {"invoice_number": ["superseded"]}
    assert everything(zatca) == before


def test_what_may_have_reached_the_authority_is_not_corrected(clerk, failed, zatca):
    before = everything(zatca)
    page = clerk.get(correct(failed), follow=True)
    assert "may have reached the authority" in words(page)
    assert "Correct" not in words(page).split("History")[0].split("Retry")[0]
    assert everything(zatca) == before


def test_what_never_left_may_be_corrected(clerk, post):
    waiting = post(standard("A-1"), "too_many")
    assert waiting.status == "FAILED"
    send(clerk, correct(waiting), paths={"line_items[0].quantity": "3"}, reason="x")
    waiting.refresh_from_db()
    assert (waiting.status, waiting.revision) == ("CLEARED", 2)


def test_a_qr_code_that_was_given_out_is_not_corrected(clerk, post):
    waiting = post(simplified("A-1"), "too_many")
    assert "QR code was given out" in words(clerk.get(correct(waiting), follow=True))


def test_the_number_and_the_phase_stay(clerk, rejected):
    changed = {"invoice_number": "OTHER", "mode": "PHASE_1", "line_items[0].quantity": "3"}
    send(clerk, correct(rejected), paths=changed, reason="x")
    assert list(Invoice.objects.values_list("invoice_number", "phase")) == [
        ("INV-REJECTED", "PHASE_2")
    ]


def test_metadata_and_reference_stay(clerk, post):
    kept = standard("A-1", client_reference="REF-1", metadata={"till": "7"})
    rejected = post(kept, "reject")
    send(clerk, correct(rejected), paths={"line_items[0].quantity": "3"}, reason="x")
    rejected.refresh_from_db()
    assert (rejected.client_reference, rejected.metadata) == ("REF-1", {"till": "7"})


EVERYTHING = standard(
    "A-1",
    seller_tax_number="399999999900003",
    buyer_id={"scheme": "CRN", "number": "1010101010"},
    line_items=[
        {
            **LINE,
            "unit_code": "KGM",
            "discount": "1.50",
            "base_quantity": "1",
            "price_discount": "0.125",
            "allowances": [{"percent": "10", "base": "20.00", "reason": "x", "reason_code": "95"}],
            "charges": [{"amount": "2.00", "reason": "Freight", "reason_code": "FC"}],
        },
        {**LINE, "tax_category": "O", "tax_rate": 0, "exemption_code": "VATEX-SA-OOS",
         "exemption_reason": "Outside"},
    ],
    allowances=[{"amount": "1.00", "tax_category": "S", "tax_rate": 15, "reason": "y"}],
    charges=[{"amount": "1.00", "tax_category": "S", "tax_rate": 15, "reason": "z",
              "reason_code": "FC"}],
    flags={"nominal": True, "b2g": False},
    notes=["One\ntwo", "Three"],
    order_reference="PO-1",
    supply_date="2026-11-01",
    simplified=False,
    currency="USD",
    exchange_rate="3.75",
    payable_rounding="-0.02",
    prepayments=[{"number": "P-1", "issued_at": "2026-11-01T10:00:00+03:00", "taxable": "1.00",
                  "tax": "0.15", "tax_category": "S", "tax_rate": 15}],
)  # fmt: skip


def test_nothing_of_a_request_is_lost_on_its_way_through_the_form(najd, rf):
    original = read_request(najd, values_of(EVERYTHING)).payload
    again = read_request(najd, values_of(original)).payload
    assert changes(original, again) == []
    assert set(EVERYTHING) - {"seller_tax_number"} <= set(again)


def test_every_field_of_the_schema_has_its_input(najd):
    sheet = Sheet(najd, values_of(EVERYTHING))
    drawn = {name.split(".")[0].split("[")[0] for name in boxes(sheet)}
    groups = {group.name for section in sheet.sections for group in section.groups}
    assert set(InvoiceRequestSerializer().fields) - NOT_ASKED <= drawn | groups
    assert sheet.carried == []


@pytest.mark.parametrize("who", ["viewer", "stranger"])
def test_only_a_clerk_of_the_house_corrects(request, who, rejected, zatca):
    browser = request.getfixturevalue(who)
    before = everything(zatca)
    assert browser.get(correct(rejected)).status_code in (403, 404)
    assert browser.post(correct(rejected), {"do": "send"}).status_code in (403, 404)
    assert everything(zatca) == before
