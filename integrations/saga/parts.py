"""What a saga is made of: steps, what they work with, and what may come of them."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from integrations.gateways import Gateway
from integrations.ims import OutcomeUnknown, ProcedureAnswer, Refused, Row
from integrations.ims.errors import Outcome
from integrations.models import IMSEnvironment, IMSPolicy, SagaStep, Source, TritonTransaction
from integrations.models import Outcome as StepOutcome
from integrations.triton import Transaction


@dataclass(slots=True)
class Context:
    """One run of a transaction. `said` is its payload, aliases put in; `ends_at` (monotonic
    seconds) when the caller has to be answered, None where nobody waits; `answered` whether IMS
    has answered since the line last broke; `attempts` how many there were of each step."""

    transaction: TritonTransaction
    policy: IMSPolicy
    source: Source
    environment: IMSEnvironment
    said: Transaction
    gateway: Gateway
    ends_at: float | None = None
    answered: bool = False
    attempts: Counter[str] = field(default_factory=Counter)

    def in_doubt(self, step: str) -> SagaStep | None:
        """The last attempt at `step` of which nobody knows what became; None where all is clear."""
        return in_doubt(self.transaction, step)


@dataclass(slots=True)
class Done:
    """A step is done. `changes` and `policy` are columns of the two rows, `result` what the step's
    row keeps, `then` what else is written in the same commit."""

    changes: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    result: dict[str, Any] = field(default_factory=dict)
    warnings: list[dict[str, str]] = field(default_factory=list)
    then: Callable[[], None] | None = None
    message: str = ""


def always(context: Context) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """`until` is the column of the transaction that says it need not be done any more.

    A step with a `look_up` changes something that must not be done twice: when nobody knows what
    became of an attempt, the look-up is asked before the next (it answers None for "IMS has not
    done it", and raises Undecided where it cannot tell). The others may be repeated as they are.
    An `optional` one is a warning where it cannot be done. `room`: seconds a waiting caller must
    have left for it to be begun.
    """

    name: str
    do: Callable[[Context], Done]
    until: str = ""
    only_if: Callable[[Context], bool] = always
    look_up: Callable[[Context], Done | None] | None = None
    optional: bool = False
    room: float = 2.0

    @property
    def once(self) -> bool:
        return self.look_up is not None

    def is_done(self, transaction: TritonTransaction) -> bool:
        return bool(self.until and getattr(transaction, self.until))


class Stop(Exception):
    """A step that goes no further; `code` for machines and groups, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Rejected(Stop):
    """It cannot be done, for a business reason that we see ourselves."""


class Undecided(Stop):
    """Whether IMS did it cannot be told: a person decides."""


class Wait(Stop):
    """Not now: at `until`."""

    def __init__(self, code: str, message: str, until: dt.datetime) -> None:
        super().__init__(code, message)
        self.until = until


def accepted(answer: ProcedureAnswer, procedure: str) -> Row:
    """The row of a procedure that did what was asked. Raises Refused or OutcomeUnknown."""
    if answer.accepted:
        return answer.row
    kind = Refused if answer.outcome is Outcome.REFUSED else OutcomeUnknown
    raise kind(
        answer.message or f"{procedure} said no, without a sentence.",
        code=answer.fault.code if answer.fault else "ims_unreadable",
        operation=procedure,
        fault=answer.fault,
    )


def in_doubt(transaction: TritonTransaction, step: str) -> SagaStep | None:
    """The last attempt at `step` of which nobody knows what became; None where all is clear."""
    silent = (StepOutcome.NOT_SENT, StepOutcome.SKIPPED)
    rows = transaction.steps.filter(step=step).exclude(finished_at=None)
    last = rows.exclude(outcome__in=silent).order_by("-id").first()
    return last if last is not None and last.outcome == StepOutcome.UNKNOWN else None


def tag(context: Context) -> str:
    """What a quote of ours bears in IMS, so that it is known again."""
    return f"TRITON:{context.transaction.transaction_id}"


def text(guid: UUID | None) -> str | None:
    """A GUID as a step's row keeps it."""
    return None if guid is None else str(guid)
