"""Test invoices as files that leave the house: the same columns in CSV and JSON, row by row."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import simplejson
from django.db.models import QuerySet

from health.words import harmless

COLUMNS = (
    *("id", "invoice_number", "local_date", "due_date", "branch_id", "test_order_id"),
    *("patient_id", "patient_name", "patient_phone", "place_of_supply", "recipient_gstin"),
    *("supply_type", "discount_mode", "subtotal_amount", "items_total_discount_amount"),
    *("overall_disc_amount", "taxable_amount", "cgst_amount", "sgst_amount", "igst_amount"),
    *("cess_amount", "roundoff", "final_amount", "credited_amount", "paid_amount"),
    *("balance_amount", "payment_status", "status", "voucher__voucher_number", "notes"),
)
HEAD = tuple(name.rpartition("__")[2] for name in COLUMNS)
CHUNK = 500


def csv_of(invoices: QuerySet) -> Iterator[str]:
    """The invoices as CSV with a head; texts are no formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    for count, row in enumerate(_rows(invoices), start=1):
        writer.writerow([harmless(value) for value in row])
        if count % CHUNK == 0:
            yield _taken(out)
    yield _taken(out)


def json_of(invoices: QuerySet) -> Iterator[str]:
    """The invoices as a JSON array of objects; amounts are numbers with their own digits."""
    yield "["
    for count, row in enumerate(_rows(invoices)):
        told = {name: _plain(value) for name, value in zip(HEAD, row, strict=True)}
        yield ("," if count else "") + simplejson.dumps(told, use_decimal=True, ensure_ascii=False)
    yield "]"


def _rows(invoices: QuerySet) -> Iterator[tuple[Any, ...]]:
    return invoices.order_by("id").values_list(*COLUMNS).iterator(chunk_size=CHUNK)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _taken(out: io.StringIO) -> str:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text
