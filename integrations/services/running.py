"""Run transactions: one, for a caller who waits, and all that are due, for the worker.

The row is the truth. A request, the admin, the commands and the chore all come through here; a
second run of the same transaction finds it taken, or finished.
"""

import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import structlog
from django.conf import settings
from django.db import connection
from django.utils import timezone

from integrations import selectors
from integrations.gateways import refuse_in_transaction
from integrations.models import IMSEnvironment, Status, TritonTransaction
from integrations.services import breakers, settling
from integrations.services.claiming import Claim, claim, give_back_dead
from integrations.services.walking import walk

log = structlog.get_logger(__name__)

BATCH = 50
POLL = 0.2
# A caller who waits anyway may wait this long for the next try.
WORTH_WAITING = 2.5
# While calls are awaited, for what becomes due meanwhile.
LOOK_AGAIN = 1.0


def run(transaction: TritonTransaction, *, seconds: float | None = None) -> TritonTransaction:
    """Run it as far as it can be run; the fresh row. Never raises for what IMS says.

    With `seconds` a caller waits so long at most: for a place at the environment, for another run
    of the same policy, and for its own steps; what is left is the worker's. Commits as `walk` does.
    """
    refuse_in_transaction()
    ends_at = None if seconds is None else time.monotonic() + seconds
    while True:
        came_of_it = _run_once(transaction, ends_at)
        fresh = TritonTransaction.objects.get(pk=transaction.pk)
        if ends_at is None:
            return fresh
        pause = _pause(came_of_it, fresh)
        if pause is None or time.monotonic() + pause >= ends_at:
            return fresh
        time.sleep(pause)


def _run_once(transaction: TritonTransaction, ends_at: float | None) -> Claim:
    environment = transaction.source.environment
    if environment.is_active and environment.paused_at is None:
        breakers.admits(environment)
    claimed = claim(transaction.pk, environment.pk)
    if claimed is Claim.TAKEN:
        related = TritonTransaction.objects.select_related(
            "source__environment", "policy", "tenant"
        )
        walk(related.get(pk=transaction.pk), ends_at)
    return claimed


def _pause(claimed: Claim, fresh: TritonTransaction) -> float | None:
    """How long to wait before another try in the same request; None to answer now."""
    if claimed in (Claim.BUSY, Claim.FULL):
        return POLL
    if claimed is not Claim.TAKEN or fresh.status != Status.RECEIVED or not fresh.next_run_at:
        return None
    left = (fresh.next_run_at - timezone.now()).total_seconds()
    # What was handed over is the worker's; what waits for a moment is worth the moment.
    return max(left, 0) + 0.01 if fresh.reason_code and left <= WORTH_WAITING else None


def work_due(limit: int = BATCH) -> int:
    """Run what is due, and what was left by runs that died; how many were run. What died where an
    environment is held back waits for it from now on.

    Threads that are free take up what has become due meanwhile, and no environment has more of
    them than it takes at once, so that one that hangs keeps nobody else's waiting. With
    IMS_WORKERS = 1 all happens on this thread and its connection.
    """
    settling.release_forgotten()
    give_back_dead()
    return _one_by_one(limit) if settings.IMS_WORKERS == 1 else _side_by_side(limit)


def _one_by_one(limit: int) -> int:
    done = 0
    while done < limit and (batch := list(_due(limit - done))):
        for row in batch:
            run(row)
        done += len(batch)
    return done


def _side_by_side(limit: int) -> int:
    started, calls = 0, dict[Future[None], int]()
    with ThreadPoolExecutor(settings.IMS_WORKERS) as pool:
        while True:
            room = min(limit - started, settings.IMS_WORKERS - len(calls))
            for row in _due(room) if room > 0 else ():
                # Between its start and its claim a run is due still.
                if row.pk not in calls.values() and len(calls) < settings.IMS_WORKERS:
                    calls[pool.submit(_run_apart, row)] = row.pk
                    started += 1
            if not calls:
                return started
            ended, _ = wait(calls, timeout=LOOK_AGAIN, return_when=FIRST_COMPLETED)
            for call in ended:
                del calls[call]


def _run_apart(row: TritonTransaction) -> None:
    try:
        run(row)
    except Exception:
        log.exception("run_failed", transaction=row.pk)
    finally:
        connection.close()


def _due(limit: int) -> Iterator[TritonTransaction]:
    now = timezone.now()
    rows = TritonTransaction.objects.select_related("source__environment")
    for environment in IMSEnvironment.objects.open().order_by("pk"):
        if environment.opened_at is not None and not breakers.admits(environment):
            continue
        free = min(limit, environment.capacity - selectors.running_at(environment))
        if free <= 0:
            continue
        mine = rows.filter(source__environment=environment)
        yield from (expired := list(mine.lease_expired(now)[:free]))
        yield from mine.due(now)[: free - len(expired)]
