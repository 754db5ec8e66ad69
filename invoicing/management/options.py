"""What the operators' commands have in common."""

import getpass
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from config.tenancy.models import Tenant
from invoicing.models import EGSUnit


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


def add_unit(parser: ArgumentParser) -> None:
    """`UNIT --tenant ID`: one unit, by its name within its tenant."""
    parser.add_argument("unit", help="the unit's name within its tenant")
    parser.add_argument("--tenant", type=int, required=True, metavar="ID")


def unit_of(options: dict[str, Any]) -> EGSUnit:
    """The unit that was named. CommandError 2 for one that does not exist."""
    tenant = tenant_of(options)
    assert tenant is not None
    unit = EGSUnit.objects.for_tenant(tenant).filter(name=options["unit"]).first()
    if unit is None:
        raise CommandError(f"{tenant} has no unit {options['unit']!r}.", returncode=2)
    return unit


def counted(number: int, word: str) -> str:
    """``1 chain``, ``2 chains``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def actor() -> str:
    """Who runs the command, for the audit log."""
    try:
        return f"command:{getpass.getuser()}"
    except (KeyError, OSError):  # a container's user without a name
        return "command"


def read_file(path: Path) -> bytes:
    """The bytes of a file that was named; CommandError 2 where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}.", returncode=2) from None


def instant(text: str) -> datetime:
    """An ISO 8601 date and time with an offset; CommandError 2 for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise CommandError(f"{text} is no date and time with an offset.", returncode=2)
    return moment
