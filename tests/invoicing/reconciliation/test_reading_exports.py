"""An export is read whatever a spreadsheet made of it, and refused with line and column.

Expected values are written by hand.
"""

import io
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from invoicing.reconciliation import export
from invoicing.reconciliation.export import ExportRefused, read_export, read_mapping
from invoicing.reconciliation.records import Word
from invoicing.reconciliation.values import Unreadable, amount, day, folded

RIYADH = ZoneInfo("Asia/Riyadh")
UUID = "6f4d20e0-6bfe-4a80-9389-7dabe6620f12"
ENGLISH = f"""Invoice Number,UUID,Status,Invoice Type,Category,Total,VAT Amount (SAR),Issue Date
INV-1,{UUID.upper()},Cleared with warnings,Tax Invoice,,"1,234.50",161.02,2026-11-24T23:30:00Z
"""
ARABIC = f"""تاريخ الإصدار;الضريبة;المبلغ الإجمالي;نوع الفاتورة;الحالة;المعرف الفريد;رقم الفاتورة
24/11/2026;١٦١٫٠٢;١٬٢٣٤٫٥٠ ر.س;فاتورة ضريبية مبسطة;مقبولة;{UUID};INV-1
"""


def read(data: bytes | str, **columns: str):
    content = data.encode() if isinstance(data, str) else data
    return list(read_export(io.BytesIO(content), zone=RIYADH, columns=columns).records)


def refusal(data: bytes | str, **columns: str):
    with pytest.raises(ExportRefused) as refused:
        read(data, **columns)
    return [(f.line, f.column, f.code) for f in refused.value.faults]


def test_english_columns():
    [row] = read(ENGLISH)
    assert (row.number, row.uuid, row.word) == ("INV-1", UUID, Word.CLEARED)
    assert (row.type_code, row.simplified) == ("388", False)
    assert (row.total, row.vat) == (Decimal("1234.50"), Decimal("161.02"))
    # 23:30 UTC is the next day in Riyadh.
    assert (row.issued, row.line) == (date(2026, 11, 25), 2)


def test_arabic_columns_in_another_order():
    [row] = read(ARABIC)
    assert (row.number, row.uuid, row.word) == ("INV-1", UUID, Word.REPORTED)
    assert (row.total, row.vat) == (Decimal("1234.50"), Decimal("161.02"))
    assert (row.type_code, row.simplified, row.issued) == ("388", True, date(2026, 11, 24))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_encoding_delimiter_and_line_end(encoding, delimiter, ending):
    text = delimiter.join(["number", "status", "total"]) + ending
    text += delimiter.join(["فاتورة-1", "Reported", '"115.00"']) + ending
    [row] = read(text.encode(encoding))
    assert (row.number, row.word, row.total) == ("فاتورة-1", Word.REPORTED, Decimal("115.00"))


def test_what_excel_adds_is_taken_off():
    [row] = read('sep=;\nnumber;status;total\n\n="0012";\u200freported\u200f;\' 5\n')
    assert (row.number, row.word, row.total, row.line) == ("0012", Word.REPORTED, Decimal(5), 4)


def test_columns_named_by_a_person_go_before_the_known_names():
    text = "Ref,Number,State,Net,Gross\nINV-1,77,cleared,100,115\n"
    [row] = read(text, number="Ref", status="state", total="Gross")
    assert (row.number, row.word, row.total) == ("INV-1", Word.CLEARED, Decimal("115.00"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1,234", "1234.00"),
        ("12,5", "12.50"),
        ("1.234.567", "1234567.00"),
        ("1,234,567.89", "1234567.89"),
        ("SAR 230.00", "230.00"),
        ("٢٣٠٫٠٠ ريال", "230.00"),
        ("(230.00)", "230.00"),
        ("-230.00", "230.00"),
        ("230.00-", "230.00"),
        ("230.000", "230.00"),
        ("0", "0.00"),
    ],
)
def test_amounts(text, value):
    assert str(amount(text)) == value


@pytest.mark.parametrize(
    "text", ["", "abc", "1.2345", "1e3", "1,2,3", "12,34.5", "NaN", "1..2", "9" * 14, "½"]
)
def test_no_amounts(text):
    with pytest.raises(Unreadable):
        amount(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("2026-11-24 08:15:00", date(2026, 11, 24)),
        ("2026-11-24T22:00:00Z", date(2026, 11, 25)),
        ("24/11/2026", date(2026, 11, 24)),
        ("3/2/2026 08:15 PM", date(2026, 2, 3)),
        ("٢٤/١١/٢٠٢٦", date(2026, 11, 24)),
        ("24-11-2026", date(2026, 11, 24)),
    ],
)
def test_days(text, value):
    assert day(text, RIYADH) == value


@pytest.mark.parametrize(
    "text", ["11/24/2026", "31/02/2026", "2026", "24/11/26", "0001-01-01", "1/1/2026 x", "tomorrow"]
)
def test_no_days(text):
    with pytest.raises(Unreadable):
        day(text, RIYADH)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (1, None, "missing_column")),
        ("number,total\nINV-1,5\n", (1, None, "missing_column")),
        ("number,status,Total,Grand Total\nINV-1,cleared,5,5\n", (1, 4, "ambiguous_column")),
        ("number,status\nINV-1,perhaps\n", (2, 2, "unknown_word")),
        ("number,status\nINV-1,cleared\n,cleared\n", (3, 1, "required")),
        ("number,status\nINV-1\n", (2, 2, "required")),
        ("number,status,uuid\nINV-1,cleared,123\n", (2, 3, "invalid_uuid")),
        ("number,status,icv\nINV-1,cleared,0\n", (2, 3, "invalid_icv")),
        ("number,status,hash\nINV-1,cleared,abc\n", (2, 3, "invalid_hash")),
        ("number,status,total\nINV-1,cleared,12.345\n", (2, 3, "too_many_decimals")),
        ("number,status,date\nINV-1,cleared,11/24/2026\n", (2, 3, "invalid_date")),
        ('number,status\n"INV-1,cleared\n', (2, None, "invalid_csv")),
    ],
)
def test_what_is_wrong_is_named_by_line_and_column(text, place):
    assert refusal(text) == [place]


def test_a_file_in_another_encoding():
    assert refusal("number,status\nفاتورة,cleared\n".encode("cp1256"))[0][2] == "invalid_encoding"
    assert refusal(b"PK\x03\x04\x14\x00\x06\x00\xff\xfe")[0][2] in (
        "invalid_encoding", "missing_column", "invalid_csv",
    )  # fmt: skip


def test_faults_are_told_together_and_no_more_than_twenty():
    lines = [f"INV-{n},perhaps,x" for n in range(50)]
    found = refusal("\n".join(["number,status,total", *lines]))
    assert len(found) == 20
    assert found[:3] == [(2, 2, "unknown_word"), (2, 3, "invalid_amount"), (3, 2, "unknown_word")]


def test_a_file_without_an_end_is_read_no_further_than_allowed(monkeypatch):
    monkeypatch.setattr(export, "MAX_ROWS", 3)
    lines = "number,status\n" + "INV-1,cleared\n" * 4
    assert refusal(lines) == [(5, None, "too_many_rows")]


@pytest.mark.parametrize("line", ["total", "total=", "price=Total", "=Total"])
def test_a_mapping_that_is_none(line):
    with pytest.raises(ExportRefused):
        read_mapping([line])


def test_one_spelling_per_letter():
    assert folded("إجمالي الضريبـة") == folded("اجمالي الضريبه")
    assert folded(" Invoice_No. ") == folded("invoice no")
