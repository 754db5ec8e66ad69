"""Answers that arrive, but not as they should; what is held is as if they had."""

import json

import pytest

from tests.invoicing.sandbox.taxpayer import held


def test_malformed_is_json_that_does_not_parse(authority, meet):
    seen, _ = meet("malformed")

    assert (seen.status, seen.head["Content-Type"]) == (200, "application/json")
    with pytest.raises(json.JSONDecodeError):
        json.loads(seen.body)
    assert held(authority) == ["REPORTED"]


def test_truncated_ends_halfway_in_order(authority, meet):
    seen, _ = meet("truncated")

    announced = int(seen.head["Content-Length"])
    assert (seen.end, len(seen.body)) == ("closed", announced // 2)
    assert held(authority) == ["REPORTED"]


def test_reset_midway_ends_halfway_in_disorder(authority, meet):
    seen, _ = meet("reset_midway")

    announced = int(seen.head["Content-Length"])
    assert (seen.end, len(seen.body)) == ("reset", announced // 2)
    assert held(authority) == ["REPORTED"]


def test_empty_is_200_and_nothing(authority, meet):
    seen, _ = meet("empty")

    assert (seen.status, seen.body, held(authority)) == (200, b"", ["REPORTED"])


def test_html_is_200_and_a_page(authority, meet):
    seen, _ = meet("html")

    assert (seen.status, seen.head["Content-Type"]) == (200, "text/html")
    assert held(authority) == ["REPORTED"]


def test_an_unknown_word_stands_where_the_verdict_should(authority, meet):
    reported, _ = meet("unknown_word", word="QUEUED")
    cleared, _ = meet("unknown_word", simplified=False)

    assert json.loads(reported.body)["reportingStatus"] == "QUEUED"
    assert json.loads(cleared.body)["clearanceStatus"] == "PENDING"
    assert held(authority) == ["REPORTED", "CLEARED"]


def test_a_missing_word_leaves_the_rest(authority, meet):
    seen, _ = meet("missing_word")

    assert list(json.loads(seen.body)) == ["validationResults"]
    assert held(authority) == ["REPORTED"]


def test_the_loose_shape_has_its_lists_at_the_top(meet):
    seen, _ = meet("loose_shape")

    body = json.loads(seen.body)
    assert list(body["validationResults"]) == ["infoMessages"]
    assert body["validationResults"]["infoMessages"]["code"] == "XSD_ZATCA_VALID"
    assert (body["warningMessages"], body["errorMessages"], body["status"]) == ([], [], "PASS")
    assert body["reportingStatus"] == "REPORTED"


def test_the_wrong_type_carries_the_right_body(meet):
    seen, _ = meet("wrong_type")

    assert seen.head["Content-Type"] == "text/plain"
    assert json.loads(seen.body)["reportingStatus"] == "REPORTED"


@pytest.mark.parametrize("fault", ["drip_headers", "drip_body"])
def test_a_drip_never_gets_done(authority, meet, fault):
    seen, _ = meet(fault, interval=0.1, patience=0.5)

    dripped = seen.body if fault == "drip_body" else seen.data
    assert 1 <= len(dripped) <= 6
    assert (b"\r\n\r\n" in seen.data) is (fault == "drip_body")
    assert held(authority) == ["REPORTED"]


def test_endless_goes_on_while_somebody_reads(authority, meet):
    seen, _ = meet("endless", patience=5)

    assert "Content-Length" not in seen.head
    assert len(seen.data) >= 100_000
    assert held(authority) == ["REPORTED"]


def test_huge_is_a_right_answer_that_is_too_big(authority, unit):
    document = unit.document()
    authority.control.script(document.number, delivery=1, fault="huge", bytes=3_000_000)

    answer = unit.report(document)

    assert len(answer.content) > 3_000_000
    assert answer.json()["reportingStatus"] == "REPORTED"


def test_a_duplicate_can_be_the_first_answer(authority, meet):
    reported, _ = meet("duplicate")
    cleared, _ = meet("duplicate", simplified=False)
    terse, _ = meet("duplicate_terse")

    assert (reported.status, cleared.status, terse.status) == (409, 208, 409)
    assert json.loads(reported.body)["reportingStatus"] == "NOT_REPORTED"
    assert json.loads(cleared.body)["clearedInvoice"]
    assert json.loads(terse.body)["reportingStatus"] == "REPORTED_SUCCESSFULLY_EARLIER"
    assert [row["registrations"] for row in authority.control.documents()] == [1, 1, 1]


def test_a_refused_document_has_no_duplicate(authority, unit):
    document = unit.document(vat="311111111101113")
    authority.control.script(document.number, delivery=1, fault="duplicate")

    assert unit.report(document).status_code == 400


def test_an_arranged_refusal_is_stored_as_one_and_lifted_on_the_next_delivery(authority, unit):
    document = unit.document()
    authority.control.script(
        document.number, delivery=1, fault="reject", code="BR-KSA-37", message="Four digits."
    )

    refused = unit.report(document)

    [error] = refused.json()["validationResults"]["errorMessages"]
    assert (refused.status_code, refused.json()["reportingStatus"]) == (400, "NOT_REPORTED")
    assert (error["code"], error["category"], error["message"]) == (
        "BR-KSA-37",
        "KSA",
        "Four digits.",
    )
    assert held(authority) == ["NOT_REPORTED"]
    assert unit.report(document).status_code == 200
    assert held(authority) == ["REPORTED"]


def test_an_arranged_warning_is_accepted_with_202(authority, unit):
    document = unit.document(simplified=False)
    authority.control.script(document.number, delivery=1, fault="warn")

    answer = unit.clear(document)

    assert (answer.status_code, answer.json()["clearanceStatus"]) == (202, "CLEARED")
    assert answer.json()["validationResults"]["status"] == "WARNING"
    assert authority.control.documents()[0]["codes"] == ["BR-KSA-98"]
