"""A process killed with SIGKILL at each named point of the protocol, on both engines."""

import signal

import pytest

from config.work import wake
from invoicing.failpoints import POINTS
from invoicing.models import Invoice
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.conftest import let_time_pass
from tests.invoicing.reliability.processes import ended


@pytest.mark.parametrize("point", POINTS)
def test_a_request_killed_anywhere_loses_and_doubles_nothing(shop, workers, point):
    payload = standard()
    process = workers.start(processes.post, (shop.key, [payload], point))
    assert ended(process) == -signal.SIGKILL

    # The caller got no answer, and asks again; by then others have gone on.
    neighbour = shop.post(simplified())
    again = shop.post(payload)

    assert neighbour.status_code == 201
    assert again.status_code in (200, 201, 409)
    report = shop.recovered()
    assert not report.violations
    assert report.statuses == {"CLEARED": 2}
    assert (report.sealed, report.accepted) == (2, 2)


@pytest.mark.parametrize("point", POINTS[2:])
def test_a_worker_killed_anywhere_loses_and_doubles_nothing(shop, workers, point):
    # Accepted by a process that died at once: the worker has to seal it, too.
    ended(workers.start(processes.post, (shop.key, [standard()], "accepted")))
    assert shop.invoice("INV-1").status == "CREATED"
    let_time_pass(minutes=10)
    wake("send_due")

    assert ended(workers.start(processes.work, point)) == -signal.SIGKILL

    report = shop.recovered()
    assert not report.violations
    assert report.statuses == {"CLEARED": 1}
    assert (report.sealed, report.accepted) == (1, 1)


def test_what_a_killed_process_held_is_an_error_then_a_retry(shop, workers):
    ended(workers.start(processes.post, (shop.key, [simplified()], "sent")))
    invoice = shop.invoice("S-1")
    assert invoice.status == "PROCESSING"

    assert not shop.recovered().violations

    rows = invoice.logs.order_by("sequence")
    told = [(row.action, row.status, row.previous_status, row.trigger) for row in rows]
    assert told == [
        (None, "ERROR", None, "WORKER"),
        ("RETRY", "SUBMITTED", "FAILED", "WORKER"),
        (None, "CLEARED", None, "WORKER"),
    ]
    first, second = shop.calls("S-1")
    assert (first["answered"], second["answered"]) == (200, 409)
    assert first["sha256"] == second["sha256"]


def test_a_request_killed_inside_a_transaction_takes_no_number(shop, workers):
    ended(workers.start(processes.post, (shop.key, [simplified("S-1")], "accepting")))
    assert not Invoice.objects.exists()
    ended(workers.start(processes.post, (shop.key, [simplified("S-2")], "sealing")))
    assert shop.unit.active_chain().last_icv == 0

    assert shop.post(simplified("S-3")).status_code == 201

    [held] = shop.control.documents()
    assert (held["number"], held["icv"]) == ("S-3", 1)


@pytest.mark.parametrize("point", ["renewal_begun", "renewal_issued"])
def test_a_renewal_killed_anywhere_leaves_the_old_chain_and_is_run_again(shop, workers, point):
    old = shop.unit.active_chain()
    job = (shop.key, shop.unit.pk, point)

    assert ended(workers.start(processes.renew, job)) == -signal.SIGKILL

    assert shop.unit.active_chain() == old
    assert shop.post(simplified("S-1")).status_code == 201
    assert ended(workers.start(processes.renew, (*job[:2], ""))) == 0
    assert shop.post(simplified("S-2")).status_code == 201
    new = shop.unit.active_chain()
    assert new != old
    assert [shop.invoice(n).current.chain_id for n in ("S-1", "S-2")] == [old.pk, new.pk]
    assert not shop.report().violations
