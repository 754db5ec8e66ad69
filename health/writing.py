"""The few statements of a posting, without the price of composing them each time.

A posting reads and writes the same tables over and over; composing its statements took four times
what running them takes (benchmarks/ledger.py). Everywhere else the ORM does it.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from config.money import MoneyField, to_minor

Row = TypeVar("Row", bound=models.Model)
# What these fields hand to the database as it is: most of a row.
_NOTHING: frozenset[type] = frozenset({type(None)})
_TEXT = _NOTHING | {str}
_WHOLE = _NOTHING | {int}
AS_IT_IS: Mapping[type, frozenset[type]] = {
    models.CharField: _TEXT,
    models.TextField: _TEXT,
    models.BooleanField: frozenset({bool}),
    models.BigIntegerField: _WHOLE,
    models.PositiveIntegerField: _WHOLE,
    models.PositiveSmallIntegerField: _WHOLE,
    models.ForeignKey: _WHOLE,
    models.OneToOneField: _WHOLE,
}


def read(model: type[Row], tenant_id: int, **among: Collection[Any]) -> list[Row]:
    """The tenant's rows, each of whose columns named here has one of the values given for it."""
    shape, real = _shape(model), connections[connection.alias]
    with real.cursor() as cursor:
        cursor.execute(*_select(shape.columns, model, tenant_id, among))
        found = cursor.fetchall()
    return [model.from_db(real.alias, shape.names, _as_python(shape, row, real)) for row in found]


def is_there(model: type[models.Model], tenant_id: int, **among: Collection[Any]) -> bool:
    """Whether `read` would find a row."""
    with connection.cursor() as cursor:
        cursor.execute(*_select("1", model, tenant_id, among))
        return cursor.fetchone() is not None


def _select(
    what: str, model: type[models.Model], tenant_id: int, among: Mapping[str, Collection[Any]]
) -> tuple[str, list[Any]]:
    quote = connection.ops.quote_name
    where, values = ["tenant_id = %s"], [tenant_id]
    for column, wanted in among.items():
        where.append(f"{quote(column)} IN ({', '.join(['%s'] * len(wanted))})")
        values += wanted
    table = quote(model._meta.db_table)
    return f"SELECT {what} FROM {table} WHERE {' AND '.join(where)}", values  # noqa: S608


class _Shape(NamedTuple):
    """What a row of a model is read as: its columns, and what makes Python's values of them."""

    columns: str
    names: Sequence[str]
    conversions: Sequence[tuple[int, models.Expression, Sequence[Callable[..., Any]]]]


@cache
def _shape(model: type[models.Model]) -> _Shape:
    real = connections[connection.alias]
    fields = model._meta.local_concrete_fields
    conversions = []
    for place, field in enumerate(fields):
        column = field.get_col(model._meta.db_table)
        made = [*real.ops.get_db_converters(column), *field.get_db_converters(real)]
        if made:
            conversions.append((place, column, made))
    columns = ", ".join(real.ops.quote_name(str(field.column)) for field in fields)
    return _Shape(columns, [field.attname for field in fields], conversions)


def _as_python(shape: _Shape, row: Sequence[Any], real: BaseDatabaseWrapper) -> list[Any]:
    values = list(row)
    for place, column, made in shape.conversions:
        for convert in made:
            values[place] = convert(values[place], column, real)
    return values


def change(row: models.Model, as_read: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Write `changes` where the row still is `as_read`; say whether it was. By field names."""
    model, held = type(row), {"id": row.pk, **as_read}
    with connection.cursor() as cursor:
        cursor.execute(
            _update(model, tuple(changes), tuple(held)),
            [*_prepared(model, changes), *_prepared(model, held)],
        )
        return bool(cursor.rowcount)


@lru_cache(256)
def _update(model: type[models.Model], names: Sequence[str], held: Sequence[str]) -> str:
    known, quote = _fields(model), connection.ops.quote_name
    sets = ", ".join(f"{quote(str(known[name].column))} = %s" for name in names)
    where = " AND ".join(f"{quote(str(known[name].column))} = %s" for name in held)
    return f"UPDATE {quote(model._meta.db_table)} SET {sets} WHERE {where}"  # noqa: S608


def _prepared(model: type[models.Model], values: Mapping[str, Any]) -> Iterator[Any]:
    """The values of these fields as the database takes them."""
    real, known = connections[connection.alias], _fields(model)
    for name, value in values.items():
        plain = value.pk if isinstance(value, models.Model) else value
        yield known[name].get_db_prep_save(plain, real)


@cache
def _fields(model: type[models.Model]) -> "Mapping[str, models.Field[Any, Any]]":
    return {field.name: field for field in model._meta.local_concrete_fields}


def insert(row: models.Model) -> None:
    """Insert a new row, which is given its key."""
    [[key]] = _insert(type(row), [row.__dict__])
    row.pk = row._meta.pk.to_python(key)
    row._state.adding, row._state.db = False, connection.alias


def insert_rows(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that nobody needs as objects, by one statement.

    By column (``invoice_id``); what a row leaves out has its default.
    """
    _insert(model, rows)


def _insert(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> Sequence[Any]:
    columns, head, place, tail = _statement(model)
    real, values = connections[connection.alias], []
    for said in rows:
        for name, default, as_it_is, prepared in columns:
            value = said[name] if name in said else default()
            values.append(value if type(value) in as_it_is else prepared(value, real))
    with real.cursor() as cursor:
        cursor.execute(f"{head} {', '.join([place] * len(rows))} {tail}", values)
        return cursor.fetchall()


class _Column(NamedTuple):
    """A column, and what makes the database's value of Python's, where it is not that already."""

    name: str
    default: Callable[[], Any]
    as_it_is: frozenset[type]
    prepared: Callable[[Any, BaseDatabaseWrapper], Any]


@cache
def _statement(model: type[models.Model]) -> tuple[Sequence[_Column], str, str, str]:
    meta, real = model._meta, connections[connection.alias]
    fields = [
        field
        for field in meta.local_concrete_fields
        if not field.generated and not isinstance(field, models.AutoField)
    ]
    names = ", ".join(real.ops.quote_name(str(field.column)) for field in fields)
    return (
        [_column(field) for field in fields],
        f"INSERT INTO {real.ops.quote_name(meta.db_table)} ({names}) VALUES",
        f"({', '.join(['%s'] * len(fields))})",
        f"RETURNING {real.ops.quote_name(str(meta.pk.column))}",
    )


def _column(field: "models.Field[Any, Any]") -> _Column:
    prepared: Callable[[Any, BaseDatabaseWrapper], Any] = field.get_db_prep_save
    if type(field) is MoneyField:
        prepared = _in_minor_units
    elif type(field) is models.DecimalField:
        # Rates: there are few of them.
        prepared = lru_cache(1024)(prepared)
    as_it_is = AS_IT_IS.get(type(field), _NOTHING)
    return _Column(field.attname, field.get_default, as_it_is, prepared)


def _in_minor_units(value: Any, _: BaseDatabaseWrapper) -> int:
    # Most amounts of a row are nothing: one tax of four, one side of two.
    return to_minor(value) if value else 0
