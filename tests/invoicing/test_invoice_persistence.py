"""D3's test list, under D3's names, through HTTP and against a stand-in on a real socket."""

import threading
from decimal import Decimal

from django.db import connection

from invoicing.models import Chain, Invoice
from tests.invoicing.payloads import phase_1, simplified, standard
from tests.invoicing.traces import URL, everything, log_words


def test_successful_invoice(api, najd, zatca):
    response = api.post(URL, phase_1())

    assert (response.status_code, response.json()["success"]) == (201, True)
    invoice = Invoice.objects.get()
    assert (invoice.tenant, invoice.invoice_number) == (najd, "P-1")
    assert (invoice.status, invoice.phase, invoice.environment) == ("CLEARED", "PHASE_1", "SANDBOX")
    assert (invoice.total_amount, invoice.tax_amount) == (Decimal("115.00"), Decimal("15.00"))
    assert log_words(invoice.pk) == [("SUBMITTED", None, None)]


def test_rejected_invoice(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="reject", code="BR-KSA-40", message="No.")

    response = api.post(URL, standard())

    answer = response.json()
    assert (response.status_code, answer["success"]) == (201, False)
    assert (answer["status"], answer["zatca_status"]) == ("REJECTED", "NOT_CLEARED")
    assert [(e["code"], e["message"]) for e in answer["errors"]] == [("BR-KSA-40", "No.")]
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.error_message) == ("REJECTED", "BR-KSA-40: No.")
    assert log_words(invoice.pk) == [("REJECTED", None, None)]


def test_duplicate_invoice(api, unit, zatca):
    api.post(URL, standard())
    before = everything(zatca)

    response = api.post(URL, standard())

    assert response.status_code == 409
    assert response.json()["detail"] == (
        "Invoice INV-1 already exists with status CLEARED. Duplicate submissions are not allowed."
    )
    assert everything(zatca) == before


def test_the_same_number_of_two_tenants_are_two_invoices(
    api, foreign_api, unit, foreign_unit, zatca
):
    assert api.post(URL, simplified("INV-1")).status_code == 201
    assert foreign_api.post(URL, simplified("INV-1")).status_code == 201
    assert Invoice.objects.filter(invoice_number="INV-1").count() == 2


def test_failed_invoice(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")

    response = api.post(URL, standard())

    assert (response.status_code, response.json()["error"]["code"]) == (500, "zatca_unavailable")
    invoice = Invoice.objects.get()
    assert invoice.status == "FAILED"
    assert invoice.error_message == response.json()["detail"] != ""
    assert log_words(invoice.pk) == [("ERROR", None, None)]


def test_an_exception_of_our_own_is_kept_as_failed(api, unit, zatca):
    # A key that cannot be opened: what a wrong key ring would do.
    Chain.objects.update(private_key_sealed=b"not sealed by us")

    response = api.post(URL, standard())

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (500, "internal_error")
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.failure_class) == ("FAILED", "BUG")
    assert (error["invoice"]["id"], error["invoice"]["status"]) == (invoice.pk, "FAILED")
    assert log_words(invoice.pk) == [("ERROR", None, None)]
    assert Chain.objects.get().last_icv == 0
    assert zatca.control.deliveries() == []


def test_status_progression(committed, api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="late", seconds=2)

    def post() -> None:
        api.post(URL, standard())
        connection.close()

    request = threading.Thread(target=post)
    request.start()
    seen: list[str] = []
    while request.is_alive():
        status = Invoice.objects.values_list("status", flat=True).first()
        if status and status not in seen:
            seen.append(status)
        request.join(0.01)

    invoice = Invoice.objects.get()
    assert seen[-1] == "PROCESSING" or seen[-2:] == ["PROCESSING", "CLEARED"]
    assert invoice.status == "CLEARED"
    assert invoice.updated_at > invoice.created_at
