"""The checker finds each kind of damage, planted by hand where the triggers no longer stand."""

import pytest
from django.utils import timezone

from invoicing.models import Chain, Invoice, InvoiceLog, Revision
from invoicing.services import sending
from tests.invoicing.arranged import World, arranged
from tests.invoicing.commands.conftest import vandal
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability.checker import Broken, check
from tests.invoicing.reliability.conftest import Shop

__all__ = ["vandal"]


@arranged
def trading(world: World) -> None:
    """One cleared and one failed invoice."""
    assert world.post(standard()).status == "CLEARED"
    assert world.post(simplified(), "drop_after").status == "FAILED"
    assert not check(world.zatca.control).violations


@pytest.fixture
def damaged(trading, najd, unit, zatca, vandal) -> Shop:
    """The same, and nothing that protects them."""
    return Shop(najd, unit, "", zatca.control)


def test_an_invoice_that_nobody_will_look_at_is_lost(damaged):
    Invoice.objects.filter(status="FAILED").update(next_attempt_at=None)
    assert damaged.report().broken == {Broken.LOST}


def test_a_cleared_invoice_that_the_authority_does_not_hold_is_lost(damaged):
    damaged.control.reset()
    assert damaged.report().broken == {Broken.LOST}


def test_a_rejected_invoice_that_the_authority_accepted_is_lost(damaged):
    Invoice.objects.filter(status="FAILED").update(status="REJECTED")
    assert Broken.LOST in damaged.report().broken


def test_bytes_that_are_not_those_that_were_sent(damaged):
    Revision.objects.filter(invoice__status="CLEARED").update(xml=b"<Invoice/>")
    assert damaged.report().broken == {Broken.BYTES}


def test_a_document_that_is_another_one_here(damaged):
    Revision.objects.filter(invoice__status="CLEARED").update(
        uuid="00000000-0000-0000-0000-000000000000"
    )
    assert damaged.report().broken == {Broken.STRANGER}


@pytest.mark.parametrize("damage", [{"last_icv": 3}, {"last_hash": "x"}])
def test_a_chain_whose_head_was_moved(damaged, damage):
    Chain.objects.update(**damage)
    assert damaged.report().broken == {Broken.CHAIN}


def test_a_document_that_does_not_follow_the_one_before(damaged):
    Revision.objects.filter(icv=2).update(pih="x")
    assert damaged.report().broken == {Broken.CHAIN, Broken.STRANGER}


def test_a_log_row_that_was_edited(damaged):
    InvoiceLog.objects.filter(status="CLEARED").update(actor="nobody")
    assert damaged.report().broken == {Broken.LOG}


def test_a_log_whose_tail_was_cut_off(damaged):
    InvoiceLog.objects.filter(status="ERROR").delete()
    assert damaged.report().broken == {Broken.LOG}


def test_a_claim_without_its_retry_row(damaged):
    invoice = damaged.invoice("S-1")
    attempt = sending.claim(invoice, sending.WORKER)
    assert not damaged.report().violations

    attempt.pk, attempt.number = None, 3
    attempt.save(force_insert=True)
    Invoice.objects.filter(pk=invoice.pk).update(attempt_no=3)

    assert damaged.report().broken == {Broken.LOG}


def test_a_lease_that_nobody_frees(damaged):
    sending.claim(damaged.invoice("S-1"), sending.WORKER)
    Invoice.objects.filter(status="PROCESSING").update(lease_until=timezone.now())
    assert damaged.report().broken == {Broken.LEASE}
