"""New rows without the price of composing their statement each time.

Posting writes the same seven tables over and over; composing the INSERTs cost more than running
them (benchmarks/ledger.py).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models


def insert(*rows: models.Model) -> None:
    """Insert new rows of one table by one statement; a single row is given its key."""
    fields, head, place, tail = _statement(type(rows[0]))
    values = [
        field.get_db_prep_save(getattr(row, field.attname), connection)
        for row in rows
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{head} {', '.join([place] * len(rows))} {tail}", values)
        keys = cursor.fetchall()
    if len(rows) == 1:
        rows[0].pk = rows[0]._meta.pk.to_python(keys[0][0])
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@cache
def _statement(
    model: type[models.Model],
) -> "tuple[Sequence[models.Field[Any, Any]], str, str, str]":
    meta = model._meta
    fields = [
        field
        for field in meta.local_concrete_fields
        if not field.generated and not isinstance(field, models.AutoField)
    ]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    return (
        fields,
        f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES",
        f"({', '.join(['%s'] * len(fields))})",
        f"RETURNING {quote(str(meta.pk.column))}",
    )
