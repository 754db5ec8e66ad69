"""Accept an invoice: one row for a number, whatever arrives how often, then seal it and send it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from config.json import fingerprint
from config.problems import Problem
from config.tenancy.models import Tenant
from config.work import wake
from invoicing import errors, timing
from invoicing.failpoints import reached
from invoicing.models import Invoice, InvoiceStatus, Phase, Reached, Revision
from invoicing.services import drafting, sealing, sending, settling, verdicts
from invoicing.services.documents import Payload, number_of
from invoicing.services.drafting import Draft, Notice


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of one POST: the invoice as it is now, and whether this request made the row."""

    invoice: Invoice
    created: bool
    sent: bool
    notices: tuple[Notice, ...] = ()


GATE_UNAVAILABLE = Notice(
    "gate_unavailable",
    "The official rules were not run on this document; only Daftar's own request rules were.",
    "لم تُطبق قواعد الهيئة على هذا المستند؛ طُبقت قواعد النظام فقط.",
)


def submit_invoice(
    *,
    tenant: Tenant,
    payload: Payload,
    by: sending.By,
    respond_async: bool = False,
    metadata: dict[str, Any] | None = None,
    client_reference: str = "",
) -> Submission:
    """Accept, seal, and send an invoice (the table of contracts 10 decides about a known number).

    Commits: accept; seal; then claim and settle with the network between them, unless
    `respond_async` leaves the sending to a worker. A Problem raised before accept stores nothing.
    Raises InvalidRequest, UnitNotReady, the conflicts of `invoicing.errors`.
    """
    draft = drafting.draft(tenant, payload)
    content = fingerprint(payload)
    invoice, created = _accept(
        tenant, draft, content, by, metadata=metadata or {}, client_reference=client_reference
    )
    if not created:
        known = _meet(invoice, draft, content, by, respond_async=respond_async)
        if known is not None:
            return known
    reached("accepted")
    notices = draft.notices
    if invoice.phase == Phase.PHASE_2:
        if not sealing.gate_runs():
            notices += (GATE_UNAVAILABLE,)
        refused = _seal(invoice, by)
        if refused is not None:
            return Submission(refused, created, sent=True, notices=notices)
        if respond_async:
            _leave_to_worker(invoice)
            return Submission(invoice, created, sent=False, notices=notices)
        if invoice.unit is not None and invoice.unit.paused_at is not None:
            # Sealed for the customer at the till; sending waits for the unit (contracts 16, 19).
            _leave_to_worker(invoice)
            return Submission(invoice, created, sent=True, notices=notices)
    try:
        sent = sending.deliver(invoice, by)
    except errors.ChangedMeanwhile:
        raise _overtaken(invoice) from None
    return Submission(sent, created, sent=True, notices=notices)


def _accept(
    tenant: Tenant,
    draft: Draft,
    content: str,
    by: sending.By,
    *,
    metadata: dict[str, Any],
    client_reference: str,
) -> tuple[Invoice, bool]:
    """Get or create the row: the unique constraint is the gate, not a look before it."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        invoice, created = Invoice.objects.get_or_create(
            tenant=tenant,
            invoice_number=number_of(draft.payload),
            defaults={
                **_said(draft),
                "phase": draft.phase,
                "environment": tenant.environment,
                "metadata": metadata,
                "client_reference": client_reference,
                # Should this process die, a worker carries on from here.
                "next_attempt_at": now + timing.lease(),
                "created_at": now,
                "updated_at": now,
            },
        )
        if created:
            _write_revision(invoice, 1, draft, content, by)
            reached("accepting")
    return invoice, created


def _said(draft: Draft) -> dict[str, Any]:
    """The columns of the master row that follow from what the current revision says."""
    buyer = draft.document.customer
    return {
        "unit": draft.unit,
        "document_type": draft.document.kind.value,
        "is_simplified": draft.document.simplified,
        "currency": draft.document.currency,
        "total_amount": draft.amounts.tax_inclusive,
        "tax_amount": draft.amounts.tax,
        "buyer_name": buyer.name if buyer else "",
        "issued_at": draft.issued_at,
    }


def _write_revision(
    invoice: Invoice, number: int, draft: Draft, content: str, by: sending.By
) -> Revision:
    return Revision.objects.create(
        invoice=invoice,
        number=number,
        payload=dict(draft.payload),
        payload_sha256=content,
        uuid=uuid4(),
        actor=by.actor,
        reason=by.reason,
    )


def _meet(
    invoice: Invoice, draft: Draft, content: str, by: sending.By, *, respond_async: bool
) -> Submission | None:
    """What a second POST of a known number gets; None where it goes on with the row."""
    same = invoice.current.payload_sha256 == content and invoice.phase == draft.phase
    status = InvoiceStatus(invoice.status)
    if status == InvoiceStatus.CLEARED:
        raise errors.DuplicateInvoice(invoice)
    if status == InvoiceStatus.PROCESSING:
        if same and respond_async:
            return Submission(invoice, created=False, sent=False, notices=draft.notices)
        raise errors.DuplicateInvoice(invoice, retry_after=_lease_left(invoice))
    if same:
        if status == InvoiceStatus.REJECTED and invoice.current.outcome:
            raise errors.UseRetry(invoice)
        return None
    _refuse_change(invoice, draft)
    _revise(invoice, draft, content, by)
    return None


def _lease_left(invoice: Invoice) -> int:
    if invoice.lease_until is None:
        return 1
    return max(1, round((invoice.lease_until - timezone.now()).total_seconds()))


def _refuse_change(invoice: Invoice, draft: Draft) -> None:
    """Raise unless the content of the number may still change (contracts 10)."""
    if invoice.phase != draft.phase:
        raise errors.DuplicateInvoice(invoice)
    if invoice.status == InvoiceStatus.REJECTED:
        return
    if invoice.status == InvoiceStatus.CREATED:
        fresh_until = invoice.updated_at + timing.FRESH
        if timezone.now() < fresh_until:
            left = (fresh_until - timezone.now()).total_seconds()
            raise errors.InProgress(invoice, retry_after=max(1, round(left)))
    if invoice.attempts.exclude(reached=Reached.NO).exists():
        raise errors.OutcomeUnknown(invoice)
    # A sealed simplified document was answered with its QR code: a customer may hold it.
    if invoice.is_simplified and invoice.current.is_sealed:
        raise errors.AlreadyIssued(invoice)


def _revise(invoice: Invoice, draft: Draft, content: str, by: sending.By) -> None:
    """Make the next revision of the same row; commits once. Raises Superseded against a twin."""
    now = timezone.now()
    try:
        with transaction.atomic(durable=True):
            number = invoice.revision + 1
            invoice.move(
                invoice.status,
                revision=number,
                **_said(draft),
                uuid=None,
                hash=None,
                xml_content=None,
                retry_count=0,
                resend_count=0,
                parked_at=None,
                parked_reason="",
                next_attempt_at=now + timing.lease(),
            )
            _write_revision(invoice, number, draft, content, by)
    except errors.ChangedMeanwhile:
        raise _overtaken(invoice) from None


def _seal(invoice: Invoice, by: sending.By) -> Invoice | None:
    """Seal in the request (contracts 16); the settled invoice where the gate refuses."""
    try:
        sealing.ensure_sealed(invoice)
    except sealing.RefusedByGate as refusal:
        try:
            if invoice.status == InvoiceStatus.CREATED:
                return settling.refuse_unclaimed(invoice, refusal.findings, actor=by.actor)
            verdict = verdicts.refused_by_gate(invoice, refusal.findings)
            return settling.settle(sending.claim(invoice, by), verdict)
        except errors.ChangedMeanwhile:
            raise _overtaken(invoice) from None
    except Problem:
        raise
    except Exception as bug:
        # D3: an invoice that met an exception is FAILED with its ERROR row, and the exception goes
        # on.
        sending.record_bug(sending.claim(invoice, by), bug, left_the_house=False)
    return None


def _leave_to_worker(invoice: Invoice) -> None:
    with transaction.atomic():
        Invoice.objects.filter(
            pk=invoice.pk, attempt_no=invoice.attempt_no, status=invoice.status
        ).update(next_attempt_at=timezone.now())
        wake("send_due")


def _overtaken(invoice: Invoice) -> errors.Conflict:
    """The refusal for whoever lost a race for this invoice."""
    now = Invoice.objects.get(pk=invoice.pk)
    if now.revision != invoice.revision:
        return errors.Superseded(now)
    return errors.DuplicateInvoice(now, retry_after=_lease_left(now))
