"""What a request leaves behind, here and at the authority."""

from typing import Any

from django.db import connection
from django.db.models import Model

from config.attention.models import Attention
from invoicing.models import (
    AssignedNumber,
    Attempt,
    Chain,
    DocumentReference,
    EGSUnit,
    Invoice,
    InvoiceLog,
    NumberCounter,
    Revision,
)
from invoicing.sandbox import StandIn

URL = "/api/v1/invoices"
BOOKS = ("documents", "deliveries")
MODELS = (
    Invoice,
    Revision,
    Attempt,
    InvoiceLog,
    Chain,
    EGSUnit,
    Attention,
    DocumentReference,
    NumberCounter,
    AssignedNumber,
)


def everything(zatca: StandIn) -> dict[str, Any]:
    """Every value of every row, and all that the authority saw: equal means nothing happened."""
    here = {model.__name__: _rows(model) for model in MODELS}
    books = {table: zatca._store.rows(f"SELECT * FROM {table}") for table in BOOKS}
    return here | {table: [dict(row) for row in rows] for table, rows in books.items()}


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    """As the database has them: asked so often that building the same query costs seconds."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY id")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def log_words(invoice_id: int) -> list[tuple[str, str | None, str | None]]:
    """(status, action, previous_status) of each log row, oldest first."""
    rows = InvoiceLog.objects.filter(invoice_id=invoice_id).order_by("sequence")
    return list(rows.values_list("status", "action", "previous_status"))


def sent(zatca: StandIn, number: str) -> list[str]:
    """The hashes of the bytes that arrived for a number, in order of arrival."""
    return [delivery["sha256"] for delivery in zatca.control.deliveries(number)]
