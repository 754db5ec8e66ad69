"""Who did what is told behind the button History, on a payment's page, and over REST."""

import pytest
from django.utils.html import escape

from config.tenancy.models import Role
from health.models import Account, LabSettings, Payment, Voucher
from tests.conftest import client_of
from tests.health.conftest import API, URL, bill, line
from tests.health.test_admin import page, signed_in
from tests.health.test_money_over_rest import PAYMENTS, pay


@pytest.fixture
def accountant(lab):
    return signed_in(lab, Role.ACCOUNTANT, "asha")


def told(browser, model: str, pk: int) -> str:
    return browser.get(page(f"{model}_history", pk)).content.decode().partition('id="content"')[2]


def test_the_button_of_a_bill_tells_who_did_what_and_why(accountant, lab_api):
    pk = lab_api.post(URL, bill()).json()["data"]["id"]
    assert (
        lab_api.put(f"{URL}/{pk}", {"items": [line(rate=200, test_name="<b>MRI")]}).status_code
        == 200
    )
    accountant.post(page("testinvoice_change", pk).replace("change/", "post-now/"))
    note = {"reason": "Not <i>done</i>", "items": [{"line_no": 1, "taxable_amount": 20}]}
    lab_api.post(f"{URL}/{pk}/credit-notes", note)

    text = told(accountant, "testinvoice", pk)

    assert "have a change history" not in text
    for said in (
        *("user:asha", "status: DRAFT → POSTED", "credited amount: 0.00 → 20.00"),
        *("Blood Test", escape("<b>MRI"), escape(note["reason"])),
    ):
        assert said in text, said
    assert "<b>MRI" not in text


def test_a_payment_s_history_is_behind_its_button_and_on_its_page(accountant, lab_api):
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    payment = pay(lab_api, pk, "600.00").json()["data"]["id"]
    accountant.post(
        page("payment_change", payment).replace("change/", "refund-now/"),
        {"amount": "100.00", "mode": "CASH", "reason": "too much"},
    )
    assert Payment.objects.get().refunded_amount == 100

    for text in (
        told(accountant, "payment", payment),
        accountant.get(page("payment_change", payment)).content.decode(),
    ):
        row = text.partition(">refunded<")[2].partition("</tr>")[0]
        for said in ("user:asha", "too much", "refunded amount: 0.00 → 100.00"):
            assert said in row, said


def test_a_payment_s_history_over_rest_is_its_own(lab_api, najd):
    pk = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    payment = pay(lab_api, pk, "600.00").json()["data"]["id"]
    at = f"{PAYMENTS}/{payment}/history"

    rows = lab_api.get(at).json()["data"]

    assert [(row["action"], row["before"], row["after"]) for row in rows] == [
        ("received", None, {"amount": "600.00", "mode": "CASH"}),
        ("confirmed", {"status": "PENDING"}, {"status": "POSTED"}),
        ("allocated", {"allocated_amount": "0.00"}, {"allocated_amount": "500.00"}),
    ]
    assert set(rows[0]) == {
        *("action", "before", "after", "reason", "actor", "request_id", "created_at"),
    }
    assert client_of(najd, "health:read").get(at).status_code == 404


def test_what_owners_changed_is_told_and_what_never_changes_says_so(lab, lab_owner):
    owner = signed_in(lab, Role.OWNER, "omkar")
    lab_owner.patch(f"{API}/settings", {"gross_revenue": True})
    lab_owner.post(URL, bill(status="POSTED"))
    account = Account.objects.get(code="4300-DIAGNOSTIC")
    lab_owner.patch(f"{API}/accounts/{account.pk}", {"name": "Genetics"})

    assert "gross revenue: False → True" in told(owner, "labsettings", LabSettings.objects.get().pk)
    assert "name: Diagnostic revenue → Genetics" in told(owner, "account", account.pk)
    voucher = Voucher.objects.get()
    assert f"by {voucher.created_by}" in told(owner, "voucher", voucher.pk)
    outsider = signed_in(lab, Role.INTEGRATOR, "ines")
    assert outsider.get(page("voucher_history", voucher.pk)).status_code == 403
