"""Retry from an invoice's page: told first, asked why, then the same service as everywhere."""

from invoicing.models import InvoiceStatus, Revision
from tests.invoicing.admin.pages import form_of, retry, story, words
from tests.invoicing.traces import everything, log_words, sent

REASON = "The portal says the service is back."


def test_an_unknown_outcome_is_sent_again_with_the_same_bytes(clerk, failed, zatca):
    page = clerk.get(retry(failed))
    assert f"The same bytes will be sent again: UUID {failed.uuid}, ICV 1." in words(page)
    told = clerk.post(retry(failed), form_of(page, reason=REASON), follow=True)
    assert "INV-FAILED: cleared." in words(told)
    failed.refresh_from_db()
    assert failed.status == InvoiceStatus.CLEARED
    first, second = sent(zatca, "INV-FAILED")
    assert first == second
    assert len(zatca.control.documents("INV-FAILED")) == 1


def test_the_log_has_who_and_why(clerk, failed):
    clerk.post(retry(failed), form_of(clerk.get(retry(failed)), reason=REASON))
    assert log_words(failed.pk) == [
        ("ERROR", None, None),
        ("SUBMITTED", "RETRY", "FAILED"),
        ("CLEARED", None, None),
    ]
    row = failed.logs.get(action="RETRY")
    assert (row.trigger, row.actor, row.reason) == ("STAFF", "user:amal", REASON)


def test_a_rejected_one_is_sealed_again(clerk, rejected):
    page = clerk.get(retry(rejected))
    assert "revision 2, a new UUID, the next ICV" in words(page)
    clerk.post(retry(rejected), form_of(page, reason=REASON))
    old, new = Revision.objects.filter(invoice=rejected).order_by("number")
    assert (old.icv, new.icv) == (1, 2)
    assert old.uuid != new.uuid
    assert (new.actor, new.reason) == ("user:amal", REASON)


def test_a_reason_is_required(clerk, failed, zatca):
    before = everything(zatca)
    page = clerk.post(retry(failed), form_of(clerk.get(retry(failed)), reason="  "))
    assert "This field is required." in words(page)
    page = clerk.post(retry(failed), form_of(page, reason="right \u202e to left"))
    assert "U+202E" in words(page)
    assert everything(zatca) == before


def test_a_cleared_one_is_refused(clerk, cleared, zatca):
    assert "Retry" not in words(clerk.get(story(cleared)))
    before = everything(zatca)
    refused = clerk.post(retry(cleared), {"reason": REASON}, follow=True)
    assert "Cannot retry invoice INV-CLEARED: Status is CLEARED." in words(refused)
    assert everything(zatca) == before


def test_a_page_read_before_another_retry_does_nothing(clerk, rejected, zatca):
    stale = form_of(clerk.get(retry(rejected)), reason=REASON)
    zatca.control.script("INV-REJECTED", delivery=2, fault="reject")
    clerk.post(retry(rejected), stale)
    before = everything(zatca)
    answer = clerk.post(retry(rejected), stale, follow=True)
    assert "Something was processed while you were reading" in words(answer)
    assert everything(zatca) == before


def test_a_tenant_switched_in_another_window_does_nothing(clerk, failed, hijaz, zatca):
    form = form_of(clerk.get(retry(failed)), reason=REASON) | {"_tenant": hijaz.pk}
    before = everything(zatca)
    assert "Nothing was done" in words(clerk.post(retry(failed), form, follow=True))
    assert everything(zatca) == before
