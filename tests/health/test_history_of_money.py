"""Who moved money stands in the history of payment and bill, and on the bill itself."""

from datetime import timedelta

from config.tenancy.models import Role
from health.models import History, Payment, TestInvoice
from tests.health.conftest import URL, bill
from tests.health.test_money_over_rest import PAYMENTS, pay
from tests.health.test_who_may import person


def said(row) -> list[tuple]:
    kind = "PAYMENT" if isinstance(row, Payment) else "TEST_INVOICE"
    rows = History.objects.filter(kind=kind, object_id=row.pk).order_by("id")
    return [(one.action, one.after, one.actor) for one in rows]


def test_every_move_of_money_has_its_row(lab, lab_api):
    cashier = person(lab, Role.ACCOUNTANT)
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    TestInvoice.objects.update(updated_at=TestInvoice.objects.get().updated_at - timedelta(1))
    before = TestInvoice.objects.get()

    payment = pay(cashier, pk, "600.00").json()["data"]["id"]
    door = f"{PAYMENTS}/{payment}"
    answers = [
        cashier.post(f"{door}/release", {"invoice_id": pk, "amount": "100.00"}),
        cashier.post(f"{door}/allocate", {"invoice_id": pk, "amount": "50.00"}),
        cashier.post(f"{door}/refund", {"amount": "150.00", "payment_mode": "CASH", "reason": "x"}),
        cashier.post(
            f"{URL}/{pk}/credit-notes",
            {"reason": "x", "items": [{"line_no": 1, "taxable_amount": "5.00"}]},
        ),
    ]
    assert {answer.status_code for answer in answers} <= {200, 201}

    who, invoice = "user:accountant-jwt", TestInvoice.objects.get()
    assert said(Payment.objects.get()) == [
        ("received", {"amount": "600.00", "mode": "CASH"}, who),
        ("confirmed", {"status": "POSTED"}, who),
        ("allocated", {"allocated_amount": "500.00"}, who),
        ("released", {"allocated_amount": "400.00"}, who),
        ("allocated", {"allocated_amount": "450.00"}, who),
        ("refunded", {"refunded_amount": "150.00"}, who),
    ]
    assert said(invoice)[2:] == [
        ("paid", {"paid_amount": "500.00"}, who),
        ("released", {"paid_amount": "400.00"}, who),
        ("paid", {"paid_amount": "450.00"}, who),
        ("credited", {"credited_amount": "5.00"}, who),
    ]
    assert invoice.updated_by == who != before.updated_by
    assert invoice.updated_at > before.updated_at + timedelta(hours=23)


def test_what_bounced_and_what_never_came_says_who_said_so(lab, lab_api):
    cashier = person(lab, Role.ACCOUNTANT)
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    cheque = pay(lab_api, pk, "100.00", "CHEQUE").json()["data"]["id"]
    upi = pay(lab_api, pk, "100.00", "UPI").json()["data"]["id"]

    cashier.post(f"{PAYMENTS}/{cheque}/reverse", {"reason": "bounced"})
    cashier.post(f"{PAYMENTS}/{upi}/fail", {"reason": "declined"})

    who = "user:accountant-jwt"
    assert said(Payment.objects.get(pk=cheque))[-2:] == [
        ("released", {"allocated_amount": "0.00"}, who),
        ("reversed", {"status": "REVERSED"}, who),
    ]
    assert said(Payment.objects.get(pk=upi))[-1] == ("failed", {"status": "FAILED"}, who)
    assert said(TestInvoice.objects.get())[-1] == ("released", {"paid_amount": "0.00"}, who)
    assert History.objects.filter(reason="declined").count() == 1
