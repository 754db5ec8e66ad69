from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from invoicing.verification.archives import add_arguments, report


class Command(BaseCommand):
    """Check an archive offline: no database is asked.

    Exit code 0 where everything holds, 1 with findings, 2 where the file is no archive.
    """

    help = "Verify an auditor's archive: every file, chain, hash, stamp and log entry."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        line, code = "", 0
        for following in report(options["file"], options["audit_key_file"]):
            if line:
                self.stdout.write(line)
            line, code = following
        if code:
            raise CommandError(line, returncode=code)
        self.stdout.write(line)
