"""An allocation given up: what had paid an invoice is the patient's advance again (health.md 3.5).

So money leaves an invoice that a credit note has made overpaid, and one that is to be cancelled.
"""

from datetime import date
from decimal import Decimal

from django.db import transaction

from config.tenancy.models import Tenant
from health import ledger
from health.errors import DateTooEarly, OverAllocation
from health.ledger import ZERO, Books
from health.models import Mode, Payment, Refund, TestInvoice
from health.services.allocating import free, live
from health.services.days import require_day
from health.services.history import Who
from health.services.movements import settled_on
from health.services.payments import _open, _payment, _positive, _posted_invoice, refund


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
    DateOutOfRange, DateTooEarly, PeriodLocked.
    """
    if amount is not None:
        _positive(amount)
    books, payment = _open(tenant, payment_id, day)
    invoice = _posted_invoice(tenant, invoice_id)
    rows = live(payment.allocations.filter(invoice=invoice))
    pays = list(rows.order_by("-id"))
    wanted = amount if amount is not None else sum((row.amount for row in pays), ZERO)
    if not pays or wanted > sum((row.amount for row in pays), ZERO):
        raise OverAllocation(
            f"{payment.number} does not pay so much of {invoice.invoice_number}.", param="amount"
        )
    for allocation in pays:
        if part := min(wanted, allocation.amount):
            free(books, allocation, part, day, Who(actor))
            wanted -= part
    return _payment(tenant, payment_id)


def release_all(books: Books, invoice: TestInvoice, day: date, who: Who) -> None:
    """Give up everything that pays the invoice; joins the transaction that holds `books`."""
    for allocation in live(invoice.allocations.all()):
        free(books, allocation, allocation.amount, day, who)


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

    Not before the day since when it is overpaid. Commits once. Raises what `release` and `refund`
    raise, and OverAllocation for more than that.
    """
    require_day(tenant, day)
    ledger.open_books(tenant.pk)
    invoice = _posted_invoice(tenant, invoice_id)
    if amount > -invoice.balance_amount:
        raise OverAllocation(
            f"{invoice.invoice_number} is overpaid by {max(-invoice.balance_amount, ZERO)}.",
            param="amount",
        )
    DateTooEarly.unless(day >= settled_on(invoice))
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
