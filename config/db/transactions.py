"""Whether a transaction is open: the network is slow, and what it did cannot be rolled back."""

from django.db import connection


def in_transaction() -> bool:
    """Whether this thread has a transaction open; the one a test runs in does not count."""
    return any(
        not block._from_testcase  # type: ignore[attr-defined]
        for block in connection.atomic_blocks
    )
