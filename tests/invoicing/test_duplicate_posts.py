"""A second POST of a known number: the table of contracts 10, row by row."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from invoicing.models import Invoice, Revision
from invoicing.services import sealing
from invoicing.services.sending import By, claim
from tests.invoicing.payloads import LINE, simplified, standard
from tests.invoicing.traces import URL, everything, log_words, sent

EARLY = {"Prefer": "respond-async"}
KINDS = pytest.mark.parametrize("payload", [standard, simplified], ids=["standard", "simplified"])
# 3 × 100.00 at 15 % is 345.00, where the first request said 230.00.
OTHER = {"line_items": [{**LINE, "quantity": 3}]}


def refused(response, code: str) -> dict:
    """A 409 with this code that names the row in the way; returns `error.existing`."""
    assert response.status_code == 409, response.json()
    error = response.json()["error"]
    assert (error["code"], error["type"]) == (code, "conflict")
    assert error["param"] == "invoice_number"
    assert "already exists" in response.json()["detail"]
    return error["existing"]


def under_way(pk: int) -> None:
    """As it is while another request waits for the authority."""
    claim(Invoice.objects.get(pk=pk), By("WORKER", "worker"))


# --- CLEARED -------------------------------------------------------------------------------------


@KINDS
@pytest.mark.parametrize("change", [{}, OTHER], ids=["same", "other"])
@pytest.mark.parametrize("headers", [{}, EARLY], ids=["", "early"])
def test_cleared_is_final(api, unit, zatca, payload, change, headers):
    first = api.post(URL, payload("A-1")).json()
    before = everything(zatca)

    response = api.post(URL, {**payload("A-1"), **change}, headers=headers)

    existing = refused(response, "duplicate_invoice")
    assert existing == {
        "id": first["id"],
        "invoice_number": "A-1",
        "status": "CLEARED",
        "zatca_status": first["zatca_status"],
        "revision": 1,
        "uuid": first["uuid"],
        "links": {"self": f"{URL}/{first['id']}"},
    }
    assert "Retry-After" not in response
    assert everything(zatca) == before


# --- PROCESSING ----------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [{}, OTHER], ids=["same", "other"])
def test_processing_is_waited_for(api, unit, zatca, change):
    pk = api.post(URL, standard(), headers=EARLY).json()["id"]
    under_way(pk)
    before = everything(zatca)

    response = api.post(URL, standard(**change))

    assert refused(response, "duplicate_invoice")["status"] == "PROCESSING"
    assert 1 <= int(response["Retry-After"]) <= 90
    assert everything(zatca) == before


def test_processing_answers_early_with_the_row(api, unit, zatca):
    pk = api.post(URL, standard(), headers=EARLY).json()["id"]
    under_way(pk)
    before = everything(zatca)

    response = api.post(URL, standard(), headers=EARLY)

    assert response.status_code == 202
    assert (response.json()["id"], response.json()["status"]) == (pk, "PROCESSING")
    assert everything(zatca) == before


def test_processing_with_other_content_is_refused_early_too(api, unit, zatca):
    under_way(api.post(URL, standard(), headers=EARLY).json()["id"])
    before = everything(zatca)

    response = api.post(URL, standard(**OTHER), headers=EARLY)

    assert refused(response, "duplicate_invoice")["status"] == "PROCESSING"
    assert everything(zatca) == before


# --- CREATED -------------------------------------------------------------------------------------


@KINDS
def test_created_with_the_same_content_is_resumed(api, unit, zatca, payload):
    pk = api.post(URL, payload("A-1"), headers=EARLY).json()["id"]
    sealed = Revision.objects.values().get()

    response = api.post(URL, payload("A-1"))

    assert (response.status_code, response.json()["status"]) == (200, "CLEARED")
    assert (response.json()["id"], response.json()["revision"]) == (pk, 1)
    assert (Revision.objects.get().uuid, Revision.objects.get().icv) == (sealed["uuid"], 1)
    assert len(sent(zatca, "A-1")) == 1
    # Nothing failed before, so nothing was retried.
    assert log_words(pk) == [("CLEARED", None, None)]


def test_created_with_the_same_content_may_wait_again(api, unit, zatca):
    pk = api.post(URL, standard(), headers=EARLY).json()["id"]

    response = api.post(URL, standard(), headers=EARLY)

    assert (response.status_code, response.json()["id"]) == (202, pk)
    assert Revision.objects.count() == 1
    assert sent(zatca, "INV-1") == []


@KINDS
def test_created_with_other_content_is_in_progress_for_90_seconds(api, unit, zatca, payload):
    api.post(URL, payload("A-1"), headers=EARLY)
    before = everything(zatca)

    with time_machine.travel(timezone.now() + timedelta(seconds=85)):
        response = api.post(URL, {**payload("A-1"), **OTHER})

    assert refused(response, "in_progress")["status"] == "CREATED"
    assert 1 <= int(response["Retry-After"]) <= 5
    assert everything(zatca) == before


def test_created_with_other_content_is_a_revision_afterwards(api, unit, zatca):
    pk = api.post(URL, standard(), headers=EARLY).json()["id"]

    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        response = api.post(URL, standard(**OTHER))

    answer = response.json()
    assert (response.status_code, answer["id"], answer["revision"]) == (200, pk, 2)
    assert (answer["status"], str(answer["total_amount"])) == ("CLEARED", "345.0")
    assert Revision.objects.count() == 2
    assert len(sent(zatca, "INV-1")) == 1


def test_a_qr_code_that_was_given_out_is_not_replaced(api, unit, zatca):
    assert api.post(URL, simplified(), headers=EARLY).json()["qr"]
    before = everything(zatca)

    with time_machine.travel(timezone.now() + timedelta(seconds=91)):
        response = api.post(URL, simplified(**OTHER))

    assert refused(response, "already_issued")["status"] == "CREATED"
    assert everything(zatca) == before


# --- FAILED --------------------------------------------------------------------------------------

NOT_REACHED = ["too_many", "not_acceptable", "too_large"]
MAYBE_REACHED = ["error_503_before", "error_504_after", "drop_before", "malformed"]


def failed(api, zatca, payload, fault: str) -> int:
    zatca.control.script("A-1", delivery=1, fault=fault)
    response = api.post(URL, payload("A-1"))
    assert response.status_code == 500
    return response.json()["error"]["invoice"]["id"]


@KINDS
@pytest.mark.parametrize("fault", ["too_many", "error_503_before", "error_504_after"])
def test_failed_with_the_same_content_is_resumed_with_the_same_bytes(
    api, unit, zatca, payload, fault
):
    pk = failed(api, zatca, payload, fault)

    response = api.post(URL, payload("A-1"))

    assert (response.status_code, response.json()["status"]) == (200, "CLEARED")
    assert response.json()["id"] == pk
    first, second = sent(zatca, "A-1")
    assert first == second
    [held] = zatca.control.documents("A-1")
    assert held["registrations"] == 1
    assert log_words(pk)[1:] == [("SUBMITTED", "RETRY", "FAILED"), ("CLEARED", None, None)]


@pytest.mark.parametrize("fault", NOT_REACHED)
def test_failed_before_it_was_taken_may_change(api, unit, zatca, fault):
    pk = failed(api, zatca, standard, fault)

    response = api.post(URL, standard("A-1", **OTHER))

    answer = response.json()
    assert (response.status_code, answer["id"], answer["revision"]) == (200, pk, 2)
    assert answer["status"] == "CLEARED"
    [held] = zatca.control.documents("A-1")
    assert held["icv"] == 2


@pytest.mark.parametrize("fault", MAYBE_REACHED)
@KINDS
def test_failed_with_an_unknown_outcome_may_not_change(api, unit, zatca, payload, fault):
    failed(api, zatca, payload, fault)
    before = everything(zatca)

    response = api.post(URL, {**payload("A-1"), **OTHER})

    assert refused(response, "outcome_unknown")["status"] == "FAILED"
    assert everything(zatca) == before


def test_failed_simplified_was_given_out_with_its_qr(api, unit, zatca):
    failed(api, zatca, simplified, "too_many")
    before = everything(zatca)

    response = api.post(URL, simplified("A-1", **OTHER))

    assert refused(response, "already_issued")["status"] == "FAILED"
    assert everything(zatca) == before


def test_one_unknown_attempt_among_many_forbids_change(api, unit, zatca):
    failed(api, zatca, standard, "error_503_before")
    zatca.control.script("A-1", delivery=2, fault="too_many")
    assert api.post(URL, standard("A-1")).status_code == 500

    refused(api.post(URL, standard("A-1", **OTHER)), "outcome_unknown")


# --- REJECTED ------------------------------------------------------------------------------------


def rejected(api, zatca, payload) -> int:
    zatca.control.script("A-1", delivery=1, fault="reject")
    answer = api.post(URL, payload("A-1")).json()
    assert answer["status"] == "REJECTED"
    return answer["id"]


@KINDS
@pytest.mark.parametrize("headers", [{}, EARLY], ids=["", "early"])
def test_rejected_with_the_same_content_points_at_retry(api, unit, zatca, payload, headers):
    pk = rejected(api, zatca, payload)
    before = everything(zatca)

    response = api.post(URL, payload("A-1"), headers=headers)

    assert refused(response, "use_retry")["id"] == pk
    assert f"POST {URL}/{pk}/retry" in response.json()["detail"]
    assert everything(zatca) == before


@KINDS
def test_rejected_with_other_content_is_the_next_revision(api, unit, zatca, payload):
    pk = rejected(api, zatca, payload)
    Invoice.objects.filter(pk=pk).update(retry_count=100)

    response = api.post(URL, {**payload("A-1"), **OTHER})

    answer = response.json()
    assert (response.status_code, answer["id"], answer["revision"]) == (200, pk, 2)
    assert (answer["success"], str(answer["total_amount"])) == (True, "345.0")
    old, new = Revision.objects.order_by("number")
    assert (old.icv, new.icv, new.pih) == (1, 2, old.hash)
    assert old.uuid != new.uuid
    # Changed content starts the count of retries again; the log of both stays.
    assert Invoice.objects.get().retry_count == 0
    assert log_words(pk) == [
        ("REJECTED", None, None),
        ("SUBMITTED", "RETRY", "REJECTED"),
        ("CLEARED", None, None),
    ]


def test_the_other_phase_is_another_document(api, unit, zatca):
    rejected(api, zatca, simplified)
    before = everything(zatca)

    response = api.post(URL, simplified("A-1", mode="PHASE_1"))

    refused(response, "duplicate_invoice")
    assert everything(zatca) == before


# --- Races ---------------------------------------------------------------------------------------


def meanwhile(monkeypatch, act) -> None:
    """Let `act` happen once, when this request has sealed and not yet claimed."""
    waiting = [act]

    def reached(point: str) -> None:
        if point == "sealed" and waiting:
            waiting.pop()()

    monkeypatch.setattr(sealing, "reached", reached)


def test_a_request_claims_only_the_revision_it_sealed(api, unit, zatca, monkeypatch):
    answers = []

    def another_request() -> None:
        with time_machine.travel(timezone.now() + timedelta(seconds=91)):
            answers.append(api.post(URL, standard(**OTHER)))

    meanwhile(monkeypatch, another_request)
    response = api.post(URL, standard())

    assert answers[0].json()["status"] == "CLEARED"
    existing = refused(response, "superseded")
    assert (existing["revision"], existing["status"]) == (2, "CLEARED")
    [held] = zatca.control.documents("INV-1")
    assert held["uuid"] == answers[0].json()["uuid"]


def test_the_loser_of_a_claim_answers_as_processing(api, unit, zatca, monkeypatch):
    meanwhile(monkeypatch, lambda: under_way(Invoice.objects.get().pk))

    response = api.post(URL, standard())

    assert refused(response, "duplicate_invoice")["status"] == "PROCESSING"
    assert 1 <= int(response["Retry-After"]) <= 90
    assert sent(zatca, "INV-1") == []
