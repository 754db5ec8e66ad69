"""Several at once, and a process that dies in between; with real commits on both databases."""

import datetime as dt
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.idempotency.errors import InFlight
from config.idempotency.services import claim_key
from tests.config.idempotency.conftest import URLS, Till, runs

DIES = f"""
import sys, django
django.setup()
from django.conf import settings
settings.ROOT_URLCONF = {URLS!r}
settings.ALLOWED_HOSTS = ["testserver"]
from rest_framework.test import APIClient
APIClient().generic("POST", "/api/v1/orders", '{{"then": "hang"}}', content_type="application/json",
    headers={{"X-API-Key": sys.argv[1], "Idempotency-Key": "order-7"}})
"""


@pytest.fixture
def till(committed, najd) -> Till:
    return Till(najd)


def at_once(count: int, work) -> list:
    gate = Barrier(count)

    def run(_):
        gate.wait()
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_eight_at_once_are_carried_out_once(till):
    responses = at_once(8, lambda: till.post(then="slow"))

    statuses = [response.status_code for response in responses]
    first_hand = [r for r in responses if r.status_code == 201 and "Idempotent-Replayed" not in r]
    assert runs() == 1
    assert len(first_hand) == 1
    assert set(statuses) <= {201, 409}
    assert all(r["Retry-After"] for r in responses if r.status_code == 409)
    assert till.post(then="slow").content == first_hand[0].content


def test_of_eight_that_find_a_lease_run_out_one_takes_it(till):
    place = {"tenant_id": till.tenant.pk, "method": "POST", "path": "/x", "key": "k"}
    with time_machine.travel(timezone.now() - dt.timedelta(seconds=91)):
        claim_key(**place, fingerprint="f" * 64)

    def take() -> str:
        try:
            claim_key(**place, fingerprint="f" * 64)
        except InFlight:
            return "in flight"
        return "taken"

    assert sorted(at_once(8, take)) == ["in flight"] * 7 + ["taken"]


def test_a_killed_process_leaves_a_lease_that_runs_out(till):
    environment = {**os.environ, "DATABASE_URL": database_of_this_test(), "HANGS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", DIES, till.api_key],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=settings.BASE_DIR,
    ) as process:
        # Log lines may come first.
        assert any(b"running" in line for line in process.stdout)
        process.kill()

    assert runs() == 1, "what the view committed before it died stands"
    held = till.post(then="hang")
    assert (held.status_code, held.json()["error"]["code"]) == (409, "idempotency_in_flight")
    assert runs() == 1

    with time_machine.travel(timezone.now() + dt.timedelta(seconds=91)):
        assert till.post(then="hang").status_code == 201
    assert runs() == 2


def database_of_this_test() -> str:
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(settings.DATABASE_URL)._replace(path=f"/{name}").geturl()
