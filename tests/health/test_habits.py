"""Who gives discounts, how long bills wait for their money, and what each branch brings."""

from decimal import Decimal

import pytest

from health.plots import Bar, Course, columns, courses
from tests.conftest import client_of
from tests.health.conftest import API, URL, bill, line
from tests.health.test_admin import page, signed_in

YEAR = {"date_from": "2024-01-01", "date_to": "2024-12-31"}


@pytest.fixture
def habits(lab) -> None:
    """Two programs that bill in two branches and in none; and a draft."""
    front, back = client_of(lab, "health:read", "health:write"), client_of(lab, "admin")

    def billed(api, day: str, *, paid_on: str = "", rate: int = 1000, off: int = 0, **more):
        items = [line(rate=rate, disc_percentage=off)]
        said = bill(invoice_date=f"{day}T10:00:00", status="POSTED", items=items, **more)
        pk = api.post(URL, said).json()["data"]["id"]
        if paid_on:
            due = front.get(f"{URL}/{pk}").json()["data"]["final_amount"]
            money = {"amount": due, "payment_mode": "CASH", "date": paid_on}
            assert front.post(f"{URL}/{pk}/payments", money).status_code == 201

    billed(front, "2024-01-10", paid_on="2024-01-10", branch_id=7)
    billed(front, "2024-01-11", paid_on="2024-01-18", branch_id=7, off=25)
    billed(front, "2024-02-01", paid_on="2024-05-02", branch_id=12, overall_disc_amount=50)
    billed(back, "2024-02-02", rate=200)
    front.post(URL, bill(branch_id=7, invoice_date="2024-01-10T10:00:00"))


def told(lab, name: str, **only: str) -> list[list]:
    answer = client_of(lab).get(f"{API}/reports/{name}", YEAR | only)
    return answer.json()["data"]["rows"]


def test_discounts_are_told_by_who_billed(habits, lab):
    rows = {tuple(row[1:]) for row in told(lab, "discounts")}

    # 250.00 of a line and 50.00 of a whole, of three bills; of the other's bill nothing.
    assert rows == {(3, 3000, 300, 10), (1, 200, 0, 0)}
    [front] = [row[0] for row in told(lab, "discounts") if row[1] == 3]
    behind = told(lab, "bills", by=front, status="POSTED")
    assert [(row[7], row[8]) for row in behind] == [(1000, 0), (1000, 250), (1000, 50)]


def test_branches_are_told_with_what_became_of_their_bills(habits, lab):
    assert told(lab, "branches") == [
        ["none", 1, 200, 0, 0, 200],
        ["7", 2, 1750, 0, 1750, 0],
        ["12", 1, 950, 0, 950, 0],
    ]
    assert len(told(lab, "bills", branch="7")) == 3  # the draft is in the register


def test_days_to_pay_go_from_the_bill_to_its_last_money(habits, lab):
    assert told(lab, "days-to-pay") == [
        ["same day", 1, 1000],
        ["1-7", 1, 750],
        ["over 90", 1, 950],
    ]
    [late] = told(lab, "paid-bills", within="over 90")
    assert (late[0], late[3:]) == ("2024-02-01", ["2024-05-02", 91, "over 90", 950])


def test_the_plots_of_habits_lead_to_the_bills_behind_them(habits, lab):
    text = signed_in(lab, "viewer", "vani").get(page("analytics"), YEAR).content.decode()

    for phrase in (
        "10.00% · ₹300.00 of ₹3,000.00", "1-7: 1 paid · ₹750.00", "Branch 7: ₹1,750.00 on 2",
        "No branch: ₹200.00 on 1", "paid-bills/?date_from=2024-01-01", "branch=12",
    ):  # fmt: skip
        assert phrase in text, phrase


def test_counts_have_an_axis_of_whole_numbers_and_a_line_ends_where_its_row_does():
    one = columns([("a", [Bar(Decimal(6), "six", "/")])], "t", are_counts=True)
    assert [f">{n}</text>" in one for n in (0, 2, 4, 6, 8)] == [True] * 5
    line_of = courses([Course("b", [Decimal(0), Decimal(4), Decimal(2)], "s", "/")], "t")
    assert 'points="230.0,48.0 465.0,18.0 700.0,33.0"' in line_of
