"""Accept an invoice: one row for a number, whatever arrives how often, then seal it and send it."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from django.db import OperationalError, transaction
from django.utils import timezone

from config.problems import Problem
from config.tenancy.models import DeepGate, Tenant
from config.work import wake
from invoicing import errors, timing
from invoicing.failpoints import reached
from invoicing.models import Invoice, InvoiceStatus, Phase, Revision
from invoicing.services import (
    breakers,
    crediting,
    drafting,
    numbering,
    sealing,
    sending,
    settling,
    verdicts,
)
from invoicing.services.claiming import NOT_SEALED_YET
from invoicing.services.documents import Payload, number_of
from invoicing.services.drafting import Draft, Notice
from invoicing.services.duplicates import Fate, content_of, fate_of, known, overtaken
from invoicing.services.gate import RefusedByGate, mode_for


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
    buyer_email: str = "",
    request_key: str = "",
) -> Submission:
    """Accept, seal, and send an invoice (the table of contracts 10 decides about a known number).

    A payload without a number gets the next one of the tenant's series; `request_key` is what tells
    the same request coming again from another one.

    Commits: accept; seal; then claim and settle with the network between them, unless
    `respond_async` leaves the sending to a worker. A Problem raised before accept stores nothing.
    Raises InvalidRequest, UnitNotReady, the conflicts of `invoicing.errors`.
    """
    beside = _beside(metadata, client_reference, buyer_email)
    payload, ticket = numbering.known_or_ticket(tenant, payload, request_key)
    taken = _take_in(tenant, payload, by, beside, ticket, respond_async=respond_async)
    if taken.fate == Fate.UNDER_WAY:
        return Submission(taken.invoice, created=False, sent=False)
    reached("accepted")
    if taken.invoice.phase == Phase.PHASE_2:
        taken = replace(taken, notices=(*taken.notices, *gate_notices(tenant)))
        settled = _seal_and_hold(taken, by, respond_async=respond_async)
        if settled is not None:
            return settled
    try:
        sent = sending.deliver(taken.invoice, by)
    except errors.ChangedMeanwhile:
        raise overtaken(taken.invoice) from None
    return Submission(sent, taken.created, sent=True, notices=taken.notices)


def gate_notices(tenant: Tenant) -> tuple[Notice, ...]:
    """What the caller of a Phase 2 document is told where only the request rules judged it."""
    return (GATE_UNAVAILABLE,) if mode_for(tenant) == DeepGate.OFF else ()


@dataclass(frozen=True, slots=True)
class _Taken:
    """A request with its row; `fate` is None for the request that made the row."""

    invoice: Invoice
    fate: Fate | None
    notices: tuple[Notice, ...] = ()

    @property
    def created(self) -> bool:
        return self.fate is None


def _take_in(
    tenant: Tenant,
    payload: Payload,
    by: sending.By,
    beside: dict[str, Any],
    ticket: numbering.Ticket | None,
    *,
    respond_async: bool,
) -> _Taken:
    """Find or make the row, and the revision that says what the request says."""
    content = content_of(payload)
    invoice = None if ticket else known(tenant, payload)
    if invoice is None:
        draft = drafting.draft(tenant, payload)
        invoice, created = _accept(tenant, draft, content, by, beside, ticket)
        if created:
            return _Taken(invoice, None, draft.notices)
    fate = fate_of(invoice, payload, content, respond_async=respond_async)
    if fate != Fate.REVISED:
        return _Taken(invoice, fate)
    draft = drafting.draft(tenant, payload)
    _revise(invoice, draft, content, by, beside)
    return _Taken(invoice, fate, draft.notices)


def _seal_and_hold(taken: _Taken, by: sending.By, *, respond_async: bool) -> Submission | None:
    """Seal in the request; what became of it where this request sends nothing."""
    invoice = taken.invoice
    refused = _seal(invoice, by)
    if refused is not None:
        return Submission(refused, taken.created, sent=True, notices=taken.notices)
    if respond_async:
        _leave_to_worker(invoice)
        return Submission(invoice, taken.created, sent=False, notices=taken.notices)
    if _must_wait(invoice):
        # Sealed for the customer at the till; sending waits (contracts 16, 19).
        _leave_to_worker(invoice)
        return Submission(invoice, taken.created, sent=True, notices=taken.notices)
    return None


def _beside(
    metadata: dict[str, Any] | None, client_reference: str, buyer_email: str
) -> dict[str, Any]:
    """What is said about the invoice and not by it; what goes unsaid stays as it was."""
    said = {
        "metadata": metadata,
        "client_reference": client_reference,
        "buyer_email": buyer_email,
    }
    return {name: value for name, value in said.items() if value}


def _accept(
    tenant: Tenant,
    draft: Draft,
    content: str,
    by: sending.By,
    beside: dict[str, Any],
    ticket: numbering.Ticket | None,
) -> tuple[Invoice, bool]:
    """Get or create the row: the unique constraint is the gate, not a look before it."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        number = numbering.take_number(ticket, draft) if ticket else None
        if number:
            draft = number.on(draft)
            content = content_of(draft.payload)
        invoice, created = Invoice.objects.get_or_create(
            tenant=tenant,
            invoice_number=number_of(draft.payload),
            defaults={
                **_said(draft),
                "phase": draft.phase,
                "environment": tenant.environment,
                **beside,
                # Should this process die, a worker carries on from here.
                "next_attempt_at": now + timing.lease(),
                "created_at": now,
                "updated_at": now,
            },
        )
        if number:
            numbering.keep(number, invoice, created=created)
        if created:
            _write_revision(invoice, 1, draft, content, by)
            crediting.adopt_waiting(invoice)
            crediting.take(invoice, draft.payload)
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


def _revise(
    invoice: Invoice, draft: Draft, content: str, by: sending.By, beside: dict[str, Any]
) -> None:
    """Make the next revision of the same row; commits once. Raises Superseded against a twin."""
    now = timezone.now()
    try:
        with transaction.atomic(durable=True):
            number = invoice.revision + 1
            crediting.refuse_lower_total(invoice, draft.amounts.tax_inclusive)
            invoice.move(
                invoice.status,
                revision=number,
                **_said(draft),
                **beside,
                **NOT_SEALED_YET,
                # About the revision before; its own words stay until the RETRY row has them.
                zatca_status="",
                zatca_response=None,
                error_code="",
                failure_class="",
                retry_count=0,
                resend_count=0,
                parked_at=None,
                parked_reason="",
                next_attempt_at=now + timing.lease(),
            )
            _write_revision(invoice, number, draft, content, by)
            crediting.take(invoice, draft.payload)
    except errors.ChangedMeanwhile:
        raise overtaken(invoice) from None


def _seal(invoice: Invoice, by: sending.By) -> Invoice | None:
    """Seal in the request (contracts 16); the settled invoice where the gate refuses."""
    try:
        try:
            sealing.ensure_sealed(invoice)
        except RefusedByGate as refusal:
            if invoice.status == InvoiceStatus.CREATED:
                return settling.refuse_unclaimed(invoice, refusal.findings, actor=by.actor)
            verdict = verdicts.refused_by_gate(invoice, refusal.findings)
            return settling.settle(sending.claim(invoice, by), verdict)
        except (Problem, OperationalError, errors.ChangedMeanwhile):
            raise
        except Exception as bug:
            # D3: FAILED with its ERROR row, and the exception goes on.
            sending.record_bug(sending.claim(invoice, by), bug, left_the_house=False)
    except errors.ChangedMeanwhile:
        raise overtaken(invoice) from None
    return None


def _must_wait(invoice: Invoice) -> bool:
    """The unit is paused; or the authority does not answer, and this is not to be the probe."""
    is_paused = invoice.unit is not None and invoice.unit.paused_at is not None
    return is_paused or not breakers.admits(invoice.environment)


def _leave_to_worker(invoice: Invoice) -> None:
    """Make the sealed revision due at once; commits once. Raises a conflict where it cannot be."""
    if invoice.parked_at is not None:
        raise errors.OutcomeUnknown(invoice)
    with transaction.atomic():
        waiting = Invoice.objects.filter(
            pk=invoice.pk,
            attempt_no=invoice.attempt_no,
            status=invoice.status,
            revision=invoice.revision,
        )
        if not waiting.update(next_attempt_at=timezone.now()):
            current = Invoice.objects.get(pk=invoice.pk)
            if current.revision != invoice.revision:
                raise errors.Superseded(current)
        wake("send_due")
    invoice.refresh_from_db()
