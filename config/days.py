"""Days of a calendar as instants of a time zone."""

from datetime import date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)
# At the very ends of the calendar a day has no instant in UTC, and nothing happens there.
FIRST, LAST = date.min + DAY, date.max - DAY


def start_of(day: date, zone: tzinfo) -> datetime:
    """The first instant of a day; of the calendar's first and last day, the nearest there is."""
    return datetime.combine(min(max(day, FIRST), LAST), time.min, zone)


def end_of(day: date, zone: tzinfo) -> datetime:
    """The first instant after a day, for ranges that include it."""
    return start_of(min(day, LAST - DAY) + DAY, zone)
