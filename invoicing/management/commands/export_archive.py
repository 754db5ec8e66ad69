from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.options import counted, tenant_of
from config.problems import Problem
from invoicing.models import Invoice
from invoicing.services.archiving import range_of, write_archive


class Command(BaseCommand):
    """Write the archive of a range of invoices into a file, which appears whole or not at all.

    Exit code 0; 1 where a PDF could not be made (everything else is in the file); 2 for wrong usage
    or a range without invoices.
    """

    help = "Export an archive for an auditor: XML, answers, PDF, payloads, logs and a manifest."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", type=int, required=True, metavar="ID")
        parser.add_argument(
            "--from", dest="first", type=_day, required=True, metavar="DAY", help="YYYY-MM-DD"
        )
        parser.add_argument(
            "--to", dest="last", type=_day, required=True, metavar="DAY", help="inclusive"
        )
        parser.add_argument("--unit", default="", metavar="NAME", help="of this EGS unit only")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.zip")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options)
        assert tenant is not None
        out: Path = options["out"]
        try:
            asked = range_of(tenant, options["first"], options["last"], options["unit"], end="--to")
        except Problem as problem:
            raise CommandError(problem.message, returncode=2) from problem
        if not asked.invoices().exists():
            raise CommandError("No invoice was issued in this range.", returncode=2)
        failed = 0

        def told(invoice: Invoice, problem: Problem | None) -> None:
            nonlocal failed
            if problem is not None:
                failed += 1
                self.stdout.write(f"{invoice}: {problem.message}")

        draft = out.with_name(f"{out.name}.draft")
        try:
            with draft.open("wb") as file:
                manifest = write_archive(file, asked, told=told)
            draft.rename(out)
        except OSError as trouble:
            raise CommandError(f"{out}: {trouble.strerror}", returncode=2) from trouble
        finally:
            draft.unlink(missing_ok=True)
        counts = manifest["counts"]
        self.stdout.write(
            f"{counted(counts['invoices'], 'invoice')} in {counted(counts['files'], 'file')}: {out}"
        )
        self.stdout.write(f"SHA-256 {_sha256(out)}")
        if failed:
            raise CommandError(f"{counted(failed, 'PDF')} could not be made.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None


def _sha256(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while piece := file.read(1_048_576):
            digest.update(piece)
    return digest.hexdigest()
