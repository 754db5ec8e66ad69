"""Numbers without gaps, from a counter row taken inside the caller's transaction."""

from typing import TypeVar

from django.db import connection, models

Row = TypeVar("Row", bound=models.Model)


def take_next(rows: models.QuerySet[Row], field: str) -> Row:
    """Add one to `field` of the single row in `rows` and return the row as it then stands.

    The UPDATE must be the transaction's first statement on this row: it takes the row lock on
    PostgreSQL and the write lock on SQLite, so that reading afterwards is safe on both; MAX()+1, or
    reading first, repeats numbers (measured in the design's reliability page). Rolled back with the
    transaction, so nothing is skipped. Raises the model's DoesNotExist where there is no such row.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("take_next needs the transaction that uses the number")
    if not rows.update(**{field: models.F(field) + 1}):
        raise rows.model.DoesNotExist(  # type: ignore[attr-defined]
            f"no {rows.model.__name__} to count with"
        )
    return rows.get()
