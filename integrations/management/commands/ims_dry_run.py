import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.json import parse_object
from config.management.options import tenant_of
from config.problems import Problem
from integrations.services.receiving import dry_run


class Command(BaseCommand):
    """Say what a transaction would do: it is read, its names are looked up in IMS, nothing is kept.

    Exit code 0 where it could go through, 1 where something is missing, 2 for wrong usage or a
    payload that is refused.
    """

    help = "Try a transaction without doing it: validation and reads only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the payload as JSON; - is standard input")
        parser.add_argument("--tenant", type=int, required=True, metavar="ID")
        parser.add_argument("--source", default="triton", metavar="NAME")
        parser.add_argument("--payload", action="store_true", help="show what IMS would be given")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options)
        assert tenant is not None
        try:
            said = dry_run(tenant, options["source"], parse_object(_read(options["file"])))
        except Problem as refused:
            lines = [f"{error.param}: {error.message}" for error in refused.errors]
            raise CommandError("\n".join([refused.message, *lines]), returncode=2) from None
        self.stdout.write(f"{said.transaction_type}: {', '.join(said.steps)}")
        for name, value in said.found.items():
            self.stdout.write(f"  found    {name}: {value or 'none yet'}")
        for warning in said.warnings:
            self.stdout.write(f"  warning  {warning['code']}: {warning['message']}")
        if options["payload"]:
            self.stdout.write(said.payload)
        if said.missing:
            lines = [f"missing  {one['code']}: {one['message']}" for one in said.missing]
            raise CommandError("\n".join(lines))
        self.stdout.write("It could go through.")


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}.", returncode=2) from None
