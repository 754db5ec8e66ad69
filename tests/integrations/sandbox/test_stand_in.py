"""The stand-in IMS keeps books, refuses as IMS does and breaks only when told to."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from integrations.sandbox import SandboxIMS
from tests.integrations.sandbox.client import START, Client, Refused


@pytest.fixture
def box() -> Iterator[SandboxIMS]:
    with SandboxIMS() as box:
        yield box


@pytest.fixture
def ims(box: SandboxIMS) -> Client:
    return Client(box)


def test_a_policy_is_bound_invoiced_and_issued(box: SandboxIMS, ims: Client) -> None:
    quote = ims.ready()
    with pytest.raises(Refused, match="Can not issue an unbound policy"):
        ims.quote("IssuePolicy", quoteGuid=quote)
    with pytest.raises(Refused, match="No invoice found for the provided QuoteGuid"):
        ims.run("ryan_rptInvoice", QuoteGuid=quote)
    assert ims.quote("BindQuote", quoteGuid=quote) == "P-1"
    item = ims.run("ryan_rptInvoice", QuoteGuid=quote)
    assert (item["InvoiceNum"], item["AmountDue"]) == ("286201", "5250.0000")
    assert item["NetAmountDue"] == "4250.0000"
    issued = ims.quote("IssuePolicy", quoteGuid=quote)
    assert ims.quote("IssuePolicy", quoteGuid=quote) == issued
    with pytest.raises(Refused, match="already bound"):
        ims.quote("BindQuote", quoteGuid=quote)
    counts = box.counts()
    assert (counts["insured"], counts["quote"], counts["policy"], counts["invoice"]) == (1, 1, 1, 1)


def test_binding_is_refused_in_the_words_of_ims(box: SandboxIMS, ims: Client) -> None:
    old = ims.ready(2, START - timedelta(days=30))
    with pytest.raises(Refused, match=r"maximum backdate allowance \(14 days\)"):
        ims.quote("BindQuote", quoteGuid=old)
    new = ims.ready(3)
    box.set_producer_line(box.store.all("producer_location")[0]["guid"], [])
    with pytest.raises(Refused, match="No producer line setup could be found"):
        ims.quote("BindQuote", quoteGuid=new)
    assert box.counts()["policy"] == box.counts()["invoice"] == 0
    assert ims.run("getProducerGuid", producer_email="no@example.com") == {}
    assert ims.run("getUserbyName", fullname="No One") == {}
    with pytest.raises(Refused, match="Key/Value pairs"):
        ims.call("DataAccess", "ExecuteDataSet", "<procedureName>getUserbyName</procedureName>"
                 "<parameters><string>fullname</string></parameters>")  # fmt: skip


def test_a_policy_is_endorsed_cancelled_and_reinstated(box: SandboxIMS, ims: Client) -> None:
    ims.bound()
    when = (START + timedelta(days=30)).strftime("%m/%d/%Y")
    change = {"OpportunityID": 1, "EndorsementPremium": "100", "MidtermEndtID": 7}
    change["EndorsementEffectiveDate"] = when
    assert ims.run("Triton_ProcessFlatReinstatement", OpportunityID=1)["Result"] == "0"
    made = ims.run("Triton_ProcessFlatEndorsement", **change)
    assert (made["Result"], made["TotalPremium"]) == ("1", "5100.0000")
    again = ims.run("Triton_ProcessFlatEndorsement", **change)
    assert again["Message"] == "Midterm Endorsement Already Processed"
    other = ims.run("Triton_ProcessFlatEndorsement", **(change | {"MidtermEndtID": 8}))
    assert "must be bound" in other["Message"]
    ims.quote("BindQuote", quoteGuid=made["NewQuoteGuid"])
    gone = {"OpportunityID": 1, "CancellationDate": when, "ReturnPremium": "4000"}
    cancelled = ims.run("Triton_ProcessFlatCancellation", **gone)
    ims.quote("BindQuote", quoteGuid=cancelled["NewQuoteGuid"])
    twice = ims.run("Triton_ProcessFlatCancellation", **gone)
    assert twice["Message"] == "Policy is already cancelled"
    back = ims.run("Triton_ProcessFlatReinstatement", OpportunityID=1)
    assert back["ReinstatementPremium"] == "4000.0000"
    ims.quote("BindQuote", quoteGuid=back["NewQuoteGuid"])
    control = made["ControlNo"]
    assert ims.run("spGetPolicyPremiumTotal", ControlNo=control)["TotalPremium"] == "5100.0000"
    assert box.counts()["invoice"] == 4


def test_unbinding_voids_the_invoice(box: SandboxIMS, ims: Client) -> None:
    quote = ims.bound()
    assert ims.run("Triton_UnbindPolicy", QuoteGuid=quote)["Result"] == "1"
    assert "not bound" in ims.run("Triton_UnbindPolicy", QuoteGuid=quote)["Message"]
    assert [i["failed"] for i in box.store.all("invoice")] == [True]


def test_the_line_drops_before_or_after_the_act(box: SandboxIMS, ims: Client) -> None:
    quote = ims.ready()
    for kind, policies in (("drop_before", 0), ("drop_after", 1)):
        box.knobs.add(kind, "BindQuote")
        with pytest.raises(requests.ConnectionError):
            ims.quote("BindQuote", quoteGuid=quote)
        assert box.counts()["policy"] == policies


def test_knobs_break_what_they_say(box: SandboxIMS, ims: Client) -> None:
    quote = ims.bound()
    box.knobs.add("html_503", "IssuePolicy", nth=2)
    ims.quote("IssuePolicy", quoteGuid=quote)
    with pytest.raises(Refused, match="HTML 503"):
        ims.quote("IssuePolicy", quoteGuid=quote)
    box.knobs.add("expire_token", "IssuePolicy")
    with pytest.raises(Refused, match="Invalid token"):
        ims.quote("IssuePolicy", quoteGuid=quote)
    ims.log_on()
    box.knobs.add("fault", "ryan_rptInvoice", text="deadlock victim")
    with pytest.raises(Refused, match="deadlock victim"):
        ims.run("ryan_rptInvoice", QuoteGuid=quote)
    box.knobs.turn({"invoice_after": 2})
    for _ in range(2):
        with pytest.raises(Refused, match="No invoice found"):
            ims.run("ryan_rptInvoice", QuoteGuid=quote)
    assert ims.run("ryan_rptInvoice", QuoteGuid=quote)["InvoiceNum"] == "286201"


def test_state_survives_a_restart(tmp_path: Path) -> None:
    with SandboxIMS(tmp_path) as box:
        quote = Client(box).bound()
    with SandboxIMS(tmp_path) as box:
        assert Client(box).run("spCheckQuoteBoundStatus", QuoteGuid=quote)["IsBound"] == "1"


def test_a_kill_loses_nothing_answered(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "integrations.sandbox", "--port=0", f"--folder={tmp_path}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        control = url.replace("/ims/", "/control/")
        body = {"name": "A B", "email": "a@b.c"}
        assert requests.post(f"{control}producers", json=body, timeout=5).status_code == 201
        process.kill()
    with SandboxIMS(tmp_path) as box:
        assert Client(box).run("getProducerGuid", producer_email="a@b.c")


def test_ten_binds_at_once_make_one_policy(box: SandboxIMS, ims: Client) -> None:
    quote = ims.ready()

    def bind(_: int) -> bool:
        try:
            return bool(ims.quote("BindQuote", quoteGuid=quote))
        except Refused:
            return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(bind, range(10))) == 1
    assert box.counts()["invoice"] == 1


def test_control_over_http(box: SandboxIMS, ims: Client) -> None:
    control = box.url.replace("/ims/", "/control/")
    made = requests.post(f"{control}producers", json={"name": "A B", "email": "a@b.c"}, timeout=5)
    found = ims.run("getProducerGuid", producer_name="A B")
    assert found["ProducerContactGUID"] == made.json()["contact"]
    assert requests.post(f"{control}knobs", json={"none": 1}, timeout=5).status_code == 400
    assert requests.get(f"{control}calls", timeout=5).json()[-1]["procedure"] == "getProducerGuid"


def test_a_hanging_call_gives_nothing_and_a_slow_one_answers(box: SandboxIMS, ims: Client) -> None:
    box.knobs.add("hang", "getUserbyName", seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        ims.run("getUserbyName", fullname="Casey Morgan")
    box.knobs.add("slow", "getUserbyName", seconds=0.05)
    assert ims.run("getUserbyName", fullname="Casey Morgan")["UserGUID"]


def test_a_token_is_asked_for_and_a_bad_password_gets_none(ims: Client) -> None:
    root = ims.call("Logon", "LoginIMSUser", userName="standin", tripleDESEncryptedPassword="no")
    assert root.findtext(".//{*}Token") == "00000000-0000-0000-0000-000000000000"
    ims.token = ""
    with pytest.raises(Refused, match="Invalid token"):
        ims.run("getUserbyName", fullname="Casey Morgan")


def test_a_number_that_is_none_is_a_fault(ims: Client) -> None:
    quote = ims.ready()
    with pytest.raises(Refused, match="not in a correct format"):
        ims.quote("UpdateQuoteStatusWithReason", quoteGuid=quote, statusID="x")
