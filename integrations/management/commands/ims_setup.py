import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.json import parse_object
from config.management.options import counted, tenant_of
from config.problems import Problem
from integrations.services.setting_up import set_up

PASSWORD = "IMS_PASSWORD"  # noqa: S105 - the name of the variable


class Command(BaseCommand):
    """Write an environment's set-up from a JSON document; run again, it changes what differs.

    Exit code 0 where it is written, 2 where the document is refused and nothing was.
    """

    help = "Set up an IMS environment with sources, offices, lines, programs, names and aliases."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the set-up as JSON; - is standard input")
        parser.add_argument("--tenant", type=int, required=True, metavar="ID")
        parser.epilog = f"The TripleDES password is read from {PASSWORD}; without it, it stays."

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options)
        assert tenant is not None
        try:
            document = parse_object(_read(options["file"]))
            changes = set_up(tenant, document, password=os.environ.get(PASSWORD, ""))
        except Problem as refused:
            lines = [f"{error.param}: {error.message}" for error in refused.errors]
            raise CommandError("\n".join([refused.message, *lines]), returncode=2) from None
        for change in changes:
            self.stdout.write(f"{'new' if change.is_new else 'kept':<6}{change.what}")
        self.stdout.write(f"{counted(len(changes), 'row')} in place.")


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror or error}.", returncode=2) from None
