"""An export of the Fatoora portal as records: a CSV file, its encoding and columns found out.

The portal's column names are published nowhere, so a documented set of names is understood, in
English and Arabic and in any order, and every other one can be named (`columns`).
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from invoicing.reconciliation.records import Theirs, Word
from invoicing.reconciliation.values import READERS, Named, Unreadable, day, folded, tidy

MAX_ROWS = 250_000
MAX_COLUMNS = 100
MAX_FAULTS = 20
DELIMITERS = (",", ";", "\t", "|")
REQUIRED = ("number", "status")

ALIASES: dict[str, str] = {
    "number": "number|invoice number|invoice no|invoice id|document number|document id|id|"
    "invoice reference number|irn|رقم الفاتورة|رقم المستند|الرقم المرجعي للفاتورة|الرقم",
    "status": "status|invoice status|document status|submission status|zatca status|"
    "clearance status|reporting status|validation status|الحالة|حالة الفاتورة|حالة المستند|"
    "حالة الإرسال",
    "uuid": "uuid|invoice uuid|document uuid|unique identifier|المعرف الفريد|"
    "المعرف الفريد للفاتورة|معرف الفاتورة",
    "hash": "hash|invoice hash|document hash|بصمة الفاتورة|البصمة|تجزئة الفاتورة",
    "icv": "icv|invoice counter|invoice counter value|counter|عداد الفاتورة|العداد|"
    "قيمة عداد الفاتورة",
    "csid": "csid|csid serial|certificate serial|certificate serial number|device serial number|"
    "الرقم التسلسلي للشهادة|رقم الشهادة",
    "type": "type|type code|invoice type code|document type|invoice type|نوع الفاتورة|"
    "نوع المستند|النوع",
    "form": "form|subtype|invoice subtype|transaction type|invoice category|category|"
    "transaction code|فئة الفاتورة|تصنيف الفاتورة|نوع المعاملة|الفئة",
    "total": "total|total amount|invoice total|amount|gross amount|total with vat|"
    "total including vat|total incl vat|total inclusive of vat|invoice amount|"
    "total amount including vat|grand total|المبلغ الإجمالي|"
    "الإجمالي|إجمالي الفاتورة|الإجمالي شامل الضريبة|المبلغ شامل الضريبة|"
    "إجمالي المبلغ شامل ضريبة القيمة المضافة",
    "vat": "vat|vat amount|tax|tax amount|total vat|vat total|total vat amount|الضريبة|"
    "مبلغ الضريبة|قيمة الضريبة|ضريبة القيمة المضافة|مبلغ ضريبة القيمة المضافة|إجمالي الضريبة",
    "currency": "currency|currency code|invoice currency|العملة|عملة الفاتورة|رمز العملة",
    "issued": "date|issue date|invoice date|issued|issued at|document date|issue date time|"
    "invoice issue date|تاريخ الإصدار|تاريخ الفاتورة|التاريخ|تاريخ المستند",
}
FIELDS = tuple(ALIASES)
_KNOWN = {folded(name): field for field, names in ALIASES.items() for name in names.split("|")}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the file; line and column from 1, `header` as the file has it."""

    line: int
    column: int | None
    header: str
    code: str
    message: str
    message_ar: str


class ExportRefused(ValueError):
    """The file cannot be read; nothing was made of it. `faults` holds the first twenty."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].message)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Export:
    """A readable file: which column holds which field, and its records, read as they are asked for.

    `columns` maps fields to headers as written. Iterating raises ExportRefused at the first row
    after the twentieth fault, or at the end where there was any.
    """

    columns: Mapping[str, str]
    records: Iterator[Theirs]


def read_export(
    file: BinaryIO, *, zone: ZoneInfo, columns: Mapping[str, str] | None = None
) -> Export:
    """Open an export; `file` is seekable. `columns` names headers by field, over the known names.

    Raises ExportRefused for a file without the columns it needs.
    """
    text = io.TextIOWrapper(file, encoding=_encoding(file), newline="")
    delimiter, lines = _head(text)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    places, headers = _places(_numbered(rows), columns or {})
    named = {field: headers[place] for field, place in places.items()}
    return Export(named, _records(rows, places, headers, zone))


def read_mapping(lines: Iterable[str]) -> dict[str, str]:
    """``total=Invoice Amount`` lines as a mapping; ExportRefused for what is none."""
    found: dict[str, str] = {}
    for position, line in enumerate((text for text in lines if text.strip()), start=1):
        field, equals, header = (part.strip() for part in line.partition("="))
        if not equals or not header or field not in FIELDS or field in found:
            raise ExportRefused(
                Fault(
                    position,
                    None,
                    line[:100],
                    "invalid_mapping",
                    f"A column is named as field=header, once per field: {', '.join(FIELDS)}.",
                    f"يُسمى العمود بالصيغة field=header مرة لكل حقل: {', '.join(FIELDS)}.",
                )
            )
        found[field] = header
    return found


def _encoding(file: BinaryIO) -> str:
    head = file.read(4)
    file.seek(0)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    # Excel's "Unicode text" through tools that drop the mark: every second byte is zero.
    if len(head) == 4 and not head[0] and head[1] and not head[2]:
        return "utf-16-be"
    if len(head) == 4 and head[0] and not head[1] and not head[3]:
        return "utf-16-le"
    return "utf-8-sig"


def _head(text: io.TextIOWrapper) -> tuple[str, Iterator[str]]:
    """The delimiter, and all lines from the header on."""
    try:
        first = text.readline(100_000)
        if first[:4].lower() == "sep=" and len(first.strip()) == 5:  # Excel's own hint
            return first[4], _decoded(text, before=["\n"])
    except UnicodeError:
        raise ExportRefused(_not_unicode(1)) from None
    counts = {mark: _known_headers(first, mark) for mark in DELIMITERS}
    best = max(DELIMITERS, key=lambda mark: (counts[mark], first.count(mark)))
    return best, _decoded(text, before=[first])


def _known_headers(line: str, delimiter: str) -> int:
    with suppress(csv.Error):
        for row in csv.reader([line], delimiter=delimiter):
            return sum(_field_of(cell) is not None for cell in row)
    return 0


def _field_of(header: str) -> str | None:
    """The field a header is known as; ``VAT amount (SAR)`` is the VAT amount."""
    key = folded(header)
    return _KNOWN.get(key) or _KNOWN.get(key.removesuffix("sar"))


def _decoded(text: io.TextIOWrapper, before: list[str]) -> Iterator[str]:
    yield from before
    line = len(before)
    while True:
        line += 1
        try:
            following = text.readline(1_000_000)
        except UnicodeError:
            raise ExportRefused(_not_unicode(line)) from None
        if not following:
            return
        yield following


def _not_unicode(line: int) -> Fault:
    return Fault(
        line,
        None,
        "",
        "invalid_encoding",
        "The file is neither UTF-8 nor UTF-16. Save it as “CSV UTF-8”.",
        "الملف ليس بترميز UTF-8 ولا UTF-16. احفظه بصيغة CSV UTF-8.",
    )


def _numbered(rows: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with the line they end on; ExportRefused where the CSV breaks."""
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            raise ExportRefused(
                Fault(
                    rows.line_num,
                    None,
                    "",
                    "invalid_csv",
                    f"The line is no CSV: {error}.",
                    "السطر ليس بصيغة CSV صحيحة.",
                )
            ) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield rows.line_num, row


def _places(
    rows: Iterator[tuple[int, list[str]]], columns: Mapping[str, str]
) -> tuple[dict[str, int], list[str]]:
    """Where each field stands, and the headers."""
    line, headers = next(rows, (1, []))
    headers = [tidy(cell) for cell in headers]
    places: dict[str, int] = {}
    wanted = {folded(header): field for field, header in columns.items()}
    for place, header in enumerate(headers):
        field = wanted.get(folded(header)) or _field_of(header)
        if field is None or (field in columns and folded(header) not in wanted):
            continue
        if field in places:
            raise ExportRefused(_header_fault(line, place, header, *_ambiguous(field)))
        places[field] = place
    for field in (*REQUIRED, *columns):
        if field not in places:
            raise ExportRefused(_header_fault(line, None, columns.get(field, ""), *_absent(field)))
    if len(headers) > MAX_COLUMNS:
        raise ExportRefused(
            _header_fault(line, MAX_COLUMNS, "", "too_many_columns", *_at_most(MAX_COLUMNS))
        )
    return places, headers


def _header_fault(line: int, place: int | None, header: str, code: str, en: str, ar: str) -> Fault:
    return Fault(line, None if place is None else place + 1, header[:100], code, en, ar)


def _ambiguous(field: str) -> tuple[str, str, str]:
    return (
        "ambiguous_column",
        f"Two columns can be the field {field}; name the one that is meant.",
        f"يوجد عمودان للحقل {field}؛ سمِّ العمود المقصود.",
    )


def _absent(field: str) -> tuple[str, str, str]:
    return (
        "missing_column",
        f"No column is known as the field {field}; name it with {field}=header.",
        f"لا يوجد عمود معروف للحقل {field}؛ سمِّه بالصيغة {field}=header.",
    )


def _at_most(number: int) -> tuple[str, str]:
    return f"At most {number:,} are read.", f"تُقرأ {number:,} على الأكثر."


def _records(
    rows: Any, places: Mapping[str, int], headers: list[str], zone: ZoneInfo
) -> Iterator[Theirs]:
    faults: list[Fault] = []
    for count, (line, row) in enumerate(_numbered(rows), start=1):
        if count > MAX_ROWS:
            raise ExportRefused(Fault(line, None, "", "too_many_rows", *_at_most(MAX_ROWS)))
        values = _Row(line, row, headers, zone, faults)
        record = values.record(places)
        if len(faults) >= MAX_FAULTS:
            raise ExportRefused(*faults[:MAX_FAULTS])
        if not faults:
            yield record
    if faults:
        raise ExportRefused(*faults)


class _Row:
    """One line of the file while it is read; what is wrong with it goes to `faults`."""

    def __init__(
        self, line: int, row: list[str], headers: list[str], zone: ZoneInfo, faults: list[Fault]
    ) -> None:
        self._line, self._row, self._headers = line, row, headers
        self._zone, self._faults = zone, faults

    def record(self, places: Mapping[str, int]) -> Theirs:
        found = {field: self._value(field, place) for field, place in places.items()}
        for field in REQUIRED:
            if found[field] is None:
                self._complain(places[field], _empty())
        kind: Named = found.get("type") or Named("", None)
        simplified = found.get("form")
        if simplified is None:
            simplified = kind.simplified
        return Theirs(
            number=found["number"] or "",
            word=_exact(found["status"] or Word.UNKNOWN, simplified),
            uuid=found.get("uuid") or "",
            hash=found.get("hash") or "",
            icv=found.get("icv"),
            csid=found.get("csid") or "",
            type_code=kind.type_code,
            simplified=simplified,
            total=found.get("total"),
            vat=found.get("vat"),
            currency=found.get("currency") or "",
            issued=found.get("issued"),
            line=self._line,
        )

    def _value(self, field: str, place: int) -> Any:
        text = tidy(self._row[place]) if place < len(self._row) else ""
        if not text:
            return None
        try:
            return self._day(text) if field == "issued" else READERS[field](text)
        except Unreadable as problem:
            self._complain(place, problem)
            return None

    def _day(self, text: str) -> date:
        return day(text, self._zone)

    def _complain(self, place: int, problem: Unreadable) -> None:
        if any((fault.line, fault.column) == (self._line, place + 1) for fault in self._faults):
            return  # unreadable, and therefore empty as well
        header = self._headers[place]
        self._faults.append(
            Fault(self._line, place + 1, header, problem.code, problem.message, problem.message_ar)
        )


def _empty() -> Unreadable:
    return Unreadable("required", "This cell may not be empty.", "لا يجوز أن تكون الخلية فارغة.")


def _exact(word: Word, simplified: bool | None) -> Word:
    """Cleared or reported, where a file says only accepted but also which form it was."""
    if word is not Word.ACCEPTED or simplified is None:
        return word
    return Word.REPORTED if simplified else Word.CLEARED
