"""The only writer of InvoiceLog."""

from typing import Any

import structlog
from django.db import connection
from django.utils import timezone

from config.db.counters import take_next
from config.db.log_chain import entry_hash
from invoicing.models import Invoice, InvoiceLog, Revision, Trigger


def append_log(
    invoice: Invoice,
    revision: Revision,
    *,
    status: str,
    trigger: str,
    actor: str,
    attempt_no: int | None = None,
    **columns: Any,
) -> InvoiceLog:
    """Add one row to the invoice's log, chained to the row before it; joins the transaction.

    `columns` are further columns of InvoiceLog. The payload is copied into the row unless the
    worker writes it: automatic resends carry its hash instead (contracts 19).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("a log row belongs to the transaction of what it tells")
    ours = Invoice.objects.filter(pk=invoice.pk)
    head = take_next(ours.only("log_count", "log_head"), "log_count")
    row = InvoiceLog(
        tenant_id=invoice.tenant_id,
        invoice=invoice,
        invoice_number=invoice.invoice_number,
        revision=revision.number,
        attempt_no=invoice.attempt_no if attempt_no is None else attempt_no,
        uuid=str(revision.uuid),
        hash=revision.hash,
        environment=invoice.environment,
        status=status,
        request_payload=None if trigger == Trigger.WORKER else revision.payload,
        payload_sha256=revision.payload_sha256,
        trigger=trigger,
        actor=actor,
        request_id=current_request_id(),
        created_at=timezone.now(),
        sequence=head.log_count,
        previous_hash=head.log_head,
        **columns,
    )
    row.entry_hash = entry_hash(
        row.content(), sequence=row.sequence, previous_hash=row.previous_hash
    )
    row.save(force_insert=True)
    ours.update(log_head=row.entry_hash)
    return row


def current_request_id() -> str | None:
    """The id of the HTTP request under way, as the JSON logs have it."""
    return structlog.contextvars.get_contextvars().get("request_id")
