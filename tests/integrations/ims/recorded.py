"""A server on a socket that speaks IMS's answers, and the calls of the recorded messages."""

import datetime as dt
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from lxml import etree

from integrations.ims import (
    Call,
    Credentials,
    IMSClient,
    Insured,
    Location,
    Procedures,
    Quote,
    QuoteDetail,
    Submission,
    TokenCache,
)
from tests.invoicing.zatca.faulty import Behaviour, Server, http, serving

PASSWORD = "Zm9yLWV4YW1wbGUtb25seQ=="
CREDENTIALS = Credentials("triton.bridge", PASSWORD)
TOKEN = "7d0c1c52-5e0a-4f0e-9a55-0b6d3c0f1a01"
USER = UUID("a1f5b0de-17a4-4c69-8a44-6a6d5f1f1b02")
INSURED = UUID("3b9c7e10-2f41-4f3e-8d6b-5a1e6f2c3d03")
SUBMISSION = UUID("5e4d3c2b-1a09-4877-a655-443322110005")
QUOTE = UUID("9f8e7d6c-5b4a-4392-8170-0f1e2d3c4b06")
OPTION = UUID("1c2d3e4f-5a6b-4c7d-8e9f-0a1b2c3d4e07")
CONTACT = UUID("d4c3b2a1-0f1e-4d2c-8b3a-495867768508")
PLACE = UUID("e5d4c3b2-a190-4f8e-9d7c-6b5a49382709")
UNDERWRITER = UUID("b7a69584-7362-4150-9f3e-2d1c0b1a290a")
OFFICE = UUID("0a9b8c7d-6e5f-4041-9232-23140516270b")
COMPANY = UUID("f1e2d3c4-b5a6-4798-8897-a6b5c4d3e20c")
LINE = UUID("2468ace0-1357-49bd-8ace-02468ace130d")
CANCELLED = UUID("4a392817-0605-44f3-92e1-d0cfbeadac10")
NAME = "Lakeshore Home Care LLC"
POLICY = "SPG0001042-2561"
TRITON_ID = "5b1f7f0a-6f0e-4d0f-8a0e-1f5d6f3b2c11"
FEBRUARY = dt.date(2026, 2, 1)

ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/'
    'soap/envelope/"><soap:Body>{}</soap:Body></soap:Envelope>'
)
LOGIN = ENVELOPE.format(
    '<LoginIMSUserResponse xmlns="http://tempuri.org/IMSWebServices/Logon"><LoginIMSUserResult>'
    f"<UserGuid>{USER}</UserGuid><Token>{TOKEN}</Token>"
    "</LoginIMSUserResult></LoginIMSUserResponse>"
)
# Answers are found by operation: one for all calls, or one after the other.
Answer = bytes | Behaviour | list


def soap(operation: str, result: str | None = None, service: str = "QuoteFunctions") -> bytes:
    """The 200 answer with this result's inner XML; without one, the empty answer."""
    inner = "" if result is None else f"<{operation}Result>{result}</{operation}Result>"
    namespace = f"http://tempuri.org/IMSWebServices/{service}"
    body = f'<{operation}Response xmlns="{namespace}">{inner}</{operation}Response>'
    return http("200 OK", ENVELOPE.format(body).encode(), "Content-Type: text/xml")


def fault(sentence: str, kind: str = "System.Exception") -> bytes:
    """The 500 answer as .NET words it."""
    root = etree.fromstring(ENVELOPE.format("").encode())
    body = root[0]
    holder = etree.SubElement(body, f"{{{root.nsmap['soap']}}}Fault")
    etree.SubElement(holder, "faultcode").text = "soap:Server"
    etree.SubElement(holder, "faultstring").text = (
        "System.Web.Services.Protocols.SoapException: Server was unable to process request. ---> "
        f"{kind}: {sentence}\n   at Some.Method() in C:\\build\\a.cs:line 7\n"
        "   --- End of inner exception stack trace ---"
    )
    return http("500 Internal Server Error", etree.tostring(root), "Content-Type: text/xml")


@contextmanager
def ims(**answers: Answer) -> Iterator[tuple[IMSClient, Server, list[Call]]]:
    """A client of a server that answers so; a login is answered unless told otherwise."""
    known = {"LoginIMSUser": http("200 OK", LOGIN.encode())} | answers
    journal: list[Call] = []

    def behave(connection: socket.socket, request: bytes) -> None:
        answer = known[operation_of(request)]
        if isinstance(answer, list):
            answer = answer.pop(0)
        if callable(answer):
            answer(connection, request)
        else:
            connection.sendall(answer)

    with serving(behave) as server:
        yield client_of(server, journal), server, journal


def client_of(server: Server, journal: list[Call] | None = None, **settings) -> IMSClient:
    settings = {"context": "triton-bridge", "tokens": TokenCache()} | settings
    heard = journal.append if journal is not None else None
    return IMSClient(f"{server.url}/ims/", CREDENTIALS, journal=heard, **settings)


def operation_of(request: bytes) -> str:
    return re.search(rb'SOAPAction: "[^"]+/(\w+)"', request)[1].decode()


def operations(server: Server) -> list[str]:
    return [operation_of(request) for request in server.requests]


def body_of(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def canonical(body: bytes) -> bytes:
    """Canonical XML without the blanks between elements."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    return etree.tostring(etree.fromstring(body, parser), method="c14n")


# --- The recorded messages: what is called, and what it answers -----------------------------------

GONE_IN = Submission(INSURED, CONTACT, PLACE, UNDERWRITER, dt.date(2026, 1, 12))
QUOTED = Quote(
    quoting_location=OFFICE,
    issuing_location=OFFICE,
    company_location=COMPANY,
    line=LINE,
    state="MI",
    producer_contact=CONTACT,
    underwriter=UNDERWRITER,
    effective=FEBRUARY,
    expiration=dt.date(2027, 2, 1),
    tags=(f"TRITON:transaction_id={TRITON_ID}", "TRITON:opportunity_id=160042"),
)


DETAILED = replace(QUOTED, detail=QuoteDetail(Decimal("0.30"), Decimal("0.20")))
SUBMITTED = replace(QUOTED, submission=SUBMISSION)

Made = Callable[[IMSClient], object]
OPERATIONS: dict[str, Made] = {
    "InsuredFunctions/FindInsuredByName": lambda c: c.find_insured(
        NAME, city="Muskegon", state="MI", zip_code="49440"
    ),
    "InsuredFunctions/GetInsured": lambda c: c.get_insured(INSURED).text("NameOnPolicy"),
    "InsuredFunctions/HasSubmissions": lambda c: c.has_submissions(INSURED),
    "InsuredFunctions/GetInsuredPolicyInfo": lambda c: [
        row.guid("QuoteGuid") for row in c.insured_policies(INSURED)
    ],
    "InsuredFunctions/AddInsuredWithLocation": lambda c: c.add_insured_with_location(
        Insured(NAME),
        Location(NAME, "410 Terrace Street", "Muskegon", "MI", "49440", address_2="Suite 2"),
    ),
    "ProducerFunctions/ProducerSearch": lambda c: [
        row.guid("ProducerLocationGuid") for row in c.search_producers("Harbor Wholesale")
    ],
    "ProducerFunctions/ProducerClearance": lambda c: c.producer_contacts("pat.reed@example.com"),
    "ProducerFunctions/GetProducerUnderwriter": lambda c: c.producer_underwriter(CONTACT, LINE),
    "ProducerFunctions/GetProducerInfoByContact": lambda c: c.producer_of_contact(CONTACT).guid(
        "ProducerLocationGuid"
    ),
    "QuoteFunctions/AddSubmission": lambda c: c.add_submission(GONE_IN),
    "QuoteFunctions/AddQuoteWithAutocalculateDetailsQuote": lambda c: (
        c.add_quote_with_calculated_details(SUBMITTED)
    ),
    "QuoteFunctions/AddQuoteWithSubmission": lambda c: c.add_quote_with_submission(
        GONE_IN, DETAILED
    ),
    "QuoteFunctions/GetSubmissionGroupGuidFromQuoteGuid": lambda c: c.submission_of_quote(QUOTE),
    "QuoteFunctions/AutoAddQuoteOptions": lambda c: [
        (o.option, o.line, o.line_name) for o in c.auto_add_quote_options(QUOTE)
    ],
    "QuoteFunctions/AddQuoteOption": lambda c: c.add_quote_option(QUOTE, LINE),
    "QuoteFunctions/AddPremium": lambda c: c.add_premium(
        OPTION, Decimal("5000.00"), charge_code=1001
    ),
    "QuoteFunctions/UpdateExternalQuoteId": lambda c: c.update_external_quote_id(
        QUOTE, TRITON_ID, "TRITON"
    ),
    "QuoteFunctions/UpdateQuoteStatusWithReason": lambda c: c.update_quote_status(QUOTE, 1),
    "QuoteFunctions/BindQuote": lambda c: c.bind(QUOTE),
    "QuoteFunctions/BindQuoteWithInstallment": lambda c: c.bind_with_installment(QUOTE),
    "QuoteFunctions/IssuePolicy": lambda c: c.issue(QUOTE).isoformat(),
    "QuoteFunctions/GetControlNumber": lambda c: c.control_number(QUOTE),
    "QuoteFunctions/ValidateControlNumber": lambda c: c.quote_of_control_number(495187),
    "QuoteFunctions/GetPolicyInformation": lambda c: c.policy_information(QUOTE)["PolicyNumber"],
    "QuoteFunctions/ProRata": lambda c: c.pro_rata(
        FEBRUARY, dt.date(2027, 2, 1), dt.date(2026, 8, 1)
    ),
    "DataAccess/ValidCompanyLinesXml": lambda c: c.execute_command(
        "ValidCompanyLinesXml", {"programCode": "TRTON"}
    )[:19],
    "InvoiceFactory/GenerateInvoiceAsPDF": lambda c: c.invoice_pdf(286201)[:8],
    "InvoiceFactory/AddPolicyPayment": lambda c: c.add_policy_payment(
        286201, Decimal("4250.00"), check_number="CHK-1001", comments="via bridge"
    ),
}
RESULTS: dict[str, object] = {
    "InsuredFunctions/FindInsuredByName": INSURED,
    "InsuredFunctions/GetInsured": NAME,
    "InsuredFunctions/HasSubmissions": True,
    "InsuredFunctions/GetInsuredPolicyInfo": [QUOTE],
    "InsuredFunctions/AddInsuredWithLocation": INSURED,
    "ProducerFunctions/ProducerSearch": [PLACE],
    "ProducerFunctions/ProducerClearance": (CONTACT,),
    "ProducerFunctions/GetProducerUnderwriter": UNDERWRITER,
    "ProducerFunctions/GetProducerInfoByContact": PLACE,
    "QuoteFunctions/AddSubmission": SUBMISSION,
    "QuoteFunctions/AddQuoteWithAutocalculateDetailsQuote": QUOTE,
    "QuoteFunctions/AddQuoteWithSubmission": QUOTE,
    "QuoteFunctions/GetSubmissionGroupGuidFromQuoteGuid": SUBMISSION,
    "QuoteFunctions/AutoAddQuoteOptions": [(OPTION, LINE, "AHC Primary")],
    "QuoteFunctions/AddQuoteOption": OPTION,
    "QuoteFunctions/AddPremium": None,
    "QuoteFunctions/UpdateExternalQuoteId": None,
    "QuoteFunctions/UpdateQuoteStatusWithReason": True,
    "QuoteFunctions/BindQuote": POLICY,
    "QuoteFunctions/BindQuoteWithInstallment": POLICY,
    "QuoteFunctions/IssuePolicy": "2026-01-12T10:41:07.120000-06:00",
    "QuoteFunctions/GetControlNumber": 495187,
    "QuoteFunctions/ValidateControlNumber": QUOTE,
    "QuoteFunctions/GetPolicyInformation": POLICY,
    "QuoteFunctions/ProRata": Decimal("0.504"),
    "DataAccess/ValidCompanyLinesXml": "<ValidCompanyLines>",
    "InvoiceFactory/GenerateInvoiceAsPDF": b"%PDF-1.4",
    "InvoiceFactory/AddPolicyPayment": True,
}
PAYLOAD = (
    f'{{"transaction_id":"{TRITON_ID}","transaction_type":"bind","insured_name":"{NAME} & Sons"}}'
)
PROCEDURES: dict[str, Callable[[Procedures], object]] = {
    "getProducerGuid": lambda p: p.producer(email="pat.reed@example.com", name="Pat Reed"),
    "getUserbyName": lambda p: p.user("Casey Morgan"),
    "spStoreTritonTransaction": lambda p: _stored(p).message,
    "spStoreTritonTransaction.duplicate": lambda p: (_stored(p).accepted, _stored(p).warned),
    "spGetQuoteByOpportunityID": lambda p: _facts(p.quote_by_opportunity(160042)),
    "spGetQuoteByOpportunityID.none": lambda p: p.quote_by_opportunity(999),
    "spGetQuoteByPolicyNumber": lambda p: _facts(p.quote_by_policy_number(POLICY)),
    "spCheckQuoteBoundStatus": lambda p: _facts(p.bound_status(QUOTE)),
    "spGetLatestQuoteByOpportunityID": lambda p: _facts(p.latest_quote(160042)),
    "spGetPolicyPremiumTotal": lambda p: p.premium_total(495187).total,
    "spProcessTritonPayload": lambda p: p.process_payload(
        quote=QUOTE,
        option=OPTION,
        payload='{"transaction_type":"bind","gross_premium":5000,"policy_fee":250}',
    ).row["AutoFeeStatus"],
    "spProcessTritonPayload.error": lambda p: (
        p.process_payload(quote=QUOTE, option=OPTION, payload="{}").fault.code
    ),
    "Triton_ProcessFlatEndorsement": lambda p: p.endorse(
        opportunity_id=160042,
        premium=Decimal("100.00"),
        effective=dt.date(2026, 4, 1),
        comment="Add location",
        user=USER,
        midterm_endt_id=6346,
        producer_email="pat.reed@example.com",
        producer_name="Pat Reed",
    ).row.guid("NewQuoteGuid"),
    "Triton_ProcessFlatCancellation": lambda p: p.cancel(
        opportunity_id=160042,
        date=FEBRUARY,
        return_premium=Decimal("5000.00"),
        reason="Insured request",
        user=USER,
        policy_effective=FEBRUARY,
        market_segment_code="WL",
        policy_fee=Decimal("250"),
    ).row.guid("NewQuoteGuid"),
    "Triton_ProcessFlatReinstatement": lambda p: (
        p.reinstate(opportunity_id=160042, comment="Paid in full", user=USER).accepted
    ),
    "Triton_UnbindPolicy": lambda p: p.unbind(quote=QUOTE, user=USER).accepted,
    "Triton_UnbindPolicy.notbound": lambda p: p.unbind(quote=QUOTE, user=USER).fault.code,
    "ryan_rptInvoice": lambda p: (lambda i: (i.number, i.office_number))(p.invoice(quote=QUOTE)),
}


def _facts(found) -> tuple:
    return found.quote, found.status, found.policy_number, found.is_bound


def _stored(procedures: Procedures):
    return procedures.store_transaction(
        transaction_id=TRITON_ID,
        payload=PAYLOAD,
        opportunity_id=160042,
        policy_number=POLICY,
        insured_name=f"{NAME} & Sons",
        transaction_type="bind",
        transaction_date=dt.datetime(2026, 1, 12, 16, 40, tzinfo=dt.UTC),
    )


def message(reference: Path, stem: str, kind: str) -> bytes:
    return (reference / "ims" / "soap" / f"{stem}.{kind}.xml").read_bytes()
