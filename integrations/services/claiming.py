"""Take a transaction up, or say why not now: one short transaction.

Locks in the order environment, policy, transaction. The environment's row makes claims take turns,
so that its capacity is kept; the policy's makes the transactions of one opportunity run one after
another (and a unique index holds that whatever happens); `run_no` fences off whoever had it before.
"""

from enum import StrEnum

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from integrations import selectors, timing
from integrations.models import (
    IMSEnvironment,
    IMSPolicy,
    Outcome,
    SagaStep,
    Status,
    TritonTransaction,
)
from integrations.services.logbook import note

INTERRUPTED = "interrupted"
WORKER = "worker"


class Claim(StrEnum):
    """What came of it. `busy` and `full` are worth another try soon."""

    TAKEN = "taken"
    BUSY = "busy"  # it, or another of its policy, runs elsewhere
    FULL = "full"  # the environment takes no more at once
    HELD = "held"  # the environment is paused, inactive, or its breaker open
    BLOCKED = "blocked"  # another transaction comes first
    OVER = "over"  # nothing to run: finished, or a person's turn


def claim(pk: int, environment_id: int) -> Claim:
    """RECEIVED → PROCESSING, or over from a run whose lease has ended. Commits once."""
    with transaction.atomic(durable=True):
        # Written, not only read: on both engines this makes claims of one environment take turns.
        IMSEnvironment.objects.filter(pk=environment_id).update(claims=F("claims") + 1)
        environment = IMSEnvironment.objects.get(pk=environment_id)
        if not environment.is_active or environment.paused_at or environment.opened_at:
            return Claim.HELD
        row = TritonTransaction.objects.get(pk=pk)
        IMSPolicy.objects.select_for_update().get(pk=row.policy_id)
        row = TritonTransaction.objects.select_for_update().get(pk=pk)
        refusal = _refusal(row, environment)
        if refusal is not None:
            return refusal
        _take(row)
    return Claim.TAKEN


def _refusal(row: TritonTransaction, environment: IMSEnvironment) -> Claim | None:
    now = timezone.now()
    if row.status == Status.PROCESSING:
        expired = row.lease_until is not None and row.lease_until < now
        full = selectors.running_at(environment) >= environment.capacity
        return (Claim.FULL if full else None) if expired else Claim.BUSY
    if row.status != Status.RECEIVED:
        return Claim.BLOCKED if row.status == Status.BLOCKED else Claim.OVER
    first = selectors.predecessor_of(row)
    if first is not None:
        block(row, first)
        return Claim.BLOCKED
    others = TritonTransaction.objects.filter(policy_id=row.policy_id, status=Status.PROCESSING)
    if others.exists():
        return Claim.BUSY
    if selectors.running_at(environment) >= environment.capacity:
        return Claim.FULL
    return None


def block(row: TritonTransaction, first: TritonTransaction) -> None:
    """Let `row` wait for `first`; joins the caller's transaction."""
    row.move(Status.BLOCKED, blocked_by=first, next_run_at=None)
    note(row, "blocked", f"Waits for {first.transaction_id}.", actor=WORKER)


def give_back_dead(limit: int = 100) -> int:
    """PROCESSING → RECEIVED where a run has died and its environment lets nobody take it over, so
    that it waits, and can be closed, as the others there. Commits once for each; how many."""
    held = IMSEnvironment.objects.exclude(pk__in=IMSEnvironment.objects.open().values("pk"))
    dead = TritonTransaction.objects.filter(source__environment__in=held)
    return sum(_give_back(row.pk) for row in dead.lease_expired(timezone.now())[:limit])


def _give_back(pk: int) -> bool:
    with transaction.atomic(durable=True):
        row = TritonTransaction.objects.get(pk=pk)
        IMSPolicy.objects.select_for_update().get(pk=row.policy_id)
        row = TritonTransaction.objects.select_for_update().get(pk=pk)
        now = timezone.now()
        expired = row.lease_until is not None and row.lease_until < now
        if row.status != Status.PROCESSING or not expired:
            return False  # another was faster, or its own process lives
        interrupted = _close_left(row)
        row.move(Status.RECEIVED, next_run_at=now, lease_until=None)
        told = f"{interrupted} Its environment is held back.".strip()
        note(row, "given_back", told, actor=WORKER)
    return True


def _close_left(row: TritonTransaction) -> str:
    """Close the step that the dead run was at; a sentence about it, empty where there was none."""
    left = SagaStep.objects.filter(transaction=row, finished_at=None).first()
    if left is None:
        return ""
    # Begun, and its process is gone: what IMS made of it is not known.
    SagaStep.objects.filter(pk=left.pk, finished_at=None).update(
        finished_at=timezone.now(),
        outcome=Outcome.UNKNOWN,
        code=INTERRUPTED,
        message="The process that was at it ended.",
    )
    return f"Step {left.step} was interrupted."


def _take(row: TritonTransaction) -> None:
    if interrupted := _close_left(row):
        note(row, "taken_over", interrupted, actor=WORKER)
    row.move(
        Status.PROCESSING,
        run_no=row.run_no + 1,
        lease_until=timezone.now() + timing.lease(),
        next_run_at=None,
        blocked_by=None,
    )
