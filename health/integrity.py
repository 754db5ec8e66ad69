"""What must hold in a tenant's books, asked of the rows again (health.md section 6). Reads only.

The database refuses what breaks these rules; whoever can drop a trigger can break them all the
same, and is found here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, F, Q, QuerySet, Sum

from config.db.log_chain import Link, first_break
from health.gst import TAXES
from health.integrity_documents import documents_booked_otherwise, sealed_otherwise
from health.integrity_taxes import taxes_booked_otherwise
from health.ledger import ZERO, content_of
from health.models import (
    AccountType,
    CreditNote,
    LedgerHead,
    NumberSeries,
    Payment,
    PaymentState,
    Status,
    TestInvoice,
    Voucher,
    VoucherLine,
    VoucherSeal,
)
from health.numbering import written
from health.triggers.conditions import REVERSES_WRONGLY

TAX_AMOUNTS = tuple(f"{tax}_amount" for tax in TAXES)
TAXED = {name: name for name in ("taxable_amount", *TAX_AMOUNTS)}
SUMS = {"subtotal_amount": "rate", "items_total_discount_amount": "disc_amount", **TAXED}


def broken_rules(tenant_id: int) -> Iterator[str]:
    """What does not hold in a tenant's books, in words; nothing where all of it does."""
    for rule in RULES:
        yield from rule.breaches(tenant_id)


def _chain(tenant_id: int) -> Iterator[str]:
    if broken := first_break(_links(tenant_id)):
        yield f"chain of vouchers: {broken}"
    head = LedgerHead.objects.filter(tenant_id=tenant_id).first()
    seals = VoucherSeal.objects.filter(tenant_id=tenant_id)
    sealed, last = seals.count(), seals.order_by("sequence").last()
    if sealed != (head.sequence if head else 0):
        yield f"chain of vouchers: {sealed} seals, and its end says otherwise"
    elif head and last and head.last_hash != last.entry_hash:
        yield "chain of vouchers: its end is not the last seal"
    bare = Voucher.objects.filter(tenant_id=tenant_id).exclude(seal__in=seals)
    for number in bare.values_list("voucher_number", flat=True):
        yield f"voucher {number}: without a seal"


def _links(tenant_id: int) -> Iterator[Link]:
    seals = (
        VoucherSeal.objects.filter(tenant_id=tenant_id, voucher__isnull=False)
        .select_related("voucher")
        .prefetch_related("voucher__lines")
        .order_by("sequence")
    )
    for seal in seals.iterator(chunk_size=500):
        lines = sorted(seal.voucher.lines.all(), key=lambda line: line.line_no)
        content = content_of(seal.voucher, lines)
        yield Link(content, seal.sequence, seal.previous_hash, seal.entry_hash)


def _balance(tenant_id: int) -> Iterator[str]:
    vouchers = Voucher.objects.filter(tenant_id=tenant_id).annotate(
        count=Count("lines"), debit=Sum("lines__debit"), credit=Sum("lines__credit")
    )
    uneven = vouchers.exclude(debit=F("credit"), debit__isnull=False, count__gte=2)
    for number, debit, credit in uneven.values_list("voucher_number", "debit", "credit"):
        yield f"voucher {number}: debit {debit}, credit {credit}"
    sides = VoucherLine.objects.filter(voucher__tenant_id=tenant_id).aggregate(
        debit=Sum("debit"), credit=Sum("credit")
    )
    if sides["debit"] != sides["credit"]:
        yield f"trial balance: debit {sides['debit']}, credit {sides['credit']}"


def _reversals(tenant_id: int) -> Iterator[str]:
    with connection.cursor() as cursor:
        cursor.execute(_REVERSED_WRONGLY, [tenant_id])
        numbers = [number for (number,) in cursor.fetchall()]
    yield from (f"voucher {number}: it does not undo what it reverses" for number in numbers)


_REVERSED_WRONGLY = (
    "SELECT v.voucher_number FROM vouchers v"  # noqa: S608
    f" WHERE v.tenant_id = %s AND {REVERSES_WRONGLY} ORDER BY v.id"
)


def _numbers(tenant_id: int) -> Iterator[str]:
    """Vouchers, receipts and credit notes: what the series gave, each once, and nothing else.

    Not invoices: a draft may be given a number of the laboratory's own.
    """
    kept: set[str] = set()
    for model, column in (
        (Voucher, "voucher_number"),
        (Payment, "number"),
        (CreditNote, "number"),
    ):
        kept |= set(model.objects.filter(tenant_id=tenant_id).values_list(column, flat=True))
    for key, last in NumberSeries.objects.filter(tenant_id=tenant_id).values_list("key", "last"):
        given = {written(key, number) for number in range(1, last + 1)}
        if not _is_of_invoices(key):
            yield from (f"number {number}: given and not there" for number in sorted(given - kept))
        kept -= given
    yield from (f"number {number}: there and never given" for number in sorted(kept))


def _is_of_invoices(key: str) -> bool:
    return "/" in key and not key.startswith("CN/")


def _invoices(tenant_id: int) -> Iterator[str]:
    invoices = TestInvoice.objects.filter(tenant_id=tenant_id)
    for column, parts, words in (
        ("paid_amount", "allocations__amount", "paid differs from its allocations"),
        ("credited_amount", "credit_notes__total_amount", "credited differs from its notes"),
    ):
        wrong = invoices.annotate(found=Sum(parts, default=0)).exclude(found=F(column))
        for number in wrong.values_list("invoice_number", flat=True):
            yield f"{number}: what is {words}"
    yield from _not_their_lines(invoices, "invoice_number", SUMS)
    receivable = Q(
        voucher__lines__line_no=1, voucher__lines__debit=F("final_amount"), voucher__reverses=None
    )
    booked = invoices.filter(receivable).values("pk")
    for number in (
        invoices.exclude(voucher=None)
        .exclude(pk__in=booked)
        .values_list("invoice_number", flat=True)
    ):
        yield f"{number}: its voucher says another amount"


def _notes(tenant_id: int) -> Iterator[str]:
    notes = CreditNote.objects.filter(tenant_id=tenant_id)
    yield from _not_their_lines(notes, "number", TAXED)
    parts = sum((F(name) for name in TAX_AMOUNTS), F("taxable_amount"))
    is_total = Q(total_amount=parts - F("overall_disc_amount") + F("roundoff"))
    for number in notes.exclude(is_total).values_list("number", flat=True):
        yield f"{number}: its amounts are not its total"


def _not_their_lines(
    documents: QuerySet[Any], number: str, sums: Mapping[str, str]
) -> Iterator[str]:
    """Those whose amounts their lines do not say, and those without a line."""
    found = documents.annotate(
        line_count=Count("items"),
        **{f"of_{name}": Sum(f"items__{of}", default=0) for name, of in sums.items()},
    )
    wrong = found.exclude(line_count__gt=0, **{f"of_{name}": F(name) for name in sums})
    for said in wrong.values_list(number, flat=True):
        yield f"{said}: its lines do not add up to it"


def _payments(tenant_id: int) -> Iterator[str]:
    payments = Payment.objects.filter(tenant_id=tenant_id)
    spent = payments.annotate(found=Sum("allocations__amount", default=0))
    for number in spent.exclude(found=F("allocated_amount")).values_list("number", flat=True):
        yield f"{number}: what it pays differs from its allocations"
    given = payments.annotate(found=Sum("refunds__amount", default=0))
    for number in given.exclude(found=F("refunded_amount")).values_list("number", flat=True):
        yield f"{number}: what was given back differs from its refunds"


def _controls(tenant_id: int) -> Iterator[str]:
    """The accounts of patients against the documents: what is owed, and what is held for them.

    They are the lines that name a party, whichever account is mapped today.
    """
    lines = VoucherLine.objects.filter(voucher__tenant_id=tenant_id).exclude(party="")
    booked = {
        kind: debit - credit
        for kind, debit, credit in lines.values_list("account__account_type").annotate(
            Sum("debit"), Sum("credit")
        )
    }
    owed = TestInvoice.objects.filter(tenant_id=tenant_id, status=Status.POSTED).aggregate(
        found=Sum("balance_amount")
    )["found"]
    if booked.get(AccountType.ASSET, ZERO) != (owed or ZERO):
        yield f"receivable: {booked.get(AccountType.ASSET, ZERO)} booked, {owed} open on invoices"
    held = Payment.objects.filter(tenant_id=tenant_id, status=PaymentState.POSTED).aggregate(
        amount=Sum("amount", default=0),
        spent=Sum("allocated_amount", default=0),
        back=Sum("refunded_amount", default=0),
    )
    advance = held["amount"] - held["spent"] - held["back"]
    if -booked.get(AccountType.LIABILITY, ZERO) != advance:
        yield f"advances: {-booked.get(AccountType.LIABILITY, ZERO)} booked, {advance} unspent"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold, in words; `breaches` finds where it does not."""

    name: str
    says: str
    breaches: Callable[[int], Iterator[str]]


RULES = (
    Rule("chain", "Every voucher is sealed, and each seal follows the one before it.", _chain),
    Rule("balance", "The sides of every voucher are equal, and so is the trial balance.", _balance),
    Rule("seals", "Every seal says what the lines of its voucher add up to.", sealed_otherwise),
    Rule("reversals", "A reversal undoes every line of what it reverses.", _reversals),
    Rule(
        "numbers",
        "Numbers of vouchers, receipts and credit notes were given once and without gaps.",
        _numbers,
    ),
    Rule(
        "documents",
        "Every voucher is of a document that says the same, and none is missing.",
        documents_booked_otherwise,
    ),
    Rule(
        "bills",
        "A bill is what its lines, payments and credit notes say, and its voucher.",
        _invoices,
    ),
    Rule("notes", "A credit note is what its lines say, and its amounts its total.", _notes),
    Rule("payments", "A payment is what it pays, what was given back and what is left.", _payments),
    Rule(
        "accounts", "What patients owe, and what is held for them, is what was booked.", _controls
    ),
    Rule(
        "taxes",
        "The accounts of taxes hold what bills charge, less their credit notes.",
        taxes_booked_otherwise,
    ),
)
