"""Every row of the fault table, against its recorded sentence and the official examples."""

import json
from pathlib import Path

import pytest

from integrations.ims import (
    FAULTS,
    FaultKind,
    Outcome,
    OutcomeUnknown,
    Procedures,
    Refused,
    TokenRefused,
    classify,
    normalised,
)
from integrations.ims.dataset import read_data_set, read_verdict
from integrations.ims.faults import read_faultstring
from tests.integrations.ims.recorded import OPTION, QUOTE, fault, ims
from tests.invoicing.zatca.faulty import http

RECORDED = json.loads(
    (Path(__file__).parents[2] / "recordings" / "ims" / "faults.json").read_text()
)
OFFICIAL = {
    "QuoteFunctions/IssuePolicy.unbound": "unbound_policy",
    "QuoteFunctions/BindQuote.backdate": "backdate_allowance",
    "QuoteFunctions/BindQuote.producerline": "producer_line_setup",
    "QuoteFunctions/BindQuote.installment": "installment_billing",
    "DataAccess/ryan_rptInvoice.noinvoice": "invoice_not_yet",
    "DataAccess/ExecuteDataSet.oddparams": "odd_parameters",
}
DONE_FOR_GOOD = {FaultKind.BUSINESS, FaultKind.SETUP, FaultKind.ALREADY_DONE, FaultKind.NOT_YET}


def test_every_row_has_its_recorded_sentence():
    assert [case["code"] for case in RECORDED] == [row.code for row in FAULTS]
    for case, row in zip(RECORDED, FAULTS, strict=True):
        read = classify(case["text"])
        assert (read.code, read.kind, read.text) == (row.code, row.kind, case["text"])


def test_a_fault_is_refused_or_unknown_as_its_row_says():
    for case, row in zip(RECORDED, FAULTS, strict=True):
        if case.get("in") == "message" or row.kind is FaultKind.AUTH:
            continue
        kind = Refused if row.kind in DONE_FOR_GOOD else OutcomeUnknown
        with (
            ims(BindQuote=fault(case["text"], "System.Data.SqlClient.SqlException")) as (
                client,
                *_,
            ),
            pytest.raises(kind) as caught,
        ):
            client.bind(QUOTE)
        error = caught.value
        assert (str(error), error.code, error.http_status) == (case["text"], row.code, 500)
        assert error.fault.exception == "System.Data.SqlClient.SqlException"


def test_a_message_of_a_procedure_is_judged_by_the_same_table():
    for case, row in zip(RECORDED, FAULTS, strict=True):
        if case.get("in") != "message":
            continue
        text = (
            f"<Results><Table><Result>0</Result><Message>{case['text']}</Message></Table></Results>"
        )
        answer = read_verdict(read_data_set(text))
        assert (answer.accepted, answer.fault.code, answer.fault.kind) == (
            False,
            row.code,
            row.kind,
        )


def test_the_official_faults(reference):
    for stem, code in OFFICIAL.items():
        body = (reference / "ims" / "soap" / f"{stem}.fault.xml").read_bytes()
        with (
            ims(IssuePolicy=http("500 Internal Server Error", body)) as (client, *_),
            pytest.raises(Refused) as caught,
        ):
            client.issue(QUOTE)
        assert caught.value.code == code
        assert "\n" not in str(caught.value)
        assert "Example.Method" not in str(caught.value)
    token = (reference / "ims" / "soap" / "faults" / "Token.invalid.fault.xml").read_bytes()
    with (
        ims(IssuePolicy=http("500 Internal Server Error", token)) as (client, *_),
        pytest.raises(TokenRefused),
    ):
        client.issue(QUOTE)


def test_the_official_page_of_a_dead_server(reference):
    page = (reference / "ims" / "soap" / "faults" / "iis-503.html").read_bytes()
    with (
        ims(IssuePolicy=http("503 Service Unavailable", page)) as (client, *_),
        pytest.raises(OutcomeUnknown) as caught,
    ):
        client.issue(QUOTE)
    assert (caught.value.code, caught.value.http_status) == ("ims_unavailable", 503)


def test_an_invoice_that_is_not_there_yet_is_none_and_every_other_refusal_is_raised():
    with ims(ExecuteDataSet=fault("No invoice found for the provided QuoteGuid")) as (client, *_):
        assert Procedures(client).invoice(quote=QUOTE) is None
    with (
        ims(ExecuteDataSet=fault("Could not find stored procedure 'x'")) as (client, *_),
        pytest.raises(Refused) as caught,
    ):
        Procedures(client).invoice(quote=QUOTE)
    assert (caught.value.code, caught.value.operation) == ("missing_procedure", "ryan_rptInvoice")


def test_the_sentence_is_that_of_the_innermost_exception():
    text = (
        "System.Web.Services.Protocols.SoapException: Server was unable to process request. "
        "---> System.InvalidOperationException: outer ---> A.B.QuoteException: Invalid OptionID\r\n"
        "   at Some.Method()\r\n   --- End of inner exception stack trace ---\r\n   at Other()"
    )
    read = read_faultstring(text)
    assert (read.text, read.exception, read.code) == (
        "Invalid OptionID",
        "A.B.QuoteException",
        "invalid_option",
    )
    plain = read_faultstring("something nobody has seen")
    assert (plain.text, plain.kind) == ("something nobody has seen", FaultKind.UNRECOGNISED)
    assert Outcome.UNKNOWN is OutcomeUnknown.outcome


def test_a_group_forgets_what_differs():
    one = f"Quote {QUOTE} of 'Acme' is 21 days  late, $5,000.00 on 02/01/2026"
    two = f"Quote {OPTION} of 'Bird' is 3 days late, $7.00 on 12/31/2026"
    group = "Quote <guid> of <text> is <n> days late, <n> on <n>"
    assert normalised(one) == normalised(two) == group
