"""Whose document is sent next: units take turns, so that nobody's backlog is everybody's.

Who has something due is read from two indexes with one step per unit, and each turn takes the
oldest of one unit: the cost follows the number of units and never the number that waits.
"""

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from config.tenancy.models import Tenant
from invoicing.models import EGSUnit, Invoice, Lane
from invoicing.selectors import held_environments

FRESH_SECONDS = 1.0
# How far to look behind what this round has tried already and is due again.
DEPTH = 8

_last: Lane | None = None  # of this process, so that the next round goes on after it


@dataclass(frozen=True, slots=True)
class Turn:
    """One invoice that is due, and the time that made it so."""

    invoice_id: int
    due_at: datetime
    lane: Lane


class Turns:
    """The turns of one round; each invoice gets at most one."""

    def __init__(self) -> None:
        self.tried: set[int] = set()
        self._lanes: deque[Lane] = deque()
        self._read_at = float("-inf")

    def next(self, in_flight: Mapping[Lane, int], *, free: int) -> Turn | None:
        """The next turn, or None: of a lane with fewer calls in flight than there are threads free.

        A lane alone gets half of the threads so, and however many hang, the next finds one.
        """
        if not free:
            return None
        is_last_chance = self.tried and not self._lanes and not in_flight
        if is_last_chance or time.monotonic() - self._read_at > FRESH_SECONDS:
            self.look_again()
        for _ in range(len(self._lanes)):
            lane = self._lanes.popleft()
            if in_flight.get(lane, 0) >= free:
                self._lanes.append(lane)
                continue
            turn = self._turn_of(lane)
            if turn is not None:
                self._lanes.append(lane)
                self._take(turn)
                return turn
        return None

    def give_back(self, turn: Turn) -> None:
        """It could not be used: the way there was closed meanwhile, which changes who is due."""
        self.tried.discard(turn.invoice_id)
        self.look_again()

    def look_again(self) -> None:
        """Read anew who has something due, and begin after whoever was last."""
        self._lanes = deque(_after(_last, due_lanes(timezone.now())))
        self._read_at = time.monotonic()

    def _turn_of(self, lane: Lane) -> Turn | None:
        due = Invoice.objects.in_lane(lane).filter(next_attempt_at__lte=timezone.now())
        for pk, due_at in due.values_list("pk", "next_attempt_at")[:DEPTH]:
            if pk not in self.tried and due_at is not None:
                return Turn(pk, due_at, lane)
        return None

    def _take(self, turn: Turn) -> None:
        global _last
        self.tried.add(turn.invoice_id)
        _last = turn.lane


def due_lanes(now: datetime) -> list[Lane]:
    """Who has something due that may be sent now, in the same order each time.

    Not a unit that is paused, nor one whose authority does not answer.
    """
    held = held_environments(now)
    units = EGSUnit.objects.filter(paused_at=None).exclude(tenant__environment__in=held)
    return [
        *(Lane(tenant_id=pk) for pk in _due(Tenant.objects.all(), now, unit=None, tenant="pk")),
        *(Lane(unit_id=pk) for pk in _due(units, now, unit="pk")),
    ]


def _due(owners: QuerySet[Any], now: datetime, **of: str | None) -> QuerySet[Any, Any]:
    """The ids of those whose oldest waiting invoice is due.

    A subquery with a limit is looked up per owner; of a join the planner might make a scan of all
    that waits.
    """
    own = {name: OuterRef(path) if path else None for name, path in of.items()}
    oldest = Invoice.objects.waiting().filter(**own).values("next_attempt_at")[:1]
    found = owners.annotate(first_due=Subquery(oldest)).filter(first_due__lte=now)
    return found.order_by("pk").values_list("pk", flat=True)


def _after(last: Lane | None, lanes: list[Lane]) -> list[Lane]:
    """The lanes, beginning with the one after `last`."""
    later = [lane for lane in lanes if last is not None and lane.key > last.key]
    return later + [lane for lane in lanes if lane not in later]
