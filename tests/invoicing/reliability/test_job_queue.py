"""PostgreSQL only: wakes arrive, workers share, and the job of a killed one is in nobody's way."""

import signal

from django.db import connection, transaction

from config.tasks import tick
from config.work import wake
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability import processes
from tests.invoicing.reliability.conftest import all_cleared, soon
from tests.invoicing.reliability.processes import ended


def jobs() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT args->>'name', status FROM procrastinate_jobs ORDER BY id")
        return cursor.fetchall()


def test_a_wake_is_a_job_once_it_is_committed(committed):
    with transaction.atomic():
        wake("send_due")
        wake("send_due")
        assert jobs() == []

    assert jobs() == [("send_due", "todo")]
    wake("send_due")
    assert jobs() == [("send_due", "todo")]


def test_a_wake_that_is_rolled_back_never_was(committed):
    with transaction.atomic():
        wake("send_due")
        transaction.set_rollback(True)

    assert jobs() == []


def test_a_killed_workers_job_blocks_nothing(shop, workers):
    shop.post_later(simplified("S-1"))
    assert ended(workers.start(processes.work, "sent")) == -signal.SIGKILL
    assert ("send_due", "doing") in jobs()

    shop.post_later(simplified("S-2"))
    workers.start(processes.work)

    assert soon(lambda: shop.invoice("S-2").status == "CLEARED")
    assert shop.invoice("S-1").status == "PROCESSING"
    assert not shop.recovered().violations


def test_the_job_of_a_worker_without_heartbeat_is_cleared_away(shop, workers):
    shop.post_later(simplified("S-1"))
    ended(workers.start(processes.work, "sent"))
    tick(timestamp=7)
    assert ("send_due", "doing") in jobs()

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'"
        )
    tick(timestamp=7)

    assert ("send_due", "doing") not in jobs()


def test_two_workers_share_the_work_and_double_nothing(shop, workers):
    for number in range(30):
        shop.control.script(f"S-{number}", delivery=1, fault="slow", seconds=0.2)
        shop.post_later(simplified(f"S-{number}"))
    workers.start(processes.work)
    workers.start(processes.work)
    assert soon(all_cleared, 90)

    report = shop.report()
    assert not report.violations
    assert (report.deliveries, report.overlapping) == (30, 0)
