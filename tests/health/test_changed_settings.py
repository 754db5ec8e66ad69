"""What was posted is settled and undone as it was posted, whatever the laboratory wants by then."""

import pytest
from django.core.management import call_command

from health.models import Account, AccountMapping, LabSettings
from tests.health.conftest import URL, bill, line
from tests.health.test_credit_notes import JANUARY, balances
from tests.health.test_money_over_rest import PAYMENTS, pay

# 1,000.00 less 50.00 on the line, 18 % on 950.00, less 21.00 on the whole.
GROSS = bill(
    status="POSTED",
    invoice_date="2024-01-15T10:00:00",
    patient_id=45,
    items=[line(rate=1000, disc_percentage=5, cgst_rate=9, sgst_rate=9)],
    overall_disc_amount="21.00",
)
DAY = {"date": "2024-01-31"}


def want(lab, **changes) -> None:
    LabSettings.objects.update_or_create(tenant=lab, defaults=changes)


def play(lab, part: str, account_type: str) -> None:
    """From now on an account of a new number plays the part."""
    account, _ = Account.objects.get_or_create(
        tenant=lab, code=f"9-{part}", defaults={"name": part, "account_type": account_type}
    )
    AccountMapping.objects.update_or_create(
        tenant=lab, system_code=part, defaults={"account": account}
    )


@pytest.mark.parametrize(
    ("then", "now"),
    [
        ({"voucher_layout": "SPLIT"}, {"voucher_layout": "COMPACT"}),
        ({"voucher_layout": "COMPACT"}, {"voucher_layout": "SPLIT"}),
        ({"gross_revenue": False}, {"gross_revenue": True}),
        ({"gross_revenue": True}, {"gross_revenue": False}),
    ],
)
def test_a_note_over_everything_leaves_nothing_after_a_change(lab, lab_api, then, now):
    want(lab, **then)
    pk = lab_api.post(URL, GROSS).json()["data"]["id"]
    part = {"items": [{"line_no": 1, "taxable_amount": "333.33"}]}
    assert lab_api.post(f"{URL}/{pk}/credit-notes", JANUARY | part).status_code == 201
    want(lab, **now)

    assert lab_api.post(f"{URL}/{pk}/credit-notes", JANUARY).status_code == 201

    assert balances() == {}
    call_command("verify_ledger")


def test_a_note_goes_to_the_accounts_of_its_bill(lab, lab_api):
    pk = lab_api.post(URL, GROSS).json()["data"]["id"]
    for part, kind in (
        ("ACCOUNTS_RECEIVABLE", "ASSET"),
        ("TEST_REVENUE", "REVENUE"),
        ("GST_OUTPUT_CGST", "LIABILITY"),
        ("DISCOUNT_ALLOWED", "EXPENSE"),
    ):
        play(lab, part, kind)

    assert lab_api.post(f"{URL}/{pk}/credit-notes", JANUARY).status_code == 201

    assert balances() == {}
    call_command("verify_ledger")


def test_money_pays_where_the_bill_stands_and_goes_back_from_where_it_is_held(lab, lab_api):
    """A bill of 1,100.00; 1,200.00 received before the accounts change, all of it undone after."""
    pk = lab_api.post(URL, GROSS).json()["data"]["id"]
    payment = pay(lab_api, pk, "1200.00", **DAY).json()["data"]["id"]
    assert balances()["2200-PAT-ADV"] == "-100.00"
    play(lab, "ACCOUNTS_RECEIVABLE", "ASSET")
    play(lab, "PATIENT_ADVANCE", "LIABILITY")

    freed = lab_api.post(f"{PAYMENTS}/{payment}/release", {"invoice_id": pk, **DAY})
    spent = {"invoice_id": pk, "amount": "1000.00", **DAY}
    assert lab_api.post(f"{PAYMENTS}/{payment}/allocate", spent).status_code == 200
    back = {"amount": "200.00", "payment_mode": "CASH", "reason": "too much", **DAY}
    assert lab_api.post(f"{PAYMENTS}/{payment}/refund", back).status_code == 201
    assert pay(lab_api, pk, "100.00", **DAY).status_code == 201

    assert freed.json()["data"]["allocated_amount"] == 0
    assert balances() == {
        "1010-CASH": "1100.00",
        "2310-GST-CGST-OUT": "-85.50",
        "2320-GST-SGST-OUT": "-85.50",
        "4300-DIAGNOSTIC": "-950.00",
        "5300-DISC-GIVEN": "21.00",
    }
    call_command("verify_ledger")
