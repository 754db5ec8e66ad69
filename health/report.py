"""What a report is: a head and rows of one width, of plain values that know where they come from.

API, CSV, XLSX, PDF and the admin's pages show the same rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

NIL = Decimal("0.00")
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Period:
    """From one day to another, both included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Question(Period):
    """What a report is asked: a period, and by column what its rows are to say."""

    only: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lead:
    """What stands behind a value: a document by its kind and key, or the report `to`, narrowed."""

    to: str
    pk: int | None = None
    only: Mapping[str, str] = field(default_factory=dict)


class Word(str):
    """A text that leads to what it names."""

    __slots__ = ("lead",)
    lead: Lead

    def __new__(cls, text: str, lead: Lead) -> "Word":
        self = super().__new__(cls, text)
        self.lead = lead
        return self


class Figure(Decimal):
    """An amount that leads to what it is the sum of."""

    __slots__ = ("lead",)
    lead: Lead

    def __new__(cls, amount: Decimal, lead: Lead) -> "Figure":
        self = super().__new__(cls, amount)
        self.lead = lead
        return self


class Balance(Decimal):
    """An amount that leads to the account whose balance it is."""

    __slots__ = ("lead",)
    lead: Lead

    def __new__(cls, amount: Decimal, lead: Lead) -> "Balance":
        self = super().__new__(cls, amount)
        self.lead = lead
        return self


class Number(int):
    """A number that leads to the rows that it counts."""

    lead: Lead

    def __new__(cls, number: int, lead: Lead) -> "Number":
        self = super().__new__(cls, number)
        self.lead = lead
        return self


class Day(date):
    """A day that leads to what was done on it."""

    lead: Lead

    def __new__(cls, day: date, lead: Lead) -> "Day":
        self = super().__new__(cls, day.year, day.month, day.day)
        self.lead = lead
        return self


class Rows:
    """Rows that are fetched while they are written, each time anew."""

    def __init__(self, fetch: Callable[[], Iterator[Row]]) -> None:
        self._fetch = fetch

    def __iter__(self) -> Iterator[Row]:
        return self._fetch()


@dataclass(frozen=True, slots=True)
class Report:
    """`head` names the columns, `summed` those that are added up; `facts` stand above the rows."""

    title: str
    head: tuple[str, ...]
    rows: Iterable[Row]
    summed: tuple[str, ...] = ()
    facts: tuple[tuple[str, Any], ...] = ()

    def read(self) -> "Report":
        """The same with its rows at hand."""
        return replace(self, rows=list(self.rows))

    @property
    def totals(self) -> dict[str, Any]:
        """The sum of every summed column, by its name."""
        sums = Sums(self)
        for row in self.rows:
            sums.add(row)
        return sums.by_column

    def narrowed(self, only: Mapping[str, str]) -> "Report":
        """The rows that say what `only` says, by `parameter` of a column; other names say nothing.

        What is added up are those rows alone.
        """
        wanted = {
            place: only[parameter(column)]
            for place, column in enumerate(self.head)
            if parameter(column) in only
        }
        if not wanted:
            return self
        rows = self.rows
        fitting = Rows(
            lambda: (row for row in rows if all(str(row[p]) == said for p, said in wanted.items()))
        )
        return replace(self, rows=fitting)


class Sums:
    """The totals of rows that go by."""

    def __init__(self, report: Report) -> None:
        self._places = {column: report.head.index(column) for column in report.summed}
        # From a plain zero, so that counts stay whole.
        self.by_column: dict[str, Any] = dict.fromkeys(report.summed, 0)

    def add(self, row: Row) -> None:
        for column, place in self._places.items():
            self.by_column[column] += row[place]


def parameter(column: str) -> str:
    """A column's name in an address: ``test_or_panel``."""
    return column.replace(" ", "_")


def month_of(day: date) -> Period:
    """From the first of the month to `day`."""
    return Period(day.replace(day=1), day)


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """From `first` to `last`: without either, the last day is today, the first that of its month.

    It may end before it begins, where somebody said so.
    """
    end = last or today
    return Period(first or month_of(end).first, end)
