"""The life of a laboratory invoice: created, changed, posted, cancelled. Each commits once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from config.problems import Problem
from config.tenancy.models import Tenant
from health import errors, ledger
from health.models import Source, Status, TestInvoice
from health.services.checking import check
from health.services.content import change_content, write
from health.services.days import require_day, today
from health.services.history import POSTED, Done, Who, note, note_at
from health.services.moving import cancel, go, move, post, post_draft
from health.services.numbers import give_up
from health.services.releasing import release_all


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
            invoice = write(tenant, checked, who)
            done = [Done("created")]
            if books:
                post(books, invoice, checked.lab, who)
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
            change_content(invoice, changes, who)
            if books:
                go(books, invoice, target, who)
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
            post_draft(books, invoice, who)
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
            cancel(books, invoice, who, on)
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
        move(invoice, Status.DRAFT, who, is_deleted=True)
        give_up(invoice)
        note(invoice, "deleted", who)


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


def _taken(tenant: Tenant, said: Mapping[str, Any], trouble: IntegrityError) -> Exception:
    """The one rule of the database that a caller can break; any other is a bug of ours."""
    number = said.get("invoice_number")
    if number and TestInvoice.objects.filter(tenant=tenant, invoice_number=number).exists():
        return errors.DuplicateInvoiceNumber(
            f"Invoice number {number} is taken.", param="invoice_number"
        )
    return trouble
