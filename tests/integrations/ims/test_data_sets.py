"""Data sets: which row judges, what columns are, and how invoices read."""

import datetime as dt
from decimal import Decimal
from uuid import UUID
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.ims import Outcome, OutcomeUnknown, Procedure, Procedures, Row
from integrations.ims.dataset import read_data_set, read_verdict
from integrations.ims.invoices import read_invoice
from tests.integrations.ims.recorded import CANCELLED, QUOTE, ims, message, soap
from tests.invoicing.zatca.faulty import http


def data(*tables: str):
    return read_data_set(f"<Results>{''.join(tables)}</Results>")


def table(number: int, **columns: str) -> str:
    name = f"Table{number or ''}"
    return f"<{name}>{''.join(f'<{k}>{v}</{k}>' for k, v in columns.items())}</{name}>"


def test_the_last_row_with_a_result_or_status_judges():
    answer = read_verdict(
        data(
            table(0, status_id="3", QuoteGuid=str(QUOTE)),
            table(1, Result="Success", Message="inner"),
            table(
                2, Result="0", Message="Policy is already cancelled", LatestQuoteGuid=str(CANCELLED)
            ),
            table(3, Debug="1"),
        )
    )
    assert (answer.accepted, answer.message) == (False, "Policy is already cancelled")
    assert answer.row.guid("latestquoteguid") == CANCELLED


@pytest.mark.parametrize(
    ("columns", "accepted", "warned"),
    [
        ({"Result": "1"}, True, False),
        ({"Result": "Success"}, True, False),
        ({"Status": "success"}, True, False),
        ({"Status": "Warning"}, True, True),
        ({"Result": "0"}, False, False),
        ({"Result": ""}, False, False),
        ({"Result": "2"}, False, False),
        ({"Status": "Error", "Message": "x"}, False, False),
        ({"Result": "0", "Status": "Success"}, False, False),
    ],
)
def test_what_counts_as_accepted(columns, accepted, warned):
    answer = read_verdict(data(table(0, **columns)))
    assert (answer.accepted, answer.warned) == (accepted, warned)
    assert (answer.fault is None) == accepted
    assert answer.outcome is (Outcome.DONE if accepted else Outcome.REFUSED)


def test_no_rows_are_no_rows():
    for text in ("<Results />", "", "  "):
        assert read_data_set(text).first is None
        assert read_data_set(text).verdict is None
    answer = read_verdict(data())
    assert (answer.accepted, answer.fault.code) == (False, "unrecognised")
    assert answer.outcome is Outcome.UNKNOWN
    deadlocked = data(table(0, Status="Error", Message="chosen as the deadlock victim"))
    assert read_verdict(deadlocked).outcome is Outcome.UNKNOWN


def test_the_string_is_unescaped_once_and_no_more():
    inner = escape("<Results><Table><N>A &amp; B &lt;C</N></Table></Results>")
    with ims(ExecuteDataSet=soap("ExecuteDataSet", inner, "DataAccess")) as (client, *_):
        assert client.execute_data_set("x", {}).first["n"] == "A & B <C"


def test_what_is_not_xml_leaves_the_outcome_open():
    for inner in ("nonsense", "&lt;Results&gt;", "&lt;!DOCTYPE a&gt;&lt;Results/&gt;"):
        with (
            ims(ExecuteDataSet=soap("ExecuteDataSet", inner, "DataAccess")) as (client, *_),
            pytest.raises(OutcomeUnknown) as caught,
        ):
            Procedures(client).unbind(quote=QUOTE, user=QUOTE)
        assert caught.value.code == "ims_unreadable"
        assert caught.value.operation == "Triton_UnbindPolicy"


def test_columns_are_what_they_say():
    row = Row(
        {
            "Zero": "00000000-0000-0000-0000-000000000000",
            "Premium": "5000.0000",
            "Rate": "0.1234",
            "Null": "0001-01-01T00:00:00",
            "Day": "2026-02-01T00:00:00-06:00",
            "At": "2026-01-12T10:40:11.9771234-06:00",
            "Naive": "2026-01-12T10:40:11",
            "Yes": "true",
            "No": "0",
            "Odd": "many",
        }
    )
    assert row.guid("zero") is None
    assert str(row.money("PREMIUM")) == "5000.00"
    assert row.money("Rate") == Decimal("0.1234")
    assert (row.date("Null"), row.instant("Null")) == (None, None)
    assert row.date("Day") == dt.date(2026, 2, 1)
    assert row.instant("At").utcoffset() == dt.timedelta(hours=-6)
    assert row.instant("Naive") == dt.datetime(2026, 1, 12, 10, 40, 11)
    assert (row.flag("Yes"), row.flag("No"), row.flag("Missing")) == (True, False, None)
    assert (row.money("Missing"), row.number("Missing"), row.guid("Missing")) == (None, None, None)
    for read in (row.guid, row.money, row.number, row.flag, row.date, row.instant):
        with pytest.raises(ValueError, match=r"^Odd is (not|neither) "):
            read("Odd")
    assert "5000" not in repr(row)


@given(st.decimals(-(10**12), 10**12, places=4), st.dates(dt.date(1900, 1, 1)), st.uuids())
def test_amounts_dates_and_guids_come_back_exactly(amount, day, guid):
    row = Row({"a": f"{amount:f}", "d": f"{day}T00:00:00-05:00", "g": str(guid).upper()})
    assert row.money("a") == amount
    assert row.date("d") == day
    assert row.guid("g") == (guid if guid != UUID(int=0) else None)


def test_the_recorded_invoice(reference):
    recorded = message(reference, "DataAccess/ryan_rptInvoice", "response")
    with ims(ExecuteDataSet=http("200 OK", recorded)) as (client, *_):
        invoice = Procedures(client).invoice(quote=QUOTE)
    assert (invoice.number, invoice.office_number, invoice.control_number) == (286201, 261, 495187)
    assert (invoice.invoice_date, invoice.due) == (dt.date(2026, 1, 12), dt.date(2026, 3, 3))
    (line,) = invoice.lines
    assert invoice.net_premium == invoice.premium - invoice.commission == Decimal("4000.00")
    assert line.amount_due == line.premium + line.fees == Decimal("5250.00")
    assert invoice.net_due == invoice.net_premium + line.fees == Decimal("4250.00")
    assert invoice.commission_rate == Decimal("0.20")
    assert "Example Bank" not in repr(invoice)


def test_an_invoice_is_looked_up_by_one_key_and_may_be_none():
    procedures = Procedures(client=None)
    for keys in ({}, {"quote": QUOTE, "policy_number": "P"}):
        with pytest.raises(ValueError, match="exactly one key"):
            procedures.invoice(**keys)
    assert read_invoice(data()) is None
    shifted = read_invoice(
        data(table(0, PolicyNumber="P"), table(6, InvoiceNum="5", AmountDue="1.0000"))
    )
    assert (shifted.number, len(shifted.lines)) == (5, 1)


def test_a_procedure_may_have_another_name():
    with ims(ExecuteDataSet=soap("ExecuteDataSet", "&lt;Results /&gt;", "DataAccess")) as (
        client,
        server,
        journal,
    ):
        Procedures(client, {Procedure.USER: "acme_User"}).user("Casey Morgan")
        assert b"<procedureName>acme_User</procedureName>" in server.requests[-1]
        assert journal[-1].procedure == "acme_User"
