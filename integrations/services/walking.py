"""Walk a claimed transaction through its steps, each between two commits, none inside one."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import structlog
from django.db import OperationalError
from django.utils import timezone

from integrations import errors, timing
from integrations.errors import SetupMissing
from integrations.failpoints import reached
from integrations.gateways import gateway_for
from integrations.ims import IMSError
from integrations.models import Kind, Outcome, SagaStep, Status, TritonTransaction
from integrations.saga.parts import Context, Done, Step, Stop, Wait
from integrations.saga.setup import with_aliases
from integrations.saga.table import SAGAS
from integrations.services import attempts, settling
from integrations.services.judging import (
    Verdict,
    after_bind,
    is_already_done,
    is_login_refused,
    judge,
)
from integrations.services.payloads import said_by
from integrations.triton import Transaction

log = structlog.get_logger(__name__)

TOO_EARLY = "too_early"
Trouble = Stop | SetupMissing | IMSError
Task = tuple[Step, Callable[[Context, Step], Verdict | None]]


class _Failed(Exception):
    """A look-up that did not clear anything up."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.code)
        self.verdict = verdict


def walk(row: TritonTransaction, ends_at: float | None = None) -> None:
    """Do every step that is left, and settle the transaction as what comes of them.

    Commits twice for each step, and once at the end. A run that another has overtaken stops
    without a word. `ends_at`: monotonic seconds by which a caller has to be answered.
    """
    try:
        _walk(_context(row, ends_at))
    except SetupMissing as missing:
        settling.settle(row, judge(missing), stage="setup")
    except errors.ChangedMeanwhile:
        log.info("run_overtaken", transaction=row.pk, run=row.run_no)
    except OperationalError:
        # A busy database is no bug of the transaction's: the lease gives it back.
        log.exception("run_given_up", transaction=row.pk)
    except Exception as bug:
        log.exception("run_broken", transaction=row.pk)
        settling.settle_bug(row, bug)


def _context(row: TritonTransaction, ends_at: float | None) -> Context:
    environment = row.source.environment
    words = " ".join(filter(None, (row.transaction_id, row.request_id)))
    gateway = gateway_for(environment, transaction=row, context=words)
    said = _as_found(row, with_aliases(environment, said_by(row)))
    if said.opportunity_id is None:
        said = replace(said, opportunity_id=row.policy.opportunity_id)
    context = Context(row, row.policy, row.source, environment, said, gateway, ends_at)
    context.attempts.update(row.steps.values_list("step", flat=True))
    return context


def _as_found(row: TritonTransaction, said: Transaction) -> Transaction:
    """With the one address, of several, under which the producer was found: none that a correction
    has taken out since."""
    found = row.steps.filter(step="producer", outcome=Outcome.OK).order_by("-id").first()
    email = found.result.get("email") if found is not None else None
    if found is None or not email:
        return said
    named = found.version == row.version or email in said.producer_emails
    return replace(said, producer_email=email) if named else said


def _walk(context: Context) -> None:
    row = context.transaction
    for step, take in _tasks(context):
        if _out_of_time(context, step):
            settling.hand_over(row)
            return
        verdict = take(context, step)
        if verdict is not None:
            settling.settle(row, verdict, stage=step.name)
            return
    settling.complete(row)


def _tasks(context: Context) -> Iterator[Task]:
    """What is in doubt is looked up before anything is sent: IMS takes no premium for a quote
    that it has bound, and what a step found before must not be found anew. Then the due steps."""
    row = context.transaction
    for step in SAGAS[Kind(row.kind)]:
        if step.once and not step.is_done(row) and context.in_doubt(step.name) is not None:
            yield step, _clear
    for step in _steps(row):
        if _is_due(context, step):
            yield step, _take


def _steps(row: TritonTransaction) -> tuple[Step, ...]:
    """Those of its type; from the one on that a person chose, where one did."""
    steps = SAGAS[Kind(row.kind)]
    names = [step.name for step in steps]
    return steps[names.index(row.redo_from) :] if row.redo_from in names else steps


def _is_due(context: Context, step: Step) -> bool:
    row = context.transaction
    return step.name == row.redo_from or (not step.is_done(row) and step.only_if(context))


def _out_of_time(context: Context, step: Step) -> bool:
    """Whether the step is left to the worker; else it gets the time that is left."""
    if context.ends_at is None:
        return False
    left = context.ends_at - time.monotonic()
    context.gateway.ims.deadline = max(left, timing.SHORTEST_STEP)
    return left < step.room


def _clear(context: Context, step: Step) -> Verdict | None:
    """Look up what became of a step that an earlier run left in doubt; None where it is clear."""
    try:
        _clear_up(context, step)
    except _Failed as failed:
        return after_bind(failed.verdict, context.transaction)
    return None


def _take(context: Context, step: Step) -> Verdict | None:
    """Do one step; None where the walk goes on."""
    try:
        trouble = _attempt(context, step)
        return None if trouble is None else _after(context, step, trouble)
    except _Failed as failed:
        return after_bind(failed.verdict, context.transaction)


def _attempt(context: Context, step: Step) -> Trouble | None:
    """Do the step under a row of its own; what went wrong, None where it is done."""
    attempt = _begin(context, step)
    try:
        done = step.do(context)
    except (Stop, SetupMissing, IMSError) as trouble:
        reached("answered", step.name)
        settling.record(context, attempt, _judged(context, trouble), trouble)
        reached("recorded", step.name)
        return trouble
    _finish(context, step, attempt, done)
    return None


def _begin(context: Context, step: Step) -> SagaStep:
    attempt = attempts.begin(context.transaction, step.name, context.attempts)
    context.gateway.step = attempt
    reached("begun", step.name)
    lease = context.transaction.lease_until
    if lease is not None and timezone.now() >= lease:
        # This process slept over it: whoever has taken over must not meet a late call.
        raise errors.ChangedMeanwhile(context.transaction.transaction_id)
    return attempt


def _finish(context: Context, step: Step, attempt: SagaStep, done: Done) -> None:
    reached("answered", step.name)
    attempts.finish(context.transaction, attempt, done, progress=step.once)
    for name, value in done.policy.items():
        setattr(context.policy, name, value)
    if done.then is not None:
        context.policy.refresh_from_db()
    settling.note_answer(context)
    reached("recorded", step.name)


def _after(context: Context, step: Step, trouble: Trouble) -> Verdict | None:
    """What follows an attempt that brought no result; None where the walk goes on."""
    row = context.transaction
    verdict = after_bind(_judged(context, trouble), row)
    open_question = verdict.outcome == Outcome.UNKNOWN and isinstance(trouble, IMSError)
    done_before = is_already_done(trouble) and _may_be_ours(context, step)
    if step.look_up is not None and (open_question or done_before):
        try:
            # At once: mostly the answer alone was lost.
            if _clear_up(context, step, certain=done_before):
                return None
        except _Failed as failed:
            if failed.verdict.code != TOO_EARLY:
                raise
            verdict = replace(verdict, until=failed.verdict.until)
    if step.optional and not is_login_refused(trouble):
        settling.warn(row, step.name, verdict)
        return None
    seen = row.steps.filter(step=step.name, code=verdict.code).count()
    if verdict.unrecognised and seen >= timing.MOST_UNRECOGNISED:
        return replace(verdict, status=Status.NEEDS_ATTENTION, until=None)
    return verdict


def _judged(context: Context, trouble: Trouble) -> Verdict:
    """The verdict, with nothing in its words that must not be kept."""
    verdict, mask = judge(trouble), context.gateway.mask
    return replace(verdict, message=mask(verdict.message), group=mask(verdict.group))


def _may_be_ours(context: Context, step: Step) -> bool:
    """Whether what IMS did before may be what an earlier attempt of ours did."""
    unknown = context.transaction.steps.filter(step=step.name, outcome=Outcome.UNKNOWN)
    return step.name == "bind" or unknown.exists()


def _clear_up(context: Context, step: Step, *, certain: bool = False) -> bool:
    """Look up what became of an attempt: True where IMS has done it, False where it has not.

    "Not" is believed when the attempt is old enough, as IMS may still be at it. `certain`: IMS
    itself says that it was done before. Raises _Failed where that is not known.
    """
    assert step.look_up is not None
    doubt = context.in_doubt(step.name)
    attempt = _begin(context, step)
    try:
        done = step.look_up(context)
    except (Stop, SetupMissing, IMSError) as trouble:
        verdict = _of_a_question(_judged(context, trouble), trouble)
        settling.record(context, attempt, verdict, trouble)
        raise _Failed(verdict) from None
    if done is not None:
        _finish(context, step, attempt, done)
        return True
    settling.note_answer(context)
    if certain or doubt is None or doubt.finished_at is None:
        attempts.fail(attempt, Outcome.SKIPPED, code="not_found", message="IMS shows nothing.")
        return False
    believed_at = doubt.finished_at + timing.repeat_after()
    if timezone.now() < believed_at:
        wait = Wait(TOO_EARLY, "IMS has not done it, but may still be at it.", believed_at)
        settling.record(context, attempt, judge(wait), wait)
        raise _Failed(judge(wait))
    attempts.fail(attempt, Outcome.NOT_DONE, code="", message="IMS had not done it.")
    return False


def _of_a_question(verdict: Verdict, trouble: Trouble) -> Verdict:
    """Whatever became of a look-up, it changed nothing; refused, a person has to look."""
    if not isinstance(trouble, IMSError):
        return verdict
    status = verdict.status
    if status != Status.RECEIVED:
        status = Status.NEEDS_ATTENTION
    return replace(verdict, outcome=Outcome.NOT_SENT, status=status)
