"""The laboratory in the back office: every page opens, and the same services do the work."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from config.tenancy.models import Role
from config.tenancy.services import grant_role
from health.models import Payment, PeriodLock, TestInvoice, Voucher
from health.reports import REPORTS
from tests.health.conftest import API, URL, bill, sample_of


def signed_in(tenant, role: str, name: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    grant_role(user=user, tenant=tenant, role=role)
    browser = Client()
    browser.force_login(user)
    return browser


@pytest.fixture
def accountant(lab) -> Client:
    return signed_in(lab, Role.ACCOUNTANT, "asha")


def page(name: str, *args) -> str:
    return reverse(f"admin:health_{name}", args=args)


def test_the_list_shows_indian_figures_and_the_sums_of_what_is_filtered(
    accountant, lab_api, reference
):
    lab_api.post(URL, sample_of(reference))
    lab_api.post(
        URL, bill(status="POSTED", items=[{"line_no": 1, "test_name": "MRI", "rate": "1112150"}])
    )

    text = accountant.get(page("testinvoice_changelist")).content.decode()

    assert "11,12,150.00" in text
    assert "2 invoices · billed ₹11,13,271.50 · tax ₹171.00 · paid ₹0.00" in text


def test_a_bill_shows_the_receipt_of_another_whose_advance_pays_it(accountant, lab_api):
    first, second = (
        lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"] for _ in range(2)
    )
    money = {"amount": "1650.00", "payment_mode": "CASH"}
    receipt = lab_api.post(f"{URL}/{first}/payments", money).json()["data"]
    assert "None yet." in accountant.get(page("testinvoice_change", second)).content.decode()

    said = {"invoice_id": second, "amount": "123.00"}
    lab_api.post(f"{API}/payments/{receipt['id']}/allocate", said)

    text = accountant.get(page("testinvoice_change", second)).content.decode()
    assert "None yet." not in text
    row = text.partition(page("payment_change", receipt["id"]))[2].partition("</tr>")[0]
    assert all(told in row for told in (receipt["number"], "1,650.00", "123.00"))


def test_a_draft_is_posted_paid_and_then_not_cancelled(accountant, lab_api):
    pk = lab_api.post(URL, bill()).json()["data"]["id"]
    at = page("testinvoice_change", pk).removesuffix("change/")

    assert "Its voucher is written" in accountant.get(f"{at}post-now/").content.decode()
    assert Voucher.objects.count() == 0
    accountant.post(f"{at}post-now/")
    accountant.post(f"{at}record-payment/", {"amount": "200.00", "mode": "CASH"})
    refused = accountant.post(f"{at}cancel-now/", {"reason": "twice"}, follow=True)

    assert "Money was received" in refused.content.decode()
    invoice = TestInvoice.objects.get()
    assert (invoice.status, invoice.payment_status) == ("POSTED", "PARTIAL")
    assert Payment.objects.get().created_by == "user:asha"


def test_every_page_opens_and_none_changes_a_voucher(accountant, lab_api, reference):
    pk = lab_api.post(URL, sample_of(reference)).json()["data"]["id"]
    voucher = TestInvoice.objects.get(pk=pk).voucher
    models = ("testinvoice", "payment", "voucher", "account", "periodlock", "patient", "labtest")

    for address in (
        *(page(f"{model}_changelist") for model in models),
        page("testinvoice_change", pk),
        page("voucher_change", voucher.pk),
        *(page("report_page", n) + "?account=1100-AR" for n in REPORTS if n != "integrity"),
        page("integrity"),
        page("analytics"),
        page("statement", 45),
        page("voucher_changelist") + "?q=TINV",
    ):
        assert accountant.get(address).status_code == 200, address
    assert (
        accountant.post(page("voucher_change", voucher.pk), {"narration": "x"}).status_code == 403
    )
    assert accountant.get(page("voucher_add")).status_code == 403


def test_only_an_owner_closes_the_books_and_then_nothing_is_posted(accountant, lab, lab_api):
    said = {"locked_upto": "2024-12-31", "scope": "ALL", "reason": "audited"}
    assert accountant.post(page("periodlock_add"), said).status_code == 403

    signed_in(lab, Role.OWNER, "omkar").post(page("periodlock_add"), said)

    assert PeriodLock.objects.get().created_by == "user:omkar"
    late = lab_api.post(URL, bill(status="POSTED", invoice_date="2024-12-31T10:00:00"))
    assert (late.status_code, late.json()["error"]["code"]) == (409, "PERIOD_LOCKED")
    assert not TestInvoice.objects.exists()


def test_a_viewer_does_nothing_and_a_stranger_sees_nothing(lab, lab_api, najd):
    pk = lab_api.post(URL, bill()).json()["data"]["id"]
    post_now = page("testinvoice_change", pk).removesuffix("change/") + "post-now/"

    assert signed_in(lab, Role.VIEWER, "vani").post(post_now).status_code == 403
    assert signed_in(najd, Role.OWNER, "salim").post(post_now).status_code == 404
    assert not Voucher.objects.exists()


def test_number_and_doubts_have_room_beside_two_menus(accountant, lab_api, reference):
    pk = lab_api.post(URL, sample_of(reference)).json()["data"]["id"]

    header = accountant.get(page("testinvoice_change", pk)).content.decode()
    header = header.partition('id="header-inner"')[2].partition('id="content')[0]
    listed = accountant.get(page("testinvoice_changelist")).content.decode()

    # One row of three buttons; what else may be done is behind two of them.
    assert header.count('class="cursor-pointer flex grow items-center') == 3
    assert all(door in header for door in ("record-payment/", "cancel-now/", "email-now/"))
    assert '<bdi class="daftar-nowrap">INV-2024-001</bdi>' in listed
    assert '<span class="daftar-nowrap daftar-tone-warning"' in listed
