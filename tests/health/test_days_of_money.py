"""On no day do the books know money that has not come, or a debt that is not there yet."""

from datetime import date

import pytest
from django.db.models import Sum

from health.models import VoucherLine
from tests.health.books import everything
from tests.health.conftest import URL, bill
from tests.health.invariants import broken
from tests.health.test_money_over_rest import PAYMENTS, pay

CASH, DAY = "1010-CASH", "2024-01-{:02d}".format
RECEIVABLE, ADVANCE = "1100-AR", "2200-PAT-ADV"
WHY = {"reason": "x"}
MONEY = WHY | {"payment_mode": "CASH"}


@pytest.fixture
def do(lab_api):
    """Ask for something dated a day of January 2024; the code of the answer."""

    def ask(path: str, day: int, **said) -> str:
        before = everything()
        answer = lab_api.post(path, said | {"date": DAY(day)})
        if answer.status_code < 400:
            return "done"
        assert everything() == before
        return answer.json()["error"]["code"]

    return ask


@pytest.fixture
def billed(lab_api):
    def post(day: int) -> int:
        said = bill(status="POSTED", invoice_date=f"{DAY(day)}T10:00:00")
        return lab_api.post(URL, said).json()["data"]["id"]

    return post


def stands(day: int) -> dict[str, str]:
    lines = VoucherLine.objects.filter(voucher__date__lte=date(2024, 1, day))
    sums = lines.values_list("account__code").annotate(Sum("debit"), Sum("credit"))
    return {code: str(debit - credit) for code, debit, credit in sums if debit != credit}


def paid(api, pk: int, amount: str, day: int, **more) -> str:
    answer = pay(api, pk, amount, date=DAY(day), **more)
    return f"{PAYMENTS}/{answer.json()['data']['id']}"


@pytest.mark.parametrize("mode", ["CASH", "UPI"])
def test_money_that_came_before_its_bill_is_an_advance_until_then(lab_api, billed, mode):
    pk = billed(20)

    answer = pay(lab_api, pk, "600.00", mode, date=DAY(5))

    data = answer.json()["data"]
    assert [warning["code"] for warning in data["warnings"]] == ["BEFORE_BILL"]
    if mode == "UPI":
        lab_api.post(f"{PAYMENTS}/{data['id']}/confirm")
    asset = CASH if mode == "CASH" else "1030-UPI"
    assert stands(4) == {}
    assert stands(5) == stands(19) == {asset: "600.00", ADVANCE: "-600.00"}
    assert stands(20) == {asset: "600.00", ADVANCE: "-100.00", "4300-DIAGNOSTIC": "-500.00"}
    told = lab_api.get(f"{URL}/{pk}").json()["data"]
    assert (told["payment_status"], told["balance_amount"]) == ("PAID", 0)
    assert list(broken(everything())) == []


def test_what_is_released_later_is_neither_spent_nor_given_back_before(lab_api, billed, do):
    first, other = billed(1), billed(1)
    payment = paid(lab_api, first, "500.00", 1)
    assert do(f"{payment}/release", 20, invoice_id=first) == "done"

    for day, found in ((19, "DATE_TOO_EARLY"), (20, "done")):
        assert do(f"{payment}/allocate", day, invoice_id=other, amount="40.00") == found
        assert do(f"{payment}/refund", day, amount="60.00", **MONEY) == found
    # What paid the other bill before had left it only then.
    assert do(f"{payment}/release", 25, invoice_id=other) == "done"
    held = paid(lab_api, first, "600.00", 21)
    assert do(f"{held}/allocate", 24, invoice_id=other, amount="40.00") == "DATE_TOO_EARLY"
    assert do(f"{held}/allocate", 25, invoice_id=other, amount="40.00") == "done"
    assert list(broken(everything())) == []


def test_what_is_credited_later_is_not_given_back_before(lab_api, billed, do):
    pk = billed(1)
    payment = paid(lab_api, pk, "500.00", 1)
    assert do(f"{URL}/{pk}/credit-notes", 20, **WHY) == "done"

    for day, found in ((19, "DATE_TOO_EARLY"), (20, "done")):
        assert do(f"{payment}/refund", day, amount="100.00", **MONEY) == found
        named = {"amount": "100.00", "invoice_id": pk}
        assert do(f"{payment}/refund", day, **named, **MONEY) == found


def test_a_bill_is_not_cancelled_before_its_money_was_given_up(lab_api, billed, do):
    released, bounced = billed(1), billed(1)
    assert do(f"{paid(lab_api, released, '500.00', 1)}/release", 20, invoice_id=released) == "done"
    assert do(f"{paid(lab_api, bounced, '500.00', 1)}/reverse", 20, **WHY) == "done"

    for pk in (released, bounced):
        assert do(f"{URL}/{pk}/cancel", 19, **WHY) == "DATE_TOO_EARLY"
        assert do(f"{URL}/{pk}/cancel", 20, **WHY) == "done"
    assert list(broken(everything())) == []


def test_who_pays_again_before_the_first_money_bounced_pays_in_advance(lab_api, billed, do):
    pk = billed(1)
    assert do(f"{paid(lab_api, pk, '500.00', 1)}/reverse", 20, **WHY) == "done"

    paid(lab_api, pk, "500.00", 5)

    for day, receivable, advance in ((1, None, None), (5, None, "-500.00"), (20, None, None)):
        assert (stands(day).get(RECEIVABLE), stands(day).get(ADVANCE)) == (receivable, advance)
    assert list(broken(everything())) == []
