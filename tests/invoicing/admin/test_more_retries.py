"""Lifting the limit of retries by hand (contracts 11)."""

import pytest
from django.contrib.admin.models import LogEntry

from config.tenancy.models import Role
from tests.invoicing.admin.pages import INVOICES, form_of, retry, words


@pytest.fixture
def exhausted(failed):
    type(failed).objects.filter(pk=failed.pk).update(retry_count=100)
    failed.refresh_from_db()
    return failed


def test_at_the_limit_a_retry_is_refused(clerk, exhausted):
    page = clerk.get(retry(exhausted))
    answer = clerk.post(retry(exhausted), form_of(page, reason="again"), follow=True)
    assert "was retried 100 times, which is its limit" in words(answer)
    assert exhausted.attempts.count() == 1


def test_an_accountant_allows_more(signed_in, najd, exhausted):
    accountant = signed_in(najd, Role.ACCOUNTANT)
    page = f"{INVOICES}{exhausted.pk}/more-retries/"
    form = form_of(accountant.get(page), limit="5", reason="ZATCA was down all week")
    assert "may be retried 5 times" in words(accountant.post(page, form, follow=True))
    exhausted.refresh_from_db()
    assert (exhausted.retry_count, exhausted.retry_limit) == (0, 5)
    entry = LogEntry.objects.get()
    assert entry.user.username == "amal"
    assert entry.change_message == "Allowed 5 more retries: ZATCA was down all week"
    # The RETRY rows of the audit log are not its business.
    assert exhausted.logs.count() == 1


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", ""])
def test_a_limit_out_of_bounds_changes_nothing(owner, exhausted, limit):
    page = f"{INVOICES}{exhausted.pk}/more-retries/"
    answer = owner.post(page, form_of(owner.get(page), limit=limit, reason="because"))
    assert answer.context["form"].errors.keys() == {"limit"}
    exhausted.refresh_from_db()
    assert (exhausted.retry_count, exhausted.retry_limit) == (100, 100)


def test_a_clerk_may_not(clerk, exhausted):
    page = f"{INVOICES}{exhausted.pk}/more-retries/"
    assert clerk.get(page).status_code == 403
    assert clerk.post(page, {"limit": "5", "reason": "please"}).status_code == 403
    exhausted.refresh_from_db()
    assert exhausted.retry_count == 100
