"""Real processes against the test's database: requests and workers that can be killed.

They are forked from a clean process that has Django loaded (multiprocessing's forkserver), so that
one costs milliseconds and none of them inherits a socket or a thread of the test.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from unittest import mock

import django
from django.apps import apps

if not apps.ready:
    django.setup()

from django.core.management import call_command
from django.db import connection
from rest_framework.test import APIClient

from config.work import run_chore
from invoicing import failpoints

CONTEXT = multiprocessing.get_context("forkserver")
PATIENCE = 60  # seconds; a busy machine is no failure
ROOT = Path(__file__).resolve().parents[3]
URL = "/api/v1/invoices"


def serve(environment: Mapping[str, str]) -> None:
    """Start the process that all others are forked from; its environment is theirs for good."""
    CONTEXT.set_forkserver_preload([__name__])
    django_settings = {"DJANGO_SETTINGS_MODULE": "config.settings", "PYTHONPATH": str(ROOT)}
    with mock.patch.dict(os.environ, {**django_settings, **environment}):
        forkserver.ensure_running()


def start(work: Callable[..., Any], *args: Any) -> BaseProcess:
    """Run one of the functions below in a process of its own."""
    process = CONTEXT.Process(target=work, args=args, daemon=True)
    process.start()
    return process


def ended(process: BaseProcess) -> int | None:
    """Wait for the end; the exit code, which is minus the signal of a killed process."""
    process.join(PATIENCE)
    return process.exitcode


def in_processes(count: int, work: Callable[..., Any], jobs: Sequence[Any]) -> list[Any]:
    """Do every job, `count` at a time, and return what came of each."""
    with ProcessPoolExecutor(count, mp_context=CONTEXT) as pool:
        return list(pool.map(work, jobs))


def stop(process: BaseProcess) -> None:
    """End what is still running, paused or not."""
    if process.pid and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
        process.join(PATIENCE)


class Workers(ExitStack):
    """Processes of one test; all are ended with it."""

    def start(self, work: Callable[..., Any], *args: Any) -> BaseProcess:
        process = start(work, *args)
        self.callback(stop, process)
        return process


# --- What runs in such a process -----------------------------------------------------------------


def post(job: tuple[Any, ...]) -> list[int]:
    """Be the web process: POST payloads with an API key; the statuses. Dies at a failpoint.

    `job` is key, payloads, failpoint and, if need be, further headers.
    """
    key, payloads, failpoint, *more = job
    arm(failpoint)
    headers = {"X-API-Key": key, **(more[0] if more else {})}
    client = APIClient(SERVER_NAME="localhost", headers=headers)
    return [client.post(URL, payload).status_code for payload in payloads]


def renew(job: tuple[str, int, str]) -> int:
    """Be the web process: renew a unit's CSID with an API key; the status. Dies at a failpoint."""
    key, unit_id, failpoint = job
    arm(failpoint)
    client = APIClient(SERVER_NAME="localhost", headers={"X-API-Key": key})
    return client.post(f"/api/v1/egs-units/{unit_id}/renew", {"otp": "123456"}).status_code


def work(failpoint: str = "") -> None:
    """Be `manage.py work`: the loop on SQLite, Procrastinate on PostgreSQL."""
    arm(failpoint)
    call_command("work")


def look(failpoint: str = "") -> int:
    """One look at what is due, without anything that asks for it."""
    arm(failpoint)
    return run_chore("send_due")


def arm(failpoint: str) -> None:
    """Die at this point, as DAFTAR_FAILPOINT would have it."""
    # The environment is read once, in the process that this one was forked from.
    failpoints._armed = failpoint
    failpoints._passed.clear()
    connection.close()
