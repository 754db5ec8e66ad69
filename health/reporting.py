"""The reports: rows of plain values, computed in the database from exact amounts. Reads only.

A report is a head and rows of one width; API, CSV and the admin's pages show the same rows.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from config.tenancy.models import Tenant
from health.integrity import broken_rules
from health.models import (
    Payment,
    PaymentState,
    Status,
    TestInvoice,
    TestInvoiceItem,
    Voucher,
    VoucherLine,
)

NIL = Decimal("0.00")
AGES = ((0, "not due"), (30, "1-30"), (60, "31-60"), (90, "61-90"), (None, "over 90"))


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Report:
    """`head` names the columns; `totals` are those that can be added up, by column."""

    title: str
    head: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    totals: dict[str, Decimal]


def trial_balance(tenant: Tenant, period: Period) -> Report:
    """Every account's debits and credits up to the last day; the two totals are equal."""
    lines = VoucherLine.objects.filter(voucher__tenant=tenant, voucher__date__lte=period.last)
    sums = lines.values("account__code", "account__name", "account__account_type").annotate(
        debits=Sum("debit"), credits=Sum("credit")
    )
    rows = [
        (
            row["account__code"],
            row["account__name"],
            row["account__account_type"],
            max(row["debits"] - row["credits"], NIL),
            max(row["credits"] - row["debits"], NIL),
        )
        for row in sums.order_by("account__code")
    ]
    return _report("Trial balance", ("account", "name", "type", "debit", "credit"), rows)


def day_book(tenant: Tenant, period: Period) -> Report:
    """Every voucher of the period in the order it was written."""
    vouchers = _dated(Voucher.objects.filter(tenant=tenant), "date", period)
    found = vouchers.order_by("date", "id").values_list(
        "date", "voucher_number", "voucher_type__code", "reference_number", "narration"
    )
    totals = dict(vouchers.values_list("voucher_number", "seal__total"))
    rows = [(*row, totals[row[1]]) for row in found]
    head = ("date", "voucher", "type", "document", "narration", "amount")
    return _report("Day book", head, rows)


def ageing(tenant: Tenant, period: Period) -> Report:
    """What patients owe on the last day, by how long it has been due, net of payments."""
    owed = TestInvoice.objects.filter(
        tenant=tenant, status=Status.POSTED, balance_amount__gt=0, local_date__lte=period.last
    )
    ages: dict[str, dict[str, Decimal]] = {}
    for name, due, dated, balance in owed.values_list(
        "patient_name", "due_date", "local_date", "balance_amount"
    ):
        late = (period.last - (due or dated)).days
        bucket = next(label for limit, label in AGES if limit is None or late <= limit)
        of_patient = ages.setdefault(name, {label: NIL for _, label in AGES})
        of_patient[bucket] += balance
    head = ("patient", *(label for _, label in AGES), "total")
    rows = [(name, *buckets.values(), sum(buckets.values(), NIL)) for name, buckets in ages.items()]
    return _report("Ageing", head, sorted(rows))


def revenue(tenant: Tenant, period: Period) -> Report:
    """What each test and panel brought, before tax, by its name on the invoice."""
    items = TestInvoiceItem.objects.filter(
        invoice__tenant=tenant,
        invoice__status=Status.POSTED,
        invoice__local_date__range=(period.first, period.last),
    )
    sums = items.values("test_name", "panel_name").annotate(
        count=Count("id"), gross=Sum("rate"), off=Sum("disc_amount"), net=Sum("taxable_amount")
    )
    rows = [
        (row["test_name"] or row["panel_name"], row["count"], row["gross"], row["off"], row["net"])
        for row in sums
    ]
    rows.sort(key=lambda row: (-row[4], row[0]))
    return _report("Revenue", ("test or panel", "count", "gross", "discount", "net"), rows)


def collections(tenant: Tenant, period: Period) -> Report:
    """What was received, by mode of payment."""
    received = Payment.objects.filter(tenant=tenant, status=PaymentState.POSTED)
    sums = (
        _dated(received, "date", period)
        .values("mode")
        .annotate(count=Count("id"), total=Sum("amount"), back=Sum("refunded_amount"))
    )
    rows = [
        (row["mode"], row["count"], row["total"], row["back"], row["total"] - row["back"])
        for row in sums.order_by("mode")
    ]
    return _report("Collections", ("mode", "count", "received", "refunded", "kept"), rows)


def gst_summary(tenant: Tenant, period: Period) -> Report:
    """Taxable value and tax by rate, apart for registered recipients, as GSTR-1 asks for them."""
    items = TestInvoiceItem.objects.filter(
        invoice__tenant=tenant,
        invoice__status=Status.POSTED,
        invoice__local_date__range=(period.first, period.last),
    )
    sums = items.values("cgst_rate", "igst_rate", "invoice__recipient_gstin").annotate(
        taxable=Sum("taxable_amount"),
        cgst=Sum("cgst_amount"),
        sgst=Sum("sgst_amount"),
        igst=Sum("igst_amount"),
        cess=Sum("cess_amount"),
    )
    by_kind: dict[tuple[str, Decimal], list[Decimal]] = {}
    for row in sums:
        rate = row["cgst_rate"] * 2 + row["igst_rate"]
        kind = "NIL/EXEMPT" if not rate else "B2B" if row["invoice__recipient_gstin"] else "B2C"
        amounts = [row[name] for name in ("taxable", "cgst", "sgst", "igst", "cess")]
        known = by_kind.setdefault((kind, rate), [NIL] * len(amounts))
        by_kind[kind, rate] = [a + b for a, b in zip(known, amounts, strict=True)]
    rows = [(kind, f"{rate:f}", *amounts) for (kind, rate), amounts in sorted(by_kind.items())]
    head = ("supplies", "rate", "taxable", "cgst", "sgst", "igst", "cess")
    return _report("GST summary", head, rows)


def unposted(tenant: Tenant, period: Period) -> Report:
    """Drafts dated in the period: billed to nobody yet."""
    drafts = TestInvoice.objects.filter(tenant=tenant, status=Status.DRAFT, is_deleted=False)
    rows = list(
        _dated(drafts, "local_date", period)
        .order_by("local_date", "id")
        .values_list("local_date", "invoice_number", "patient_name", "created_by", "final_amount")
    )
    return _report("Unposted drafts", ("date", "invoice", "patient", "by", "amount"), rows)


def integrity(tenant: Tenant, period: Period) -> Report:
    """What does not hold in the books; no row where all of it does."""
    return _report("Integrity", ("broken",), [(said,) for said in broken_rules(tenant.pk)])


REPORTS: dict[str, Callable[[Tenant, Period], Report]] = {
    "trial-balance": trial_balance,
    "day-book": day_book,
    "ageing": ageing,
    "revenue": revenue,
    "collections": collections,
    "gst-summary": gst_summary,
    "unposted": unposted,
    "integrity": integrity,
}


def month_of(day: date) -> Period:
    """From the first of the month to `day`."""
    return Period(day.replace(day=1), day)


def _dated(rows: QuerySet, column: str, period: Period) -> QuerySet:
    return rows.filter(**{f"{column}__range": (period.first, period.last)})


def _report(title: str, head: Iterable[str], rows: list[tuple[Any, ...]]) -> Report:
    names = tuple(head)
    totals = {
        name: sum((row[place] for row in rows), NIL)
        for place, name in enumerate(names)
        if rows and all(isinstance(row[place], Decimal) for row in rows)
    }
    return Report(title, names, rows, totals)
