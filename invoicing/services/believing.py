"""What we believe, as records to compare: our invoices with every document sealed for them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from config.days import end_of, start_of
from config.tenancy.models import Tenant
from invoicing.models import (
    EGSUnit,
    Invoice,
    InvoiceStatus,
    Phase,
    Revision,
    ZatcaStatus,
)
from invoicing.models.invoices import InvoiceQuerySet
from invoicing.reconciliation.records import Document, Ours, Word
from invoicing.reconciliation.shelf import CHUNK
from invoicing.reconciliation.tally import Tally
from invoicing.zatca.reading import stated_amounts

READ = (
    "id",
    "unit_id",
    "invoice_number",
    "status",
    "zatca_status",
    "document_type",
    "is_simplified",
    "currency",
    "total_amount",
    "tax_amount",
    "revision",
    "updated_at",
)
READ_REVISION = ("id", "invoice_id", "number", "uuid", "hash", "outcome")
REPORTED = (ZatcaStatus.REPORTED, ZatcaStatus.REPORTED_WITH_WARNINGS)


@dataclass(frozen=True, slots=True)
class Extent:
    """Which invoices are compared: of one tenant, perhaps of one unit, issued on some days.

    `as_of` is when the comparison began: what moved since then is left for the next one, because
    the other side was looked at before it moved.
    """

    tenant: Tenant
    unit: EGSUnit | None
    first: date | None
    last: date | None
    as_of: datetime

    def invoices(self) -> InvoiceQuerySet:
        rows = Invoice.objects.for_tenant(self.tenant).filter(phase=Phase.PHASE_2)
        if self.unit is not None:
            rows = rows.filter(unit=self.unit)
        if self.first is not None:
            rows = rows.filter(issued_at__gte=start_of(self.first, self.tenant.zone))
        if self.last is not None:
            rows = rows.filter(issued_at__lt=end_of(self.last, self.tenant.zone))
        return rows


def believed(extent: Extent) -> Iterator[list[Ours]]:
    """Every invoice of the extent that has a sealed document, by the chunk."""
    rows = extent.invoices().filter(updated_at__lt=extent.as_of).only(*READ).order_by("pk")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield [ours for ours in _records(chunk) if ours.documents]
        last = chunk[-1].pk


def believed_under(extent: Extent, numbers: Sequence[str]) -> tuple[dict[str, Ours], set[str]]:
    """What the tenant has under these numbers, whatever the days and the unit; and the numbers that
    moved since the comparison began.
    """
    rows = Invoice.objects.for_tenant(extent.tenant).filter(
        phase=Phase.PHASE_2, invoice_number__in=numbers
    )
    found = list(rows.only(*READ))
    moving = {row.invoice_number for row in found if row.updated_at >= extent.as_of}
    return {ours.number: ours for ours in _records(found)}, moving


def count(tally: Tally, ours: Ours) -> None:
    """Add every document of an invoice to our side of the figures."""
    for item in ours.documents:
        tally.add(
            item.word,
            ours.type_code,
            ours.simplified,
            ours.currency,
            total=item.total,
            vat=item.vat,
        )


def amounts(invoice: Invoice) -> tuple[Decimal, Decimal]:
    """Total with VAT, and the VAT."""
    return invoice.total_amount, invoice.tax_amount


def _records(invoices: Sequence[Invoice]) -> list[Ours]:
    documents: dict[int, list[Document]] = {}
    by_id = {invoice.pk: invoice for invoice in invoices}
    sealed = Revision.objects.filter(invoice__in=by_id, icv__isnull=False)
    for revision in sealed.only(*READ_REVISION).order_by("invoice_id", "-number"):
        invoice = by_id[revision.invoice_id]
        documents.setdefault(invoice.pk, []).append(_document(invoice, revision))
    return [
        Ours(
            invoice_id=invoice.pk,
            number=invoice.invoice_number,
            type_code=invoice.document_type,
            simplified=invoice.is_simplified,
            currency=invoice.currency,
            current=invoice.revision,
            documents=tuple(documents.get(invoice.pk, ())),
        )
        for invoice in invoices
    ]


def _document(invoice: Invoice, revision: Revision) -> Document:
    total, vat = amounts(invoice)
    if revision.number != invoice.revision:
        # The invoice has the amounts of its newest content; rejected documents are few.
        assert revision.xml is not None
        total, vat = stated_amounts(bytes(revision.xml))
    return Document(
        revision=revision.number,
        uuid=str(revision.uuid),
        hash=revision.hash or "",
        word=_word(invoice, revision),
        total=total,
        vat=vat,
    )


def _word(invoice: Invoice, revision: Revision) -> Word:
    if revision.outcome == InvoiceStatus.REJECTED:
        return Word.REJECTED
    if revision.number != invoice.revision or invoice.status != InvoiceStatus.CLEARED:
        return Word.UNKNOWN
    return Word.REPORTED if invoice.zatca_status in REPORTED else Word.CLEARED
