from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.xml import XMLRefused
from invoicing.management.options import read_file
from invoicing.models import Invoice
from invoicing.zatca.anatomy import Anatomy, dissect
from invoicing.zatca.parting import Parting, parting


class Command(BaseCommand):
    """Which bytes differ. Exit code 0 where everything holds, 1 where not, 2 for wrong use."""

    help = (
        "Show what is hashed and signed in a document, every digest as stated and as it is, and "
        "where two documents part."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE")
        parser.add_argument(
            "--invoice", type=int, metavar="ID", help="the sealed bytes of an invoice of Daftar's"
        )
        parser.add_argument("--revision", type=int, metavar="N", help="default: the current one")
        parser.add_argument("--against", metavar="FILE", help="compare with this file")
        parser.add_argument("--canonical", action="store_true", help="print the canonical bytes")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["file"] is None) == (options["invoice"] is None):
            raise CommandError("Name either a FILE or --invoice ID.", returncode=2)
        xml, others = self._documents(options)
        try:
            anatomy = dissect(xml)
            partings = [(name, parting(xml, other)) for name, other in others]
        except XMLRefused as refused:
            raise CommandError(str(refused)) from None
        self._tell(anatomy, canonical=options["canonical"])
        for name, found in partings:
            self._tell_parting(name, found)
        if not anatomy.holds or any(found for _, found in partings):
            raise CommandError("Something does not hold.")

    def _documents(self, options: dict[str, Any]) -> tuple[bytes, list[tuple[str, bytes]]]:
        """The document and what it is compared with: the cleared version, a file, or both."""
        others = []
        if options["file"] is not None:
            xml = read_file(Path(options["file"]))
        else:
            revision = _revision(options["invoice"], options["revision"])
            xml = bytes(revision.xml)
            if revision.cleared_xml is not None:
                others.append(("the cleared version", bytes(revision.cleared_xml)))
        if options["against"]:
            others.append((options["against"], read_file(Path(options["against"]))))
        return xml, others

    def _tell(self, anatomy: Anatomy, *, canonical: bool) -> None:
        write = self.stdout.write
        write(f"invoice hash: {anatomy.invoice_hash} over {len(anatomy.canonical)} canonical bytes")
        for check in anatomy.checks:
            write(f"{'holds ' if check.holds else 'BROKEN'} {check.name}")
            write(f"       stated   {check.stated}")
            if not check.holds:
                write(f"       computed {check.computed}")
                write(f"       {check.why}")
        for remark in anatomy.remarks:
            write(f"note   {remark}")
        if anatomy.properties:
            write(f"signed properties, as dom4j prints them:\n{anatomy.properties}")
        if canonical:
            write(f"canonical bytes:\n{anatomy.canonical.decode()}")

    def _tell_parting(self, name: str, found: Parting | None) -> None:
        if found is None:
            self.stdout.write(f"same canonical bytes as {name}")
            return
        self.stdout.write(f"parts from {name} at byte {found.at}, in {found.where}")
        self.stdout.write(f"       here     {found.ours}")
        self.stdout.write(f"       there    {found.theirs}")
        self.stdout.write(f"       {found.sentence}")


def _revision(pk: int, number: int | None) -> Any:
    invoice = Invoice.objects.filter(pk=pk).first()
    if invoice is None:
        raise CommandError(f"There is no invoice {pk}.", returncode=2)
    revision = invoice.revisions.filter(number=number or invoice.revision).first()
    if revision is None or not revision.is_sealed:
        raise CommandError(f"Invoice {pk} has no sealed document of that revision.", returncode=2)
    return revision
