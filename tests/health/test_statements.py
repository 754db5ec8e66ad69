"""A patient's account and an account's ledger, by hand from the vouchers behind them."""

import pytest

from health.models import Patient
from tests.conftest import client_of
from tests.health.conftest import URL, bill, line

HEALTH = "/api/v1/health"
ASHA, RAVI = {"patient_id": 7, "patient_name": "Asha"}, {"patient_id": 8, "patient_name": "Ravi"}


@pytest.fixture
def story(lab_api):
    """Asha: billed 500 and 300, pays 600 for the first, 70 of the rest for the second, gets 20
    back, has 50 credited, and a bill cancelled. Ravi: billed 80.
    """

    def billed(who: dict, day: str, rate: int) -> int:
        said = bill(**who, status="POSTED", invoice_date=f"{day}T09:00:00", items=[line(rate=rate)])
        return lab_api.post(URL, said | {"invoice_number": f"{who['patient_name']}/{rate}"}).json()[
            "data"
        ]["id"]

    def done(at: str, **said) -> dict:
        answer = lab_api.post(f"{HEALTH}/{at}", said)
        assert answer.status_code in (200, 201), answer.json()
        return answer.json().get("data", {})

    first, second = billed(ASHA, "2024-01-10", 500), billed(ASHA, "2024-02-01", 300)
    paid = done(
        f"testinvoices/{first}/payments", amount=600, payment_mode="CASH", date="2024-02-02"
    )
    done(f"payments/{paid['id']}/allocate", invoice_id=second, amount=70, date="2024-02-03")
    done(
        f"payments/{paid['id']}/refund",
        amount=20,
        payment_mode="CASH",
        date="2024-02-04",
        reason="x",
    )
    credit = [{"line_no": 1, "taxable_amount": 50}]
    done(f"testinvoices/{second}/credit-notes", reason="less", date="2024-02-05", items=credit)
    third = billed(ASHA, "2024-02-06", 40)
    done(f"testinvoices/{third}/cancel", reason="twice", date="2024-02-07")
    billed(RAVI, "2024-02-08", 80)
    return lab_api


def asked(api, at: str, first: str, last: str, **more) -> dict:
    return api.get(f"{HEALTH}/{at}", {"date_from": first, "date_to": last, **more}).json()["data"]


def test_the_account_of_a_patient(story):
    data = asked(story, "statements/7", "2024-02-01", "2024-02-29")

    assert [(row[0], row[2], row[3], *row[4:]) for row in data["rows"]] == [
        ("2024-02-01", "Opening balance", "", 0, 0, 500),
        ("2024-02-01", "Invoice", "Asha/300", 300, 0, 800),
        ("2024-02-02", "Payment", "RCPT202402020001", 0, 600, 200),
        # The advance that was spent on the second bill moves nothing between the two of them.
        ("2024-02-04", "Refund", "RCPT202402020001", 20, 0, 220),
        ("2024-02-05", "Credit note", "CN/2324/000001", 0, 50, 170),
        ("2024-02-06", "Invoice", "Asha/40", 40, 0, 210),
        ("2024-02-07", "Invoice cancelled", "Asha/40", 0, 40, 170),
    ]
    assert data["facts"] == {
        "patient": "Asha", "patient id": 7, "phone": "", "opening balance": 500,
        "closing balance": 170,
    }  # fmt: skip
    assert data["totals"] == {"debit": 360, "credit": 690}


def test_all_accounts_together_are_what_the_books_say_patients_owe(story):
    balances = [
        asked(story, f"statements/{who}", "2024-01-01", "2024-12-31")["facts"]["closing balance"]
        for who in (7, 8)
    ]
    trial = asked(story, "reports/trial-balance", "2024-01-01", "2024-12-31")["rows"]
    sides = {row[0]: row[3] - row[4] for row in trial}

    assert balances == [170, 80]
    assert sum(balances) == sides["1100-AR"] + sides["2200-PAT-ADV"]


def test_who_is_known_by_a_master_or_a_document_and_nobody_else(story, lab, najd):
    Patient.objects.create(tenant=lab, reference=9, name="Nila", phone="98")

    empty = asked(story, "statements/9", "2024-01-01", "2024-12-31")
    assert (empty["facts"]["patient"], empty["facts"]["closing balance"]) == ("Nila", 0)
    assert story.get(f"{HEALTH}/statements/10").status_code == 404
    assert client_of(najd).get(f"{HEALTH}/statements/7").status_code == 404
    assert client_of(lab, "invoices:read").get(f"{HEALTH}/statements/7").status_code == 403


def test_the_ledger_of_an_account_runs_from_balance_to_balance(story):
    cash = asked(story, "reports/ledger", "2024-02-03", "2024-02-29", account="1010-CASH")
    sold = asked(story, "reports/ledger", "2024-02-05", "2024-02-29", account="4300-DIAGNOSTIC")

    assert [(row[0], row[3], *row[6:]) for row in cash["rows"]] == [
        ("2024-02-03", "", 0, 0, 600),
        ("2024-02-04", "RCPT202402020001", 0, 20, 580),
    ]
    assert (cash["facts"]["opening balance"], cash["facts"]["closing balance"]) == (600, 580)
    # Revenue grows on the credit side.
    assert [row[6:] for row in sold["rows"]] == [
        [0, 0, 800], [50, 0, 750], [0, 40, 790], [40, 0, 750], [0, 80, 830],
    ]  # fmt: skip
    assert sold["totals"] == {"debit": 90, "credit": 120}
    refused = story.get(f"{HEALTH}/reports/ledger", {"account": "9999"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "account")
