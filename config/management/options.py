"""What the operators' commands of every app have in common."""

import getpass
from argparse import ArgumentParser
from typing import Any

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
