"""Reports as files: CSV and XLSX row by row, PDF for paper. The same values in each of them."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from config.printing.selectors import branding_of
from config.printing.typesetting import typeset
from config.tenancy.models import Tenant
from health import errors
from health.printing import Printed
from health.printing_sheet import day_text
from health.report import Period, Report, Row, Sums
from health.words import rupees

# What a spreadsheet takes for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# A workbook takes a third of a millisecond a row, within the request.
SHEET_ROWS = 30_000
TEXT = 32_767  # characters in a cell, Excel's own limit
PAPER_ROWS = 2_000
# India's grouping: a number format has no other way to say lakh and crore.
AMOUNT = "[>=10000000]##\\,##\\,##\\,##0.00;[>=100000]##\\,##\\,##0.00;##,##0.00"
DAY = "yyyy-mm-dd"
CHUNK = 200
# Without what only our own classes know.
PLAIN: dict[type, Callable[[Any], Any]] = {
    Decimal: Decimal,
    date: lambda day: date(day.year, day.month, day.day),
    int: int,
}


def csv_chunks(report: Report) -> Iterator[str]:
    """The report as CSV, some rows at a time; the head first, no totals.

    Texts that a spreadsheet would take for a formula begin with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(report.head)
    for count, row in enumerate(report.rows, start=1):
        writer.writerow([_harmless(value) for value in row])
        if count % CHUNK == 0:
            yield _taken(out)
    yield _taken(out)


def xlsx_file(report: Report, tenant: Tenant, period: Period) -> IO[bytes]:
    """The report as a workbook in a temporary file: rows and totals, and a sheet that says what.

    Amounts are numbers with the digits they have, days are days, and texts are texts whatever they
    begin with. Raises ReportTooLong.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Report")
    sheet.freeze_panes = "A2"
    for place, column in enumerate(report.head, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = max(14, len(column) + 4)
    cells = Cells(sheet)
    sheet.append(cells.row(report.head, bold=True))
    sums = Sums(report)
    count = 0
    for count, row in enumerate(report.rows, start=1):
        if count > SHEET_ROWS:
            break
        sums.add(row)
        sheet.append(cells.row(row))
    if report.summed:
        totals = [sums.by_column.get(column, "") for column in report.head]
        sheet.append(cells.row(totals, bold=True))
    about = book.create_sheet("About")
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 24, 40
    told = Cells(about)
    for label, value in _about(report, tenant, period):
        about.append([*told.row([label], bold=True), *told.row([value])])
    # Closed by whoever streams it.
    file = TemporaryFile()  # noqa: SIM115
    book.save(file)
    # Not before: a sheet that is left half written complains when it is thrown away.
    if count > SHEET_ROWS:
        file.close()
        raise errors.ReportTooLong(param="format")
    file.seek(0)
    return file


def report_pdf(report: Report, tenant: Tenant, period: Period, name: str) -> Printed:
    """The report on A4, across where it is wide. Raises ReportTooLong beyond 2,000 rows."""
    rows: list[Row] = []
    sums = Sums(report)
    for row in report.rows:
        if len(rows) == PAPER_ROWS:
            raise errors.ReportTooLong(param="format")
        rows.append(row)
        sums.add(row)
    branding = branding_of(tenant)
    logo = branding.picture
    totals = [sums.by_column.get(column, "") for column in report.head]
    figures = [isinstance(value, Decimal | int) for value in (rows[0] if rows else report.head)]
    data = {
        "brand": {
            "accent": branding.accent_colour,
            "logo": logo.svg if logo else "",
            "footer": [line for line in branding.footer.splitlines() if line.strip()],
        },
        "sheet": {
            "title": report.title,
            "laboratory": tenant.company_name,
            "period": f"{day_text(period.first)} – {day_text(period.last)}",
            "facts": [[label.capitalize(), shown(value)] for label, value in report.facts],
            "head": [column.capitalize() for column in report.head],
            "figures": figures,
            "rows": [[shown(value) for value in row] for row in rows],
            "totals": [shown(value) for value in totals] if report.summed and rows else [],
        },
    }
    made_at = datetime.combine(period.last, time.min, tenant.zone)
    return Printed(typeset("health/print/report.typ", data, made_at=made_at), f"{name}.pdf")


def shown(value: Any) -> str:
    """As people read it: Indian figures, days that cannot be mistaken."""
    if isinstance(value, Decimal):
        return rupees(value)
    return day_text(value) if isinstance(value, date) else str(value)


def _about(report: Report, tenant: Tenant, period: Period) -> list[tuple[str, Any]]:
    return [
        ("report", report.title),
        ("laboratory", tenant.company_name),
        ("from", period.first),
        ("to", period.last),
        *report.facts,
    ]


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text


def _harmless(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


class Cells:
    """The cells of one sheet; each of their looks is made once."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._looks = {
            (kind, bold): self._look(form, bold)
            for kind, form in ((Decimal, AMOUNT), (date, DAY), (str, "General"), (int, "General"))
            for bold in (False, True)
        }
        quoted = WriteOnlyCell(sheet)
        quoted.quotePrefix = True
        self._quoted = quoted._style

    def row(self, values: Iterable[Any], *, bold: bool = False) -> list[WriteOnlyCell]:
        return [self._cell(value, bold) for value in values]

    def _cell(self, value: Any, bold: bool) -> WriteOnlyCell:
        kind = next(kind for kind in (str, Decimal, date, int) if isinstance(value, kind))
        if kind is str:
            return self._text(value, bold)
        cell = WriteOnlyCell(self._sheet, PLAIN[kind](value))
        cell._style = self._looks[kind, bold]
        return cell

    def _text(self, value: str, bold: bool) -> WriteOnlyCell:
        """A text is one whatever it begins with: said outright, since openpyxl would take = for a
        formula, and quoted, so that a spreadsheet does not either when somebody edits it.
        """
        cell = WriteOnlyCell(self._sheet)
        cell._value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:TEXT]
        cell.data_type = "s"
        cell._style = self._quoted if value.startswith(FORMULA) else self._looks[str, bold]
        return cell

    def _look(self, form: str, bold: bool) -> Any:
        cell = WriteOnlyCell(self._sheet)
        cell.number_format = form
        if bold:
            cell.font = Font(bold=True)
        return cell._style
