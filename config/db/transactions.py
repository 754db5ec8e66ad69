"""Whether a transaction is open: the network is slow, and what it did cannot be rolled back. And
one moment's view of the database, for what is held against each other over several questions.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def in_transaction() -> bool:
    """Whether this thread has a transaction open; the one a test runs in does not count."""
    return any(
        not block._from_testcase  # type: ignore[attr-defined]
        for block in connection.atomic_blocks
    )


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything read inside is as it was at the first question, whoever writes meanwhile.

    For reading alone: what is written inside is refused (PostgreSQL) or undone (SQLite). Nobody is
    kept waiting. Inside of a transaction that is open already, that one says what is seen.
    """
    if connection.in_atomic_block:
        yield
        return
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        # Django's own BEGIN takes SQLite's write lock.
        cursor.execute(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if is_postgresql else "BEGIN"
        )
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
