"""Reads that span models."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from config.listing import capped_count
from config.tenancy.models import Tenant
from integrations import errors
from integrations.models import (
    BY_CREDENTIALS,
    FINAL,
    IMSCall,
    IMSEnvironment,
    IMSInvoice,
    InvoiceStatus,
    Kind,
    Status,
    TritonTransaction,
)
from integrations.models import TRITON as TRITON


def predecessor_of(transaction: TritonTransaction) -> TritonTransaction | None:
    """What has to be finished before it: the one it names, else the last open one of its policy
    before it; until the policy is bound, its bind, whenever it is dated.

    A bind waits for other binds and unbinds alone, and for no unbind that is stuck: all others
    need the policy that it makes. One that waits for this one itself does not count, whatever the
    payloads say.
    """
    for other in _before(transaction):
        behind = other.prior_transaction_id == transaction.transaction_id
        named = other.transaction_id == transaction.prior_transaction_id
        if (named or not behind) and not _waits_for(other, transaction):
            return other
    return None


def _before(transaction: TritonTransaction) -> Iterator[TritonTransaction]:
    """Those that may have to come first, in the order in which they are asked about."""
    rows = TritonTransaction.objects.filter(source_id=transaction.source_id)
    rows = rows.exclude(status__in=FINAL).exclude(pk=transaction.pk)
    if transaction.kind == Kind.BIND:
        stuck_unbind = Q(kind=Kind.UNBIND, status__in=(Status.FAILED, Status.NEEDS_ATTENTION))
        rows = rows.filter(kind__in=(Kind.BIND, Kind.UNBIND)).exclude(stuck_unbind)
    if transaction.prior_transaction_id:
        yield from rows.filter(transaction_id=transaction.prior_transaction_id)
    rows = rows.filter(policy_id=transaction.policy_id)
    if transaction.kind != Kind.BIND and transaction.policy.bound_at is None:
        yield from rows.filter(kind=Kind.BIND)
    when = transaction.transaction_date
    earlier = Q(transaction_date__lt=when) | Q(transaction_date=when, pk__lt=transaction.pk)
    yield from rows.filter(earlier).order_by("-transaction_date", "-pk")


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


# --- What the doors ask ---------------------------------------------------------------------------

LAST_CALLS = 500
# How long something may stand in the queue before it is worth a look, and before it is urgent.
SLOW, LATE = timedelta(minutes=15), timedelta(hours=1)


def get_transaction(tenant: Tenant, source: str, transaction_id: str) -> TritonTransaction:
    """The transaction of this source. Raises TransactionNotFound, for another tenant's as well."""
    rows = TritonTransaction.objects.for_tenant(tenant).select_related(
        "source__environment", "blocked_by"
    )
    found = rows.filter(source__name=source, transaction_id=transaction_id).first()
    if found is None:
        raise errors.TransactionNotFound
    return found


def invoice_of(transaction: TritonTransaction) -> IMSInvoice | None:
    """The invoice of what the transaction did; of an issue, that of the bind it issued."""
    rows = IMSInvoice.objects.filter(policy_id=transaction.policy_id)
    if transaction.kind != Kind.ISSUE:
        return rows.filter(transaction=transaction).first()
    if transaction.quote_guid is None:
        return None
    shared = rows.filter(quote_guid=transaction.quote_guid).exclude(status=InvoiceStatus.VOID)
    return shared.order_by("-id").first()


def seconds_to_wait(tenant: Tenant, source: str, transaction_id: object) -> int | None:
    """How long until a new transaction has room within the limits; None where it has now.

    What is stored already is no new one.
    """
    rows = TritonTransaction.objects.for_tenant(tenant)
    limits = ((settings.IMS_MINUTE_LIMIT, 60), (settings.IMS_HOUR_LIMIT, 3600))
    waits = [wait for limit, period in limits if limit and (wait := _wait(rows, limit, period))]
    if not waits:
        return None
    known = rows.filter(source__name=source, transaction_id=str(transaction_id)).exists()
    return None if known else max(waits)


def _wait(rows: QuerySet[TritonTransaction], limit: int, period: int) -> int:
    """Seconds until the `limit`-th newest is older than `period`; 0 where it is."""
    newest = rows.order_by("-id").values_list("created_at", flat=True)
    for received in newest[limit - 1 : limit]:
        age = (timezone.now() - received).total_seconds()
        return max(0, ceil(period - age))
    return 0


@dataclass(frozen=True, slots=True)
class Operation:
    """How IMS answered one operation lately."""

    name: str
    calls: int
    median: int
    slow: int
    last_at: datetime
    last_trouble: IMSCall | None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for an environment, and how it answers."""

    counts: list[tuple[str, int]]
    oldest: TritonTransaction | None
    invoices_pending: int
    last_ok: datetime | None
    last_trouble: IMSCall | None
    operations: list[Operation]


def transactions_of(environment: IMSEnvironment) -> QuerySet[TritonTransaction]:
    rows = TritonTransaction.objects.filter(tenant_id=environment.tenant_id)
    return rows.filter(source__environment=environment)


def queue_of(environment: IMSEnvironment) -> Queue:
    """Counts stop at the cap; of the calls the last 500 are looked at."""
    rows = transactions_of(environment)
    waiting = (Status.RECEIVED, Status.PROCESSING, Status.BLOCKED, *_PERSONS)
    counts = [(status.value, capped_count(rows.filter(status=status))) for status in waiting]
    queued = rows.filter(status__in=(Status.RECEIVED, Status.PROCESSING))
    pending = IMSInvoice.objects.filter(
        tenant_id=environment.tenant_id,
        status=InvoiceStatus.PENDING,
        policy__source__environment=environment,
    )
    calls = list(
        IMSCall.objects.filter(environment=environment)
        .order_by("-id")
        .defer("request", "response")[:LAST_CALLS]
    )
    return Queue(
        counts=counts,
        oldest=queued.order_by("created_at", "id").first(),
        invoices_pending=capped_count(pending),
        last_ok=next((call.started_at for call in calls if _is_good(call)), None),
        last_trouble=next((call for call in calls if not _is_good(call)), None),
        operations=_operations(calls),
    )


_PERSONS = (Status.NEEDS_ATTENTION, Status.RECONCILING, Status.FAILED)


def _is_good(call: IMSCall) -> bool:
    """IMS answered, be it a refusal for a business reason."""
    return call.outcome in ("done", "refused")


def _operations(calls: Sequence[IMSCall]) -> list[Operation]:
    grouped: dict[str, list[IMSCall]] = defaultdict(list)
    for call in calls:
        grouped[str(call)].append(call)
    return [
        Operation(
            name=name,
            calls=len(rows),
            median=_percentile([row.duration_ms for row in rows], 50),
            slow=_percentile([row.duration_ms for row in rows], 95),
            last_at=rows[0].started_at,
            last_trouble=next((row for row in rows if not _is_good(row)), None),
        )
        for name, rows in sorted(grouped.items())
    ]


def _percentile(values: list[int], percent: int) -> int:
    """The nearest rank."""
    return sorted(values)[max(0, ceil(len(values) * percent / 100) - 1)]


def is_away(environment: IMSEnvironment) -> bool:
    """Whether the breaker is open: IMS does not answer, and nobody asks until it is tried again."""
    return environment.open_until is not None


def held_back(transaction: TritonTransaction) -> tuple[str, str] | None:
    """Code and sentence of what keeps a transaction from its turn, that was received or whose run
    has died; None where nothing does."""
    died = transaction.status == Status.PROCESSING and _is_over(transaction.lease_until)
    if transaction.status != Status.RECEIVED and not died:
        return None
    environment = transaction.source.environment
    if not environment.is_active:
        return "ims_paused", f"IMS ({environment}) is not active."
    if environment.paused_at is not None:
        if environment.paused_by == BY_CREDENTIALS:
            return "ims_login_refused", environment.paused_reason
        return "ims_paused", f"IMS ({environment}) is paused: {environment.paused_reason}"
    if environment.opened_at is not None:
        return "ims_breaker_open", f"IMS ({environment}) does not answer; it is tried again later."
    if not transaction.reason_code and running_at(environment) >= environment.capacity:
        sentence = f"IMS ({environment}) has as many transactions as it takes at once."
        return "ims_busy", sentence
    return None


def _is_over(lease_until: datetime | None) -> bool:
    return lease_until is not None and lease_until < timezone.now()
