"""What the row and the answers say while there is no verdict, or none of this document."""

import json

import pytest
from django.utils import timezone

from invoicing import errors
from invoicing.models import Chain, Invoice
from invoicing.services.retrying import retry_invoice
from invoicing.services.sending import By
from tests.invoicing.payloads import standard
from tests.invoicing.traces import URL, log_words
from tests.invoicing.zatca.faulty import answers, http, serving

CALLER = By("CALLER", "till")


@pytest.mark.parametrize("document", ["bm90IFhNTA==", "%%%", "", None, 7], ids=str)
def test_a_cleared_document_that_cannot_be_read_is_not_cleared(api, unit, settings, document):
    body = json.dumps({"clearanceStatus": "CLEARED", "clearedInvoice": document}).encode()
    with serving(answers(http("200 OK", body))) as authority:
        settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SANDBOX": authority.url}
        response = api.post(URL, standard())

    assert (response.status_code, response.json()["error"]["code"]) == (500, "zatca_unreadable")
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.failure_class) == ("FAILED", "UNKNOWN_OUTCOME")
    assert (invoice.current.cleared_xml, invoice.current.outcome) == (None, "")
    assert bytes(invoice.attempts.get().response) == body
    assert log_words(invoice.pk) == [("ERROR", None, None)]
    assert api.get(f"{URL}/{invoice.pk}").status_code == 200


def test_a_refused_connection_is_said_to_have_taken_nothing(api, unit, settings):
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SANDBOX": "http://127.0.0.1:9"}

    error = api.post(URL, standard()).json()["error"]

    assert error["code"] == "zatca_unavailable"
    assert error["message"] == (
        "ZATCA could not be reached; the document was not sent and will be sent again."
    )
    assert error["message_ar"] == "تعذر الوصول إلى الهيئة؛ لم يُرسل المستند وسيُعاد إرساله."
    assert Invoice.objects.get().attempts.get().reached == "NO"


def test_a_503_is_said_to_leave_it_open(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")

    error = api.post(URL, standard()).json()["error"]

    assert error["code"] == "zatca_unavailable"
    assert error["message"] == (
        "ZATCA is not available; whether it has the document is not known yet."
    )


def test_a_retry_that_cannot_seal_shows_no_document_of_the_revision_before(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="reject")
    pk = api.post(URL, standard()).json()["id"]
    refused = Invoice.objects.get()
    assert refused.uuid == str(refused.current.uuid)
    Chain.objects.update(expires_at=timezone.now())

    assert api.post(f"{URL}/{pk}/retry").status_code >= 500

    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.revision) == ("FAILED", 2)
    assert (invoice.uuid, invoice.hash, invoice.xml_content) == (None, None, None)
    shown = api.get(f"{URL}/{pk}").json()
    assert (shown["uuid"], shown["hash"], shown["links"]["xml"]) == (None, None, None)


def test_the_loser_of_two_retries_is_told_that_it_is_under_way(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")
    api.post(URL, standard())
    loser = Invoice.objects.get()
    assert retry_invoice(Invoice.objects.get(), CALLER).status == "CLEARED"

    with pytest.raises(errors.NotRetryable) as refusal:
        retry_invoice(loser, CALLER)

    assert refusal.value.message == (
        "Cannot retry invoice INV-1: Status is PROCESSING. "
        "Only FAILED or REJECTED invoices can be retried."
    )
    assert len(zatca.control.deliveries("INV-1")) == 2
    assert Invoice.objects.get().retry_count == 1
