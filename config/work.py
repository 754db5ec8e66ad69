"""Background work: the row carries the truth, a job only says "look" (contracts 28).

Every app lists its chores in `chores.py` and registers them when it is ready. A chore asks the
database what is due and does it; running one twice is harmless. Two ways to run the same chores:

- SQLite: `manage.py work` is a loop in one process (`run_loop`).
- PostgreSQL: `manage.py work` is a Procrastinate worker (config.tasks), as many as wanted.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import structlog
from django.db import close_old_connections, transaction

log = structlog.get_logger(__name__)

POLL_SECONDS = 1
LEAVE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Chore:
    """Something to look at again and again.

    `run` returns how many rows it handled. `every` is the number of seconds between looks nobody
    asked for, a multiple of ten. `urgent` chores are asked for by `wake`; since nothing can ring a
    bell on SQLite, its loop looks at them every second. A look that handled `batch` rows is
    followed by another at once, since more is waiting. What stands `apart` may take minutes: it has
    a thread of its own in the loop, and one worker's turn at a time in Procrastinate, so that the
    brief chores never wait for it.
    """

    name: str
    run: Callable[[], int]
    every: int = 30
    urgent: bool = False
    batch: int = 1
    apart: bool = False


CHORES: dict[str, Chore] = {}
_bells: list[Callable[[str], None]] = []


def register(*chores: Chore) -> None:
    """Declare chores; called from AppConfig.ready."""
    CHORES.update({chore.name: chore for chore in chores})


def wake(name: str) -> None:
    """Ask a worker to look at chore `name` once the current transaction has committed.

    After the commit and never inside it: a job deferred inside would hold its queueing lock until
    the commit, make every other tenant wait for it, and might run before there is anything to see.
    A wake lost in a crash is made good by the periodic look, at most `every` seconds later.
    """
    if name not in CHORES:
        raise LookupError(f"no chore is called {name!r}")
    for bell in _bells:
        transaction.on_commit(_ring(bell, name), robust=True)


def _ring(bell: Callable[[str], None], name: str) -> Callable[[], None]:
    # A function and no partial: Django names the robust hook that failed by its `__qualname__`, and
    # fails itself where there is none, after the commit.
    def ring() -> None:
        bell(name)

    return ring


def ring_with(bell: Callable[[str], None]) -> None:
    """Have `wake` call `bell` with the name of the chore; config.tasks does so on PostgreSQL."""
    _bells[:] = [bell]


def run_chore(name: str) -> int:
    """Run one chore; a bug in it is logged and must not stop the others."""
    close_old_connections()
    started = time.monotonic()
    try:
        handled = CHORES[name].run()
    except Exception:
        log.exception("chore_failed", chore=name)
        return 0
    finally:
        close_old_connections()
    if handled:
        elapsed = round(time.monotonic() - started, 3)
        log.info("chore_done", chore=name, handled=handled, seconds=elapsed)
    return handled


def run_all() -> int:
    """One look at every chore, in the order of registration; how many rows were handled."""
    return sum(run_chore(name) for name in CHORES)


def run_loop(stop: Event) -> None:
    """Look until `stop` is set: urgent chores every second, the others when their time has come."""
    apart = [
        Thread(target=_look_until, args=(stop, [name]), daemon=True)
        for name, chore in CHORES.items()
        if chore.apart
    ]
    for thread in apart:
        thread.start()
    _look_until(stop, [name for name, chore in CHORES.items() if not chore.apart])
    leave_until = time.monotonic() + LEAVE_SECONDS
    for thread in apart:
        # What takes longer is left to its lease, as a killed process would leave it.
        thread.join(max(0.0, leave_until - time.monotonic()))


def _look_until(stop: Event, names: list[str]) -> None:
    next_look = dict.fromkeys(names, 0.0)
    while not stop.is_set():
        now = time.monotonic()
        for name in names:
            if stop.is_set():
                return
            chore = CHORES[name]
            if now >= next_look[name]:
                next_look[name] = now + (POLL_SECONDS if chore.urgent else chore.every)
                # A full batch means that more is waiting.
                while run_chore(name) >= chore.batch and chore.urgent and not stop.is_set():
                    pass
        stop.wait(POLL_SECONDS)
