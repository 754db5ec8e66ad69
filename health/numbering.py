"""Numbers without gaps: one statement takes the next, inside the caller's transaction."""

from datetime import date

from django.db import connection

from health.models import NumberSeries

_TAKE = (
    "INSERT INTO health_number_series (tenant_id, key, last) VALUES (%s, %s, 1) "
    "ON CONFLICT (tenant_id, key) DO UPDATE SET last = health_number_series.last + 1 "
    "RETURNING last"
)


def take(tenant_id: int, key: str) -> int:
    """The next number under `key`, from 1. Rolled back with the transaction, so none is skipped."""
    if not connection.in_atomic_block:
        raise RuntimeError("take needs the transaction that uses the number")
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [tenant_id, key])
        return int(cursor.fetchone()[0])


def number_of_day(tenant_id: int, prefix: str, day: date) -> str:
    """The next number of a day, as in TINV202401150001; wider from the ten-thousandth on."""
    key = f"{prefix}{day:%Y%m%d}"
    return written(key, take(tenant_id, key))


def financial_year(day: date) -> str:
    """India's year from April to March: ``2627`` for 1 April 2026."""
    start = day.year if day.month >= 4 else day.year - 1
    return f"{start % 100:02}{(start + 1) % 100:02}"


def number_of_year(tenant_id: int, prefix: str, day: date) -> str:
    """The next number of a financial year, as in LAB/2627/000001 (at most 16 characters)."""
    key = f"{prefix}/{financial_year(day)}"
    return written(key, take(tenant_id, key))


def number_to_come(tenant_id: int, prefix: str, day: date) -> str:
    """What `number_of_year` would give now; another may take it meanwhile."""
    key = f"{prefix}/{financial_year(day)}"
    series = NumberSeries.objects.filter(tenant_id=tenant_id, key=key)
    return written(key, (series.values_list("last", flat=True).first() or 0) + 1)


def is_given(tenant_id: int, number: str) -> bool:
    """Whether the series of a year has given that number; another was written by hand."""
    key, _, digits = number.rpartition("/")
    if not (digits.isascii() and digits.isdigit()):
        return False
    series = NumberSeries.objects.filter(tenant_id=tenant_id, key=key, last__gte=int(digits))
    return written(key, int(digits)) == number and series.exists()


def written(key: str, number: int) -> str:
    """How a number of the series `key` stands on a document."""
    if "/" not in key:
        return f"{key}{number:04}"
    # Rule 46(b) CGST allows sixteen characters: a long prefix leaves fewer digits.
    return f"{key}/{number:0{min(6, 15 - len(key))}}"
