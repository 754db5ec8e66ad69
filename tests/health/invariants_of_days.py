"""What must hold on every day between two vouchers, asked of the bare rows and in paise."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from tests.health.books import Held, grouped


def broken_days(held: Held) -> Iterator[str]:
    """On no day is more spent of a payment than it held, or more paid of a bill than was billed.

    Whoever allows it, or has allowed it before, lets a bill take more. A credit note leaves a bill
    overpaid: it is no part of this.
    """
    lines = grouped(held["voucher_lines"], "voucher_id")
    kinds = {account["id"]: account["account_type"] for account in held["account_masters"]}
    pays = {row["id"]: row for row in held["payment_allocations"]}
    offered = {row["id"]: row["invoice_id"] for row in held["payments"]}
    refunded = {row["id"]: row["payment_id"] for row in held["payment_refunds"]}
    owners = {row["id"]: row["tenant_id"] for row in held["test_invoices"]}
    allow = allowing(held)
    moved: dict[Any, Counter[Any]] = defaultdict(Counter)
    for voucher in held["vouchers"]:
        source, about = voucher["reference_type"], voucher["reference_id"]
        if source == "ALLOCATION":
            payment, bill = pays[about]["payment_id"], pays[about]["invoice_id"]
        elif source == "PAYMENT":
            payment, bill = about, offered[about]
        elif source == "REFUND":
            payment, bill = refunded[about], None
        elif source == "TEST_INVOICE":
            payment, bill = None, about
        else:
            continue
        for line in lines[voucher["id"]]:
            kind, day = kinds[line["account_id"]], voucher["date"]
            if not line["party"]:
                continue
            if kind == "LIABILITY":
                moved["held by payment", payment][day] += line["credit"] - line["debit"]
            elif source == "TEST_INVOICE":
                moved["billed", bill][day] += line["debit"] - line["credit"]
            else:
                moved["paid of bill", bill][day] += line["credit"] - line["debit"]
    for (what, whose), of_day in moved.items():
        if min(accumulate(of_day[day] for day in sorted(of_day))) < 0:
            yield f"8: {what} {whose} goes below nought: {sorted(of_day.items())}"
        if what != "paid of bill":
            continue
        billed = moved.get(("billed", whose), Counter())
        for day in {*of_day, *billed}:
            due, paid = (sum(m for d, m in days.items() if d <= day) for days in (billed, of_day))
            if paid > due and not (due and owners[whose] in allow):
                yield f"8: bill {whose} of {due} is paid {paid} on {day}"


def allowing(held: Held) -> set[Any]:
    """Who lets a bill take more than it is of, or has before."""
    allow = {row["tenant_id"] for row in held["lab_settings"] if row["overpay_policy"] == "ALLOW"}
    rows = held["health_history"]
    return allow | {row["tenant_id"] for row in rows if '"ALLOW"' in (row["before"] or "")}
