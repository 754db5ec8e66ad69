"""What is owed, what was collected, and how a patient's account stands. Reads only."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from config.tenancy.models import Tenant
from health import errors
from health.models import (
    Allocation,
    CreditNote,
    Patient,
    Payment,
    PaymentState,
    PaymentStatus,
    Refund,
    Source,
    Status,
    TestInvoice,
    Voucher,
    VoucherLine,
)
from health.report import NIL, Figure, Lead, Number, Period, Report, Row, Rows, Word
from health.reporting import AT_A_TIME, bounced_in, dated, named, received
from health.words import AGES

WHAT = {
    Source.TEST_INVOICE: ("Invoice", "Invoice cancelled"),
    Source.CREDIT_NOTE: ("Credit note", "Credit note reversed"),
    Source.PAYMENT: ("Payment", "Payment reversed"),
    Source.ALLOCATION: ("Advance of another patient", "Advance taken back"),
    Source.REFUND: ("Refund", "Refund reversed"),
}


def ageing(tenant: Tenant, period: Period) -> Report:
    """What is owed by now of bills up to the last day, by how long it was due on that day."""
    ages: dict[tuple[str, str], dict[str, Decimal]] = {}
    for row in owed(tenant, period).rows:
        patient, reference, bucket, balance = row[2], row[3], row[6], row[10]
        of_patient = ages.setdefault((patient, reference), {label: NIL for _, label in AGES})
        of_patient[bucket] += balance
    rows = [_aged(*who, buckets) for who, buckets in sorted(ages.items())]
    head = ("patient", "patient id", *(label for _, label in AGES), "total")
    return Report("Ageing", head, rows, head[2:])


def _aged(patient: str, reference: str, buckets: dict[str, Decimal]) -> Row:
    who = {"patient": patient, "patient_id": reference}
    figures = (
        Figure(amount, Lead("owed", only=who | {"age": bucket}))
        for bucket, amount in buckets.items()
    )
    total = Figure(sum(buckets.values(), NIL), Lead("owed", only=who))
    return _patient(patient, reference), reference, *figures, total


def owed(tenant: Tenant, period: Period) -> Report:
    """Every bill that is not paid, dated up to the last day, with its age on that day."""
    open_ones = (
        # What is paid in full owes nothing; said so that the index of open bills is enough.
        TestInvoice.objects.filter(tenant=tenant, status=Status.POSTED)
        .exclude(payment_status=PaymentStatus.PAID)
        .filter(balance_amount__gt=0, local_date__lte=period.last)
        .order_by("due_date", "id")
    )
    values = open_ones.values_list(
        "local_date", "pk", "invoice_number", "patient_name", "patient_id", "due_date",
        "final_amount", "credited_amount", "paid_amount", "balance_amount",
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        for day, pk, number, name, patient, due, *amounts in values.iterator(AT_A_TIME):
            late = (period.last - (due or day)).days
            reference = "" if patient is None else str(patient)
            yield (
                day, Word(number, Lead("invoice", pk)), _patient(name, reference), reference,
                due or day, max(late, 0), _bucket(late), *amounts,
            )  # fmt: skip

    head = (
        *("date", "invoice", "patient", "patient id", "due", "days", "age"),
        *("total", "credited", "paid", "balance"),
    )
    return Report("Open bills", head, Rows(fetch), head[7:])


def collections(tenant: Tenant, period: Period) -> Report:
    """What was received, given back and lost again, as by a cheque that bounced, in the period:
    each by its own mode and day.
    """
    came = received(tenant, period).order_by().values("mode")
    fell = bounced_in(tenant, period).order_by().values("mode")
    went = dated(Refund.objects.filter(tenant=tenant), "date", period).order_by().values("mode")
    kept = {row["mode"]: row for row in came.annotate(count=Count("id"), total=Sum("amount"))}
    refunded = {row["mode"]: row["total"] for row in went.annotate(total=Sum("amount"))}
    bounced = {row["mode"]: row["total"] for row in fell.annotate(total=Sum("amount"))}
    rows: list[Row] = []
    for mode in sorted({*kept, *refunded, *bounced}):
        of_mode = kept.get(mode, {"count": 0, "total": NIL})
        back, lost = refunded.get(mode, NIL), bounced.get(mode, NIL)
        only = {"mode": mode}
        rows.append(
            (
                Word(mode, Lead("receipts", only=only)),
                Number(of_mode["count"], Lead("receipts", only=only)),
                Figure(of_mode["total"], Lead("receipts", only=only)),
                Figure(back, Lead("refunds", only=only)),
                Figure(lost, Lead("bounced", only=only)),
                of_mode["total"] - back - lost,
            )
        )
    head = ("mode", "count", "received", "refunded", "bounced", "kept")
    return Report("Collections", head, rows, head[2:])


def receipts(tenant: Tenant, period: Period) -> Report:
    """Every payment received in the period, and what became of it until now."""
    values = (
        received(tenant, period)
        .order_by("voucher__date", "id")
        .values_list(
            "voucher__date", "pk", "number", "party_name", "mode", "invoice_id",
            "invoice__invoice_number", "reference", "status", "amount", "refunded_amount",
        )
    )  # fmt: skip

    def fetch() -> Iterator[Row]:
        for day, pk, number, party, mode, of, invoice, *others in values.iterator(AT_A_TIME):
            offered = Word(invoice, Lead("invoice", of)) if of else ""
            reference, status, amount, back = others
            lost = amount if status == PaymentState.REVERSED else NIL
            yield (
                day, Word(number, Lead("payment", pk)), party, mode, offered, reference,
                amount, back, lost, amount - back - lost,
            )  # fmt: skip

    head = (
        *("date", "payment", "patient", "mode", "invoice", "reference"),
        *("received", "refunded", "bounced", "kept"),
    )
    return Report("Receipts", head, Rows(fetch), head[6:])


def refunds(tenant: Tenant, period: Period) -> Report:
    """Every amount given back in the period."""
    found = dated(Refund.objects.filter(tenant=tenant), "date", period).order_by("date", "id")
    rows = [
        (day, Word(number, Lead("payment", pk)), party, mode, reason, amount)
        for day, pk, number, party, mode, reason, amount in found.values_list(
            "date", "payment_id", "payment__number", "payment__party_name", "mode", "reason",
            "amount",
        )
    ]  # fmt: skip
    head = ("date", "payment", "patient", "mode", "reason", "refunded")
    return Report("Refunds", head, rows, ("refunded",))


def bounced(tenant: Tenant, period: Period) -> Report:
    """Every payment that was undone in the period."""
    found = bounced_in(tenant, period).order_by("voucher__reversal__date", "id")
    rows = [
        (day, Word(number, Lead("payment", pk)), party, mode, reason, amount)
        for day, pk, number, party, mode, reason, amount in found.values_list(
            "voucher__reversal__date", "pk", "number", "party_name", "mode", "reason", "amount"
        )
    ]
    head = ("date", "payment", "patient", "mode", "reason", "bounced")
    return Report("Bounced payments", head, rows, ("bounced",))


def statement(tenant: Tenant, reference: int, period: Period) -> Report:
    """A patient's account: what was billed, credited, paid and given back, and what is owed after.

    From the vouchers, so that it says what the books say; below zero is the patient's credit.
    `reference` is the laboratory's own number of the patient. Raises PatientNotFound.
    """
    name, phone = _who(tenant, reference)
    entries = _entries(tenant, reference)
    opening = sum((e.debit - e.credit for v, e in entries if v.date < period.first), NIL)
    rows: list[Row] = [(period.first, "", "Opening balance", "", NIL, NIL, opening)]
    balance = opening
    for voucher, entry in entries:
        if period.first <= voucher.date <= period.last:
            balance += entry.debit - entry.credit
            what = WHAT[Source(voucher.reference_type)][voucher.reverses_id is not None]
            rows.append(
                (
                    voucher.date,
                    Word(voucher.voucher_number, Lead("voucher", voucher.pk)),
                    what,
                    named(
                        voucher.reference_number,
                        voucher.reference_type,
                        voucher.reference_id,
                        voucher.pk,
                    ),
                    entry.debit,
                    entry.credit,
                    balance,
                )
            )
    facts = (
        ("patient", name),
        ("patient id", reference),
        ("phone", phone),
        ("opening balance", opening),
        ("closing balance", balance),
    )
    head = ("date", "voucher", "what", "document", "debit", "credit", "balance")
    return Report("Statement of account", head, rows, ("debit", "credit"), facts)


class Moved:
    """What one voucher did to a patient's account."""

    def __init__(self) -> None:
        self.debit = self.credit = NIL

    def add(self, line: VoucherLine) -> None:
        self.debit += line.debit
        self.credit += line.credit

    def settle(self) -> None:
        """One side only: an advance that is spent leaves what is owed as it was."""
        both = min(self.debit, self.credit)
        self.debit, self.credit = self.debit - both, self.credit - both


def _entries(tenant: Tenant, reference: int) -> list[tuple[Voucher, Moved]]:
    """By day and in the order of writing; found by the documents, which have indexes."""
    invoices = TestInvoice.objects.filter(tenant=tenant, patient_id=reference)
    payments = Payment.objects.filter(tenant=tenant, patient_id=reference)
    documents: dict[Source, Any] = {
        Source.TEST_INVOICE: invoices.values("pk"),
        Source.CREDIT_NOTE: CreditNote.objects.filter(invoice__in=invoices).values("pk"),
        Source.PAYMENT: payments.values("pk"),
        Source.ALLOCATION: (
            Allocation.objects.filter(payment__in=payments)
            | Allocation.objects.filter(invoice__in=invoices)
        ).values("pk"),
        Source.REFUND: Refund.objects.filter(payment__in=payments).values("pk"),
    }
    of_tenant = Voucher.objects.filter(tenant=tenant)
    originals: list[int] = []
    for source, keys in documents.items():
        found = of_tenant.filter(
            reference_type=source, reference_id__in=keys, reverses__isnull=True
        )
        originals += found.values_list("pk", flat=True)
    reversals = list(of_tenant.filter(reverses__in=originals).values_list("pk", flat=True))
    lines = VoucherLine.objects.filter(
        voucher__in=[*originals, *reversals], patient_ref=reference
    ).select_related("voucher")
    moved: dict[Voucher, Moved] = {}
    for line in lines.order_by("voucher__date", "voucher_id", "line_no"):
        moved.setdefault(line.voucher, Moved()).add(line)
    for entry in moved.values():
        entry.settle()
    return [(voucher, entry) for voucher, entry in moved.items() if entry.debit or entry.credit]


def _who(tenant: Tenant, reference: int) -> tuple[str, str]:
    """Name and phone as the master has them, or the latest document."""
    known = Patient.objects.filter(tenant=tenant, reference=reference).first()
    if known is not None:
        return known.name, known.phone
    bill = TestInvoice.objects.filter(
        tenant=tenant, patient_id=reference, is_deleted=False
    ).first()  # newest first
    if bill is None:
        raise errors.PatientNotFound
    return bill.patient_name, bill.patient_phone


def _patient(name: str, reference: str) -> str:
    return Word(name, Lead("patient", int(reference))) if reference else name


def _bucket(late: int) -> str:
    return next(label for limit, label in AGES if limit is None or late <= limit)
