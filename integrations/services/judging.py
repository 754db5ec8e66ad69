"""What an attempt that failed means for its step and for its transaction."""

import datetime as dt
from dataclasses import dataclass, replace

from integrations.errors import SetupMissing
from integrations.ims import (
    FaultKind,
    IMSError,
    LoginRefused,
    NotSent,
    OutcomeUnknown,
    Refused,
    TokenRefused,
)
from integrations.models import Outcome, Status, TritonTransaction
from integrations.saga.changes import PremiumDiffers
from integrations.saga.parts import Rejected, Stop, Undecided, Wait
from integrations.services.breakers import tells_of_an_outage

# A message is for people and for groups; what is longer is in the journal of calls.
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome` of the step, `status` of the transaction. RECEIVED: it is tried again, at `until`
    where that is known, else after a pause that grows where it is a `failure`. `group`: what the
    same trouble is known by; empty: the message without what differs from case to case."""

    outcome: Outcome
    status: Status
    code: str
    message: str
    until: dt.datetime | None = None
    failure: bool = True
    unrecognised: bool = False
    group: str = ""


def judge(error: Stop | SetupMissing | IMSError) -> Verdict:
    """The verdict on what a step raised."""
    verdict = _of_ims(error) if isinstance(error, IMSError) else _of_ours(error)
    return replace(verdict, message=verdict.message[:LONGEST])


def after_bind(verdict: Verdict, row: TritonTransaction) -> Verdict:
    """What is bound cannot fail any more; it needs attention."""
    if verdict.status == Status.FAILED and row.bound_at is not None:
        return replace(verdict, status=Status.NEEDS_ATTENTION)
    return verdict


def _of_ours(error: Stop | SetupMissing) -> Verdict:
    if isinstance(error, Wait):
        return Verdict(
            Outcome.SKIPPED,
            Status.RECEIVED,
            error.code,
            error.message,
            until=error.until,
            failure=False,
        )
    if isinstance(error, Undecided):
        return Verdict(Outcome.UNKNOWN, Status.RECONCILING, error.code, error.message)
    stuck = isinstance(error, SetupMissing | PremiumDiffers)
    status = Status.NEEDS_ATTENTION if stuck else Status.FAILED
    assert isinstance(error, SetupMissing | PremiumDiffers | Rejected), "the others are above"
    # What is missing is named by us: two producers are two fixes, whatever digits they have.
    group = error.message if isinstance(error, SetupMissing) else ""
    return Verdict(Outcome.REJECTED, status, error.code, error.message, group=group)


def _of_ims(error: IMSError) -> Verdict:
    code, message = error.code or "ims_error", error.message
    if isinstance(error, NotSent):
        ours = code == "invalid_parameter"
        status = Status.NEEDS_ATTENTION if ours else Status.RECEIVED
        failure = code != "ims_deadline"
        return Verdict(Outcome.NOT_SENT, status, code, message, failure=failure)
    if isinstance(error, OutcomeUnknown):
        unrecognised = bool(error.fault and error.fault.kind is FaultKind.UNRECOGNISED)
        return Verdict(Outcome.UNKNOWN, Status.RECEIVED, code, message, unrecognised=unrecognised)
    if isinstance(error, TokenRefused) or tells_of_an_outage(error):
        # Certainly not done, and no business of this transaction's.
        return Verdict(Outcome.NOT_SENT, Status.RECEIVED, code, message)
    kind = error.fault.kind if error.fault else FaultKind.SETUP
    if kind is FaultKind.NOT_YET:
        return Verdict(Outcome.REJECTED, Status.RECEIVED, code, message)
    by_setup = kind is FaultKind.SETUP
    status = Status.NEEDS_ATTENTION if by_setup else Status.FAILED
    return Verdict(Outcome.REJECTED, status, code, message)


def is_already_done(error: Exception) -> bool:
    """Whether IMS refuses because it has done so before."""
    fault = error.fault if isinstance(error, Refused) else None
    return fault is not None and fault.kind is FaultKind.ALREADY_DONE


def is_login_refused(error: Exception) -> bool:
    return isinstance(error, LoginRefused)
