"""The log chain of every invoice, recomputed under the audit key (config.db.log_chain)."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from config.db.log_chain import GENESIS, Link, first_break
from config.tenancy.models import Tenant
from invoicing.models import Invoice, InvoiceLog

CHUNK = 100


class Head(NamedTuple):
    """Where an invoice says that its log ends."""

    pk: int
    tenant_id: int
    invoice_number: str
    log_count: int
    log_head: str


class LogCheck(NamedTuple):
    """One invoice's log: how many entries it has, and what is wrong with it first, if anything."""

    head: Head
    entries: int
    finding: str | None


def heads(tenant: Tenant | None = None) -> Iterator[list[Head]]:
    """The heads of all logs by invoice id, in lists of at most a hundred."""
    invoices = Invoice.objects.order_by("pk")
    if tenant is not None:
        invoices = invoices.for_tenant(tenant)
    last = 0
    while chunk := [
        Head(*row) for row in invoices.filter(pk__gt=last).values_list(*Head._fields)[:CHUNK]
    ]:
        yield chunk
        last = chunk[-1].pk


def check_logs(tenant: Tenant | None = None) -> Iterator[LogCheck]:
    """Every invoice with the state of its log; of one tenant, or of all.

    A tail that was cut off together with the invoice's own count does not show here: compare with a
    seal (`seals.seal_findings`). Entries that are written meanwhile are no finding.
    """
    for chunk in heads(tenant):
        logs: dict[int, list[InvoiceLog]] = defaultdict(list)
        rows = InvoiceLog.objects.filter(invoice_id__in=[head.pk for head in chunk])
        for row in rows.order_by("invoice_id", "sequence"):
            logs[row.invoice_id].append(row)
        for head in chunk:
            entries = logs[head.pk]
            yield LogCheck(head, len(entries), _finding(head, entries))


def _finding(head: Head, entries: list[InvoiceLog]) -> str | None:
    links = (
        Link(row.content(), row.sequence, row.previous_hash, row.entry_hash) for row in entries
    )
    broken = first_break(links)
    if broken is not None:
        return broken
    if len(entries) < head.log_count:
        return f"{head.log_count - len(entries)} entries at its end are missing"
    hashes = [GENESIS, *(row.entry_hash for row in entries)]
    if hashes[head.log_count] != head.log_head:
        return f"entry {head.log_count} is not the one that the invoice names"
    if len(entries) > head.log_count and len(entries) > _count_now(head):
        return "there are entries beyond the invoice's own count"
    return None


def _count_now(head: Head) -> int:
    return Invoice.objects.values_list("log_count", flat=True).get(pk=head.pk)
