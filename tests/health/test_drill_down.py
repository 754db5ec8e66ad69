"""Every figure of the reports leads to rows that add up to it, and every bar to such a page."""

import re
from datetime import date
from decimal import Decimal
from html import unescape
from urllib.parse import parse_qsl

import pytest

from health.models import LabSettings
from health.plots import scale, short
from health.report import Figure, Question
from health.reports import REPORTS, report_of
from health.services.days import today
from health.services.locks import lock_period
from tests.health.conftest import API, EVIL, URL, bill, line
from tests.health.test_admin import page, signed_in

SPAN = {"date_from": "2024-01-01", "date_to": "2024-12-31"}
YEAR = Question(date(2024, 1, 1), date(2024, 12, 31))
SPRING = date(2024, 5, 1), date(2024, 6, 30)
BEHIND = (
    *(
        "ledger",
        "bills",
        "credit-notes",
        "receipts",
        "refunds",
        "bounced",
        "lines",
        "credited-lines",
    ),
    *("credited-lines", "owed", "paid-bills"),
)
AGGREGATES = (
    *("ageing", "revenue", "revenue-by-day", "collections", "gst-summary"),
    *("discounts", "branches", "days-to-pay"),
)


@pytest.fixture
def odd_year(busy_year, lab):
    """With what reports may see differently: a discount before tax, a test and a panel of one
    number, a cess alone, a note that reduces no tax, a cheque that bounced, late money.
    """
    LabSettings.objects.create(tenant=lab, gstin="27AAPFU0939F1ZV")

    def billed(day: str, **more) -> str:
        said = bill(status="POSTED", invoice_date=f"{day}T10:00:00", **more)
        return f"{URL}/{busy_year.post(URL, said).json()['data']['id']}"

    def paid(page: str, amount: str, mode: str, day: str) -> str:
        said = {"amount": amount, "payment_mode": mode, "date": day}
        answer = busy_year.post(f"{page}/payments", said).json()["data"]
        return f"{API}/payments/{answer['id']}"

    taxed = {"cgst_rate": 9, "sgst_rate": 9}
    two = [line(rate=1000, **taxed), line(rate=500, line_no=2, **taxed)]
    bill_of = billed("2024-05-01", items=two, discount_mode="PRE_TAX", overall_disc_percentage=10)
    numbers = [{"test_id": 10, "rate": 100}, {"panel_id": 10, "rate": 900}]
    billed("2024-05-02", items=[{"line_no": n, **said} for n, said in enumerate(numbers, 1)])
    billed("2024-05-03", items=[line(rate=1000, cess_rate=5)])
    credit = {"reason": "x", "date": "2024-06-01"}
    for credited in (billed("2022-05-01", items=two), billed("2024-05-04", items=two[:1])):
        assert busy_year.post(f"{credited}/credit-notes", credit).status_code == 201
    cheque = paid(bill_of, "100.00", "CHEQUE", "2024-05-05")
    bounced = {"reason": "no cover", "date": "2024-06-05"}
    assert busy_year.post(f"{cheque}/reverse", bounced).status_code == 200
    offered = paid(bill_of, "1593.00", "UPI", "2024-05-06")
    lock_period(lab, upto=date(2024, 5, 31), scope="ALL", reason="closed", actor="t")
    assert busy_year.post(f"{offered}/confirm").status_code == 200


# Which column a figure is the sum of, where it is not the one of its own name.
ADDED = {
    **dict.fromkeys(("revenue credited", "gst-summary taxable"), "taxable"),
    **dict.fromkeys(
        ("revenue-by-day billed", "revenue-by-day credited", "branches billed",
         "days-to-pay billed"),
        "total",
    ),
    "revenue-by-day collected": "received",
}  # fmt: skip
TAXES = ("cgst", "sgst", "igst", "cess")


def test_every_figure_is_what_the_rows_behind_it_add_up_to(odd_year, lab):
    followed = set()
    for name in REPORTS.keys() - {"ledger"}:
        report = report_of(lab, name, YEAR)
        for row in report.rows:
            said = dict(zip(report.head, row, strict=True))
            for column, value in said.items():
                if not isinstance(value, Figure):
                    continue
                asked = Question(YEAR.first, YEAR.last, value.lead.only)
                behind = report_of(lab, value.lead.to, asked).totals
                wanted = "balance" if name == "ageing" else ADDED.get(f"{name} {column}", column)
                if column in TAXES:
                    wanted, value = "tax", sum(said[tax] for tax in TAXES)
                if str(row[0]).startswith("CREDIT"):
                    value = -value
                assert value == behind[wanted], (name, row, column, behind)
                if value:
                    followed.add((name, column))
    assert {name for name, _ in followed} == {*AGGREGATES}
    assert {("collections", "bounced"), ("revenue", "discount")} <= followed


def test_reports_say_the_same_of_what_is_odd(odd_year, lab):
    def rows(name: str, **only: str) -> list[list[str]]:
        return [[*map(str, row)] for row in report_of(lab, name, Question(*SPRING, only)).rows]

    assert ["10", "panel", "1", "900.00", "0.00", "0.00", "900.00"] in rows("revenue")
    assert ["10", "test", "1", "100.00", "0.00", "0.00", "100.00"] in rows("revenue")
    kinds = {(row[0], row[1]): row[2:] for row in rows("gst-summary")}
    # 10 % before tax of 1,500.00, and 1,000.00 besides; of the two notes the one that reduces tax.
    assert kinds["B2C", "0.000"] == ["1000.00", "0.00", "0.00", "0.00", "50.00"]
    assert kinds["B2C", "18.000"][0] == "2350.00"
    assert kinds["CREDIT B2C", "18.000"][0] == "-1000.00"
    assert [row[8] for row in rows("credited-lines", supplies="FINANCIAL")] == ["1000.00", "500.00"]
    # The gateway's money came after the close: today.
    assert [row[3] for row in rows("paid-bills")] == [str(today(lab))]
    assert [row[6] for row in rows("receipts")] == ["100.00"]


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
