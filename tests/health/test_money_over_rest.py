"""Money over REST: half is paid, a gateway is slow, a cheque bounces; nothing is paid twice."""

import pytest

from health.models import Payment, TestInvoice, Voucher
from tests.conftest import client_of
from tests.health.conftest import URL, bill

PAYMENTS = "/api/v1/health/payments"


@pytest.fixture
def billed(lab_api) -> int:
    """A posted invoice of 500.00."""
    return lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]


def pay(api, pk: int, amount: str, mode: str = "CASH", **more):
    return api.post(f"{URL}/{pk}/payments", {"amount": amount, "payment_mode": mode, **more})


def state_of(api, pk: int) -> tuple:
    data = api.get(f"{URL}/{pk}").json()["data"]
    return data["payment_status"], data["paid_amount"], data["balance_amount"]


def test_half_in_cash_then_the_rest_by_a_gateway(lab_api, billed):
    assert pay(lab_api, billed, "250.00").status_code == 201
    assert state_of(lab_api, billed) == ("PARTIAL", 250, 250)

    slow = pay(lab_api, billed, "250.00", "UPI", gateway_id="upi-1").json()["data"]
    assert (slow["status"], slow["voucher_number"]) == ("PENDING", None)
    assert state_of(lab_api, billed) == ("PARTIAL", 250, 250)

    done = lab_api.post(f"{PAYMENTS}/{slow['id']}/confirm").json()["data"]
    assert done["status"] == "POSTED"
    assert state_of(lab_api, billed) == ("PAID", 500, 0)
    listed = lab_api.get(f"{URL}/{billed}/payments").json()["data"]
    assert [row["amount"] for row in listed] == [250, 250]


def test_what_is_too_much_is_an_advance_that_is_given_back(lab_api, billed):
    payment = pay(lab_api, billed, "600.00").json()["data"]
    assert (payment["allocated_amount"], state_of(lab_api, billed)[0]) == (500, "PAID")
    back = f"{PAYMENTS}/{payment['id']}/refund"

    said = {"payment_mode": "CASH", "reason": "paid too much"}
    assert lab_api.post(back, {"amount": "100.01", **said}).status_code == 409
    assert lab_api.post(back, {"amount": "100.00", **said}).status_code == 201
    assert Payment.objects.get().refunded_amount == 100


def test_a_bill_names_the_receipts_that_pay_it(lab_api, lab, billed):
    """One was offered for another bill, and one that was offered for this one pays it no more."""
    other = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    rich = pay(lab_api, other, "700.00").json()["data"]
    own = pay(lab_api, billed, "400.00").json()["data"]
    lab_api.post(f"{PAYMENTS}/{own['id']}/release", {"invoice_id": billed})
    for amount in ("150.00", "50.00"):
        said = {"invoice_id": billed, "amount": amount}
        assert lab_api.post(f"{PAYMENTS}/{rich['id']}/allocate", said).status_code == 200
    part = {"invoice_id": billed, "amount": "20.00"}
    lab_api.post(f"{PAYMENTS}/{rich['id']}/release", part)

    listed = lab_api.get(f"{URL}/{billed}/payments").json()["data"]
    within = lab_api.get(f"{URL}/{billed}").json()["data"]["payments"]

    assert [(row["number"], row["amount"], row["applied_amount"]) for row in listed] == [
        (rich["number"], 700, 180),
        (own["number"], 400, 0),
    ]
    assert [row["applied_amount"] for row in within] == [180, 0]
    lab_api.post(f"{PAYMENTS}/{rich['id']}/release", {"invoice_id": billed})
    listed = lab_api.get(f"{URL}/{billed}/payments").json()["data"]
    assert [(row["number"], row["applied_amount"]) for row in listed] == [(own["number"], 0)]


def test_a_bounced_cheque_makes_the_invoice_owed_again(lab_api, billed):
    payment = pay(lab_api, billed, "500.00", "CHEQUE").json()["data"]

    said = {"reason": "returned unpaid"}
    answer = lab_api.post(f"{PAYMENTS}/{payment['id']}/reverse", said).json()["data"]

    assert answer["status"] == "REVERSED"
    assert state_of(lab_api, billed) == ("UNPAID", 0, 500)


def test_who_has_paid_is_not_cancelled(lab_api, billed):
    pay(lab_api, billed, "1.00")

    answer = lab_api.post(f"{URL}/{billed}/cancel", {"reason": "twice"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "HAS_PAYMENTS")
    assert TestInvoice.objects.get().status == "POSTED"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"amount": "-1.00", "payment_mode": "CASH"}, "amount"),
        ({"amount": "1.001", "payment_mode": "CASH"}, "amount"),
        ({"amount": "0.00", "payment_mode": "CASH"}, "amount"),
        ({"amount": "1.00", "payment_mode": "BARTER"}, "payment_mode"),
        ({"payment_mode": "CASH"}, "amount"),
    ],
)
def test_what_is_no_payment_is_told_with_its_field(lab_api, billed, said, field):
    answer = lab_api.post(f"{URL}/{billed}/payments", said)

    assert (answer.status_code, answer.json()["error"]["param"]) == (400, field)
    assert not Payment.objects.exists()
    assert Voucher.objects.count() == 1


def test_a_draft_takes_no_money_and_another_tenants_is_not_there(lab_api, najd):
    draft = lab_api.post(URL, bill()).json()["data"]["id"]

    assert pay(lab_api, draft, "1.00").status_code == 409
    assert pay(client_of(najd), draft, "1.00").status_code == 404
    assert not Payment.objects.exists()


def test_much_cash_of_one_person_in_a_day_is_told(lab_api):
    said = bill(status="POSTED", items=[{"line_no": 1, "test_name": "MRI", "rate": "300000"}])
    pk = lab_api.post(URL, said).json()["data"]["id"]

    warned = [
        [warning["code"] for warning in pay(lab_api, pk, amount, mode).json()["data"]["warnings"]]
        for amount, mode in (("199999.99", "CASH"), ("50000", "BANK"), ("0.01", "CASH"))
    ]

    assert warned == [[], [], ["CASH_LIMIT"]]


def test_amounts_are_answered_with_their_paise_as_they_will_be_read(lab_api, lab_owner, billed):
    at = f"{URL}/{billed}/payments"
    given = lab_api.post(at, {"amount": 1, "payment_mode": "CASH"}).content
    assert b'"amount":1.00,"allocated_amount":1.00,"refunded_amount":0.00' in given
    assert b'"amount":1.00' in lab_api.get(at).content

    told = {
        "reference": 1,
        "name": "MRI",
        "price": "8000",
        "gst_rate": 18,
        "supply_type": "TAXABLE",
    }
    kept = lab_api.post("/api/v1/health/tests", told)
    assert b'"price":8000.00' in kept.content
    assert b'"gst_rate":18.000' in kept.content
    settings = lab_owner.patch("/api/v1/health/settings", {"roundoff_limit": "0.5"})
    assert b'"roundoff_limit":0.50' in settings.content
