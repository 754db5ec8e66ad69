"""The stand-in's memory: one SQLite file (or none), written before every answer.

WAL with synchronous NORMAL loses nothing when the process is killed; a power cut of the machine may
cost the last answers, which is fair for a stand-in.
"""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS csids (
    request_id INTEGER PRIMARY KEY, serial TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    environment TEXT NOT NULL, vat_number TEXT NOT NULL, title TEXT NOT NULL,
    certificate BLOB NOT NULL, token TEXT NOT NULL UNIQUE, secret_sha256 TEXT NOT NULL,
    issued_at TEXT NOT NULL, expires_at TEXT NOT NULL, revoked_at TEXT);
CREATE TABLE IF NOT EXISTS compliance_steps (
    request_id INTEGER NOT NULL, step TEXT NOT NULL, PRIMARY KEY (request_id, step));
CREATE TABLE IF NOT EXISTS documents (
    id INTEGER PRIMARY KEY, environment TEXT NOT NULL, invoice_hash TEXT NOT NULL,
    number TEXT NOT NULL, uuid TEXT NOT NULL, icv INTEGER, pih TEXT NOT NULL,
    type_code TEXT NOT NULL, simplified INTEGER NOT NULL, vat_number TEXT NOT NULL,
    csid TEXT NOT NULL, call TEXT NOT NULL, verdict TEXT NOT NULL, codes TEXT NOT NULL,
    sha256 TEXT NOT NULL, xml BLOB NOT NULL, cleared BLOB, deliveries INTEGER NOT NULL,
    registrations INTEGER NOT NULL, stored_at TEXT NOT NULL, accepted_at TEXT,
    UNIQUE (environment, invoice_hash));
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, environment TEXT NOT NULL, call TEXT NOT NULL,
    target TEXT NOT NULL, vat_number TEXT NOT NULL, uuid TEXT NOT NULL,
    invoice_hash TEXT NOT NULL, sha256 TEXT NOT NULL, nth INTEGER NOT NULL,
    overlap INTEGER NOT NULL, fault TEXT NOT NULL, judged INTEGER, answered INTEGER);
CREATE INDEX IF NOT EXISTS deliveries_of_target
    ON deliveries (target, environment, vat_number, call);
CREATE TABLE IF NOT EXISTS scripts (
    target TEXT NOT NULL, nth INTEGER NOT NULL, fault TEXT NOT NULL, args TEXT NOT NULL,
    PRIMARY KEY (target, nth));
"""


@dataclass(frozen=True, slots=True)
class CSID:
    """A certificate the authority issued, with the state it is in."""

    request_id: int
    serial: str
    kind: str
    environment: str
    vat_number: str
    title: str
    certificate: bytes
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @property
    def x509(self) -> x509.Certificate:
        return x509.load_der_x509_certificate(self.certificate)

    def is_usable(self, at: datetime) -> bool:
        return at <= self.expires_at and (self.revoked_at is None or at < self.revoked_at)


class Store:
    """One connection for all threads, one writer at a time."""

    def __init__(self, path: str | Path | None = None) -> None:
        if path is not None:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            path or ":memory:", check_same_thread=False, isolation_level=None
        )
        self._connection.row_factory = sqlite3.Row
        self._lock = threading.RLock()
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Alone in the store until the block ends; committed with it, or rolled back."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        return next(iter(self.rows(sql, *values)), None)

    def secret(self, name: str, generate: Callable[[], bytes]) -> bytes:
        """The value under this name, made once."""
        with self.transaction() as connection:
            connection.execute(
                "INSERT INTO secrets SELECT ?, ? WHERE NOT EXISTS "
                "(SELECT 1 FROM secrets WHERE name = ?)",
                (name, generate(), name),
            )
            row = connection.execute("SELECT value FROM secrets WHERE name = ?", (name,))
            return bytes(row.fetchone()["value"])

    def add_csid(
        self,
        *,
        kind: str,
        environment: str,
        vat_number: str,
        title: str,
        certificate: bytes,
        token: str,
        secret: str,
        now: datetime,
    ) -> int:
        """Keep an issued certificate; the secret only as its digest. Returns the request id."""
        issued = x509.load_der_x509_certificate(certificate)
        with self.transaction() as connection:
            cursor = connection.execute(
                "INSERT INTO csids (serial, kind, environment, vat_number, title, certificate,"
                " token, secret_sha256, issued_at, expires_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
                (
                    str(issued.serial_number),
                    kind,
                    environment,
                    vat_number,
                    title,
                    certificate,
                    token,
                    digest(secret),
                    now.isoformat(),
                    issued.not_valid_after_utc.isoformat(),
                ),
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid

    def csid_with_credentials(self, token: str, secret: str) -> CSID | None:
        row = self.row("SELECT * FROM csids WHERE token = ?", token)
        return _csid(row) if row and row["secret_sha256"] == digest(secret) else None

    def csid_with_certificate(self, der: bytes) -> CSID | None:
        row = self.row("SELECT * FROM csids WHERE certificate = ?", der)
        return _csid(row) if row else None

    def csids(self) -> list[CSID]:
        return [_csid(row) for row in self.rows("SELECT * FROM csids ORDER BY request_id")]

    def revoke_csid(self, serial: str, *, now: datetime) -> bool:
        """False when no certificate has this serial number; the first revocation stands."""
        with self.transaction() as connection:
            connection.execute(
                "UPDATE csids SET revoked_at = ? WHERE serial = ? AND revoked_at IS NULL",
                (now.isoformat(), serial),
            )
            found = connection.execute("SELECT 1 FROM csids WHERE serial = ?", (serial,))
            return found.fetchone() is not None

    def add_compliance_step(self, request_id: int, step: str) -> None:
        with self.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO compliance_steps VALUES (?, ?)", (request_id, step)
            )

    def compliance_steps(self, request_id: int) -> set[str]:
        rows = self.rows("SELECT step FROM compliance_steps WHERE request_id = ?", request_id)
        return {row["step"] for row in rows}

    def write_script(self, target: str, nth: int, fault: str, args: dict[str, Any]) -> None:
        with self.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO scripts VALUES (?, ?, ?, ?)",
                (target, nth, fault, json.dumps(args)),
            )

    def script(self, target: str, nth: int) -> tuple[str, dict[str, Any]] | None:
        row = self.row("SELECT * FROM scripts WHERE target = ? AND nth = ?", target, nth)
        return (row["fault"], json.loads(row["args"])) if row else None

    def forget(self) -> None:
        """Empty the books and the script; certificates and keys stay, so clients go on working."""
        with self.transaction() as connection:
            for table in ("documents", "deliveries", "scripts"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - three literals


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _csid(row: sqlite3.Row) -> CSID:
    revoked = row["revoked_at"]
    return CSID(
        request_id=row["request_id"],
        serial=row["serial"],
        kind=row["kind"],
        environment=row["environment"],
        vat_number=row["vat_number"],
        title=row["title"],
        certificate=row["certificate"],
        issued_at=datetime.fromisoformat(row["issued_at"]),
        expires_at=datetime.fromisoformat(row["expires_at"]),
        revoked_at=datetime.fromisoformat(revoked) if revoked else None,
    )
