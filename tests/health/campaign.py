"""`python -m tests.health.campaign`: many steps under random hands, on both engines side by side.

Each engine gets a process and an empty database of its own; hypothesis tells stories of fifty steps
(tests/health/machine.py) until so many steps are done. A finding is printed as the story that shows
it, with --shrink as a short one. Then four processes post ten thousand bills of two days, of which
every tenth is uneven (tests/health/crew.py). The exit code says whether anything was found.
"""

import argparse
import logging
import os
import subprocess
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from pathlib import Path

ENGINES = ("sqlite", "postgresql")
STEPS_OF_A_STORY = 50
ROUND = 10  # stories from one seed


def main(arguments: list[str]) -> int:
    """Run the campaign; 1 where anything was found."""
    options = _options(arguments)
    if options.here:
        return prove(options)
    from tests.__main__ import postgresql

    with tempfile.TemporaryDirectory(prefix="daftar-books-") as folder, ExitStack() as stack:
        processes = []
        for engine in ENGINES if options.engine == "both" else [options.engine]:
            url = f"sqlite:///{folder}/unused.sqlite3"
            if engine == "postgresql":
                url = stack.enter_context(postgresql(Path(folder)))
            processes.append((engine, _start(engine, url, Path(folder), options)))
        codes = {engine: process.wait() for engine, process in processes}
    print(", ".join(f"{engine}: {'FOUND' if code else 'clean'}" for engine, code in codes.items()))
    return int(any(codes.values()))


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.health.campaign")
    parser.add_argument("--steps", type=int, default=50_000, help="on each engine")
    parser.add_argument("--posts", type=int, default=10_000, help="on each engine")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("both", *ENGINES), default="both")
    parser.add_argument("--shrink", action="store_true", help="look for the shortest story")
    parser.add_argument("--here", action="store_true", help="in this process, on DATABASE_URL")
    return parser.parse_args(arguments)


def _start(
    engine: str, url: str, folder: Path, options: argparse.Namespace
) -> subprocess.Popen[bytes]:
    data = folder / f"data-{engine}"
    data.mkdir()
    environment = os.environ | {
        "DATABASE_URL": url,
        "DAFTAR_DATA": str(data),
        "DAFTAR_TEST_DATABASE": str(data / "test.sqlite3"),
    }
    again = [sys.executable, "-m", "tests.health.campaign", "--here"]
    again += [
        "--steps",
        str(options.steps),
        "--seed",
        str(options.seed),
        "--posts",
        str(options.posts),
    ]
    again += ["--shrink"] if options.shrink else []
    return subprocess.Popen(again, env=environment)


def prove(options: argparse.Namespace) -> int:
    """Stories and posts on this process's database; 1 where anything was found."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment

    logging.disable(logging.CRITICAL)  # every fault would be told
    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    found = tell(options.steps, options.seed, shrink=options.shrink) if options.steps else 0
    return found or (post(options.posts) if options.posts else 0)


def post(posts: int) -> int:
    """Post by four processes and ask after the books; 1 where they are not right."""
    from django.db import connection

    from config.tenancy.models import Tenant
    from health.integrity import broken_rules
    from tests.health.books import everything
    from tests.health.crew import crew
    from tests.health.invariants import broken

    tenant = Tenant.objects.create(company_name="Lab", environment="SANDBOX")
    began = time.monotonic()
    told = crew(tenant, workers=4, posts=posts)
    seconds = time.monotonic() - began
    found = [*broken(everything()), *broken_rules(tenant.pk)]
    print(f"{connection.vendor}: {posts} posts in {seconds:.0f} s, {posts / seconds:.0f}/s; {told}")
    print("\n".join(found) or f"{connection.vendor}: the books are right", flush=True)
    return int(bool(found) or told["written"] != posts - posts // 10)


def tell(steps: int, seed: int, *, shrink: bool) -> int:
    """Tell stories on this process's database until `steps` are done; 1 where one went wrong."""
    import hypothesis
    from django.db import connection, transaction
    from hypothesis.stateful import run_state_machine_as_test

    from tests.health.machine import Laboratory, two_laboratories

    quiet = hypothesis.settings(
        max_examples=ROUND,
        stateful_step_count=STEPS_OF_A_STORY,
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        phases=[hypothesis.Phase.generate, *([hypothesis.Phase.shrink] if shrink else [])],
        suppress_health_check=list(hypothesis.HealthCheck),
        print_blob=False,
    )
    began, round_ = time.monotonic(), 0
    with transaction.atomic():
        Laboratory.doors = two_laboratories()
        while Laboratory.steps < steps:
            round_ += 1
            machine = hypothesis.seed(seed * 1_000_003 + round_)(Laboratory)
            try:
                run_state_machine_as_test(machine, settings=quiet)
            except Exception as finding:
                print(f"\nFOUND on {connection.vendor} by seed {seed}, round {round_}:")
                print(_shown(finding), flush=True)
                return 1
            _progress(connection.vendor, Laboratory.steps, began)
        transaction.set_rollback(True)
    print(f"{connection.vendor}: {dict(Laboratory.answers)}", flush=True)
    return 0


def _progress(vendor: str, steps: int, began: float) -> None:
    seconds = time.monotonic() - began
    print(f"{vendor}: {steps} steps in {seconds:.0f} s, {steps / seconds:.0f}/s", flush=True)


def _shown(finding: Exception) -> str:
    return "".join(traceback.format_exception(finding, limit=-3))


if __name__ == "__main__":
    os.environ.setdefault("DAFTAR_GENERATE_SECRETS", "1")
    sys.exit(main(sys.argv[1:]))
