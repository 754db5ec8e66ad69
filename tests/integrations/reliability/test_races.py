"""Many at once, each with a connection of its own: one effect."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from integrations.models import IMSPolicy, TritonTransaction
from integrations.services.running import run, work_due
from tests.integrations.payloads import transaction
from tests.integrations.saga.recovery import let_time_pass, work_until_ended


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    def apart(job: Callable[[], Any]) -> Any:
        try:
            return job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(apart, jobs))


def test_ten_identical_posts_at_once_have_one_effect_and_one_answer(committed, desk):
    body = transaction()

    def post():
        received = desk.take_in(body)
        return received.is_new, run(received.transaction, seconds=30).status

    told = at_once([post] * 10)

    assert sorted(told) == [(False, "completed")] * 9 + [(True, "completed")]
    counts = desk.ims.counts()
    assert (counts["insured"], counts["quote"], counts["policy"], counts["invoice"]) == (1,) * 4
    assert TritonTransaction.objects.count() == IMSPolicy.objects.count() == 1


def test_two_transactions_of_one_opportunity_run_one_after_another(committed, desk):
    bodies = [transaction(), transaction("endorsement")]
    rows = [desk.take_in(body).transaction for body in bodies]

    at_once([lambda row=row: run(row, seconds=20) for row in rows] + [work_due] * 2)
    let_time_pass()
    work_until_ended()

    assert {row.status for row in TritonTransaction.objects.all()} == {"completed"}
    bind, endorsement = (row.steps.order_by("id") for row in rows)
    assert bind.last().finished_at <= endorsement.first().started_at
    counts = desk.ims.counts()
    assert (counts["policy"], counts["endorsement"], counts["invoice"]) == (1, 1, 2)


def test_two_policies_of_one_insured_at_once_add_it_once(committed, desk):
    desk.ims.knobs.turn({"latency": 0.02})
    rows = [
        desk.receive(opportunity_id=number, policy_number=f"P-{number}").transaction
        for number in (1, 2)
    ]

    told = at_once([lambda row=row: run(row, seconds=30) for row in rows])

    assert [row.status for row in told] == ["completed"] * 2
    counts = desk.ims.counts()
    assert (counts["insured"], counts["policy"]) == (1, 2)


def test_several_workers_share_the_work_within_the_capacity(committed, desk, settings):
    settings.IMS_WORKERS = 4
    for number in range(6):
        desk.receive(opportunity_id=number, policy_number=f"P-{number}")

    at_once([work_due] * 3)
    let_time_pass()
    work_until_ended()

    assert desk.ims.counts()["policy"] == 6
    assert desk.asked().count("BindQuote") == 6
