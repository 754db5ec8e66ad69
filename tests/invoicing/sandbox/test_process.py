"""The stand-in as a process of its own, and as a package of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from invoicing.sandbox import Control
from tests.invoicing.sandbox.taxpayer import Unit

ROOT = Path(__file__).resolve().parents[3]
RUN = """
import sys
from django.conf import settings
settings.configure()
from invoicing.management.commands.zatca_sandbox import Command
Command().run_from_argv(["manage.py", "zatca_sandbox", *sys.argv[1:]])
"""


def utc_now() -> datetime:
    return datetime.now(UTC)


class Process:
    def __init__(self, *args: str) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-c", RUN, *args],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def base_url(self) -> str:
        return self.popen.stdout.readline().strip()

    def end(self, number: int) -> tuple[int, str, str]:
        self.popen.send_signal(number)
        out, err = self.popen.communicate(timeout=10)
        return self.popen.returncode, out, err


@pytest.fixture
def run() -> Iterator:
    started = []

    def start(*args: str) -> Process:
        started.append(Process(*args))
        return started[-1]

    yield start
    for process in started:
        process.popen.kill()
        process.popen.communicate()


def root_of(base_url: str) -> str:
    return base_url.removesuffix("/e-invoicing/developer-portal")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_its_base_url_and_ends_cleanly(run, number):
    process = run("--port", "0")
    base_url = process.base_url()

    assert base_url.startswith("http://127.0.0.1:")
    assert base_url.endswith("/e-invoicing/developer-portal")
    assert Control(root_of(base_url)).health()["status"] == "ok"
    assert process.end(number) == (0, "", "")


def test_what_it_was_told_on_the_command_line_is_in_force(run):
    process = run(
        *("--port", "0", "--fault", "drop_after=0.25", "--fault", "too_many=0.5", "--seed", "3"),
        "--clearance-off",
    )

    health = Control(root_of(process.base_url())).health()

    assert health["rates"] == {"drop_after": 0.25, "too_many": 0.5}
    assert (health["seed"], health["clearance"]) == (3, "off")


@pytest.mark.parametrize("fault", ["nonsense=0.1", "drop_after", "drop_after=often"])
def test_a_fault_it_does_not_know_is_an_error_at_the_start(run, fault):
    process = run("--port", "0", "--fault", fault)

    out, err = process.popen.communicate(timeout=10)

    assert process.popen.returncode == 1
    assert (out, "CommandError" in err) == ("", True)


def test_a_killed_process_has_forgotten_nothing_it_answered(run, tmp_path):
    store = str(tmp_path / "var" / "authority.sqlite3")
    first = run("--port", "0", "--store", store)
    unit = Unit(first.base_url(), clock=utc_now)
    unit.onboard()
    document = unit.document()
    assert unit.report(document).status_code == 200

    os.kill(first.popen.pid, signal.SIGKILL)
    unit.base_url = run("--port", "0", "--store", store).base_url()

    assert unit.report(document).status_code == 409
    assert unit.report(unit.document()).status_code == 200


def test_validity_days_bound_the_certificates(run):
    base_url = run("--port", "0", "--validity-days", "2").base_url()
    unit = Unit(base_url, clock=utc_now)
    unit.onboard()
    control = Control(root_of(base_url))

    control.shift_clock(2 * 86400 + 1)

    assert unit.report(unit.document()).status_code == 401


def test_the_package_needs_neither_django_nor_the_code_it_judges():
    look = (
        "import sys, invoicing.sandbox\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('django', 'rest_framework')"
        " or name.startswith('invoicing.zatca')])"
    )

    shown = subprocess.run(
        [sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert shown.stdout.strip() == "[]"
