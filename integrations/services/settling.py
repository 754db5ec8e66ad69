"""What a run leaves behind: the transaction's state, its log, its dependants, its alarms."""

import hashlib
from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from config.work import wake
from integrations import errors, timing
from integrations.ims import IMSError, normalised
from integrations.models import (
    FINAL,
    IMSInvoice,
    IMSPolicy,
    IMSStatus,
    InvoiceStatus,
    Kind,
    Outcome,
    SagaStep,
    Status,
    TritonTransaction,
)
from integrations.saga import invoicing
from integrations.saga.parts import Context
from integrations.services import alarms, attempts, breakers, environments
from integrations.services.claiming import WORKER
from integrations.services.judging import Verdict, is_login_refused
from integrations.services.logbook import note

RUN = "run_transactions"
# What is said of a policy, or of its quote, that is not bound yet.
WANT_OF_A_BIND = ("quote_not_found", "unbound_policy", "not_bound", "not_bound_or_cancelled")


def record(context: Context, attempt: SagaStep, verdict: Verdict, error: Exception) -> None:
    """Close an attempt that brought no result, and tell the environment's breaker of it.

    Commits once for the attempt, and once where the breaker or the environment's hold changes.
    """
    attempts.fail(attempt, verdict.outcome, code=verdict.code, message=verdict.message)
    if not isinstance(error, IMSError):
        return
    if is_login_refused(error):
        environments.hold_for_login(context.environment, verdict.message)
    elif error.code == "ims_timeout" and context.ends_at is not None:
        pass  # cut short for a caller's sake, which says nothing about IMS
    elif breakers.tells_of_an_outage(error):
        breakers.note_outage(context.environment, error.code)
        context.answered = False
    elif error.http_status is not None:
        note_answer(context)


def note_answer(context: Context) -> None:
    """IMS answered: once in a run is enough to tell the breaker, until a line breaks again."""
    if not context.answered:
        breakers.note_answer(context.environment)
        context.answered = True


def settle(row: TritonTransaction, verdict: Verdict, *, stage: str) -> None:
    """PROCESSING → what the verdict says; commits once.

    Raises ChangedMeanwhile where another run has the transaction now.
    """
    with transaction.atomic(durable=True):
        if verdict.status == Status.RECEIVED:
            _again(row, verdict, stage)
        else:
            lock_policy(row)
            _stuck(row, verdict, stage)
        _go_on_looking(row)


def _again(row: TritonTransaction, verdict: Verdict, stage: str) -> None:
    retries = row.retries + 1 if verdict.failure else row.retries
    due = verdict.until or timezone.now() + (
        timing.backoff(row.retries) if verdict.failure else timedelta(0)
    )
    row.move(
        Status.RECEIVED,
        next_run_at=due,
        lease_until=None,
        retries=retries,
        reason_code=verdict.code,
        stage=stage,
        error=verdict.message,
    )
    note(row, "waits", f"{stage}: {verdict.message}", actor=WORKER)
    if retries >= timing.RETRIES_BEFORE_ALARM:
        alarms.tell_slow(row)
    if verdict.until is None and not verdict.failure:
        wake(RUN)


def _stuck(row: TritonTransaction, verdict: Verdict, stage: str) -> None:
    words = verdict.group or normalised(verdict.message)
    group = f"{stage}|{verdict.code}|{words}"
    row.move(
        verdict.status,
        lease_until=None,
        next_run_at=None,
        reason_code=verdict.code[:60],
        stage=stage,
        error=verdict.message,
        error_group=words[:300],
        group_key=hashlib.sha256(group.encode()).hexdigest()[:16],
    )
    note(row, str(verdict.status), f"{stage}: {verdict.message}", actor=WORKER)
    alarms.tell_stuck(row)
    if row.kind == Kind.UNBIND:
        _release(row, row.blocks.filter(kind=Kind.BIND))


def complete(row: TritonTransaction) -> None:
    """PROCESSING → COMPLETED, and whoever waited for it goes on; commits once."""
    with transaction.atomic(durable=True):
        lock_policy(row)
        key = row.group_key
        row.move(
            Status.COMPLETED,
            completed_at=timezone.now(),
            lease_until=None,
            next_run_at=None,
            retries=0,
            reason_code="",
            stage="",
            error="",
            error_group="",
            group_key="",
            redo_from="",
        )
        note(row, "completed", actor=WORKER)
        _go_on_looking(row)
        alarms.settle_stuck(row, group_key=key, by=WORKER)
        release(row)
        if row.kind == Kind.BIND:
            _release_early(row)


def hand_over(row: TritonTransaction) -> None:
    """PROCESSING → RECEIVED: the caller is answered, the worker goes on at once. Commits once."""
    with transaction.atomic(durable=True):
        row.move(Status.RECEIVED, next_run_at=timezone.now(), lease_until=None)
        note(row, "handed_over", "The time of the request is over; it goes on.", actor=WORKER)
        wake(RUN)


def settle_bug(row: TritonTransaction, bug: Exception) -> None:
    """A bug of ours: the step's outcome is unknown, and a person is told. Commits once."""
    message = f"{type(bug).__name__} in our own code; see the log."
    with transaction.atomic(durable=True):
        _stuck(row, Verdict(Outcome.UNKNOWN, Status.NEEDS_ATTENTION, "bug", message), "bug")
        SagaStep.objects.filter(transaction=row, finished_at=None, run_no=row.run_no).update(
            finished_at=timezone.now(), outcome=Outcome.UNKNOWN, code="bug", message=message
        )
        _go_on_looking(row)


def warn(row: TritonTransaction, step: str, verdict: Verdict) -> None:
    """What could not be done and need not be; commits once. Raises ChangedMeanwhile."""
    with transaction.atomic(durable=True):
        warning = {"code": verdict.code, "message": f"{step}: {verdict.message}"}
        if warning not in row.warnings:
            row.change(warnings=[*row.warnings, warning])
        note(row, "warning", f"{step}: {verdict.message}", actor=WORKER)


def lock_policy(row: TritonTransaction) -> None:
    """Let nobody begin to wait for `row` while it ends; joins the caller's transaction."""
    IMSPolicy.objects.select_for_update().values_list("pk").get(pk=row.policy_id)


def release_forgotten() -> int:
    """Whoever still waits for what has ended: two policies know no common lock. Commits once for
    each; how many there were."""
    forgotten = TritonTransaction.objects.filter(
        status=Status.BLOCKED, blocked_by__status__in=FINAL
    )
    rows = list(forgotten[:100])
    for waiting in rows:
        with suppress(errors.ChangedMeanwhile), transaction.atomic():
            waiting.move(Status.RECEIVED, blocked_by=None, next_run_at=timezone.now())
            note(waiting, "released", actor=WORKER)
    return len(rows)


def release(row: TritonTransaction) -> None:
    """Whoever waits for `row` is due; joins the caller's transaction, which locks its policy."""
    _release(row, row.blocks.all())


def _release_early(bind: TritonTransaction) -> None:
    """Those that came before their bind and failed for want of it are due again.

    An unbind never is: it was sent to leave the policy unbound. Where the policy was bound before,
    what is dated before this bind was meant for the one that is gone.
    """
    named, own = Q(prior_transaction_id=bind.transaction_id), Q(policy_id=bind.policy_id)
    if bind.policy_number:
        own |= Q(policy__opportunity_id=None, policy_number=bind.policy_number)
    if _was_bound_before(bind):
        own &= Q(transaction_date__gte=bind.transaction_date)
    early = TritonTransaction.objects.filter(source_id=bind.source_id, status=Status.FAILED)
    early = early.filter(own | named).exclude(kind=Kind.UNBIND)
    early = early.filter(reason_code__in=WANT_OF_A_BIND, ims_status=IMSStatus.PENDING)
    for row in early.order_by("transaction_date", "pk"):
        with suppress(errors.ChangedMeanwhile), transaction.atomic():
            due_again(row, "released", actor=WORKER, reason=f"{bind.transaction_id} is bound.")
            if row.opportunity_id is None and row.policy.opportunity_id is None:
                row.change(policy=bind.policy)  # of this number, which nobody knew before


def _was_bound_before(bind: TritonTransaction) -> bool:
    others = TritonTransaction.objects.filter(policy_id=bind.policy_id, kind=Kind.BIND)
    return others.exclude(pk=bind.pk).exclude(bound_at=None).exists()


def _release(row: TritonTransaction, rows: QuerySet[TritonTransaction]) -> None:
    for waiting in rows.filter(status=Status.BLOCKED).order_by("transaction_date", "pk"):
        waiting.move(Status.RECEIVED, blocked_by=None, next_run_at=timezone.now())
        note(waiting, "released", f"{row.transaction_id} is {row.status}.", actor=WORKER)
        wake(RUN)


def due_again(row: TritonTransaction, event: str, *, actor: str, reason: str = "") -> None:
    """A stuck one → RECEIVED, due now; joins the caller's transaction. Raises InvalidMove."""
    key = row.group_key
    row.move(Status.RECEIVED, next_run_at=timezone.now(), retries=0, error_group="", group_key="")
    note(row, event, reason, actor=actor)
    alarms.settle_stuck(row, group_key=key, by=actor)
    wake(RUN)


def _go_on_looking(row: TritonTransaction) -> None:
    """An invoice that is missing still is looked for in the background from now on."""
    pending = IMSInvoice.objects.filter(
        transaction=row, status=InvoiceStatus.PENDING, next_look_at=None
    )
    for invoice in pending:
        invoicing.look_later(invoice)
