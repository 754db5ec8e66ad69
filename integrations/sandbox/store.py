"""What the stand-in remembers: JSON records in SQLite, one transaction per call, kill -9 safe."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

Record = dict[str, Any]
SCHEMA = """
create table if not exists record (
    number integer primary key, kind text not null, guid text not null unique, body text not null,
    chain text not null default ''
);
create index if not exists record_chain on record (kind, chain);
create table if not exists counter (name text primary key, value integer not null);
"""


class Store:
    """One connection under one lock: callers take turns, so a call sees no other half-done."""

    def __init__(self, folder: str | Path | None = None) -> None:
        path = ":memory:"
        if folder is not None:
            Path(folder).mkdir(parents=True, exist_ok=True)
            path = str(Path(folder) / "ims.sqlite3")
        self._lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("pragma journal_mode=wal")
        self._db.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commits at the end, or leaves nothing behind when the body raises."""
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield
            except BaseException:
                self._db.execute("rollback")
                raise
            self._db.execute("commit")

    def add(self, kind: str, record: Record, chain: str = "") -> Record:
        """Stores under a new GUID (or the record's own) and answers it with `guid`."""
        record = {"guid": str(uuid4())} | record
        self._db.execute(
            "insert into record (kind, guid, body, chain) values (?, ?, ?, ?)",
            (kind, record["guid"], json.dumps(record), chain),
        )
        return record

    def save(self, record: Record) -> None:
        self._db.execute(
            "update record set body = ? where guid = ?", (json.dumps(record), record["guid"])
        )

    def get(self, kind: str, guid: str) -> Record | None:
        row = self._db.execute(
            "select body from record where kind = ? and guid = ?", (kind, guid)
        ).fetchone()
        return json.loads(row[0]) if row else None

    def all(self, kind: str, chain: str | None = None) -> list[Record]:
        """Oldest first."""
        with self._lock:
            rows = self._db.execute(
                "select body from record where kind = ?1 and (?2 is null or chain = ?2)"
                " order by number",
                (kind, chain),
            ).fetchall()
        return [json.loads(row[0]) for row in rows]

    def next(self, name: str, first: int) -> int:
        row = self._db.execute(
            "insert into counter values (?1, ?2) on conflict (name)"
            " do update set value = value + 1 returning value",
            (name, first),
        ).fetchone()
        return int(row[0])

    def close(self) -> None:
        with self._lock:
            self._db.close()
