"""Every duration of a transaction's way, in one place."""

import random
from datetime import timedelta

from django.conf import settings

LONGEST_BACKOFF = timedelta(minutes=15)
JITTER = 0.2
# The longest call (a bind, 90 s) and what comes before and after it.
LEASE_MARGIN = timedelta(seconds=30)
PROBE = timedelta(seconds=45)
# In the background, after the two rounds of D0: then daily, for three days.
INVOICE_LOOKS = (
    *(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60)),
    *(timedelta(days=1) for _ in range(3)),
)
# IMS could not be asked; while its breaker is open, nobody asks.
INVOICE_NOT_ASKED = timedelta(minutes=5)
# A step is not begun with less than this left before the caller is answered.
SHORTEST_STEP = 2.0
# Retries in a row after which a person is told that a transaction does not come through.
RETRIES_BEFORE_ALARM = 5
# Answers nobody has seen before, at one step, before a person looks at them.
MOST_UNRECOGNISED = 3


def lease() -> timedelta:
    """How long a step holds transaction and policy, renewed with each."""
    return timedelta(seconds=settings.IMS_LEASE)


def repeat_after() -> timedelta:
    """How old an attempt is before "IMS has not done it" is believed: it may still be at it."""
    return timedelta(seconds=settings.IMS_REPEAT_AFTER)


def backoff(retries: int) -> timedelta:
    """The pause before run number `retries` + 1: doubling, capped, with jitter."""
    pause = min(settings.IMS_FIRST_RETRY * 2 ** min(retries, 20), LONGEST_BACKOFF.seconds)
    # Jitter spreads load; nothing secret depends on it.
    return timedelta(seconds=pause * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
