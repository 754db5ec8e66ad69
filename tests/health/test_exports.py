"""One report in four forms: the same figures in JSON, CSV, XLSX and PDF, and no formula in any."""

import csv
import io
import re
from datetime import date, datetime
from decimal import Decimal

from openpyxl import load_workbook

from health import exporting
from health.reports import REPORTS
from tests.conftest import client_of
from tests.health.conftest import EVIL, URL, bill, line
from tests.health.test_paper import said

HEALTH = "/api/v1/health"
YEAR = {"date_from": "2024-01-01", "date_to": "2024-12-31", "account": "1100-AR"}


def test_the_four_forms_of_every_report_say_the_same(busy_year):
    for name in (*(f"reports/{name}" for name in REPORTS), "statements/45"):
        at = f"{HEALTH}/{name}"
        told = busy_year.get(at, YEAR).json()["data"]

        head, *rows = csv.reader(io.StringIO(text_of(busy_year, at, "csv").decode()))
        assert head == told["columns"], name
        assert [[bare(value) for value in row] for row in rows] == [
            [bare(value) for value in row] for row in told["rows"]
        ], name
        sheet = load_workbook(io.BytesIO(text_of(busy_year, at, "xlsx")))["Report"]
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        cells = [[bare(value) for value in row] for row in sheet.iter_rows(values_only=True)]
        if told["totals"]:
            sums = [told["totals"].get(column, "") for column in told["columns"]]
            assert cells.pop() == [bare(value) for value in sums], name
        assert cells == [[bare(value) for value in row] for row in (head, *told["rows"])], name
        assert told["title"] in said(text_of(busy_year, at, "pdf"))


def text_of(api, at: str, form: str) -> bytes:
    answer = api.get(at, YEAR | {"format": form})
    assert (answer.status_code, f".{form}" in answer["Content-Disposition"]) == (200, True)
    return answer.getvalue()


def bare(value) -> str | Decimal:
    """What a value says, whatever form it came in: an amount, a day, or a text."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    text = "" if value is None else str(value).removeprefix("'")
    return Decimal(text) if re.fullmatch(r"-?[0-9]+([.][0-9]+)?", text) else text


def test_a_spreadsheet_gets_numbers_days_and_texts(busy_year):
    sheet = busy_year.get(f"{HEALTH}/reports/lines", YEAR | {"format": "xlsx"})
    book = load_workbook(io.BytesIO(sheet.getvalue()))

    last = book["Report"][4]
    assert (last[0].value, last[0].number_format) == (datetime(2024, 3, 31), "yyyy-mm-dd")
    assert (last[2].value, last[2].data_type, last[2].quotePrefix) == (EVIL, "s", True)
    assert (last[11].value, last[11].data_type) == (1112150, "n")
    assert last[11].number_format.startswith("[>=10000000]")
    assert [cell.value for cell in book["Report"][5]][11] == 1113271
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert (about["report"], about["laboratory"]) == ("Lines of bills", "City Lab")
    assert about["from"].date() == date(2024, 1, 1)


def test_a_column_narrows_a_report_and_its_totals(busy_year):
    only = YEAR | {"test_or_panel": "Diabetes Panel"}
    data = busy_year.get(f"{HEALTH}/reports/lines", only).json()["data"]

    assert [row[3:7] for row in data["rows"]] == [["Diabetes Panel", "panel", "B2C", "18.000"]]
    assert data["totals"] == {
        "gross": 500, "discount": 25, "taxable": 475, "tax": 85.5, "total": 560.5,
    }  # fmt: skip
    assert (
        busy_year.get(f"{HEALTH}/reports/lines", only | {"rate": "5"}).json()["data"]["rows"] == []
    )


def test_credit_notes_lower_revenue_and_gst(busy_year):
    def rows(name: str) -> list:
        return busy_year.get(f"{HEALTH}/reports/{name}", YEAR).json()["data"]["rows"]

    assert rows("revenue")[1:] == [
        ["Blood Test", "test", 1, 500, 25, 0, 475],
        ["Diabetes Panel", "panel", 1, 500, 25, 475, 0],
    ]
    assert rows("gst-summary") == [
        ["B2C", "18.000", 950, 85.5, 85.5, 0, 0],
        ["NIL/EXEMPT", "0.000", 1112150, 0, 0, 0, 0],
        ["CREDIT B2C", "18.000", -475, -42.75, -42.75, 0, 0],
    ]
    assert rows("revenue-by-day") == [
        ["2024-01-15", 1, 950, 1121.5, 0, 0, 0, 0],
        ["2024-01-20", 0, 0, 0, 0, 1000, 0, 0],
        ["2024-02-01", 0, 0, 0, 0, 500, 0, 0],
        ["2024-02-02", 0, 0, 0, 560.5, 0, 0, 0],
        ["2024-02-03", 0, 0, 0, 0, 0, 100, 0],
        ["2024-03-31", 1, 1112150, 1112150, 0, 0, 0, 0],
    ]


def test_what_is_too_long_for_a_form_is_refused(busy_year, monkeypatch):
    monkeypatch.setattr(exporting, "PAPER_ROWS", 1)
    monkeypatch.setattr(exporting, "SHEET_ROWS", 1)

    for form in ("pdf", "xlsx"):
        refused = busy_year.get(f"{HEALTH}/reports/lines", YEAR | {"format": form})
        error = refused.json()["error"]
        assert (refused.status_code, error["code"], error["param"]) == (
            400, "REPORT_TOO_LONG", "format",
        )  # fmt: skip
    assert busy_year.get(f"{HEALTH}/reports/lines", YEAR | {"format": "ods"}).status_code == 400


def test_a_long_csv_comes_piece_by_piece(lab_owner, monkeypatch):
    monkeypatch.setattr(exporting, "CHUNK", 2)
    items = [line(line_no=n + 1) for n in range(5)]
    lab_owner.post(URL, bill(status="POSTED", items=items))

    answer = lab_owner.get(f"{HEALTH}/reports/lines", {"format": "csv"})

    assert answer.streaming
    assert [piece.count(b"\r\n") for piece in answer] == [3, 2, 1]


def test_another_tenant_has_none_of_it(busy_year, najd):
    other = client_of(najd)
    for name in REPORTS:
        answer = other.get(f"{HEALTH}/reports/{name}", YEAR)
        assert answer.status_code == (400 if name == "ledger" else 200)
        if answer.status_code == 200:
            assert answer.json()["data"]["rows"] == [], name
