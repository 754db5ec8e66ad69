"""Rows that a service wrote once, written again for every test that begins with them.

A tenant and a unit that may seal are where a thousand tests begin, and each is rolled back at the
end of its test. The services that make them are asked once; afterwards their rows are written as
they stand, with the same ids. A test's own rows never take those ids: on PostgreSQL the sequences
have gone past them, on SQLite, which rolls its sequences back, each kept thing counts from a place
of its own.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, transaction
from django.db.models import Model
from django.db.models.signals import post_save

FAR_APART = count(1_000_000, 1_000_000)


@dataclass
class Kept:
    """The rows of one thing, in the order in which they were written."""

    rows: list[tuple[type[Model], list[str], list[Any]]] = field(default_factory=list)
    stands: bool = False  # in the database already, for several tests

    def write(self) -> list[Any]:
        """Insert the rows, unless they stand; instances as if just read, that nobody else holds."""
        made = [
            model.from_db(DEFAULT_DB_ALIAS, names, deepcopy(values))
            for model, names, values in self.rows
        ]
        if self.stands:
            return [type(instance)._base_manager.get(pk=instance.pk) for instance in made]
        for instance in made:
            instance.save_base(raw=True, force_insert=True)
        return made

    def stand(self) -> list[Any]:
        """Insert the rows for all tests until `stands` is taken back."""
        made = self.write()
        self.stands = True
        return made


def keep(make: Callable[[], Any]) -> Kept:
    """What `make` writes, of which nothing stays in the database.

    AssertionError if it writes rows that are seen by no signal, which would be missing later.
    """
    saved: dict[tuple[type[Model], Any], None] = {}
    inserts = 0

    def note(sender: type[Model], instance: Model, **_: Any) -> None:
        saved.setdefault((sender, instance.pk))

    def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal inserts
        inserts += sql.startswith("INSERT")
        return execute(sql, params, many, context)

    with transaction.atomic():
        _count_from_afar()
        post_save.connect(note)
        try:
            with connection.execute_wrapper(listen):
                make()
        finally:
            post_save.disconnect(note)
        assert len(saved) == inserts
        kept = Kept([_row(model._base_manager.get(pk=pk)) for model, pk in saved])
        transaction.set_rollback(True)
    return kept


def _row(instance: Model) -> tuple[type[Model], list[str], list[Any]]:
    names = [column.attname for column in instance._meta.concrete_fields]
    return type(instance), names, [getattr(instance, name) for name in names]


def _count_from_afar() -> None:
    if connection.vendor != "sqlite":
        return
    place = next(FAR_APART)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, place]
            )
