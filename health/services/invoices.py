"""The life of a laboratory invoice: created, changed, posted, cancelled. Each commits once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from config.problems import Problem
from config.tenancy.models import Tenant
from health import errors, ledger, posting
from health.identifiers import mobile
from health.ledger import Books, Reference
from health.models import (
    NEXT,
    LabSettings,
    Source,
    Status,
    TestInvoice,
    TestInvoiceItem,
)
from health.numbering import financial_year, is_given, number_of_year
from health.services import drafts
from health.services.checking import DUE_TOO_EARLY, Checked, billed_before, check, refused
from health.services.days import require_day, today
from health.services.history import POSTED, Done, Who, note, note_at
from health.services.mailing import email_when_posted
from health.services.movements import settled_on
from health.services.numbers import give_up
from health.services.releasing import release_all
from health.writing import change, insert, insert_rows, is_there

# What may change once it is no draft (health.md section 4).
ALWAYS = frozenset({"notes", "tags"})
WHILE_POSTED = ALWAYS | {"due_date"}


def create_invoice(tenant: Tenant, said: Mapping[str, Any], who: Who) -> TestInvoice:
    """Keep a new invoice, and post it where it says so: both or neither. Commits once.

    Raises InvalidInvoice, DuplicateInvoiceNumber, DateOutOfRange, PeriodLocked, AccountUnusable,
    NothingToPost, TaxOnNothing, SameMaker.
    """
    checked = check(tenant, said)
    try:
        with transaction.atomic():
            # First, and only where it posts: what posts for a tenant stands in one line.
            books = ledger.open_books(tenant.pk) if said.get("status") == Status.POSTED else None
            invoice = _write(tenant, checked, who)
            done = [Done("created")]
            if books:
                _post(books, invoice, checked.lab, who)
                done.append(POSTED)
            note_at(tenant.pk, Source.TEST_INVOICE, invoice.pk, who, *done)
    except IntegrityError as trouble:
        raise _taken(tenant, said, trouble) from trouble
    return invoice


def create_invoices(
    tenant: Tenant, contents: Sequence[Mapping[str, Any]], who: Who
) -> list[TestInvoice]:
    """Keep all of them or none; commits once. Raises what `create_invoice` raises, with the place
    of the one that is wrong.
    """
    invoices = []
    with transaction.atomic():
        # Before any number is taken: two batches must take their locks in one order.
        ledger.open_books(tenant.pk)
        for position, said in enumerate(contents):
            try:
                invoices.append(create_invoice(tenant, said, who))
            except Problem as problem:
                _place(problem, f"items[{position}]")
                raise
    return invoices


def _place(problem: Problem, path: str) -> None:
    """Say in which of several requests the fault lies, in each of its errors, too."""
    problem.param = f"{path}.{problem.param or ''}".rstrip(".")
    problem.errors = tuple(replace(e, param=f"{path}.{e.param}") for e in problem.errors)


def update_invoice(
    invoice: TestInvoice, said: Mapping[str, Any], who: Who, *, version: int | None = None
) -> TestInvoice:
    """Change what may change; post or cancel where `status` says so. All or nothing, one commit.

    Raises StaleVersion, DocumentImmutable, IllegalTransition, ChangedMeanwhile, and what creating,
    posting and cancelling raise.
    """
    _require_version(invoice, version)
    target = said.get("status", invoice.status)
    changes = {name: value for name, value in said.items() if name != "status"}
    try:
        with transaction.atomic():
            books = ledger.open_books(invoice.tenant_id) if target != invoice.status else None
            if books and not _is_as_read(invoice):
                raise errors.ChangedMeanwhile
            _change(invoice, changes, who)
            if books:
                _go(books, invoice, target, who)
    except IntegrityError as trouble:
        raise _taken(invoice.tenant, said, trouble) from trouble
    return invoice


def post_invoice(invoice: TestInvoice, who: Who, *, version: int | None = None) -> TestInvoice:
    """DRAFT → POSTED with its voucher; a posted one is answered as it is. Commits once.

    Raises InvoiceNotFound, StaleVersion, IllegalTransition, DateOutOfRange, PeriodLocked,
    AccountUnusable, NothingToPost, TaxOnNothing, SameMaker, ChangedMeanwhile, and InvalidInvoice
    where the laboratory has become strict about something meanwhile, or its order was billed.
    """
    if invoice.status == Status.POSTED:
        _require_version(invoice, version)
        return invoice
    with transaction.atomic():
        books = ledger.open_books(invoice.tenant_id)
        # As it is now: whoever came first has posted it, and there is one voucher.
        _read_again(invoice)
        _require_version(invoice, version)
        if invoice.status != Status.POSTED:
            _post_draft(books, invoice, who)
    return invoice


def cancel_invoice(
    invoice: TestInvoice,
    who: Who,
    *,
    on: date | None = None,
    release_payments: bool = False,
    version: int | None = None,
) -> TestInvoice:
    """Cancel: a draft as it stands, a posted one by reversing its voucher on `on`, or today.

    With `release_payments` what was paid becomes the patient's advance first. A cancelled one is
    answered as it is. Commits once. Raises InvoiceNotFound, StaleVersion, HasPayments, HasCredits,
    DateOutOfRange, DateTooEarly, PeriodLocked, ChangedMeanwhile.
    """
    if invoice.status == Status.CANCELLED:
        _require_version(invoice, version)
        return invoice
    if on is not None:
        require_day(invoice.tenant, on)
    with transaction.atomic():
        books = ledger.open_books(invoice.tenant_id)
        _read_again(invoice)
        _require_version(invoice, version)
        if release_payments and invoice.status == Status.POSTED:
            release_all(books, invoice, on or today(invoice.tenant), who)
            invoice.refresh_from_db()
        if invoice.status != Status.CANCELLED:
            _cancel(books, invoice, who, on)
    return invoice


def delete_draft(invoice: TestInvoice, who: Who, *, version: int | None = None) -> None:
    """Put a draft away; its row and history stay. Commits once.

    Raises StaleVersion, DocumentImmutable, ChangedMeanwhile.
    """
    _require_version(invoice, version)
    if invoice.status != Status.DRAFT:
        raise errors.DocumentImmutable(invoice.status, ["status"])
    with transaction.atomic():
        ledger.open_books(invoice.tenant_id)
        _move(invoice, Status.DRAFT, who, is_deleted=True)
        give_up(invoice)
        note(invoice, "deleted", who)


def _write(tenant: Tenant, checked: Checked, who: Who) -> TestInvoice:
    said, now = checked.said, timezone.now()
    moment: datetime = said["invoice_date"]
    local = moment.astimezone(tenant.zone)
    day = local.date()
    number = said.get("invoice_number") or _next_number(checked.lab, day)
    invoice = TestInvoice(
        tenant=tenant,
        invoice_number=number,
        invoice_date=moment,
        local_date=day,
        local_time=local.time(),
        patient_phone_normal=mobile(said.get("patient_phone") or "") or "",
        supply_type=checked.supply_type,
        discount_mode=checked.discount_mode,
        warnings=checked.warnings,
        created_at=now,
        created_by=who.actor,
        written_by=who.actor,
        updated_at=now,
        updated_by=who.actor,
        **{name: said[name] for name in drafts.HEADER if said.get(name) is not None},
        **checked.header,
    )
    insert(invoice)
    _write_lines(invoice, checked)
    return invoice


def _next_number(lab: LabSettings, day: date) -> str:
    # Somebody may have written it by hand before the series came to it.
    while True:
        number = number_of_year(lab.tenant_id, lab.invoice_prefix, day)
        if not is_there(TestInvoice, lab.tenant_id, invoice_number=[number]):
            return number


def _write_lines(invoice: TestInvoice, checked: Checked) -> None:
    lines = [
        {
            "invoice_id": invoice.pk,
            **{name: line[name] for name in drafts.LINE if line.get(name) is not None},
            **amounts,
        }
        for line, amounts in zip(checked.said["items"], checked.lines, strict=True)
    ]
    insert_rows(TestInvoiceItem, lines)


def _post_draft(books: Books, invoice: TestInvoice, who: Who) -> None:
    """Judged once more: the laboratory may ask for more than it did when the draft was written."""
    if invoice.status != Status.DRAFT:
        raise errors.IllegalTransition(f"A {invoice.status} invoice cannot be posted.")
    checked = drafts.judged(invoice)
    if findings := drafts.not_its_lines(invoice, checked):
        raise refused(findings)
    _post(books, invoice, checked.lab, who)
    note_at(invoice.tenant_id, Source.TEST_INVOICE, invoice.pk, who, POSTED)


def _post(books: Books, invoice: TestInvoice, lab: LabSettings, who: Who) -> None:
    if lab.maker_checker and who.actor in (invoice.created_by, invoice.written_by):
        raise errors.SameMaker
    require_day(invoice.tenant, invoice.local_date, lab=lab, param="invoice_date")
    # Asked again under the lock: another may have been posted meanwhile.
    if lab.strict_orders and (finding := billed_before(invoice)):
        raise refused([finding])
    voucher = None
    if invoice.final_amount:
        voucher = ledger.record(
            books,
            kind="SALES",
            day=invoice.local_date,
            entries=posting.entries_of(invoice, lab),
            reference=Reference(Source.TEST_INVOICE, invoice.pk, invoice.invoice_number),
            narration=f"Test invoice {invoice.invoice_number}, {invoice.patient_name}",
            actor=who.actor,
            now=timezone.now(),
        )
    elif not lab.allow_zero:
        raise errors.NothingToPost
    elif invoice.total_tax_amount:
        # Without a voucher nobody would pay it over.
        raise errors.TaxOnNothing(param="overall_disc_amount")
    else:
        # No voucher is there to be refused.
        ledger.require_open(books.tenant_id, invoice.local_date, Source.TEST_INVOICE)
    _move(
        invoice,
        Status.POSTED,
        who,
        voucher=voucher,
        voucher_layout=lab.voucher_layout,
        gross_revenue=lab.gross_revenue,
        supplier_name=invoice.tenant.company_name,
        supplier_gstin=lab.gstin,
        supplier_state=lab.state_code,
    )
    email_when_posted(invoice, actor=who.actor)


def _cancel(books: Books, invoice: TestInvoice, who: Who, on: date | None) -> None:
    if invoice.paid_amount:
        raise errors.HasPayments
    if invoice.credited_amount:
        raise errors.HasCredits
    if invoice.status == Status.POSTED:
        _refuse_closed(invoice)
    now, before, changes = timezone.now(), invoice.status, {}
    if invoice.voucher is not None:
        # What was paid and given up again was its own before.
        since = settled_on(invoice)
        day = on or max(today(invoice.tenant), since)
        errors.DateTooEarly.unless(day >= since)
        changes["reversal_voucher"] = ledger.reverse(
            books,
            invoice.voucher,
            day=day,
            narration=f"Cancellation of {invoice.invoice_number}: {who.reason}".rstrip(": "),
            actor=who.actor,
            now=now,
        )
    else:
        give_up(invoice)
    _move(invoice, Status.CANCELLED, who, **changes)
    note(invoice, "cancelled", who, {"status": before}, {"status": "CANCELLED"})


def _refuse_closed(invoice: TestInvoice) -> None:
    """What was supplied in a month that is closed was supplied; it can only be credited (s.34)."""
    billed = invoice.local_date
    if upto := ledger.locked_upto(invoice.tenant_id, billed, Source.TEST_INVOICE):
        raise errors.PeriodLocked(
            f"The books are locked up to {upto}, and with them this bill of {billed}: "
            "credit it instead.",
            message_ar=f"الدفاتر مغلقة حتى {upto} ومعها هذه الفاتورة بتاريخ {billed}: "
            "أصدر إشعارًا دائنًا بدل الإلغاء.",
            param="date",
        )


def _go(books: Books, invoice: TestInvoice, target: str, who: Who) -> None:
    if target == Status.POSTED:
        _post_draft(books, invoice, who)
    elif target == Status.CANCELLED:
        _cancel(books, invoice, who, None)
    else:
        raise errors.IllegalTransition(f"A {invoice.status} invoice cannot become {target}.")


def _change(invoice: TestInvoice, changes: Mapping[str, Any], who: Who) -> None:
    different = {n: v for n, v in changes.items() if n == "items" or v != getattr(invoice, n)}
    if invoice.status == Status.DRAFT and "items" in changes:
        # Said of the new lines, not of the old: what is named with them is meant anew.
        different = dict(changes)
    if not different:
        return
    if invoice.status == Status.DRAFT and not different.keys() <= ALWAYS:
        _rewrite(invoice, different, changes.keys(), who)
        return
    allowed = WHILE_POSTED if invoice.status == Status.POSTED else ALWAYS
    if fixed := sorted(different.keys() - allowed):
        raise errors.DocumentImmutable(invoice.status, fixed)
    due = different.get("due_date")
    if due and due < invoice.local_date:
        raise refused([DUE_TOO_EARLY])
    _keep(invoice, different, who)


def _rewrite(
    invoice: TestInvoice, different: Mapping[str, Any], named: Collection[str], who: Who
) -> None:
    checked, changes = drafts.said_anew(invoice, different, named)
    has_new_lines = "items" in different or drafts.is_shared_anew(invoice, different)
    changes["written_by"] = who.actor
    if number := _number_anew(invoice, changes, checked.lab):
        changes["invoice_number"] = number
    _keep(invoice, changes, who, lines=checked if has_new_lines else None)


def _number_anew(invoice: TestInvoice, changes: Mapping[str, Any], lab: LabSettings) -> str | None:
    """The number of a draft that moves to another financial year, which its own is not of (Rule
    46). One that somebody wrote by hand stays, or is changed by hand.
    """
    number, day = invoice.invoice_number, changes.get("local_date", invoice.local_date)
    by_hand = changes.get("invoice_number", number)
    of_its_year = financial_year(day) == financial_year(invoice.local_date)
    if (of_its_year and by_hand == number) or not is_given(invoice.tenant_id, number):
        return None
    # Before the next number is taken, as everywhere.
    ledger.open_books(invoice.tenant_id)
    give_up(invoice)
    return _next_number(lab, day) if by_hand == number else None


def _read_again(invoice: TestInvoice) -> None:
    invoice.refresh_from_db()
    if invoice.is_deleted:
        raise errors.InvoiceNotFound


def _require_version(invoice: TestInvoice, version: int | None) -> None:
    """Raises StaleVersion where the caller has read another version than there is."""
    if version is not None and version != invoice.version:
        raise errors.StaleVersion


def _is_as_read(invoice: TestInvoice) -> bool:
    return TestInvoice.objects.filter(pk=invoice.pk, version=invoice.version).exists()


def _keep(
    invoice: TestInvoice, changes: dict[str, Any], who: Who, *, lines: Checked | None = None
) -> None:
    """Change what the invoice says, its lines too where there are new ones, and note both."""
    before = {n: getattr(invoice, n) for n, v in changes.items() if v != getattr(invoice, n)}
    after = {name: changes[name] for name in before}
    _move(invoice, invoice.status, who, **changes)
    if lines:
        was, now = _replace_lines(invoice, lines)
        if was != now:
            before["items"], after["items"] = was, now
    note(invoice, "changed", who, before, after)


def _replace_lines(invoice: TestInvoice, checked: Checked) -> tuple[Any, Any]:
    """The lines as they stood, and as they stand now; nobody could read the old ones elsewhere."""
    was = drafts.lines_told(invoice)
    invoice.items.all().delete()
    _write_lines(invoice, checked)
    return was, drafts.lines_told(invoice)


def _move(invoice: TestInvoice, target: str, who: Who, **changes: Any) -> None:
    """Compare-and-set on status and version; raises IllegalTransition and ChangedMeanwhile."""
    if target != invoice.status and target not in NEXT[invoice.status]:
        raise errors.IllegalTransition(f"A {invoice.status} invoice cannot become {target}.")
    changes |= {
        "status": str(target),
        "version": invoice.version + 1,
        "updated_at": timezone.now(),
        "updated_by": who.actor,
    }
    # Money that arrives makes a new version, too.
    as_read = {"status": invoice.status, "version": invoice.version}
    if not change(invoice, as_read, changes):
        raise errors.ChangedMeanwhile(
            f"Invoice {invoice.invoice_number} was changed meanwhile; read it again."
        )
    for name, value in changes.items():
        setattr(invoice, name, value)


def _taken(tenant: Tenant, said: Mapping[str, Any], trouble: IntegrityError) -> Exception:
    """The one rule of the database that a caller can break; any other is a bug of ours."""
    number = said.get("invoice_number")
    if number and TestInvoice.objects.filter(tenant=tenant, invoice_number=number).exists():
        return errors.DuplicateInvoiceNumber(
            f"Invoice number {number} is taken.", param="invoice_number"
        )
    return trouble
