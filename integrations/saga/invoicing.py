"""The invoice: looked for after the bind, once more after the issue, then in the background."""

import time
from datetime import timedelta

from django.utils import timezone

from integrations import timing
from integrations.gateways import Gateway, refuse_in_transaction
from integrations.ims import ZERO_GUID, Invoice
from integrations.models import IMSEnvironment, IMSInvoice, IMSPolicy, InvoiceStatus, Kind
from integrations.saga.parts import Context, Done


def is_missing(context: Context) -> bool:
    """Whether an invoice is due that nobody has seen yet."""
    row = invoice_of(context)
    return row is not None and row.status == InvoiceStatus.PENDING


def is_still_missing(context: Context) -> bool:
    """The second chance is for an issue by us, or one that was sent as a transaction of its own."""
    issued = context.transaction.issued_at is not None
    return issued and is_missing(context)


def invoice_of(context: Context) -> IMSInvoice | None:
    """The invoice of this transaction; of an issue, that of the bind it issues."""
    rows = IMSInvoice.objects.filter(policy=context.policy)
    if context.transaction.kind == Kind.ISSUE:
        mine = rows.filter(quote_guid=context.transaction.quote_guid or ZERO_GUID)
        return mine.exclude(status=InvoiceStatus.VOID).order_by("-id").first()
    return rows.filter(transaction=context.transaction).first()


def invoice(context: Context) -> Done:
    """Look for the invoice: as often and as far apart as the environment says."""
    row = invoice_of(context)
    if row is None:
        return Done()
    environment = context.environment
    found = _retrieve_invoice_number(
        context.gateway,
        row,
        max_attempts=environment.invoice_attempts,
        wait_seconds=environment.invoice_wait_seconds,
        ends_at=context.ends_at,
    )
    if found is None:
        return Done(result={"found": False}, message="IMS has no invoice of it yet.")
    number = number_of(environment, found)
    return Done(
        result={"found": True, "invoice_number": number},
        then=lambda: keep(row, environment, found),
        message=f"Invoice {number}.",
    )


def _retrieve_invoice_number(
    gateway: Gateway,
    row: IMSInvoice,
    max_attempts: int = 3,
    wait_seconds: float = 2,
    ends_at: float | None = None,
) -> Invoice | None:
    """Ask IMS for the invoice of a quote, `max_attempts` times, `wait_seconds` apart; None is no
    error. Stops at the first that is found, and where the caller would not be answered in time."""
    for attempt in range(1, max_attempts + 1):
        found = ask(gateway, row)
        if found is not None or attempt == max_attempts:
            return found
        if ends_at is not None and time.monotonic() + wait_seconds > ends_at:
            return None
        refuse_in_transaction()
        time.sleep(wait_seconds)
    return None


def ask(gateway: Gateway, row: IMSInvoice) -> Invoice | None:
    """The invoice of the row's quote, as soon as it has its number. Raises IMSError.

    One that was void before, of the same quote bound again, is not it.
    """
    found = gateway.procedures.invoice(quote=row.quote_guid)
    if found is None or found.number is None:
        return None
    void = IMSInvoice.objects.filter(policy=row.policy_id, status=InvoiceStatus.VOID)
    return None if void.filter(ims_invoice_num=found.number).exists() else found


def number_of(environment: IMSEnvironment, found: Invoice) -> str:
    """The number as this environment shows it: IMS's own unless a format is set."""
    when = found.invoice_date or timezone.localdate()
    form = environment.invoice_number_format or "{number}"
    return form.format(
        number=found.number, office_number=found.office_number or "", year=when.year
    )[:100]


def look_later(row: IMSInvoice) -> None:
    """Have the background look for it, or give up after the last look."""
    if row.looks >= len(timing.INVOICE_LOOKS):
        rows = IMSInvoice.objects.filter(pk=row.pk, status=InvoiceStatus.PENDING)
        rows.update(status=InvoiceStatus.GIVEN_UP, next_look_at=None)
        return
    pause: timedelta = timing.INVOICE_LOOKS[row.looks]
    IMSInvoice.objects.filter(pk=row.pk, status=InvoiceStatus.PENDING).update(
        next_look_at=timezone.now() + pause
    )


def look_again(row: IMSInvoice) -> None:
    """IMS could not be asked: the look does not count, and there is another soon."""
    rows = IMSInvoice.objects.filter(pk=row.pk, status=InvoiceStatus.PENDING)
    rows.update(looks=max(row.looks - 1, 0), next_look_at=timezone.now() + timing.INVOICE_NOT_ASKED)


def keep(row: IMSInvoice, environment: IMSEnvironment, found: Invoice) -> None:
    """Store what IMS billed, but for its bank texts; joins the caller's transaction."""
    now, number = timezone.now(), number_of(environment, found)
    rows = IMSInvoice.objects.filter(pk=row.pk)
    looked_for = (InvoiceStatus.PENDING, InvoiceStatus.GIVEN_UP, InvoiceStatus.NOT_EXPECTED)
    changed = rows.filter(status__in=looked_for).update(
        status=InvoiceStatus.FOUND,
        invoice_number=number,
        ims_invoice_num=found.number,
        office_invoice_num=found.office_number,
        premium=found.premium,
        net_due=found.net_due,
        invoice_date=found.invoice_date,
        due_date=found.due,
        data=data_of(found),
        next_look_at=None,
        retrieved_at=now,
    )
    if not changed:
        rows.filter(status=InvoiceStatus.FOUND, ims_invoice_num=found.number).update(
            data=data_of(found), retrieved_at=now
        )
        return
    if row.transaction.kind == Kind.BIND:
        IMSPolicy.objects.filter(pk=row.policy_id).update(
            invoice_number=number,
            invoice_retrieved_at=now,
            ims_invoice_num=found.number,
            office_invoice_num=found.office_number,
            updated_at=now,
        )


# What of the header is ours to keep: everything that people read, and nothing that pays.
KEPT = (
    "PolicyNumber", "ControlNo", "PolicyType", "LineName", "CommissionPct", "CommissionAmount",
    "NetPremium", "NetDue", "Premium", "EffectiveDate", "ExpirationDate", "InvoiceDate", "DueDate",
    "PolicyPeriod", "NamedInsured", "InsuredNameAddress", "InsuredID", "ProducerName",
    "ProducerNameAddress", "CompanyName", "QuotingOfficeName", "QuotingOfficePhone",
    "OfficeInvoiceNum",
)  # fmt: skip


def data_of(found: Invoice) -> dict[str, object]:
    """The invoice as it is stored: no bank texts."""
    header = {name: found.header.text(name) for name in KEPT if found.header.text(name)}
    lines = [
        {
            "invoice_num": found.number,
            "description": line.description,
            "effective_date": line.effective,
            "due_date": line.due,
            "premium": line.premium,
            "fees": line.fees,
            "commission": line.commission,
            "gross_premium": line.gross_premium,
            "amount_due": line.amount_due,
            "net_amount_due": line.net_amount_due,
        }
        for line in found.lines
    ]
    return {"header": header, "lines": lines}
