"""Money leaves an invoice again: overpaid through a credit note, released, or cancelled with it."""

from datetime import date

import pytest
from django.core.management import call_command

from health.models import Payment, TestInvoice, Voucher
from health.services.locks import lock_period
from tests.health.books import everything
from tests.health.conftest import URL, bill
from tests.health.test_credit_notes import balances
from tests.health.test_money_over_rest import PAYMENTS, pay, state_of


@pytest.fixture
def paid(lab_api) -> tuple[int, int]:
    """(invoice, payment): 500.00 in cash for a bill of 500.00."""
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    return pk, pay(lab_api, pk, "500.00").json()["data"]["id"]


def test_what_a_credit_note_made_too_much_is_given_back(lab_api, paid):
    pk, payment = paid
    part = {"reason": "not taken", "items": [{"line_no": 1, "taxable_amount": "200.00"}]}
    lab_api.post(f"{URL}/{pk}/credit-notes", part)
    assert state_of(lab_api, pk) == ("OVERPAID", 500, -200)
    back = {"invoice_id": pk, "payment_mode": "CASH", "reason": "credited"}

    more = lab_api.post(f"{PAYMENTS}/{payment}/refund", back | {"amount": "200.01"})
    assert (more.status_code, more.json()["error"]["code"]) == (409, "OVER_ALLOCATION")
    assert lab_api.post(f"{PAYMENTS}/{payment}/refund", back | {"amount": "50"}).status_code == 201
    assert state_of(lab_api, pk) == ("OVERPAID", 450, -150)
    assert lab_api.post(f"{PAYMENTS}/{payment}/refund", back | {"amount": "150"}).status_code == 201

    assert state_of(lab_api, pk) == ("PAID", 300, 0)
    assert balances() == {"1010-CASH": "300.00", "4300-DIAGNOSTIC": "-300.00"}
    row = Payment.objects.get()
    assert (row.allocated_amount, row.refunded_amount) == (300, 200)
    call_command("verify_ledger")


def test_a_refund_frees_no_more_than_it_gives_back(lab_api):
    """Two bills of 500.00 out of one payment, 200.00 of each credited; 250.00 are asked for."""
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    payment = pay(lab_api, pk, "1000.00").json()["data"]["id"]
    second = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    lab_api.post(f"{PAYMENTS}/{payment}/allocate", {"invoice_id": second, "amount": "500.00"})
    part = {"reason": "not taken", "items": [{"line_no": 1, "taxable_amount": "200.00"}]}
    for overpaid in (pk, second):
        lab_api.post(f"{URL}/{overpaid}/credit-notes", part)

    back = {"amount": "250.00", "payment_mode": "CASH", "reason": "credited"}
    assert lab_api.post(f"{PAYMENTS}/{payment}/refund", back).status_code == 201

    row = Payment.objects.get(pk=payment)
    assert (row.allocated_amount, row.refunded_amount) == (750, 250)
    over = TestInvoice.objects.filter(balance_amount__lt=0)
    assert list(over.values_list("balance_amount", flat=True)) == [-150]
    call_command("verify_ledger")


def test_what_is_released_is_an_advance_and_a_bounce_undoes_all_of_it(lab_api, paid):
    pk, payment = paid

    said = {"invoice_id": pk, "amount": "100.00"}
    answer = lab_api.post(f"{PAYMENTS}/{payment}/release", said)

    assert (answer.status_code, answer.json()["data"]["allocated_amount"]) == (200, 400)
    assert state_of(lab_api, pk) == ("PARTIAL", 400, 100)
    assert balances()["2200-PAT-ADV"] == "-100.00"
    over = lab_api.post(f"{PAYMENTS}/{payment}/release", said | {"amount": "400.01"})
    assert (over.status_code, over.json()["error"]["code"]) == (409, "OVER_ALLOCATION")
    lab_api.post(f"{PAYMENTS}/{payment}/allocate", said | {"amount": "30.00"})
    lab_api.post(f"{PAYMENTS}/{payment}/reverse", {"reason": "returned unpaid"})
    assert balances() == {"1100-AR": "500.00", "4300-DIAGNOSTIC": "-500.00"}
    assert state_of(lab_api, pk) == ("UNPAID", 0, 500)
    call_command("verify_ledger")


def test_a_paid_invoice_is_cancelled_where_its_money_may_stay_as_an_advance(lab_api, paid):
    pk, payment = paid
    said = {"reason": "wrong patient", "release_payments": True}

    assert lab_api.post(f"{URL}/{pk}/cancel", said).status_code == 200

    assert TestInvoice.objects.get().status == "CANCELLED"
    assert balances() == {"1010-CASH": "500.00", "2200-PAT-ADV": "-500.00"}
    assert Payment.objects.get().allocated_amount == 0
    call_command("verify_ledger")
    spent = {"invoice_id": pk, "amount": "1.00"}
    assert lab_api.post(f"{PAYMENTS}/{payment}/allocate", spent).status_code == 409


def test_nothing_is_released_that_pays_something_else(lab_api, paid):
    other = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    before = Voucher.objects.count()

    answer = lab_api.post(f"{PAYMENTS}/{paid[1]}/release", {"invoice_id": other})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "OVER_ALLOCATION")
    assert Voucher.objects.count() == before


def test_nothing_is_undone_or_spent_before_it_was_there(lab, lab_api):
    def billed(day: str) -> int:
        said = bill(status="POSTED", invoice_date=f"{day}T10:00:00")
        return lab_api.post(URL, said).json()["data"]["id"]

    def paid(pk: int, amount: str, mode: str, day: str) -> str:
        answer = pay(lab_api, pk, amount, mode, date=day)
        return f"{PAYMENTS}/{answer.json()['data']['id']}"

    first, later = billed("2024-01-15"), billed("2024-02-10")
    cash = paid(first, "700.00", "CASH", "2024-02-05")
    upi = paid(first, "100.00", "UPI", "2024-01-31")
    lock_period(lab, upto=date(2024, 1, 31), scope="ALL", reason="closed", actor="t")
    assert lab_api.post(f"{upi}/confirm").json()["success"]  # it is dated today
    spent = {"invoice_id": later, "amount": "50.00", "date": "2024-02-20"}
    assert lab_api.post(f"{cash}/allocate", spent).status_code == 200
    why, money = {"reason": "x"}, {"reason": "x", "amount": "1.00", "payment_mode": "CASH"}
    before = everything()

    for path, day, said in (
        (f"{URL}/{first}/cancel", "2024-02-04", {"release_payments": True, **why}),
        (f"{cash}/allocate", "2024-02-09", spent),
        (f"{cash}/release", "2024-02-19", {"invoice_id": later}),
        (f"{cash}/reverse", "2024-02-19", why),
        (f"{upi}/refund", "2024-02-20", money),
        (f"{upi}/allocate", "2024-02-20", spent),
        (f"{upi}/reverse", "2024-02-20", why),
    ):
        answer = lab_api.post(path, said | {"date": day})
        assert answer.json().get("error", {}).get("code") == "DATE_TOO_EARLY", path
    assert everything() == before

    freed = {"invoice_id": later, "amount": "20.00", "date": "2024-02-20"}
    assert lab_api.post(f"{cash}/release", freed).status_code == 200
    # What stays of the allocation is a new row, and as old as the first.
    early = lab_api.post(f"{cash}/release", freed | {"date": "2024-02-19"})
    assert early.json()["error"]["code"] == "DATE_TOO_EARLY"
    assert lab_api.post(f"{cash}/reverse", why | {"date": "2024-02-20"}).status_code == 200
