"""Ask by resending: the identical bytes go out again, and 208 or 409 says that they were held.

The way to know the authority's side where it has no list. Only what is unknown is asked about, only
through the one path that every document takes, and only while the authority still recognises the
bytes: after 24 hours it might take them as a second document.
"""

import time
from collections.abc import Iterator
from datetime import date

import structlog
from django.db.models import Exists, OuterRef
from django.utils import timezone

from config.problems import Problem
from config.tenancy.models import Tenant
from invoicing import errors, timing
from invoicing.models import (
    Attempt,
    EGSUnit,
    Invoice,
    InvoiceStatus,
    Reached,
    ReconciliationRun,
    Revision,
    Source,
)
from invoicing.models.invoices import InvoiceQuerySet
from invoicing.reconciliation.records import Finding, Kind, Word
from invoicing.reconciliation.tally import Said, Tally
from invoicing.services.believing import REPORTED, Extent, amounts
from invoicing.services.differences import finish, keep, keep_settled, open_run
from invoicing.services.sending import By, deliver

log = structlog.get_logger(__name__)

HELD_ALREADY = (208, 409)
SETTLED = "Settled by resending the identical bytes: the authority said what it has (HTTP {})."


def reconcile_by_resending(
    *,
    tenant: Tenant,
    by: By,
    unit: EGSUnit | None = None,
    first: date | None = None,
    last: date | None = None,
    confirm_old: bool = False,
    most: int | None = None,
    seconds: float | None = None,
) -> ReconciliationRun:
    """Resend every document whose outcome is unknown, oldest first, and note what it had become.

    What is older than the authority's memory is sent only with `confirm_old`, a person's decision.
    A paused unit is left alone. `most` and `seconds` bound what one request waits for; the rest is
    counted in `left_out`. Commits: the run; then per document claim and settle, as ever; its end.
    """
    extent = Extent(tenant, unit, first, last, timezone.now())
    run = open_run(Source.RESEND, extent, by)
    asked = _Asked(run, By(by.trigger, by.actor, f"{run}: is it held?"), confirm_old)
    left_out, started = 0, time.monotonic()
    for invoice in _unknown(extent):
        too_long = seconds is not None and time.monotonic() - started > seconds
        if too_long or (most is not None and asked.sent >= most):
            left_out += 1
        else:
            asked.ask(invoice)
    return finish(run, ours=asked.ours, theirs=asked.theirs, left_out=left_out)


def _unknown(extent: Extent) -> Iterator[Invoice]:
    """FAILED invoices whose current document may have arrived, by growing id."""
    rows = _without_verdict(extent).select_related("unit", "tenant")
    last = 0
    while invoice := rows.filter(pk__gt=last).first():
        yield invoice
        last = invoice.pk


def _without_verdict(extent: Extent) -> InvoiceQuerySet:
    may_have_arrived = Attempt.objects.filter(
        invoice=OuterRef("pk"), revision__number=OuterRef("revision")
    ).exclude(reached=Reached.NO)
    rows = extent.invoices().filter(Exists(may_have_arrived), status=InvoiceStatus.FAILED)
    return rows.filter(updated_at__lt=extent.as_of).order_by("pk")


class _Asked:
    """One run's questions and what came of them."""

    def __init__(self, run: ReconciliationRun, by: By, confirm_old: bool) -> None:
        self._run, self._by, self._confirm_old = run, by, confirm_old
        self.ours, self.theirs = Tally(Said()), Tally(Said())
        self.sent = 0

    def ask(self, invoice: Invoice) -> None:
        revision = invoice.current
        _add(self.ours, invoice, Word.UNKNOWN)
        if not self._confirm_old and _is_forgotten(revision):
            self._open(Kind.TOO_OLD_TO_RESEND, invoice, revision)
            return
        if invoice.unit is not None and invoice.unit.paused_at is not None:
            self._open(Kind.STILL_UNKNOWN, invoice, revision)
            return
        self.sent += 1
        settled = _delivered(invoice, self._by)
        if settled is None:
            return
        word = _word(settled)
        if word is Word.UNKNOWN:
            self._open(Kind.STILL_UNKNOWN, settled, revision)
            return
        _add(self.theirs, settled, word)
        status = settled.attempts.values_list("http_status", flat=True).first()
        if word is Word.REJECTED or status in HELD_ALREADY:
            # Taken only now (200), they did not hold it before, and nothing had differed.
            finding = _finding(Kind.STATUS_DIFFERS, settled, revision, word)
            keep_settled(self._run, finding, by=self._by, reason=SETTLED.format(status))

    def _open(self, kind: Kind, invoice: Invoice, revision: Revision) -> None:
        keep(self._run, [_finding(kind, invoice, revision, None)])


def _delivered(invoice: Invoice, by: By) -> Invoice | None:
    """The invoice after one more attempt; None where somebody else is at it."""
    try:
        return deliver(invoice, by)
    except errors.ChangedMeanwhile:
        return None
    except errors.Broken as broken:
        return broken.invoice  # settled and logged as FAILED; the others are asked all the same
    except Problem:
        log.exception("reconciliation_could_not_ask", invoice=invoice.pk)
        return Invoice.objects.get(pk=invoice.pk)


def _is_forgotten(revision: Revision) -> bool:
    """Whether the authority may no longer recognise the bytes by the time they arrive."""
    first = revision.first_sent_at
    return first is None or timezone.now() + timing.lease() >= first + timing.AUTHORITY_MEMORY


def _word(invoice: Invoice) -> Word:
    if invoice.status == InvoiceStatus.CLEARED:
        return Word.REPORTED if invoice.zatca_status in REPORTED else Word.CLEARED
    return Word.REJECTED if invoice.status == InvoiceStatus.REJECTED else Word.UNKNOWN


def _add(tally: Tally, invoice: Invoice, word: Word) -> None:
    total, vat = amounts(invoice)
    form = invoice.is_simplified
    tally.add(word, invoice.document_type, form, invoice.currency, total=total, vat=vat)


def _finding(kind: Kind, invoice: Invoice, revision: Revision, theirs: Word | None) -> Finding:
    total, vat = amounts(invoice)
    return Finding(
        kind,
        number=invoice.invoice_number,
        uuid=str(revision.uuid),
        invoice_id=invoice.pk,
        ours=Word.UNKNOWN,
        theirs=theirs or "",
        our_total=total,
        our_vat=vat,
        our_hash=revision.hash or "",
        icv=revision.icv,
    )
