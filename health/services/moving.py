"""How a laboratory invoice moves: posted into the books, cancelled out of them (health.md 4).

All of it joins the transaction of the caller, who has opened the books.
"""

from datetime import date
from typing import Any

from django.utils import timezone

from health import errors, ledger, posting
from health.ledger import Books, Reference
from health.models import NEXT, LabSettings, Source, Status, TestInvoice
from health.services import drafts
from health.services.checking import billed_before, refused
from health.services.days import require_day, today
from health.services.history import POSTED, Who, note, note_at
from health.services.mailing import email_when_posted
from health.services.movements import settled_on
from health.services.numbers import give_up
from health.writing import change


def go(books: Books, invoice: TestInvoice, target: str, who: Who) -> None:
    """To POSTED or CANCELLED, as a PUT says it. Raises IllegalTransition and what both raise."""
    if target == Status.POSTED:
        post_draft(books, invoice, who)
    elif target == Status.CANCELLED:
        cancel(books, invoice, who, None)
    else:
        raise errors.IllegalTransition(f"A {invoice.status} invoice cannot become {target}.")


def post_draft(books: Books, invoice: TestInvoice, who: Who) -> None:
    """DRAFT → POSTED, judged once more: the laboratory may ask for more than it did when the draft
    was written. Raises IllegalTransition, InvalidInvoice, and what `post` raises.
    """
    if invoice.status != Status.DRAFT:
        raise errors.IllegalTransition(f"A {invoice.status} invoice cannot be posted.")
    checked = drafts.judged(invoice)
    if findings := drafts.not_its_lines(invoice, checked):
        raise refused(findings)
    post(books, invoice, checked.lab, who)
    note_at(invoice.tenant_id, Source.TEST_INVOICE, invoice.pk, who, POSTED)


def post(books: Books, invoice: TestInvoice, lab: LabSettings, who: Who) -> None:
    """Into the books, by its voucher; one of nothing without one. Its history is the caller's.

    Raises SameMaker, DateOutOfRange, InvalidInvoice, NothingToPost, TaxOnNothing, PeriodLocked,
    AccountUnusable, ChangedMeanwhile.
    """
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
    move(
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


def cancel(books: Books, invoice: TestInvoice, who: Who, on: date | None) -> None:
    """Out of the books again, on `on` or today; a draft gives up its number.

    Raises HasPayments, HasCredits, PeriodLocked, DateTooEarly, ChangedMeanwhile.
    """
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
    move(invoice, Status.CANCELLED, who, **changes)
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


def move(invoice: TestInvoice, target: str, who: Who, **changes: Any) -> None:
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
