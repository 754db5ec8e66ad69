"""The outcome table, row by row, with answers in the authority's documented shapes."""

import json
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.transport import Event, Reached
from invoicing.zatca.answers import MAX_RETRY_AFTER
from invoicing.zatca.client import Answer, Call
from invoicing.zatca.outcomes import OUTCOMES, SENTENCES, judge_answer

NOW = datetime(2026, 3, 14, 6, 0, tzinfo=UTC)
CLEARED_XML = b"<Invoice/>"


def body(word=None, *, call=Call.REPORTING, errors=(), warnings=(), cleared=None, **more):
    document = {
        "validationResults": {
            "infoMessages": {"type": "INFO", "code": "XSD_ZATCA_VALID", "status": "PASS"},
            "warningMessages": [message(code) for code in warnings],
            "errorMessages": [message(code) for code in errors],
            "status": "ERROR" if errors else "PASS",
        },
        "clearanceStatus" if call is Call.CLEARANCE else "reportingStatus": word,
        "clearedInvoice": b64encode(cleared).decode() if cleared else None,
    }
    return json.dumps(document | more).encode()


def message(code):
    return {"type": "ERROR", "code": code, "category": None, "message": f"about {code}"}


def answer(call, status, content=b"", event=Event.NONE, **headers):
    reached = Reached.YES if event is Event.NONE else Reached.MAYBE
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(call, status, content, names, event, reached, 0.5)


R, C, K = Call.REPORTING, Call.CLEARANCE, Call.COMPLIANCE
DUPLICATE = body("NOT_REPORTED", errors=("Duplicate-Invoice",))
UNKNOWN = ("FAILED", "UNKNOWN", "UNKNOWN_OUTCOME", "MAYBE", "resend", "zatca_unreadable")
UNAVAILABLE = (*UNKNOWN[:5], "zatca_unavailable")

ROWS = [
    # accepted
    (R, 200, body("REPORTED"), ("CLEARED", "REPORTED", "", "YES", "done", "")),
    (R, 202, body("REPORTED"), ("CLEARED", "REPORTED_WITH_WARNINGS", "", "YES", "done", "")),
    (
        R,
        200,
        body("REPORTED", warnings=("BR-KSA-98",)),
        ("CLEARED", "REPORTED_WITH_WARNINGS", "", "YES", "done", ""),
    ),
    (
        C,
        200,
        body("CLEARED", call=C, cleared=CLEARED_XML),
        ("CLEARED", "CLEARED", "", "YES", "done", ""),
    ),
    (
        C,
        202,
        body("CLEARED", call=C, cleared=CLEARED_XML),
        ("CLEARED", "CLEARED_WITH_WARNINGS", "", "YES", "done", ""),
    ),
    (K, 200, body("REPORTED"), ("CLEARED", "REPORTED", "", "YES", "done", "")),
    (K, 200, body("CLEARED", call=C), ("CLEARED", "CLEARED", "", "YES", "done", "")),
    (K, 202, body("CLEARED", call=C), ("CLEARED", "CLEARED_WITH_WARNINGS", "", "YES", "done", "")),
    # the same hash again
    (R, 409, DUPLICATE, ("CLEARED", "REPORTED", "", "YES", "done", "")),
    (R, 409, body("REPORTED_SUCCESSFULLY_EARLIER"), ("CLEARED", "REPORTED", "", "YES", "done", "")),
    (R, 208, body("REPORTED"), ("CLEARED", "REPORTED", "", "YES", "done", "")),
    (
        C,
        208,
        body("CLEARED", call=C, cleared=CLEARED_XML, warnings=("Duplicate-Invoice",)),
        ("CLEARED", "CLEARED", "", "YES", "done", ""),
    ),
    # refused
    (
        R,
        400,
        body("NOT_REPORTED", errors=("BR-KSA-37",)),
        ("REJECTED", "NOT_REPORTED", "PERMANENT", "YES", "revise", "zatca_rejected"),
    ),
    (
        C,
        400,
        body("NOT_CLEARED", call=C, errors=("invalid-invoice-hash",)),
        ("REJECTED", "NOT_CLEARED", "PERMANENT", "YES", "revise", "zatca_rejected"),
    ),
    (
        R,
        400,
        b'{"code": "Invalid-Request", "message": "uuid"}',
        ("REJECTED", "NOT_REPORTED", "PERMANENT", "YES", "revise", "zatca_rejected"),
    ),
    # not taken
    (
        C,
        303,
        b"{}",
        ("FAILED", "UNKNOWN", "TRANSIENT", "NO", "report_instead", "clearance_switched_off"),
    ),
    (R, 401, b"", ("FAILED", "UNKNOWN", "CREDENTIAL", "NO", "pause_unit", "credential_rejected")),
    (C, 403, b"", ("FAILED", "UNKNOWN", "CREDENTIAL", "NO", "pause_unit", "credential_rejected")),
    (R, 404, b"", ("FAILED", "UNKNOWN", "CONFIGURATION", "NO", "alarm", "zatca_not_understood")),
    (
        R,
        406,
        b"This Version is not supported",
        ("FAILED", "UNKNOWN", "CONFIGURATION", "NO", "alarm", "zatca_not_understood"),
    ),
    (R, 413, b"", ("FAILED", "UNKNOWN", "PERMANENT", "NO", "park", "document_too_large")),
    (R, 429, b"", ("FAILED", "UNKNOWN", "TRANSIENT", "NO", "resend", "zatca_throttled")),
    # nobody knows
    (R, 500, b"", UNAVAILABLE),
    (C, 502, b"<html>Bad Gateway</html>", UNAVAILABLE),
    (R, 503, b"", UNAVAILABLE),
    (C, 504, b"", UNAVAILABLE),
    (R, 500, body("REPORTED"), UNAVAILABLE),
    (R, 200, b"<html>OK</html>", UNKNOWN),
    (R, 200, b"", UNKNOWN),
    (R, 200, b"{}", UNKNOWN),
    (R, 200, body("ACCEPTED"), UNKNOWN),
    (R, 200, body("NOT_REPORTED"), UNKNOWN),
    (R, 200, body("REPORTED", errors=("BR-KSA-37",)), UNKNOWN),
    (R, 200, body("CLEARED", call=C), UNKNOWN),
    (C, 200, body("REPORTED"), UNKNOWN),
    (C, 200, body("CLEARED", call=C), UNKNOWN),
    (C, 200, body("CLEARED", call=C, clearedInvoice="not base64!"), UNKNOWN),
    (C, 208, body("NOT_CLEARED", call=C), UNKNOWN),
    (R, 409, b"", UNKNOWN),
    (R, 409, body("NOT_REPORTED"), UNKNOWN),
    (R, 303, b"", UNKNOWN),
    (R, 302, b"", UNKNOWN),
    (R, 400, b"<html>Bad Request</html>", UNKNOWN),
    (R, 400, b"", UNKNOWN),
    (R, 400, body("REPORTED"), UNKNOWN),
    (R, 400, DUPLICATE, UNKNOWN),
    (R, 418, b"", UNKNOWN),
    (R, 201, body("REPORTED"), UNKNOWN),
]


@pytest.mark.parametrize(("call", "status", "content", "expected"), ROWS)
def test_a_whole_answer(call, status, content, expected):
    outcome = judge_answer(answer(call, status, content), now=NOW)

    found = (
        outcome.status,
        outcome.zatca_status,
        outcome.failure_class,
        outcome.reached,
        outcome.next,
        outcome.code,
    )
    assert found == expected


@pytest.mark.parametrize(
    ("event", "failure_class", "reached", "then", "code"),
    [
        (Event.CONNECT_FAILED, "TRANSIENT", "NO", "resend", "zatca_unavailable"),
        (Event.TLS_FAILED, "CONFIGURATION", "NO", "alarm", "zatca_tls_failed"),
        (Event.TIMEOUT, "UNKNOWN_OUTCOME", "MAYBE", "resend", "zatca_timeout"),
        (Event.RESET, "UNKNOWN_OUTCOME", "MAYBE", "resend", "zatca_unavailable"),
        (Event.TRUNCATED, "UNKNOWN_OUTCOME", "MAYBE", "resend", "zatca_unreadable"),
        (Event.TOO_LARGE, "UNKNOWN_OUTCOME", "MAYBE", "resend", "zatca_unreadable"),
        (Event.MALFORMED, "UNKNOWN_OUTCOME", "MAYBE", "resend", "zatca_unreadable"),
    ],
)
def test_an_exchange_that_broke(event, failure_class, reached, then, code):
    # Whatever had arrived by then does not count, not even a whole acceptance.
    outcome = judge_answer(answer(R, 200, body("REPORTED"), event), now=NOW)

    assert (outcome.status, outcome.zatca_status) == ("FAILED", "UNKNOWN")
    assert (outcome.failure_class, outcome.reached) == (failure_class, reached)
    assert (outcome.next, outcome.code) == (then, code)


def test_every_row_is_reached_and_has_its_sentences():
    rows = {row.name for row in OUTCOMES}

    assert rows == set(SENTENCES)
    assert all(english and arabic for english, arabic in SENTENCES.values())
    assert {event for row in OUTCOMES for event in row.events} == set(Event)


def test_the_cleared_document_comes_along():
    content = body("CLEARED", call=C, cleared=CLEARED_XML)

    assert judge_answer(answer(C, 200, content)).cleared_xml == CLEARED_XML
    assert judge_answer(answer(C, 500, content)).cleared_xml is None


@pytest.mark.parametrize(
    "content",
    [
        body("NOT_REPORTED", errors=("BR-1", "BR-2")),
        json.dumps(
            {"reportingStatus": "NOT_REPORTED", "errorMessages": [message("BR-1"), message("BR-2")]}
        ).encode(),
        json.dumps(
            {"reportingStatus": "NOT_REPORTED", "errors": [message("BR-1"), message("BR-2")]}
        ).encode(),
    ],
)
def test_errors_are_found_wherever_they_stand(content):
    outcome = judge_answer(answer(R, 400, content))

    assert [item.code for item in outcome.errors] == ["BR-1", "BR-2"]
    assert outcome.errors[0].message == "about BR-1"
    assert outcome.errors[0].category == ""


def test_texts_are_made_fit_for_any_database():
    content = b'{"reportingStatus": "NOT_REPORTED", "errors": ["a\\u0000b \\ud800", null, 7]}'

    outcome = judge_answer(answer(R, 400, content))

    assert [item.message for item in outcome.errors] == ["ab ?"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("0", 0),
        ("999999999999999999", MAX_RETRY_AFTER),
        ("Sat, 14 Mar 2026 06:00:30 GMT", 30),
        ("Sat, 14 Mar 2026 05:00:00 GMT", 0),
        ("Sun, 15 Mar 2026 06:00:00 GMT", MAX_RETRY_AFTER),
        ("soon", None),
        ("-5", None),
        ("٣", None),
        ("1.5", None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(header, seconds):
    got = judge_answer(answer(R, 429, Retry_After=header), now=NOW)

    assert got.retry_after == seconds


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["REPORTED", "CLEARED", "NOT_REPORTED", "Duplicate"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "validationResults",
                    "reportingStatus",
                    "clearanceStatus",
                    "clearedInvoice",
                    "errors",
                    "errorMessages",
                    "warningMessages",
                    "code",
                    "message",
                    "category",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
BODIES = (
    st.binary(max_size=80)
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.sampled_from([b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"1" * 5000, b'"\\ud800"'])
)


@given(
    st.sampled_from(Call),
    st.none() | st.integers(100, 599),
    BODIES,
    st.sampled_from(Event),
    st.text(max_size=30),
)
def test_nothing_raises_and_nothing_unknown_is_accepted(call, status, content, event, header):
    outcome = judge_answer(answer(call, status, content, event, Retry_After=header), now=NOW)

    if outcome.status == "CLEARED":
        word = b"CLEARED" if call is Call.CLEARANCE else b"REPORTED"
        assert status in (200, 202, 208, 409)
        assert word in content.upper() or b"DUPLICATE" in content.upper() or call is Call.COMPLIANCE
