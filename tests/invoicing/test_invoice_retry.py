"""D1's test list, under D1's names, through HTTP and against a stand-in on a real socket."""

from uuid import uuid4

import pytest

from invoicing.models import EGSUnit, Invoice, InvoiceLog, Revision
from invoicing.services.retrying import allow_more_retries
from invoicing.services.sending import By, claim
from tests.invoicing.payloads import standard
from tests.invoicing.traces import URL, everything, log_words, sent


def failed_invoice(api, zatca, fault: str = "error_503_before") -> Invoice:
    zatca.control.script("INV-1", delivery=1, fault=fault)
    error = api.post(URL, standard()).json()["error"]
    return Invoice.objects.get(pk=error["invoice"]["id"], status="FAILED")


def rejected_invoice(api, zatca) -> Invoice:
    zatca.control.script("INV-1", delivery=1, fault="reject", code="BR-KSA-40", message="No.")
    return Invoice.objects.get(pk=api.post(URL, standard()).json()["id"], status="REJECTED")


def retry(api, pk: int):
    return api.post(f"{URL}/{pk}/retry")


def test_retry_failed_invoice_success(api, unit, zatca):
    invoice = failed_invoice(api, zatca)

    response = retry(api, invoice.pk)

    assert response.status_code == 200
    assert (response.json()["success"], response.json()["id"]) == (True, invoice.pk)
    assert response.json()["clearance"]["clearance_status"] == "CLEARED"
    assert Invoice.objects.get().status == "CLEARED"
    # The outcome was unknown: the very same bytes went out again.
    first, second = sent(zatca, "INV-1")
    assert first == second
    assert Revision.objects.count() == 1


def test_retry_rejected_invoice_success(api, unit, zatca):
    invoice = rejected_invoice(api, zatca)

    response = retry(api, invoice.pk)

    assert (response.status_code, response.json()["status"]) == (200, "CLEARED")
    assert (response.json()["id"], response.json()["revision"]) == (invoice.pk, 2)
    # A rejected document is never sent again: new UUID, the next ICV, the rejected one's hash.
    rejected, cleared = Revision.objects.order_by("number")
    assert (rejected.outcome, cleared.outcome) == ("REJECTED", "CLEARED")
    assert (rejected.icv, cleared.icv) == (1, 2)
    assert cleared.pih == rejected.hash
    assert cleared.uuid != rejected.uuid
    assert cleared.payload == rejected.payload
    assert InvoiceLog.objects.get(action="RETRY").previous_status == "REJECTED"


def test_retry_cleared_invoice_rejected(api, unit, zatca):
    pk = api.post(URL, standard()).json()["id"]
    before = everything(zatca)

    response = retry(api, pk)

    assert response.status_code == 400
    assert response.json()["detail"] == (
        "Cannot retry invoice INV-1: Status is CLEARED. "
        "Only FAILED or REJECTED invoices can be retried."
    )
    assert response.json()["error"]["code"] == "invoice_not_retryable"
    assert everything(zatca) == before


def test_cross_tenant_retry_forbidden(api, foreign_api, unit, zatca):
    invoice = failed_invoice(api, zatca)
    before = everything(zatca)

    foreign = retry(foreign_api, invoice.pk)
    absent = retry(foreign_api, 99999)

    assert (foreign.status_code, absent.status_code) == (404, 404)
    assert foreign.json()["detail"] == absent.json()["detail"] == "Invoice not found."
    assert everything(zatca) == before


def test_audit_log_created_on_retry(api, unit, zatca, najd):
    invoice = failed_invoice(api, zatca)

    retry(api, invoice.pk)

    assert log_words(invoice.pk) == [
        ("ERROR", None, None),
        ("SUBMITTED", "RETRY", "FAILED"),
        ("CLEARED", None, None),
    ]
    row = InvoiceLog.objects.get(action="RETRY")
    assert (row.tenant, row.invoice_number) == (najd, "INV-1")
    assert row.request_payload == Revision.objects.get().payload
    assert row.trigger == "CALLER"
    assert row.actor.startswith("key:dk_")
    # Cleared on the invoice, kept here.
    assert row.error_message == invoice.error_message != ""


def test_status_flow(api, unit, zatca):
    invoice = failed_invoice(api, zatca)
    assert invoice.error_message

    retry(api, invoice.pk)

    invoice.refresh_from_db()
    assert (invoice.status, invoice.error_message, invoice.error_code) == ("CLEARED", None, "")
    assert invoice.attempts.count() == invoice.attempt_no == 2
    assert (invoice.lease_until, invoice.next_attempt_at) == (None, None)


@pytest.mark.parametrize("status", ["CREATED", "PROCESSING"])
def test_retry_of_what_is_under_way_is_refused(api, unit, zatca, status):
    pk = api.post(URL, standard(), headers={"Prefer": "respond-async"}).json()["id"]
    if status == "PROCESSING":
        claim(Invoice.objects.get(pk=pk), By("WORKER", "worker"))
    before = everything(zatca)

    response = retry(api, pk)

    assert response.status_code == 400
    assert f"INV-1: Status is {status}." in response.json()["detail"]
    assert everything(zatca) == before


def test_processing_failure(api, unit, zatca, settings):
    invoice = failed_invoice(api, zatca)
    settings.ZATCA_CALL_DEADLINE = 1
    zatca.control.script("INV-1", delivery=2, fault="hang_before")

    response = retry(api, invoice.pk)

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (500, "zatca_timeout")
    assert (error["invoice"]["id"], error["invoice"]["status"]) == (invoice.pk, "FAILED")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.failure_class) == ("FAILED", "UNKNOWN_OUTCOME")
    assert invoice.error_message == response.json()["detail"]
    assert log_words(invoice.pk) == [
        ("ERROR", None, None),
        ("SUBMITTED", "RETRY", "FAILED"),
        ("ERROR", None, None),
    ]


def test_missing_request_payload(api, unit, zatca, najd):
    # Neither bytes nor payload: no row of ours, but one that was brought in from elsewhere.
    invoice = Invoice.objects.create(
        tenant=najd,
        unit=EGSUnit.objects.get(),
        invoice_number="OLD-1",
        phase="PHASE_2",
        status="FAILED",
        environment="SANDBOX",
        document_type="388",
        is_simplified=False,
        total_amount="115.00",
        tax_amount="15.00",
        issued_at="2026-01-01T00:00:00Z",
    )
    Revision.objects.create(
        invoice=invoice, number=1, payload=None, payload_sha256="0" * 64, uuid=uuid4(), actor="x"
    )
    before = everything(zatca)

    response = retry(api, invoice.pk)

    assert response.status_code == 400
    assert response.json()["detail"] == "Original request payload not found in audit logs."
    assert response.json()["error"]["code"] == "payload_not_found"
    assert everything(zatca) == before


def test_a_paused_unit_does_not_stop_a_person(api, unit, zatca):
    invoice = failed_invoice(api, zatca, fault="unauthorized")
    assert EGSUnit.objects.get().paused_at is not None
    zatca.control.script("INV-1", delivery=2, fault="unauthorized")

    refused = retry(api, invoice.pk)
    accepted = retry(api, invoice.pk)

    assert (refused.status_code, refused.json()["error"]["code"]) == (500, "credential_rejected")
    assert (accepted.status_code, accepted.json()["status"]) == (200, "CLEARED")
    assert EGSUnit.objects.get().paused_at is None


def test_the_hundred_and_first_retry_is_refused(api, unit, zatca):
    invoice = failed_invoice(api, zatca)
    assert invoice.retry_limit == 100
    Invoice.objects.filter(pk=invoice.pk).update(retry_count=100)
    before = everything(zatca)

    response = retry(api, invoice.pk)

    assert (response.status_code, response.json()["error"]["code"]) == (409, "retry_limit_reached")
    assert everything(zatca) == before


def test_each_retry_counts_and_there_is_no_cool_down(api, unit, zatca):
    invoice = failed_invoice(api, zatca)
    for delivery in (2, 3):
        zatca.control.script("INV-1", delivery=delivery, fault="error_503_before")
        assert retry(api, invoice.pk).status_code == 500

    invoice.refresh_from_db()
    assert invoice.retry_count == 2


def test_staff_may_allow_more_and_the_log_keeps_its_rows(api, unit, zatca):
    invoice = failed_invoice(api, zatca)
    zatca.control.script("INV-1", delivery=2, fault="error_503_before")
    retry(api, invoice.pk)
    Invoice.objects.filter(pk=invoice.pk).update(retry_limit=1)
    assert retry(api, invoice.pk).status_code == 409
    rows = list(InvoiceLog.objects.order_by("pk").values())

    allow_more_retries(invoice, limit=5)

    assert list(InvoiceLog.objects.order_by("pk").values()) == rows
    assert retry(api, invoice.pk).json()["status"] == "CLEARED"
