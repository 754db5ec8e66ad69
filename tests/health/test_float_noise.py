"""The noise of somebody's float is off every amount of money, and finer than a paisa is refused."""

from decimal import Decimal

from health.models import CreditNote, Payment
from tests.health.conftest import API, URL, bill

NOISY, FINE = Decimal("0.30000000000000004"), Decimal("1.001")


def test_money_that_moves_is_read_as_a_bill_is(lab_api):
    made = lab_api.post(URL, bill(status="POSTED", patient_id=7)).json()["data"]
    pk, at = made["id"], f"{URL}/{made['id']}"
    cash = {"payment_mode": "CASH", "reason": "x"}
    paid = lab_api.post(f"{at}/payments", {"amount": "600", **cash}).json()["data"]
    doors = {
        f"{at}/payments": {"amount": NOISY, **cash},
        f"{API}/payments/{paid['id']}/release": {"invoice_id": pk, "amount": "0.10000000000000001"},
        f"{API}/payments/{paid['id']}/allocate": {"invoice_id": pk, "amount": Decimal("0.1")},
        f"{API}/payments/{paid['id']}/refund": {"amount": NOISY, **cash},
        f"{at}/credit-notes": {
            "reason": "x",
            "items": [{"line_no": 1, "taxable_amount": NOISY}],
        },
    }

    for door, said in doors.items():
        fine = {**said, "amount": FINE}
        if "items" in said:
            fine = {**said, "items": [{"line_no": 1, "taxable_amount": FINE}]}
        answer = lab_api.post(door, fine)
        told = answer.json()["errors"][0]
        assert (answer.status_code, told["code"]) == (400, "NOT_PAISA_EXACT"), (door, told)
        assert told["message_ar"]
        assert lab_api.post(door, said).status_code in (200, 201), door

    assert Payment.objects.order_by("-id")[0].amount == Decimal("0.30")
    assert CreditNote.objects.get().total_amount == Decimal("0.30")
    refund = Payment.objects.get(pk=paid["id"]).refunded_amount
    assert refund == Decimal("0.30")
