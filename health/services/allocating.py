"""Which payment pays which invoice, and on which accounts that stands (health.md 3.5).

Rows come first and the sums on payment and invoice after them, since the database lets no sum say
what its rows do not. Everything joins the transaction that holds the tenant's books.
"""

from datetime import date
from decimal import Decimal

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from config.money import minus, plus
from health import ledger
from health.errors import DateTooEarly, OverAllocation
from health.ledger import ZERO, Books, Entry, Reference
from health.models import (
    AccountType,
    Allocation,
    LabSettings,
    OverpayPolicy,
    Payment,
    PaymentState,
    Source,
    Status,
    TestInvoice,
    Voucher,
    VoucherLine,
)
from health.services.history import Who, note, note_of
from health.services.movements import releasable_from

PAID = ("paid_amount", "balance_amount", "payment_status", "version")


def pay(payment: Payment, invoice: TestInvoice, amount: Decimal, who: Who) -> Allocation:
    """Let so much of the payment's advance pay the invoice. Raises OverAllocation."""
    if amount > payment.advance_amount:
        raise OverAllocation(param="amount")
    allocation = _row(payment, invoice, amount, who)
    fitting = TestInvoice.objects.filter(pk=invoice.pk, status=Status.POSTED)
    # A bill of nothing has no place in the books where too much could be owed back.
    if overpay_policy(payment.tenant_id) != OverpayPolicy.ALLOW or invoice.voucher_id is None:
        fitting = fitting.filter(balance_amount__gte=amount)
    _move_paid(fitting, invoice, amount, "paid", who)
    spend(payment, "allocated_amount", amount, "allocated", who)
    return allocation


def give_up(allocation: Allocation, amount: Decimal, who: Who) -> Allocation:
    """Take `amount` of what the allocation pays back into its payment's advance.

    The allocation is taken back whole, by the row that is answered; what stays of it is a new one.
    """
    payment, invoice = allocation.payment, allocation.invoice
    row = _row(payment, invoice, -allocation.amount, who, takes_back=allocation)
    if rest := allocation.amount - amount:
        _row(payment, invoice, rest, who)
    paid = TestInvoice.objects.filter(pk=invoice.pk, paid_amount__gte=amount)
    _move_paid(paid, invoice, -amount, "released", who)
    spend(payment, "allocated_amount", -amount, "released", who)
    return row


def free(books: Books, allocation: Allocation, amount: Decimal, day: date, who: Who) -> None:
    """Give up `amount` of the allocation, in the books too: Dr ACCOUNTS_RECEIVABLE, Cr
    PATIENT_ADVANCE. Raises OverAllocation, DateTooEarly, PeriodLocked, AccountUnusable.
    """
    payment, invoice = allocation.payment, allocation.invoice
    DateTooEarly.unless(day >= releasable_from(payment, invoice))
    row = give_up(allocation, amount, who)
    entries = [receivable(invoice, debit=amount), advance(payment, credit=amount)]
    record(
        books, "JOURNAL", day, entries, Reference(Source.ALLOCATION, row.pk, payment.number), who
    )


def record(
    books: Books, kind: str, day: date, entries: list[Entry], about: Reference, who: Who
) -> Voucher:
    """Write a voucher of money. Raises PeriodLocked, AccountUnusable."""
    return ledger.record(
        books,
        kind=kind,
        day=day,
        entries=entries,
        reference=about,
        narration="",
        actor=who.actor,
        now=timezone.now(),
    )


def live(rows: QuerySet[Allocation]) -> QuerySet[Allocation]:
    """Those that nobody has taken back."""
    alive = rows.filter(amount__gt=0, taken_back_by__isnull=True)
    return alive.select_related("payment__voucher", "invoice")


def spend(payment: Payment, column: str, amount: Decimal, action: str, who: Who) -> None:
    """Add to what is spent of a payment, guarded in one statement. Raises OverAllocation."""
    spent = Payment.objects.filter(
        pk=payment.pk,
        status=PaymentState.POSTED,
        allocated_amount__lte=minus("amount", amount) - F("refunded_amount"),
    ).update(**{column: plus(column, amount)})
    if not spent:
        raise OverAllocation(param="amount")
    payment.refresh_from_db(fields=[column])
    after = getattr(payment, column)
    note_of(payment, Source.PAYMENT, action, who, {column: after - amount}, {column: after})


def receivable(invoice: TestInvoice, *, debit: Decimal = ZERO, credit: Decimal = ZERO) -> Entry:
    """What the patient owes, on the account where the invoice's own voucher has put it."""
    first = VoucherLine.objects.filter(voucher__test_invoice=invoice, line_no=1)
    account = first.values_list("account_id", flat=True).first()
    party, patient = invoice.patient_name, invoice.patient_id
    return Entry("ACCOUNTS_RECEIVABLE", debit, credit, party, patient, account)


def advance(payment: Payment, *, debit: Decimal = ZERO, credit: Decimal = ZERO) -> Entry:
    """What is held for the patient, on the account where this payment's advance stood first."""
    about = Q(voucher__reference_type=Source.PAYMENT, voucher__reference_id=payment.pk) | Q(
        voucher__reference_type=Source.ALLOCATION,
        voucher__reference_id__in=payment.allocations.values("pk"),
    )
    lines = VoucherLine.objects.filter(
        about,
        voucher__tenant_id=payment.tenant_id,
        voucher__reverses=None,
        account__account_type=AccountType.LIABILITY,
    )
    account = lines.order_by("id").values_list("account_id", flat=True).first()
    party, patient = payment.party_name, payment.patient_id
    return Entry("PATIENT_ADVANCE", debit, credit, party, patient, account)


def overpay_policy(tenant_id: int) -> str:
    """What becomes of more money than is owed."""
    settings = LabSettings.objects.filter(tenant_id=tenant_id).first()
    return settings.overpay_policy if settings else OverpayPolicy.ADVANCE


def _row(
    payment: Payment,
    invoice: TestInvoice,
    amount: Decimal,
    who: Who,
    takes_back: Allocation | None = None,
) -> Allocation:
    return Allocation.objects.create(
        tenant_id=payment.tenant_id,
        payment=payment,
        invoice=invoice,
        amount=amount,
        takes_back=takes_back,
        created_at=timezone.now(),
        created_by=who.actor,
    )


def _move_paid(
    fitting: QuerySet[TestInvoice], invoice: TestInvoice, amount: Decimal, action: str, who: Who
) -> None:
    """Move what is paid, and the word for it, in one statement. Raises OverAllocation."""
    word = Case(
        When(paid_amount=-amount, then=Value("UNPAID")),
        When(balance_amount__gt=amount, then=Value("PARTIAL")),
        When(balance_amount=amount, then=Value("PAID")),
        default=Value("OVERPAID"),
    )
    if not fitting.update(
        paid_amount=plus("paid_amount", amount),
        payment_status=word,
        version=F("version") + 1,
        updated_at=timezone.now(),
        updated_by=who.actor,
    ):
        raise OverAllocation(param="amount")
    invoice.refresh_from_db(fields=PAID)
    after = invoice.paid_amount
    note(invoice, action, who, {"paid_amount": after - amount}, {"paid_amount": after})
