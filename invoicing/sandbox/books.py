"""What the authority holds: every document it judged, every delivery it saw, every chain."""

import base64
import hashlib
import itertools
import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from sqlite3 import Connection, Row
from typing import Any

from invoicing.sandbox.documents import Document
from invoicing.sandbox.store import Store

MEMORY = timedelta(hours=24)
# base64 of the hex text of SHA-256("0"), an inconsistency of the authority's own (zatca.md 6.2).
FIRST_PIH = base64.b64encode(hashlib.sha256(b"0").hexdigest().encode()).decode()

LISTED = (
    "environment, number, uuid, icv, pih, invoice_hash, type_code, simplified, vat_number, csid,"
    " call, verdict, codes, sha256, deliveries, registrations, stored_at, accepted_at"
)
ADD_DOCUMENT = """
INSERT OR IGNORE INTO documents (
    environment, invoice_hash, number, uuid, icv, pih, type_code, simplified, vat_number,
    csid, call, verdict, codes, sha256, xml, deliveries, registrations, stored_at)
VALUES (
    :environment, :invoice_hash, :number, :uuid, :icv, :pih, :type_code, :simplified, :vat_number,
    :csid, :call, :verdict, :codes, :sha256, :xml, 0, 0, :now)
"""
COUNT_DELIVERY = """
UPDATE documents SET deliveries = deliveries + 1
WHERE environment = :environment AND invoice_hash = :invoice_hash
"""
SET_VERDICT = """
UPDATE documents SET
    csid = :csid, call = :call, verdict = :verdict, codes = :codes, sha256 = :sha256, xml = :xml,
    cleared = :cleared, registrations = registrations + :accepted, accepted_at = :accepted_at
WHERE environment = :environment AND invoice_hash = :invoice_hash
    AND (:accepted OR accepted_at IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was decided: the authority's word, the codes behind it, and the cleared bytes."""

    word: str
    accepted: bool
    codes: tuple[str, ...]
    cleared: bytes | None = None


@dataclass(frozen=True, slots=True)
class Remembered:
    """An acceptance of the same hash that is less than 24 hours old."""

    cleared: bytes | None


class Books:
    """Writes documents and deliveries; a hash is one row, however often and together it arrives."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def open_delivery(
        self,
        *,
        at: datetime,
        environment: str,
        call: str,
        target: str,
        document: Document | None,
        sha256: str,
        overlap: int,
    ) -> tuple[int, int]:
        """Number an arriving call: (its id, how many-th delivery of this target it is, from 1)."""
        vat_number = document.seller_vat_number if document else ""
        key = (target, environment, vat_number)
        with self._store.transaction() as connection:
            earlier = connection.execute(
                "SELECT count(*) FROM deliveries"
                " WHERE target = ? AND environment = ? AND vat_number = ?",
                key,
            ).fetchone()[0]
            cursor = connection.execute(
                "INSERT INTO deliveries (at, environment, call, target, vat_number, uuid,"
                " invoice_hash, sha256, nth, overlap, fault) VALUES (?,?,?,?,?,?,?,?,?,?,'')",
                (
                    at.isoformat(),
                    environment,
                    call,
                    target,
                    vat_number,
                    document.uuid if document else "",
                    document.invoice_hash if document else "",
                    sha256,
                    earlier + 1,
                    overlap,
                ),
            )
            assert cursor.lastrowid is not None
            return cursor.lastrowid, earlier + 1

    def close_delivery(
        self, delivery_id: int, *, fault: str, judged: int | None, answered: int | None
    ) -> None:
        """Note the status that was decided and the one that will be on the wire, before it is."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET fault = ?, judged = ?, answered = ? WHERE id = ?",
                (fault, judged, answered, delivery_id),
            )

    def recall(self, environment: str, invoice_hash: str, *, now: datetime) -> Remembered | None:
        """The acceptance this hash had in the last 24 hours; if there is one, counts a delivery."""
        with self._store.transaction() as connection:
            return self._recall(connection, environment, invoice_hash, now)

    def record(
        self,
        document: Document,
        verdict: Verdict,
        *,
        environment: str,
        call: str,
        csid: str,
        now: datetime,
    ) -> Remembered | None:
        """Store a verdict. An acceptance of the same hash in the last 24 hours is returned instead
        of accepting it again, and no refusal undoes one.

        Looking and storing are one transaction, so of simultaneous deliveries one is registered
        and the others are told that it was.
        """
        facts = {
            "environment": environment,
            "invoice_hash": document.invoice_hash,
            "number": document.number,
            "uuid": document.uuid,
            "icv": document.icv,
            "pih": document.pih,
            "type_code": document.type_code,
            "simplified": document.is_simplified,
            "vat_number": document.seller_vat_number,
            "csid": csid,
            "call": call,
            "verdict": verdict.word,
            "codes": json.dumps(verdict.codes),
            "sha256": hashlib.sha256(document.xml).hexdigest(),
            "xml": document.xml,
            "cleared": verdict.cleared,
            "accepted": int(verdict.accepted),
            "now": now.isoformat(),
            "accepted_at": now.isoformat() if verdict.accepted else None,
        }
        with self._store.transaction() as connection:
            if verdict.accepted and (
                known := self._recall(connection, environment, document.invoice_hash, now)
            ):
                return known
            connection.execute(ADD_DOCUMENT, facts)
            connection.execute(COUNT_DELIVERY, facts)
            connection.execute(SET_VERDICT, facts)
            return None

    def _recall(
        self, connection: Connection, environment: str, invoice_hash: str, now: datetime
    ) -> Remembered | None:
        row = connection.execute(
            "SELECT cleared, accepted_at FROM documents"
            " WHERE environment = ? AND invoice_hash = ? AND accepted_at IS NOT NULL",
            (environment, invoice_hash),
        ).fetchone()
        if row is None or now - datetime.fromisoformat(row["accepted_at"]) >= MEMORY:
            return None
        connection.execute(
            COUNT_DELIVERY, {"environment": environment, "invoice_hash": invoice_hash}
        )
        return Remembered(row["cleared"])

    def documents(self, number: str | None = None) -> list[dict[str, Any]]:
        """What is held, in the order it was stored; `registrations` above 1 is a double entry."""
        where, values = ("WHERE number = ?", (number,)) if number is not None else ("", ())
        sql = f"SELECT {LISTED} FROM documents {where} ORDER BY id"  # noqa: S608 - literals
        return [_listed(row) for row in self._store.rows(sql, *values)]

    def content(self, invoice_hash: str, column: str) -> bytes | None:
        """The stored bytes of a hash: column `xml` as received, `cleared` as given back."""
        sql = f"SELECT {column} FROM documents WHERE invoice_hash = ?"  # noqa: S608 - two literals
        row = self._store.row(sql, invoice_hash)
        return bytes(row[column]) if row and row[column] is not None else None

    def deliveries(self, number: str | None = None) -> list[dict[str, Any]]:
        """Every call that arrived, refused and faulted ones included, oldest first."""
        where, values = ("WHERE target = ?", (number,)) if number is not None else ("", ())
        sql = f"SELECT * FROM deliveries {where} ORDER BY id"  # noqa: S608 - literals
        return [dict(row) for row in self._store.rows(sql, *values)]

    def counts(self) -> dict[str, int]:
        """How many documents are held, and how many deliveries were seen."""
        row = self._store.row(
            "SELECT (SELECT count(*) FROM documents) AS documents,"
            " (SELECT count(*) FROM deliveries) AS deliveries"
        )
        return dict(row) if row else {}

    def chain(self, csid: str) -> dict[str, Any]:
        """The documents of one CSID as a chain, with what does not fit (zatca.md 6.6).

        Judged over everything held, refused documents included, because they keep their place.
        """
        rows = self._store.rows(
            "SELECT icv, number, invoice_hash, pih, verdict FROM documents"
            " WHERE csid = ? AND icv IS NOT NULL ORDER BY icv, id",
            csid,
        )
        counters = Counter(row["icv"] for row in rows)
        missing = sorted(set(range(1, max(counters, default=0) + 1)) - set(counters))
        repeated = sorted(icv for icv, times in counters.items() if times > 1)
        return {
            "csid": csid,
            "length": len(rows),
            "missing": missing,
            "repeated": repeated,
            "broken": _broken_links(rows),
            "entries": [dict(row) for row in rows],
        }


def _broken_links(rows: list[Row]) -> list[int]:
    """The ICVs whose PIH is not the hash of the document before; across a gap nothing is said."""
    broken = [row["icv"] for row in rows[:1] if row["icv"] == 1 and row["pih"] != FIRST_PIH]
    for before, row in itertools.pairwise(rows):
        if row["icv"] == before["icv"] + 1 and row["pih"] != before["invoice_hash"]:
            broken.append(row["icv"])
    return broken


def _listed(row: Row) -> dict[str, Any]:
    listed = dict(row) | {"simplified": bool(row["simplified"]), "codes": json.loads(row["codes"])}
    return listed | {"accepted": row["accepted_at"] is not None}
