"""Which status, which words: every way a post can end (contracts 34; ims.md 1.5 and 1.6)."""

import pytest

from config.idempotency.models import IdempotencyKey
from integrations.models import (
    IMSCall,
    IMSPolicy,
    PayloadVersion,
    Source,
    Status,
    TritonTransaction,
)
from tests.conftest import client_of
from tests.integrations.payloads import nested_transaction, transaction

NEW = "/api/triton/transaction/new"


def rows() -> tuple[int, ...]:
    kinds = (TritonTransaction, PayloadVersion, IMSPolicy, IMSCall)
    return tuple(kind.objects.count() for kind in kinds)


def test_what_ims_refuses_is_200_with_its_words(api, desk):
    """A business refusal is a verdict: it is in the body, and nothing is lost."""
    answer = api.post(NEW, transaction(effective_date="01/01/2026", expiration_date="01/01/2027"))
    told = answer.json()
    assert (answer.status_code, told["status"], told["ims_status"]) == (200, "failed", "rated")
    assert told["message"] == "Triton new transaction processed: failed"
    assert "maximum backdate allowance (14 days)" in told["ims_details"]["error"]
    error = told["error"]
    assert (error["code"], error["status"], error["type"]) == (
        "backdate_allowance",
        422,
        "invalid_request_error",
    )
    assert error["request_id"] == answer["X-Request-ID"]
    assert told["data"]["warnings"][0]["code"] == "backdated"


def test_an_unknown_producer_needs_attention(api, desk):
    told = api.post(NEW, transaction(producer_email="who@example.com", producer_name="")).json()
    assert (told["status"], told["error"]["code"]) == ("needs_attention", "producer_not_found")
    assert told["ims_details"]["error"] == "IMS knows no producer contact who@example.com"


@pytest.mark.parametrize(
    ("mishap", "code", "status"),
    [
        ({"kind": "html_503", "calls": 0}, "ims_unavailable", 502),
        ({"kind": "drop_before", "calls": 0}, "ims_reset", 502),
    ],
)
def test_an_ims_that_does_not_answer_is_202(api, desk, settings, mishap, code, status):
    """It is stored and goes on: 502 and the like are codes, never the status."""
    settings.IMS_FIRST_RETRY = 60
    desk.ims.knobs.add(**mishap)
    body = transaction()
    answer = api.post(NEW, body)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (202, "received")
    assert answer["Location"] == f"/api/triton/transaction/{body['transaction_id']}"
    assert answer["Retry-After"] == "2"
    assert (told["error"]["code"], told["error"]["status"]) == (code, status)
    assert told["data"]["next_run_at"] is not None


def test_a_login_that_is_refused_is_not_the_callers_fault(api, desk):
    desk.environment.seal_password("b3RoZXI=")
    desk.environment.save()
    answer = api.post(NEW, transaction())
    told = answer.json()
    assert (answer.status_code, told["status"]) == (202, "received")
    assert (told["error"]["code"], told["error"]["status"]) == ("ims_login_refused", 502)
    assert "b3RoZXI=" not in answer.content.decode()


def test_a_dependant_is_blocked_and_says_by_whom(api, desk):
    first = transaction(producer_email="who@example.com", producer_name="")
    api.post(NEW, first)
    issue = transaction("issue", prior_transaction_id=first["transaction_id"])
    answer = api.post(NEW, issue)
    told = answer.json()
    assert (answer.status_code, told["status"]) == (202, "blocked")
    assert told["data"]["blocked_by"] == first["transaction_id"]
    assert told["message"] == "Triton new transaction processed: blocked"


def test_the_deadline_answers_202_and_the_worker_goes_on(api, desk, settings):
    settings.IMS_SYNC_DEADLINE = 3
    answer = api.post(NEW, transaction())  # a bind is not begun with less than ten seconds left
    assert (answer.status_code, answer.json()["ims_status"]) == (202, "rated")
    assert "BindQuote" not in desk.asked()


def test_the_same_again_is_the_same_transaction(api, desk):
    body = transaction()
    first = api.post(NEW, body)
    before, asked = rows(), len(desk.ims.calls())
    again = api.post(NEW, body)
    assert (again.status_code, again.json()["data"]) == (200, first.json()["data"])
    assert (rows(), len(desk.ims.calls())) == (before, asked)

    other = api.post(NEW, body | {"gross_premium": 5001})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "transaction_conflict")
    existing = other.json()["error"]["existing"]
    assert existing["links"]["self"] == f"/api/triton/transaction/{body['transaction_id']}"
    twice = api.post(NEW, transaction())
    assert (twice.status_code, twice.json()["detail"]) == (409, "Policy Already Bound")
    assert (rows(), len(desk.ims.calls())) == (before, asked)


def test_a_failed_one_is_resumed_by_the_same_post(api, desk):
    body = transaction(producer_email="late@example.com", producer_name="")
    assert api.post(NEW, body).json()["status"] == "needs_attention"
    desk.ims.add_producer("Late", "late@example.com")
    told = api.post(NEW, body).json()
    assert (told["status"], told["ims_details"]["invoice_number"]) == ("completed", "286201")
    assert desk.ims.counts()["policy"] == 1


def test_an_idempotency_key_replays_the_answer(api, desk):
    body = transaction()
    first, again = (api.post(NEW, body, headers={"Idempotency-Key": "k-1"}) for _ in range(2))
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true"
    later = api.post(f"{NEW}?sync_mode=false", body | {"opportunity_id": 9}, headers={})
    assert later.status_code == 409
    assert IdempotencyKey.objects.count() == 1


def test_every_field_that_is_wrong_is_named_and_nothing_is_stored(api, desk):
    before = rows()
    body = transaction(gross_premium="much", insured_zip="1", effective_date=None)
    answer = api.post(NEW, body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "invalid_payload")
    assert {one["param"] for one in error["errors"]} == {
        "gross_premium", "insured_zip", "effective_date",
    }  # fmt: skip
    assert (rows(), desk.ims.calls()) == (before, [])


@pytest.mark.parametrize(
    ("path", "status", "param"),
    [
        (f"{NEW}?sync_mode=perhaps", 400, "sync_mode"),
        (f"{NEW}?external_id={'x' * 201}", 400, "external_id"),
        ("/api/triton/transaction/renewal", 404, None),
        ("/api/sources/xuber/transaction/new", 404, "source"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_stored(api, desk, path, status, param):
    answer = api.post(path, transaction())
    assert (answer.status_code, answer.json()["error"]["param"]) == (status, param)
    assert not TritonTransaction.objects.exists()


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("/api/triton/transaction/new", "new"),
        ("/api/triton/transaction/binding", "binding"),
        ("/api/sources/triton/transaction/new", "new"),
        ("/api/transaction/new?source=triton", "new"),
        ("/api/triton/webhook", "new"),
        ("/triton/api/v1/transactions", "new"),
    ],
)
def test_every_entry_path_is_the_same_view(api, desk, path, word):
    body = nested_transaction()
    told = api.post(f"{path}{'&' if '?' in path else '?'}sync_mode=0", body).json()
    assert told["message"] == f"Triton {word} transaction created and queued for processing"
    row = TritonTransaction.objects.get()
    assert (row.transaction_id, row.kind, row.status) == (
        body["transaction_id"],
        "bind",
        Status.RECEIVED,
    )


def test_a_source_may_be_named_in_the_query(api, desk):
    Source.objects.create(tenant=desk.tenant, name="xuber", environment=desk.environment)
    body = transaction()
    theirs = f"/api/sources/xuber/transaction/{body['transaction_id']}"
    for path in ("triton/transaction/new", "triton/webhook", "transaction/bind"):
        posted = api.post(f"/api/{path}?source=xuber&sync_mode=0", body)
        assert (posted.status_code, posted["Location"]) == (202, theirs), path
    assert TritonTransaction.objects.get().source.name == "xuber"
    plain = f"/api/triton/transaction/{body['transaction_id']}"
    assert api.get(plain).status_code == 404
    told = api.get(plain, {"source": "xuber"}).json()
    assert told["data"]["id"] == api.get(theirs).json()["data"]["id"]
    refused = api.post(f"{NEW}?source=none", transaction())
    assert (refused.status_code, refused.json()["error"]["code"]) == (404, "unknown_source")


def test_get_tells_the_state_with_the_last_ten_lines(api, desk):
    body = transaction()
    api.post(f"{NEW}?external_id=EXT-7", body)
    for path in ("triton/transaction", "transaction", "sources/triton/transaction"):
        told = api.get(f"/api/{path}/{body['transaction_id']}")
        assert told.status_code == 200
        assert (told.json()["reference_id"], told.json()["status"]) == ("EXT-7", "completed")
    logs = told.json()["ims_details"]["processing_logs"]
    assert len(logs) == 10
    assert logs[-1].endswith("] completed")
    assert "Invoice 286201." in " ".join(logs)


@pytest.mark.parametrize("odd", ["a b", "a/b", "a%2Fb", "a?b#c", "é", "bind", "NEW", "-.-", 77])
def test_the_location_leads_to_every_id_that_is_taken(api, desk, odd):
    answer = api.post(f"{NEW}?sync_mode=0", transaction(transaction_id=odd))
    assert answer.status_code == 202
    assert api.get(answer["Location"]).json()["transaction_id"] == str(odd)


def test_a_path_of_the_first_generation_that_is_none_is_json_too(client):
    answer = client.get("/triton/api/v1/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json()["error"]["code"] == "not_found"


def test_the_header_names_the_external_id_too(api, desk):
    headers = {"X-External-ID": "EXT-8"}
    told = api.post(f"{NEW}?sync_mode=0", transaction(), headers=headers).json()
    assert told["reference_id"] == "EXT-8"


def test_too_many_in_a_minute_are_told_when(api, foreign_api, desk, settings):
    settings.IMS_MINUTE_LIMIT = 1
    body = transaction()
    assert api.post(f"{NEW}?sync_mode=0", body).status_code == 202
    before = rows()
    late = api.post(NEW, transaction(opportunity_id=2, policy_number="P-2"))
    assert (late.status_code, late.json()["error"]["code"]) == (429, "rate_limited")
    assert 1 <= int(late["Retry-After"]) <= 60
    assert rows() == before
    assert api.post(f"{NEW}?sync_mode=0", body).status_code == 202  # the same one is no new one
    settings.IMS_MINUTE_LIMIT, settings.IMS_HOUR_LIMIT = 0, 1
    assert int(api.post(NEW, transaction(opportunity_id=3))["Retry-After"]) > 3500


def test_scopes_and_walls(najd, api, foreign_api, desk):
    body = transaction()
    assert client_of(najd, "invoices:write").post(NEW, body).status_code == 403
    reader = client_of(najd, "integrations:read")
    assert reader.post(NEW, body).status_code == 403
    assert not TritonTransaction.objects.exists()
    api.post(f"{NEW}?sync_mode=0", body)
    page = f"/api/triton/transaction/{body['transaction_id']}"
    assert reader.get(page).status_code == 200
    assert foreign_api.get(page).status_code == 404
    api.credentials()
    assert client_of(najd, "integrations:read").post(NEW, body).json()["error"]["code"] == (
        "insufficient_scope"
    )
