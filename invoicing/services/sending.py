"""Claim, send, settle: the one path by which a document leaves the house.

A request, the retry endpoint, the admin, the bulk command and the worker all come through here.
What happens next follows from the row alone: bytes whose outcome is unknown go out again unchanged,
a rejected document is sealed anew as the next revision, and nobody chooses between the two.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn
from uuid import uuid4

import structlog
from django.db import OperationalError, transaction
from django.utils import timezone

from config.problems import Problem
from invoicing import errors, timing
from invoicing.failpoints import reached
from invoicing.gateways import Gateway, Parcel, gateway_for
from invoicing.models import (
    Attempt,
    Channel,
    Invoice,
    InvoiceStatus,
    LogAction,
    LogStatus,
    Phase,
    Revision,
    Trigger,
)
from invoicing.models.invoices import RETRYABLE
from invoicing.services import crediting, settling, verdicts
from invoicing.services.logbook import append_log, current_request_id
from invoicing.services.sealing import RefusedByGate, ensure_sealed
from invoicing.services.units import credential_chain
from invoicing.zatca.client import Answer
from invoicing.zatca.outcomes import Next, judge_answer

log = structlog.get_logger(__name__)

BATCH = 16
# What mirrors the document of a revision (contracts 20), before the next one has one.
NOT_SEALED_YET: dict[str, None] = {"uuid": None, "hash": None, "xml_content": None}
POOL = 8


@dataclass(frozen=True, slots=True)
class By:
    """Who asks for an attempt, and why: `trigger` for the machine, `actor` for the audit log."""

    trigger: str
    actor: str
    reason: str = ""


WORKER = By(Trigger.WORKER, "worker")


def deliver(invoice: Invoice, by: By, *, counts_as_retry: bool = False) -> Invoice:
    """Send the invoice's current revision and settle what came back.

    Commits: claim; seal, where the revision is not sealed yet; settle. The network is between
    them. Raises ChangedMeanwhile where another was faster or the row moved on since `invoice` was
    read, and Broken for a bug of ours, which is recorded as FAILED first.
    """
    attempt = claim(invoice, by, counts_as_retry=counts_as_retry)
    if invoice.phase == Phase.PHASE_1:
        return complete_phase_1(attempt)
    ready = prepare(attempt)
    if ready is None:
        return Invoice.objects.get(pk=invoice.pk)
    return _exchange(ready)


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


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed, sealed document and the way out for it."""

    attempt: Attempt
    gateway: Gateway
    parcel: Parcel
    channel: str


def prepare(attempt: Attempt) -> Ready | None:
    """Seal the claimed revision if need be; None where it ended here, settled.

    Raises ChangedMeanwhile where the claim was lost, OperationalError where the database cannot
    serve (the claim's lease runs out), and Broken.
    """
    try:
        revision = ensure_sealed(attempt.invoice)
        chain = credential_chain(revision)
        assert chain is not None
        if revision.first_sent_at is None:
            Revision.objects.filter(pk=revision.pk).update(first_sent_at=timezone.now())
        gateway = gateway_for(chain.unit, chain)
        channel = revision.channel or attempt.channel
        return Ready(attempt, gateway, Parcel.of(revision), channel)
    except (errors.ChangedMeanwhile, OperationalError):
        raise  # a busy database is no bug of the document's; the lease gives the claim back
    except RefusedByGate as refusal:
        settling.settle(attempt, verdicts.refused_by_gate(attempt.invoice, refusal.findings))
    except Problem as problem:
        settling.settle(attempt, verdicts.not_sealed(problem))
    except Exception as bug:
        record_bug(attempt, bug, left_the_house=False)
    return None


def complete_phase_1(attempt: Attempt) -> Invoice:
    """Settle a claimed Phase 1 invoice, which nobody is asked about. Raises Broken."""
    try:
        return settling.settle_phase_1(attempt)
    except Exception as bug:
        record_bug(attempt, bug, left_the_house=False)


def _exchange(ready: Ready) -> Invoice:
    while True:
        try:
            reached("sending")
            answer = ready.gateway.send(ready.channel, ready.parcel)
            reached("sent")
        except Exception as bug:
            record_bug(ready.attempt, bug, left_the_house=True)
        following = _receive(ready, answer)
        if isinstance(following, Invoice):
            return following
        ready = following


def record_bug(attempt: Attempt, bug: Exception, *, left_the_house: bool) -> NoReturn:
    """Settle an exception of our own as FAILED, then let it go on as Broken (D3); commits once."""
    log.exception("attempt_broken", invoice=attempt.invoice_id, attempt=attempt.number)
    invoice = settling.settle(attempt, verdicts.broken(bug, left_the_house=left_the_house))
    raise errors.Broken(invoice) from bug


def _receive(ready: Ready, answer: Answer) -> Invoice | Ready:
    """Settle what came back; after 303 the way to reporting, which is still to go."""
    outcome = judge_answer(answer)
    verdict = verdicts.answered(answer, outcome)
    if outcome.next == Next.REPORT_INSTEAD and ready.channel == Channel.CLEARANCE:
        # Clearance is switched off: the same bytes go to reporting (zatca.md §8, 303).
        following = settling.hand_over_to_reporting(ready.attempt, verdict)
        if following is None:
            return Invoice.objects.get(pk=ready.attempt.invoice_id)
        return replace(ready, attempt=following, channel=Channel.REPORTING)
    return settling.settle(ready.attempt, verdict)


def send_due(limit: int = BATCH) -> int:
    """Send what is due, several at a time; returns how many were due.

    Claims, seals and settles happen on this thread's connection, one short transaction each; a
    bounded pool of threads does HTTP and nothing else.
    """
    due = list(Invoice.objects.due(timezone.now()).select_related("unit__tenant", "tenant")[:limit])
    ready = [item for item in map(_start, due) if item]
    if ready:
        _send_together(ready)
    return len(due)


def _start(invoice: Invoice) -> Ready | None:
    """Claim one due invoice; one that fails must not keep the others waiting."""
    due_at = invoice.next_attempt_at  # the claim changes it here, even where it is rolled back
    try:
        if invoice.status == InvoiceStatus.FAILED and settling.park_if_too_late(invoice):
            return None
        attempt = claim(invoice, WORKER)
        if invoice.phase == Phase.PHASE_1:
            complete_phase_1(attempt)
            return None
        return prepare(attempt)
    except (errors.ChangedMeanwhile, errors.Broken):
        return None  # somebody else has it, or it is settled and told already
    except Exception:
        log.exception("due_invoice_failed", invoice=invoice.pk)
        _postpone(invoice, due_at)
        return None


def _postpone(invoice: Invoice, due_at: datetime | None) -> None:
    # A row that cannot even be claimed would be met again at once, for ever.
    Invoice.objects.filter(pk=invoice.pk, next_attempt_at=due_at).update(
        next_attempt_at=timezone.now() + timing.LONGEST_BACKOFF
    )


def _send_together(ready: Sequence[Ready]) -> None:
    """Send all, settle each answer when it comes; a 303 goes round once more in the same pool."""
    with ThreadPoolExecutor(max_workers=min(POOL, len(ready))) as pool:
        calls = {_submitted(pool, item): item for item in ready}
        while calls:
            done, _ = wait(calls, return_when=FIRST_COMPLETED)
            for call in done:
                following = _recorded(calls.pop(call), call)
                if following is not None:
                    calls[_submitted(pool, following)] = following


def _submitted(pool: ThreadPoolExecutor, item: Ready) -> Future[Answer]:
    reached("sending")
    return pool.submit(item.gateway.send, item.channel, item.parcel)


def _recorded(item: Ready, call: Future[Answer]) -> Ready | None:
    try:
        answer = call.result()
    except Exception as bug:
        with suppress(errors.Broken):
            record_bug(item.attempt, bug, left_the_house=True)
        return None
    reached("sent")
    try:
        following = _receive(item, answer)
    except Exception:
        # What cannot be recorded now is recorded when its lease has run out.
        log.exception("answer_not_recorded", invoice=item.attempt.invoice_id)
        return None
    return following if isinstance(following, Ready) else None


def free_expired_leases(limit: int = 100) -> int:
    """Settle as FAILED/UNKNOWN_OUTCOME what a dead process left PROCESSING; how many.

    Commits once per invoice. Due again at once the first time, after a pause later; an answer that
    comes after all still counts if it is a yes.
    """
    expired = list(Invoice.objects.lease_expired(timezone.now())[:limit])
    return sum(map(_abandon, expired))


def _abandon(invoice: Invoice) -> bool:
    try:
        return settling.abandon(invoice)
    except Exception:
        # The others' leases have run out, too.
        log.exception("lease_not_freed", invoice=invoice.pk)
        return False
