"""What an archive costs: CPU and peak memory of its export and of its check, by size.

    python -m benchmarks.archive [--documents 500 2000]

For each size a database of its own is filled with simplified invoices, sealed as always and
reported to nobody: the answer is canned. Then `manage.py export_archive` and the offline check run
as processes of their own, and what the kernel counted for each is printed. What the peak grows by
from one size to the next is what a longer range costs.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REPORTED = b'{"validationResults":{"status":"PASS"},"reportingStatus":"REPORTED"}'
DAYS = ("--from", "2000-01-01", "--to", "2100-01-01")


@dataclass(frozen=True)
class Cost:
    """What the kernel counted for a process: CPU seconds and mebibytes at its largest."""

    cpu: float
    peak: float


def run(*arguments: object, data: Path) -> Cost:
    """Run Python and wait; SystemExit with its code where it fails."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{data}/archive.sqlite3",
        "DAFTAR_DATA": str(data),
        "DAFTAR_GENERATE_SECRETS": "1",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(process.returncode)
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def fill(documents: int) -> None:
    """Be the process that fills the database: a tenant, a unit, and its documents."""
    import django

    django.setup()
    from django.utils import timezone
    from rest_framework.test import APIClient

    from benchmarks.sealing import VAT_NUMBER, issue_certificate
    from config.tenancy.services import create_tenant, issue_api_key
    from invoicing.gateways import Gateway
    from invoicing.services.onboarding import adopt_csid, register_unit
    from invoicing.zatca.client import Answer, Call, Event, Reached
    from invoicing.zatca.signing import generate_private_key, private_key_pem

    reported = Answer(Call.REPORTING, 200, REPORTED, {}, Event.NONE, Reached.YES, 0.01)
    Gateway.send = lambda self, channel, parcel: reported  # type: ignore[method-assign]
    tenant = create_tenant(
        company_name="شركة نجد | Najd",
        environment="SANDBOX",
        vat_number=VAT_NUMBER,
        deep_gate="off",
    )
    key = generate_private_key()
    unit = register_unit(
        tenant=tenant,
        name="till-1",
        organization_name="شركة نجد | Najd",
        organization_unit="Riyadh",
        id_number="1010010000",
        street="King Fahd",
        building_number="2322",
        district="Olaya",
        city="Riyadh",
        postal_code="12214",
    )
    pem = issue_certificate(key)
    adopt_csid(unit, certificate=pem, private_key=private_key_pem(key), secret="x", by="benchmark")
    line = {"name": "قهوة", "quantity": 2, "unit_price": "100.00", "tax_rate": 15}
    payload = {
        "mode": "PHASE_2",
        "environment": "SANDBOX",
        "invoice_date": timezone.now().isoformat(),
        "line_items": [{**line, "tax_category": "S"} for _ in range(3)],
        "payment_means": {"code": "10"},
    }
    _, text = issue_api_key(tenant=tenant, name="benchmark", scopes=["admin"])
    api = APIClient(SERVER_NAME="localhost", headers={"X-API-Key": text})
    for number in range(1, documents + 1):
        answer = api.post("/api/v1/invoices", {**payload, "invoice_number": f"S-{number}"}, "json")
        assert answer.status_code == 201, answer.content


def measured(documents: int) -> tuple[Cost, Cost, float]:
    """Export, check, and the size of the archive in mebibytes."""
    with tempfile.TemporaryDirectory(prefix="daftar-archive-") as folder:
        data = Path(folder)
        file = data / "archive.zip"
        run("manage.py", "migrate", "--verbosity", 0, data=data)
        run("-m", "benchmarks.archive", "--fill", documents, data=data)
        made = run("manage.py", "export_archive", "--tenant", 1, *DAYS, "--out", file, data=data)
        checked = run("-m", "invoicing.verification.archives", file, data=data)
        return made, checked, file.stat().st_size / 1_048_576


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--documents", type=int, nargs="+", default=[500, 2000])
    parser.add_argument("--fill", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.fill:
        fill(options.fill)
        return
    print("documents  archive    export: CPU s  ms each  peak    check: CPU s  ms each  peak")
    for documents in options.documents:
        made, checked, size = measured(documents)
        print(
            f"{documents:9}  {size:4.0f} MiB"
            + "".join(
                f"{cost.cpu:18.1f}{cost.cpu * 1000 / documents:9.1f}{cost.peak:5.0f} MiB"
                for cost in (made, checked)
            ),
            flush=True,
        )


if __name__ == "__main__":
    main()
