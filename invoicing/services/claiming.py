"""Take an invoice for one attempt: the attempt is written before the call it stands for."""

from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from invoicing import errors, timing
from invoicing.failpoints import reached
from invoicing.models import (
    Attempt,
    Channel,
    Invoice,
    InvoiceStatus,
    LogAction,
    LogStatus,
    Revision,
    Trigger,
)
from invoicing.models.invoices import RETRYABLE
from invoicing.services import crediting
from invoicing.services.logbook import append_log, current_request_id

# What mirrors the document of a revision (contracts 20), before the next one has one.
NOT_SEALED_YET: dict[str, None] = {"uuid": None, "hash": None, "xml_content": None}


@dataclass(frozen=True, slots=True)
class By:
    """Who asks for an attempt, and why: `trigger` for the machine, `actor` for the audit log."""

    trigger: str
    actor: str
    reason: str = ""


WORKER = By(Trigger.WORKER, "worker")


def claim(invoice: Invoice, by: By, *, counts_as_retry: bool = False) -> Attempt:
    """Take the invoice for one attempt, by compare-and-set; commits once.

    Writes the attempt before the call it stands for and, from FAILED or REJECTED, the RETRY row. A
    rejected document is never sent again: the claim opens the next revision with the same payload.
    Raises ChangedMeanwhile, and OverCredit for a rejected note whose balance is gone by now.
    """
    previous, now = invoice.status, timezone.now()
    if previous == InvoiceStatus.PROCESSING:
        raise errors.ChangedMeanwhile(invoice)
    with transaction.atomic(durable=True):
        revision, old_error = invoice.current, invoice.error_message
        is_rejected = revision.outcome == InvoiceStatus.REJECTED
        if is_rejected and revision.payload is None:
            raise errors.PayloadMissing
        # Before anything is inserted: whoever loses here must not meet a unique constraint first.
        invoice.move(
            InvoiceStatus.PROCESSING,
            revision=revision.number + int(is_rejected),
            attempt_no=invoice.attempt_no + 1,
            lease_until=now + timing.lease(),
            next_attempt_at=None,
            parked_at=None,
            parked_reason="",
            error_message=None,
            error_code="",
            failure_class="",
            retry_count=invoice.retry_count + int(counts_as_retry),
            **(NOT_SEALED_YET if is_rejected else {}),
        )
        if is_rejected:
            revision = _next_revision(invoice, revision, by)
            crediting.take(invoice, revision.payload or {})
        if previous in RETRYABLE:
            append_log(
                invoice,
                revision,
                status=LogStatus.SUBMITTED,
                trigger=by.trigger,
                actor=by.actor,
                reason=by.reason or None,
                action=LogAction.RETRY,
                previous_status=previous,
                # Cleared on the invoice, kept here (D1 wants both).
                error_message=old_error,
                submitted_at=now,
            )
        attempt = Attempt.objects.create(
            invoice=invoice,
            revision=revision,
            number=invoice.attempt_no,
            channel=revision.channel or _channel(invoice),
            trigger=by.trigger,
            actor=by.actor,
            request_id=current_request_id() or "",
            started_at=timezone.now(),
        )
        reached("claiming")
    reached("claimed")
    return attempt


def _channel(invoice: Invoice) -> str:
    return Channel.REPORTING if invoice.is_simplified else Channel.CLEARANCE


def _next_revision(invoice: Invoice, rejected: Revision, by: By) -> Revision:
    return Revision.objects.create(
        invoice=invoice,
        number=rejected.number + 1,
        payload=rejected.payload,
        payload_sha256=rejected.payload_sha256,
        uuid=uuid4(),
        actor=by.actor,
        reason=by.reason,
    )
