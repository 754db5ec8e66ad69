"""The reconciliation pages: who may do what, and what they say in English and Arabic."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from config.tenancy.models import Role
from invoicing.models import ReconciliationFinding, ReconciliationRun
from tests.invoicing.admin.pages import retry, words
from tests.invoicing.reconciliation.conftest import export_of

RUNS = "/admin/invoicing/reconciliationrun/"


@pytest.fixture
def accountant(signed_in, najd):
    return signed_in(najd, Role.ACCOUNTANT, "sara")


@pytest.fixture
def run_page(accountant, failed) -> str:
    """A run with one finding: the answer of INV-FAILED was lost."""
    return accountant.post(f"{RUNS}list/").headers["Location"]


def test_both_sides_and_the_finding(accountant, run_page, failed):
    page = accountant.get(run_page)
    said = words(page)
    assert "no verdict invoice standard 1 230.00 30.00 0 0.00 0.00 -1 -230.00 -30.00" in said
    assert "Status differs INV-FAILED" in said
    assert "Daftar: no verdict, 230.00 (VAT 30.00 )" in said
    assert "What to do: If Daftar has no verdict yet, retry the invoice" in said
    assert retry(failed) in page.content.decode()


def test_the_page_in_arabic(accountant, run_page):
    accountant.cookies["django_language"] = "ar"
    said = words(accountant.get(run_page))
    assert "الحالة مختلفة INV-FAILED" in said
    assert "بلا نتيجة فاتورة ضريبية 1 230.00 30.00" in said
    assert "What to do" not in said


def test_upload_a_file(accountant, failed):
    file = SimpleUploadedFile("portal.csv", export_of(failed).encode("utf-16"))
    answer = accountant.post(f"{RUNS}upload/", {"file": file}, follow=True)
    assert "portal.csv" in words(answer)
    assert ReconciliationRun.objects.get().actor == "user:sara"


def test_a_bad_file_is_told_by_line_and_column(accountant, failed):
    file = SimpleUploadedFile("portal.csv", export_of(failed, Status="perhaps").encode())
    answer = accountant.post(f"{RUNS}upload/", {"file": file})
    assert "line 2, column 3 (Status) : This word is not known here" in words(answer)
    assert not ReconciliationRun.objects.exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({}, "file"),
        ({"first": "2026-11-02", "last": "2026-11-01"}, "last"),
        ({"first": "0001-01-01"}, "first"),
        ({"unit": "999999"}, "unit"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(accountant, unit, said, field):
    answer = accountant.post(f"{RUNS}upload/", said)
    assert field in answer.context["form"].errors
    assert not ReconciliationRun.objects.exists()


def test_ask_by_resending(accountant, failed):
    said = words(accountant.post(f"{RUNS}ask-again/", follow=True))
    assert "Both sides agree." in said
    assert "Explained: Settled by resending the identical bytes" in said
    failed.refresh_from_db()
    assert failed.status == "CLEARED"


def test_explain_with_a_reason(accountant, run_page):
    finding = ReconciliationFinding.objects.get()
    page = f"{RUNS}{finding.run_id}/findings/{finding.pk}/explain/"
    assert "Both sides have the document" in words(accountant.get(page))
    assert "reason" in accountant.post(page, {"reason": ""}).context["form"].errors
    answer = accountant.post(page, {"reason": "Told by phone."}, follow=True)
    assert "Explained: Told by phone. ( user:sara ," in words(answer)
    again = accountant.post(page, {"reason": "Twice."}, follow=True)
    assert "has been explained already" in words(again)


def test_the_list_of_runs(accountant, run_page):
    said = words(accountant.get(RUNS))
    assert "its list every unit any day user:sara 1 1 1 1 open" in said
    assert "Upload a portal export" in said
    assert "Compare with the list" in said


def test_no_list_is_offered_where_there_is_none(accountant, unit, settings):
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SANDBOX": "https://gw-fatoora.zatca.gov.sa/x"}
    assert "Compare with the list" not in words(accountant.get(RUNS))
    assert accountant.post(f"{RUNS}list/").status_code == 403


@pytest.mark.parametrize("page", ["upload", "ask-again", "list"])
def test_who_may_only_read_begins_nothing(clerk, failed, page):
    assert clerk.get(f"{RUNS}{page}/").status_code == 403
    assert clerk.post(f"{RUNS}{page}/").status_code == 403
    assert not ReconciliationRun.objects.exists()


def test_who_may_only_read_sees_and_explains_nothing(clerk, run_page):
    finding = ReconciliationFinding.objects.get()
    page = f"{RUNS}{finding.run_id}/findings/{finding.pk}/explain/"
    assert page not in clerk.get(run_page).content.decode()
    assert clerk.post(page, {"reason": "Mine."}).status_code == 403


def test_another_tenants_run_is_as_absent(stranger, run_page):
    finding = ReconciliationFinding.objects.get()
    page = f"{RUNS}{finding.run_id}/findings/{finding.pk}/explain/"
    assert stranger.get(run_page).status_code == 404
    assert stranger.post(page, {"reason": "Mine."}).status_code == 404
