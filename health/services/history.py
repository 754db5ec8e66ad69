"""The only writer of the laboratory's history."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from django.utils import timezone

from health.models import History, Source, TestInvoice
from health.models.tenanted import Tenanted
from health.writing import insert


@dataclass(frozen=True, slots=True)
class Who:
    """Who does it, as history and books name them, and why where they say so."""

    actor: str
    reason: str = ""


def note(
    invoice: TestInvoice,
    action: str,
    who: Who,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one row to the invoice's history; joins the transaction."""
    note_of(invoice, Source.TEST_INVOICE, action, who, before, after)


def note_of(
    row: Tenanted,
    kind: str,
    action: str,
    who: Who,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one row to the history of anything of a tenant; joins the transaction."""
    note_at(row.tenant_id, kind, row.pk, action, who, before, after)


def note_at(
    tenant_id: int,
    kind: str,
    object_id: int,
    action: str,
    who: Who,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Add one row to the history of what has that key in the tenant; joins the transaction."""
    said = History(
        tenant_id=tenant_id,
        kind=kind,
        object_id=object_id,
        action=action,
        before=_plain(before),
        after=_plain(after),
        reason=who.reason,
        actor=who.actor,
        request_id=structlog.contextvars.get_contextvars().get("request_id"),
        created_at=timezone.now(),
    )
    insert(said)


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    kept = (str, int, bool, list, type(None))
    return {
        name: value if isinstance(value, kept) else str(value) for name, value in values.items()
    }
