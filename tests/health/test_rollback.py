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

from health.models import LedgerHead
from tests.health.books import everything
from tests.health.conftest import URL, bill, line, sample_of

PAYMENTS = "/api/v1/health/payments"
JANUARY = {"date": "2024-01-31"}
WHY = {"reason": "wrong patient", **JANUARY}
CASH = {"payment_mode": "CASH", **JANUARY}
Call = Callable[[], Any]


@pytest.fixture
def operations(lab_api, reference) -> dict[str, Call]:
    """Every way of writing, on a laboratory that has a bit of everything."""
    sample = sample_of(reference)

    def made(number: str, **more: Any) -> int:
        said = {**sample, "invoice_number": number, **more}
        return lab_api.post(URL, said).json()["data"]["id"]

    def paid(pk: int, amount: str, mode: str = "CASH") -> int:
        said = {"amount": amount, "payment_mode": mode, **JANUARY}
        return lab_api.post(f"{URL}/{pk}/payments", said).json()["data"]["id"]

    draft, posted, other = made("A", status="DRAFT"), made("B"), made("C")
    pending, half = paid(posted, "100.00", "UPI"), paid(posted, "500.00")
    advance = paid(other, "2000.00")

    def post(path: str, said: Any = None) -> Call:
        return lambda: lab_api.post(path, said)

    def put(pk: int, said: Any) -> Call:
        return lambda: lab_api.put(f"{URL}/{pk}", said)

    two = [line(rate=200), line(line_no=2, test_id=None, test_name="", panel_name="Lipids")]
    unpaid = made("D")
    lab_api.post(f"{URL}/{made('E')}/credit-notes", WHY)
    return {
        "create a draft": post(URL, bill()),
        "create and post": post(URL, {**sample, "invoice_number": "N"}),
        "two at once": post(f"{URL}/batch", {"items": [bill(status="POSTED"), bill()]}),
        "post": post(f"{URL}/{draft}/post"),
        "rewrite a draft": put(draft, {"items": two, "notes": "x"}),
        "rewrite a draft and post it": put(draft, {"items": two, "status": "POSTED"}),
        "put a draft away": lambda: lab_api.delete(f"{URL}/{draft}"),
        "note on a posted one": put(posted, {"notes": "called", "due_date": "2024-03-01"}),
        "cancel by PUT": put(unpaid, {"notes": "twice", "status": "CANCELLED"}),
        "cancel": post(f"{URL}/{unpaid}/cancel", WHY),
        "credit a line": post(f"{URL}/{posted}/credit-notes", {**WHY, "items": [{"line_no": 2}]}),
        "credit all of it": post(f"{URL}/{unpaid}/credit-notes", WHY),
        "receive": post(f"{URL}/{posted}/payments", {"amount": "700.00", **CASH}),
        "confirm": post(f"{PAYMENTS}/{pending}/confirm"),
        "allocate": post(
            f"{PAYMENTS}/{advance}/allocate", {"invoice_id": posted, "amount": "10.00", **JANUARY}
        ),
        "give back": post(f"{PAYMENTS}/{advance}/refund", {"amount": "10.00", **WHY, **CASH}),
        "bounce": post(f"{PAYMENTS}/{half}/reverse", WHY),
    }


@contextmanager
def giving_way_at(n: int) -> Iterator[list[str]]:
    """The database fails at the n-th statement, once; all that was asked of it so far."""
    asked: list[str] = []

    def execute(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
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
            with transaction.atomic(), giving_way_at(n) as asked:
                answer = operation()
                if got_through := len(asked) < n:
                    transaction.set_rollback(True)
            if got_through:
                break
            assert answer.status_code == 503, (name, n, asked[-1], answer.content)
            assert everything() == before, (name, n, asked[n - 1])
        assert answer.status_code in (200, 201), (name, answer.content)
        assert everything() == before  # by the savepoint around it
        tried[name] = n - 1
    assert sum(tried.values()) > 250 and min(tried.values()) > 5


def test_the_operations_do_write(operations):
    """Else the test above would prove nothing."""
    for name, operation in operations.items():
        before = everything()
        with transaction.atomic():
            operation()
            assert everything() != before, name
            transaction.set_rollback(True)
    assert LedgerHead.objects.get().sequence
