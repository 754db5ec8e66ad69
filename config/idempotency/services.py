"""The memory behind the `Idempotency-Key` header (contracts 10).

A claim commits before the view runs and its answer after, each by itself and never inside the
view's own transactions: a process killed in between leaves a lease that runs out. Carrying a
request out twice is then harmless, because the business rows have gates of their own.
"""

import datetime as dt
import math

from django.db import transaction
from django.utils import timezone

from config.idempotency.errors import InFlight, KeyReused
from config.idempotency.models import IdempotencyKey

LEASE = dt.timedelta(seconds=90)
KEPT = dt.timedelta(days=7)
LONGEST_WAIT = 5  # seconds to advise; most requests end long before their lease
PRUNE_BATCH = 1_000


def claim_key(
    *, tenant_id: int, method: str, path: str, key: str, fingerprint: str
) -> IdempotencyKey:
    """The row of this key: claimed for the caller, or already answered (`status_code` is set).

    Commits once. Raises KeyReused where the key belongs to another body, InFlight (with
    Retry-After) where another request holds the lease.
    """
    now = timezone.now()
    with transaction.atomic(durable=True):
        row, is_new = IdempotencyKey.objects.get_or_create(
            tenant_id=tenant_id,
            method=method,
            path=path,
            key=key,
            defaults={"fingerprint": fingerprint, "lease_until": now + LEASE, "created_at": now},
        )
        if is_new:
            return row
        if row.fingerprint != fingerprint:
            raise KeyReused
        if row.status_code is None and not _take_over(row, now):
            raise InFlight(retry_after=_advised_wait(row, now))
    return row


def keep_answer(row: IdempotencyKey, *, status: int, body: str, headers: dict[str, str]) -> bool:
    """Keep the answer of a claimed request. Commits once, or with the transaction that it is called
    in; False if the lease went to another.
    """
    changes = {"status_code": status, "response_body": body, "response_headers": headers}
    return _while_ours(row, **changes, completed_at=timezone.now())


def release_key(row: IdempotencyKey) -> bool:
    """Let the same request run again at once; the key still refuses any other body."""
    return _while_ours(row, lease_until=timezone.now())


def prune(now: dt.datetime) -> int:
    """Delete what is older than seven days, in batches that each commit; returns how many."""
    old = IdempotencyKey.objects.filter(created_at__lt=now - KEPT, lease_until__lt=now)
    deleted = 0
    while batch := list(old.order_by("created_at").values_list("pk", flat=True)[:PRUNE_BATCH]):
        deleted += IdempotencyKey.objects.filter(pk__in=batch).delete()[0]
    return deleted


def _take_over(row: IdempotencyKey, now: dt.datetime) -> bool:
    """Compare-and-set on the lease: of several that find it run out, one wins."""
    if row.lease_until > now:
        return False
    until = now + LEASE
    if not _while_ours(row, lease_until=until):
        return False
    row.lease_until = until
    return True


def _while_ours(row: IdempotencyKey, **changes: object) -> bool:
    # The lease's end is the fence: it changes with every claim.
    unchanged = IdempotencyKey.objects.filter(
        pk=row.pk, lease_until=row.lease_until, status_code=None
    )
    return bool(unchanged.update(**changes))


def _advised_wait(row: IdempotencyKey, now: dt.datetime) -> int:
    left = math.ceil((row.lease_until - now).total_seconds())
    return max(1, min(left, LONGEST_WAIT))
