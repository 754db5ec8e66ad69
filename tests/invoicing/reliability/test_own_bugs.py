"""Bugs of our own are written down at once (D3); a database that is busy is not one of them."""

import pytest
from django.db import OperationalError

from config.attention.models import Attention
from invoicing.gateways import Gateway
from invoicing.models import Attempt, Chain, Invoice, InvoiceLog
from invoicing.services import sealing, sending, settling
from tests.invoicing.payloads import phase_1, simplified
from tests.invoicing.reliability.conftest import let_time_pass
from tests.invoicing.traces import URL, log_words

EARLY = {"Prefer": "respond-async"}


def bug(*_args, **_options):
    raise ZeroDivisionError("division by zero")


def recorded(reached: str) -> Invoice:
    """The one invoice, FAILED by a bug; asserts what its attempt and its log say of it."""
    invoice, attempt = Invoice.objects.get(), Attempt.objects.get()
    assert (invoice.status, invoice.failure_class) == ("FAILED", "BUG")
    assert (invoice.error_code, invoice.lease_until) == ("internal_error", None)
    assert invoice.error_message == "ZeroDivisionError: division by zero"
    assert (attempt.reached, attempt.failure_class) == (reached, "BUG")
    assert attempt.ended_at is not None
    assert log_words(invoice.pk) == [("ERROR", None, None)]
    assert Attention.objects.get().subject == invoice.subject
    return invoice


def test_a_bug_in_a_workers_call_is_recorded_at_once(api, unit, zatca, monkeypatch):
    for number in ("S-1", "S-2"):
        api.post(URL, simplified(number), headers=EARLY)
    with monkeypatch.context() as broken:
        broken.setattr(Gateway, "send", bug)
        assert sending.send_due() == 2

    assert set(Invoice.objects.values_list("status", "failure_class")) == {("FAILED", "BUG")}
    assert set(Attempt.objects.values_list("reached", "error_code")) == {
        ("MAYBE", "internal_error")
    }
    assert InvoiceLog.objects.filter(status="ERROR").count() == 2
    let_time_pass(minutes=10)
    sending.send_due()
    assert set(Invoice.objects.values_list("status", flat=True)) == {"CLEARED"}
    assert sorted(d["icv"] for d in zatca.control.documents()) == [1, 2]


def test_a_bug_in_a_requests_call_is_recorded_at_once(api, unit, zatca, monkeypatch):
    monkeypatch.setattr(Gateway, "send", bug)

    response = api.post(URL, simplified("S-1"))

    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")
    recorded(reached="MAYBE")


def test_a_bug_in_phase_1_fails_with_an_error_row(api, najd, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(settling, "_phase_1_qr", bug)
        response = api.post(URL, phase_1("P-1"))

    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (500, "internal_error")
    assert recorded(reached="NO").pk == error["invoice"]["id"]
    let_time_pass(minutes=10)
    sending.send_due()
    assert Invoice.objects.get().status == "CLEARED"


def test_a_bug_in_phase_1_met_by_a_worker_does_not_loop(api, najd, monkeypatch):
    monkeypatch.setattr(settling, "_phase_1_qr", bug)
    api.post(URL, phase_1("P-1"))
    let_time_pass(minutes=10)

    assert sending.send_due() == 1

    assert sending.send_due() == 0
    assert [status for status, _, _ in log_words(Invoice.objects.get().pk)] == [
        "ERROR", "SUBMITTED", "ERROR",
    ]  # fmt: skip


def test_a_bug_while_sealing_is_recorded_and_takes_no_place(api, unit, monkeypatch):
    monkeypatch.setattr(sealing.zatca, "verify_seal", bug)

    assert api.post(URL, simplified("S-1")).status_code == 500

    recorded(reached="NO")
    assert Chain.objects.get().last_icv == 0


@pytest.fixture
def busy(monkeypatch):
    """A database that gives up waiting for its lock, for as long as it is patched."""

    def locked(*_args):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(sealing, "take_next", locked)
        yield patched


def test_a_busy_database_is_503_and_no_bug(api, unit, zatca, busy):
    response = api.post(URL, simplified("S-1"))

    assert response.status_code == 503
    invoice = Invoice.objects.get()
    assert (invoice.status, invoice.attempt_no, invoice.failure_class) == ("CREATED", 0, "")
    assert not Attempt.objects.exists()
    assert not InvoiceLog.objects.exists()
    assert not Attention.objects.exists()
    assert zatca.control.deliveries() == []

    busy.undo()
    assert api.post(URL, simplified("S-1")).json()["status"] == "CLEARED"
    assert Chain.objects.get().last_icv == 1
