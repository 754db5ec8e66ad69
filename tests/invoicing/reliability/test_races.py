"""Several at once, on both engines: one wins, the others are told so, nothing happens twice."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from invoicing.models import Invoice, Revision
from invoicing.services import sending
from tests.invoicing.payloads import simplified, standard
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.conftest import let_time_pass


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Start all together, each on a connection of its own."""
    gate = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        gate.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def statuses(responses: list[Any]) -> list[int]:
    return sorted(response.status_code for response in responses)


@pytest.fixture
def failed(shop) -> Invoice:
    """Refused with a 503 on the first delivery; the second one takes a moment."""
    shop.control.script("S-1", delivery=1, fault="error_503_before")
    shop.control.script("S-1", delivery=2, fault="slow", seconds=0.3)
    assert shop.post(simplified()).status_code == 500
    return shop.invoice("S-1")


def test_eight_identical_posts_make_one_invoice(shop):
    payload = standard()

    responses = at_once(*[lambda: shop.post(payload)] * 8)

    won = [response for response in responses if response.status_code in (200, 201)]
    lost = [response for response in responses if response.status_code == 409]
    assert (len(won), len(lost)) == (1, 7), statuses(responses)
    assert all("already exists" in response.json()["detail"] for response in lost)
    assert Invoice.objects.count() == 1
    assert Revision.objects.count() == 1
    assert len(shop.calls("INV-1")) == 1
    assert not shop.report().violations


def test_identical_posts_from_processes_make_one_invoice_each(shop, workers):
    payloads = [simplified(f"S-{n}") for n in range(8)]

    answers = processes.in_processes(4, processes.post, [(shop.key, payloads, "")] * 4)

    for together in zip(*answers, strict=True):
        assert sum(code < 400 for code in together) == 1
        assert {code for code in together if code >= 400} <= {409}
    report = shop.recovered()
    assert not report.violations
    assert (report.statuses["CLEARED"], report.deliveries) == (8, 8)


def test_of_different_contents_posted_together_one_is_taken(shop):
    one, other = standard(), standard(payment_means={"code": "30"})

    responses = at_once(*[lambda: shop.post(one), lambda: shop.post(other)] * 4)

    assert sum(response.status_code < 300 for response in responses) == 1
    assert {r.status_code for r in responses if r.status_code >= 300} == {409}
    assert Revision.objects.count() == 1
    assert [row["verdict"] for row in shop.control.documents()] == ["CLEARED"]
    assert not shop.report().violations


def test_ten_retries_make_one_attempt(shop, failed):
    responses = at_once(*[lambda: shop.retry(failed)] * 10)

    assert statuses(responses) == [200] + [400] * 9
    assert len(shop.calls("S-1")) == 2
    assert failed.logs.retries().count() == 1
    assert not shop.report().violations


def test_retry_worker_and_post_share_one_attempt(shop, failed):
    payload = failed.current.payload
    let_time_pass(minutes=10)

    at_once(
        *[lambda: shop.retry(failed)] * 3,
        *[sending.send_due] * 3,
        *[lambda: shop.post(payload)] * 3,
    )

    assert len(shop.calls("S-1")) == 2
    assert failed.logs.retries().count() == 1
    assert shop.invoice("S-1").status == "CLEARED"
    assert not shop.report().violations


def test_of_two_corrections_one_is_sent(shop):
    shop.control.script("INV-1", delivery=1, fault="reject")
    shop.post(standard())
    one, other = (standard(payment_means={"code": code}) for code in ("30", "42"))

    responses = at_once(*[lambda: shop.post(one), lambda: shop.post(other)] * 4)

    assert sum(response.status_code == 200 for response in responses) == 1, statuses(responses)
    assert sum(response.status_code == 409 for response in responses) == 7
    assert [row["verdict"] for row in shop.control.documents()] == ["NOT_CLEARED", "CLEARED"]
    assert not shop.report().violations


def test_twins_with_an_idempotency_key_are_carried_out_once(shop):
    payload = standard()

    responses = at_once(*[lambda: shop.post(payload, **{"Idempotency-Key": "k-1"})] * 8)

    first_hand = [r for r in responses if r.status_code == 201 and "Idempotent-Replayed" not in r]
    assert len(first_hand) == 1
    assert {response.status_code for response in responses} <= {201, 409}
    assert len(shop.calls("INV-1")) == 1
    again = shop.post(payload, **{"Idempotency-Key": "k-1"})
    assert again.content == first_hand[0].content


def test_four_workers_send_a_due_invoice_once(shop, workers):
    for number in range(6):
        shop.post_later(simplified(f"S-{number}"))

    processes.in_processes(4, processes.look, [""] * 4)

    assert shop.report().deliveries == 6
    assert shop.recovered().statuses == {"CLEARED": 6}
    assert not shop.report().violations


def test_a_chain_sealed_by_many_processes_is_one_line(shop, workers):
    jobs = [(shop.key, [simplified(f"S-{n}-{m}") for m in range(6)], "") for n in range(4)]

    answers = processes.in_processes(4, processes.post, jobs)

    assert answers == [[201] * 6] * 4
    icvs = sorted(row["icv"] for row in shop.control.documents())
    assert icvs == list(range(1, 25))
    assert not shop.report().violations
