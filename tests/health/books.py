"""All that the laboratory's tables hold, to be compared before and after."""

from typing import Any

from django.apps import apps
from django.db import connection

TABLES = sorted(model._meta.db_table for model in apps.get_app_config("health").get_models())


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the laboratory, as the database has it."""
    held = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            held[table] = cursor.fetchall()
    return held
