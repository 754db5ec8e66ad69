"""D2, sentence by sentence: a client that was written from it works unchanged."""

from decimal import Decimal

import pytest

from health.models import TestInvoice, Voucher
from tests.health.conftest import URL, bill, line, sample_of


@pytest.fixture
def sample(reference):
    return sample_of(reference)


def lines_of(voucher: Voucher) -> list[tuple]:
    return [
        (one.account.code, one.debit, one.credit)
        for one in voucher.lines.select_related("account").order_by("line_no")
    ]


def test_the_sample_is_accepted_unchanged_and_posts(lab_api, lab, sample):
    response = lab_api.post(URL, sample)

    body = response.json()
    assert response.status_code == 201
    assert body["success"] is True
    assert body["message"] == "Test invoice created successfully"
    invoice = TestInvoice.objects.get(pk=body["data"]["id"])
    assert invoice.voucher.voucher_number == "TINV202401150001" == body["data"]["voucher_number"]
    nil = Decimal("0.00")
    assert lines_of(invoice.voucher) == [
        ("1100-AR", Decimal("1121.50"), nil),
        ("4300-DIAGNOSTIC", nil, Decimal("950.00")),
        ("2310-GST-CGST-OUT", nil, Decimal("85.50")),
        ("2320-GST-SGST-OUT", nil, Decimal("85.50")),
        ("5900-ROUND-OFF", nil, Decimal("0.50")),
    ]
    assert [w["code"] for w in body["data"]["warnings"]] == [
        "ROUNDOFF_NOT_TO_RUPEE",
        "SUPPLIER_GSTIN_MISSING",
    ]


def test_the_voucher_is_of_type_sales_and_dated_as_the_invoice(lab_api, sample):
    pk = lab_api.post(URL, sample).json()["data"]["id"]

    [voucher] = lab_api.get(f"{URL}/{pk}/voucher").json()["data"]

    assert (voucher["type"], voucher["date"], voucher["total"]) == ("SALES", "2024-01-15", 1121.5)
    assert TestInvoice.objects.get(pk=pk).local_date.isoformat() == "2024-01-15"


def test_an_invoice_has_a_line_at_least_and_pages_are_of_ten(lab_api, sample):
    refused = lab_api.post(URL, sample | {"items": []})

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "items")
    empty = lab_api.get(URL).json()
    assert (empty["page"], empty["per_page"], empty["total_pages"]) == (1, 10, 0)
    assert empty["data"] == []


def test_draft_and_posted_samples_stand_beside_each_other(lab_api, sample):
    lab_api.post(URL, sample)
    draft = lab_api.post(URL, sample | {"invoice_number": "A-2", "status": "DRAFT"})
    posted = lab_api.post(URL, sample | {"invoice_number": "A-3"})

    assert draft.json()["data"]["voucher_number"] is None
    assert posted.json()["data"]["voucher_number"] == "TINV202401150002"


def test_one_invoice_reads_as_the_document_shows_it(lab_api, sample):
    pk = lab_api.post(URL, sample).json()["data"]["id"]

    body = lab_api.get(f"{URL}/{pk}").json()

    assert (body["success"], body["message"]) == (True, "Test invoice retrieved successfully")
    shown = {
        "id": pk,
        "invoice_number": "INV-2024-001",
        "invoice_date": "2024-01-15T10:30:00",
        "patient_name": "John Doe",
        "final_amount": 1121.5,
        "paid_amount": 0,
        "payment_status": "UNPAID",
        "status": "POSTED",
    }
    assert shown.items() <= body["data"].items()
    assert body["data"]["voucher_id"]
    assert [item["total_amount"] for item in body["data"]["items"]] == [560.5, 560.5]


def test_the_list_pages_and_filters_as_documented(lab_api, sample):
    for number in range(3):
        lab_api.post(URL, sample | {"invoice_number": f"B-{number}"})
    lab_api.post(URL, bill(invoice_number="C-1", patient_name="Jane Roe"))

    query = {"page": 1, "per_page": 2, "search": "John", "status": "POSTED"}
    body = lab_api.get(URL, query | {"payment_status": "UNPAID"}).json()

    assert body["message"] == "Test invoices retrieved successfully"
    assert [row["invoice_number"] for row in body["data"]] == ["B-2", "B-1"]
    counts = {"total": 3, "page": 1, "per_page": 2, "total_pages": 2}
    assert counts.items() <= body.items()
    assert lab_api.get(URL, {"status": "CANCELLED,DRAFT"}).json()["total"] == 1
    assert lab_api.get(URL, {"payment_status": "OVERPAID"}).json()["data"] == []
    assert lab_api.get(URL, {"page": 9}).json()["data"] == []
    assert lab_api.get(URL, {"per_page": 1000}).json()["per_page"] == 100
    refused = lab_api.get(URL, {"status": "PAID"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "INVALID_FILTER")


def test_the_put_of_the_document_cancels_by_a_reversal(lab_api, sample):
    pk = lab_api.post(URL, sample).json()["data"]["id"]
    said = {"status": "CANCELLED", "notes": "Cancelled due to duplicate entry"}

    response = lab_api.put(f"{URL}/{pk}", said | {"tags": ["cancelled"]})

    assert response.json() == {"success": True, "message": "Test invoice updated successfully"}
    invoice = TestInvoice.objects.get(pk=pk)
    assert (invoice.status, invoice.notes) == ("CANCELLED", "Cancelled due to duplicate entry")
    swapped = [(code, credit, debit) for code, debit, credit in lines_of(invoice.voucher)]
    assert lines_of(invoice.reversal_voucher) == swapped
    assert invoice.reversal_voucher.reverses == invoice.voucher


def test_an_exempt_bill_makes_the_two_lines_of_the_document(lab_api):
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]

    voucher = TestInvoice.objects.get(pk=pk).voucher

    nil, all_of_it = Decimal("0.00"), Decimal("500.00")
    assert lines_of(voucher) == [("1100-AR", all_of_it, nil), ("4300-DIAGNOSTIC", nil, all_of_it)]


@pytest.mark.parametrize("credential", ["none", "foreign", "reader"])
def test_only_the_own_credential_may(credential, client, lab_api, najd, lab, sample):
    from tests.conftest import client_of

    pk = lab_api.post(URL, sample).json()["data"]["id"]
    if credential == "none":
        assert client.post(URL, sample, content_type="application/json").status_code == 401
    elif credential == "foreign":
        answer = client_of(najd).get(f"{URL}/{pk}")
        assert (answer.status_code, answer.json()["success"]) == (404, False)
        assert answer.json()["message"] == client_of(najd).get(f"{URL}/{pk + 99}").json()["message"]
    else:
        reader = client_of(lab, "health:read")
        assert reader.get(f"{URL}/{pk}").status_code == 200
        assert reader.post(URL, bill()).status_code == 403
    assert TestInvoice.objects.count() == 1


def test_the_same_key_bills_once(lab_api):
    key = {"HTTP_IDEMPOTENCY_KEY": "visit-7"}
    first = lab_api.post(URL, bill(status="POSTED"), **key)
    again = lab_api.post(URL, bill(status="POSTED"), **key)
    other = lab_api.post(URL, bill(items=[line(rate=9)]), **key)

    assert again.json() == first.json()
    assert again["Idempotent-Replayed"] == "true"
    assert other.status_code == 422
    assert TestInvoice.objects.count() == Voucher.objects.count() == 1
