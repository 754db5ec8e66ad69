"""What the operators' commands of every app have in common."""

import getpass
from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandError

from config.tenancy.models import Tenant


def add_tenant(parser: ArgumentParser) -> None:
    """`--tenant ID`; all tenants without it."""
    parser.add_argument("--tenant", type=int, metavar="ID", help="only this one (default: all)")


def tenant_of(options: dict[str, Any]) -> Tenant | None:
    """The tenant that was named, or None. CommandError 2 for one that does not exist."""
    if options["tenant"] is None:
        return None
    tenant = Tenant.objects.filter(pk=options["tenant"]).first()
    if tenant is None:
        raise CommandError(f"There is no tenant {options['tenant']}.", returncode=2)
    return tenant


def counted(number: int, word: str) -> str:
    """``1 chain``, ``2 chains``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def actor() -> str:
    """Who runs the command, for the audit log."""
    try:
        return f"command:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user without a name
        return "command"


def moment(text: str) -> datetime:
    """An argument's type: an ISO 8601 date, or date and time."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no ISO date or time") from None


def in_zone(when: datetime, tenant: Tenant | None) -> datetime:
    """`when` in the tenant's time zone where it names none; UTC for all tenants."""
    zone = ZoneInfo(tenant.timezone if tenant else "UTC")
    return when if when.tzinfo else when.replace(tzinfo=zone)


def positive(text: str) -> int:
    """An argument's type: a whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)
