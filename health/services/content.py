"""What a laboratory invoice says: written, and changed while it may be (health.md 4).

All of it joins the transaction of the caller.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from config.tenancy.models import Tenant
from health import errors, ledger
from health.identifiers import mobile
from health.models import LabSettings, Status, TestInvoice, TestInvoiceItem
from health.numbering import financial_year, is_given, number_of_year
from health.services import drafts
from health.services.checking import DUE_TOO_EARLY, Checked, refused
from health.services.history import Who, note
from health.services.moving import move
from health.services.numbers import give_up
from health.writing import insert, insert_rows, is_there

# What may change once it is no draft.
ALWAYS = frozenset({"notes", "tags"})
WHILE_POSTED = ALWAYS | {"due_date"}


def write(tenant: Tenant, checked: Checked, who: Who) -> TestInvoice:
    """A new draft with its lines, and a number where it has none."""
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


def change_content(invoice: TestInvoice, changes: Mapping[str, Any], who: Who) -> None:
    """All of a draft, little of what was posted. Raises DocumentImmutable, InvalidInvoice and
    ChangedMeanwhile.
    """
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


def _next_number(lab: LabSettings, day: date) -> str:
    # Somebody may have written it by hand before the series came to it.
    while True:
        number = number_of_year(lab.tenant_id, lab.invoice_prefix, day)
        if not is_there(TestInvoice, lab.tenant_id, invoice_number=[number]):
            return number


def _keep(
    invoice: TestInvoice, changes: dict[str, Any], who: Who, *, lines: Checked | None = None
) -> None:
    """Change what the invoice says, its lines too where there are new ones, and note both."""
    before = {n: getattr(invoice, n) for n, v in changes.items() if v != getattr(invoice, n)}
    after = {name: changes[name] for name in before}
    move(invoice, invoice.status, who, **changes)
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
