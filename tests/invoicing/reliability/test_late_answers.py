"""Answers that come after their lease: a late yes counts, a late no is fenced off."""

import os
import signal
import time

import pytest

from invoicing.services import sending, settling, verdicts
from invoicing.services.sending import WORKER
from invoicing.zatca.outcomes import judge_answer
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.conftest import let_time_pass, now_due
from tests.invoicing.reliability.processes import ended


def rows(invoice) -> list[tuple]:
    logs = invoice.logs.order_by("sequence")
    return [(row.action or "", row.status, row.attempt_no) for row in logs]


@pytest.fixture
def held_up(shop):
    """Sends S-1 with a lease that runs out before the answer is settled; returns how to settle."""

    def begin(fault: str = ""):
        shop.post_later(simplified())
        if fault:
            shop.control.script("S-1", delivery=1, fault=fault)
        ready = sending.prepare(sending.claim(shop.invoice("S-1"), WORKER))
        answer = ready.gateway.send(ready.channel, ready.parcel)
        let_time_pass(minutes=10)
        assert sending.free_expired_leases() == 1
        return lambda: settling.settle(
            ready.attempt, verdicts.answered(answer, judge_answer(answer))
        )

    return begin


def test_a_late_yes_counts_while_the_invoice_waits(shop, held_up):
    settle_late = held_up()

    assert settle_late().status == "CLEARED"

    invoice = shop.invoice("S-1")
    assert rows(invoice) == [("", "ERROR", 1), ("", "CLEARED", 1)]
    assert invoice.next_attempt_at is None
    assert sending.send_due() == 0
    assert len(shop.calls("S-1")) == 1
    assert not shop.report().violations


def test_a_late_yes_counts_while_a_second_attempt_is_under_way(shop, held_up):
    settle_late = held_up()
    now_due(shop.invoice("S-1"))
    second = sending.prepare(sending.claim(shop.invoice("S-1"), WORKER))

    assert settle_late().status == "CLEARED"
    answer = second.gateway.send(second.channel, second.parcel)
    settling.settle(second.attempt, verdicts.answered(answer, judge_answer(answer)))

    assert rows(shop.invoice("S-1")) == [
        ("", "ERROR", 1),
        ("RETRY", "SUBMITTED", 2),
        ("", "CLEARED", 1),  # the yes was the first attempt's
    ]
    assert [a.http_status for a in shop.invoice("S-1").attempts.all()] == [409, 200]
    assert not shop.report().violations


def test_a_late_no_changes_nothing_after_a_yes(shop, held_up):
    settle_late = held_up("error_503_before")
    now_due(shop.invoice("S-1"))
    sending.send_due()
    assert shop.invoice("S-1").status == "CLEARED"

    assert settle_late().status == "CLEARED"

    assert [row[1] for row in rows(shop.invoice("S-1"))] == ["ERROR", "SUBMITTED", "CLEARED"]
    assert [a.http_status for a in shop.invoice("S-1").attempts.all()] == [200, 503]
    assert not shop.report().violations


def test_a_late_no_does_not_end_the_attempt_that_is_under_way(shop, held_up):
    settle_late = held_up("reject")
    now_due(shop.invoice("S-1"))
    second = sending.claim(shop.invoice("S-1"), WORKER)

    assert settle_late().status == "PROCESSING"

    invoice = shop.invoice("S-1")
    assert (invoice.attempt_no, invoice.lease_until) == (2, second.invoice.lease_until)
    assert [row[1] for row in rows(invoice)] == ["ERROR", "SUBMITTED"]


def test_a_process_paused_longer_than_its_lease_wakes_up_to_a_settled_invoice(shop, workers):
    shop.control.script("S-1", delivery=1, fault="slow", seconds=0.6)
    paused = workers.start(processes.post, (shop.key, [simplified()], ""))
    while not shop.calls("S-1"):
        time.sleep(0.02)
    os.kill(paused.pid, signal.SIGSTOP)
    let_time_pass(minutes=10)
    assert sending.free_expired_leases() == 1
    sending.send_due()
    assert shop.invoice("S-1").status == "CLEARED"

    os.kill(paused.pid, signal.SIGCONT)
    assert ended(paused) == 0

    assert [row["answered"] for row in shop.calls("S-1")] == [200, 409]
    assert rows(shop.invoice("S-1"))[-1] == ("", "CLEARED", 2)
    assert not shop.report().violations


def test_a_process_paused_longer_than_its_lease_still_brings_the_yes(shop, workers):
    shop.control.script("S-1", delivery=1, fault="slow", seconds=0.6)
    paused = workers.start(processes.post, (shop.key, [simplified()], ""))
    while not shop.calls("S-1"):
        time.sleep(0.02)
    os.kill(paused.pid, signal.SIGSTOP)
    let_time_pass(minutes=10)
    sending.free_expired_leases()
    assert shop.invoice("S-1").failure_class == "UNKNOWN_OUTCOME"

    os.kill(paused.pid, signal.SIGCONT)
    assert ended(paused) == 0

    assert rows(shop.invoice("S-1")) == [("", "ERROR", 1), ("", "CLEARED", 1)]
    assert len(shop.calls("S-1")) == 1
    assert not shop.report().violations
