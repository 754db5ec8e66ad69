"""What the plots of the laboratory show, and where each bar of them leads."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from config.tenancy.models import Tenant
from health.plots import Bar, Course, columns, courses, ranking, stack
from health.report import NIL, Lead, Question, Row
from health.reporting_habits import (
    NO_BRANCH,
    WITHIN,
    billed_by_branch,
    branches,
    days_to_pay,
    discounts,
)
from health.reporting_money import ageing, collections
from health.reporting_sales import revenue, revenue_by_day
from health.words import AGES, rupees

# More days than that have no room beside each other.
DAYS_SHOWN = 62
RANKED = 12
BILLED, CREDITED, COLLECTED, REFUNDED, BOUNCED = 3, 4, 5, 6, 7  # columns of revenue by day
NET = 6  # a column of revenue

Address = Callable[[Lead], str]


def analytics(tenant: Tenant, asked: Question, address: Address) -> dict[str, Any]:
    """The figures and plots of a period."""
    days = list(revenue_by_day(tenant, asked).rows)
    tests = list(revenue(tenant, asked).rows)
    modes = [row for row in collections(tenant, asked).rows if row[2]]
    owed = ageing(tenant, asked)
    given = [row for row in discounts(tenant, asked).rows if row[3]]
    waits = list(days_to_pay(tenant, asked).rows)
    of_branches = list(branches(tenant, asked).rows)
    return {
        "tiles": _tiles(days, owed.totals["total"], address),
        "by_day": columns(_by_day(days, asked), "Billed and collected"),
        "by_test": ranking(list(_ranked(tests, address)), "Revenue by test or panel"),
        "by_mode": ranking(
            [(row[0], _bar(row[2], row[2].lead, address, series=1)) for row in modes],
            "Collections by mode",
        ),
        "ages": _ages(owed.totals, address),
        "ageing": stack([bar for _, bar in _ages(owed.totals, address)], "What is owed, by age"),
        "by_user": ranking(list(_discounted(given, address)), "Discount by who billed"),
        "waits": columns(list(_waits(waits, address)), "Days to pay", are_counts=True),
        "by_branch": courses(
            list(_courses(tenant, asked, of_branches, address)), "Billed by branch"
        ),
        "has_discounts": bool(given),
        "has_paid": bool(waits),
        "has_branches": bool(of_branches),
        "has_days": bool(days),
        "has_tests": bool(tests),
        "has_modes": bool(modes),
        "has_owed": bool(owed.totals["total"]),
    }


def _tiles(days: list[Row], owed: Decimal, address: Address) -> list[tuple[str, str, str]]:
    def total(place: int) -> str:
        return rupees(sum((row[place] for row in days), Decimal(0)))

    return [
        ("Billed", total(BILLED), address(Lead("bills", only={"status": "POSTED"}))),
        ("Credited", total(CREDITED), address(Lead("credit-notes"))),
        ("Collected", total(COLLECTED), address(Lead("receipts"))),
        ("Refunded", total(REFUNDED), address(Lead("refunds"))),
        ("Bounced", total(BOUNCED), address(Lead("bounced"))),
        ("Still owed of bills up to then", rupees(Decimal(owed)), address(Lead("owed"))),
    ]


def _by_day(days: list[Row], asked: Question) -> list[tuple[str, list[Bar]]]:
    """Billed and collected of every day, or of every month where the days are too many."""
    sums: dict[tuple[date, date], list[Decimal]] = {
        span: [Decimal(0), Decimal(0)] for span in _spans(asked)
    }
    for row in days:
        span = next(span for span in sums if span[0] <= row[0] <= span[1])
        sums[span][0] += row[BILLED]
        sums[span][1] += row[COLLECTED]
    return [
        (
            _label(span),
            [
                Bar(billed, f"{_label(span)}: billed {rupees(billed)}", _page("bills", span)),
                Bar(paid, f"{_label(span)}: collected {rupees(paid)}", _page("receipts", span), 1),
            ],
        )
        for span, (billed, paid) in sums.items()
    ]


def _spans(asked: Question) -> Iterator[tuple[date, date]]:
    by_months = (asked.last - asked.first).days >= DAYS_SHOWN
    first = asked.first
    while first <= asked.last:
        last = first
        if by_months:
            last = min(first.replace(day=monthrange(first.year, first.month)[1]), asked.last)
        yield first, last
        first = last + timedelta(days=1)


def _label(span: tuple[date, date]) -> str:
    first, last = span
    return f"{first:%d %b}" if first == last else f"{first:%b %y}"


def _page(report: str, span: tuple[date, date]) -> str:
    """The register of a day or a month; of bills those that count."""
    query = {"date_from": span[0].isoformat(), "date_to": span[1].isoformat()}
    if report == "bills":
        query["status"] = "POSTED"
    return f"{reverse('admin:health_report_page', args=[report])}?{urlencode(query)}"


def _ranked(tests: list[Row], address: Address) -> Iterator[tuple[str, Bar]]:
    """The best of them with their share of all, as they add up; the rest together."""
    whole = sum((row[NET] for row in tests), Decimal(0))
    reached = Decimal(0)
    for row in tests[:RANKED]:
        reached += row[NET]
        share = f" · {reached / whole:.0%} of all so far" if whole else ""
        yield row[0], _bar(row[NET], row[0].lead, address, also=share)
    if rest := tests[RANKED:]:
        amount = sum((row[NET] for row in rest), Decimal(0))
        yield f"{len(rest)} others", _bar(amount, Lead("revenue"), address)


def _discounted(rows: list[Row], address: Address) -> Iterator[tuple[str, Bar]]:
    """The largest part given away first."""
    for by, _, gross, off, percent in sorted(rows, key=lambda row: -row[4])[:RANKED]:
        says = f"{percent}% · ₹{rupees(off)} of ₹{rupees(gross)}"
        yield by, Bar(percent, says, address(by.lead), series=4)


def _waits(rows: list[Row], address: Address) -> Iterator[tuple[str, list[Bar]]]:
    """Every span of days has its place, whether a bill waited as long or none."""
    found = {row[0]: row for row in rows}
    for _, label in WITHIN:
        _, count, billed = found.get(label, (label, 0, NIL))
        says = f"{label}: {count} paid · ₹{rupees(billed)}"
        behind = Lead("paid-bills", only={"within": label})
        yield label, [Bar(Decimal(count), says, address(behind), series=2)]


def _courses(
    tenant: Tenant, asked: Question, rows: list[Row], address: Address
) -> Iterator[Course]:
    """What each branch billed by day, or by month; the branches that billed most."""
    by_day = billed_by_branch(tenant, asked)
    spans = list(_spans(asked))
    for row in sorted(rows, key=lambda row: -row[2])[:RANKED]:
        days = by_day[row[0]]
        amounts = [
            sum((days[day] for day in days if first <= day <= last), Decimal(0))
            for first, last in spans
        ]
        name = "No branch" if row[0] == NO_BRANCH else f"Branch {row[0]}"
        yield Course(name, amounts, f"₹{rupees(row[2])} on {row[1]}", address(row[0].lead))


def _ages(totals: dict[str, Any], address: Address) -> list[tuple[str, Bar]]:
    return [
        (label, _bar(Decimal(totals[label]), Lead("owed", only={"age": label}), address, place))
        for place, (_, label) in enumerate(AGES, start=2)
    ]


def _bar(amount: Decimal, lead: Lead, address: Address, series: int = 0, also: str = "") -> Bar:
    return Bar(amount, f"₹{rupees(amount)}{also}", address(lead), series)
