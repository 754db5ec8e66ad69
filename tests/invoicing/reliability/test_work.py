"""`manage.py work` as it is started in life, killed, and started again."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from config import work
from tests.invoicing.payloads import simplified
from tests.invoicing.reliability.conftest import all_cleared, let_time_pass, soon
from tests.invoicing.reliability.processes import ROOT


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen]:
    process = subprocess.Popen(
        [sys.executable, "manage.py", "work"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_command_sends_what_is_accepted_and_stops_when_asked(shop, child_environment):
    shop.post_later(simplified("S-1"))
    with worker(child_environment) as process:
        assert soon(all_cleared)
        shop.post_later(simplified("S-2"))
        assert soon(all_cleared)

        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0

    assert not shop.report().violations


def test_a_killed_command_is_replaced_by_the_next_one(shop, child_environment):
    shop.post_later(simplified())
    with worker({**child_environment, "DAFTAR_FAILPOINT": "sent"}) as process:
        assert process.wait(20) == -signal.SIGKILL
    assert shop.invoice("S-1").status == "PROCESSING"

    let_time_pass(seconds=2)  # its lease
    with worker(child_environment):
        assert soon(all_cleared, 25)

    assert [row["answered"] for row in shop.calls("S-1")] == [200, 409]
    assert not shop.report().violations


def test_a_wake_that_fails_does_not_fail_what_was_committed(shop, monkeypatch):
    def broken(name: str) -> None:
        raise ConnectionError("the queue is away")

    monkeypatch.setattr(work, "_bells", [broken])

    shop.post_later(simplified())

    assert shop.invoice("S-1").next_attempt_at is not None
