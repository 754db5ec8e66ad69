"""All reports by name: what the API answers, the back office shows and files hold."""

from collections.abc import Callable

from config.tenancy.models import Tenant
from health import reporting, reporting_habits, reporting_money, reporting_sales
from health.report import Question, Report

REPORTS: dict[str, Callable[[Tenant, Question], Report]] = {
    "trial-balance": reporting.trial_balance,
    "ledger": reporting.ledger,
    "day-book": reporting.day_book,
    "ageing": reporting_money.ageing,
    "owed": reporting_money.owed,
    "revenue": reporting_sales.revenue,
    "revenue-by-day": reporting_sales.revenue_by_day,
    "lines": reporting_sales.lines,
    "credited-lines": reporting_sales.credited_lines,
    "discounts": reporting_habits.discounts,
    "branches": reporting_habits.branches,
    "days-to-pay": reporting_habits.days_to_pay,
    "paid-bills": reporting_habits.paid_bills,
    "collections": reporting_money.collections,
    "receipts": reporting_money.receipts,
    "refunds": reporting_money.refunds,
    "bounced": reporting_money.bounced,
    "gst-summary": reporting_sales.gst_summary,
    "document-series": reporting_sales.document_series,
    "bills": reporting_sales.bills,
    "credit-notes": reporting_sales.credit_notes,
    "unposted": reporting_sales.unposted,
    "integrity": reporting.integrity,
}


def report_of(tenant: Tenant, name: str, asked: Question) -> Report:
    """The report of that name, which must be one of REPORTS, narrowed to what was asked.

    Raises InvalidFilter where it needs a filter that is wrong or missing.
    """
    return REPORTS[name](tenant, asked).narrowed(asked.only)
