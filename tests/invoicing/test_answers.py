"""What an answer looks like: contracts 8, 12 and 13."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from invoicing.models import Invoice, Revision
from tests.invoicing.payloads import LINE, phase_1, simplified, standard
from tests.invoicing.traces import URL

ANSWER_KEYS = {
    "success", "id", "invoice_number", "mode", "environment", "status", "zatca_status", "revision",
    "uuid", "hash", "qr", "qr_code_data", "clearance", "errors", "warnings", "total_amount",
    "tax_amount", "client_reference", "metadata", "processed_at", "links",
}  # fmt: skip
ERROR_KEYS = {
    "type", "code", "message", "message_ar", "param", "errors", "request_id", "doc_url",
}  # fmt: skip


def test_an_accepted_answer_has_the_documents_keys_and_ours(api, unit, zatca):
    answer = api.post(URL, standard()).json()

    assert set(answer) == ANSWER_KEYS
    assert (answer["mode"], answer["environment"]) == ("PHASE_2", "SANDBOX")
    assert set(answer["clearance"]) == {"clearance_status", "clearance_uuid", "qr_code"}
    assert answer["errors"] == answer["warnings"] == []


def test_amounts_leave_as_numbers_with_exactly_the_stored_digits(api, unit, zatca):
    line = {**LINE, "quantity": "3", "unit_price": "33.333333", "tax_rate": "15.00"}
    response = api.post(URL, simplified(line_items=[line]))

    # 3 × 33.333333 = 99.999999, 100.00 on the line; 15 % are 15.00.
    assert b'"total_amount":115.00,"tax_amount":15.00,' in response.content


def test_digits_come_in_as_number_or_text_and_are_the_same_request(api, unit, zatca):
    line = {**LINE, "quantity": 2, "unit_price": "100.00"}
    api.post(URL, simplified(line_items=[line], total_amount="230.00"))
    body = api._encode_data(simplified(line_items=[line]), "json")[0]
    body = body.replace(b'"100.00"', b"100.00")[:-1] + b',"total_amount":230.00}'

    response = api.generic("POST", URL, body, content_type="application/json")

    assert response.json()["error"]["code"] == "duplicate_invoice"
    said = api.get(f"{URL}/{Invoice.objects.get().pk}")
    assert b'"unit_price":100.00' in said.content
    assert b'"total_amount":230.00' in said.content


@pytest.mark.parametrize("digits", ["0.005", "1e2", "1E+2", "NaN", "1_000", "١٢", " 1", "+1"])
def test_what_is_no_plain_amount_is_refused_with_its_field(api, unit, zatca, digits):
    response = api.post(URL, simplified(line_items=[{**LINE, "discount": digits}]))

    assert response.status_code == 400
    assert response.json()["error"]["errors"][0]["param"] == "line_items[0].discount"
    assert not Invoice.objects.exists()


@time_machine.travel(datetime(2026, 11, 20, 9, 30, 15, 987654, tzinfo=UTC), tick=False)
def test_processed_at_is_utc_in_whole_seconds(api, najd):
    answer = api.post(URL, phase_1(invoice_date="2026-11-20T12:00:00+03:00")).json()

    assert answer["processed_at"] == "2026-11-20T09:30:15Z"
    detail = api.get(answer["links"]["self"]).json()
    assert (detail["issued_at"], detail["updated_at"]) == (
        "2026-11-20T09:00:00Z",
        "2026-11-20T09:30:15Z",
    )
    assert detail["request_payload"]["invoice_date"] == "2026-11-20T09:00:00Z"


def test_a_simplified_answer_is_reported_with_its_own_qr(api, unit, zatca):
    answer = api.post(URL, simplified()).json()

    assert answer["clearance"] == {
        "clearance_status": "REPORTED",
        "clearance_uuid": answer["uuid"],
        "qr_code": answer["qr"],
    }
    assert answer["qr"] == Revision.objects.get().qr


def test_a_cleared_answer_carries_the_authoritys_qr(api, unit, zatca):
    answer = api.post(URL, standard()).json()

    revision = Revision.objects.get()
    assert answer["qr"] == answer["clearance"]["qr_code"]
    # The authority stamps the document anew, so its code differs from ours and stands in its XML.
    assert answer["qr"] != revision.qr
    assert answer["qr"].encode() in bytes(revision.cleared_xml)


def test_fields_that_are_ours_are_ignored_with_a_warning(api, unit, zatca):
    theirs = {
        "uuid": "550e8400-e29b-41d4-a716-446655440000",
        "previous_invoice_hash": "abc",
        "confirm_production": True,
    }

    answer = api.post(URL, simplified(**theirs)).json()

    assert answer["success"] is True
    assert answer["uuid"] != theirs["uuid"]
    warnings = [(w["code"], w["param"]) for w in answer["warnings"]]
    assert warnings == [("field_ignored", name) for name in theirs]


# --- No verdict: 500 (contracts 8) ---------------------------------------------------------------

CAUSES = [
    ("error_503_before", "zatca_unavailable", "UNKNOWN_OUTCOME"),
    ("error_504_after", "zatca_unavailable", "UNKNOWN_OUTCOME"),
    ("drop_before", "zatca_unavailable", "UNKNOWN_OUTCOME"),
    ("malformed", "zatca_unreadable", "UNKNOWN_OUTCOME"),
    ("unknown_word", "zatca_unreadable", "UNKNOWN_OUTCOME"),
    ("too_many", "zatca_throttled", "TRANSIENT"),
    ("unauthorized", "credential_rejected", "CREDENTIAL"),
    ("too_large", "document_too_large", "PERMANENT"),
]


@pytest.mark.parametrize(("fault", "code", "failure_class"), CAUSES)
def test_without_a_verdict_the_answer_is_500_with_the_cause(
    api, unit, zatca, fault, code, failure_class
):
    zatca.control.script("S-1", delivery=1, fault=fault)

    response = api.post(URL, simplified())

    error, row = response.json()["error"], Invoice.objects.get()
    assert (response.status_code, error["code"], error["type"]) == (500, code, "upstream_error")
    assert set(error) == {*ERROR_KEYS, "invoice"}
    assert response.json()["detail"] == error["message"]
    invoice = error["invoice"]
    assert (invoice["id"], invoice["status"], invoice["revision"]) == (row.pk, "FAILED", 1)
    assert (invoice["failure_class"], row.failure_class) == (failure_class, failure_class)
    assert invoice["uuid"] == row.uuid
    # The customer stands at the till: a simplified document is given out all the same.
    assert invoice["qr"] == Revision.objects.get().qr
    assert invoice["links"]["retry"] == f"{URL}/{row.pk}/retry"


def test_a_standard_document_without_a_verdict_is_not_given_out(api, unit, zatca):
    zatca.control.script("INV-1", delivery=1, fault="error_503_before")

    invoice = api.post(URL, standard()).json()["error"]["invoice"]

    assert (invoice["qr"], invoice["links"]["qr"]) == (None, None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", invoice["next_retry_at"])


def test_an_authority_that_is_away_has_nothing(api, unit, zatca):
    zatca.stop()
    try:
        response = api.post(URL, standard())
    finally:
        zatca.start()

    assert (response.status_code, response.json()["error"]["code"]) == (500, "zatca_unavailable")
    assert Invoice.objects.get().attempts.get().reached == "NO"


def test_a_rejected_answer_has_its_verdict_and_so_is_2xx(api, unit, zatca):
    zatca.control.script("S-1", delivery=1, fault="reject", code="BR-KSA-40", message="No.")

    response = api.post(URL, simplified())

    answer = response.json()
    assert (response.status_code, answer["success"], answer["status"]) == (201, False, "REJECTED")
    assert (answer["zatca_status"], answer["clearance"]) == ("NOT_REPORTED", None)
    assert answer["processed_at"] is not None
    assert [(e["code"], e["source"]) for e in answer["errors"]] == [("BR-KSA-40", "zatca")]
