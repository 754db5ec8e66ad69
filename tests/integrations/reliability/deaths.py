"""Real processes that are killed: forked, so that one costs milliseconds.

The parent's connection is closed before, since a child that inherited it would end it for both.
"""

import os
import signal
import time
import traceback
from collections.abc import Callable

from django.db import connection

from integrations import failpoints
from integrations.models import TritonTransaction
from integrations.services.running import run


def runs_and_dies(row: TritonTransaction, failpoint: str) -> bool:
    """Run the transaction in a process that dies at `failpoint`; False if it never came there."""

    def work() -> None:
        failpoints.arm(failpoint)
        run(row)

    return ended(forked(work)) == -signal.SIGKILL


def runs_and_is_killed(row: TritonTransaction, until: Callable[[], bool]) -> bool:
    """Run the transaction in a process that is killed once `until` is true."""
    child = forked(lambda: _run(row))
    patience = time.monotonic() + 30
    while not until() and time.monotonic() < patience:
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    return ended(child) == -signal.SIGKILL


def _run(row: TritonTransaction) -> None:
    run(row)


def forked(work: Callable[[], None]) -> int:
    """The id of a process that does `work`, and ends."""
    connection.close()
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def ended(child: int) -> int:
    """The exit code of a child, which is minus the signal of a killed one."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)
