"""The only writer of the laboratory's history."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog
from django.utils import timezone

from health.models import History, Source, TestInvoice
from health.models.tenanted import Tenanted
from health.writing import insert_rows


@dataclass(frozen=True, slots=True)
class Who:
    """Who does it, as history and books name them, and why where they say so."""

    actor: str
    reason: str = ""


class Done(NamedTuple):
    """What was done to something, and how it stood before and after, as far as that changed."""

    action: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


POSTED = Done("posted", {"status": "DRAFT"}, {"status": "POSTED"})


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
    note_at(row.tenant_id, kind, row.pk, who, Done(action, before, after))


def note_at(tenant_id: int, kind: str, object_id: int, who: Who, *done: Done) -> None:
    """Add a row for each to the history of what has that key in the tenant; joins the transaction.

    All of them by one statement: what is done at one stroke is noted at one.
    """
    same = {
        "tenant_id": tenant_id,
        "kind": kind,
        "object_id": object_id,
        "reason": who.reason,
        "actor": who.actor,
        "request_id": structlog.contextvars.get_contextvars().get("request_id"),
        "created_at": timezone.now(),
    }
    insert_rows(
        History,
        [
            same | {"action": action, "before": _plain(before), "after": _plain(after)}
            for action, before, after in done
        ],
    )


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if values is None:
        return None
    kept = (str, int, bool, list, type(None))
    return {
        name: value if isinstance(value, kept) else str(value) for name, value in values.items()
    }
