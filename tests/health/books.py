"""All that the laboratory's tables hold, to be compared before and after."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import connection

TABLES = sorted(model._meta.db_table for model in apps.get_app_config("health").get_models())
Row = dict[str, Any]
Held = dict[str, list[Row]]


def everything() -> Held:
    """Every row of every table of the laboratory, as the database has it; amounts in paise."""
    held = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            names = [column[0] for column in cursor.description]
            held[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return held


def grouped(rows: Iterable[Row], *names: str) -> dict[Any, list[Row]]:
    """The rows by the value of a column, or of several."""
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)].append(row)
    return found
