"""Processes that post for one laboratory at once, and now and then a voucher that is uneven."""

import multiprocessing
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from unittest.mock import patch

from django.db import IntegrityError, connection

from config.tenancy.models import Tenant
from health import posting
from health.ledger import Entry
from health.models import LabSettings, TestInvoice
from health.services.history import Who
from health.services.invoices import create_invoice

DAYS = (15, 16)  # of January 2024


def crew(tenant: Tenant, *, workers: int, posts: int) -> Counter[str]:
    """`posts` bills by so many processes; every tenth does not balance. What became of them."""
    shares = [(tenant.pk, worker, posts // workers) for worker in range(workers)]
    connection.close()  # nobody inherits it
    with ProcessPoolExecutor(workers, multiprocessing.get_context("fork")) as pool:
        return sum(pool.map(_work, shares), Counter())


def _work(share: tuple[int, int, int]) -> Counter[str]:
    tenant_id, worker, posts = share
    tenant, told = Tenant.objects.get(pk=tenant_id), Counter[str]()
    for n in range(posts):
        uneven = n % 10 == worker % 10
        with patch.object(posting, "entries_of", _uneven if uneven else _even):
            try:
                create_invoice(tenant, _bill(n), Who(f"worker {worker}"))
            except IntegrityError as refused:
                told[str(refused).splitlines()[0]] += 1
            else:
                told["uneven, and written" if uneven else "written"] += 1
    connection.close()
    return told


def _bill(n: int) -> dict[str, object]:
    line = {"line_no": 1, "test_name": "Sugar", "rate": Decimal("99.95"), "cgst_rate": Decimal(9)}
    return {
        "status": "POSTED",
        "invoice_date": datetime(2024, 1, DAYS[n % 2], 5, 0, tzinfo=UTC),
        "patient_name": "Asha",
        "items": [{**line, "sgst_rate": Decimal(9)}],
    }


_even = posting.entries_of


def _uneven(invoice: TestInvoice, lab: LabSettings) -> list[Entry]:
    receivable, *others = _even(invoice, lab)
    return [Entry(receivable.system_code, receivable.debit + Decimal("0.01")), *others]
