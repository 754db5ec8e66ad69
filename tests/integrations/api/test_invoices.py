"""The manual endpoints: three generations' paths, JSON and PDF, `refresh` (ims.md 4.3)."""

from base64 import b64decode
from dataclasses import replace

import pytest

from config.attention.models import Attention
from config.attention.services import resolve_attention
from integrations.gateways import gateway_for
from integrations.models import IMSInvoice, Source
from tests.integrations.payloads import transaction

FULL = "/api/triton/invoice"
PDF, LATEST = "/api/v1/invoice/policy/AAA/1/pdf", "/api/v1/invoice/policy/AAA/1/latest"


@pytest.fixture
def bound(desk):
    return desk.post(producer_email="pat.reed@example.com", policy_number="AAA/1")


def test_each_key_finds_the_stored_copy_without_asking_ims(api, desk, bound):
    asked = len(desk.ims.calls())
    keys = {
        "invoice_num": 286201,
        "quote_guid": bound.quote_guid,
        "policy_number": "AAA/1",
        "opportunity_id": bound.opportunity_id,
        "transaction_id": bound.transaction_id,
    }
    for name, value in keys.items():
        answer = api.get(FULL, {name: value})
        assert answer.status_code == 200, name
        data = answer.json()["invoice_data"]
        assert data["invoice_info"] == {
            "invoice_number": "286201",
            "invoice_num": 286201,
            "office_invoice_num": 261,
            "policy_number": "AAA/1",
            "control_no": 495001,
            "policy_type": "New",
            "line_name": "Excess",
        }, name
    assert len(desk.ims.calls()) == asked
    # 5,000 at 20 % for the producer, and a fee of 250: 4,000 + 250 are due.
    assert data["financial"] == {
        "premium": 5000.0,
        "commission_pct": 0.2,
        "commission_amount": 1000.0,
        "net_premium": 4000.0,
        "net_due": 4250.0,
    }
    [line] = data["line_items"]
    assert (line["description"], line["amount_due"], line["fees"]) == ("Orig Prem", 5250.0, 250.0)
    assert data["payment_instructions"] is None


def test_refresh_asks_ims_and_alone_brings_how_to_pay(api, desk, bound):
    asked = desk.asked().count("ryan_rptInvoice")
    answer = api.get(FULL, {"transaction_id": bound.transaction_id, "refresh": 1})
    pay = answer.json()["invoice_data"]["payment_instructions"]
    assert pay["ach_wire"] == "Bank Name: Stand-in Bank\nAccount: 000111222"
    assert desk.asked().count("ryan_rptInvoice") == asked + 1
    assert "000111222" not in str(IMSInvoice.objects.get().data)


def billed_anew(desk, bound) -> None:
    """By hand in IMS, as invoice 286202, with another premium."""
    gateway = gateway_for(desk.environment)
    user = gateway.login().user_guid
    assert gateway.procedures.unbind(quote=bound.quote_guid, user=user).accepted
    gateway.ims.bind(bound.quote_guid)
    made = desk.ims.store.all("invoice")[-1]
    with desk.ims.store.transaction():
        desk.ims.store.save(made | {"premium": "6000.00"})


def test_an_invoice_is_mixed_with_no_other_that_ims_made_of_the_same_quote(api, desk, bound):
    pages = {FULL: {"quote_guid": bound.quote_guid}, LATEST: {"include_payment_info": "false"}}
    before = {page: api.get(page, query).json() for page, query in pages.items()}
    assert [told["warnings"] for told in before.values()] == [[], []]
    stored = IMSInvoice.objects.values().get()
    billed_anew(desk, bound)

    for page, query in (*((page, pages[page] | {"refresh": 1}) for page in pages), (LATEST, {})):
        told = api.get(page, query).json()
        assert told["invoice_data"] == before[page]["invoice_data"], (page, query)
        [warning] = told["warnings"]
        assert warning["code"] == "invoice_billed_anew"
        assert "286202" in warning["message"]
    assert IMSInvoice.objects.values().get() == stored

    task = Attention.objects.open().get()
    assert (task.kind, task.subject) == ("ims_invoice_billed_anew", bound.policy.subject)
    assert "286201" in task.reason
    assert "286202" in task.reason
    named = {"tenant_id": desk.tenant.pk, "kind": task.kind, "subject": task.subject}
    resolve_attention(**named, by="Rania")
    api.get(FULL, {"quote_guid": bound.quote_guid, "refresh": 1})
    assert not Attention.objects.open().exists()  # nobody is told of the same again


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ({}, 400, "invoice_key_missing"),
        ({"invoice_num": "INV-1"}, 400, "invoice_key_missing"),
        ({"quote_guid": "no guid"}, 400, "invoice_key_missing"),
        ({"policy_number": "NO-SUCH"}, 404, "INVOICE_NOT_FOUND"),
        ({"policy_number": "AAA/1", "refresh": "maybe"}, 400, "invoice_key_missing"),
    ],
)
def test_refusals_say_success_false(api, bound, query, status, code):
    answer = api.get(FULL, query)
    told = answer.json()
    assert (answer.status_code, told["success"], told["error"]["code"]) == (status, False, code)


def test_an_ims_that_cannot_be_asked_is_500_with_its_code(api, desk, bound):
    desk.ims.knobs.add("html_503", "ryan_rptInvoice", calls=0)
    answer = api.get(FULL, {"transaction_id": bound.transaction_id, "refresh": 1})
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "INVOICE_RETRIEVAL_ERROR")
    assert IMSInvoice.objects.get().invoice_number == "286201"


def test_the_latest_of_a_policy_for_billing(api, desk, bound):
    answer = api.get("/api/v1/invoice/policy/AAA/1/latest")
    told = answer.json()
    assert (answer.status_code, told["success"]) == (200, True)
    assert told["external_references"]["policy_number"] == "AAA/1"
    data = told["invoice_data"]
    assert (data["invoice_number"], data["invoice_id"]) == ("286201", 286201)
    assert data["policy_info"]["limits"] == "$1,000,000/$3,000,000"
    assert data["policy_info"]["effective_date"] == transaction()["effective_date"]
    assert data["line_items"] == [
        {"description": "Orig Prem", "amount": 5250.0, "formatted_amount": "$5,250.00"}
    ]
    assert data["totals"]["formatted_total"] == "$5,250.00"
    assert "****1222" in data["payment_info"]["methods"]["ach"]
    assert "000111222" not in answer.content.decode()
    assert data["payment_info"]["terms"] == "Net 30"

    plain = {"include_payment_info": "false", "format_currency": "false"}
    asked = len(desk.ims.calls())
    data = api.get(f"/api/v1/invoice/quote/{bound.quote_guid}/latest", plain).json()["invoice_data"]
    assert (data["payment_info"], "formatted_total" in data["totals"]) == (None, False)
    assert len(desk.ims.calls()) == asked


def test_without_ims_the_copy_goes_without_how_to_pay(api, desk, bound):
    desk.ims.knobs.add("drop_before", "ryan_rptInvoice", calls=0)
    answer = api.get("/api/v1/invoice/policy/AAA/1/latest")
    assert (answer.status_code, answer.json()["invoice_data"]["payment_info"]) == (200, None)


def test_the_old_refusal_has_its_detail(api, desk):
    told = api.get("/api/v1/invoice/policy/NO-SUCH/latest")
    assert told.status_code == 404
    assert told.json()["detail"] == {
        "success": False,
        "error": {"code": "INVOICE_NOT_FOUND", "message": "No invoice was found.", "details": None},
    }


def test_the_pdf_comes_as_a_file_or_in_base64(api, desk, bound):
    page = "/api/v1/invoice/policy/AAA/1/pdf"
    file = api.get(page)
    assert (file["Content-Type"], file.content[:5]) == ("application/pdf", b"%PDF-")
    assert 'filename="invoice-286201.pdf"' in file["Content-Disposition"]
    told = api.get(page, {"format": "base64"}).json()["invoice"]
    assert (b64decode(told["pdf_base64"]), told["size_bytes"]) == (file.content, len(file.content))
    assert api.get(page, {"format": "html"}).status_code == 400
    desk.ims.knobs.add("html_503", "GenerateInvoiceAsPDF", calls=0)
    failed = api.get(page)
    assert (failed.status_code, failed.json()["error"]["code"]) == (
        500,
        "INVOICE_GENERATION_FAILED",
    )


@pytest.mark.parametrize("change", ["that costs nothing", "not billed yet"])
def test_a_change_without_an_invoice_hides_none_of_the_policy(api, desk, bound, change):
    desk.ims.knobs.turn({"invoice_after": 99})
    premium = 0 if change == "that costs nothing" else 100
    later = desk.post("endorsement", midterm_endt_id=7, midterm_endt_premium=premium)
    assert later.status == "completed"
    for query in ({}, {"refresh": 1}):
        for key in ({"policy_number": "AAA/1"}, {"opportunity_id": bound.opportunity_id}):
            told = api.get(FULL, key | query).json()["invoice_data"]["invoice_info"]
            assert told["invoice_num"] == 286201, key | query
    assert api.get(LATEST).json()["invoice_data"]["invoice_id"] == 286201
    assert "invoice-286201.pdf" in api.get(PDF)["Content-Disposition"]
    assert api.get(FULL, {"transaction_id": later.transaction_id}).status_code == 404

    desk.ims.knobs.turn({"invoice_after": 0})
    number = 286201 if premium == 0 else 286202
    assert api.get(LATEST).json()["invoice_data"]["invoice_id"] == number


def test_ids_are_those_of_one_source(api, desk, bound):
    """Two sources may give the same ids; the plain path means triton."""
    other = Source.objects.create(tenant=desk.tenant, name="xuber", environment=desk.environment)
    same = {"transaction_id": bound.transaction_id}
    changes = {"opportunity_id": 9, "policy_number": "X-1", "insured_name": "Other"}
    assert replace(desk, source=other).post(**same, **changes).status == "completed"
    theirs = {"source": "xuber"}
    for key, number in (
        (same, 286201),
        (same | theirs, 286202),
        ({"opportunity_id": 9} | theirs, 286202),
        ({"policy_number": "X-1"}, 286202),
        ({"policy_number": "AAA/1", "source": "triton"}, 286201),
    ):
        told = api.get(FULL, key).json()["invoice_data"]["invoice_info"]
        assert told["invoice_num"] == number, key
    wrong = {"policy_number": "AAA/1", "source": "xuber"}
    for key in (same | {"source": "none"}, {"opportunity_id": 9}, wrong):
        assert api.get(FULL, key).status_code == 404, key
    quote = f"/api/v1/invoice/quote/{bound.quote_guid}/latest"
    for path in (LATEST, PDF, quote):
        assert api.get(path, {"source": "triton"}).status_code == 200, path
        assert api.get(path, {"source": "xuber"}).status_code == 404, path


def test_an_opportunity_may_be_as_long_as_one_that_was_posted(api, desk):
    desk.post(opportunity_id=10**15, policy_number="P-15")
    assert api.get(FULL, {"opportunity_id": 10**15}).status_code == 200
    assert api.get(FULL, {"opportunity_id": 10**18}).status_code == 400
