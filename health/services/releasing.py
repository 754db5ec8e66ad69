"""An allocation given up: what had paid an invoice is the patient's advance again (health.md 3.5).

So money leaves an invoice that a credit note has made overpaid, and one that is to be cancelled.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from config.money import minus
from config.tenancy.models import Tenant
from health import ledger
from health.errors import DateTooEarly, OverAllocation
from health.ledger import ZERO, Books, Entry, Reference
from health.models import (
    Allocation,
    Mode,
    Payment,
    PaymentState,
    Refund,
    Source,
    TestInvoice,
)
from health.services.payments import (
    _in_state,
    _pay,
    _payment,
    _positive,
    _posted_invoice,
    _record,
    refund,
)


@transaction.atomic
def release(
    *,
    tenant: Tenant,
    payment_id: int,
    invoice_id: int,
    day: date,
    actor: str,
    amount: Decimal | None = None,
) -> Payment:
    """Take what the payment pays of the invoice, or `amount` of it, back into its advance:
    Dr ACCOUNTS_RECEIVABLE, Cr PATIENT_ADVANCE. Commits once.

    Raises PaymentNotFound, InvoiceNotFound, IllegalTransition, OverAllocation, AmountNotPositive,
    DateTooEarly, PeriodLocked.
    """
    if amount is not None:
        _positive(amount)
    books = ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    _in_state(payment, PaymentState.POSTED)
    DateTooEarly.unless(day >= payment.date)
    invoice = _posted_invoice(tenant, invoice_id)
    rows = _live(payment.allocations.filter(invoice=invoice))
    pays = list(rows.order_by("-id"))
    wanted = amount if amount is not None else sum((row.amount for row in pays), ZERO)
    if not pays or wanted > sum((row.amount for row in pays), ZERO):
        raise OverAllocation(
            f"{payment.number} does not pay so much of {invoice.invoice_number}.", param="amount"
        )
    for allocation in pays:
        if part := min(wanted, allocation.amount):
            _give_up(books, allocation, part, day, actor)
            wanted -= part
    return _payment(tenant, payment_id)


def release_all(books: Books, invoice: TestInvoice, day: date, actor: str) -> None:
    """Give up everything that pays the invoice; joins the transaction that holds `books`."""
    for allocation in _live(invoice.allocations.all()):
        _give_up(books, allocation, allocation.amount, day, actor)


@transaction.atomic
def refund_overpaid(
    *,
    tenant: Tenant,
    payment_id: int,
    invoice_id: int,
    amount: Decimal,
    mode: Mode,
    day: date,
    reason: str,
    actor: str,
) -> Refund:
    """Give back what an invoice is overpaid by, as after a credit note: released, then refunded.

    Commits once. Raises what `release` and `refund` raise, and OverAllocation for more than that.
    """
    ledger.open_books(tenant.pk)
    invoice = _posted_invoice(tenant, invoice_id)
    if amount > -invoice.balance_amount:
        raise OverAllocation(
            f"{invoice.invoice_number} is overpaid by {max(-invoice.balance_amount, ZERO)}.",
            param="amount",
        )
    release(
        tenant=tenant,
        payment_id=payment_id,
        invoice_id=invoice_id,
        day=day,
        actor=actor,
        amount=amount,
    )
    return refund(
        tenant=tenant,
        payment_id=payment_id,
        amount=amount,
        mode=mode,
        day=day,
        reason=reason,
        actor=actor,
    )


def _give_up(books: Books, allocation: Allocation, amount: Decimal, day: date, actor: str) -> None:
    """Rows first: the allocation is taken back whole, and what stays of it is a new one."""
    payment, invoice = allocation.payment, allocation.invoice
    row = _row(allocation, -allocation.amount, actor, takes_back=allocation)
    if rest := allocation.amount - amount:
        _row(allocation, rest, actor)
    paid = TestInvoice.objects.filter(pk=invoice.pk, paid_amount__gte=amount)
    if not _pay(paid, invoice, -amount):
        raise OverAllocation(param="amount")
    Payment.objects.filter(pk=payment.pk).update(allocated_amount=minus("allocated_amount", amount))
    entries = [
        Entry("ACCOUNTS_RECEIVABLE", amount, ZERO, invoice.patient_name, invoice.patient_id),
        Entry("PATIENT_ADVANCE", ZERO, amount, payment.party_name, payment.patient_id),
    ]
    about = Reference(Source.ALLOCATION, row.pk, payment.number)
    _record(books, "JOURNAL", day, entries, about, actor)


def _row(
    allocation: Allocation, amount: Decimal, actor: str, takes_back: Allocation | None = None
) -> Allocation:
    return Allocation.objects.create(
        tenant_id=allocation.tenant_id,
        payment_id=allocation.payment_id,
        invoice_id=allocation.invoice_id,
        amount=amount,
        takes_back=takes_back,
        created_at=timezone.now(),
        created_by=actor,
    )


def _live(rows: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """Those that nobody has taken back."""
    live = rows.filter(amount__gt=0, taken_back_by__isnull=True)
    return live.select_related("payment", "invoice")
