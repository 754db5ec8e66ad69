"""Money received, and which invoice it pays (health.md 3.5).

Each function is one transaction, and remembers in the history what moved. It locks the tenant's
books first, so competing payments stand in one line; the guard on the invoice is a conditional
UPDATE all the same. Money is dated from 2000 to the tenant's today.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from config.tenancy.models import Tenant
from health import ledger, selectors
from health.errors import (
    AmountNotPositive,
    BackdatedTooFar,
    DateTooEarly,
    DuplicateGatewayId,
    IllegalTransition,
    InvoiceNotFound,
    OverAllocation,
    PaymentNotFound,
)
from health.findings import Finding
from health.ledger import ZERO, Books, Entry, Reference
from health.models import (
    Allocation,
    Mode,
    OverpayPolicy,
    Payment,
    PaymentState,
    Refund,
    Source,
    Status,
    TestInvoice,
    Voucher,
)
from health.numbering import number_of_day
from health.services.allocating import (
    advance,
    free,
    give_up,
    live,
    overpay_policy,
    pay,
    receivable,
    record,
    spend,
)
from health.services.checking import told
from health.services.days import require_day, today
from health.services.history import Who, note_of
from health.services.movements import payable_from, received_on, settled_on, spendable_from

ASSETS = {
    Mode.CASH: "CASH",
    Mode.CHEQUE: "BANK",
    Mode.BANK: "BANK",
    Mode.NEFT: "BANK",
    Mode.RTGS: "BANK",
    Mode.IMPS: "BANK",
    Mode.UPI: "UPI_CLEARING",
    Mode.ONLINE: "UPI_CLEARING",
    Mode.WALLET: "UPI_CLEARING",
    Mode.CARD: "CARD_CLEARING",
}
# A gateway says later whether these arrived; until then the books know nothing of them.
PENDING_MODES = {Mode.UPI, Mode.ONLINE, Mode.WALLET, Mode.CARD}
# Section 269ST of the Income-tax Act: from one person, in one day.
CASH_LIMIT = Decimal(200_000)


@transaction.atomic
def receive(
    *,
    tenant: Tenant,
    invoice_id: int,
    amount: Decimal,
    mode: Mode,
    day: date,
    actor: str,
    reference: str = "",
    gateway_id: str | None = None,
) -> Payment:
    """Take money for a posted invoice; what is too much follows the tenant's policy.

    Cash and bank post at once, gateway modes wait for `confirm`. Money that came before the bill is
    an advance until the bill's day, and is told so among the payment's `warnings`.
    Raises InvoiceNotFound, IllegalTransition, OverAllocation, AmountNotPositive, DateOutOfRange,
    DuplicateGatewayId, PeriodLocked.
    """
    _positive(amount)
    require_day(tenant, day)
    books = ledger.open_books(tenant.pk)
    invoice = _posted_invoice(tenant, invoice_id)
    if gateway_id and Payment.objects.filter(tenant=tenant, gateway_id=gateway_id).exists():
        raise DuplicateGatewayId(param="gateway_id")
    if amount > invoice.balance_amount and overpay_policy(tenant.pk) == OverpayPolicy.REJECT:
        raise OverAllocation(param="amount")
    who = Who(actor)
    payment = Payment.objects.create(
        tenant=tenant,
        number=number_of_day(tenant.pk, "RCPT", day),
        date=day,
        mode=mode,
        amount=amount,
        reference=reference,
        gateway_id=gateway_id,
        status=PaymentState.PENDING,
        invoice=invoice,
        patient_id=invoice.patient_id,
        party_name=invoice.patient_name,
        party_phone=invoice.patient_phone,
        created_at=timezone.now(),
        created_by=actor,
    )
    note_of(payment, Source.PAYMENT, "received", who, None, {"amount": amount, "mode": mode})
    if mode not in PENDING_MODES:
        _settle(books, payment, invoice, day, who)
    # Asked before the commit: a read after it could fail, and deny what was done.
    payment.warnings = list(_doubts(payment, invoice))
    return payment


@transaction.atomic
def confirm(*, tenant: Tenant, payment_id: int, actor: str) -> Payment:
    """The gateway has the money: write the receipt. A second time changes nothing.

    It is dated the day the money was offered, or today where the books of that day are closed or
    lie further back than the laboratory allows: the money is there.
    Raises PaymentNotFound, IllegalTransition, PeriodLocked.
    """
    books = ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    if payment.status == PaymentState.POSTED:
        return payment
    _in_state(payment, PaymentState.PENDING)
    # Cancelled or paid meanwhile: the money is there all the same, as an advance.
    invoice = payment.invoice
    if invoice is not None and invoice.status != Status.POSTED:
        invoice = None
    day = payment.date if _is_open(tenant, payment.date) else today(tenant)
    _settle(books, payment, invoice, day, Who(actor))
    return payment


@transaction.atomic
def fail(*, tenant: Tenant, payment_id: int, reason: str, actor: str) -> Payment:
    """The gateway never got the money. Raises PaymentNotFound, IllegalTransition."""
    ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    _in_state(payment, PaymentState.PENDING)
    payment.reason = reason
    _move(payment, PaymentState.FAILED, "failed", Who(actor, reason))
    return payment


@transaction.atomic
def allocate(
    *, tenant: Tenant, payment_id: int, invoice_id: int, amount: Decimal, day: date, actor: str
) -> Allocation:
    """Pay an invoice out of a payment's advance: Dr PATIENT_ADVANCE, Cr ACCOUNTS_RECEIVABLE.

    Raises PaymentNotFound, InvoiceNotFound, IllegalTransition, OverAllocation, DateOutOfRange,
    DateTooEarly, PeriodLocked.
    """
    _positive(amount)
    books, payment = _open(tenant, payment_id, day)
    invoice = _posted_invoice(tenant, invoice_id)
    DateTooEarly.unless(day >= max(spendable_from(payment), payable_from(invoice)))
    return _allocate(books, payment, invoice, amount, day, Who(actor))


@transaction.atomic
def refund(
    *,
    tenant: Tenant,
    payment_id: int,
    amount: Decimal,
    mode: Mode,
    day: date,
    reason: str,
    actor: str,
) -> Refund:
    """Give money back out of a payment's advance, and of what it paid too much.

    An invoice is overpaid once it was credited after it was paid; that part becomes an advance
    first. Raises PaymentNotFound, IllegalTransition, OverAllocation, DateOutOfRange, DateTooEarly,
    PeriodLocked.
    """
    _positive(amount)
    books, payment = _open(tenant, payment_id, day)
    who = Who(actor, reason)
    if amount > payment.advance_amount:
        _free_overpaid(books, payment, amount - payment.advance_amount, day, who)
        payment = _payment(tenant, payment_id)
    if amount > payment.advance_amount:
        raise OverAllocation(param="amount")
    DateTooEarly.unless(day >= spendable_from(payment))
    refunded = Refund.objects.create(
        tenant=tenant,
        payment=payment,
        date=day,
        mode=mode,
        amount=amount,
        reason=reason,
        created_at=timezone.now(),
        created_by=actor,
    )
    spend(payment, "refunded_amount", amount, "refunded", who)
    entries = [advance(payment, debit=amount), Entry(ASSETS[mode], credit=amount)]
    about = Reference(Source.REFUND, refunded.pk, payment.number)
    record(books, "PAYMENT", day, entries, about, who)
    return refunded


@transaction.atomic
def reverse(*, tenant: Tenant, payment_id: int, day: date, reason: str, actor: str) -> Payment:
    """Undo a payment that bounced: its vouchers reversed, its allocations taken back.

    Raises PaymentNotFound, DateOutOfRange, DateTooEarly, PeriodLocked, and IllegalTransition where
    money was given back.
    """
    books, payment = _open(tenant, payment_id, day)
    if payment.refunded_amount:
        raise IllegalTransition("A payment that was partly refunded cannot be reversed.")
    who = Who(actor, reason)
    for allocation in live(payment.allocations.all()):
        give_up(allocation, allocation.amount, who)
    about = Voucher.objects.filter(tenant=tenant, reverses__isnull=True)
    # Those of a spent and of a released advance; a receipt has written the rest.
    journals = about.filter(
        reference_type=Source.ALLOCATION, reference_id__in=payment.allocations.values("pk")
    )
    receipts = about.filter(reference_type=Source.PAYMENT, reference_id=payment.pk)
    for voucher in (*journals, *receipts):
        ledger.reverse(books, voucher, day=day, narration=reason, actor=actor, now=timezone.now())
    payment = _payment(tenant, payment_id)
    payment.reason = reason
    _move(payment, PaymentState.REVERSED, "reversed", who)
    return payment


def _doubts(payment: Payment, invoice: TestInvoice) -> Iterator[dict[str, str]]:
    if payment.date < invoice.local_date:
        message = "It came before the bill: until the bill's day it is an advance of the patient."
        yield {"code": "BEFORE_BILL", "field": "date", "message": message}
    if selectors.cash_of_day(payment) >= CASH_LIMIT:
        message = "Cash of two lakh or more from one person in a day is not lawful (s.269ST)."
        yield told(Finding("amount", "CASH_LIMIT", message))


def _is_open(tenant: Tenant, day: date) -> bool:
    """Whether money may still be dated `day`."""
    try:
        require_day(tenant, day)
    except BackdatedTooFar:
        return False
    return ledger.locked_upto(tenant.pk, day, Source.PAYMENT) is None


def _settle(
    books: Books, payment: Payment, invoice: TestInvoice | None, day: date, who: Who
) -> None:
    """Write the receipt, and let the payment pay the invoice: at once, or where the money came
    before that could be owed, out of the advance on the first day that it is.
    """
    pays, at_once, later = _pays(payment, invoice), ZERO, day
    if invoice is not None and pays:
        later = max(day, payable_from(invoice))
        at_once = pays if later == day else ZERO
    entries = [
        Entry(ASSETS[Mode(payment.mode)], debit=payment.amount),
        advance(payment, credit=payment.amount - at_once),
    ]
    if invoice is not None:
        entries.insert(1, receivable(invoice, credit=at_once))
    about = Reference(Source.PAYMENT, payment.pk, payment.number)
    payment.voucher = record(books, "RECEIPT", day, entries, about, who)
    _move(payment, PaymentState.POSTED, "confirmed", who)
    if invoice is not None and at_once:
        pay(payment, invoice, at_once, who)
    elif invoice is not None and pays:
        _allocate(books, payment, invoice, pays, later, who)


def _allocate(
    books: Books, payment: Payment, invoice: TestInvoice, amount: Decimal, day: date, who: Who
) -> Allocation:
    allocation = pay(payment, invoice, amount, who)
    entries = [advance(payment, debit=amount), receivable(invoice, credit=amount)]
    about = Reference(Source.ALLOCATION, allocation.pk, payment.number)
    record(books, "JOURNAL", day, entries, about, who)
    return allocation


def _pays(payment: Payment, invoice: TestInvoice | None) -> Decimal:
    """How much of a payment goes to the invoice that it was offered for."""
    if invoice is None:
        return ZERO
    # A bill of nothing has no place in the books where too much could be owed back.
    if overpay_policy(payment.tenant_id) == OverpayPolicy.ALLOW and invoice.voucher_id is not None:
        return payment.amount
    return min(payment.amount, max(invoice.balance_amount, ZERO))


def _free_overpaid(books: Books, payment: Payment, wanted: Decimal, day: date, who: Who) -> None:
    """Free what invoices hold of it beyond their due, as far as it is wanted, and not before it was
    beyond their due.
    """
    for allocation in live(payment.allocations.all()):
        # One invoice may hold several of them: each looks at what the one before has left.
        allocation.invoice.refresh_from_db(fields=["balance_amount"])
        over = min(-allocation.invoice.balance_amount, allocation.amount, wanted)
        if over > 0:
            DateTooEarly.unless(day >= settled_on(allocation.invoice))
            free(books, allocation, over, day, who)
            wanted -= over


def _move(payment: Payment, target: PaymentState, action: str, who: Who) -> None:
    before, payment.status = payment.status, target
    payment.save(update_fields=["status", "voucher", "reason"])
    note_of(payment, Source.PAYMENT, action, who, {"status": before}, {"status": target})


def _open(tenant: Tenant, payment_id: int, day: date) -> tuple[Books, Payment]:
    """The books, and a payment that is in them, to be moved on `day`."""
    require_day(tenant, day)
    books = ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    _in_state(payment, PaymentState.POSTED)
    DateTooEarly.unless(day >= received_on(payment))
    return books, payment


def _positive(amount: Decimal) -> None:
    if amount <= 0 or amount != round(amount, 2):
        raise AmountNotPositive(param="amount")


def _posted_invoice(tenant: Tenant, invoice_id: int) -> TestInvoice:
    invoice = TestInvoice.objects.filter(tenant=tenant, pk=invoice_id, is_deleted=False).first()
    if invoice is None:
        raise InvoiceNotFound
    if invoice.status != Status.POSTED:
        raise IllegalTransition(f"The invoice is {invoice.status}; only a posted one takes money.")
    return invoice


def _payment(tenant: Tenant, payment_id: int) -> Payment:
    # With all that the answer tells: a read after the commit could fail, and deny what was done.
    rows = Payment.objects.filter(tenant=tenant, pk=payment_id)
    payment = rows.select_related("tenant", "voucher", "invoice").first()
    if payment is None:
        raise PaymentNotFound
    return payment


def _in_state(payment: Payment, state: PaymentState) -> None:
    if payment.status != state:
        raise IllegalTransition(f"The payment is {payment.status}.")
