"""The page *Integrity*: what the last check found, rule by rule, and who had it made."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from config.db.triggers import drop_triggers, registered
from health.models import History
from health.services.verifying import EVERY_RULE
from tests.health.conftest import URL, bill
from tests.health.test_admin import page, signed_in

AT = page("integrity")


def states(text: str) -> list[str]:
    return re.findall(r"<strong>(?:✓ |✗ )?(not checked|holds|broken)</strong>", text)


def test_the_books_are_checked_by_whoever_may_and_the_verdict_stays(lab, lab_api):
    lab_api.post(URL, bill(status="POSTED"))
    auditor, viewer = signed_in(lab, "auditor", "anil"), signed_in(lab, "viewer", "vani")
    count = f"{len(registered())} of {len(registered())} in the database"

    first = viewer.get(AT).content.decode()
    assert (states(first), "never" in first, count in first) == (
        ["not checked"] * len(EVERY_RULE),
        True,
        True,
    )
    assert "Check now" not in first
    assert (viewer.post(AT).status_code, History.objects.filter(kind="LEDGER").count()) == (403, 0)

    checked = auditor.post(AT, follow=True).content.decode()
    assert "everything holds" in checked
    seen = viewer.get(AT).content.decode()
    assert states(seen) == ["holds"] * len(EVERY_RULE)
    assert "user:anil" in seen


def test_what_is_broken_is_red_and_said_until_it_is_checked_again(lab, lab_api, najd):
    lab_api.post(URL, bill(status="POSTED", invoice_number="A"))
    connection.check_constraints()
    drop_triggers()  # rolled back with the test
    with connection.cursor() as cursor:
        cursor.execute("UPDATE test_invoices SET final_amount = final_amount + 1, roundoff = 1")
        cursor.execute("UPDATE health_number_series SET last = last + 60 WHERE key LIKE 'TINV%'")
    auditor = signed_in(lab, "auditor", "anil")

    with pytest.raises(CommandError, match=r" found$"):
        call_command("verify_ledger")
    text = auditor.get(AT).content.decode()

    red = dict(zip((rule.name for rule in EVERY_RULE), states(text), strict=True))
    assert {name for name, state in red.items() if state == "broken"} == {
        "bills", "accounts", "numbers", "triggers",
    }  # fmt: skip
    # One of the bill, one of the accounts, the numbers (of which fifty are told) and the triggers.
    assert f"{62 + len(registered())} found" in text
    assert "and 10 more" in text
    assert "A: its voucher says another amount" in text
    assert f"0 of {len(registered())} in the database" in text
    stranger = signed_in(najd, "owner", "salim").get(AT).content.decode()
    assert "its voucher says another amount" not in stranger


def test_the_old_way_to_the_report_leads_to_the_page_and_files_are_still_had(lab, lab_api):
    auditor = signed_in(lab, "auditor", "anil")

    assert auditor.get(page("report_page", "integrity")).url == AT
    answer = auditor.get(page("report_page", "integrity"), {"format": "csv"})
    assert answer.getvalue() == b"broken\r\n"
