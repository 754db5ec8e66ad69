"""Which days money and books may be dated."""

from datetime import date

from django.utils import timezone

from config.tenancy.models import Tenant
from health.errors import DateOutOfRange

EARLIEST = date(2000, 1, 1)


def today(tenant: Tenant) -> date:
    """The day that it is where the tenant is."""
    return timezone.now().astimezone(tenant.zone).date()


def require_day(tenant: Tenant, day: date, *, param: str = "date") -> None:
    """Money moves and books are written on a day that has come, and not before 2000: a slip of the
    year is no fact, and nothing that was posted can be mended. Raises DateOutOfRange.
    """
    if not EARLIEST <= day <= today(tenant):
        raise DateOutOfRange(f"{day} does not lie between {EARLIEST} and today.", param=param)
