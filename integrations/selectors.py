"""Reads that span models."""

from django.db.models import Q
from django.utils import timezone

from integrations.models import FINAL, IMSEnvironment, Status, TritonTransaction


def predecessor_of(transaction: TritonTransaction) -> TritonTransaction | None:
    """What has to be finished before it: the one it names, else the first open one of its policy.

    One that waits for this one itself does not count, whatever the payloads say.
    """
    named = _named(transaction)
    if named is not None and not _waits_for(named, transaction):
        return named
    when = transaction.transaction_date
    earlier = Q(transaction_date__lt=when) | Q(transaction_date=when, pk__lt=transaction.pk)
    others = TritonTransaction.objects.filter(earlier, policy_id=transaction.policy_id)
    others = others.exclude(status__in=FINAL).exclude(pk=transaction.pk)
    for other in others.order_by("-transaction_date", "-pk"):
        behind = other.prior_transaction_id == transaction.transaction_id
        if not behind and not _waits_for(other, transaction):
            return other
    return None


def _named(transaction: TritonTransaction) -> TritonTransaction | None:
    if not transaction.prior_transaction_id:
        return None
    named = TritonTransaction.objects.filter(
        source_id=transaction.source_id, transaction_id=transaction.prior_transaction_id
    )
    return named.exclude(status__in=FINAL).exclude(pk=transaction.pk).first()


def _waits_for(other: TritonTransaction, transaction: TritonTransaction) -> bool:
    seen: set[int] = set()
    here: TritonTransaction | None = other
    while here is not None and here.pk not in seen:
        if here.blocked_by_id == transaction.pk and here.status == Status.BLOCKED:
            return True
        seen.add(here.pk)
        here = here.blocked_by if here.status == Status.BLOCKED else None
    return False


def running_at(environment: IMSEnvironment) -> int:
    """How many transactions hold one of its places now."""
    return TritonTransaction.objects.filter(
        source__environment=environment,
        status=Status.PROCESSING,
        lease_until__gt=timezone.now(),
    ).count()
