"""D2's promise: whatever fails on the way, the database is as it was (health.md, invariant 10).

Each operation is tried again and again on one arranged situation, with the database giving way at
its first statement, at its second and so on, until it gets through; savepoints and their release
are statements, too.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from tests.health.books import everything
from tests.health.conftest import URL, line, sample_of

PAYMENTS = "/api/v1/health/payments"
JANUARY = {"date": "2024-01-31"}
WHY = {"reason": "wrong patient", **JANUARY}
CASH = {"payment_mode": "CASH", **JANUARY}
Call = Callable[[], Any]


@pytest.fixture
def operations(lab_api, reference) -> dict[str, Call]:
    """The ways of writing that D2 knows, and those that undo, on one arranged situation.

    The others meet their faults in the campaign (tests/health/machine.py).
    """
    sample = sample_of(reference)

    def made(number: str, **more: Any) -> int:
        said = {**sample, "invoice_number": number, **more}
        return lab_api.post(URL, said).json()["data"]["id"]

    def paid(amount: str) -> int:
        said = {"amount": amount, **CASH}
        return lab_api.post(f"{URL}/{posted}/payments", said).json()["data"]["id"]

    def post(path: str, said: Any) -> Call:
        return lambda: lab_api.post(path, said)

    def put(pk: int, said: Any) -> Call:
        return lambda: lab_api.put(f"{URL}/{pk}", said)

    draft, posted, unpaid = made("A", status="DRAFT"), made("B"), made("C")
    half, too_much = paid("500.00"), paid("1000.00")
    two = [line(rate=200), line(line_no=2, test_id=None, test_name="", panel_name="Lipids")]
    return {
        "create and post": post(URL, {**sample, "invoice_number": "N"}),
        "rewrite and post": put(draft, {"items": two, "notes": "x", "status": "POSTED"}),
        "cancel": put(unpaid, {"notes": "twice", "status": "CANCELLED"}),
        "credit a line": post(f"{URL}/{unpaid}/credit-notes", {**WHY, "items": [{"line_no": 2}]}),
        "receive": post(f"{URL}/{unpaid}/payments", {"amount": "1200.00", **CASH}),
        "give back": post(f"{PAYMENTS}/{too_much}/refund", {"amount": "10.00", **WHY, **CASH}),
        "bounce": post(f"{PAYMENTS}/{half}/reverse", WHY),
    }


@contextmanager
def giving_way_at(n: int) -> Iterator[list[str]]:
    """The database fails at the n-th statement, once; all that was asked of it so far.

    Rolling back is not asked of it: it happens by itself, once the connection is gone.
    """
    asked: list[str] = []
    undoing = False

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal undoing
        was_undoing, undoing = undoing, sql.startswith("ROLLBACK")
        if undoing or was_undoing:
            return run(sql, params, many, context)
        asked.append(sql)
        if len(asked) == n:
            raise OperationalError("the database gave way")
        return run(sql, params, many, context)

    with connection.execute_wrapper(execute):
        yield asked


def test_whichever_statement_fails_nothing_stays(operations):
    before = everything()
    tried = {}

    for name, operation in operations.items():
        for n in range(1, 200):
            with transaction.atomic():
                with giving_way_at(n) as asked:
                    answer = operation()
                if got_through := len(asked) < n:
                    assert everything() != before, name
                    transaction.set_rollback(True)
            if got_through:
                break
            assert answer.status_code == 503, (name, n, asked[-1], answer.content)
            assert everything() == before, (name, n, asked[n - 1])
        assert answer.status_code in (200, 201), (name, answer.content)
        tried[name] = n - 1
    assert len(tried) == len(operations)
    assert min(tried.values()) > 10
