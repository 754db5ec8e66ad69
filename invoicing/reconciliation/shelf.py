"""Their side, kept in a scratch database on disk while ours goes by."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice
from types import TracebackType
from typing import Any, Self

from invoicing.reconciliation.records import Finding, Kind, Theirs, Word
from invoicing.reconciliation.tally import Said, Tally

CHUNK = 500
SCHEMA = """
CREATE TABLE rows (
    id INTEGER PRIMARY KEY, state INTEGER NOT NULL, number TEXT NOT NULL, word TEXT NOT NULL,
    uuid TEXT NOT NULL, hash TEXT NOT NULL, icv INTEGER, csid TEXT NOT NULL,
    type_code TEXT NOT NULL, simplified INTEGER, total INTEGER, vat INTEGER,
    currency TEXT NOT NULL, issued TEXT, line INTEGER NOT NULL);
CREATE INDEX rows_number ON rows (number);
CREATE INDEX rows_state ON rows (state, number);
CREATE INDEX rows_uuid ON rows (uuid);
"""
COLUMNS = "number, word, uuid, hash, icv, csid, type_code, simplified, total, vat, currency, issued"
WAITING, TAKEN, OUTSIDE = 0, 1, 2


class Shelf:
    """Their records; each is taken once. Use as a context manager; nothing stays behind.

    `first` and `last` bound the days that are compared: a record with a day outside of them only
    tells that its ICV was used.
    """

    def __init__(self, *, first: date | None = None, last: date | None = None) -> None:
        self._first, self._last = first, last
        # An empty name is a private database on disk that goes away with its connection.
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def add(self, records: Iterable[Theirs]) -> int:
        """Put records on the shelf; how many. Reads no further ahead than it writes."""
        added = 0
        source = iter(records)
        while chunk := list(islice(source, CHUNK)):
            self._connection.execute("BEGIN")
            self._connection.executemany(
                f"INSERT INTO rows (state, {COLUMNS}, line)"  # noqa: S608 - literals
                " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                map(self._row, chunk),
            )
            self._connection.execute("COMMIT")
            added += len(chunk)
        return added

    def take(self, numbers: Sequence[str]) -> dict[str, list[Theirs]]:
        """Every record under these numbers, at most 500 of them; marks the records taken.

        One outside of the days counts once it is taken: the other side has it inside.
        """
        marks = ",".join("?" * len(numbers))
        where = f"number IN ({marks})"
        found: dict[str, list[Theirs]] = {}
        for row in self._connection.execute(
            f"SELECT {COLUMNS}, line FROM rows WHERE {where} ORDER BY id",  # noqa: S608 - literals
            numbers,
        ):
            found.setdefault(row[0], []).append(_record(row))
        self._connection.execute(
            f"UPDATE rows SET state = {TAKEN} WHERE {where}",  # noqa: S608 - literals
            numbers,
        )
        return found

    def waiting(self) -> Iterator[list[str]]:
        """Numbers nobody took, in chunks; take each chunk before asking for the next."""
        while chunk := self._connection.execute(
            f"SELECT DISTINCT number FROM rows WHERE state = {WAITING} LIMIT {CHUNK}"  # noqa: S608
        ).fetchall():
            yield [number for (number,) in chunk]

    def repeated_uuids(self) -> Iterator[Finding]:
        """One finding per UUID under which they accepted more than once."""
        accepted = ", ".join(f"'{word}'" for word in Word if word.is_accepted)
        rows = self._connection.execute(
            f"SELECT {COLUMNS}, min(line), count(*) FROM rows"  # noqa: S608 - literals
            f" WHERE uuid <> '' AND word IN ({accepted}) AND state <> {OUTSIDE}"
            " GROUP BY uuid HAVING count(*) > 1 ORDER BY min(number), uuid"
        )
        for row in rows:
            held = _record(row)
            yield Finding(
                Kind.DUPLICATE_UUID,
                number=held.number,
                uuid=held.uuid,
                theirs=held.word,
                their_total=held.total,
                their_vat=held.vat,
                csid=held.csid,
                icv=held.icv,
                line=held.line,
            )

    def missing_icvs(self) -> Iterator[tuple[str, int, int]]:
        """(csid, first, last) of every span of ICVs that none of their documents has."""
        yield from self._connection.execute(
            "SELECT csid, icv + 1, following - 1 FROM (SELECT csid, icv, lead(icv) OVER"
            " (PARTITION BY csid ORDER BY icv) AS following FROM"
            " (SELECT DISTINCT csid, icv FROM rows WHERE icv IS NOT NULL AND csid <> ''))"
            " WHERE following > icv + 1 ORDER BY csid, icv"
        )

    def days(self) -> tuple[date, date] | None:
        """The first and the last day on the shelf, or None where a record names none."""
        first, last, undated = self._connection.execute(
            "SELECT min(issued), max(issued), sum(issued IS NULL) FROM rows"
        ).fetchone()
        if first is None or undated:
            return None
        return date.fromisoformat(first), date.fromisoformat(last)

    def said(self) -> Said:
        """What their records say of a document at all; ours are counted no finer."""
        typed, formed, generic = self._connection.execute(
            "SELECT sum(type_code = ''), sum(simplified IS NULL), sum(word = 'ACCEPTED') FROM rows"
            " WHERE state <> ?",
            (OUTSIDE,),
        ).fetchone()
        return Said(types=not typed, forms=not formed, words=not generic)

    def tally(self, said: Said) -> Tally:
        """How many of each kind, with their sums, as they are once everything was taken."""
        tally = Tally(said)
        for word, type_code, simplified, currency, count, total, vat in self._connection.execute(
            "SELECT word, type_code, simplified, currency, count(*), coalesce(sum(total), 0),"
            " coalesce(sum(vat), 0) FROM rows WHERE state <> ?"
            " GROUP BY word, type_code, simplified, currency",
            (OUTSIDE,),
        ):
            tally.add(
                Word(word),
                type_code,
                None if simplified is None else bool(simplified),
                currency or "SAR",
                count=count,
                total=_amount(total),
                vat=_amount(vat),
            )
        return tally

    def _row(self, record: Theirs) -> tuple[Any, ...]:
        return (
            OUTSIDE if self._is_outside(record.issued) else WAITING,
            record.number,
            record.word,
            record.uuid,
            record.hash,
            record.icv,
            record.csid,
            record.type_code,
            record.simplified,
            _minor(record.total),
            _minor(record.vat),
            record.currency,
            record.issued.isoformat() if record.issued else None,
            record.line,
        )

    def _is_outside(self, day: date | None) -> bool:
        if day is None:
            return False
        return bool((self._first and day < self._first) or (self._last and day > self._last))


def _record(row: tuple[Any, ...]) -> Theirs:
    number, word, uuid, hash_, icv, csid, type_code, simplified, total, vat, *rest = row
    currency, issued, line = rest[:3]
    return Theirs(
        number=number,
        word=Word(word),
        uuid=uuid,
        hash=hash_,
        icv=icv,
        csid=csid,
        type_code=type_code,
        simplified=None if simplified is None else bool(simplified),
        total=None if total is None else _amount(total),
        vat=None if vat is None else _amount(vat),
        currency=currency,
        issued=date.fromisoformat(issued) if issued else None,
        line=line,
    )


def _minor(amount: Decimal | None) -> int | None:
    return None if amount is None else int(amount * 100)


def _amount(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)
