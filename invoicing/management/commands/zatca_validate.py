import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.management.options import counted
from invoicing import judge
from invoicing.management.options import instant, read_file
from invoicing.verification.files import FileReport, examine_file


class Command(BaseCommand):
    """The official verdict on UBL files. Exit code 0 clean, 1 findings, 2 wrong use."""

    help = "Judge UBL files by ZATCA's official rules, with stamp, QR code and PIH."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument("--json", action="store_true", help="one JSON array, a report a file")
        parser.add_argument("--pih", metavar="HASH", help="the hash of the document before")
        parser.add_argument(
            "--at", metavar="TIME", help="judge as of this instant, ISO 8601 with offset"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not judge.available():
            raise CommandError(
                "fatoora-rs is not installed here; nothing was judged.", returncode=2
            )
        at: datetime = instant(options["at"]) if options["at"] else timezone.now()
        contents = {name: read_file(Path(name)) for name in options["files"]}
        reports = [
            examine_file(name, xml, at=at, pih=options["pih"]) for name, xml in contents.items()
        ]
        if options["json"]:
            self.stdout.write(
                json.dumps([report.as_dict() for report in reports], ensure_ascii=False, indent=2)
            )
        else:
            for report in reports:
                self._tell(report)
        unclean = sum(not report.is_clean for report in reports)
        if unclean:
            raise CommandError(f"{unclean} of {counted(len(reports), 'file')} with findings.")

    def _tell(self, report: FileReport) -> None:
        self.stdout.write(f"{report.name}: {'clean' if report.is_clean else 'FINDINGS'}")
        for finding in report.verdict.findings:
            self.stdout.write(f"  {finding.severity:8}{finding.rule:18} {finding.message}")
            if finding.location:
                self.stdout.write(f"  {'':8}{'':18} at {finding.location}")
        if not report.verdict.complete:
            self.stdout.write("  not all stages could run: what is not said here proves little")
        facts = (("stamp", report.stamp), ("QR code", report.qr), ("PIH", report.pih))
        for name, value in (*facts, ("hash", report.invoice_hash or "none")):
            self.stdout.write(f"  {name:8}{value}")
