"""Sealing and claiming one invoice at once take their locks in one order, on both engines."""

from threading import Event

import pytest
from django.db import connection

from invoicing.models import Attempt, Chain, Invoice
from invoicing.services import sealing, sending, submission
from invoicing.services.sending import WORKER
from tests.invoicing.payloads import standard
from tests.invoicing.reliability.deaths import Died, die_at
from tests.invoicing.reliability.test_races import at_once

SECOND = 'UPDATE "invoices"', 'UPDATE "invoice_revisions"'


@pytest.fixture
def unsealed(shop, monkeypatch) -> Invoice:
    with monkeypatch.context() as patched:
        die_at(patched, submission, "accepted")
        with pytest.raises(Died):
            shop.post(standard())
    return shop.invoice("INV-1")


def test_a_claim_in_the_middle_of_a_seal_waits_for_it(shop, unsealed):
    half_sealed, half_claimed = Event(), Event()
    written: list[str] = []

    def pause_seal(execute, sql, params, many, context):
        """Between the seal's writes of the invoice and the revision, whichever comes first."""
        if sql.startswith(SECOND):
            written.append(sql)
            if len(written) == 2:
                half_sealed.set()
                # A claim that waits for our lock, as it should, cannot say so.
                half_claimed.wait(0.5)
        return execute(sql, params, many, context)

    def notice_claim(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if sql.startswith(SECOND):
            half_claimed.set()
        return result

    def seal():
        with connection.execute_wrapper(pause_seal):
            return sealing.ensure_sealed(Invoice.objects.get(pk=unsealed.pk))

    def claim():
        half_sealed.wait(5)
        with connection.execute_wrapper(notice_claim):
            return sending.claim(Invoice.objects.get(pk=unsealed.pk), WORKER)

    sealed, attempt = at_once(seal, claim)

    assert len(written) == 2
    assert (sealed.icv, Chain.objects.get().last_icv) == (1, 1)
    assert attempt == Attempt.objects.get()
    report = shop.recovered()
    assert report.statuses == {"CLEARED": 1}
    assert not report.violations
