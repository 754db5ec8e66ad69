"""The invoice: in the answer, later, or never; asked for by any of its keys."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from config.attention.models import Attention
from integrations import errors
from integrations.models import IMSEnvironment, TritonTransaction
from integrations.services import invoices
from tests.integrations.conftest import set_up
from tests.integrations.payloads import transaction
from tests.integrations.saga.recovery import let_time_pass


def looks(desk) -> int:
    return desk.asked().count("ryan_rptInvoice")


def test_it_is_looked_for_three_times_and_again_after_the_issue(desk, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr("integrations.saga.invoicing.time.sleep", slept.append)
    desk.environment.invoice_wait_seconds = 2
    desk.environment.save()
    desk.ims.knobs.turn({"invoice_after": 5})

    row = desk.post()

    assert (row.status, row.ims_status) == ("completed", "issued")
    assert (looks(desk), slept) == (6, [2, 2, 2, 2])  # no wait after the last of each round
    assert row.policy.invoice_number == "286201"
    assert [s.step for s in row.steps.order_by("id")][-3:] == ["invoice", "issue", "invoice_again"]


def test_what_comes_late_is_found_in_the_background(desk):
    desk.ims.knobs.turn({"invoice_after": 7})
    row = desk.post()
    assert (row.status, row.invoice.status, row.policy.invoice_number) == (
        "completed",
        "pending",
        None,
    )
    assert invoices.look_for_due() == 0
    for _ in range(2):
        let_time_pass(days=1)
        assert invoices.look_for_due() == 1
    row.invoice.refresh_from_db()
    row.policy.refresh_from_db()
    assert (row.invoice.status, row.policy.invoice_number) == ("found", "286201")
    assert row.policy.invoice_retrieved_at is not None
    let_time_pass(days=1)
    assert invoices.look_for_due() == 0


def test_after_three_days_a_person_is_told(desk):
    desk.ims.knobs.turn({"invoice_after": 1000})
    row = desk.post()
    for _ in range(7):
        let_time_pass(days=1)
        assert invoices.look_for_due() == 1
    row.invoice.refresh_from_db()
    assert (row.invoice.status, row.invoice.next_look_at) == ("given_up", None)
    assert Attention.objects.open().get().kind == "ims_invoice_missing"
    assert invoices.retrieve(row.policy) is None
    assert invoices.look_for_due() == 0
    assert Attention.objects.open().exists()
    desk.ims.knobs.turn({"invoice_after": 0})
    assert invoices.retrieve(row.policy).invoice_number == "286201"
    assert not Attention.objects.open().exists()


def given_up(desk, kind: str = "bind", **changes: Any) -> TritonTransaction:
    desk.ims.knobs.turn({"invoice_after": 1000})
    row = desk.post(kind, **changes)
    for _ in range(7):
        let_time_pass(days=1)
        invoices.look_for_due()
    return row


def test_the_invoice_of_a_change_is_retrieved_by_hand_as_well(desk):
    desk.post()
    change = given_up(desk, "endorsement", midterm_endt_premium=100)
    assert invoices.retrieve(change.policy) is None
    desk.ims.knobs.turn({"invoice_after": 0})
    assert invoices.retrieve(change.policy).transaction == change
    assert not Attention.objects.open().exists()


def test_an_invoice_that_is_void_is_missed_no_longer(desk):
    row = given_up(desk)
    assert Attention.objects.open().get().subject == row.policy.subject
    assert desk.post("unbind").status == "completed"
    invoices.look_for_due()
    assert not Attention.objects.open().exists()


def test_one_bad_row_keeps_no_other_waiting(desk):
    desk.ims.knobs.turn({"invoice_after": 1000})
    first = desk.post()
    second = desk.post(opportunity_id=2, policy_number="P-2", insured_name="Another")
    desk.ims.knobs.turn({"invoice_after": 0})
    # As one could be written before its format was judged.
    desk.environment.invoice_number_format = "INV-{nummer}"
    desk.environment.save()
    let_time_pass(days=1)
    assert invoices.look_for_due() == 2
    for row in (first, second):
        row.invoice.refresh_from_db()
        assert (row.invoice.status, row.invoice.looks) == ("pending", 1)
        assert row.invoice.next_look_at > datetime.now(UTC) + timedelta(minutes=4)


def test_looks_that_met_nobody_do_not_count(desk, settings):
    settings.IMS_BREAKER_FAILURES = 100
    desk.ims.knobs.turn({"invoice_after": 1000})
    row = desk.post()
    for _ in range(10):
        desk.ims.knobs.add("html_503", "ryan_rptInvoice")
        let_time_pass(days=1)
        assert invoices.look_for_due() == 1
        row.invoice.refresh_from_db()
        assert (row.invoice.status, row.invoice.looks) == ("pending", 0)
        assert row.invoice.next_look_at is not None
    # A refusal in words is an answer.
    desk.ims.knobs.add("fault", "ryan_rptInvoice", text="The moon is full.")
    let_time_pass(days=1)
    assert invoices.look_for_due() == 1
    row.invoice.refresh_from_db()
    assert (row.invoice.status, row.invoice.looks) == ("pending", 1)


def test_what_is_held_back_keeps_no_other_environment_waiting(desk, hijaz):
    desk.ims.knobs.turn({"invoice_after": 1000})
    for number in (1, 2):  # due before theirs, and as many as one batch takes
        desk.post(opportunity_id=number, policy_number=f"P-{number}")
    theirs = set_up(hijaz, desk.ims).post().invoice
    now = timezone.now()
    free = {"paused_at": None, "paused_by": "", "is_active": True, "opened_at": None}
    for number, held in enumerate(
        (
            {"paused_at": now, "paused_by": "Rania"},
            {"is_active": False},
            {"opened_at": now, "open_until": now + timedelta(days=9)},
        ),
        start=1,
    ):
        ours = IMSEnvironment.objects.filter(pk=desk.environment.pk)
        ours.update(**free | {"open_until": None} | held)
        let_time_pass(days=1)
        assert invoices.look_for_due(limit=2) == 1, held
        theirs.refresh_from_db()
        assert theirs.looks == number, held


def test_whom_to_call_is_kept_with_the_invoice(desk):
    header = desk.post().invoice.data["header"]
    assert header["QuotingOfficeName"] == "Stand-in Home Office"
    assert header["QuotingOfficePhone"] == "(313) 555-0100"


def test_a_change_of_nothing_has_no_invoice(desk):
    desk.post()
    before = looks(desk)
    row = desk.post("endorsement", midterm_endt_premium=0)
    assert (row.status, row.invoice.status, looks(desk)) == ("completed", "not_expected", before)


def test_it_is_found_by_each_of_its_keys(desk, hijaz):
    row = desk.post()
    invoice = row.invoice
    keys = {
        "invoice_num": 286201,
        "quote_guid": row.quote_guid,
        "policy_number": "AAA0000295-2511",
        "opportunity_id": 160042,
        "transaction_id": row.transaction_id,
    }
    before = looks(desk)
    for name, value in keys.items():
        assert invoices.find_invoice(desk.tenant, **{name: value}) == invoice
        with pytest.raises(errors.InvoiceNotFound):
            invoices.find_invoice(hijaz, **{name: value})
    assert looks(desk) == before  # ours is kept
    with pytest.raises(errors.InvoiceKeyMissing):
        invoices.find_invoice(desk.tenant)
    with pytest.raises(errors.InvoiceKeyMissing):
        invoices.find_invoice(desk.tenant, invoice_num=1, policy_number="P")
    fresh = invoices.find_invoice(desk.tenant, invoice_num=286201, refresh=True)
    assert (looks(desk), fresh.live.net_due) == (before + 1, Decimal("4250.00"))
    assert invoices.print_invoice(fresh).startswith(b"%PDF-1.4\n% invoice 286201")


def test_an_ims_that_cannot_be_asked_is_said_so(desk):
    row = desk.post()
    desk.ims.knobs.add("drop_before", calls=0)
    with pytest.raises(errors.InvoiceRetrieval):
        invoices.find_invoice(desk.tenant, invoice_num=286201, refresh=True)
    with pytest.raises(errors.InvoiceGeneration):
        invoices.print_invoice(row.invoice)
    kept = invoices.find_invoice(desk.tenant, invoice_num=286201)
    assert (kept.premium, kept.net_due) == (Decimal("5000.00"), Decimal("4250.00"))


def test_the_number_is_written_as_the_environment_says(desk):
    desk.environment.invoice_number_format = "INV-{year}-{number}/{office_number}"
    desk.environment.save()
    row = desk.post()
    assert row.policy.invoice_number.startswith("INV-20")
    assert row.policy.invoice_number.endswith("-286201/261")
    assert (row.policy.ims_invoice_num, row.policy.office_invoice_num) == (286201, 261)


def test_no_bank_text_token_or_password_is_stored_or_logged(
    api, desk, caplog, django_capture_on_commit_callbacks
):
    caplog.set_level("DEBUG")
    with django_capture_on_commit_callbacks(execute=True):  # wakes the worker
        key = {"HTTP_IDEMPOTENCY_KEY": "k-1"}
        answered = api.post("/api/triton/transaction/new", transaction(), **key)
    assert answered.json()["status"] == "completed"
    done = TritonTransaction.objects.get()
    invoices.find_invoice(desk.tenant, invoice_num=286201, refresh=True)
    invoices.print_invoice(done.invoice)
    tokens = [token["guid"] for token in desk.ims.store.all("token")]
    # IMS itself may say them.
    odd = f"Row {tokens[-1]} of {desk.ims.password} is odd."
    desk.ims.knobs.add("fault", "BindQuote", text=odd)
    failed = desk.post(opportunity_id=7, policy_number="P-7")
    assert (failed.reason_code, failed.error) == ("unrecognised", "Row *** of *** is odd.")

    kept = everything_stored() + caplog.text
    secrets = [*tokens, desk.ims.password, "Stand-in Bank", "000111222"]
    assert "ims_call" in kept
    assert "AchOrWireTransfer" in kept
    assert [secret for secret in secrets if secret.lower() in kept.lower()] == []


def everything_stored() -> str:
    """Every column of every row, of whatever app: ours, the answers kept, the worker's queue."""
    stored = {model._meta.db_table: model for model in apps.get_models()}
    queue = ["procrastinate_jobs"] if connection.vendor == "postgresql" else []
    for table in ("idempotency_keys", *queue):
        assert stored[table]._base_manager.exists(), table
    rows = [row for model in stored.values() for row in model._base_manager.values_list()]
    return "".join(
        repr(bytes(value)) if isinstance(value, memoryview | bytes) else str(value)
        for row in rows
        for value in row
    )
