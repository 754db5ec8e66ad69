"""One attempt at one step: its row is committed before the call, and closed once after it."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from integrations import errors, timing
from integrations.models import IMSPolicy, Outcome, SagaStep, TritonTransaction
from integrations.saga.parts import Done
from integrations.services.claiming import WORKER
from integrations.services.logbook import note


def begin(row: TritonTransaction, step: str, made: Counter[str]) -> SagaStep:
    """Say that `step` is about to be done, and renew the lease. Commits once.

    `made` counts the attempts of this transaction, which this run alone adds to. Raises
    ChangedMeanwhile where another run has the transaction now.
    """
    with transaction.atomic(durable=True):
        row.change(lease_until=timezone.now() + timing.lease())
        made[step] += 1
        return SagaStep.objects.create(
            transaction=row,
            step=step,
            attempt=made[step],
            run_no=row.run_no,
            version=row.version,
            started_at=timezone.now(),
        )


def finish(
    row: TritonTransaction, attempt: SagaStep, done: Done, *, progress: bool = False
) -> None:
    """Record that the step is done, with all it brought, in one commit.

    `progress`: it changed something for good, so that retries are counted anew.

    Raises ChangedMeanwhile where another run has the transaction now: it looks up what was done.
    """
    with transaction.atomic(durable=True):
        if done.policy or done.then is not None:
            # Locks in the order of a claim: policy, transaction, step.
            IMSPolicy.objects.select_for_update().values_list("pk").get(pk=row.policy_id)
        changes: dict[str, Any] = dict(done.changes)
        if done.warnings:
            new = [warning for warning in done.warnings if warning not in row.warnings]
            changes["warnings"] = [*row.warnings, *new]
        if row.redo_from == attempt.step:
            changes["redo_from"] = ""
        if progress:
            changes["retries"] = 0
        row.change(reason_code="", stage="", error="", **changes)
        _close(attempt, outcome=Outcome.OK, message=done.message, result=done.result)
        if done.policy:
            policies = IMSPolicy.objects.filter(pk=row.policy_id)
            policies.update(updated_at=timezone.now(), **done.policy)
        if done.then is not None:
            done.then()
        note(row, attempt.step, done.message, actor=WORKER)


def fail(attempt: SagaStep, outcome: Outcome, *, code: str, message: str) -> None:
    """Record what became of an attempt that did not do it; joins the caller's transaction.

    Raises ChangedMeanwhile.
    """
    _close(attempt, outcome=outcome, code=code[:60], message=message)


def decide(
    row: TritonTransaction,
    step: str,
    outcome: Outcome,
    *,
    actor: str,
    why: str,
    result: Mapping[str, Any] | None = None,
) -> None:
    """What became of a step, as a person says, and what it brought; joins the caller's
    transaction."""
    now = timezone.now()
    number = SagaStep.objects.filter(transaction=row, step=step).count() + 1
    SagaStep.objects.create(
        transaction=row,
        step=step,
        attempt=number,
        run_no=row.run_no,
        version=row.version,
        started_at=now,
        finished_at=now,
        outcome=outcome,
        message=why,
        result=dict(result or {}),
        decided_by=actor,
    )


def _close(
    attempt: SagaStep,
    *,
    outcome: Outcome,
    code: str = "",
    message: str = "",
    result: Mapping[str, Any] | None = None,
) -> None:
    under_way = SagaStep.objects.filter(pk=attempt.pk, finished_at=None)
    changed = under_way.update(
        finished_at=timezone.now(),
        outcome=outcome,
        code=code,
        message=message,
        result=dict(result or {}),
    )
    if not changed:
        raise errors.ChangedMeanwhile(attempt.transaction.transaction_id)
