"""One bind for an opportunity, one policy for a number, one endorsement for its id."""

from django.db.models import Q

from integrations import errors
from integrations.models import FINAL, IMSPolicy, Kind, Source, Status, TritonTransaction
from integrations.triton import Transaction


def refuse(source: Source, said: Transaction, policy: IMSPolicy | None = None) -> None:
    """Raise what stands in the way of `said`, a transaction with an id of its own.

    Raises PolicyAlreadyBound, BindNotFinished, PolicyNumberTaken or EndorsementAlreadyProcessed.
    """
    if said.transaction_type == Kind.ENDORSEMENT:
        _endorsement(source, said)
    if said.transaction_type == Kind.BIND:
        _bind(source, said, policy)
        _number(source, said, policy)


def _endorsement(source: Source, said: Transaction) -> None:
    other = _other(source, said)
    if other is not None:
        raise errors.EndorsementAlreadyProcessed(
            param="midterm_endt_id", extra={"existing": errors.existing(other)}
        )


def _bind(source: Source, said: Transaction, policy: IMSPolicy | None) -> None:
    other = _other(source, said)
    if other is None and policy is not None and policy.bound_at is not None:
        raise errors.PolicyAlreadyBound(param="opportunity_id")
    if other is not None:
        done = other.bound_at is not None or other.status == Status.COMPLETED
        refusal = errors.PolicyAlreadyBound if done else errors.BindNotFinished
        raise refusal(param="opportunity_id", extra={"existing": errors.existing(other)})


def _number(source: Source, said: Transaction, policy: IMSPolicy | None) -> None:
    """Another opportunity that has the number, or is on its way to it."""
    if not said.policy_number:
        return
    binds = TritonTransaction.objects.filter(source=source, kind=Kind.BIND)
    theirs = binds.filter(policy_number=said.policy_number)
    theirs = theirs.filter(Q(policy__bound_at__isnull=False) | ~Q(status__in=FINAL))
    if policy is not None:
        theirs = theirs.exclude(policy_id=policy.pk)
    other = theirs.first()
    if other is not None:
        raise errors.PolicyNumberTaken(
            param="policy_number", extra={"existing": errors.existing(other)}
        )


def _other(source: Source, said: Transaction) -> TritonTransaction | None:
    if said.duplicate_key is None:
        return None
    rows = TritonTransaction.objects.filter(source=source, duplicate_key=said.duplicate_key)
    rows = rows.exclude(status=Status.CLOSED)
    return rows.exclude(transaction_id=said.transaction_id).first()
