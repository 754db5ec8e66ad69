"""A worker that was away for a day does not send what the authority no longer recognises."""

from config.attention.models import Attention
from invoicing.services import sending
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability.conftest import let_time_pass


def test_a_worker_that_was_away_parks_instead_of_sending(shop):
    shop.control.script("S-1", delivery=1, fault="drop_after")
    shop.post(simplified())
    let_time_pass(hours=26)

    sending.send_due()

    invoice = shop.invoice("S-1")
    assert len(shop.calls("S-1")) == 1
    assert (invoice.status, invoice.next_attempt_at) == ("FAILED", None)
    assert "20 hours" in invoice.parked_reason
    [asked] = Attention.objects.filter(kind="invoice_parked")
    assert asked.subject == invoice.subject
