"""Write down what became of an attempt: status, log row and what happens next, in one transaction.

A yes from the authority counts from any attempt, since the bytes are the same in all of them. A
no, or no answer, counts only from the attempt that is current: a late one must not undo what came
after.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from config.attention.services import raise_attention, resolve_subject
from config.work import wake
from invoicing import errors, timing
from invoicing.failpoints import reached
from invoicing.models import (
    Attempt,
    Channel,
    Invoice,
    InvoiceStatus,
    LogStatus,
    Reached,
    Revision,
    Trigger,
    ZatcaStatus,
)
from invoicing.services import crediting, documents, mailing, verdicts
from invoicing.services.findings import not_repeated
from invoicing.services.logbook import append_log
from invoicing.services.questions import ask, ask_about_warnings
from invoicing.services.units import pause_unit, refused_as_retired, trust_again
from invoicing.services.verdicts import Verdict
from invoicing.zatca.outcomes import Next
from invoicing.zatca.totals import totals

KEPT_BYTES = 1_048_576
# What another process may have written to the revision since the attempt was claimed.
SETTLED_BY = ["outcome", "chain", "first_sent_at", "findings", "hash"]
CRASHES_ASKED_ABOUT = 2  # interruptions before a person is asked


def settle(attempt: Attempt, verdict: Verdict) -> Invoice:
    """Record how `attempt` ended; commits once. Returns the invoice as it is now."""
    with transaction.atomic(durable=True):
        if not _close(attempt, verdict):
            return Invoice.objects.get(pk=attempt.invoice_id)
        invoice = _apply(attempt, verdict)
        reached("settling")
    reached("settled")
    return invoice


def refuse_unclaimed(
    invoice: Invoice, findings: Iterable[dict[str, Any]], *, actor: str
) -> Invoice:
    """CREATED → REJECTED by the gate, before any attempt was made; commits once."""
    verdict = verdicts.refused_by_gate(invoice, findings)
    with transaction.atomic(durable=True):
        revision = invoice.current
        _reject(invoice, revision, verdict)
        _log(invoice, revision, verdict, trigger=Trigger.CALLER, actor=actor)
    return invoice


def settle_phase_1(attempt: Attempt) -> Invoice:
    """Complete a Phase 1 invoice: its QR code is all the law asks for. Commits once.

    Log SUBMITTED, status CLEARED, zatca_status NOT_APPLICABLE (invoicing-api.md §3.2 J).
    """
    invoice = attempt.invoice
    with transaction.atomic(durable=True):
        revision = attempt.revision
        Revision.objects.filter(pk=revision.pk).update(
            qr=_phase_1_qr(invoice, revision), outcome=InvoiceStatus.CLEARED
        )
        verdict = Verdict(
            status=InvoiceStatus.CLEARED,
            zatca_status=ZatcaStatus.NOT_APPLICABLE,
            reached=Reached.NO,
        )
        _close(attempt, verdict)
        invoice.move(
            InvoiceStatus.CLEARED,
            zatca_status=verdict.zatca_status,
            uuid=str(revision.uuid),
            lease_until=None,
            next_attempt_at=None,
        )
        mailing.email_when_final(invoice)
        crediting.confirm(invoice)
        _log_attempt(
            invoice,
            attempt,
            verdict,
            status=LogStatus.SUBMITTED,
            submitted_at=timezone.now(),
        )
    return invoice


def _phase_1_qr(invoice: Invoice, revision: Revision) -> str:
    tenant = invoice.tenant
    assert revision.payload is not None
    document = documents.document_of(
        revision.payload,
        documents.seller_of_tenant(tenant),
        invoice.invoice_number,
        ZoneInfo(tenant.timezone),
    )
    return documents.phase_1_code(document, totals(document))


def hand_over_to_reporting(attempt: Attempt, verdict: Verdict) -> Attempt | None:
    """Close an attempt that met 303 and open the next one, to reporting; commits once.

    The invoice stays PROCESSING under a fresh lease; no log row, since nothing is settled yet.
    None where the lease had run out meanwhile: the answer is kept, the resend will meet it again.
    """
    now = timezone.now()
    with transaction.atomic(durable=True):
        _close(attempt, verdict)
        invoice = Invoice.objects.get(pk=attempt.invoice_id)
        if not _is_current(invoice, attempt):
            return None
        try:
            invoice.move(
                InvoiceStatus.PROCESSING,
                attempt_no=attempt.number + 1,
                lease_until=now + timing.lease(),
            )
        except errors.ChangedMeanwhile:
            return None
        Revision.objects.filter(pk=attempt.revision_id).update(channel=Channel.REPORTING)
        return Attempt.objects.create(
            invoice=invoice,
            revision=attempt.revision,
            number=invoice.attempt_no,
            channel=Channel.REPORTING,
            trigger=attempt.trigger,
            actor=attempt.actor,
            request_id=attempt.request_id,
            started_at=now,
        )


def abandon(invoice: Invoice) -> bool:
    """Settle a claim whose lease ran out as FAILED with its outcome unknown; commits once.

    The attempt stays open for an answer that may still come. False where another was faster.
    """
    try:
        with transaction.atomic(durable=True):
            attempt = invoice.attempts.select_related("revision").get(number=invoice.attempt_no)
            open_attempt = Attempt.objects.filter(pk=attempt.pk, ended_at=None)
            open_attempt.update(abandoned_at=timezone.now())
            verdict = verdicts.interrupted()
            # Once is an accident; what keeps ending its process must not take the others along.
            again = invoice.resend_count
            _fail(invoice, attempt.revision, verdict, at_once=again == 0)
            if again >= CRASHES_ASKED_ABOUT:
                ask(invoice, verdict.code, verdict.message)
            # Looked at only now: under this row's lock nothing is sealed for the claim any more.
            attempt.revision.refresh_from_db(fields=["icv", "hash"])
            if not attempt.revision.is_sealed:
                open_attempt.update(reached=Reached.NO)
            _log(
                invoice,
                attempt.revision,
                verdict,
                trigger=Trigger.WORKER,
                actor="worker",
                attempt_no=attempt.number,
            )
            wake("send_due")
    except errors.ChangedMeanwhile:
        return False
    return True


def park_if_too_late(invoice: Invoice) -> bool:
    """Park a due invoice that waited too long to be sent unasked; commits once where it does.

    A worker that was away for a day must not send what the authority no longer recognises. Raises
    ChangedMeanwhile.
    """
    now = timezone.now()
    why = _why_too_late(invoice.current, now)
    if not why:
        return False
    with transaction.atomic(durable=True):
        invoice.move(invoice.status, next_attempt_at=None, parked_at=now, parked_reason=why)
        ask(invoice, "invoice_parked", why)
    return True


def _apply(attempt: Attempt, verdict: Verdict) -> Invoice:
    """Move the invoice if this verdict counts; again where the row moved while it was read."""
    while True:
        invoice = Invoice.objects.select_related("unit", "tenant").get(pk=attempt.invoice_id)
        revision = attempt.revision
        revision.refresh_from_db(fields=SETTLED_BY)
        try:
            if not _counts(invoice, attempt, verdict):
                return invoice
            if verdict.status == InvoiceStatus.CLEARED:
                _clear(invoice, revision, verdict)
                _resolve(invoice, attempt)
                ask_about_warnings(invoice, verdict)
                _report_difference(invoice, verdict)
                mailing.email_when_final(invoice)
            elif verdict.status == InvoiceStatus.REJECTED:
                _reject(invoice, revision, verdict)
            else:
                _fail(invoice, revision, verdict)
        except errors.ChangedMeanwhile:
            continue
        _log_attempt(invoice, attempt, verdict)
        return invoice


def _is_current(invoice: Invoice, attempt: Attempt) -> bool:
    return invoice.attempt_no == attempt.number and invoice.status == InvoiceStatus.PROCESSING


def _counts(invoice: Invoice, attempt: Attempt, verdict: Verdict) -> bool:
    if verdict.status != InvoiceStatus.CLEARED:
        return _is_current(invoice, attempt)
    if (
        invoice.revision != attempt.revision.number
        or attempt.revision.outcome == InvoiceStatus.REJECTED
    ):
        # Cannot happen while the authority judges the same bytes alike; if it does, a person must
        # know before the number stands on two documents.
        raise_attention(
            tenant_id=invoice.tenant_id,
            kind="superseded_document_accepted",
            subject=invoice.subject,
            reason=f"ZATCA accepted revision {attempt.revision.number} of "
            f"{invoice.invoice_number}, but revision {invoice.revision} is current.",
            next_action="Compare both; correct the difference with a credit or debit note.",
        )
        return False
    # Taken already, where an earlier yes has made it CLEARED.
    return invoice.status in (InvoiceStatus.PROCESSING, InvoiceStatus.FAILED)


def _close(attempt: Attempt, verdict: Verdict) -> bool:
    """Write the answer into the attempt, once; False where it has one already."""
    return bool(
        Attempt.objects.filter(pk=attempt.pk, ended_at=None).update(
            ended_at=timezone.now(),
            reached=verdict.reached,
            event=verdict.event,
            http_status=verdict.http_status,
            response=verdict.body[:KEPT_BYTES] if verdict.body else None,
            outcome=verdict.status,
            zatca_status=verdict.zatca_status,
            failure_class=verdict.failure_class,
            error_code=verdict.code,
            error_message=verdict.message if verdict.status != InvoiceStatus.CLEARED else "",
            duration_ms=round(verdict.elapsed * 1000),
        )
    )


def _clear(invoice: Invoice, revision: Revision, verdict: Verdict) -> None:
    # The move first: where it fails, nothing of a verdict that does not count may stay behind.
    invoice.move(
        InvoiceStatus.CLEARED,
        zatca_status=verdict.zatca_status,
        zatca_response=verdict.answer,
        lease_until=None,
        next_attempt_at=None,
        parked_at=None,
        parked_reason="",
        error_message=None,
        error_code="",
        failure_class="",
    )
    Revision.objects.filter(pk=revision.pk).update(
        outcome=InvoiceStatus.CLEARED,
        findings=_all_findings(revision, verdict),
        cleared_xml=verdict.cleared_xml,
        cleared_difference=verdict.cleared_difference,
    )
    crediting.confirm(invoice)


def _all_findings(revision: Revision, verdict: Verdict) -> list[Mapping[str, Any]]:
    """What the verdict says, after what the gate warned of when the revision was sealed."""
    warned = [item for item in revision.findings if item.get("source") == "gate"]
    return [*not_repeated(warned, verdict.findings), *verdict.findings]


def _report_difference(invoice: Invoice, verdict: Verdict) -> None:
    if not verdict.cleared_difference:
        return
    raise_attention(
        tenant_id=invoice.tenant_id,
        kind="cleared_document_differs",
        subject=invoice.subject,
        reason=f"{invoice.invoice_number} is cleared, but what came back is not what was sent: "
        f"{verdict.cleared_difference}",
        next_action="Give nothing out. Look at its bytes, then ask ZATCA for the cleared document.",
    )


def _reject(invoice: Invoice, revision: Revision, verdict: Verdict) -> None:
    invoice.move(
        InvoiceStatus.REJECTED,
        zatca_status=verdict.zatca_status,
        zatca_response=verdict.answer,
        lease_until=None,
        next_attempt_at=None,
        error_message=verdict.message,
        error_code=verdict.code,
        failure_class="",
    )
    Revision.objects.filter(pk=revision.pk).update(
        outcome=InvoiceStatus.REJECTED, findings=_all_findings(revision, verdict)
    )
    crediting.release(invoice)


def _fail(invoice: Invoice, revision: Revision, verdict: Verdict, *, at_once: bool = False) -> None:
    now = timezone.now()
    parked = _why_parked(revision, verdict, now)
    pause = timedelta(0) if at_once else _pause(invoice, verdict)
    invoice.move(
        InvoiceStatus.FAILED,
        zatca_status=verdict.zatca_status,
        zatca_response=verdict.answer,
        lease_until=None,
        next_attempt_at=None if parked else now + pause,
        resend_count=invoice.resend_count + 1,
        parked_at=now if parked else None,
        parked_reason=parked,
        error_message=verdict.message,
        error_code=verdict.code,
        failure_class=verdict.failure_class,
    )
    if (
        verdict.next == Next.PAUSE_UNIT
        and invoice.unit is not None
        and not refused_as_retired(revision)
    ):
        pause_unit(invoice.unit, verdict.message)
    if parked or verdict.next == Next.ALARM:
        kind, why = ("invoice_parked", parked) if parked else (verdict.code, verdict.message)
        ask(invoice, kind, why, code=verdict.code)


def _pause(invoice: Invoice, verdict: Verdict) -> timedelta:
    if verdict.next == Next.PAUSE_UNIT:
        return timedelta(0)  # the unit's pause holds it back, not a clock
    # Zero, or a date gone by, says nothing about when.
    if verdict.retry_after:
        return timedelta(seconds=verdict.retry_after)
    return timing.backoff(invoice.resend_count)


def _why_parked(revision: Revision, verdict: Verdict, now: datetime) -> str:
    return verdict.message if verdict.next == Next.PARK else _why_too_late(revision, now)


def _why_too_late(revision: Revision, now: datetime) -> str:
    """Why the revision may not be sent unasked any more; empty while it may."""
    first = revision.first_sent_at
    if first is None or now - first <= timing.STOP_RESENDING_AFTER:
        return ""
    if not revision.attempts.exclude(reached=Reached.NO).exists():
        return ""
    hours = round(timing.STOP_RESENDING_AFTER.total_seconds() / 3600)
    return (
        f"Its outcome has been unknown for {hours} hours. The authority remembers documents "
        "for 24 hours only, so it is not sent again without a person's decision."
    )


def _resolve(invoice: Invoice, attempt: Attempt) -> None:
    """A final yes answers every question about the invoice, and about its unit's credentials."""
    resolve_subject(tenant_id=invoice.tenant_id, subject=invoice.subject, by="settled")
    paused_at = invoice.unit.paused_at if invoice.unit is not None else None
    # Asked since the pause began: an answer that was already on its way then proves nothing.
    if invoice.unit is not None and paused_at is not None and attempt.started_at >= paused_at:
        trust_again(invoice.unit, by="settled")


def _log_attempt(invoice: Invoice, attempt: Attempt, verdict: Verdict, **columns: Any) -> None:
    """The row of a settled attempt, under its own number, however late its answer came."""
    _log(
        invoice,
        attempt.revision,
        verdict,
        trigger=attempt.trigger,
        actor=attempt.actor,
        attempt_no=attempt.number,
        **columns,
    )


def _log(
    invoice: Invoice,
    revision: Revision,
    verdict: Verdict,
    *,
    trigger: str,
    actor: str,
    status: str = "",
    **columns: Any,
) -> None:
    words = {InvoiceStatus.FAILED: LogStatus.ERROR}
    code = verdict.http_status or verdict.event or verdict.code
    append_log(
        invoice,
        revision,
        status=status or words.get(InvoiceStatus(verdict.status), verdict.status),
        trigger=trigger,
        actor=actor,
        zatca_response_code=str(code) if code else None,
        zatca_response=verdict.answer,
        error_message=verdict.message or None,
        cleared_at=timezone.now() if verdict.status == InvoiceStatus.CLEARED else None,
        **columns,
    )
