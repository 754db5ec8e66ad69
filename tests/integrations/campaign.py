"""`python -m tests.integrations.campaign`: every trouble at every step of every type, and the run.

    --kills    SIGKILL before, after and past the recording of every step, real processes
    --mishaps  a line that drops before IMS did it and after, one that hangs, an error page, at
               every call
    --looks    an answer that is lost, and then the look-up's too; and other hands that change the
               policy meanwhile
    --replay   the published run of 624 transactions: parked, grouped, mended, replayed; renewals
               and nested payloads among them, and every invoice late

All four without any of them; on SQLite, or with --engine postgresql on a server of its own. Kills
and mishaps meet renewals, late invoices and nested payloads as well as the six plain types. The
exit code is 0 where IMS has exactly what was asked for, and nothing was left open; else 1.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from integrations.sandbox import SandboxIMS
from tests.chaos import database

if TYPE_CHECKING:
    from tests.integrations.conftest import Desk
    from tests.integrations.reliability.scenarios import Scenario

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DAFTAR_GENERATE_SECRETS": "1",
    "LOG_LEVEL": "ERROR",
    "IMS_REPEAT_AFTER": "0",
    "IMS_FIRST_RETRY": "0",
    "IMS_BREAKER_FAILURES": "1000",
    "IMS_WORKERS": "1",
}
# Looks for an invoice before it is there: three after the bind, one with the issue.
LATE = 4
MISHAPS = ("drop_before", "drop_after", "hang", "html_503")


def main(arguments: list[str]) -> int:
    """Run what is asked for; 0 if nothing went wrong."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(prefix="daftar-ims-") as folder:
        os.environ.update(SETTINGS, DAFTAR_DATA=folder)
        with database(options.engine, Path(folder)) as url, SandboxIMS() as ims:
            os.environ["DATABASE_URL"] = url
            return run(options, ims)


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.integrations.campaign")
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--kills", action="store_true")
    parser.add_argument("--mishaps", action="store_true")
    parser.add_argument("--looks", action="store_true")
    parser.add_argument("--replay", action="store_true")
    parser.add_argument("--every", type=int, default=1, help="every n-th scenario only")
    parser.add_argument("--only", default="", help="scenarios whose words have this in them")
    parser.add_argument("--share", type=int, default=1, help="the queue divided by this")
    options = parser.parse_args(arguments)
    parts = ("kills", "mishaps", "looks", "replay")
    if not any(getattr(options, part) for part in parts):
        for part in parts:
            setattr(options, part, True)
    return options


def run(options: argparse.Namespace, ims: SandboxIMS) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from config.tenancy.services import create_tenant
    from tests.integrations.conftest import set_up
    from tests.integrations.reliability.scenarios import all_broken_looks, all_kills, all_mishaps

    call_command("migrate", verbosity=0)
    tenant = create_tenant(
        company_name="Campaign", environment="SANDBOX", vat_number="399999999900003"
    )
    desk = set_up(tenant, ims)
    wrong: list[str] = []
    if options.replay:
        wrong += replay(desk, options.share)
        desk.source.sends_issue = False
        desk.source.save()
    if options.kills:
        wrong += play_all("kills", desk, chosen(all_kills(), options), 10_000)
    if options.mishaps:
        wrong += play_all("mishaps", desk, chosen(all_mishaps(MISHAPS), options), 20_000)
    if options.looks:
        wrong += play_all("looks", desk, chosen(all_broken_looks(), options), 30_000)
    for complaint in wrong:
        print(f"WRONG  {complaint}")
    print("all is well" if not wrong else f"{len(wrong)} things are wrong")
    return int(bool(wrong))


def chosen(scenarios: Iterable["Scenario"], options: argparse.Namespace) -> list["Scenario"]:
    named = [scenario for scenario in scenarios if options.only in str(scenario)]
    return named[:: options.every]


def play_all(name: str, desk: "Desk", scenarios: Iterable["Scenario"], first: int) -> list[str]:
    """Each scenario with a policy of its own; what was wrong with any."""
    from tests.integrations.reliability.scenarios import play

    started, wrong, number = time.monotonic(), list[str](), first
    for number, scenario in enumerate(scenarios, first + 1):
        wrong += play(desk, scenario, number)
    seconds = time.monotonic() - started
    print(f"{name}: {number - first} scenarios, {len(wrong)} wrong, {seconds:.0f} s", flush=True)
    return wrong


def replay(desk: "Desk", share: int) -> list[str]:
    """The published queue: what it came to, the fixes, and what came of them."""
    from integrations.models import IMSInvoice, TritonTransaction
    from integrations.services import groups
    from integrations.services.invoices import look_for_due
    from integrations.services.running import work_due
    from tests.integrations.published_run import Mix, furnish, mend, transactions
    from tests.integrations.saga.recovery import let_time_pass

    started, before = time.monotonic(), desk.ims.counts()
    location = furnish(desk)
    desk.ims.knobs.turn({"invoice_after": LATE})
    mix = Mix(share)
    bodies = transactions(mix)
    for body in bodies:
        desk.take_in(body)
    work_all(work_due, let_time_pass)
    print(f"queue of {len(bodies)}: {_states()}, {time.monotonic() - started:.0f} s", flush=True)
    told = groups.error_groups(desk.tenant)
    for group in told:
        mend(desk, group.code, group.text, location)
        due = groups.replay(
            TritonTransaction.objects.filter(group_key=group.key), actor="campaign"
        ).due
        print(f"  {group.count:4} × {group.text[:70]}: mended, {due} due again")
    work_all(work_due, let_time_pass)
    pending = IMSInvoice.objects.filter(status="pending").count()
    while IMSInvoice.objects.filter(status="pending").exists():
        let_time_pass(days=1)
        look_for_due(1000)
    desk.ims.knobs.turn({"invoice_after": 0})
    print(f"  {pending} invoices came in the background")
    seconds = time.monotonic() - started
    print(f"after {len(told)} fixes: {_states()}, {seconds:.0f} s", flush=True)
    wrong = [f"replay: {_states()}"] if _states() != {"completed": len(bodies)} else []
    made = {name: count - before[name] for name, count in desk.ims.counts().items()}
    others = mix.followers()
    expected = {kind: n for kind, n in others.items() if kind != "issue"}
    expected["policy"] = sum(mix.binds().values())
    expected["invoice"] = expected["quote"] = sum(expected.values())
    found = {name: made[name] for name in expected}
    kept = IMSInvoice.objects.filter(status="found").count()
    if kept != expected["invoice"]:
        wrong.append(f"replay: {kept} invoices are kept")
    return wrong + ([f"replay: IMS has {found}"] if found != expected else [])


def work_all(work_due, let_time_pass) -> None:
    """Until nothing is due any more."""
    while work_due(1000):
        let_time_pass()


def _states() -> dict[str, int]:
    from integrations.models import TritonTransaction

    return dict(Counter(TritonTransaction.objects.values_list("status", flat=True)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
