"""Named points of a transaction's way at which a test may kill the process.

In production `reached` does nothing. A kill test sets DAFTAR_IMS_FAILPOINT=point/step (or
point/step:n for the n-th time it is passed) and the process ends there with SIGKILL, as a power cut
would end it. A test in one process listens instead (`listen`), and raises.
"""

import os
import signal
from collections.abc import Callable

POINTS = (
    "begun",  # the step's row is committed, nothing has been sent
    "answered",  # IMS has answered, nothing is recorded
    "recorded",  # the step's result is committed
)
_armed = os.environ.get("DAFTAR_IMS_FAILPOINT", "")
_passed: dict[str, int] = {}
_listener: Callable[[str, str], None] | None = None


def listen(listener: Callable[[str, str], None] | None) -> None:
    """Have `listener` hear of every point, with the step it belongs to; None stops it."""
    global _listener
    _listener = listener


def arm(failpoint: str) -> None:
    """Die at this point, as the environment variable would have it."""
    global _armed
    _armed = failpoint
    _passed.clear()


def reached(point: str, step: str) -> None:
    """Say that `point` of `step` is reached; dies here if a test armed it."""
    if _listener is not None:
        _listener(point, step)
    if not _armed:
        return
    name, _, nth = _armed.partition(":")
    here = f"{point}/{step}"
    _passed[here] = _passed.get(here, 0) + 1
    if name == here and _passed[here] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
