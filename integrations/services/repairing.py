"""What a person may do about a transaction that is stuck; each exit has its name in the log.

They make the transaction due, and the run that follows asks IMS; `adopt` alone asks it before, so
that no mistyped quote is taken.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction as db
from django.db.models import Q
from django.utils import timezone

from integrations import errors
from integrations.models import (
    STUCK,
    IMSPolicy,
    IMSStatus,
    Kind,
    Outcome,
    PayloadVersion,
    Status,
    TritonTransaction,
)
from integrations.saga.parts import Step, in_doubt
from integrations.saga.table import SAGAS
from integrations.services import (
    alarms,
    attempts,
    duplicates,
    fitting,
    made_of,
    policies,
    reading,
    settling,
)
from integrations.services.logbook import note
from integrations.services.payloads import said_by
from integrations.triton import Transaction

RETRYABLE = (Status.FAILED, Status.NEEDS_ATTENTION)
CLOSABLE = (*STUCK, Status.RECEIVED, Status.BLOCKED)
# The step that a quote comes from.
MAKES_QUOTE = {
    Kind.BIND: "quote",
    Kind.ISSUE: "find",
    Kind.UNBIND: "find",
    Kind.ENDORSEMENT: "change",
    Kind.CANCELLATION: "change",
    Kind.REINSTATEMENT: "change",
}


def exits(transaction: TritonTransaction) -> tuple[str, ...]:
    """Which of these are open to it as it was read, the most likely first; `resume` is
    `resume_from`, `create` is `create_new`. Each looks again when it is used."""
    row = transaction
    is_open = {
        "retry": row.status in RETRYABLE,
        "resume": row.status in RETRYABLE,
        "correct": row.status in RETRYABLE and row.bound_at is None,
        "adopt": _may_adopt(row),
        "create": row.status in STUCK and (bool(doubtful_steps(row)) or has_adopted(row)),
        "close": row.status in CLOSABLE,
    }
    return tuple(name for name, answer in is_open.items() if answer)


def doubtful_steps(transaction: TritonTransaction) -> list[str]:
    """The steps of which nobody knows whether IMS did them, and that must not be done twice."""
    steps = SAGAS[Kind(transaction.kind)]
    return [step.name for step in steps if step.once and in_doubt(transaction, step.name)]


def retry(transaction: TritonTransaction, *, actor: str) -> TritonTransaction:
    """Let it run again from where it stopped, or at once if it waits for its time. Commits once.

    Raises NotRepairable, and ChangedMeanwhile where somebody else was faster.
    """
    row = _fresh(transaction)
    with db.atomic():
        if row.status == Status.RECEIVED:
            row.change(next_run_at=timezone.now())
            note(row, "retried", actor=actor)
        else:
            _require(row.status in RETRYABLE)
            settling.due_again(row, "retried", actor=actor)
    return row


def resume_from(
    transaction: TritonTransaction, step: str, *, actor: str, reason: str
) -> TritonTransaction:
    """Let it run again from `step` on; those before are left as they are. Commits once.

    Raises ReasonMissing, NotRepairable where what the step needs is not there, StepNotRepeatable
    where IMS has done it or a later one that cannot be done twice, or may have done a later one,
    and ChangedMeanwhile.
    """
    reason, row = _reason(reason), _fresh(transaction)
    _require(row.status in RETRYABLE)
    steps = SAGAS[Kind(row.kind)]
    names = [each.name for each in steps]
    if step not in names:
        raise errors.NotRepairable(param="step")
    place = names.index(step)
    if any(each.once and _has_done(row, each) for each in steps[place:]):
        raise errors.StepNotRepeatable(param="step")
    if any(each.once and not _has_done(row, each) for each in steps[:place]):
        raise errors.NotRepairable(param="step")
    # What a later one is looked up by must stay as it was; the step itself is looked up first.
    if doubtful := [name for name in doubtful_steps(row) if name in names[place + 1 :]]:
        sentence = f"{doubtful[0]} is in doubt: resume from there, or say what became of it."
        raise errors.StepNotRepeatable(sentence, param="step")
    with db.atomic():
        settling.due_again(row, "resumed_from", actor=actor, reason=f"{step}: {reason}")
        row.change(redo_from=step)
    return row


def adopt(
    transaction: TritonTransaction, quote_guid: UUID, *, actor: str, reason: str
) -> TritonTransaction:
    """Say which quote in IMS is this transaction's; it goes on with it. Commits once.

    Raises ReasonMissing, NotRepairable (it is bound, or may be by another quote, or the quote
    belongs to another policy, is not in IMS or does not fit), QuoteNotAsked, ChangedMeanwhile.
    """
    reason, row = _reason(reason), _fresh(transaction)
    _require(_may_adopt(row))
    if quote_guid != row.quote_guid and "bind" in doubtful_steps(row):
        sentence = "IMS may have bound the quote that it goes by: retry, which looks that up first."
        raise errors.NotRepairable(sentence, param="quote_guid")
    known = Q(quote_guid=quote_guid) | Q(latest_quote_guid=quote_guid)
    theirs = IMSPolicy.objects.filter(known, tenant=row.tenant).exclude(pk=row.policy_id)
    if theirs.exists():
        raise errors.NotRepairable("This quote belongs to another policy.", param="quote_guid")
    fitting.require_fit(row, quote_guid)
    with db.atomic():
        if row.kind == Kind.BIND:
            IMSPolicy.objects.filter(pk=row.policy_id).update(
                quote_guid=quote_guid, latest_quote_guid=quote_guid
            )
        step = MAKES_QUOTE[Kind(row.kind)]
        why = f"Adopted: {reason}"
        brought = _brought(row, step) if row.quote_guid == quote_guid else {}
        attempts.decide(row, step, Outcome.OK, actor=actor, why=why, result=brought)
        row.change(quote_guid=quote_guid, option_guid=None, ims_status=IMSStatus.QUOTE_CREATED)
        settling.due_again(row, "adopted", actor=actor, reason=f"{quote_guid}: {reason}")
    return row


def _brought(row: TritonTransaction, step: str) -> Mapping[str, Any]:
    """What IMS answered when the quote was made: its sums are compared with what was asked."""
    done = row.steps.filter(step=step, outcome=Outcome.OK).order_by("-id").first()
    return done.result if done is not None else {}


def create_new(transaction: TritonTransaction, *, actor: str, reason: str) -> TritonTransaction:
    """Say that IMS has not done the step that is in doubt, or that the quote which was adopted is
    not it; it is done anew. Commits once.

    Raises ReasonMissing, NotRepairable where neither is so, and ChangedMeanwhile.
    """
    reason, row = _reason(reason), _fresh(transaction)
    _require(row.status in STUCK)
    doubtful = doubtful_steps(row)
    adopted = not doubtful and has_adopted(row)
    _require(bool(doubtful) or adopted)
    with db.atomic():
        for name in doubtful or [MAKES_QUOTE[Kind(row.kind)]]:
            attempts.decide(row, name, Outcome.NOT_DONE, actor=actor, why=reason)
        if adopted:
            _forget_quote(row)
        settling.due_again(row, "created_new", actor=actor, reason=reason)
    return row


def has_adopted(transaction: TritonTransaction) -> bool:
    """Whether it goes by a quote that a person named, and nothing is bound by it yet."""
    if transaction.bound_at is not None or transaction.quote_guid is None:
        return False
    step = MAKES_QUOTE[Kind(transaction.kind)]
    last = transaction.steps.filter(step=step).order_by("-id").first()
    return last is not None and bool(last.decided_by) and last.outcome == Outcome.OK


def _forget_quote(row: TritonTransaction) -> None:
    """The adopted one is not it; joins the caller's transaction."""
    IMSPolicy.objects.filter(pk=row.policy_id, bound_at=None, quote_guid=row.quote_guid).update(
        quote_guid=None, latest_quote_guid=None
    )
    row.change(quote_guid=None, option_guid=None, submission_guid=None, redo_from="")


def close(transaction: TritonTransaction, *, actor: str, reason: str) -> TritonTransaction:
    """Nothing more is done about it, for good; whoever waited for it goes on. Commits once.

    Raises ReasonMissing, NotRepairable (it runs, or is finished), and ChangedMeanwhile.
    """
    reason, row = _reason(reason), _fresh(transaction)
    _require(row.status in CLOSABLE)
    with db.atomic():
        settling.lock_policy(row)
        key = row.group_key
        row.move(
            Status.CLOSED,
            closed_by=actor,
            closed_reason=reason,
            next_run_at=None,
            error_group="",
            group_key="",
        )
        note(row, "closed", reason, actor=actor)
        alarms.settle_stuck(row, group_key=key, by=actor)
        settling.release(row)
    return row


def correct(
    transaction: TritonTransaction, payload: Mapping[str, Any], *, actor: str, reason: str
) -> TritonTransaction:
    """Put a corrected payload in the place of the one that is stuck, as a new version, and let it
    run on: where its number alone leads to its policy, for the policy of that number. Commits once.

    Raises ReasonMissing, PayloadInvalid, NotRepairable (it is not stuck, it is bound, the payload
    is of another transaction, type or policy, or IMS's quote was made of what differs),
    what services.duplicates refuses, and ChangedMeanwhile.
    """
    reason, row = _reason(reason), _fresh(transaction)
    _require(row.status in RETRYABLE and row.bound_at is None)
    said = reading.read(payload, row.kind)
    same = (row.transaction_id, row.kind, row.opportunity_id)
    if (said.transaction_id, said.transaction_type, said.opportunity_id) != same:
        sentence = "A correction keeps the transaction's id, type and opportunity."
        raise errors.NotRepairable(sentence, param="payload")
    _require_quote_to_follow(row, said)
    with db.atomic():
        policy = _policy_of(row, said)
        duplicates.refuse(row.source, said, policy)
        number = row.version + 1
        PayloadVersion.objects.create(
            transaction=row, number=number, payload=dict(payload), actor=actor, reason=reason
        )
        row.change(
            version=number,
            policy=policy,
            duplicate_key=said.duplicate_key or "",
            warnings=reading.warnings_for(row.source, said, policy),
            **reading.columns_of(said),
        )
        settling.due_again(row, "corrected", actor=actor, reason=f"Version {number}: {reason}")
    return row


def _policy_of(row: TritonTransaction, said: Transaction) -> IMSPolicy:
    """Found anew, and locked, where the number that alone leads to it is another now."""
    if said.opportunity_id is not None or (said.policy_number or "") == row.policy_number:
        return row.policy
    policy = policies.locked(row.source, said)
    reading.require_opportunity(said, policy)
    return policy


def _require_quote_to_follow(row: TritonTransaction, said: Transaction) -> None:
    """IMS would bind its quote as it was made, whatever a later payload says of it."""
    if row.quote_guid is None and not doubtful_steps(row):
        return
    fields = made_of.changed(said_by(row), said)
    if fields:
        sentence = f"IMS has, or may have, a quote that was made with another {', '.join(fields)}."
        raise errors.NotRepairable(sentence, param=fields[0])


def _may_adopt(row: TritonTransaction) -> bool:
    return row.status in STUCK and row.bound_at is None and row.ims_status != IMSStatus.UNBOUND


def _fresh(transaction: TritonTransaction) -> TritonTransaction:
    rows = TritonTransaction.objects.select_related("source__environment", "policy", "tenant")
    return rows.get(pk=transaction.pk)


def _require(possible: bool) -> None:
    if not possible:
        raise errors.NotRepairable


def _reason(reason: str) -> str:
    if not reason.strip():
        raise errors.ReasonMissing(param="reason")
    return reason.strip()


def _has_done(row: TritonTransaction, step: Step) -> bool:
    if step.until:
        return step.is_done(row)
    return row.steps.filter(step=step.name, outcome=Outcome.OK).exists()
