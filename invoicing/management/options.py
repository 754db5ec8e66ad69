"""What the operators' commands of invoicing have in common."""

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from config.management.options import tenant_of
from invoicing.models import EGSUnit


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
