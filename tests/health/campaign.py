"""`python -m tests.health.campaign`: many steps under random hands, on both engines side by side.

Each engine gets a process and an empty database of its own; hypothesis tells stories of fifty steps
(tests/health/machine.py) until so many steps are done. A finding is printed as the story that shows
it, with --shrink as a short one; the exit code says whether there was one.
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
        return tell(options.steps, options.seed, shrink=options.shrink)
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
    again += ["--steps", str(options.steps), "--seed", str(options.seed)]
    again += ["--shrink"] if options.shrink else []
    return subprocess.Popen(again, env=environment)


def tell(steps: int, seed: int, *, shrink: bool) -> int:
    """Tell stories on this process's database until `steps` are done; 1 where one went wrong."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    import hypothesis
    from django.db import connection, transaction
    from django.test.utils import setup_databases, setup_test_environment
    from hypothesis.stateful import run_state_machine_as_test

    from tests.health.machine import Laboratory, two_laboratories

    logging.disable(logging.CRITICAL)  # every fault would be told
    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
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
