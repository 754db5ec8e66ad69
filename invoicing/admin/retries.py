"""Retry by hand: the admin's door to `services.retrying`, for one invoice and for many."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import structlog
from django import forms
from django.contrib import messages
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextareaWidget

from config.json import fingerprint
from config.problems import Problem
from config.text import text_problem
from invoicing.models import Invoice, InvoiceStatus, Phase, Revision
from invoicing.services.retrying import retry_many
from invoicing.services.sending import By
from invoicing.words import said

log = structlog.get_logger(__name__)

# As many as one person waits for; a longer list is the command's business.
AT_ONCE = 50
WAIT_SECONDS = 20


class ReasonForm(forms.Form):
    """Why, in a person's own words; it stands in the log for good."""

    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True, "dir": "auto"}),
        help_text="Kept in the audit log with your name.",
    )

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"].replace("\r\n", "\n")
        if problem := text_problem(reason, multiline=True):
            raise forms.ValidationError(problem.en, code=problem.code)
        return reason


class MoreRetriesForm(ReasonForm):
    limit = forms.IntegerField(
        label="Retries to allow",
        initial=100,
        min_value=1,
        max_value=1000,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    field_order = ("limit", "reason")


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one invoice, in words; `level` is a level of django.contrib.messages."""

    invoice: Invoice
    level: int
    text: str

    @property
    def tone(self) -> str:
        return messages.DEFAULT_TAGS[self.level].replace("error", "danger")


def what_happens(invoice: Invoice, revision: Revision) -> list[str]:
    """What a retry of this invoice will do, in plain words; its last outcome decides."""
    if revision.outcome == InvoiceStatus.REJECTED:
        return _sealed_again(revision)
    if invoice.phase == Phase.PHASE_1:
        return ["Its QR code will be made now. Nothing is sent: this is a Phase 1 invoice."]
    if not revision.is_sealed:
        return ["It was never sealed. It will be sealed now, under the next ICV, and sent."]
    return [
        f"The same bytes will be sent again: UUID {revision.uuid}, ICV {revision.icv}.",
        "They may already be registered. If so, ZATCA says that it has the document, and the "
        "invoice is settled; it cannot be counted twice.",
    ]


def _sealed_again(revision: Revision) -> list[str]:
    place = (
        f"The rejected document keeps its place, ICV {revision.icv}."
        if revision.is_sealed
        else "The rejected draft took no ICV."
    )
    return [
        "The same content will be sealed again as a new document: revision "
        f"{revision.number + 1}, a new UUID, the next ICV. {place}",
        "Its content does not change here. If the content was the reason for the rejection, "
        "correct it where it comes from and send it from there.",
    ]


def groups(invoices: Iterable[Invoice]) -> list[tuple[str, str, str, int]]:
    """(status, reason, what a retry does, how many), the most frequent first."""
    counted = Counter((row.status, row.error_code) for row in invoices)
    does = {
        InvoiceStatus.REJECTED.value: "sealed again as a new document: new UUID, next ICV",
        InvoiceStatus.FAILED.value: "the same bytes again; sealed first where it never was",
    }
    return [
        (status, said(code) or "no reason given", does[status], count)
        for (status, code), count in counted.most_common()
    ]


def seen(invoices: Iterable[Invoice]) -> str:
    """A digest of how the rows stood when a person was told what a retry will do."""
    return fingerprint([[row.pk, row.status, row.attempt_no, row.revision] for row in invoices])


def retry_each(invoices: Sequence[Invoice], by: By) -> Iterator[Line]:
    """Retry one after another until nobody would wait any longer; then say so of the rest."""
    started, done = time.monotonic(), 0
    for invoice, result in retry_many(invoices, by):
        done += 1
        yield _line(invoice, result)
        if time.monotonic() - started > WAIT_SECONDS:
            break
    for invoice in invoices[done:]:
        text = f"{invoice}: not tried, the answers before it took too long. Retry it again."
        yield Line(invoice, messages.WARNING, text)


def _line(invoice: Invoice, result: Invoice | Exception) -> Line:
    if isinstance(result, Problem):
        return Line(invoice, messages.ERROR, result.message)
    if isinstance(result, Exception):
        log.error("retry_failed", invoice=invoice.pk, exc_info=result)
        text = f"{invoice}: a fault of Daftar itself stopped it. The fault is logged."
        return Line(invoice, messages.ERROR, text)
    if result.status == InvoiceStatus.CLEARED:
        return Line(result, messages.SUCCESS, f"{result}: {said(result.zatca_status)}.")
    if result.status == InvoiceStatus.REJECTED:
        text = f"{result}: rejected again. {result.error_message}"
        return Line(result, messages.ERROR, text)
    text = f"{result}: no verdict yet, {result.error_message or 'it is being processed'}"
    return Line(result, messages.WARNING, text)
