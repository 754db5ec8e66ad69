"""Credit notes: what of a posted invoice is no longer owed (health.md 3.6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.db.models import Case, F, Q, Sum, Value, When
from django.utils import timezone

from config.money import minus, plus
from config.tenancy.models import Tenant
from health import errors, ledger, posting
from health.findings import q
from health.gst import TAXES
from health.ledger import ZERO, Entry, Reference
from health.models import (
    CreditNote,
    CreditNoteItem,
    Source,
    Status,
    TestInvoice,
    TestInvoiceItem,
)
from health.numbering import number_of_year
from health.services import history
from health.services.days import require_day
from health.services.history import Who

AMOUNTS = ("taxable_amount", *(f"{tax}_amount" for tax in TAXES))


@dataclass(frozen=True, slots=True)
class Part:
    """What a note takes of one line; `off` is what discounts had taken of it before tax."""

    item: TestInvoiceItem
    amounts: dict[str, Decimal]
    off: Decimal
    is_rest: bool

    @property
    def total(self) -> Decimal:
        return sum(self.amounts.values(), ZERO)


@dataclass(frozen=True, slots=True)
class Left:
    """What of a line's taxable amount no note has taken yet."""

    item: TestInvoiceItem
    taxable: Decimal

    def share(self, whole: Decimal, amount: Decimal) -> Decimal:
        """What of `whole` goes with `amount` of this line, after all that went before.

        The difference of two rounded sums and not a rounded share, so that shares add up.
        """
        billed = self.item.taxable_amount
        if not billed:
            return ZERO
        before = billed - self.taxable
        return q(whole * (before + amount) / billed) - q(whole * before / billed)


def credit_invoice(
    tenant: Tenant,
    invoice_id: int,
    *,
    reason: str,
    on: date,
    actor: str,
    lines: Mapping[int, Decimal | None] | None = None,
) -> CreditNote:
    """Credit what is left of the invoice, or of the named lines, each up to a taxable amount.

    Not before the invoice's own day. The note that takes the last of the lines takes the rest of
    discount and round-off too, so that notes over everything are exactly the invoice; the note over
    a bill whose lines were all given away names them, with the round-off alone. After 30 November
    of the following financial year tax is not reduced any more (s.34(2) CGST): the note is then a
    financial one, without tax, which leaves the round-off of a bill with tax where it is.
    Commits once. Raises InvoiceNotFound, IllegalTransition, OverCredit, DateOutOfRange,
    DateTooEarly, PeriodLocked.
    """
    require_day(tenant, on)
    with transaction.atomic():
        books = ledger.open_books(tenant.pk)
        invoice = _posted(tenant, invoice_id)
        errors.DateTooEarly.unless(on >= invoice.local_date)
        is_financial = on > _last_day_for_tax(invoice.local_date)
        left = left_of(invoice)
        parts = list(_parts(left, lines, is_financial))
        rests = {part.item.pk for part in parts if part.is_rest}
        takes_the_last = rests.issuperset(line.item.pk for line in left if line.taxable)
        off = sum((part.off for part in parts), ZERO)
        if takes_the_last:
            # What was given away whole is no line of a note, and goes with the last.
            off += sum((one.item.rate for one in left if not one.item.taxable_amount), ZERO)
        takes_all = takes_the_last and not (is_financial and invoice.total_tax_amount)
        header = _of_header(invoice, parts, takes_all)
        note = _note(invoice, parts, header, on, reason, actor, is_financial)
        note.save(force_insert=True)
        CreditNoteItem.objects.bulk_create(
            CreditNoteItem(
                credit_note=note, invoice_item=part.item, total_amount=part.total, **part.amounts
            )
            for part in parts
        )
        ledger.record(
            books,
            kind="CREDIT_NOTE",
            day=on,
            entries=_entries(invoice, note, off),
            reference=Reference(Source.CREDIT_NOTE, note.pk, note.number),
            narration=f"Credit of {invoice.invoice_number}: {reason}"[:500],
            actor=actor,
            now=timezone.now(),
        )
        # Last: the database counts no note that is not in the books.
        _take(invoice, note.total_amount, Who(actor, reason))
    return note


def _posted(tenant: Tenant, invoice_id: int) -> TestInvoice:
    found = TestInvoice.objects.filter(tenant=tenant, pk=invoice_id, is_deleted=False)
    invoice = found.select_related("tenant", "voucher").first()
    if invoice is None:
        raise errors.InvoiceNotFound
    if invoice.status != Status.POSTED:
        raise errors.IllegalTransition(f"A {invoice.status} invoice cannot be credited.")
    return invoice


def _last_day_for_tax(billed: date) -> date:
    """30 November after the end of the financial year of the bill."""
    return date(billed.year + (billed.month >= 4), 11, 30)


def left_of(invoice: TestInvoice) -> list[Left]:
    """What no note has taken yet, by line."""
    taken = CreditNoteItem.objects.filter(invoice_item__invoice=invoice)
    by_item = dict(taken.values_list("invoice_item_id").annotate(Sum("taxable_amount")))
    return [
        Left(item, item.taxable_amount - by_item.get(item.pk, ZERO))
        for item in invoice.items.order_by("line_no")
    ]


def _parts(
    left: list[Left], lines: Mapping[int, Decimal | None] | None, is_financial: bool
) -> Iterable[Part]:
    by_number = {line.item.line_no: line for line in left}
    if lines is None:
        # A bill of a round-off alone has no other lines for its note to stand on.
        is_of_something = any(line.item.taxable_amount for line in left)
        wanted = (line for line in left if line.taxable or not is_of_something)
        yield from (_part(line, line.taxable, is_financial) for line in wanted)
        return
    for number, limit in lines.items():
        if number not in by_number:
            raise errors.OverCredit(f"There is no line {number}.", param="items")
        there_is = by_number[number].taxable
        amount = there_is if limit is None else limit
        if not ZERO < amount <= there_is:
            raise errors.OverCredit(
                f"Of line {number} {there_is} can still be credited.", param="items"
            )
        yield _part(by_number[number], amount, is_financial)


def _part(left: Left, amount: Decimal, is_financial: bool) -> Part:
    amounts = {"taxable_amount": amount}
    for tax in TAXES:
        name = f"{tax}_amount"
        amounts[name] = ZERO if is_financial else left.share(getattr(left.item, name), amount)
    off = left.share(left.item.rate - left.item.taxable_amount, amount)
    return Part(left.item, amounts, off, is_rest=amount == left.taxable)


def _note(
    invoice: TestInvoice,
    parts: list[Part],
    header: tuple[Decimal, Decimal],
    on: date,
    reason: str,
    actor: str,
    is_financial: bool,
) -> CreditNote:
    sums = {name: sum((part.amounts[name] for part in parts), ZERO) for name in AMOUNTS}
    discount, roundoff = header
    total = sum(sums.values(), ZERO) - discount + roundoff
    if total <= 0:
        raise errors.OverCredit("Nothing of it is left to be credited.")
    if total > invoice.final_amount - invoice.credited_amount:
        raise errors.OverCredit
    return CreditNote(
        tenant=invoice.tenant,
        number=number_of_year(invoice.tenant_id, "CN", on),
        date=on,
        invoice=invoice,
        reason=reason,
        overall_disc_amount=discount,
        roundoff=roundoff,
        total_amount=total,
        is_financial=is_financial,
        created_at=timezone.now(),
        created_by=actor,
        **sums,
    )


def _of_header(invoice: TestInvoice, parts: list[Part], takes_all: bool) -> tuple[Decimal, Decimal]:
    """Which of the invoice's discount and round-off goes with these parts."""
    # A discount before tax is in the lines already.
    whole_discount = posting.discount_after_tax(invoice)
    columns = ("total_amount", "overall_disc_amount", "roundoff")
    taken = invoice.credit_notes.aggregate(**{f"of_{c}": Sum(c, default=0) for c in columns})
    total, discount, roundoff = (Decimal(taken[f"of_{column}"] or 0) for column in columns)
    if takes_all:
        return whole_discount - discount, invoice.roundoff - roundoff
    before = total + discount - roundoff
    gross = before + sum((part.total for part in parts), ZERO)
    whole = invoice.taxable_amount + invoice.total_tax_amount
    if not whole:
        return ZERO, ZERO
    return q(whole_discount * gross / whole) - discount, ZERO


def _take(invoice: TestInvoice, total: Decimal, who: Who) -> None:
    """Guarded in one statement: credits never exceed the invoice."""
    word = Case(
        When(paid_amount=0, then=Value("UNPAID")),
        When(balance_amount__gt=total, then=Value("PARTIAL")),
        When(balance_amount=total, then=Value("PAID")),
        default=Value("OVERPAID"),
    )
    fitting = TestInvoice.objects.filter(
        Q(credited_amount__lte=minus("final_amount", total)), pk=invoice.pk, status=Status.POSTED
    )
    if not fitting.update(
        credited_amount=plus("credited_amount", total),
        payment_status=word,
        version=F("version") + 1,
        updated_at=timezone.now(),
        updated_by=who.actor,
    ):
        raise errors.OverCredit
    before = invoice.credited_amount
    after = {"credited_amount": before + total}
    history.note(invoice, "credited", who, {"credited_amount": before}, after)


def _entries(invoice: TestInvoice, note: CreditNote, off: Decimal) -> list[Entry]:
    """The entries of a bill over what is credited, with their sides swapped: in the manner and on
    the accounts that the bill itself was posted with.
    """
    credited = TestInvoice(
        patient_name=invoice.patient_name,
        patient_id=invoice.patient_id,
        discount_mode=invoice.discount_mode,
        subtotal_amount=note.taxable_amount + off,
        taxable_amount=note.taxable_amount,
        cgst_amount=note.cgst_amount,
        sgst_amount=note.sgst_amount,
        igst_amount=note.igst_amount,
        cess_amount=note.cess_amount,
        overall_disc_amount=note.overall_disc_amount,
        roundoff=note.roundoff,
        final_amount=note.total_amount,
    )
    accounts = posting.accounts_of(invoice)
    return [
        replace(
            entry,
            debit=entry.credit,
            credit=entry.debit,
            account=accounts.get(entry.system_code),
        )
        for entry in posting.entries_of(credited, invoice)
    ]
