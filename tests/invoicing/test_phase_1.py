"""Phase 1: no unit, no key, no chain; the QR code is all the law asks for (contracts 16)."""

import base64
from datetime import UTC, datetime

import time_machine

from invoicing.models import Chain, EGSUnit, Invoice, Revision
from tests.invoicing.payloads import LINE, phase_1
from tests.invoicing.traces import URL, everything, log_words


def records(qr: str) -> list[tuple[int, str]]:
    """The TLV records of a QR code, taken apart by hand."""
    raw, found = base64.b64decode(qr), []
    while raw:
        tag, length = raw[0], raw[1]
        found.append((tag, raw[2 : 2 + length].decode()))
        raw = raw[2 + length :]
    return found


@time_machine.travel(datetime(2026, 11, 20, 9, 30, tzinfo=UTC))
def test_the_qr_code_has_the_five_records(api, najd):
    answer = api.post(URL, phase_1(invoice_date="2026-11-20T12:00:00+03:00")).json()

    assert records(answer["qr"]) == [
        (1, "شركة نجد للتجارة | Najd Trading"),
        (2, "399999999900003"),
        (3, "2026-11-20T12:00:00"),
        (4, "115.00"),
        (5, "15.00"),
    ]
    assert answer["qr_code_data"] == {
        "seller_name": "شركة نجد للتجارة | Najd Trading",
        "seller_tax_number": "399999999900003",
        "invoice_date": "2026-11-20T12:00:00",
        "invoice_total": "115.00",
        "invoice_tax_amount": "15.00",
        "qr_code_base64": answer["qr"],
    }


def test_it_is_cleared_and_no_authority_is_asked(api, najd, zatca):
    answer = api.post(URL, phase_1()).json()

    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "NOT_APPLICABLE")
    assert (answer["clearance"], answer["success"]) == (None, True)
    assert log_words(answer["id"]) == [("SUBMITTED", None, None)]
    assert zatca.control.deliveries() == []
    assert not EGSUnit.objects.exists()


def test_the_chain_of_a_tenant_that_has_one_does_not_move(api, unit, zatca):
    api.post(URL, phase_1())

    assert Chain.objects.get().last_icv == 0
    assert (Revision.objects.get().icv, Revision.objects.get().xml) == (None, None)
    assert Invoice.objects.get().unit is None


def test_another_sellers_name_is_a_warning(api, najd):
    answer = api.post(URL, phase_1(seller_name="Najd")).json()

    assert answer["success"] is True
    assert [(w["code"], w["param"]) for w in answer["warnings"]] == [
        ("seller_name_ignored", "seller_name")
    ]
    assert answer["qr_code_data"]["seller_name"] == "شركة نجد للتجارة | Najd Trading"


def test_what_only_phase_2_asks_for_is_not_asked_for(api, najd):
    # A buyer without an address, and no means of payment.
    response = api.post(URL, phase_1(buyer_name="Hijaz", payment_means=None))
    assert response.status_code == 201


def test_zero_rated_and_exempt_lines_are_taken(api, najd):
    exempt = {
        **LINE,
        "quantity": 1,
        "tax_category": "E",
        "tax_rate": 0,
        "exemption_code": "VATEX-SA-29",
        "exemption_reason": "Financial services mentioned in Article 29 of the VAT Regulations",
    }

    answer = api.post(URL, phase_1(line_items=[exempt])).json()

    assert (answer["status"], answer["qr_code_data"]["invoice_total"]) == ("CLEARED", "100.00")


def test_its_sums_are_judged(api, najd, zatca):
    before = everything(zatca)

    response = api.post(URL, phase_1(total_amount="115.01"))

    [error] = response.json()["error"]["errors"]
    assert (response.status_code, error["param"]) == (400, "total_amount")
    assert (error["expected"], error["got"]) == ("115.00", "115.01")
    assert everything(zatca) == before


def test_posted_again_it_is_a_duplicate(api, najd, zatca):
    api.post(URL, phase_1())
    before = everything(zatca)

    response = api.post(URL, phase_1())

    assert (response.status_code, response.json()["error"]["code"]) == (409, "duplicate_invoice")
    assert everything(zatca) == before


def test_it_has_no_document_and_a_picture_of_its_qr_code(api, najd):
    links = api.post(URL, phase_1()).json()["links"]

    assert links["xml"] is None
    picture = api.get(links["qr"])
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/svg+xml")
    assert picture.content.startswith(b"<svg")
