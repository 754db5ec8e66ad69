"""Raise and resolve what needs a person."""

import structlog
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.attention.models import Attention

log = structlog.get_logger(__name__)


def raise_attention(
    *, tenant_id: int, kind: str, subject: str, reason: str, next_action: str
) -> Attention:
    """Open a task, or count the open one again; joins the caller's transaction.

    Logged once, at ERROR, when it is opened: a finding that repeats every chore run must not flood
    the log. Safe against a twin: the partial unique constraint decides which of two opened it.
    """
    now = timezone.now()
    with transaction.atomic():
        item, opened = Attention.objects.get_or_create(
            tenant_id=tenant_id,
            kind=kind,
            subject=subject,
            resolved_at=None,
            defaults={
                "reason": reason,
                "next_action": next_action,
                "first_seen": now,
                "last_seen": now,
            },
        )
        if opened:
            log.error("attention", tenant=tenant_id, kind=kind, subject=subject, reason=reason)
        else:
            Attention.objects.filter(pk=item.pk).update(
                count=F("count") + 1, last_seen=now, reason=reason, next_action=next_action
            )
    return item


def resolve_attention(*, tenant_id: int, kind: str, subject: str, by: str) -> bool:
    """Close the open task of that subject, if there is one; True where one was closed."""
    rows = Attention.objects.open().filter(tenant_id=tenant_id, kind=kind, subject=subject)
    return bool(rows.update(resolved_at=timezone.now(), resolved_by=by))


def resolve_subject(*, tenant_id: int, subject: str, by: str) -> int:
    """Close every open task about `subject`, of whatever kind; how many there were."""
    rows = Attention.objects.open().filter(tenant_id=tenant_id, subject=subject)
    return rows.update(resolved_at=timezone.now(), resolved_by=by)
