"""`post_drafts`: many at once, one refusal stops none of the others, and the exit code says so."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from health.models import Account, History, TestInvoice, Voucher
from health.services.locks import lock_period
from tests.health.conftest import URL, bill, line


@pytest.fixture
def drafts(lab_api, lab, najd) -> list[int]:
    """Of January, February and March 2024."""
    return [
        lab_api.post(
            URL, bill(invoice_number=f"[D]-{month}", invoice_date=f"2024-0{month}-15T10:00:00")
        ).json()["data"]["id"]
        for month in (1, 2, 3)
    ]


def run(**options) -> str:
    out = StringIO()
    try:
        call_command("post_drafts", stdout=out, **options)
    except CommandError as error:
        out.write(f"{error.returncode}: {error}")
    return out.getvalue()


def test_a_dry_run_says_which_and_writes_nothing(drafts, lab):
    said = run(tenant=lab.pk, until="2024-02-29", dry_run=True)

    assert said.endswith("2 would be posted.\n")
    assert "[D]-1  2024-01-15 500.00" in said
    assert not Voucher.objects.exists()


def test_what_cannot_be_posted_is_told_and_the_rest_is_posted(drafts, lab, lab_api):
    lab_api.post(URL, bill(items=[line(rate=0)], invoice_date="2024-02-20T10:00:00"))
    lock_period(lab, upto=date(2024, 1, 31), scope="ALL", reason="filed", actor="t")

    said = run(tenant=lab.pk, reason="month end")

    assert "[D]-1  refused: The books are locked up to 2024-01-31." in said
    assert "[D]-2  posted as TINV202402150001" in said
    assert said.endswith("1: 2 of 4 could not be posted.")
    assert TestInvoice.objects.filter(status="POSTED").count() == Voucher.objects.count() == 2
    assert History.objects.filter(action="posted", reason="month end").count() == 2
    assert History.objects.filter(action="posted").first().actor.startswith("command")


def test_it_narrows_as_it_is_told_and_comes_to_an_end(drafts, lab, najd):
    assert run(tenant=najd.pk) == "Nothing to post.\n"
    assert run(ids=[drafts[2]]).endswith("1 posted.\n")
    assert run(since="2024-01-01", limit=1).endswith("1 posted.\n")
    assert run().endswith("1 posted.\n")
    assert run() == "Nothing to post.\n"
    assert run(tenant=999_999).startswith("2: ")
    with pytest.raises(CommandError):
        call_command("post_drafts", "--until", "soon")


def test_an_account_that_is_off_leaves_them_drafts(drafts, lab, lab_api):
    run(ids=drafts[:1])
    Account.objects.filter(code="1100-AR").update(is_active=False)

    assert run().endswith("1: 2 of 2 could not be posted.")
    assert Voucher.objects.count() == 1
