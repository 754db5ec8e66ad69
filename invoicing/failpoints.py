"""Named points of the write protocol at which a test may kill the process.

In production `reached` does nothing. A kill test sets DAFTAR_FAILPOINT=name (or name:n for the n-th
time it is passed) and the process ends there with SIGKILL, as a power cut would end it.
"""

import os
import signal

POINTS = (
    "accepting",  # inside the transaction that accepts
    "accepted",
    "sealing",  # inside the transaction that seals, ICV taken
    "sealed",
    "claiming",  # inside the transaction that claims
    "claimed",
    "sending",  # about to send
    "sent",  # the answer is here, nothing is recorded
    "settling",  # inside the transaction that settles
    "settled",
)
RENEWAL_POINTS = (
    "renewal_begun",  # the new key is stored, nobody was asked
    "renewal_answered",  # the authority's answer is here, 200 or 428
    "renewal_checked",  # after 428: the compliance documents are accepted
    "renewal_issued",  # the new CSID is here, the old one still in use
)
_armed = os.environ.get("DAFTAR_FAILPOINT", "")
_passed: dict[str, int] = {}


def reached(point: str) -> None:
    """Say that `point` is reached; dies here if a test armed it."""
    if not _armed:
        return
    name, _, nth = _armed.partition(":")
    _passed[point] = _passed.get(point, 0) + 1
    if name == point and _passed[point] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
