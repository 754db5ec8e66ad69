"""Processes that are killed, paused and replaced until their work is done (for tests.chaos)."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from invoicing.failpoints import POINTS
from tests.invoicing.reliability import processes

# The chance of a pause each time the crew is tended.
PAUSES = 0.01


@dataclass
class Member:
    """One place in the crew; `finished` once its work came to an end by itself."""

    work: Callable[..., Any]
    args: tuple[Any, ...]
    points: Sequence[str]
    process: BaseProcess | None = None
    point: str = ""
    finished: bool = False
    wakes_at: float = 0.0


class Crew(ExitStack):
    """Work functions take a failpoint as their last argument and may be started any number of
    times; all that is left is ended with the block.
    """

    def __init__(self, dice: random.Random, *, patience: int, pause: float) -> None:
        super().__init__()
        self._dice, self._patience, self._pause = dice, patience, pause
        self._members: list[Member] = []
        self.kills: Counter[str] = Counter()
        self.stops = 0
        self.crashes: Counter[str] = Counter()

    def hire(self, work: Callable[..., Any], *args: Any, points: Sequence[str] = POINTS) -> None:
        """Add a place; its processes die at random ones of `points`."""
        self._members.append(Member(work, args, points))

    def tend(self) -> bool:
        """Replace the dead, wake the paused, pause another; True once nobody has work left.

        A worker never finishes; it is not waited for.
        """
        for member in self._members:
            self._look_after(member)
        if self._dice.random() < PAUSES * len(self._members):
            self._put_to_sleep(self._dice.choice(self._members))
        return all(m.finished for m in self._members if m.work is not processes.work)

    def _look_after(self, member: Member) -> None:
        process = member.process
        if member.wakes_at and time.monotonic() > member.wakes_at:
            assert process is not None
            assert process.pid is not None
            os.kill(process.pid, signal.SIGCONT)
            member.wakes_at = 0.0
        if member.finished or (process is not None and process.is_alive()):
            return
        if process is not None:
            self._bury(member, process)
        if not member.finished:
            self._start(member)

    def _bury(self, member: Member, process: BaseProcess) -> None:
        member.wakes_at = 0.0
        if process.exitcode == -signal.SIGKILL:
            self.kills[member.point] += 1
        elif process.exitcode == 0:
            member.finished = True
        else:
            self.crashes[f"{member.work.__name__} ended with {process.exitcode}"] += 1

    def _start(self, member: Member) -> None:
        member.point = self._dice.choice(member.points)
        passes = self._dice.randint(1, self._patience)
        member.process = processes.start(member.work, *member.args, f"{member.point}:{passes}")
        self.callback(processes.stop, member.process)

    def _put_to_sleep(self, member: Member) -> None:
        if member.wakes_at or not (member.process and member.process.is_alive()):
            return
        assert member.process.pid is not None
        os.kill(member.process.pid, signal.SIGSTOP)
        member.wakes_at = time.monotonic() + self._pause
        self.stops += 1
