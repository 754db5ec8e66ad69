"""What posting costs against bare SQL, and whether lists and ageing mind a large table.

    python -m benchmarks.ledger [--engine sqlite] [--posts 300] [--rows 1000000]

On each engine, in an empty database with durable writes. Posting is an invoice of five lines with
its voucher, against the same rows written by bare SQL in one transaction, turn by turn in the same
run, with the same triggers looking on. Pages and ageing are asked of a tenant with 10,000 posted
invoices, 1,000 of them open, once when the table holds nothing else, and once when other tenants'
rows fill it up; medians in milliseconds of the clock.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as clock_time
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

ENGINES = ("sqlite", "postgresql")
OF_TENANT, OPEN, BLOCK = 10_000, 1_000, 20
PAGES = {
    "first page": {},
    "page 50": {"page": "50"},
    "posted": {"status": "POSTED"},
    "unpaid": {"payment_status": "UNPAID"},
    "of a patient": {"patient_id": "7"},
    "search a number": {"search": "A-4321"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=("both", *ENGINES), default="both")
    parser.add_argument("--posts", type=int, default=300)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--here", action="store_true", help="on DATABASE_URL, in this process")
    options = parser.parse_args()
    if options.here:
        measure(options.posts, options.rows)
        return
    from tests.chaos import database

    for engine in ENGINES if options.engine == "both" else [options.engine]:
        with (
            tempfile.TemporaryDirectory(prefix="daftar-bench-") as folder,
            database(engine, Path(folder)) as url,
        ):
            settings = {"DATABASE_URL": url, "DAFTAR_DATA": folder, "DAFTAR_GENERATE_SECRETS": "1"}
            again = [sys.executable, "-m", "benchmarks.ledger", "--here"]
            again += ["--posts", str(options.posts), "--rows", str(options.rows)]
            subprocess.run(again, env=os.environ | settings, check=True)


def measure(posts: int, rows: int) -> None:
    """Everything, on this process's database."""
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "ERROR"}
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import setup_test_environment

    from config.tenancy.models import Tenant

    setup_test_environment()
    call_command("migrate", verbosity=0)
    print(f"{connection.vendor}")
    tenant = Tenant.objects.create(
        company_name="Lab", environment="SANDBOX", timezone="Asia/Kolkata"
    )
    posting(tenant, posts)
    if rows:
        reading(rows)


# --- Posting -------------------------------------------------------------------------------------


def posting(tenant: Any, posts: int) -> None:
    """Print the medians of both and their ratio."""
    from django.db import connection

    from health.services.history import Who
    from health.services.invoices import create_invoice

    def ours() -> int:
        return create_invoice(tenant, bill(), Who("bench")).pk

    statements: list[str] = []

    def listen(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return run(sql, *rest)

    written = Rows.of(ours())
    with connection.execute_wrapper(listen):
        ours()
    clock: dict[str, list[float]] = {"ours": [], "bare": []}
    cpu: dict[str, list[float]] = {"ours": [], "bare": []}
    for turn in range(posts // BLOCK + 1):
        for name, task in (("ours", ours), ("bare", written.again)):
            began = cpu_seconds()
            for _ in range(BLOCK):
                started = time.perf_counter()
                task()
                clock[name].append((time.perf_counter() - started) * 1000)
            if turn:  # the first fills caches
                cpu[name].append((cpu_seconds() - began) * 1000 / BLOCK)
    for words, spent in (("CPU", cpu), ("clock", clock)):
        ours_, bare = median(spent["ours"]), median(spent["bare"])
        print(
            f"  post, {words:<5} {ours_:7.2f} ms, bare SQL {bare:7.2f} ms, ratio {ours_ / bare:.2f}"
        )
    print(f"  (goal 3; {len(statements)} statements)", flush=True)


def cpu_seconds() -> float:
    """What this process and its backend of PostgreSQL have used."""
    from django.db import connection

    own = time.process_time()
    if connection.vendor == "sqlite":
        return own
    pid = connection.connection.info.backend_pid
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return own + sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def bill() -> dict[str, Any]:
    """Five taxed lines and a round-off: a voucher of five lines."""
    rates = ("100.10", "250.00", "33.33", "500.00", "66.67")
    return {
        "status": "POSTED",
        "invoice_date": datetime(2026, 11, 26, 6, 0, tzinfo=UTC),
        "patient_name": "Asha Rao",
        "patient_id": 7,
        "roundoff": Decimal("-0.02"),
        "items": [
            {
                "line_no": number,
                "test_id": number,
                "test_name": f"Test {number}",
                "rate": Decimal(rate),
                "cgst_rate": Decimal(9),
                "sgst_rate": Decimal(9),
            }
            for number, rate in enumerate(rates, start=1)
        ],
    }


class Rows:
    """The rows that one posting wrote, to be written again under other numbers by bare SQL."""

    TABLES = (
        "test_invoices", "test_invoice_items", "vouchers", "voucher_lines", "voucher_seals",
        "health_history",
    )  # fmt: skip

    def __init__(self, rows: dict[str, list[dict[str, Any]]]) -> None:
        self.rows = rows
        self.count = 0

    @classmethod
    def of(cls, invoice: int) -> "Rows":
        from django.apps import apps
        from django.db import connection

        models = {model._meta.db_table: model for model in apps.get_models()}
        rows = {}
        with connection.cursor() as cursor:
            for table in cls.TABLES:
                names = [f.column for f in models[table]._meta.local_fields if not f.generated]
                cursor.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY id")
                # sqlite3 reads a time, and takes none.
                told = ([str(v) if isinstance(v, clock_time) else v for v in row] for row in cursor)
                rows[table] = [dict(zip(names, row, strict=True)) for row in told]
        return cls(rows)

    def again(self) -> None:
        """One transaction: the statements that nobody could do without."""
        from django.db import connection, transaction

        from config.db.log_chain import GENESIS

        self.count += 1
        [invoice] = self.rows["test_invoices"]
        [voucher] = self.rows["vouchers"]
        [seal] = self.rows["voucher_seals"]
        seal_id = uuid4() if connection.vendor == "postgresql" else uuid4().hex
        tenant = invoice["tenant_id"]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO ledger_heads (tenant_id, sequence, last_hash) VALUES (%s, 0, %s) ON"
                " CONFLICT (tenant_id) DO UPDATE SET tenant_id = excluded.tenant_id"
                " RETURNING sequence",
                [tenant, GENESIS],
            )
            sequence = cursor.fetchone()[0] + 1
            taken = [self._take(cursor, tenant, key) for key in ("LAB/2627", "TINV20261126")]
            draft = {"status": "DRAFT", "voucher_id": None, "invoice_number": f"B-{taken[0]}"}
            pk = self._insert(cursor, "test_invoices", [{**invoice, **draft}])
            items = self.rows["test_invoice_items"]
            self._insert(cursor, "test_invoice_items", [{**i, "invoice_id": pk} for i in items])
            new = {"voucher_number": f"TINV20261126{taken[1]:04}", "reference_id": pk}
            own = self._insert(cursor, "vouchers", [{**voucher, **new, "seal_id": seal_id}])
            lines = self.rows["voucher_lines"]
            self._insert(cursor, "voucher_lines", [{**line, "voucher_id": own} for line in lines])
            seal_ = {**seal, "id": seal_id, "sequence": sequence}
            self._insert(cursor, "voucher_seals", [seal_], returning=False)
            cursor.execute(
                "UPDATE ledger_heads SET sequence = %s, last_hash = %s WHERE tenant_id = %s",
                [sequence, seal["entry_hash"], tenant],
            )
            cursor.execute(
                "UPDATE test_invoices SET status = 'POSTED', voucher_id = %s, version = 2"
                " WHERE id = %s AND status = 'DRAFT'",
                [own, pk],
            )
            for row in self.rows["health_history"]:
                self._insert(cursor, "health_history", [{**row, "object_id": pk}])

    def _take(self, cursor: Any, tenant: int, key: str) -> int:
        cursor.execute(
            "INSERT INTO health_number_series (tenant_id, key, last) VALUES (%s, %s, 1) ON CONFLICT"
            " (tenant_id, key) DO UPDATE SET last = health_number_series.last + 1 RETURNING last",
            [tenant, key],
        )
        return cursor.fetchone()[0]

    def _insert(
        self, cursor: Any, table: str, rows: list[dict[str, Any]], *, returning: bool = True
    ) -> Any:
        names = [name for name in rows[0] if name != "id" or not returning]
        places = f"({', '.join(['%s'] * len(names))})"
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([places] * len(rows))}"
            + (" RETURNING id" if returning else ""),
            [row[name] for row in rows for name in names],
        )
        return cursor.fetchone()[0] if returning else None


# --- Reading -------------------------------------------------------------------------------------


def reading(rows: int) -> None:
    """Print pages and ageing with the tenant's own rows, then among `rows`."""
    from django.db import connection
    from rest_framework.test import APIClient

    from config.db.triggers import drop_triggers
    from config.tenancy.models import Tenant
    from config.tenancy.services import issue_api_key
    from health.report import Question
    from health.reports import report_of

    tenant = Tenant.objects.create(
        company_name="Big Lab", environment="SANDBOX", timezone="Asia/Kolkata"
    )
    drop_triggers()  # of what follows nothing is written by the rules
    ten_thousand(tenant)
    _, key = issue_api_key(tenant=tenant, name="bench", scopes=["health:read"])
    client = APIClient(headers={"X-API-Key": key})

    def page(query: dict[str, str]) -> None:
        answer = client.get("/api/v1/health/testinvoices", query)
        assert answer.json()["data"], query

    def aged() -> None:
        asked = Question(date(2026, 1, 1), date(2026, 11, 26))
        assert list(report_of(tenant, "ageing", asked).rows)

    tasks: dict[str, Callable[[], None]] = {
        name: (lambda query=query: page(query)) for name, query in PAGES.items()
    }
    tasks["ageing"] = aged
    small = times(tasks)
    started = time.perf_counter()
    fill(rows - OF_TENANT)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"  {rows:,} rows after {time.perf_counter() - started:.0f} s")
    large = times(tasks)
    for name in tasks:
        goal = 1.5 if name == "ageing" else 1.2
        ratio = large[name] / small[name]
        print(
            f"  {name:<18} {small[name]:7.2f} → {large[name]:7.2f} ms  {ratio:5.2f}  (goal {goal})"
        )


def times(tasks: dict[str, Callable[[], None]], turns: int = 30) -> dict[str, float]:
    """The median of each, after a few that fill caches, turn by turn."""
    spent: dict[str, list[float]] = {name: [] for name in tasks}
    for turn in range(turns + 5):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            if turn >= 5:
                spent[name].append((time.perf_counter() - started) * 1000)
    return {name: median(values) for name, values in spent.items()}


def ten_thousand(tenant: Any) -> None:
    """Posted invoices of 100.00, each with its voucher; the last thousand are not paid yet."""
    from django.db import transaction

    from health import ledger
    from health.models import Account, TestInvoice, Voucher, VoucherLine, VoucherSeal, VoucherType

    made = {"created_at": datetime(2026, 11, 1, tzinfo=UTC), "created_by": "bench"}
    amount, numbers = Decimal(100), range(1, OF_TENANT + 1)
    with transaction.atomic():
        kind = VoucherType.objects.create(tenant=tenant, code="SALES", prefix="TINV")
        ledger.accounts_for(tenant.pk, ["ACCOUNTS_RECEIVABLE", "TEST_REVENUE"])
        debtor, revenue = Account.objects.filter(tenant=tenant).order_by("code")
        seals = VoucherSeal.objects.bulk_create(
            VoucherSeal(tenant=tenant, sequence=n, total=amount, line_count=2) for n in numbers
        )
        vouchers = Voucher.objects.bulk_create(
            Voucher(
                tenant=tenant, voucher_number=f"TINV20261101{n:04}", voucher_type=kind, seal=seal,
                date=date(2026, 11, 1), reference_type="TEST_INVOICE", reference_id=n, **made,
            )
            for n, seal in zip(numbers, seals, strict=True)
        )  # fmt: skip
        for voucher in vouchers:
            voucher.lines_ = [
                VoucherLine(voucher=voucher, line_no=1, account=debtor, debit=amount, party="P"),
                VoucherLine(voucher=voucher, line_no=2, account=revenue, credit=amount),
            ]
        VoucherLine.objects.bulk_create(line for v in vouchers for line in v.lines_)
        TestInvoice.objects.bulk_create(
            TestInvoice(
                tenant=tenant, invoice_number=f"A-{n}", invoice_date=made["created_at"],
                local_date=date(2026, 11, 1), due_date=date(2026, 11, 1 + n % 28),
                patient_name=f"Patient {n % 500}", patient_id=n % 500, taxable_amount=amount,
                subtotal_amount=amount, final_amount=amount, status="POSTED", voucher=voucher,
                paid_amount=amount if n <= OF_TENANT - OPEN else 0,
                payment_status="PAID" if n <= OF_TENANT - OPEN else "UNPAID",
                updated_at=made["created_at"], updated_by="bench", **made,
            )
            for n, voucher in zip(numbers, vouchers, strict=True)
        )  # fmt: skip


def fill(rows: int) -> None:
    """Drafts and cancelled drafts of a hundred other tenants, by one statement per 100,000."""
    from django.db import connection

    from config.tenancy.models import Tenant
    from health.models import TestInvoice

    others = Tenant.objects.bulk_create(
        Tenant(company_name=f"Lab {n}", environment="SANDBOX") for n in range(100)
    )
    first = min(tenant.pk for tenant in others)
    skipped = ("id", "tenant_id", "invoice_number", "status", "voucher_id", "paid_amount")
    fields = [f.column for f in TestInvoice._meta.local_fields if not f.generated]
    same = [name for name in fields if name not in (*skipped, "payment_status", "patient_id")]
    with connection.cursor() as cursor:
        for done in range(0, rows, 100_000):
            last = min(done + 100_000, rows)
            cursor.execute(
                f"INSERT INTO test_invoices (tenant_id, invoice_number, status, patient_id,"
                f" paid_amount, payment_status, {', '.join(same)})"
                f" WITH RECURSIVE n(i) AS (SELECT {done + 1} UNION ALL"
                f" SELECT i + 1 FROM n WHERE i < {last})"
                f" SELECT {first} + n.i % 100, 'X-' || n.i, CASE n.i % 2 WHEN 0 THEN 'DRAFT'"
                f" ELSE 'CANCELLED' END, n.i % 500, 0, 'UNPAID', {', '.join(same)}"
                f" FROM n, test_invoices t WHERE t.invoice_number = 'A-1'"
            )


if __name__ == "__main__":
    main()
