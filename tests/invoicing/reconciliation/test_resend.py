"""Asked by resending: the identical bytes once more, and only where that is safe."""

from datetime import timedelta

import pytest
from django.utils import timezone

from config.attention.models import Attention
from invoicing.models import EGSUnit, FindingState, Invoice, InvoiceLog, Revision
from invoicing.services.asking import reconcile_by_resending
from tests.invoicing.reconciliation.conftest import BY, findings
from tests.invoicing.traces import log_words, sent


@pytest.fixture
def resent(najd, zatca):
    return lambda **about: reconcile_by_resending(tenant=najd, by=BY, **about)


def sent_ago(invoice: Invoice, **ago: int) -> None:
    Revision.objects.filter(invoice=invoice).update(first_sent_at=timezone.now() - timedelta(**ago))


@pytest.mark.parametrize(
    ("number", "theirs", "http"), [("S-1", "REPORTED", "409"), ("INV-1", "CLEARED", "208")]
)
def test_the_authority_says_that_it_had_it(issue, resent, zatca, number, theirs, http):
    invoice = issue(number, fault="drop_after")
    run = resent()
    assert findings(run) == [("status_differs", number, "UNKNOWN", theirs)]
    finding = run.findings.get()
    assert (finding.state, finding.explained_by) == (FindingState.EXPLAINED, "amal")
    assert f"HTTP {http}" in finding.reason
    assert (run.open_count, run.left_out) == (0, 0)
    invoice.refresh_from_db()
    assert (invoice.status, invoice.zatca_status) == ("CLEARED", theirs)
    assert len(set(sent(zatca, number))) == 1 < len(sent(zatca, number))


def test_what_they_did_not_hold_is_taken_now_and_had_not_differed(issue, resent):
    issue("S-1", fault="drop_before")
    run = resent()
    assert findings(run) == []
    assert [(row["status"], row["theirs"]["count"]) for row in run.summary] == [
        ("REPORTED", 1),
        ("UNKNOWN", 0),
    ]


def test_a_resend_is_logged_as_every_retry(issue, resent):
    invoice = issue("S-1", fault="drop_after")
    run = resent()
    assert log_words(invoice.pk) == [
        ("ERROR", None, None),
        ("SUBMITTED", "RETRY", "FAILED"),
        ("CLEARED", None, None),
    ]
    row = InvoiceLog.objects.retries().get()
    assert (row.trigger, row.actor, row.reason) == ("STAFF", "amal", f"{run}: is it held?")


def test_no_answer_again_stays_open(issue, resent, zatca):
    issue("S-1", fault="drop_after")
    zatca.control.script("S-1", delivery=2, fault="error_503_before")
    run = resent()
    assert findings(run) == [("still_unknown", "S-1", "UNKNOWN", "")]
    assert Attention.objects.filter(kind="reconciliation_findings").open().count() == 1


@pytest.mark.parametrize(("hours", "asked"), [(23, True), (24, False), (30, False)])
def test_only_what_the_authority_still_remembers(issue, resent, zatca, hours, asked):
    sent_ago(issue("S-1", fault="drop_after"), hours=hours)
    kinds = [finding[0] for finding in findings(resent())]
    assert kinds == ["status_differs" if asked else "too_old_to_resend"]
    assert len(sent(zatca, "S-1")) == (2 if asked else 1)


def test_a_person_may_decide_otherwise(issue, resent, zatca):
    sent_ago(issue("S-1", fault="drop_after"), hours=30)
    assert resent(confirm_old=True).open_count == 0
    assert len(sent(zatca, "S-1")) == 2


def test_what_is_settled_or_never_left_is_not_asked_about(issue, resent, zatca):
    issue("S-1")
    issue("S-2", fault="reject")
    issue("S-3", fault="too_many")
    before = len(zatca.control.deliveries())
    assert (findings(resent()), resent().ours_count) == ([], 0)
    assert len(zatca.control.deliveries()) == before


def test_a_paused_unit_is_left_alone(issue, resent, zatca):
    issue("S-1", fault="drop_after")
    EGSUnit.objects.update(paused_at=timezone.now(), paused_by="amal")
    assert findings(resent()) == [("still_unknown", "S-1", "UNKNOWN", "")]
    assert len(sent(zatca, "S-1")) == 1


def test_one_request_asks_about_so_many_and_counts_the_rest(issue, resent):
    for number in ("S-1", "S-2", "S-3"):
        issue(number, fault="drop_after")
    run = resent(most=2)
    assert (len(findings(run)), run.left_out) == (2, 1)
    assert resent(seconds=0).left_out == 1
    assert resent().left_out == 0


def test_a_rejection_is_settled_as_well(issue, resent, zatca):
    invoice = issue("S-1", fault="error_503_before")
    zatca.control.script("S-1", delivery=2, fault="reject")
    # A 503 hides nothing less than a lost answer does: it may have arrived.
    assert findings(resent()) == [("status_differs", "S-1", "UNKNOWN", "REJECTED")]
    invoice.refresh_from_db()
    assert invoice.status == "REJECTED"
