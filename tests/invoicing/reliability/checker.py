"""Compares what Daftar believes with what the authority holds.

One checker for races, kills, network cuts, the chaos campaign and the naive control. It reads the
database through the models and the authority through its control endpoint, never through the code
under test, and finds something wrong or nothing.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, pairwise
from typing import Any

from django.utils import timezone

from config.db.log_chain import Link, first_break
from invoicing.models import Chain, Invoice, InvoiceLog, Revision
from invoicing.sandbox import Control
from invoicing.zatca.hashing import FIRST_PIH

Row = dict[str, Any]
SUBMISSIONS = "/invoices/"  # as against the calls of onboarding


class Broken(StrEnum):
    """Which promise does not hold."""

    LOST = "lost"
    DOUBLED = "doubled"
    STRANGER = "held by the authority, unknown here"
    BYTES = "bytes differ"
    CHAIN = "chain"
    LOG = "log"
    LEASE = "lease"


@dataclass(frozen=True, slots=True)
class Violation:
    promise: Broken
    says: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was compared, and what is wrong with it."""

    statuses: Counter[str]
    sealed: int
    held: int
    accepted: int
    deliveries: int
    repeated: int
    overlapping: int
    faulted: int
    violations: tuple[Violation, ...] = field(default=())

    @property
    def broken(self) -> set[Broken]:
        return {violation.promise for violation in self.violations}

    def __str__(self) -> str:
        found = Counter(violation.promise for violation in self.violations)
        words = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
        lines = [
            f"invoices here          {self.statuses.total()} ({words})",
            f"documents sealed here  {self.sealed}",
            f"documents held there   {self.held}, {self.accepted} of them accepted",
            f"deliveries             {self.deliveries}, {self.repeated} of them repetitions, "
            f"{self.faulted} met a fault, {self.overlapping} overlapped",
            *(f"{promise.value:<22} {found[promise]}" for promise in Broken),
            *(f"  {violation.promise}: {violation.says}" for violation in self.violations[:20]),
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Books:
    """Both sides, read once; documents by seller and number, revisions by hash."""

    invoices: list[Invoice]
    revisions: dict[str, Revision]
    documents: list[Row]
    deliveries: list[Row]


def check(control: Control) -> Report:
    """Compare both sides as they stand; call it when every lease should have been freed."""
    books = _read(control)
    calls = books.deliveries
    return Report(
        statuses=Counter(invoice.status for invoice in books.invoices),
        sealed=len(books.revisions),
        held=len(books.documents),
        accepted=sum(row["accepted"] for row in books.documents),
        deliveries=len(calls),
        repeated=len(calls) - len({row["invoice_hash"] for row in calls}),
        overlapping=sum(row["overlap"] > 0 for row in calls),
        faulted=sum(bool(row["fault"]) for row in calls),
        violations=tuple(
            chain(
                _lost(books),
                _doubled(books),
                _strangers(books),
                _changed_bytes(books),
                _broken_chains(books),
                _broken_logs(books),
                _stuck(books),
            )
        ),
    )


def _read(control: Control) -> Books:
    revisions = Revision.objects.exclude(icv=None).select_related("invoice__tenant")
    return Books(
        invoices=list(Invoice.objects.select_related("tenant").order_by("id")),
        revisions={revision.hash: revision for revision in revisions if revision.hash},
        documents=control.documents(),
        deliveries=[row for row in control.deliveries() if row["call"].startswith(SUBMISSIONS)],
    )


def _key(row: Row) -> tuple[str, str]:
    return row["vat_number"], row["number"]


def _lost(books: Books) -> Iterator[Violation]:
    """CLEARED means that the authority accepted this very document; not final means waiting."""
    accepted = defaultdict(list)
    for row in books.documents:
        if row["accepted"]:
            accepted[_key(row)].append(row["invoice_hash"])
    for invoice in books.invoices:
        there = accepted[invoice.tenant.vat_number, invoice.invoice_number]
        name = invoice.invoice_number
        if invoice.phase == "PHASE_2" and invoice.status == "CLEARED":
            if invoice.hash not in there:
                yield Violation(Broken.LOST, f"{name} is CLEARED here, not accepted there")
        elif invoice.status == "REJECTED":
            if there:
                yield Violation(Broken.LOST, f"{name} is REJECTED here, accepted there")
        elif invoice.status != "CLEARED" and not _waits(invoice):
            yield Violation(Broken.LOST, f"{name} is {invoice.status}, and nobody will look at it")


def _waits(invoice: Invoice) -> bool:
    return bool(invoice.next_attempt_at or invoice.lease_until or invoice.parked_at)


def _doubled(books: Books) -> Iterator[Violation]:
    accepted = Counter(_key(row) for row in books.documents if row["accepted"])
    for (_, number), count in accepted.items():
        if count > 1:
            yield Violation(Broken.DOUBLED, f"{number} was accepted as {count} documents")
    for row in books.documents:
        if row["registrations"] > 1:
            yield Violation(Broken.DOUBLED, f"{row['number']} was registered more than once")


def _strangers(books: Books) -> Iterator[Violation]:
    for row in books.documents:
        ours = books.revisions.get(row["invoice_hash"])
        if ours is None:
            yield Violation(
                Broken.STRANGER, f"{row['number']} as ICV {row['icv']}, uuid {row['uuid']}"
            )
            continue
        here = (str(ours.uuid), ours.icv, ours.pih, ours.invoice.invoice_number)
        there = (row["uuid"], row["icv"], row["pih"], row["number"])
        if here != there:
            yield Violation(Broken.STRANGER, f"{there} there is {here} here")


def _changed_bytes(books: Books) -> Iterator[Violation]:
    """Every delivery of a document carried the bytes that are stored here."""
    sealed = {
        str(revision.uuid): hashlib.sha256(bytes(revision.xml or b"")).hexdigest()
        for revision in books.revisions.values()
    }
    for row in books.deliveries:
        if sealed.get(row["uuid"], row["sha256"]) != row["sha256"]:
            yield Violation(Broken.BYTES, f"{row['target']}, delivery {row['nth']}")


def _broken_chains(books: Books) -> Iterator[Violation]:
    """ICV 1..n without gap or repeat, each PIH the hash of the document before; there as well."""
    for line in Chain.objects.all():
        documents = list(line.documents.order_by("icv").values_list("icv", "pih", "hash"))
        if [icv for icv, _, _ in documents] != list(range(1, line.last_icv + 1)):
            yield Violation(Broken.CHAIN, f"{line}: ICVs are not 1..{line.last_icv}")
        for (_, _, before), (icv, pih, _) in pairwise([(0, "", FIRST_PIH), *documents]):
            if pih != before:
                yield Violation(Broken.CHAIN, f"{line}: ICV {icv} does not follow the one before")
        if documents and documents[-1][2] != line.last_hash:
            yield Violation(Broken.CHAIN, f"{line}: its head is not its last document")
    places = Counter((row["csid"], row["icv"]) for row in books.documents)
    for (_, icv), count in places.items():
        if count > 1:
            yield Violation(Broken.CHAIN, f"the authority holds {count} documents as ICV {icv}")


def _broken_logs(books: Books) -> Iterator[Violation]:
    rows = defaultdict(list)
    for row in InvoiceLog.objects.order_by("invoice_id", "sequence"):
        rows[row.invoice_id].append(row)
    for invoice in books.invoices:
        for says in _log_faults(invoice, rows[invoice.pk]):
            yield Violation(Broken.LOG, f"{invoice.invoice_number}: {says}")


def _log_faults(invoice: Invoice, rows: list[InvoiceLog]) -> Iterator[str]:
    broken = first_break(
        Link(row.content(), row.sequence, row.previous_hash, row.entry_hash) for row in rows
    )
    if broken:
        yield broken
    if rows and (invoice.log_count, invoice.log_head) != (len(rows), rows[-1].entry_hash):
        yield "its tail was cut off"
    told = _replay(rows)
    if told not in _TELLS[invoice.status]:
        yield f"it tells {told}, the invoice is {invoice.status}"
    retries = sum(row.action == "RETRY" for row in rows)
    if retries != _claims_after_an_outcome(invoice, rows):
        yield f"{retries} RETRY rows for {_claims_after_an_outcome(invoice, rows)} claims"


# What the log must have told at last; a first claim leaves no row.
_TELLS = {
    "CREATED": {"CREATED"},
    "PROCESSING": {"CREATED", "PROCESSING"},
    "FAILED": {"FAILED"},
    "REJECTED": {"REJECTED"},
    "CLEARED": {"CLEARED"},
}
_WORDS = {"ERROR": "FAILED", "SUBMITTED": "CLEARED"}  # SUBMITTED without action: Phase 1 is done


def _replay(rows: list[InvoiceLog]) -> str:
    """The status that the rows lead to, or what is impossible about them."""
    state = "CREATED"
    for row in rows:
        if row.action == "RETRY":
            if row.previous_status != state:
                return f"a retry from {row.previous_status} in {state}"
            state = "PROCESSING"
            continue
        settled = _WORDS.get(row.status, row.status)
        late_yes = state == "FAILED" and settled == "CLEARED"
        if state not in ("CREATED", "PROCESSING") and not late_yes:
            return f"{settled} after {state}"
        state = settled
    return state


def _claims_after_an_outcome(invoice: Invoice, rows: list[InvoiceLog]) -> int:
    """Attempts less the first claim, and less those that 303 opened within a claim."""
    attempts = list(invoice.attempts.all())
    if [a.number for a in reversed(attempts)] != list(range(1, invoice.attempt_no + 1)):
        return -1
    handed_over = sum(a.error_code == "clearance_switched_off" for a in attempts)
    refused_unclaimed = bool(rows) and rows[0].status == "REJECTED" and rows[0].attempt_no == 0
    first = int(bool(attempts) and not refused_unclaimed)
    return len(attempts) - handed_over - first


def _stuck(books: Books) -> Iterator[Violation]:
    now = timezone.now()
    for invoice in books.invoices:
        if invoice.status == "PROCESSING" and invoice.lease_until and invoice.lease_until < now:
            yield Violation(Broken.LEASE, f"{invoice.invoice_number} is held by a dead process")
