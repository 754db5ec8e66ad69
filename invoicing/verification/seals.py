"""Seals: the heads of all log chains in a file, to be kept out of reach of the database's keepers.

A hash chain does not see its tail cut off, nor an invoice taken out whole; a seal does. The file is
JSON lines: the first says when it was made and which seal came before it, then one per invoice by
id, and the last counts them and carries the HMAC of everything above it under the audit key.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from config.db.log_chain import keyed_hash
from config.tenancy.models import Tenant
from invoicing.models import Invoice, InvoiceLog
from invoicing.verification.logs import Head, heads

CHUNK = 100
SEALED_EVERY = timedelta(days=1)


class SealBroken(Exception):
    """The file is no whole seal made with this audit key; the text says what is wrong."""


class Seal(NamedTuple):
    """A seal whose HMAC holds: where it lies, when it was made, how many invoices it covers."""

    path: Path
    sealed_at: str
    invoices: int
    hmac: str


def folder() -> Path:
    """Where seals are written; copies belong elsewhere."""
    return settings.DATA_DIR / "seals"


def write_seal() -> Seal:
    """Write the heads of all invoices' logs into a new file of `folder()`.

    The file appears whole or not at all. It names the HMAC of the newest seal before it, so that a
    seal taken out of the row shows. Raises SealBroken where the newest one does not hold.
    """
    now = timezone.now()
    before = newest_seal()
    folder().mkdir(parents=True, exist_ok=True)
    path = folder() / f"logs-{now:%Y%m%dT%H%M%S%fZ}.jsonl"
    draft = path.with_suffix(".draft")
    digest, count = hashlib.sha256(), 0
    with draft.open("wb") as file:
        for line in _lines(now.isoformat(), before):
            file.write(line)
            digest.update(line)
            count += 1
        invoices = count - 1
        mac = keyed_hash(digest.hexdigest())
        file.write(_line({"invoices": invoices, "hmac": mac}))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    return Seal(path, now.isoformat(), invoices, mac)


def seal_daily() -> int:
    """Write a seal unless one is less than a day old; how many were written (a chore)."""
    newest = newest_seal()
    if newest and timezone.now() - datetime.fromisoformat(newest.sealed_at) < SEALED_EVERY:
        return 0
    write_seal()
    return 1


def newest_seal() -> Seal | None:
    """The newest seal of `folder()`, verified; None before the first. Raises SealBroken."""
    found = max(folder().glob("logs-*.jsonl"), default=None)
    return None if found is None else read_seal(found)


def read_seal(path: Path) -> Seal:
    """The seal in a file, verified to its last byte. Raises SealBroken, and OSError."""
    digest, count = hashlib.sha256(), 0
    opening = last = b""
    with path.open("rb") as file:
        for line in file:
            if count:
                digest.update(last)
            opening, last = opening or line, line
            count += 1
    with suppress(ValueError, KeyError, TypeError):
        first, closing = json.loads(opening), json.loads(last)
        if hmac.compare_digest(closing["hmac"], keyed_hash(digest.hexdigest())):
            return Seal(path, first["sealed_at"], closing["invoices"], closing["hmac"])
    raise SealBroken(f"{path.name} is cut off, was changed, or was made with another audit key")


def seal_findings(seal: Seal, tenant: Tenant | None = None) -> Iterator[str]:
    """What a log has lost or changed since the seal; of one tenant, or of all."""
    sealed = _sealed_heads(seal)
    while chunk := list(islice(sealed, CHUNK)):
        asked = [head for head in chunk if tenant is None or head.tenant_id == tenant.pk]
        ids = [head.pk for head in asked]
        here = set(Invoice.objects.filter(pk__in=ids).values_list("pk", flat=True))
        entries = InvoiceLog.objects.filter(
            invoice_id__in=ids, sequence__in={head.log_count for head in asked}
        )
        hashes = {
            (pk, sequence): entry_hash
            for pk, sequence, entry_hash in entries.values_list(
                "invoice_id", "sequence", "entry_hash"
            )
        }
        for head in asked:
            found = hashes.get((head.pk, head.log_count))
            if head.pk not in here:
                yield f"{head.invoice_number}: the invoice is gone"
            elif found is None and head.log_count:
                yield f"{head.invoice_number}: entry {head.log_count} is gone"
            elif found is not None and found != head.log_head:
                yield f"{head.invoice_number}: entry {head.log_count} is another one now"


def _lines(sealed_at: str, before: Seal | None) -> Iterator[bytes]:
    yield _line({"sealed_at": sealed_at, "previous": before.hmac if before else None})
    for chunk in heads():
        yield from (_line(head._asdict()) for head in chunk)


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


def _sealed_heads(seal: Seal) -> Iterator[Head]:
    with seal.path.open("rb") as file:
        for line in islice(file, 1, seal.invoices + 1):
            yield Head(**json.loads(line))
