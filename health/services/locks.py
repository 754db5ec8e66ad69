"""Closing the books up to a day."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from config.tenancy.models import Tenant
from health import ledger
from health.models import PeriodLock


def lock_period(tenant: Tenant, *, upto: date, scope: str, reason: str, actor: str) -> PeriodLock:
    """Let nothing dated up to `upto` be written any more; for good. Commits once.

    Takes the tenant's books first, so that no posting under way slips past the lock.
    """
    with transaction.atomic():
        ledger.open_books(tenant.pk)
        return PeriodLock.objects.create(
            tenant=tenant,
            locked_upto=upto,
            scope=scope,
            reason=reason,
            created_at=timezone.now(),
            created_by=actor,
        )
