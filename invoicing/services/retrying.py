"""Send a FAILED or REJECTED invoice again, on the same row (D1)."""

from collections.abc import Iterable, Iterator

from django.db import transaction

from config.problems import Problem
from invoicing import errors
from invoicing.models import Invoice, InvoiceStatus
from invoicing.models.invoices import RETRYABLE
from invoicing.services.sending import By, deliver


def retry_invoice(invoice: Invoice, by: By) -> Invoice:
    """Retry one invoice; the last outcome decides between resending and sealing anew.

    Commits: claim (with the RETRY row), seal where a new revision is due, settle. Raises
    NotRetryable for every refusal by status, the loser of a race included, PayloadMissing and
    RetryLimitReached.
    """
    if invoice.status not in RETRYABLE:
        raise errors.NotRetryable(invoice)
    if invoice.retry_count >= invoice.retry_limit:
        raise errors.RetryLimitReached(invoice)
    revision = invoice.current
    if revision.payload is None and not revision.is_sealed:
        raise errors.PayloadMissing
    try:
        return deliver(invoice, by, counts_as_retry=True)
    except errors.ChangedMeanwhile:
        # Whoever was faster may have settled it by now; this request met it under way.
        current = Invoice.objects.get(pk=invoice.pk)
        raise errors.NotRetryable(current, status=InvoiceStatus.PROCESSING) from None


def retry_many(
    invoices: Iterable[Invoice], by: By
) -> Iterator[tuple[Invoice, Invoice | Exception]]:
    """Retry one after another and yield each with what became of it.

    A refusal or a bug in one is yielded in its place and does not stop the others.
    """
    for invoice in invoices:
        try:
            yield invoice, retry_invoice(invoice, by)
        except Problem as refusal:
            yield invoice, refusal
        except Exception as bug:
            yield invoice, bug


def allow_more_retries(invoice: Invoice, *, limit: int) -> Invoice:
    """Start the count of manual retries again with `limit` more allowed; commits once.

    The RETRY rows of the log are never touched; who did it and why stands in the admin's history.
    """
    with transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(retry_count=0, retry_limit=limit)
    invoice.refresh_from_db()
    return invoice
