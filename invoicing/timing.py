"""Every duration of the write protocol, in one place (contracts 23)."""

import random
from datetime import date, timedelta

from django.conf import settings

LONGEST_BACKOFF = timedelta(minutes=30)
JITTER = 0.2
# The authority remembers hashes for 24 hours: later, identical bytes might be taken twice.
STOP_RESENDING_AFTER = timedelta(hours=20)
AUTHORITY_MEMORY = timedelta(hours=24)
# A simplified document must be reported within 24 hours of its issue.
DEADLINE_ALARMS = (timedelta(hours=12), timedelta(hours=20), timedelta(hours=23))
# Days of issue that a person may mean; beyond them a time zone has no midnight.
PLAUSIBLE_DAYS = (date(2000, 1, 1), date(2100, 12, 31))
# The circuit breaker's pause doubles up to this.
LONGEST_BREAK = timedelta(minutes=16)
# A number accepted with other content moments ago is somebody's running request.
FRESH = timedelta(seconds=90)


def lease() -> timedelta:
    """How long a claim holds; at least twice the deadline of a call (a system check)."""
    return timedelta(seconds=settings.ZATCA_LEASE)


def probe() -> timedelta:
    """How long one call may find out whether the authority is back before another one may."""
    return timedelta(seconds=settings.ZATCA_CALL_DEADLINE + 10)


def backoff(resends: int) -> timedelta:
    """The pause before resend number `resends` + 1: doubling, capped, with jitter."""
    pause = min(settings.ZATCA_FIRST_RESEND * 2 ** min(resends, 20), LONGEST_BACKOFF.seconds)
    # Jitter spreads load; nothing secret depends on it.
    return timedelta(seconds=pause * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
