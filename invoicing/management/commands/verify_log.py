from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.options import add_tenant, counted, tenant_of
from invoicing.verification.logs import check_logs
from invoicing.verification.seals import Seal, SealBroken, newest_seal, read_seal, seal_findings


class Command(BaseCommand):
    """Recompute the log chain of every invoice and compare it with a seal.

    Findings are printed, and any makes the exit code 1. Needs the audit key that wrote the log.
    """

    help = "Verify every invoice's log: nothing changed, inserted, reordered, deleted or cut off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_tenant(parser)
        parser.add_argument(
            "--seal", metavar="FILE", help="compare with this seal (default: the newest one here)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options)
        findings = invoices = entries = 0
        for check in check_logs(tenant):
            invoices, entries = invoices + 1, entries + check.entries
            if check.finding is not None:
                findings += 1
                self.stdout.write(f"{check.head.invoice_number}: {check.finding}")
        try:
            seal = _seal(options["seal"])
        except SealBroken as broken:
            findings += 1
            self.stdout.write(f"seal: {broken}")
        else:
            for finding in seal_findings(seal, tenant) if seal else ():
                findings += 1
                self.stdout.write(f"seal: {finding}")
        seen = f"{counted(invoices, 'invoice')} with {entries} log entries"
        if findings:
            raise CommandError(f"{counted(findings, 'finding')} in {seen}.")
        self.stdout.write(f"{seen}: every link holds, {_compared(seal)}.")


def _seal(path: str | None) -> Seal | None:
    if path is None:
        return newest_seal()
    try:
        return read_seal(Path(path))
    except OSError as trouble:
        raise CommandError(f"{path} cannot be read: {trouble.strerror}", returncode=2) from trouble


def _compared(seal: Seal | None) -> str:
    if seal is None:
        return "no seal to compare with"
    return f"nothing sealed at {seal.sealed_at[:19]}Z is missing"
