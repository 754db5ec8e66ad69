"""Keep every document's creditable balance, so that nobody credits more than was invoiced.

The amounts on the original are what notes and deductions take now: a credit note and a deduction
from the moment they are accepted until they are rejected (waiting ones count, they may still
clear), a debit note once it is cleared. A constraint on the original's row is the guard; the row is
locked while it is decided, so that of two notes at once one wins. Everything here joins the
transaction of what it follows. Locks are taken from the note to its originals, those by id.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from config.problems import FieldError
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import DocumentReference, Invoice, InvoiceStatus, ReferenceKind
from invoicing.services.documents import Payload
from invoicing.zatca.documents import DocumentKind
from invoicing.zatca.totals import NIL, cents

K = ReferenceKind
OF_NOTES = {DocumentKind.CREDIT_NOTE: K.CREDIT, DocumentKind.DEBIT_NOTE: K.DEBIT}
# What may be spoken about: a credit note is corrected by no further note.
ORIGINALS = (DocumentKind.INVOICE, DocumentKind.DEBIT_NOTE, DocumentKind.PREPAYMENT)
COLUMNS = {K.CREDIT: "credited_amount", K.DEBIT: "debited_amount", K.DEDUCTION: "deducted_amount"}


@dataclass(frozen=True, slots=True)
class Named:
    """A number that a payload names; `stated` is the amount of a deduction."""

    kind: ReferenceKind
    number: str
    param: str
    stated: Decimal = NIL


@dataclass(frozen=True, slots=True)
class Part:
    """What one reference takes."""

    named: Named
    original: Invoice | None
    amount: Decimal


def references_in(payload: Payload) -> list[Named]:
    """The documents that a payload corrects or deducts, in its order."""
    kind = OF_NOTES.get(DocumentKind(payload["invoice_type"]))
    if kind is not None:
        given = enumerate(payload.get("billing_reference", ()))
        return [Named(kind, one["number"], f"billing_reference[{n}].number") for n, one in given]
    return [
        Named(
            K.DEDUCTION,
            one["number"],
            f"prepayments[{n}].number",
            cents(Decimal(one["taxable"])) + cents(Decimal(one["tax"])),
        )
        for n, one in enumerate(payload.get("prepayments", ()))
    ]


def check_balance(
    tenant: Tenant, payload: Payload, total: Decimal, currency: str, *, instead_of: Invoice | None
) -> None:
    """Say before anything is stored what `take` would refuse. Reads only, locks nothing.

    `instead_of` is the row that the payload would revise: what it takes now is free for it. Raises
    OverCredit, CurrencyDiffers.
    """
    named = references_in(payload)
    originals = {row.invoice_number: row for row in _originals(tenant.pk, named)}
    for held in instead_of.references.all() if instead_of else ():
        _move(originals.values(), held.original_id, K(held.kind), -held.amount)
    list(_parts(named, originals, total, currency))


def take(invoice: Invoice, payload: Payload) -> None:
    """Take from the originals what the invoice's current revision says, instead of what it took.

    Called where a revision begins: accepted, revised, or sealed anew after a rejection. Raises
    OverCredit and CurrencyDiffers, which undo the transaction.
    """
    named = references_in(payload)
    # A first revision comes after nothing.
    held = _held(invoice) if invoice.revision > 1 else []
    if not named and not held:
        return
    originals = _locked(invoice, named, held)
    for original in originals.values():
        _adopt(original, except_for=invoice)
    for row in held:
        _move(originals.values(), row.original_id, K(row.kind), -row.amount)
    parts = list(_parts(named, originals, invoice.total_amount, invoice.currency))
    invoice.references.all().delete()
    for position, part in enumerate(parts):
        _link(invoice, position, part)
    _save(originals.values())


def adopt_waiting(invoice: Invoice) -> None:
    """Link the notes that named this number before it was here; as much as fits is theirs."""
    if _adopt(invoice, except_for=invoice):
        _save([invoice])


def release(invoice: Invoice) -> None:
    """Give back what a rejected note or deduction took; the links stay."""
    held = [row for row in _held(invoice) if row.amount]
    if not held:
        return
    originals = _locked(invoice, (), held)
    for row in held:
        _move(originals.values(), row.original_id, K(row.kind), -row.amount)
    invoice.references.update(amount=NIL)
    _save(originals.values())


def confirm(invoice: Invoice) -> None:
    """Let a debit note that was cleared raise the balance of what it names first."""
    if invoice.document_type != DocumentKind.DEBIT_NOTE:
        return
    linked = [row for row in _held(invoice) if row.original_id is not None]
    if not linked or linked[0].amount:
        return
    row = linked[0]
    originals = _locked(invoice, (), [row])
    _move(originals.values(), row.original_id, K.DEBIT, invoice.total_amount)
    DocumentReference.objects.filter(pk=row.pk).update(amount=invoice.total_amount)
    _save(originals.values())


def refuse_lower_total(invoice: Invoice, total: Decimal) -> None:
    """Refuse a revision whose total is less than what notes have taken of it; locks the row."""
    now = Invoice.objects.select_for_update(no_key=True).only(*COLUMNS.values()).get(pk=invoice.pk)
    taken = now.credited_amount + now.deducted_amount - now.debited_amount
    if taken > total:
        raise errors.OverCredit(
            FieldError(
                "line_items",
                "over_credit",
                f"Notes have taken {taken} of {invoice}; its total cannot fall to {total}.",
                f"خُصم من {invoice} ما مجموعه {taken}؛ لا يمكن أن ينخفض إجماليه إلى {total}.",
                expected=str(taken),
                got=str(total),
            )
        )


def _parts(
    named: Iterable[Named], originals: Mapping[str, Invoice], total: Decimal, currency: str
) -> Iterator[Part]:
    """Share a note over what it names, in order; a foreign number takes what is left."""
    named = list(named)
    for one in named:
        _refuse_other_currency(one, originals.get(one.number), currency)
    rest = total
    for one in named:
        original = originals.get(one.number)
        if one.kind == K.CREDIT:
            amount = rest if original is None else min(rest, original.creditable_amount)
            rest -= amount
        elif one.kind == K.DEDUCTION:
            amount = _deducted(one, original, currency)
        else:
            amount = NIL  # raised when it is cleared
        if original is not None:
            _move([original], original.pk, one.kind, amount)
        yield Part(one, original, amount)
    credits = [one for one in named if one.kind == K.CREDIT]
    if credits and rest:
        numbers = ", ".join(one.number for one in credits)
        raise errors.OverCredit(_too_much(credits[0].param, numbers, total - rest, total))


def _deducted(one: Named, original: Invoice | None, currency: str) -> Decimal:
    if original is None:
        return one.stated
    if original.currency != currency:
        return NIL  # an advance in another currency has no balance that could be compared
    left = original.creditable_amount
    if one.stated > left:
        raise errors.OverCredit(_too_much(one.param, one.number, left, one.stated))
    return one.stated


def _refuse_other_currency(one: Named, original: Invoice | None, currency: str) -> None:
    if one.kind != K.DEDUCTION and original is not None and original.currency != currency:
        raise errors.CurrencyDiffers(one.number, expected=original.currency, got=currency)


def _too_much(param: str, numbers: str, left: Decimal, wanted: Decimal) -> FieldError:
    return FieldError(
        param,
        "over_credit",
        f"{left} of {numbers} is left to credit; this asks for {wanted}.",
        f"المتبقي القابل للخصم من {numbers} هو {left} بينما المطلوب {wanted}.",
        expected=str(left),
        got=str(wanted),
    )


def _originals(tenant_id: int, named: Iterable[Named]) -> Iterator[Invoice]:
    """The tenant's own documents among those named, without locking them."""
    wanted = list(named)
    deducts = {one.number for one in wanted if one.kind == K.DEDUCTION}
    rows = Invoice.objects.filter(
        tenant_id=tenant_id,
        invoice_number__in=[one.number for one in wanted],
        document_type__in=ORIGINALS,
    )
    for row in rows.defer("xml_content", "zatca_response"):
        if row.invoice_number not in deducts or row.document_type == DocumentKind.PREPAYMENT:
            yield row


def _locked(
    invoice: Invoice, named: Iterable[Named], held: Iterable[DocumentReference]
) -> dict[str, Invoice]:
    """The originals by number, locked in the order of their ids and as they are then."""
    ids = {row.pk for row in _originals(invoice.tenant_id, named)} - {invoice.pk}
    ids |= {row.original_id for row in held if row.original_id is not None}
    rows = Invoice.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {row.invoice_number: row for row in rows.defer("xml_content", "zatca_response")}


def _held(invoice: Invoice) -> list[DocumentReference]:
    """What the invoice names now, locked: its original may arrive at this moment (`_adopt`)."""
    return list(invoice.references.select_for_update(no_key=True))


def _move(
    originals: Iterable[Invoice], pk: int | None, kind: ReferenceKind, amount: Decimal
) -> None:
    for original in originals:
        if original.pk == pk:
            column = COLUMNS[kind]
            setattr(original, column, getattr(original, column) + amount)


def _link(invoice: Invoice, position: int, part: Part) -> None:
    DocumentReference.objects.create(
        tenant_id=invoice.tenant_id,
        document=invoice,
        original=part.original,
        kind=part.named.kind,
        position=position,
        number=part.named.number,
        amount=part.amount,
    )


def _adopt(original: Invoice, *, except_for: Invoice) -> bool:
    """What was sent is sent: a note that came before its original takes as much as is there."""
    waiting = DocumentReference.objects.waiting_for(original).exclude(document=except_for)
    found = False
    # Their documents are fetched where there are any, which is seldom.
    for row in waiting.select_for_update():
        if _speaks_of(row, original):
            amount = _adopted_amount(row, original)
            _move([original], original.pk, K(row.kind), amount)
            DocumentReference.objects.filter(pk=row.pk).update(original=original, amount=amount)
            found = True
    return found


def _speaks_of(row: DocumentReference, original: Invoice) -> bool:
    kinds = (DocumentKind.PREPAYMENT,) if row.kind == K.DEDUCTION else ORIGINALS
    return original.document_type in kinds and row.document.currency == original.currency


def _adopted_amount(row: DocumentReference, original: Invoice) -> Decimal:
    if row.kind == K.DEBIT:
        is_cleared = row.document.status == InvoiceStatus.CLEARED
        return row.document.total_amount if is_cleared else NIL
    return min(row.amount, max(NIL, original.creditable_amount))


def _save(originals: Iterable[Invoice]) -> None:
    for original in originals:
        Invoice.objects.filter(pk=original.pk).update(
            **{column: getattr(original, column) for column in COLUMNS.values()}
        )
