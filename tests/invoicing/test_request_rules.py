"""What is refused before it costs an ICV: contracts 16, 17 and 18."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from config.tenancy.services import create_tenant
from invoicing.models import (
    BY_CREDENTIALS,
    Chain,
    EGSUnit,
    Invoice,
    InvoiceLog,
    Revision,
)
from invoicing.services.sending import send_due
from invoicing.services.units import resume_unit
from invoicing.zatca import rules
from tests.conftest import client_of
from tests.invoicing.payloads import LINE, credit_note, simplified, standard
from tests.invoicing.traces import URL, everything, log_words

EARLY = {"Prefer": "respond-async"}
YESTERDAY = (timezone.now() - timedelta(days=1, hours=2)).replace(microsecond=0).isoformat()
TOMORROW = (timezone.now() + timedelta(days=1)).replace(microsecond=0).isoformat()

# What is wrong, the field, the code, and the official rule where one says so.
WRONG = {
    "environment": (
        standard(environment="PRODUCTION"), "environment", "environment_mismatch", None,
    ),
    "seller": (
        standard(seller_tax_number="310122393500003"), "seller_tax_number", "seller_mismatch", None,
    ),
    "future": (standard(invoice_date=TOMORROW), "invoice_date", "date_in_future", "BR-KSA-04"),
    "total": (standard(total_amount="230.01"), "total_amount", "total_mismatch", None),
    "tax": (standard(total_tax_amount="29.99"), "total_tax_amount", "total_mismatch", None),
    "net": (standard(total_tax_exclusive="1"), "total_tax_exclusive", "total_mismatch", None),
    "rate": (
        standard(line_items=[{**LINE, "tax_rate": 7}]),
        "line_items[0].tax_rate", "rule_violated", "BR-KSA-84",
    ),
    "exemption": (
        standard(line_items=[LINE, {**LINE, "tax_category": "Z", "tax_rate": 0}]),
        "line_items[1].exemption_code", "rule_violated", "BR-KSA-69",
    ),
    "reference": (
        credit_note(billing_reference=None), "billing_reference", "rule_violated", "BR-KSA-56",
    ),
    "reason": (credit_note(note_reason=None), "note_reason", "rule_violated", "BR-KSA-17"),
    "buyer": (
        standard(buyer_tax_number="310122393500004"),
        "buyer_tax_number", "rule_violated", "BR-KSA-44",
    ),
    "unit": (standard(egs_unit="nowhere"), "egs_unit", "unknown_unit", None),
    "no lines": (standard(line_items=[]), "line_items", "empty", None),
    "quantity": (
        standard(line_items=[{**LINE, "quantity": 0}]), "line_items[0].quantity", "min_value", None,
    ),
    "category": (
        standard(line_items=[{**LINE, "tax_category": "X"}]),
        "line_items[0].tax_category", "invalid_choice", None,
    ),
    "number": (standard(number="x" * 51), "invoice_number", "max_length", None),
    "discount": (
        standard(
            total_discount="1.00",
            line_items=[LINE, {**LINE, "tax_rate": 5}],
        ),
        "total_discount", "ambiguous_discount", None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("payload", "param", "code", "rule"), WRONG.values(), ids=WRONG)
def test_a_wrong_request_is_400_and_stores_nothing(api, unit, zatca, payload, param, code, rule):
    before = everything(zatca)

    response = api.post(URL, payload)

    assert response.status_code == 400
    error = response.json()["error"]
    assert error["type"] == "invalid_request_error"
    [found] = error["errors"]
    assert (found["param"], found["code"], found.get("rule")) == (param, code, rule)
    assert found["message"]
    assert found["message_ar"]
    assert error["param"] == param
    assert everything(zatca) == before


def test_every_field_that_is_wrong_is_named_at_once(api, unit, zatca):
    response = api.post(URL, {"invoice_number": 7, "line_items": [{"quantity": "x"}]})

    assert response.status_code == 400
    named = {error["param"] for error in response.json()["error"]["errors"]}
    assert named == {
        "mode", "environment", "invoice_number", "invoice_date", "line_items[0].name",
        "line_items[0].quantity", "line_items[0].unit_price", "line_items[0].tax_rate",
        "line_items[0].tax_category",
    }  # fmt: skip
    assert not Invoice.objects.exists()


def test_a_rule_names_what_was_expected(api, unit):
    found = api.post(URL, standard(total_amount="230.01")).json()["error"]["errors"]
    assert [(f["expected"], f["got"]) for f in found] == [("230.00", "230.01")]


# --- A unit that cannot seal: 503, no row (contracts 16) -----------------------------------------


def assert_not_ready(response, zatca, before) -> None:
    assert response.status_code == 503
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("unit_not_ready", "egs_unit")
    assert everything(zatca) == before


def test_no_unit(api, najd, zatca):
    assert_not_ready(api.post(URL, standard()), zatca, everything(zatca))
    assert not Invoice.objects.exists()


def test_a_unit_that_is_not_onboarded(api, unit, zatca):
    Chain.objects.update(state="RETIRED")
    before = everything(zatca)
    assert_not_ready(api.post(URL, standard()), zatca, before)


@pytest.mark.parametrize(
    ("payload", "flag"), [(standard(), "issues_standard"), (simplified(), "issues_simplified")]
)
def test_a_unit_with_the_wrong_flags(api, unit, zatca, payload, flag):
    EGSUnit.objects.update(**{flag: False})
    before = everything(zatca)
    assert_not_ready(api.post(URL, payload), zatca, before)


def test_an_expired_certificate(api, unit, zatca):
    before = everything(zatca)
    with time_machine.travel(Chain.objects.get().expires_at + timedelta(seconds=1)):
        response = api.post(URL, standard())
    assert_not_ready(response, zatca, before)


@pytest.fixture
def paused(unit) -> EGSUnit:
    EGSUnit.objects.update(paused_at=timezone.now(), paused_reason="401", paused_by=BY_CREDENTIALS)
    return unit


def test_a_paused_unit_still_seals_and_sending_waits(api, paused, zatca):
    response = api.post(URL, simplified())

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (500, "credential_rejected")
    assert error["invoice"]["status"] == "CREATED"
    revision = Revision.objects.get()
    assert (revision.icv, error["invoice"]["qr"]) == (1, revision.qr)
    assert zatca.control.deliveries() == []
    assert log_words(error["invoice"]["id"]) == []


def test_a_paused_unit_lets_nothing_be_claimed_by_posting_again(api, paused, zatca):
    api.post(URL, simplified())
    before = everything(zatca)

    again = api.post(URL, simplified())

    assert (again.status_code, again.json()["error"]["code"]) == (500, "credential_rejected")
    now = everything(zatca)
    assert [now[name] for name in ("Attempt", "InvoiceLog", "Chain", "deliveries")] == [
        before[name] for name in ("Attempt", "InvoiceLog", "Chain", "deliveries")
    ]


def test_resumed_it_sends_what_was_posted_meanwhile(api, paused, zatca):
    api.post(URL, simplified())
    api.post(URL, standard(), headers=EARLY)

    resume_unit(paused, by="amal")
    send_due()

    assert set(Invoice.objects.values_list("status", flat=True)) == {"CLEARED"}


# --- The deep gate (contracts 17) ----------------------------------------------------------------


@pytest.fixture
def no_request_rules(monkeypatch):
    """The first net taken away, so that something falls into the second one."""
    monkeypatch.setattr(rules, "check", lambda document, **kwargs: ())


def test_what_the_official_rules_refuse_is_rejected_without_an_icv(
    api, unit, zatca, no_request_rules
):
    response = api.post(URL, standard(line_items=[{**LINE, "tax_rate": 7}]))

    answer = response.json()
    assert (response.status_code, answer["status"], answer["success"]) == (201, "REJECTED", False)
    assert "BR-KSA-84" in [error["code"] for error in answer["errors"]]
    assert {error["source"] for error in answer["errors"]} == {"gate"}
    revision = Revision.objects.get()
    assert (revision.outcome, revision.icv, revision.xml) == ("REJECTED", None, None)
    assert revision.payload["line_items"][0]["tax_rate"] == 7
    assert (Chain.objects.get().last_icv, Invoice.objects.get().attempt_no) == (0, 0)
    assert zatca.control.deliveries() == []
    assert log_words(answer["id"]) == [("REJECTED", None, None)]


def test_corrected_it_takes_the_icv_it_did_not_take_before(api, unit, zatca, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(rules, "check", lambda document, **kwargs: ())
        pk = api.post(URL, standard(line_items=[{**LINE, "tax_rate": 7}])).json()["id"]

    answer = api.post(URL, standard()).json()

    assert (answer["id"], answer["revision"], answer["status"]) == (pk, 2, "CLEARED")
    assert Revision.objects.get(number=2).icv == Chain.objects.get().last_icv == 1


def test_refused_by_the_gate_again_on_retry(api, unit, zatca, no_request_rules):
    pk = api.post(URL, standard(line_items=[{**LINE, "tax_rate": 7}])).json()["id"]

    answer = api.post(f"{URL}/{pk}/retry").json()

    assert (answer["status"], answer["revision"]) == ("REJECTED", 2)
    assert Chain.objects.get().last_icv == 0
    assert log_words(pk) == [
        ("REJECTED", None, None),
        ("SUBMITTED", "RETRY", "REJECTED"),
        ("REJECTED", None, None),
    ]


def test_switched_off_the_answer_says_so(api, unit, zatca, settings):
    settings.ZATCA_DEEP_GATE = False

    answer = api.post(URL, standard()).json()

    assert answer["status"] == "CLEARED"
    assert [(w["code"], w["source"]) for w in answer["warnings"]] == [
        ("gate_unavailable", "daftar")
    ]


def test_a_late_document_is_sent_all_the_same(api, unit, zatca):
    answer = api.post(URL, simplified(invoice_date=YESTERDAY)).json()

    assert (answer["status"], answer["zatca_status"]) == ("CLEARED", "REPORTED_WITH_WARNINGS")
    assert [w["code"] for w in answer["warnings"]] == ["BR-KSA-98"]


# --- Who may ask ---------------------------------------------------------------------------------


def test_a_tenant_without_a_saudi_registration_has_no_units(zatca, db):
    pune = create_tenant(company_name="Pune Labs", environment="SANDBOX")
    response = client_of(pune).post(URL, standard())
    assert response.status_code == 503
    assert not InvoiceLog.objects.exists()


@pytest.mark.parametrize(
    "headers", [{}, {"X-API-Key": "dk_sb_unknown1_" + "x" * 43}, {"X-API-Key": "x"}]
)
def test_without_a_known_key_it_is_401(client, db, headers):
    response = client.post(URL, standard(), content_type="application/json", headers=headers)

    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"
    assert not Invoice.objects.exists()


def test_a_key_in_the_wrong_case_is_401(api, client, najd):
    key = api.defaults["HTTP_X_API_KEY"]
    swapped = {"X-API-Key": key[:-10] + key[-10:].swapcase()}
    assert client.get(URL, headers=swapped).status_code == 401
    assert client.get(URL, headers={"X-API-Key": key}).status_code == 200
