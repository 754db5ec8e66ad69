"""Counts, balances and days lead to what is behind them; the trial balance says that it is even."""

import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook

from config.tenancy.models import Role
from health.admin import reports as pages
from health.models import LabSettings
from health.report import Balance, Number, Question, Report
from health.reports import report_of
from tests.health.conftest import API
from tests.health.test_admin import page, signed_in

SPAN = {"date_from": "2024-01-01", "date_to": "2024-12-31"}
YEAR = Question(date(2024, 1, 1), date(2024, 12, 31))


def test_a_balance_is_the_one_that_its_ledger_closes_with(busy_year, lab):
    rows = list(report_of(lab, "trial-balance", YEAR).rows)

    for account, _, kind, debit, credit in rows:
        for side in (debit, credit):
            assert isinstance(side, Balance)
            assert (side.lead.to, side.lead.only) == ("ledger", {"account": str(account)})
        behind = dict(
            report_of(lab, "ledger", Question(YEAR.first, YEAR.last, debit.lead.only)).facts
        )
        sign = 1 if kind in ("ASSET", "EXPENSE") else -1
        assert behind["closing balance"] == sign * (debit - credit), account
    assert len(rows) == 8


def test_a_count_is_of_the_rows_behind_it(busy_year, lab):
    counted = set()
    for name in ("revenue", "revenue-by-day", "collections"):
        for row in report_of(lab, name, YEAR).rows:
            for number in (value for value in row if isinstance(value, Number)):
                asked = Question(YEAR.first, YEAR.last, number.lead.only)
                assert len(list(report_of(lab, number.lead.to, asked).rows)) == number, (name, row)
                counted.add((name, int(number)))
    assert {("revenue", 1), ("revenue-by-day", 1), ("collections", 1)} <= counted


def test_the_first_and_last_of_a_series_lead_to_their_pages(busy_year, lab):
    rows = list(report_of(lab, "document-series", YEAR).rows)

    kinds = {row[0]: {row[2].lead.to, row[3].lead.to} for row in rows}
    assert kinds == {"Invoices": {"invoice"}, "Credit notes": {"credit note"}}


def test_a_day_is_a_day_in_a_spreadsheet_and_its_figures_have_their_names(busy_year):
    at = f"{API}/reports/revenue-by-day"

    columns = busy_year.get(at, SPAN).json()["data"]["columns"]
    file = busy_year.get(at, SPAN | {"format": "xlsx"}).getvalue()

    assert columns[:4] == ["date", "bills", "taxable", "billed"]
    first = next(load_workbook(io.BytesIO(file))["Report"].iter_rows(min_row=2))
    assert (first[0].value, first[0].number_format) == (datetime(2024, 1, 15), "yyyy-mm-dd")
    assert (first[1].value, first[2].value) == (1, 950)


def test_the_trial_balance_says_by_how_much_it_differs(busy_year, lab, monkeypatch):
    accountant = signed_in(lab, Role.ACCOUNTANT, "asha")
    at = page("report_page", "trial-balance")

    facts = busy_year.get(f"{API}/reports/trial-balance", SPAN).json()["data"]["facts"]
    assert facts == {"difference": 0}
    even = accountant.get(at, SPAN).content.decode()
    assert '<strong class="daftar-tone-success">✓ 0.00</strong>' in even
    assert even.count("account=1100-AR") == 2

    def uneven(tenant, name, asked):
        return Report("Trial balance", ("account",), [("1100-AR",)], facts=(("difference", -1),))

    monkeypatch.setattr(pages, "report_of", uneven)
    assert '<strong class="daftar-tone-danger">✗ -1</strong>' in accountant.get(at).content.decode()


@pytest.mark.parametrize("parts", [[], ["TEST_REVENUE"]], ids=["template", "mapped"])
def test_the_sample_voucher_names_the_accounts_that_would_be_posted_to(lab, lab_owner, parts):
    said = {"code": "4400", "name": "Genetics", "account_type": "REVENUE", "system_codes": parts}
    assert lab_owner.post(f"{API}/accounts", said).status_code == 201
    lab_owner.patch(f"{API}/settings", {"allow_zero": True})
    owner = signed_in(lab, Role.OWNER, "omkar")

    shown = owner.get(page("labsettings_change", LabSettings.objects.get().pk)).content.decode()

    assert ("4400 Genetics" in shown) == bool(parts)
    assert ("4300-DIAGNOSTIC Diagnostic revenue" in shown) == (not parts)
    assert "1100-AR Accounts receivable" in shown
