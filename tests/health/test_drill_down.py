"""Every figure of the reports leads to rows that add up to it, and every bar to such a page."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qsl

import pytest

from health.plots import scale, short
from health.report import Figure, Question
from health.reports import report_of
from tests.health.conftest import EVIL
from tests.health.test_admin import page, signed_in

SPAN = {"date_from": "2024-01-01", "date_to": "2024-12-31"}
YEAR = Question(date(2024, 1, 1), date(2024, 12, 31))
BEHIND = (
    *("ledger", "bills", "credit-notes", "receipts", "refunds", "lines", "credited-lines"),
    *("owed", "paid-bills"),
)
AGGREGATES = (
    *("ageing", "revenue", "revenue-by-day", "collections", "gst-summary"),
    *("discounts", "branches", "days-to-pay"),
)


def test_what_lies_behind_a_figure_adds_up_to_it(busy_year, lab):
    followed = 0
    for name in AGGREGATES:
        for row in report_of(lab, name, YEAR).rows:
            for value in (value for value in row if isinstance(value, Figure) and value):
                asked = Question(YEAR.first, YEAR.last, value.lead.only)
                behind = report_of(lab, value.lead.to, asked).read()
                sums = {sum(row[place] for row in behind.rows) for place in figures(behind)}
                if name == "gst-summary":  # CGST and SGST are halves of one tax
                    sums |= {total / 2 for total in sums}
                assert abs(value) in sums, (name, row, value, behind)
                followed += 1
    assert followed == 33


def figures(report) -> list[int]:
    return [report.head.index(column) for column in report.summed]


def test_pages_lead_to_pages(busy_year, lab, najd):
    accountant = signed_in(lab, "accountant", "asha")
    # One link of each kind: its path without keys, and what it narrows.
    seen: dict[tuple, str] = {}
    for address in (
        page("analytics"),
        page("statement", 45),
        *(page("report_page", name) for name in ("trial-balance", "day-book", *AGGREGATES)),
        *(page("report_page", name) for name in ("lines", "receipts", "credit-notes", "owed")),
    ):
        text = accountant.get(address, SPAN).content.decode()
        card = text.partition("daftar-period")[2].partition("</form>")[2]
        for link in map(unescape, re.findall(r'href="(/admin/health/[^"]+)"', card)):
            path, _, query = link.partition("?")
            seen[re.sub(r"\d+", "", path), tuple(dict(parse_qsl(query)))] = link
    assert {path.removeprefix("/admin/health/") for path, _ in seen} == {
        "voucher//change/", "testinvoice//change/", "payment//change/", "voucher/statements//",
        "testinvoice/credit-notes//pdf/", *(f"voucher/reports/{name}/" for name in BEHIND),
    }  # fmt: skip
    stranger = signed_in(najd, "owner", "salim")
    for link in seen.values():
        assert accountant.get(link).status_code == 200, link
        # A report of one's own, in which nothing of theirs stands; any other page is not there.
        theirs = stranger.get(link)
        assert theirs.status_code in (200, 302, 404), link
        assert b"John Doe" not in theirs.content, link


def test_the_plots_say_what_the_reports_say(busy_year, lab):
    text = signed_in(lab, "viewer", "vani").get(page("analytics"), SPAN).content.decode()

    for phrase in (
        "₹11,13,271.50", "₹560.50", "₹1,500.00", "₹100.00",  # the tiles
        "Jan 24: billed 1,121.50", "Feb 24: collected 500.00", "Mar 24: billed 11,12,150.00",
        "₹11,12,150.00 · 100% of all so far", "over 90:",
    ):  # fmt: skip
        assert phrase in text, phrase
    assert EVIL in unescape(text)
    assert (
        "<script"
        not in text.partition('<div class="daftar-page">')[2].partition("</section>\n    </div>")[0]
    )


@pytest.mark.parametrize(
    ("largest", "top", "words"),
    [("0", "1", "1"), ("999", "1000", "1 K"), ("20800", "30000", "30 K"),
     ("250000", "300000", "3 L"), ("12500000", "20000000", "2 Cr")],
)  # fmt: skip
def test_the_axis_ends_at_a_round_amount(largest, top, words):
    assert scale(Decimal(largest)) == Decimal(top)
    assert short(Decimal(top)) == words


def test_files_are_had_from_the_page_and_what_is_unknown_is_told(busy_year, lab):
    accountant = signed_in(lab, "accountant", "asha")
    at = page("report_page", "lines")

    for form, beginning in (("csv", b"date,"), ("xlsx", b"PK"), ("pdf", b"%PDF")):
        answer = accountant.get(at, SPAN | {"format": form, "test_or_panel": "Diabetes Panel"})
        assert answer.getvalue().startswith(beginning)
    no_account = accountant.get(page("report_page", "ledger"), follow=True).content.decode()
    assert "Name one of your accounts" in no_account
    assert accountant.get(page("report_page", "secrets")).status_code == 404
    assert accountant.get(page("statement", 4711)).status_code == 404
