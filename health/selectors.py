"""Reads that span models."""

from decimal import Decimal

from django.db.models import OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from config.money import MoneyField, amount
from config.tenancy.models import Tenant
from health import errors
from health.models import (
    Account,
    AccountMapping,
    Allocation,
    CreditNote,
    History,
    Mode,
    Payment,
    PaymentState,
    Refund,
    Source,
    TestInvoice,
    TestOrder,
    Voucher,
)
from health.models.tenanted import Tenanted


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


def history_of(row: Tenanted) -> QuerySet[History]:
    """What was done to anything of a tenant, first things first."""
    is_bill = isinstance(row, TestInvoice)
    kind = Source.TEST_INVOICE if is_bill else (row._meta.model_name or "").upper()
    return History.objects.filter(tenant=row.tenant_id, kind=kind, object_id=row.pk)


def accounts_by_part(tenant: Tenant) -> dict[str, Account]:
    """The accounts that play the parts that are given already."""
    given = AccountMapping.objects.filter(tenant=tenant).select_related("account")
    return {mapping.system_code: mapping.account for mapping in given}


def payments_of(invoice: TestInvoice) -> QuerySet[Payment]:
    """What was offered for the invoice and what pays it, an advance of another bill's receipt too.

    `applied_amount` of each is how much of it pays the invoice now.
    """
    pays = (
        Allocation.objects.filter(payment=OuterRef("pk"), invoice=invoice)
        .order_by()
        .values("payment")
        .annotate(total=Sum("amount"))
    )
    # What was taken back stands there below zero: the sum is what is left.
    applied = Coalesce(Subquery(pays.values("total")), amount(0), output_field=MoneyField())
    of_tenant = Payment.objects.filter(tenant=invoice.tenant_id)
    told = of_tenant.filter(Q(invoice=invoice) | Q(pk__in=invoice.allocations.values("payment")))
    rows = told.annotate(applied_amount=applied).select_related("voucher")
    return rows.filter(Q(invoice=invoice) | Q(applied_amount__gt=amount(0))).order_by("id")


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


def get_credit_note(tenant: Tenant, pk: int) -> CreditNote:
    """The tenant's credit note with its invoice. Raises CreditNoteNotFound."""
    found = CreditNote.objects.filter(tenant=tenant, pk=pk).select_related("invoice__tenant")
    note = found.first()
    if note is None:
        raise errors.CreditNoteNotFound
    return note
