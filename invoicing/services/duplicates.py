"""What becomes of a request whose number is known (the table of contracts 10). Writes nothing."""

from enum import StrEnum

from django.utils import timezone

from config.json import fingerprint
from config.tenancy.models import Tenant
from invoicing import errors, timing
from invoicing.models import Invoice, InvoiceStatus, Reached
from invoicing.services import drafting
from invoicing.services.documents import Payload, number_of


class Fate(StrEnum):
    """What a request does to the row of its number."""

    UNDER_WAY = "under_way"
    RESUMED = "resumed"
    REVISED = "revised"


def content_of(payload: Payload) -> str:
    """The fingerprint that says whether two requests ask for the same document."""
    return fingerprint({name: payload[name] for name in payload if name not in drafting.IGNORED})


def known(tenant: Tenant, payload: Payload) -> Invoice | None:
    """The row of this number; what is final or under way needs no unit to be told so."""
    return (
        Invoice.objects.for_tenant(tenant)
        .select_related("unit", "tenant")
        .filter(invoice_number=number_of(payload))
        .first()
    )


def fate_of(
    invoice: Invoice, payload: Payload, content: str, *, respond_async: bool = False
) -> Fate:
    """Whether the row is resumed as it stands or revised by what the request says.

    UNDER_WAY is for a caller who asked to be answered early and finds the same content on its way.
    Raises the conflicts of `invoicing.errors`.
    """
    if invoice.status == InvoiceStatus.CLEARED:
        raise errors.DuplicateInvoice(invoice)
    same = _says_the_same(invoice, payload, content)
    if invoice.status == InvoiceStatus.PROCESSING:
        if same and respond_async:
            return Fate.UNDER_WAY
        raise errors.DuplicateInvoice(invoice, retry_after=_lease_left(invoice))
    if same and invoice.has_verdict:
        raise errors.UseRetry(invoice)
    if same:
        return Fate.RESUMED
    refuse_change(invoice, payload["mode"])
    return Fate.REVISED


def overtaken(invoice: Invoice) -> errors.Conflict:
    """The refusal for whoever lost a race for this invoice."""
    now = Invoice.objects.get(pk=invoice.pk)
    if now.revision != invoice.revision:
        return errors.Superseded(now)
    return errors.DuplicateInvoice(now, retry_after=_lease_left(now))


def _says_the_same(invoice: Invoice, payload: Payload, content: str) -> bool:
    return invoice.current.payload_sha256 == content and invoice.phase == payload["mode"]


def _lease_left(invoice: Invoice) -> int:
    if invoice.lease_until is None:
        return 1
    return max(1, round((invoice.lease_until - timezone.now()).total_seconds()))


def refuse_change(invoice: Invoice, phase: str) -> None:
    """Raise unless the content of the number may still change (contracts 10).

    A rejected revision may be corrected. One that waits to be sent is judged like the first: for 90
    seconds somebody's request is sending it; afterwards it may change if it never left the house
    and no answer carried the QR code of a simplified document.
    """
    if invoice.phase != phase:
        raise errors.DuplicateInvoice(invoice)
    if invoice.has_verdict:
        return
    if invoice.status != InvoiceStatus.FAILED:
        fresh_until = invoice.updated_at + timing.FRESH
        if timezone.now() < fresh_until:
            left = (fresh_until - timezone.now()).total_seconds()
            raise errors.InProgress(invoice, retry_after=max(1, round(left)))
    # Attempts of earlier revisions ended in a refusal, which is final for their documents.
    if invoice.current.attempts.exclude(reached=Reached.NO).exists():
        raise errors.OutcomeUnknown(invoice)
    # A sealed simplified document was answered with its QR code: a customer may hold it. One that
    # the authority finds too large will never be taken as it is: less content is all that is left.
    if (
        invoice.is_simplified
        and invoice.current.is_sealed
        and invoice.error_code != "document_too_large"
    ):
        raise errors.AlreadyIssued(invoice)
