"""Which days money and books may be dated."""

from datetime import date, timedelta

from django.utils import timezone

from config.tenancy.models import Tenant
from health.errors import BackdatedTooFar, DateOutOfRange
from health.models import LabSettings
from health.services.checking import settings_of

EARLIEST = date(2000, 1, 1)


def today(tenant: Tenant) -> date:
    """The day that it is where the tenant is."""
    return timezone.now().astimezone(tenant.zone).date()


def require_day(
    tenant: Tenant, day: date, *, lab: LabSettings | None = None, param: str = "date"
) -> None:
    """Money moves and books are written on a day that has come, not before 2000 and no further
    back than the laboratory allows: a slip of the year is no fact, and nothing that was posted can
    be mended. `lab` are its settings, where they are at hand.

    Raises DateOutOfRange, and BackdatedTooFar, which is one.
    """
    now = today(tenant)
    if not EARLIEST <= day <= now:
        raise DateOutOfRange(f"{day} does not lie between {EARLIEST} and today.", param=param)
    limit = (lab or settings_of(tenant)).backdating_days
    if limit is not None and day < now - timedelta(limit):
        raise BackdatedTooFar(
            f"{day} is more than {limit} days ago; the laboratory dates nothing so far back.",
            param=param,
        )
