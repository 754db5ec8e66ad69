"""A hash chain over append-only rows, so that an edit, a deletion or a reordering shows.

Each row carries `sequence` (1..n), `previous_hash` and `entry_hash` = HMAC-SHA256 over the
canonical JSON of its content, its sequence and the previous hash. The key lives outside the
database (settings.AUDIT_KEY), so whoever can edit rows cannot make a chain that verifies. A chain
alone does not see its tail cut off: `heads` are therefore sealed outside the database (`manage.py
seal_logs`).
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from config.json import canonical

GENESIS = "0" * 64


def entry_hash(content: Mapping[str, Any], *, sequence: int, previous_hash: str) -> str:
    """The 64 hexadecimal digits that bind `content` to its place in the chain."""
    text = canonical({"content": content, "sequence": sequence, "previous_hash": previous_hash})
    return keyed_hash(text)


def keyed_hash(text: str) -> str:
    """HMAC-SHA256 of `text` under the audit key, in hexadecimal."""
    return hmac.new(settings.AUDIT_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """One stored row as the chain sees it."""

    content: Mapping[str, Any]
    sequence: int
    previous_hash: str
    entry_hash: str


def first_break(links: Iterable[Link]) -> str | None:
    """What is wrong first, in words, or None where every link holds."""
    previous, expected = GENESIS, 1
    for link in links:
        if link.sequence != expected:
            return f"entry {expected} is missing"
        if link.previous_hash != previous:
            return f"entry {link.sequence} does not follow the entry before it"
        computed = entry_hash(
            link.content, sequence=link.sequence, previous_hash=link.previous_hash
        )
        if not hmac.compare_digest(computed, link.entry_hash):
            return f"entry {link.sequence} was changed"
        previous, expected = link.entry_hash, expected + 1
    return None
