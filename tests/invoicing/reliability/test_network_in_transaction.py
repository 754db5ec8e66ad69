"""The network is never called with a transaction open: what it did cannot be rolled back."""

import pytest
from django.db import transaction

from invoicing import errors
from invoicing.gateways import gateway_for
from invoicing.services import sending, submission
from invoicing.services.sending import WORKER
from tests.invoicing.payloads import simplified


def test_a_gateway_refuses_an_open_transaction(unit, zatca):
    with pytest.raises(errors.NetworkInTransaction), transaction.atomic():
        gateway_for(unit, unit.active_chain())

    assert zatca.control.documents() == []


def test_without_one_it_works(unit):
    assert gateway_for(unit, unit.active_chain())


def test_a_claimed_invoice_is_not_sent_from_within_a_transaction(shop):
    shop.post_later(simplified())
    attempt = sending.claim(shop.invoice("S-1"), WORKER)

    # The refusal is our own bug, which cannot be settled inside a transaction either.
    with pytest.raises(RuntimeError, match="durable") as refusal, transaction.atomic():
        sending.prepare(attempt)
    assert isinstance(refusal.value.__context__, errors.NetworkInTransaction)

    assert shop.calls("S-1") == []


def test_a_caller_with_a_transaction_open_is_refused_before_anything_is_stored(shop):
    payload = {**simplified(), "invoice_type": "388", "simplified": True}

    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        submission.submit_invoice(tenant=shop.tenant, payload=payload, by=WORKER)

    assert shop.control.documents() == []
    assert not shop.unit.invoices.exists()
