"""`Prefer: respond-async`: accepted and sealed in the request, sent by a worker (contracts 16)."""

from config.work import run_all
from invoicing.models import Chain, Invoice, Revision
from invoicing.zatca.qr import parse
from tests.invoicing.payloads import phase_1, simplified, standard
from tests.invoicing.traces import URL, log_words

EARLY = {"Prefer": "respond-async"}


def test_a_simplified_invoice_has_its_qr_code_at_once(api, unit, zatca):
    response = api.post(URL, simplified(), headers=EARLY)

    answer = response.json()
    assert response.status_code == 202
    assert response["Preference-Applied"] == "respond-async"
    assert response["Location"] == answer["links"]["self"] == f"{URL}/{answer['id']}"
    assert (answer["status"], answer["success"]) == ("CREATED", False)
    assert (answer["clearance"], answer["processed_at"]) == (None, None)
    assert parse(answer["qr"])[4] == b"230.00"
    assert answer["links"]["qr"] == f"{URL}/{answer['id']}/qr"


def test_a_standard_invoice_is_not_given_out_before_it_is_cleared(api, unit, zatca):
    answer = api.post(URL, standard(), headers=EARLY).json()

    assert Revision.objects.get().qr
    assert (answer["qr"], answer["links"]["qr"]) == (None, None)
    assert api.get(f"{URL}/{answer['id']}/qr").status_code == 404


def test_it_is_sealed_and_nothing_is_sent_or_logged(api, unit, zatca):
    pk = api.post(URL, standard(), headers=EARLY).json()["id"]

    assert Revision.objects.get().icv == Chain.objects.get().last_icv == 1
    assert zatca.control.deliveries() == []
    assert log_words(pk) == []


def test_a_worker_sends_it(committed, api, unit, zatca):
    pk = api.post(URL, standard(), headers=EARLY).json()["id"]
    sealed = bytes(Revision.objects.get().xml)

    run_all()

    assert Invoice.objects.get().status == "CLEARED"
    [held] = zatca.control.documents("INV-1")
    assert zatca.control.xml(held["invoice_hash"]) == sealed
    assert log_words(pk) == [("CLEARED", None, None)]


def test_a_request_that_is_wrong_is_not_answered_early(api, unit, zatca):
    response = api.post(URL, standard(line_items=[]), headers=EARLY)

    assert response.status_code == 400
    assert not Invoice.objects.exists()


def test_phase_1_has_nothing_to_wait_for(api, najd):
    response = api.post(URL, phase_1(), headers=EARLY)

    assert (response.status_code, response.json()["status"]) == (201, "CLEARED")
    assert "Preference-Applied" not in response
