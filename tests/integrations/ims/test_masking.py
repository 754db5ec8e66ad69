"""No token, password or bank text leaves the package: journal, errors, reprs."""

import logging
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.ims import IMSError, Procedures, mask, mask_accounts, mask_text
from integrations.ims.masking import NAMES
from tests.integrations.ims.recorded import (
    LOGIN,
    PASSWORD,
    QUOTE,
    TOKEN,
    fault,
    ims,
    message,
    soap,
)
from tests.invoicing.zatca.faulty import answers, http

BANK = ("Example Bank", "PO Box 100")


def seen(journal) -> bytes:
    return b"".join(call.request + call.response for call in journal) + repr(journal).encode()


def test_the_journal_of_an_invoice_has_no_secret(reference, caplog):
    caplog.set_level(logging.DEBUG)
    recorded = message(reference, "DataAccess/ryan_rptInvoice", "response")
    with ims(ExecuteDataSet=http("200 OK", recorded)) as (client, _, journal):
        invoice = Procedures(client).invoice(quote=QUOTE)
    assert invoice.header["AchOrWireTransfer"] == "Bank Name: Example Bank"
    everything = seen(journal).decode()
    for secret in (TOKEN, PASSWORD, *BANK):
        assert secret not in everything
        assert secret not in caplog.text
    for stays in ("triton.bridge", "SPG0001042-2561", "286201", "<Token>***</Token>"):
        assert stays in everything
    assert [call.operation for call in journal] == ["LoginIMSUser", "ExecuteDataSet"]
    assert journal[1].procedure == "ryan_rptInvoice"


def test_a_pdf_of_an_invoice_is_left_out():
    pdf = soap("GenerateInvoiceAsPDF", "JVBERi0xLjQK", "InvoiceFactory")
    with ims(GenerateInvoiceAsPDF=pdf) as (client, _, journal):
        assert client.invoice_pdf(1) == b"%PDF-1.4\n"
    assert b"JVBERi0" not in seen(journal)


def test_an_echo_of_our_envelope_shows_nothing_either():
    echoes = [
        fault(f"Invalid OptionID in <Token>{TOKEN}</Token> of {PASSWORD}"),
        fault(f"odd {escape(escape(f'<Token>{TOKEN.upper()}</Token>'))}"),
        http("500 Oops", f"<html>{TOKEN} {PASSWORD}".encode()),
        answers(soap("BindQuote", f"<Token>{TOKEN}</Token>")[:-150]),
    ]
    for echo in echoes:
        with ims(BindQuote=echo) as (client, _, journal):
            with pytest.raises(IMSError) as caught:
                client.bind(QUOTE)
            everything = seen(journal).decode() + str(caught.value) + repr(caught.value.fault)
        assert TOKEN not in everything.lower()
        assert PASSWORD not in everything


def test_a_refused_token_is_masked_after_it_was_replaced():
    with ims(BindQuote=[fault("Invalid token"), fault(f"{TOKEN} is stale: no quote found")]) as (
        client,
        _,
        journal,
    ):
        with pytest.raises(IMSError):
            client.bind(QUOTE)
        assert TOKEN.encode() not in seen(journal)


text = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1).map(
    lambda t: f"q{t}q"
)


@settings(max_examples=40)
@given(st.sampled_from(NAMES), text, st.integers(0, 3), st.sampled_from(["", ' xmlns="urn:x"']))
def test_a_known_element_is_masked_however_often_it_is_escaped(name, secret, times, attributes):
    inner = f"<a><{name}{attributes}>{escape(secret)}</{name}><b>kept</b></a>"
    for _ in range(times):
        inner = escape(inner, {'"': "&quot;"})
    masked = mask(inner.encode()).decode()
    opened, _, rest = masked.partition("***")
    assert (inner.startswith(opened), inner.endswith(rest)) == (True, True)
    assert "kept" in rest
    shown = escape(secret)
    for _ in range(times):
        shown = escape(shown, {'"': "&quot;"})
    assert shown not in masked.replace(opened, "").replace(rest, "")


def test_what_is_no_secret_stays_as_it_was():
    for body in (
        b"<TokenHeader><Context>x</Context></TokenHeader>",
        b"<Token/><a>kept</a>",
        b"<Token /><a>kept</a>",
        "<name>شركة</name>".encode(),
        b"\xff\x00"[:1] + b"<a>b</a>",
        b"",
    ):
        assert mask(body, ["secret"]) == body
    assert mask(LOGIN.encode("utf-16")).startswith(b"[")
    assert mask_text('{"ssn": "123-45-6789", "city": "Flint"}') == '{"ssn": "***", "city": "Flint"}'
    assert mask_text("a&amp;b A&b", ["a&b"]) == "*** ***"


def test_a_hostile_body_is_masked_in_linear_time():
    mask(b"<Token" * 100_000)
    mask(b"<Token>" * 100_000)
    mask(b'"ssn": "' * 50_000)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Account: 000111222", "Account: ****1222"),
        ("Acct 12-3456-789", "Acct ****6789"),
        ("Account: 1234 5678 9012", "Account: ****9012"),
        ("ABA 021000021, Acct 9876", "ABA ****0021, Acct ****6"),
        ("Acct. No. 987, sort code 12-34-56", "Acct. No. ****7, sort code ****56"),
        ("IBAN GB33BUKB20201555555555", "IBAN ****5555"),
        ("IBAN: de89 3704 0044 0532 0130 00.", "IBAN: ****3000."),
        ("Transit 00123 - 456", "Transit ****456"),
        ("Account number 7", "Account number ****"),
        ("98765 in words", "****65 in words"),
        ("Net 30, Suite 200, box 4821", "Net 30, Suite 200, box 4821"),
        ("Stand-in Bank", "Stand-in Bank"),
    ],
)
def test_account_numbers_are_cut_however_they_are_grouped(text, masked):
    assert mask_accounts(text) == masked
