"""What a broken exchange says of what IMS did, on real sockets, and how often IMS was asked."""

import time

import pytest

from integrations.ims import LoginRefused, NotSent, Outcome, OutcomeUnknown, Refused
from tests.integrations.ims.recorded import (
    CREDENTIALS,
    ENVELOPE,
    GONE_IN,
    LOGIN,
    POLICY,
    QUOTE,
    SUBMISSION,
    IMSClient,
    client_of,
    fault,
    ims,
    operations,
    soap,
)
from tests.invoicing.zatca.faulty import (
    answers,
    drips,
    endless,
    free_port,
    hangs,
    http,
    resets,
)

DEADLINE = 0.3
HTML = b"<!DOCTYPE HTML><html><body><h2>Service Unavailable</h2></body></html>"
ZERO = "00000000-0000-0000-0000-000000000000"
BOUND = soap("BindQuote", POLICY)
NOT_BOUND_BY = {
    "hangs": (hangs, "ims_timeout"),
    "trickles": (drips(BOUND), "ims_timeout"),
    "resets": (resets, "ims_reset"),
    "breaks off": (answers(BOUND[:-40]), "ims_unreadable"),
    "never ends": (endless, "ims_unreadable"),
    "is no HTTP": (answers(b"hello\r\n\r\n"), "ims_unreadable"),
    "503 HTML": (http("503 Service Unavailable", HTML), "ims_unavailable"),
    "502": (http("502 Bad Gateway"), "ims_unavailable"),
    "504": (http("504 Gateway Timeout", b"late"), "ims_unavailable"),
    "200 HTML": (http("200 OK", HTML), "ims_unreadable"),
    "empty body": (http("200 OK"), "ims_unreadable"),
    "another answer": (soap("AddQuote", QUOTE.hex), "ims_unreadable"),
    "no policy number": (soap("BindQuote", ""), "ims_unreadable"),
    "no result": (soap("BindQuote"), "ims_unreadable"),
    "a new sentence": (fault("Object reference not set to an instance"), "unrecognised"),
    "a deadlock": (fault("Transaction was chosen as the deadlock victim."), "deadlock"),
}


@pytest.mark.parametrize("how", NOT_BOUND_BY)
def test_a_bind_without_a_clear_answer_is_unknown_and_not_repeated(how):
    answer, code = NOT_BOUND_BY[how]
    with ims(BindQuote=answer) as (client, server, journal):
        client.login()
        client.deadline = DEADLINE
        client.max_bytes = 100_000
        started = time.monotonic()
        with pytest.raises(OutcomeUnknown) as caught:
            client.bind(QUOTE)
        assert time.monotonic() - started < DEADLINE + 0.5
    assert (caught.value.code, caught.value.outcome) == (code, Outcome.UNKNOWN)
    assert caught.value.operation == "BindQuote"
    assert operations(server) == ["LoginIMSUser", "BindQuote"]
    if how not in ("no policy number", "no result"):
        assert [call.outcome for call in journal] == [Outcome.DONE, Outcome.UNKNOWN]


@pytest.mark.parametrize("status", ["302 Found", "401 Unauthorized", "403 Forbidden", "404 None"])
def test_an_address_that_is_not_ims_did_nothing(status):
    elsewhere = http(status, HTML, "Location: http://127.0.0.1:1/")
    with ims(BindQuote=elsewhere) as (client, server, _), pytest.raises(Refused) as caught:
        client.bind(QUOTE)
    assert caught.value.code == "ims_wrong_address"
    assert operations(server) == ["LoginIMSUser", "BindQuote"]


def test_nobody_there_is_not_sent():
    client = IMSClient(f"http://127.0.0.1:{free_port()}", CREDENTIALS, deadline=DEADLINE)
    with pytest.raises(NotSent) as caught:
        client.bind(QUOTE)
    assert (caught.value.code, caught.value.outcome) == ("ims_unreachable", Outcome.NOT_SENT)


def test_whatever_becomes_of_the_login_the_call_is_not_sent():
    for answer, code in [
        (hangs, "ims_timeout"),
        (resets, "ims_reset"),
        (http("503 Service Unavailable", HTML), "ims_unavailable"),
        (fault("Cannot open database"), "sql_login"),
    ]:
        with ims(LoginIMSUser=answer) as (client, server, _):
            client.deadline = DEADLINE
            with pytest.raises(NotSent) as caught:
                client.bind(QUOTE)
        assert caught.value.code == code
        assert operations(server) == ["LoginIMSUser"]


def test_zero_guids_at_the_login_are_a_refusal():
    refused = LOGIN
    for guid in ("a1f5b0de-17a4-4c69-8a44-6a6d5f1f1b02", "7d0c1c52-5e0a-4f0e-9a55-0b6d3c0f1a01"):
        refused = refused.replace(guid, ZERO)
    for answer in (http("200 OK", refused.encode()), fault("Invalid login for user.")):
        with (
            ims(LoginIMSUser=answer) as (client, server, _),
            pytest.raises(LoginRefused) as caught,
        ):
            client.find_insured("Acme")
        assert caught.value.outcome is Outcome.NOT_SENT
        assert operations(server) == ["LoginIMSUser"]


def test_a_zero_guid_for_something_new_is_a_refusal():
    with (
        ims(AddSubmission=soap("AddSubmission", ZERO)) as (client, _, _),
        pytest.raises(Refused) as caught,
    ):
        client.add_submission(GONE_IN)
    assert caught.value.code == "ims_returned_nothing"


def test_a_doctype_and_an_entity_are_not_read():
    bomb = '<!DOCTYPE a [<!ENTITY b "c">]>' + ENVELOPE.partition("?>")[2].format("&b;")
    with (
        ims(BindQuote=http("200 OK", bomb.encode())) as (client, _, _),
        pytest.raises(OutcomeUnknown) as caught,
    ):
        client.bind(QUOTE)
    assert caught.value.code == "ims_unreadable"


def test_one_deadline_spans_login_call_and_repeat():
    def slowly(answer):
        def behave(connection, _request):
            time.sleep(0.2)
            connection.sendall(answer)

        return behave

    login = http("200 OK", LOGIN.encode())
    with ims(LoginIMSUser=slowly(login), AddSubmission=slowly(fault("Invalid token"))) as (
        client,
        server,
        _,
    ):
        client.deadline = 0.5
        started = time.monotonic()
        with pytest.raises(NotSent):
            client.add_submission(GONE_IN)
        assert time.monotonic() - started < 0.8
    assert operations(server) == ["LoginIMSUser", "AddSubmission", "LoginIMSUser"]


def test_a_journal_that_fails_does_not_lose_the_answer(caplog):
    with ims(AddSubmission=soap("AddSubmission", str(SUBMISSION))) as (_, server, _):
        client = client_of(server)
        client.journal = lambda call: 1 / 0
        assert client.add_submission(GONE_IN) == SUBMISSION
    assert "The journal did not take a call of AddSubmission." in caplog.text


def test_what_does_not_fit_is_not_sent():
    with ims() as (client, server, _):
        client.login()
        for call in (
            lambda: client.add_premium(QUOTE, 5000.0, charge_code=1),
            lambda: client.add_premium(QUOTE, 5000, charge_code=1),
            lambda: client.bind(""),
            lambda: client.bind("not a guid"),
            lambda: client.find_insured("Ac\0me"),
            lambda: client.call("BindQuote", {"quoteGUID": QUOTE}),
            lambda: client.call("ExecuteDataSet", {"procedureName": "x", "parameters": "a"}),
            lambda: client.update_quote_status(QUOTE, True),
            lambda: client.pro_rata("01/02/2026", None, None),
        ):
            with pytest.raises(NotSent) as caught:
                call()
            assert caught.value.code == "invalid_parameter"
        assert operations(server) == ["LoginIMSUser"]
