"""Retry on a choice from the list."""

import pytest

from invoicing.admin import retries
from invoicing.models import Invoice, InvoiceLog
from tests.invoicing.admin.pages import INVOICES, form_of, words
from tests.invoicing.payloads import simplified
from tests.invoicing.traces import everything


@pytest.fixture
def chosen(failed, rejected, cleared) -> dict[str, object]:
    """What the list posts when these three are ticked."""
    ids = [failed.pk, rejected.pk, cleared.pk]
    return {"action": "retry_selected", "_selected_action": ids, "index": 0}


def test_first_how_many_and_why(clerk, chosen, zatca):
    before = everything(zatca)
    page = clerk.post(INVOICES, chosen)
    assert sorted(page.context["groups"]) == [
        (
            "FAILED",
            "zatca unavailable",
            "the same bytes again; sealed first where it never was",
            1,
        ),
        (
            "REJECTED",
            "zatca rejected",
            "sealed again as a new document: new UUID, next ICV",
            1,
        ),
    ]
    assert "1 of your choice is neither FAILED nor REJECTED" in words(page)
    assert everything(zatca) == before


def test_then_what_became_of_each(clerk, chosen, zatca):
    zatca.control.script("INV-REJECTED", delivery=2, fault="reject")
    form = form_of(clerk.post(INVOICES, chosen), reason="Checked.")
    page = clerk.post(INVOICES, form)
    assert "INV-FAILED: cleared." in words(page)
    assert "INV-REJECTED: rejected again." in words(page)
    rows = InvoiceLog.objects.filter(action="RETRY")
    assert {(row.trigger, row.actor, row.reason) for row in rows} == {
        ("STAFF", "user:amal", "Checked.")
    }
    assert Invoice.objects.get(invoice_number="INV-CLEARED").attempt_no == 1


def test_posting_it_twice_asks_again(clerk, chosen, zatca):
    zatca.control.script("INV-REJECTED", delivery=2, fault="reject")
    form = form_of(clerk.post(INVOICES, chosen), reason="Checked.")
    clerk.post(INVOICES, form)
    before = everything(zatca)
    assert "Something was processed while you were reading" in words(clerk.post(INVOICES, form))
    assert everything(zatca) == before


def test_nothing_to_retry(clerk, cleared):
    form = {"action": "retry_selected", "_selected_action": [cleared.pk], "index": 0}
    answer = clerk.post(INVOICES, form, follow=True)
    assert "None of them is FAILED or REJECTED" in words(answer)


def test_too_many_are_refused_with_the_command(clerk, chosen, monkeypatch, zatca):
    monkeypatch.setattr(retries, "AT_ONCE", 1)
    before = everything(zatca)
    assert "manage.py retry_invoices" in words(clerk.post(INVOICES, chosen, follow=True))
    assert everything(zatca) == before


def test_a_long_wait_leaves_the_rest(clerk, chosen, monkeypatch, zatca):
    monkeypatch.setattr(retries, "WAIT_SECONDS", 0)
    page = clerk.post(INVOICES, form_of(clerk.post(INVOICES, chosen), reason="Checked."))
    assert words(page).count("not tried") == 1
    assert InvoiceLog.objects.filter(action="RETRY").count() == 1


def test_a_viewer_is_not_served(viewer, chosen, zatca):
    before = everything(zatca)
    viewer.post(INVOICES, chosen)
    viewer.post(INVOICES, {**chosen, "confirmed": "yes", "reason": "Checked."})
    assert everything(zatca) == before


def test_a_bug_in_one_stops_no_other(clerk, chosen, post, monkeypatch):
    other = post(simplified("S-FAILED"), "drop_after")
    chosen["_selected_action"].append(other.pk)
    real = Invoice.move

    def broken(self, *args, **kwargs):
        if self.pk == other.pk:
            raise RuntimeError("a bug")
        return real(self, *args, **kwargs)

    form = form_of(clerk.post(INVOICES, chosen), reason="Checked.")
    monkeypatch.setattr(Invoice, "move", broken)
    page = words(clerk.post(INVOICES, form))
    assert "S-FAILED: a fault of Daftar itself stopped it." in page
    assert "INV-FAILED: cleared." in page
