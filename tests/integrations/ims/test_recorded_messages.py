"""Every recorded message of IMS: we send the same canonical XML and read what it answers."""

from decimal import Decimal

import pytest

from integrations.ims import Procedures, Producer
from tests.integrations.ims.recorded import (
    CANCELLED,
    CONTACT,
    OPERATIONS,
    PLACE,
    POLICY,
    PROCEDURES,
    QUOTE,
    RESULTS,
    UNDERWRITER,
    body_of,
    canonical,
    ims,
    message,
)
from tests.invoicing.zatca.faulty import http

ANSWERS = {
    "getProducerGuid": Producer(CONTACT, PLACE),
    "getUserbyName": UNDERWRITER,
    "spStoreTritonTransaction": "Transaction stored successfully",
    "spStoreTritonTransaction.duplicate": (True, True),
    "spGetQuoteByOpportunityID": (QUOTE, 1, POLICY, False),
    "spGetQuoteByOpportunityID.none": None,
    "spGetQuoteByPolicyNumber": (QUOTE, 3, POLICY, None),
    "spCheckQuoteBoundStatus": (QUOTE, 3, POLICY, True),
    "spGetLatestQuoteByOpportunityID": (QUOTE, 3, POLICY, None),
    "spGetPolicyPremiumTotal": Decimal("5000.00"),
    "spProcessTritonPayload": "Skipped - WL market segment (wholesale)",
    "spProcessTritonPayload.error": "conversion",
    "Triton_ProcessFlatCancellation": CANCELLED,
    "Triton_ProcessFlatReinstatement": True,
    "Triton_UnbindPolicy": True,
    "Triton_UnbindPolicy.notbound": "already_unbound",
    "ryan_rptInvoice": (286201, 261),
}
# Requests recorded with fewer parameters than ours; their answers count.
ABRIDGED = {"Triton_UnbindPolicy.notbound"}


def test_every_operation_sends_and_reads_what_was_recorded(reference):
    for stem, made in OPERATIONS.items():
        name = "ExecuteCommand" if stem.startswith("DataAccess") else stem.partition("/")[2]
        answer = http("200 OK", message(reference, stem, "response"))
        with ims(**{name: answer}) as (client, server, _):
            assert made(client) == RESULTS[stem], stem
        sent = body_of(server.requests[-1])
        assert canonical(sent) == canonical(message(reference, stem, "request")), stem


def test_every_procedure_sends_and_reads_what_was_recorded(reference):
    for stem, made in PROCEDURES.items():
        answer = http("200 OK", message(reference, f"DataAccess/{stem}", "response"))
        with ims(ExecuteDataSet=answer) as (client, server, _):
            got = made(Procedures(client))
        if stem in ANSWERS:
            assert got == ANSWERS[stem], stem
        if stem in ABRIDGED:
            continue
        sent = body_of(server.requests[-1])
        recorded = message(reference, f"DataAccess/{stem}", "request")
        assert canonical(sent) == canonical(recorded), stem


def test_the_login_is_what_was_recorded(reference):
    request = message(reference, "Logon/LoginIMSUser", "request")
    with ims(LoginIMSUser=http("200 OK", message(reference, "Logon/LoginIMSUser", "response"))) as (
        client,
        server,
        _,
    ):
        assert str(client.login().user_guid) == "a1f5b0de-17a4-4c69-8a44-6a6d5f1f1b02"
    assert canonical(body_of(server.requests[0])) == canonical(request)
    assert (
        b'SOAPAction: "http://tempuri.org/IMSWebServices/Logon/LoginIMSUser"' in server.requests[0]
    )
    assert server.requests[0].startswith(b"POST /ims/logon.asmx ")


@pytest.mark.parametrize("stem", ["FindInsuredByName.none"])
def test_the_zero_guid_is_nobody(reference, stem):
    answer = http("200 OK", message(reference, f"InsuredFunctions/{stem}", "response"))
    with ims(FindInsuredByName=answer) as (client, _, _):
        assert client.find_insured("Nobody") is None
