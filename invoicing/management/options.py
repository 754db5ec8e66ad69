"""What the operators' commands have in common."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
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
