"""How the authority behaves at the moment: its clock, its clearance switch, its bad luck."""

import random
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from invoicing.sandbox.faults import Fault, Moment, UnknownFault, fault_named, magic_fault
from invoicing.sandbox.store import Store

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Chance:
    """The fault that one delivery meets, with its arguments."""

    fault: Fault
    args: Mapping[str, Any]


class Conduct:
    """Not durable, except the script: a restarted process behaves as its command line says."""

    def __init__(
        self,
        store: Store,
        *,
        rates: Mapping[str, float] | None = None,
        seed: int | None = None,
        clock: Clock | None = None,
        clearance: bool = True,
    ) -> None:
        self._store = store
        self._clock = clock or utc_now
        self._shift = timedelta()
        self._lock = threading.Lock()
        self.seed = seed if seed is not None else secrets.randbelow(2**31)
        self.clearance = clearance
        self.rates: dict[str, float] = {}
        self.set_rates(rates or {})

    def now(self) -> datetime:
        """Aware, and the one time that everything here is judged by."""
        with self._lock:
            return self._clock() + self._shift

    def shift_clock(self, by: timedelta) -> datetime:
        """Move the clock on (or back) from where it is; returns the new time."""
        with self._lock:
            self._shift += by
        return self.now()

    def set_clock(self, to: datetime | None) -> datetime:
        """Make it this time now, going on from there; None takes every shift back."""
        with self._lock:
            self._shift = to - self._clock() if to else timedelta()
        return self.now()

    def set_rates(self, rates: Mapping[str, float]) -> None:
        """The share of submissions that meet each fault; replaces all rates.

        Raises UnknownFault for an unknown name and for shares that are no shares of one.
        """
        shares = {fault_named(name).name: float(rate) for name, rate in rates.items()}
        if any(share < 0 for share in shares.values()) or sum(shares.values()) > 1 + 1e-9:
            raise UnknownFault("rates are shares between 0 and 1, together at most 1")
        self.rates = shares

    def chance(self, target: str, nth: int, *, is_submission: bool) -> Chance | None:
        """What the n-th delivery of a target meets: script, else magic number, else rate."""
        if scripted := self._store.script(target, nth):
            name, args = scripted
            return Chance(fault_named(name), args)
        if not is_submission:
            return None
        if nth == 1 and (fault := magic_fault(target)):
            return Chance(fault, fault.args)
        return self._by_rate(target, nth)

    def _by_rate(self, target: str, nth: int) -> Chance | None:
        # Drawn from the delivery itself, so that a seed repeats a run whatever the threads do.
        draw = random.Random(f"{self.seed}:{target}:{nth}").random()
        for name, share in self.rates.items():
            if draw < share:
                return Chance(fault_named(name), fault_named(name).args)
            draw -= share
        return None


NO_CHANCE = Chance(Fault("", Moment.AFTER, "no fault"), {})
