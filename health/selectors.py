"""Reads that span models."""

from collections.abc import Iterator

from django.db.models import F, QuerySet, Sum

from config.db.log_chain import Link, first_break
from config.tenancy.models import Tenant
from health import errors
from health.ledger import content_of
from health.models import (
    CreditNote,
    History,
    LedgerHead,
    Payment,
    Source,
    TestInvoice,
    VoucherLine,
    VoucherSeal,
)


def broken_rules(tenant_id: int) -> Iterator[str]:
    """What does not hold in a tenant's books, in words; nothing where all of it does."""
    if broken := first_break(_links(tenant_id)):
        yield f"chain of vouchers: {broken}"
    head = LedgerHead.objects.filter(tenant_id=tenant_id).first()
    sealed = VoucherSeal.objects.filter(tenant_id=tenant_id).count()
    if sealed != (head.sequence if head else 0):
        yield f"chain of vouchers: {sealed} seals, and its end says otherwise"
    sides = VoucherLine.objects.filter(voucher__tenant_id=tenant_id).aggregate(
        debit=Sum("debit"), credit=Sum("credit")
    )
    if sides["debit"] != sides["credit"]:
        yield f"trial balance: debit {sides['debit']}, credit {sides['credit']}"
    invoices = TestInvoice.objects.filter(tenant_id=tenant_id)
    for number in (
        invoices.annotate(allocated=Sum("allocations__amount", default=0))
        .exclude(allocated=F("paid_amount"))
        .values_list("invoice_number", flat=True)
    ):
        yield f"{number}: what is paid differs from its allocations"


def _links(tenant_id: int) -> Iterator[Link]:
    seals = (
        VoucherSeal.objects.filter(tenant_id=tenant_id)
        .select_related("voucher")
        .prefetch_related("voucher__lines")
        .order_by("sequence")
    )
    for seal in seals.iterator(chunk_size=500):
        lines = sorted(seal.voucher.lines.all(), key=lambda line: line.line_no)
        content = content_of(seal.voucher, lines)
        yield Link(content, seal.sequence, seal.previous_hash, seal.entry_hash)


def get_invoice(tenant: Tenant, pk: int) -> TestInvoice:
    """The tenant's invoice with its vouchers. Raises InvoiceNotFound, for another tenant's too."""
    rows = TestInvoice.objects.filter(tenant=tenant, pk=pk, is_deleted=False)
    found = rows.select_related("tenant", "voucher", "reversal_voucher").first()
    if found is None:
        raise errors.InvoiceNotFound
    return found


def history_of(invoice: TestInvoice) -> QuerySet[History]:
    """The invoice's history, first things first."""
    return History.objects.filter(
        tenant=invoice.tenant, kind=Source.TEST_INVOICE, object_id=invoice.pk
    )


def get_payment(tenant: Tenant, pk: int) -> Payment:
    """The tenant's payment. Raises PaymentNotFound, for another tenant's too."""
    found = Payment.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise errors.PaymentNotFound
    return found


def get_credit_note(tenant: Tenant, pk: int) -> CreditNote:
    """The tenant's credit note with its invoice. Raises CreditNoteNotFound."""
    found = CreditNote.objects.filter(tenant=tenant, pk=pk).select_related("invoice__tenant")
    note = found.first()
    if note is None:
        raise errors.CreditNoteNotFound
    return note
