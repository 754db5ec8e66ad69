"""Closing the books up to a day."""

from datetime import date

from django.db import transaction
from django.utils import timezone

from config.tenancy.models import Tenant
from health import ledger
from health.errors import LockNotPast, PeriodLocked
from health.models import LockScope, PeriodLock


def lock_period(tenant: Tenant, *, upto: date, scope: str, reason: str, actor: str) -> PeriodLock:
    """Let nothing dated up to `upto` be written any more; for good. Commits once.

    Takes the tenant's books first, so that no posting under way slips past the lock. Raises
    LockNotPast, and PeriodLocked where the books are closed that far already.
    """
    if upto >= timezone.now().astimezone(tenant.zone).date():
        raise LockNotPast(param="locked_upto")
    with transaction.atomic():
        ledger.open_books(tenant.pk)
        wide = [LockScope.ALL, scope]
        known = PeriodLock.objects.filter(tenant=tenant, scope__in=wide, locked_upto__gte=upto)
        if lock := known.first():
            raise PeriodLocked(
                f"The books are locked up to {lock.locked_upto} already.", param="locked_upto"
            )
        return PeriodLock.objects.create(
            tenant=tenant,
            locked_upto=upto,
            scope=scope,
            reason=reason,
            created_at=timezone.now(),
            created_by=actor,
        )
