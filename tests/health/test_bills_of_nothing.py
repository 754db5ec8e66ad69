"""A bill of nothing has no voucher, and a lock of its period holds it all the same."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from health.models import LabSettings
from health.services.locks import lock_period
from tests.health.books import everything
from tests.health.conftest import API, URL, bill, line

FREE = {"items": [line(rate=0)]}
OLD, NEW = "2024-01-15T10:00:00", "2024-02-01T10:00:00"
MOVES = (
    "UPDATE test_invoices SET status = 'POSTED' WHERE id = {draft}",
    "UPDATE test_invoices SET status = 'CANCELLED' WHERE id = {posted}",
)


def moves(sql: str) -> bool:
    """Whether the database lets it; what it did is taken back."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
            transaction.set_rollback(True)
    except IntegrityError as refused:
        return "closed month" not in str(refused)
    return True


@pytest.mark.parametrize("scope", ["ALL", "TAX"])
def test_nothing_is_posted_or_cancelled_in_a_locked_period(lab, lab_api, scope):
    LabSettings.objects.create(tenant=lab, allow_zero=True)

    def made(moment: str, status: str) -> int:
        said = bill(invoice_date=moment, status=status, **FREE)
        return lab_api.post(URL, said).json()["data"]["id"]

    old, new = (
        {"draft": made(moment, "DRAFT"), "posted": made(moment, "POSTED")} for moment in (OLD, NEW)
    )
    assert [moves(sql.format(**old)) for sql in MOVES] == [True, True]
    lock_period(lab, upto=date(2024, 1, 31), scope=scope, reason="filed", actor="t")
    before = everything()
    of_january = {"date_from": "2024-01-01", "date_to": "2024-01-31"}
    series = lab_api.get(f"{API}/reports/document-series", of_january).content

    for refused in (
        lab_api.post(URL, bill(invoice_date=OLD, status="POSTED", **FREE)),
        lab_api.post(f"{URL}/{old['draft']}/post"),
        lab_api.put(f"{URL}/{old['draft']}", {"status": "POSTED"}),
    ):
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "PERIOD_LOCKED")
    assert everything() == before
    assert lab_api.get(f"{API}/reports/document-series", of_january).content == series

    assert [moves(sql.format(**old)) for sql in MOVES] == [False, False]
    assert [moves(sql.format(**new)) for sql in MOVES] == [True, True]
    assert lab_api.post(f"{URL}/{new['draft']}/post").status_code == 200
    # A draft is in no books yet, and may be given up.
    assert lab_api.post(f"{URL}/{old['draft']}/cancel", {"reason": "x"}).status_code == 200
