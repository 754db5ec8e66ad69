"""How bills are given and paid: discounts by who billed, by branch, days until paid. Reads only."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.db.models import Count, Max, Q, QuerySet, Sum

from config.tenancy.models import Tenant
from health.findings import q
from health.models import PaymentStatus, Status, TestInvoice
from health.report import NIL, Figure, Lead, Period, Report, Row, Rows, Word
from health.reporting import AT_A_TIME, dated

# Days from the bill to its last money at most, and what such a bill is called.
WITHIN = (
    *((0, "same day"), (7, "1-7"), (30, "8-30"), (60, "31-60"), (90, "61-90")),
    (None, "over 90"),
)
NO_BRANCH = "none"
SETTLED = (PaymentStatus.PAID, PaymentStatus.OVERPAID)


def discounts(tenant: Tenant, period: Period) -> Report:
    """What each person and program gave away of what it billed, on lines and on the whole."""
    sums = (
        _posted(tenant, period)
        .values("created_by")
        .annotate(
            count=Count("id"),
            gross=Sum("subtotal_amount"),
            of_lines=Sum("items_total_discount_amount"),
            of_whole=Sum("overall_disc_amount"),
        )
    )
    rows: list[Row] = []
    for row in sums.order_by("created_by"):
        behind = Lead("bills", only={"by": row["created_by"], "status": Status.POSTED})
        off = row["of_lines"] + row["of_whole"]
        rows.append(
            (
                Word(row["created_by"], behind),
                row["count"],
                Figure(row["gross"], behind),
                Figure(off, behind),
                q(off * 100 / row["gross"]) if row["gross"] else NIL,
            )
        )
    head = ("by", "bills", "gross", "discount", "percent")
    return Report("Discounts", head, rows, head[1:4])


def branches(tenant: Tenant, period: Period) -> Report:
    """What each branch billed, and what became of it until now."""
    sums = (
        _posted(tenant, period)
        .values("branch_id")
        .annotate(
            count=Count("id"),
            billed=Sum("final_amount"),
            credited=Sum("credited_amount"),
            paid=Sum("paid_amount"),
            balance=Sum("balance_amount"),
        )
    )
    rows: list[Row] = []
    for row in sums.order_by("branch_id"):
        branch = branch_name(row["branch_id"])
        behind = Lead("bills", only={"branch": branch, "status": Status.POSTED})
        amounts = (row[name] for name in ("billed", "credited", "paid", "balance"))
        rows.append(
            (Word(branch, behind), row["count"], *(Figure(amount, behind) for amount in amounts))
        )
    # The bills of no branch first, on either engine.
    rows.sort(key=lambda row: (row[0] != NO_BRANCH, row[0].zfill(19)))
    head = ("branch", "bills", "billed", "credited", "paid", "balance")
    return Report("Branches", head, rows, head[1:])


def branch_name(branch: int | None) -> str:
    """The number of a branch as reports have it."""
    return NO_BRANCH if branch is None else str(branch)


def billed_by_branch(tenant: Tenant, period: Period) -> dict[str, dict[date, Decimal]]:
    """What each branch billed on each day on which it did."""
    sums = _posted(tenant, period).values_list("branch_id", "local_date")
    found: dict[str, dict[date, Decimal]] = {}
    for branch, day, billed in sums.annotate(billed=Sum("final_amount")):
        found.setdefault(branch_name(branch), {})[day] = billed
    return found


def days_to_pay(tenant: Tenant, period: Period) -> Report:
    """How long the bills of the period took until their last money had come."""
    found: dict[str, tuple[int, Decimal]] = {}
    for row in paid_bills(tenant, period).rows:
        count, total = found.get(row[5], (0, NIL))
        found[row[5]] = count + 1, total + row[6]
    rows: list[Row] = []
    for label in (label for _, label in WITHIN if label in found):
        count, total = found[label]
        behind = Lead("paid-bills", only={"within": label})
        rows.append((Word(label, behind), count, Figure(total, behind)))
    head = ("days", "bills", "billed")
    return Report("Days to pay", head, rows, head[1:])


def paid_bills(tenant: Tenant, period: Period) -> Report:
    """The bills of the period that are paid in full, with the day of the last money for them.

    Money came on the day of its receipt in the books. An advance that was there before the bill
    pays it on its own day.
    """
    live = Q(allocations__amount__gt=0, allocations__taken_back_by__isnull=True)
    values = (
        _posted(tenant, period)
        .filter(payment_status__in=SETTLED)
        .annotate(last=Max("allocations__payment__voucher__date", filter=live))
        .order_by("local_date", "id")
        .values_list("local_date", "pk", "invoice_number", "patient_name", "last", "final_amount")
    )

    def fetch() -> Iterator[Row]:
        for day, pk, number, patient, last, total in values.iterator(AT_A_TIME):
            paid_on = max(last or day, day)
            days = (paid_on - day).days
            word = Word(number, Lead("invoice", pk))
            yield day, word, patient, paid_on, days, _bucket(days), total

    head = ("date", "invoice", "patient", "paid on", "days", "within", "total")
    return Report("Paid bills", head, Rows(fetch), ("total",))


def _bucket(days: int) -> str:
    return next(label for limit, label in WITHIN if limit is None or days <= limit)


def _posted(tenant: Tenant, period: Period) -> QuerySet[TestInvoice]:
    posted = TestInvoice.objects.filter(tenant=tenant, status=Status.POSTED).order_by()
    return dated(posted, "local_date", period)
