"""Three credentials open the same doors; a clerk drafts and receives, an accountant posts."""

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from config.tenancy.models import Role
from config.tenancy.services import grant_role
from config.tenancy.tokens import issue_tokens
from health.models import CreditNote, TestInvoice, Voucher
from tests.conftest import client_of
from tests.health.conftest import API, URL, bill
from tests.health.test_admin import page, signed_in
from tests.health.test_money_over_rest import PAYMENTS, pay


def person(lab, role: str, kind: str = "jwt") -> APIClient:
    user = User.objects.create_user(f"{role}-{kind}", is_staff=True)
    membership = grant_role(user=user, tenant=lab, role=role)
    if kind == "session":
        api = APIClient(raise_request_exception=False)
        api.force_login(user)
        return api
    bearer = f"Bearer {issue_tokens(membership).access}"
    return APIClient(headers={"Authorization": bearer}, raise_request_exception=False)


@pytest.mark.parametrize("kind", ["jwt", "session"])
def test_a_person_posts_with_a_token_and_with_a_session(lab, kind):
    api = person(lab, Role.ACCOUNTANT, kind)

    assert api.post(URL, bill(status="POSTED")).status_code == 201
    assert api.get(URL).json()["total"] == 1
    assert TestInvoice.objects.get().created_by == f"user:accountant-{kind}"


def test_a_clerk_drafts_and_receives_and_changes_no_books_for_good(lab, lab_api):
    clerk = person(lab, Role.CLERK)
    draft = clerk.post(URL, bill()).json()["data"]["id"]
    posted = lab_api.post(URL, bill(status="POSTED")).json()["data"]["id"]
    payment = pay(clerk, posted, "10.00").json()["data"]["id"]
    reason = {"reason": "no"}

    for answer in (
        clerk.post(URL, bill(status="POSTED")),
        clerk.put(f"{URL}/{draft}", {"status": "POSTED"}),
        clerk.put(f"{URL}/{draft}", {"status": "CANCELLED"}),
        clerk.post(f"{URL}/{draft}/post"),
        clerk.post(f"{URL}/{posted}/cancel", reason),
        clerk.post(f"{URL}/{posted}/credit-notes", reason),
        clerk.post(f"{URL}/batch", {"items": [bill(status="POSTED")]}),
        clerk.post(f"{PAYMENTS}/{payment}/reverse", reason),
        clerk.post(f"{PAYMENTS}/{payment}/release", {"invoice_id": posted}),
        clerk.post(f"{PAYMENTS}/{payment}/refund", {"amount": "1", "payment_mode": "CASH"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "insufficient_scope")
    each = clerk.post(f"{URL}/batch", {"items": [bill(status="POSTED")], "atomic": False}).json()
    assert each["data"][0]["errors"][0]["code"] == "insufficient_scope"
    assert clerk.get(f"{URL}/{posted}/credit-notes").status_code == 200
    assert (TestInvoice.objects.count(), Voucher.objects.count()) == (2, 2)
    assert not CreditNote.objects.exists()


EXPORTERS = (Role.AUDITOR, Role.ACCOUNTANT, Role.OWNER)
FILES = ("csv", "xlsx", "pdf")
LISTS = (f"{API}/reports/bills", f"{API}/reports/trial-balance", f"{API}/statements/45")


def test_lists_leave_over_rest_only_for_whom_may_export(lab, lab_api):
    lab_api.post(URL, bill(status="POSTED", patient_id=45))
    readers = [person(lab, role) for role in (Role.VIEWER, Role.CLERK)]
    readers += [person(lab, Role.VIEWER, "session"), client_of(lab, "health:read")]

    for reader in (*readers, lab_api):
        for address in LISTS:
            assert reader.get(address).status_code == 200
            for form in FILES:
                refused = reader.get(address, {"format": form})
                error = refused.json()["error"]
                assert (refused.status_code, error["code"], error["required"]) == (
                    403, "insufficient_scope", "health:export",
                )  # fmt: skip
    for taker in (*(person(lab, role) for role in EXPORTERS), client_of(lab, "admin")):
        assert taker.get(LISTS[0], {"format": "csv"}).getvalue().count(b"\r\n") == 2
        assert taker.get(LISTS[2], {"format": "xlsx"}).status_code == 200


def test_lists_leave_the_back_office_only_for_whom_may_export(lab, lab_api):
    lab_api.post(URL, bill(status="POSTED", patient_id=45))
    pages = page("report_page", "bills"), page("statement", 45)
    readers = [signed_in(lab, role, role) for role in (Role.VIEWER, Role.CLERK)]
    auditor = signed_in(lab, Role.AUDITOR, "anand")

    for address in pages:
        for form in FILES:
            for reader in readers:
                assert reader.get(address, {"format": form}).status_code == 403
            assert f"format={form}" not in readers[0].get(address).content.decode()
            assert f"format={form}" in auditor.get(address).content.decode()
        taken = auditor.get(address, {"format": "csv"})
        assert taken["Content-Type"] == "text/csv; charset=utf-8"
