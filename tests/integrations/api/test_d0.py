"""D0, sentence by sentence, over REST (documents/invoice-retrieval-update.md)."""

import re

import pytest

from integrations.models import IMSPolicy
from integrations.saga.invoicing import _retrieve_invoice_number
from tests.integrations.payloads import transaction

NEW = "/api/triton/transaction/new"
KEYS = [
    "processing_status", "insured_guid", "submission_guid", "quote_guid", "policy_number",
    "invoice_number", "error",
]  # fmt: skip
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_a_bound_policy_has_its_invoice_number_in_the_answer(api, desk):
    """No second call is needed; the structure is the document's, with one field more."""
    body = transaction()
    answer = api.post(NEW, body)

    assert answer.status_code == 200
    told = answer.json()
    assert list(told)[:4] == ["transaction_id", "status", "ims_status", "message"]
    assert told["transaction_id"] == body["transaction_id"]
    assert (told["status"], told["ims_status"]) == ("completed", "issued")
    assert told["message"] == "Triton new transaction processed: completed"
    details = told["ims_details"]
    assert list(details) == KEYS
    assert details["processing_status"] == "issued"
    for name in ("insured_guid", "submission_guid", "quote_guid"):
        assert GUID.fullmatch(details[name]), name
    assert details["policy_number"] == "AAA0000295-2511"
    assert details["invoice_number"] == "286201"
    assert details["error"] is None
    assert "error" not in told


def test_the_model_keeps_number_and_instant_of_retrieval(api, desk):
    api.post(NEW, transaction())
    policy = IMSPolicy.objects.get()
    assert policy.invoice_number == "286201"
    assert policy.invoice_retrieved_at is not None


def test_three_attempts_two_seconds_apart_are_the_defaults(desk):
    names = _retrieve_invoice_number.__defaults__
    assert names[:2] == (3, 2)
    field = desk.environment._meta.get_field
    assert field("invoice_attempts").default == 3
    assert field("invoice_wait_seconds").default == 2


def test_an_invoice_that_takes_three_looks_is_in_the_answer(api, desk):
    desk.ims.knobs.turn({"invoice_after": 2})
    details = api.post(NEW, transaction()).json()["ims_details"]
    assert details["invoice_number"] == "286201"
    assert desk.asked().count("ryan_rptInvoice") == 3


def test_the_second_chance_comes_after_the_issue(api, desk):
    desk.ims.knobs.turn({"invoice_after": 3})
    details = api.post(NEW, transaction()).json()["ims_details"]
    assert (details["invoice_number"], details["processing_status"]) == ("286201", "issued")
    asked = desk.asked()
    assert asked.index("IssuePolicy") > asked.index("ryan_rptInvoice")
    assert asked[asked.index("IssuePolicy") :].count("ryan_rptInvoice") == 1


def test_an_invoice_that_is_not_there_is_null_and_no_error(api, desk):
    desk.ims.knobs.turn({"invoice_after": 6})
    told = api.post(NEW, transaction()).json()
    assert (told["status"], told["ims_details"]["invoice_number"]) == ("completed", None)
    assert (told["ims_details"]["error"], told["data"]["invoice_status"]) == (None, "pending")
    assert IMSPolicy.objects.get().invoice_retrieved_at is None

    # The fallback: the invoice's own endpoint asks once more.
    fallback = api.get("/api/triton/invoice", {"transaction_id": told["transaction_id"]})
    info = fallback.json()["invoice_data"]["invoice_info"]
    assert (fallback.status_code, info["invoice_number"]) == (200, "286201")


def test_the_number_of_attempts_is_configured(api, desk):
    desk.environment.invoice_attempts = 1
    desk.environment.save()
    desk.ims.knobs.turn({"invoice_after": 9})
    api.post(NEW, transaction())
    assert desk.asked().count("ryan_rptInvoice") == 2  # after the bind, and after the issue


@pytest.mark.parametrize("said", ["false", "0"])
def test_asynchronous_mode_answers_before_anything_is_done(api, desk, said):
    body = transaction()
    answer = api.post(f"{NEW}?sync_mode={said}", body)

    told = answer.json()
    assert (answer.status_code, told["status"], told["ims_status"]) == (202, "received", "pending")
    assert told["message"] == "Triton new transaction created and queued for processing"
    assert list(told["ims_details"]) == KEYS
    assert told["ims_details"]["invoice_number"] is None
    assert answer["Location"] == f"/api/triton/transaction/{body['transaction_id']}"
    assert desk.ims.calls() == []
