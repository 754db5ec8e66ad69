"""Money received, and which invoice it pays (health.md 3.5).

Each function is one transaction. It locks the tenant's books first, so competing payments stand in
one line; the guard on the invoice is a conditional UPDATE all the same.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from config.money import minus, plus
from config.tenancy.models import Tenant
from health import ledger, selectors
from health.errors import (
    AmountNotPositive,
    DateTooEarly,
    DuplicateGatewayId,
    IllegalTransition,
    InvoiceNotFound,
    OverAllocation,
    PaymentNotFound,
)
from health.ledger import ZERO, Books, Entry, Reference
from health.models import (
    Allocation,
    LabSettings,
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

    Cash and bank post at once, gateway modes wait for `confirm`. Raises InvoiceNotFound,
    IllegalTransition, OverAllocation, AmountNotPositive, DuplicateGatewayId, PeriodLocked.
    """
    _positive(amount)
    books = ledger.open_books(tenant.pk)
    invoice = _posted_invoice(tenant, invoice_id)
    if gateway_id and Payment.objects.filter(tenant=tenant, gateway_id=gateway_id).exists():
        raise DuplicateGatewayId(param="gateway_id")
    if amount > invoice.balance_amount and _policy(tenant) == OverpayPolicy.REJECT:
        raise OverAllocation(param="amount")
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
    if mode not in PENDING_MODES:
        _settle(books, payment, invoice, day, actor)
    # Asked before the commit: a read after it could fail, and deny what was done.
    payment.warnings = list(_doubts(payment))
    return payment


@transaction.atomic
def confirm(*, tenant: Tenant, payment_id: int, actor: str) -> Payment:
    """The gateway has the money: write the receipt. A second time changes nothing.

    It is dated the day the money was offered, or today where the books of that day are closed.
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
    day = payment.date
    if ledger.locked_upto(tenant.pk, day, Source.PAYMENT):
        day = timezone.now().astimezone(tenant.zone).date()
    _settle(books, payment, invoice, day, actor)
    return payment


@transaction.atomic
def fail(*, tenant: Tenant, payment_id: int, reason: str) -> Payment:
    """The gateway never got the money. Raises PaymentNotFound, IllegalTransition."""
    ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    _in_state(payment, PaymentState.PENDING)
    payment.status, payment.reason = PaymentState.FAILED, reason
    payment.save(update_fields=["status", "reason"])
    return payment


@transaction.atomic
def allocate(
    *, tenant: Tenant, payment_id: int, invoice_id: int, amount: Decimal, day: date, actor: str
) -> Allocation:
    """Pay an invoice out of a payment's advance: Dr PATIENT_ADVANCE, Cr ACCOUNTS_RECEIVABLE.

    Raises PaymentNotFound, InvoiceNotFound, IllegalTransition, OverAllocation, DateTooEarly,
    PeriodLocked.
    """
    _positive(amount)
    books = ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    _in_state(payment, PaymentState.POSTED)
    DateTooEarly.unless(day >= payment.date)
    invoice = _posted_invoice(tenant, invoice_id)
    _spend(payment, "allocated_amount", amount)
    allocation = _allocated(payment, invoice, amount, actor)
    entries = [
        Entry("PATIENT_ADVANCE", amount, ZERO, payment.party_name, payment.patient_id),
        Entry("ACCOUNTS_RECEIVABLE", ZERO, amount, invoice.patient_name, invoice.patient_id),
    ]
    about = Reference(Source.ALLOCATION, allocation.pk, payment.number)
    _record(books, "JOURNAL", day, entries, about, actor)
    return allocation


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
    first. Raises PaymentNotFound, IllegalTransition, OverAllocation, DateTooEarly, PeriodLocked.
    """
    _positive(amount)
    books = ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    _in_state(payment, PaymentState.POSTED)
    DateTooEarly.unless(day >= payment.date)
    if amount > payment.amount - payment.allocated_amount - payment.refunded_amount:
        _free_overpaid(books, payment, day, actor)
    _spend(payment, "refunded_amount", amount)
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
    entries = [
        Entry("PATIENT_ADVANCE", amount, ZERO, payment.party_name, payment.patient_id),
        Entry(ASSETS[mode], ZERO, amount),
    ]
    about = Reference(Source.REFUND, refunded.pk, payment.number)
    _record(books, "PAYMENT", day, entries, about, actor)
    return refunded


@transaction.atomic
def reverse(*, tenant: Tenant, payment_id: int, day: date, reason: str, actor: str) -> Payment:
    """Undo a payment that bounced: its vouchers reversed, its allocations taken back.

    Raises PaymentNotFound, DateTooEarly, PeriodLocked, and IllegalTransition where money was
    given back.
    """
    books = ledger.open_books(tenant.pk)
    payment = _payment(tenant, payment_id)
    _in_state(payment, PaymentState.POSTED)
    DateTooEarly.unless(day >= payment.date)
    if payment.refunded_amount:
        raise IllegalTransition("A payment that was partly refunded cannot be reversed.")
    for allocation in _live(payment):
        _take_back(allocation, actor)
    about = Voucher.objects.filter(tenant=tenant, reverses__isnull=True)
    # Those of a spent and of a released advance; a receipt has written the rest.
    journals = about.filter(
        reference_type=Source.ALLOCATION, reference_id__in=payment.allocations.values("pk")
    )
    receipts = about.filter(reference_type=Source.PAYMENT, reference_id=payment.pk)
    for voucher in (*journals, *receipts):
        ledger.reverse(books, voucher, day=day, narration=reason, actor=actor, now=timezone.now())
    payment.status, payment.reason, payment.allocated_amount = PaymentState.REVERSED, reason, ZERO
    payment.save(update_fields=["status", "reason", "allocated_amount"])
    return payment


def _doubts(payment: Payment) -> Iterator[dict[str, str]]:
    if selectors.cash_of_day(payment) >= CASH_LIMIT:
        message = "Cash of two lakh or more from one person in a day is not lawful (s.269ST)."
        yield {"code": "CASH_LIMIT", "field": "amount", "message": message}


def _settle(
    books: Books, payment: Payment, invoice: TestInvoice | None, day: date, actor: str
) -> None:
    pays = ZERO
    if invoice is not None:
        pays = min(payment.amount, max(invoice.balance_amount, ZERO))
        if _policy(payment.tenant) == OverpayPolicy.ALLOW:
            pays = payment.amount
    party, patient = payment.party_name, payment.patient_id
    entries = [
        Entry(ASSETS[Mode(payment.mode)], debit=payment.amount),
        Entry("ACCOUNTS_RECEIVABLE", ZERO, pays, party, patient),
        Entry("PATIENT_ADVANCE", ZERO, payment.amount - pays, party, patient),
    ]
    about = Reference(Source.PAYMENT, payment.pk, payment.number)
    payment.voucher = _record(books, "RECEIPT", day, entries, about, actor)
    payment.status, payment.allocated_amount = PaymentState.POSTED, pays
    payment.save(update_fields=["voucher", "status", "allocated_amount"])
    if invoice is not None and pays:
        _allocated(payment, invoice, pays, actor)


def _free_overpaid(books: Books, payment: Payment, day: date, actor: str) -> None:
    """Dr ACCOUNTS_RECEIVABLE, Cr PATIENT_ADVANCE over what invoices hold of it beyond their due."""
    for allocation in _live(payment):
        invoice = allocation.invoice
        over = min(-invoice.balance_amount, allocation.amount)
        if over <= 0:
            continue
        taken_back = _take_back(allocation, actor)
        if over < allocation.amount:
            _allocated(payment, invoice, allocation.amount - over, actor)
        Payment.objects.filter(pk=payment.pk).update(
            allocated_amount=minus("allocated_amount", over)
        )
        entries = [
            Entry("ACCOUNTS_RECEIVABLE", over, ZERO, invoice.patient_name, invoice.patient_id),
            Entry("PATIENT_ADVANCE", ZERO, over, payment.party_name, payment.patient_id),
        ]
        about = Reference(Source.ALLOCATION, taken_back.pk, payment.number)
        _record(books, "JOURNAL", day, entries, about, actor)


def _live(payment: Payment) -> list[Allocation]:
    """What of it still pays for something."""
    rows = payment.allocations.filter(amount__gt=0, taken_back_by__isnull=True)
    return list(rows.select_related("invoice"))


def _record(
    books: Books, kind: str, day: date, entries: list[Entry], about: Reference, actor: str
) -> Voucher:
    return ledger.record(
        books,
        kind=kind,
        day=day,
        entries=entries,
        reference=about,
        narration="",
        actor=actor,
        now=timezone.now(),
    )


def _allocated(payment: Payment, invoice: TestInvoice, amount: Decimal, actor: str) -> Allocation:
    guard = TestInvoice.objects.filter(pk=invoice.pk, status=Status.POSTED)
    if _policy(payment.tenant) != OverpayPolicy.ALLOW:
        guard = guard.filter(balance_amount__gte=amount)
    # The row first: an invoice is paid by what its allocations say, and a trigger looks.
    allocation = Allocation.objects.create(
        tenant_id=payment.tenant_id,
        payment=payment,
        invoice=invoice,
        amount=amount,
        created_at=timezone.now(),
        created_by=actor,
    )
    if not _pay(guard, invoice, amount):
        raise OverAllocation(param="amount")
    return allocation


def _take_back(allocation: Allocation, actor: str) -> Allocation:
    taken_back = Allocation.objects.create(
        tenant_id=allocation.tenant_id,
        payment_id=allocation.payment_id,
        invoice_id=allocation.invoice_id,
        amount=-allocation.amount,
        takes_back=allocation,
        created_at=timezone.now(),
        created_by=actor,
    )
    rows = TestInvoice.objects.filter(pk=allocation.invoice_id, paid_amount__gte=allocation.amount)
    if not _pay(rows, allocation.invoice, -allocation.amount):
        raise OverAllocation(param="amount")
    return taken_back


def _pay(rows, invoice: TestInvoice, amount: Decimal) -> int:
    """Move what is paid, and the word for it, in one statement; the number of rows that fitted."""
    word = Case(
        When(paid_amount=-amount, then=Value("UNPAID")),
        When(balance_amount__gt=amount, then=Value("PARTIAL")),
        When(balance_amount=amount, then=Value("PAID")),
        default=Value("OVERPAID"),
    )
    return rows.update(
        paid_amount=plus("paid_amount", amount), payment_status=word, version=F("version") + 1
    )


def _spend(payment: Payment, column: str, amount: Decimal) -> None:
    spent = Payment.objects.filter(
        pk=payment.pk,
        status=PaymentState.POSTED,
        allocated_amount__lte=minus("amount", amount) - F("refunded_amount"),
    ).update(**{column: plus(column, amount)})
    if not spent:
        raise OverAllocation(param="amount")


def _positive(amount: Decimal) -> None:
    if amount <= 0 or amount != round(amount, 2):
        raise AmountNotPositive(param="amount")


def _policy(tenant: Tenant) -> str:
    settings = LabSettings.objects.filter(tenant=tenant).first()
    return settings.overpay_policy if settings else OverpayPolicy.ADVANCE


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
