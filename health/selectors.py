"""Reads that span models."""

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from config.db.log_chain import Link, first_break
from config.tenancy.models import Tenant
from health import errors
from health.ledger import content_of
from health.models import (
    Allocation,
    CreditNote,
    History,
    LedgerHead,
    Mode,
    Payment,
    PaymentState,
    Refund,
    Source,
    TestInvoice,
    TestOrder,
    Voucher,
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
    found = with_orders(rows).select_related("tenant", "voucher", "reversal_voucher").first()
    if found is None:
        raise errors.InvoiceNotFound
    return found


def document_of(voucher: Voucher) -> tuple[str, int]:
    """The document behind a voucher that has a page: ("testinvoice" or "payment", its id)."""
    source, pk = voucher.reference_type, voucher.reference_id
    if source == Source.CREDIT_NOTE:
        return "testinvoice", CreditNote.objects.values_list("invoice_id", flat=True).get(pk=pk)
    if source == Source.ALLOCATION:
        return "payment", Allocation.objects.values_list("payment_id", flat=True).get(pk=pk)
    if source == Source.REFUND:
        return "payment", Refund.objects.values_list("payment_id", flat=True).get(pk=pk)
    return ("testinvoice" if source == Source.TEST_INVOICE else "payment"), pk


def with_orders(invoices: QuerySet[TestInvoice]) -> QuerySet[TestInvoice]:
    """The invoices with number and state of their test orders, where those are written down."""
    orders = TestOrder.objects.filter(
        tenant=OuterRef("tenant"), reference=OuterRef("test_order_id")
    )
    return invoices.annotate(
        order_number=Subquery(orders.values("number")[:1]),
        order_status=Subquery(orders.values("status")[:1]),
    )


def history_of(invoice: TestInvoice) -> QuerySet[History]:
    """The invoice's history, first things first."""
    return History.objects.filter(
        tenant=invoice.tenant, kind=Source.TEST_INVOICE, object_id=invoice.pk
    )


def cash_of_day(payment: Payment) -> Decimal:
    """What the payer of a cash payment has paid in cash that day; nought for other modes.

    One payer is one patient id, or one name and phone.
    """
    if payment.mode != Mode.CASH:
        return Decimal("0.00")
    cash = Payment.objects.filter(
        tenant=payment.tenant, date=payment.date, mode=Mode.CASH, status=PaymentState.POSTED
    )
    if payment.patient_id is not None:
        cash = cash.filter(patient_id=payment.patient_id)
    else:
        cash = cash.filter(party_name=payment.party_name, party_phone=payment.party_phone)
    return Decimal(cash.aggregate(total=Sum("amount", default=0))["total"])


def get_payment(tenant: Tenant, pk: int) -> Payment:
    """The tenant's payment. Raises PaymentNotFound, for another tenant's too."""
    found = Payment.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise errors.PaymentNotFound
    return found
