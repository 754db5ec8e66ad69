"""Compared with the list of a real stand-in, after a bad day made each difference."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from config.attention.models import Attention
from invoicing import errors
from invoicing.gateways import Parcel, gateway_for
from invoicing.models import Attempt, Chain, Invoice, InvoiceLog, ReconciliationRun, Revision
from invoicing.services.reconciling import reconcile_with_list
from tests.conftest import client_of
from tests.invoicing.conftest import make_unit
from tests.invoicing.payloads import credit_note, standard
from tests.invoicing.reconciliation.conftest import BY, findings
from tests.invoicing.traces import URL, everything


def forget(*invoices: Invoice) -> None:
    """What a restored backup does: rows and the counts of their chain are as they were before."""
    for invoice in invoices:
        InvoiceLog.objects.filter(invoice=invoice).delete()
        Attempt.objects.filter(invoice=invoice).delete()
        Revision.objects.filter(invoice=invoice).delete()
        invoice.delete()


def test_both_sides_agree(issue, listed):
    issue("INV-1")
    issue("S-2")
    issue("S-3", fault="reject")
    run = listed()
    assert (findings(run), run.open_count, run.finding_count) == ([], 0, 0)
    assert (run.source, run.actor, run.ours_count, run.theirs_count) == ("LIST", "amal", 3, 3)
    assert run.finished_at is not None
    assert not Attention.objects.filter(kind="reconciliation_findings").exists()


def test_figures_of_both_sides_by_kind(api, issue, listed):
    issue("INV-1")
    issue("S-2")
    issue("S-3", fault="drop_after")
    api.post(URL, credit_note(of="INV-1"))
    rows = {(r["status"], r["document_type"], r["form"]): r for r in listed().summary}
    one = {"count": 1, "total": "230.00", "vat": "30.00"}
    none = {"count": 0, "total": "0.00", "vat": "0.00"}
    assert rows["CLEARED", "388", "STANDARD"]["ours"] == one
    assert rows["CLEARED", "381", "STANDARD"]["theirs"] == one
    assert rows["UNKNOWN", "388", "SIMPLIFIED"]["ours"] == one
    assert rows["UNKNOWN", "388", "SIMPLIFIED"]["theirs"] == none
    assert rows["REPORTED", "388", "SIMPLIFIED"]["difference"] == one


def test_an_answer_that_was_lost(issue, listed):
    invoice = issue("S-1", fault="drop_after")
    run = listed()
    assert findings(run) == [("status_differs", "S-1", "UNKNOWN", "REPORTED")]
    invoice.refresh_from_db()
    assert invoice.status == "FAILED", "a list settles nothing"
    assert "identical bytes" in run.findings.get().sentences.next_action


def test_a_document_that_never_arrived_is_no_difference(issue, listed):
    issue("S-1", fault="drop_before")
    assert findings(listed()) == []


def test_an_authority_that_lost_its_books(issue, listed, zatca):
    invoice = issue("INV-1")
    zatca.control.reset()
    issue("S-2")
    run = listed()
    assert findings(run) == [("missing_at_authority", "INV-1", "CLEARED", "")]
    assert run.findings.get().invoice == invoice


def test_a_document_that_only_the_authority_knows(issue, listed, vandal):
    issue("S-1")
    forget(issue("S-2"))
    run = listed()
    assert findings(run) == [("unknown_here", "S-2", "", "REPORTED")]
    assert run.findings.get().their_total == Decimal("230.00")


def test_a_document_that_nobody_has_any_more(issue, listed, vandal):
    issue("S-1")
    forget(issue("S-2", fault="drop_before"), issue("S-3"))
    run = listed()
    assert findings(run) == [("icv_gap", "", "", ""), ("unknown_here", "S-3", "", "REPORTED")]
    gap = run.findings.get(kind="icv_gap")
    chain = Chain.objects.get()
    assert (gap.icv, gap.last_icv, gap.csid) == (2, 2, chain.certificate_serial)


def resent_by_the_network(invoice: Invoice, number: int) -> None:
    """A copy of a revision arrives once more, long after its answer was given."""
    revision = invoice.revisions.select_related("chain__unit__tenant").get(number=number)
    gateway = gateway_for(revision.chain.unit, revision.chain)
    answer = gateway.send("REPORTING", Parcel.of(revision))
    assert answer.http_status == 200


def test_a_refused_document_that_was_accepted_later(issue, listed):
    resent_by_the_network(issue("S-1", fault="reject"), 1)
    assert findings(listed()) == [("status_differs", "S-1", "REJECTED", "REPORTED")]


def test_an_older_revision_was_accepted(api, issue, listed, zatca):
    invoice = issue("S-1", fault="reject")
    zatca.control.script("S-1", delivery=2, fault="drop_before")
    api.post(f"{URL}/{invoice.pk}/retry")
    resent_by_the_network(invoice, 1)
    run = listed()
    assert findings(run) == [("superseded_accepted", "S-1", "REJECTED", "REPORTED")]
    assert run.findings.get().uuid == str(invoice.revisions.get(number=1).uuid)


def test_the_same_document_registered_twice(issue, listed, zatca):
    invoice = issue("S-1")
    zatca.control.shift_clock(25 * 3600)
    revision = invoice.current
    gateway = gateway_for(revision.chain.unit, revision.chain)
    assert gateway.send("REPORTING", Parcel.of(revision)).http_status in (200, 202)
    assert findings(listed()) == [("duplicate_uuid", "S-1", "", "REPORTED")]


def test_days_of_issue_bound_both_sides(issue, listed, zatca, najd):
    yesterday = timezone.now() - timedelta(days=1)
    issue("S-1", invoice_date=yesterday.isoformat(timespec="seconds"))
    issue("INV-2")
    zatca.control.reset()
    today = timezone.now().astimezone(najd.zone).date()
    assert [row[1] for row in findings(listed(first=today, last=today))] == ["INV-2"]
    assert [row[1] for row in findings(listed(last=today - timedelta(days=1)))] == ["S-1"]


def test_one_unit_is_compared_alone(api, issue, listed, zatca, najd, csid):
    issue("S-1")
    zatca.control.reset()
    other = make_unit(najd, csid, name="till-2", is_default=True)
    assert findings(listed(unit=other)) == []
    assert len(findings(listed())) == 1


def test_what_moves_while_the_lists_are_compared_is_left_for_the_next_run(
    api, issue, listed, zatca, monkeypatch
):
    issue("S-1")
    from invoicing.services import reconciling

    first = reconciling.believed

    def later(extent):
        api.post(URL, standard("INV-2"))  # accepted after the list was read
        return first(extent)

    monkeypatch.setattr(reconciling, "believed", later)
    assert findings(listed()) == []


def test_the_list_is_of_one_taxpayer(issue, listed, foreign_api, foreign_unit):
    issue("S-1")
    foreign_api.post(URL, standard("H-1"))
    run = listed()
    assert (findings(run), run.theirs_count) == ([], 1)


@pytest.mark.parametrize("fault", ["drop_after", "error_503_before", "truncated", "malformed"])
def test_a_list_that_breaks_off_concludes_nothing(issue, listed, zatca, fault):
    issue("S-1")
    zatca.control.script("/_standin/documents", delivery=1, fault=fault)
    with pytest.raises(errors.ListNotRead):
        listed()
    assert not ReconciliationRun.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "https://gw-fatoora.zatca.gov.sa/e-invoicing/developer-portal",
        "http://10.0.0.7:8000/e-invoicing/developer-portal",
        "http://127.0.0.1.example.com/e-invoicing/developer-portal",
    ],
)
def test_nobody_but_a_stand_in_is_asked_for_a_list(unit, najd, settings, monkeypatch, url):
    monkeypatch.setattr("socket.socket.connect", lambda *a: pytest.fail("somebody was called"))
    settings.ZATCA_URLS = {**settings.ZATCA_URLS, "SANDBOX": url}
    with pytest.raises(errors.ListUnavailable):
        reconcile_with_list(tenant=najd, by=BY)


def test_another_environment_has_no_list_even_on_loopback(zatca):
    from invoicing.reconciliation.listing import has_list

    base = zatca.base_url("SANDBOX")
    assert has_list("SANDBOX", base)
    assert not has_list("SIMULATION", base)
    assert not has_list("PRODUCTION", base)


def test_the_alarm_follows_the_newest_run(issue, listed, zatca, najd):
    issue("S-1", fault="drop_after")
    first, second = listed(), listed()
    [alarm] = Attention.objects.filter(kind="reconciliation_findings").open()
    assert alarm.subject == f"reconciliation:{second.pk}" != f"reconciliation:{first.pk}"
    today = timezone.now().astimezone(najd.zone).date()
    tomorrow = today + timedelta(days=1)
    listed(first=tomorrow)
    assert Attention.objects.filter(kind="reconciliation_findings").open().exists()
    client_of(najd).post(f"{URL}/{Invoice.objects.get().pk}/retry")
    listed(first=today, last=today)
    assert Attention.objects.filter(kind="reconciliation_findings").open().exists()
    listed()
    assert not Attention.objects.filter(kind="reconciliation_findings").open().exists()


def test_a_comparison_changes_nothing_but_its_own_rows(issue, listed, zatca):
    issue("S-1", fault="drop_after")
    issue("INV-2")
    Attention.objects.all().delete()
    before = everything(zatca)
    listed()
    after = everything(zatca)
    Attention.objects.all().delete()
    for name in set(before) - {"Attention", "deliveries"}:
        assert after[name] == before[name], name
