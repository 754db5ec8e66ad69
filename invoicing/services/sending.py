"""Claim, send, settle: the one path by which a document leaves the house.

A request, the retry endpoint, the admin, the bulk command and the worker all come through here.
What happens next follows from the row alone: bytes whose outcome is unknown go out again unchanged,
a rejected document is sealed anew as the next revision, and nobody chooses between the two.
"""

import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn

import structlog
from django.conf import settings
from django.db import OperationalError, transaction
from django.utils import timezone

from config.attention.services import raise_attention
from config.problems import Problem
from invoicing import errors, timing
from invoicing.failpoints import reached
from invoicing.gateways import Gateway, Parcel, gateway_for
from invoicing.models import (
    Attempt,
    Channel,
    Invoice,
    InvoiceStatus,
    Lane,
    Phase,
    Revision,
)
from invoicing.services import breakers, settling, verdicts
from invoicing.services.claiming import WORKER, By, claim
from invoicing.services.gate import RefusedByGate
from invoicing.services.returned import compared
from invoicing.services.sealing import ensure_sealed
from invoicing.services.turns import Turn, Turns
from invoicing.services.units import credential_chain
from invoicing.zatca.client import Answer
from invoicing.zatca.outcomes import Next, judge_answer

log = structlog.get_logger(__name__)

BATCH = 16  # a look that tried as many is followed by another at once
POOL = 8
POLL = 1.0  # seconds between looks for more, while answers are awaited
REFILL = 0.8  # the part of a call's deadline in which a round takes more up


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


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed, sealed document and the way out for it."""

    attempt: Attempt
    gateway: Gateway
    parcel: Parcel
    channel: str

    @property
    def lane(self) -> Lane:
        return Lane(unit_id=self.attempt.invoice.unit_id)


def prepare(attempt: Attempt) -> Ready | None:
    """Seal the claimed revision if need be; None where it ended here, settled.

    Raises ChangedMeanwhile where the claim was lost, OperationalError where the database cannot
    serve (the claim's lease runs out), and Broken.
    """
    try:
        revision = ensure_sealed(attempt.invoice, attempt.revision)
        chain = credential_chain(revision)
        if chain is None:
            raise _no_csid_left(revision)
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


def _no_csid_left(revision: Revision) -> errors.UnitNotReady:
    return errors.UnitNotReady(
        f"The CSID of EGS unit {revision.invoice.unit} was revoked: onboard the unit again. The "
        "document goes out with the new one.",
        message_ar="أُلغيت شهادة الوحدة: سجّل الوحدة من جديد ليُرسل المستند بالشهادة الجديدة.",
        param="egs_unit",
    )


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
    breakers.note_answer(ready.attempt.invoice, answer, outcome.code)
    payload = ready.attempt.revision.payload
    verdict = compared(verdicts.answered(answer, outcome, payload), ready.parcel.xml)
    if outcome.next == Next.REPORT_INSTEAD and ready.channel == Channel.CLEARANCE:
        # Clearance is switched off: the same bytes go to reporting (zatca.md §8, 303).
        following = settling.hand_over_to_reporting(ready.attempt, verdict)
        if following is None:
            return Invoice.objects.get(pk=ready.attempt.invoice_id)
        return replace(ready, attempt=following, channel=Channel.REPORTING)
    return settling.settle(ready.attempt, verdict)


def send_due() -> int:
    """Send what is due, units in turn and several at a time; returns how many were tried.

    Claims, seals and settles happen on this thread's connection, one short transaction each; a
    bounded pool of threads does HTTP and nothing else. No unit has more of them than it leaves to
    the others, and free ones are given out while others wait for their answers, so that calls that
    hang keep nobody else's document back.
    """
    turns = Turns()
    calls: dict[Future[Answer], Ready] = {}
    # No new ones towards the end, else a round would never end while more becomes due.
    until = time.monotonic() + REFILL * settings.ZATCA_CALL_DEADLINE
    with ThreadPoolExecutor(max_workers=POOL) as pool:
        while True:
            taken = _take_turns(pool, turns, calls) if time.monotonic() < until else 0
            if not taken and not calls:
                return len(turns.tried)
            _settle_what_came(pool, calls, patience=POLL if not taken else 0)


def _take_turns(pool: ThreadPoolExecutor, turns: Turns, calls: dict[Future[Answer], Ready]) -> int:
    """Start as many as there are threads free, and as are due; how many turns that took."""
    for taken in range(POOL):
        in_flight = Counter(item.lane for item in calls.values())
        turn = turns.next(in_flight, free=POOL - len(calls))
        if turn is None:
            return taken
        ready = _start(turn, turns)
        if ready is not None:
            calls[_submitted(pool, ready)] = ready
    return POOL


def _settle_what_came(
    pool: ThreadPoolExecutor, calls: dict[Future[Answer], Ready], *, patience: float
) -> None:
    """Settle each answer when it comes; a 303 goes round once more in the same pool."""
    done, _ = wait(calls, timeout=patience, return_when=FIRST_COMPLETED)
    for call in done:
        following = _recorded(calls.pop(call), call)
        if following is not None:
            calls[_submitted(pool, following)] = following


def _start(turn: Turn, turns: Turns) -> Ready | None:
    """Claim one due invoice; one that fails must not keep the others waiting."""
    try:
        invoice = Invoice.objects.select_related("unit__tenant", "tenant").get(pk=turn.invoice_id)
        if invoice.status == InvoiceStatus.FAILED and settling.park_if_too_late(invoice):
            return None
        if invoice.phase == Phase.PHASE_1:
            complete_phase_1(claim(invoice, WORKER))
            return None
        if not breakers.admits(invoice.environment):
            turns.give_back(turn)
            return None
        return prepare(claim(invoice, WORKER))
    except (errors.ChangedMeanwhile, errors.Broken):
        return None  # somebody else has it, or it is settled and told already
    except OperationalError:
        log.warning("due_invoice_waits_for_the_database", invoice=turn.invoice_id)
        return None
    except Exception as bug:
        log.exception("due_invoice_failed", invoice=turn.invoice_id)
        _postpone(turn, bug)
        return None


def _postpone(turn: Turn, bug: Exception) -> None:
    # A row that cannot even be claimed would be met again at once, for ever.
    later = timezone.now() + timing.LONGEST_BACKOFF
    with transaction.atomic():
        stuck = Invoice.objects.filter(pk=turn.invoice_id, next_attempt_at=turn.due_at)
        if not stuck.update(next_attempt_at=later):
            return
        row = Invoice.objects.values("tenant_id", "invoice_number").get(pk=turn.invoice_id)
        raise_attention(
            tenant_id=row["tenant_id"],
            kind="internal_error",
            subject=f"invoice:{turn.invoice_id}",
            reason=f"{row['invoice_number']} could not be taken up: {type(bug).__name__}: {bug}",
            next_action="A fault of Daftar's own, and logged; tell whoever runs Daftar.",
        )


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
    expired = Invoice.objects.lease_expired(timezone.now())[:limit]
    return sum(map(_abandon, list(expired.values_list("pk", flat=True))))


def _abandon(pk: int) -> bool:
    try:
        return settling.abandon(Invoice.objects.get(pk=pk))
    except Exception:
        # The others' leases have run out, too.
        log.exception("lease_not_freed", invoice=pk)
        return False
