"""What was credited or cancelled is owed by nobody: so say list, bulk work and letters."""

import re

import pytest

from config.delivery import services
from config.tenancy.models import Role
from health.models import LabSettings, TestInvoice
from tests.health.conftest import URL, bill
from tests.health.test_admin import page, signed_in
from tests.health.test_admin_work import act, made, text
from tests.health.test_money_over_rest import pay

OLD = {"status": "POSTED", "invoice_date": "2024-01-15T10:00:00"}


@pytest.fixture
def accountant(lab):
    return signed_in(lab, Role.ACCOUNTANT, "asha")


def row_of(html: str, pk: int) -> str:
    """The words of its row in the list."""
    row = html.partition(page("testinvoice_change", pk))[2].partition("</tr>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", row).split()).upper()


def test_a_bill_that_is_credited_whole_is_late_no_more(accountant, lab_api):
    credited, owed = made(lab_api, **OLD), made(lab_api, **OLD)
    lab_api.post(f"{URL}/{credited}/credit-notes", {"reason": "Not done"})

    listed = text(accountant.get(page("testinvoice_changelist")))

    assert "CREDITED" in row_of(listed, credited)
    for said in ("OVER 90 DAYS", "UNPAID"):
        assert said in row_of(listed, owed)
        assert said not in row_of(listed, credited)


def test_what_was_cancelled_is_told_without_a_debt(accountant, lab_api):
    draft, posted = made(lab_api), made(lab_api, status="POSTED")

    told = text(act(accountant, "cancel_selected", draft, posted, confirmed="yes", reason="twice"))

    assert TestInvoice.objects.filter(status="CANCELLED").count() == 2
    assert told.count("Done: CANCELLED.") == 2
    assert "due" not in told.partition("What became of it")[2].partition("</table>")[0]


def letter_of(post_office, lab_api, pk: int) -> str:
    lab_api.post(f"{URL}/{pk}/email", {"to": "john@doe.example"})
    services.deliver_due()
    letter = post_office.desk.letters[-1]
    plain = letter.get_body("plain").get_content().replace("\r", "")
    rich = re.sub(r"<[^>]+>", " ", letter.get_body("html").get_content())
    assert " ".join(re.sub(r"[:\n]", " ", sums(plain)).split()) in " ".join(rich.split())
    return sums(plain)


def sums(plain: str) -> str:
    """The lines from the total on."""
    return plain.partition("Total")[1] + plain.partition("Total")[2].strip()


def test_the_letter_adds_up(lab, lab_api, post_office):
    LabSettings.objects.update_or_create(tenant=lab, defaults={"overpay_policy": "ALLOW"})
    whole, part, over = (made(lab_api, status="POSTED") for _ in range(3))
    lab_api.post(f"{URL}/{whole}/credit-notes", {"reason": "Not done"})
    note = {"reason": "less", "items": [{"line_no": 1, "taxable_amount": "20.00"}]}
    lab_api.post(f"{URL}/{part}/credit-notes", note)
    pay(lab_api, part, "80.00")
    pay(lab_api, over, "550.00")

    assert letter_of(post_office, lab_api, whole) == (
        "Total: INR 500.00\nCredited: INR 500.00\nBalance: INR 0.00"
    )
    assert letter_of(post_office, lab_api, part) == (
        "Total: INR 500.00\nCredited: INR 20.00\nPaid: INR 80.00\nBalance: INR 400.00"
    )
    assert letter_of(post_office, lab_api, over) == (
        "Total: INR 500.00\nPaid: INR 550.00\nIn your favour: INR 50.00"
    )


def test_what_nobody_owes_is_due_on_no_day(lab_api, post_office):
    said = bill(status="POSTED", due_date="2999-01-31")
    owed, settled = (lab_api.post(URL, said).json()["data"]["id"] for _ in range(2))
    pay(lab_api, settled, "500.00")

    assert letter_of(post_office, lab_api, owed).endswith("Balance: INR 500.00\nDue: 31 Jan 2999")
    assert letter_of(post_office, lab_api, settled).endswith("Balance: INR 0.00")
