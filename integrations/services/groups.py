"""The same refusal many times: seen as one group, mended once, replayed together."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, Q
from django.db.models.functions import Coalesce

from config.tenancy.models import Tenant
from integrations import errors
from integrations.models import STUCK, TritonTransaction
from integrations.services import repairing


@dataclass(frozen=True, slots=True)
class ErrorGroup:
    """Transactions that wait for a person for the same reason; `text` without what differs."""

    key: str
    text: str
    code: str
    stage: str
    count: int
    first_at: dt.datetime
    last_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many are due again (or would be, in a dry run), and which cannot be replayed."""

    due: int
    refused: tuple[str, ...]


def error_groups(tenant: Tenant) -> list[ErrorGroup]:
    """The groups of a tenant, the largest first."""
    stuck = TritonTransaction.objects.for_tenant(tenant).filter(status__in=STUCK)
    rows = stuck.exclude(group_key="").values("group_key", "error_group", "reason_code", "stage")
    # A row is written anew whenever it fails again; its first failure is the step's.
    same = Q(steps__step=F("stage"), steps__code=F("reason_code"))
    failed_at = Min("steps__finished_at", filter=same)
    counted = rows.annotate(
        count=Count("pk", distinct=True),
        first_at=Coalesce(failed_at, Min("updated_at")),
        last_at=Max("updated_at"),
    )
    return [
        ErrorGroup(
            key=row["group_key"],
            text=row["error_group"],
            code=row["reason_code"],
            stage=row["stage"],
            count=row["count"],
            first_at=row["first_at"],
            last_at=row["last_at"],
        )
        for row in counted.order_by("-count", "group_key")
    ]


def replay(
    transactions: Iterable[TritonTransaction], *, actor: str, dry_run: bool = False
) -> Replayed:
    """Make those that failed or need attention due again; commits once for each.

    What is in another state, or was changed by somebody else meanwhile, is named and left alone.
    """
    due, refused = 0, list[str]()
    for transaction in transactions:
        if transaction.status not in repairing.RETRYABLE:
            refused.append(transaction.transaction_id)
            continue
        try:
            if not dry_run:
                repairing.retry(transaction, actor=actor)
            due += 1
        except (errors.NotRepairable, errors.ChangedMeanwhile):
            refused.append(transaction.transaction_id)
    return Replayed(due, tuple(refused))
