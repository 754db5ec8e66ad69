from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.text import Text

from config.management.options import actor, add_tenant, in_zone, moment, positive, tenant_of
from config.problems import Problem
from config.tenancy.models import Tenant
from invoicing.models import Invoice, InvoiceStatus, Trigger
from invoicing.models.invoices import InvoiceQuerySet
from invoicing.services.retrying import retry_many
from invoicing.services.sending import By

CHUNK = 100
RETRYABLE = (InvoiceStatus.FAILED.value, InvoiceStatus.REJECTED.value)


class Command(BaseCommand):
    """Retry invoices one after another, as the retry endpoint would, and say what became of each.

    Exit code 0 where all went through or none was found, 1 where some did not, 2 for wrong usage.
    """

    help = "Retry FAILED (or REJECTED) invoices."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_tenant(parser)
        parser.add_argument(
            "--status",
            action="append",
            choices=RETRYABLE,
            help="repeatable; default FAILED, since a rejected one is sealed anew and takes an ICV",
        )
        parser.add_argument("--error-code", metavar="CODE", help="such as zatca_timeout")
        parser.add_argument("--since", type=moment, metavar="TIME", help="accepted then or later")
        parser.add_argument("--until", type=moment, metavar="TIME", help="accepted before then")
        parser.add_argument(
            "--ids", type=int, nargs="+", metavar="ID", help="these, if they may be"
        )
        parser.add_argument("--limit", type=positive, metavar="N", help="at most so many")
        parser.add_argument("--reason", default="", help="for the log")
        parser.add_argument("--dry-run", action="store_true", help="only say which")

    def handle(self, *args: Any, **options: Any) -> None:
        # A console of its own would write past the stream that the caller gave.
        self.stdout.ending = ""
        console = Console(file=cast(TextIO, self.stdout), highlight=False, soft_wrap=True)
        chosen = _chosen(tenant_of(options), options)
        total = chosen.count()
        if options["limit"]:
            total = min(total, options["limit"])
        invoices = islice(_one_by_one(chosen), total)
        if options["dry_run"]:
            for invoice in invoices:
                console.print(_line(invoice, f"{invoice.status} {invoice.error_code}"))
            console.print(f"{total} would be retried.")
            return
        failed = _retry(invoices, total, console, By(Trigger.COMMAND, actor(), options["reason"]))
        if failed:
            raise CommandError(f"{failed} of {total} did not go through.")
        console.print(f"{total} retried, all went through." if total else "Nothing to retry.")


def _retry(invoices: Iterator[Invoice], total: int, console: Console, by: By) -> int:
    """Retry, print a line each; how many did not go through."""
    failed = 0
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("retry", total=total)
        for invoice, outcome in retry_many(invoices, by):
            went_through = isinstance(outcome, Invoice) and outcome.status == InvoiceStatus.CLEARED
            failed += not went_through
            style = "green" if went_through else "red"
            progress.console.print(_line(invoice, _told(outcome), style))
            progress.advance(task)
    return failed


def _told(outcome: Invoice | Exception) -> str:
    if isinstance(outcome, Problem):
        return f"refused: {outcome.message}"
    if isinstance(outcome, Exception):
        return f"error: {type(outcome).__name__}: {outcome}"
    if outcome.status == InvoiceStatus.CLEARED:
        return f"{outcome.status} {outcome.zatca_status}"
    return f"{outcome.status} {outcome.error_message or outcome.error_code}"


def _line(invoice: Invoice, says: str, style: str = "") -> Text:
    # Text, since a number may hold what rich would read as markup.
    return Text.assemble(f"{invoice.pk} {invoice.invoice_number}  ", (says.strip(), style))


def _chosen(tenant: Tenant | None, options: dict[str, Any]) -> InvoiceQuerySet:
    invoices = Invoice.objects.all() if tenant is None else Invoice.objects.for_tenant(tenant)
    if options["ids"]:
        # Those named are tried whatever they are: the service says why one may not be retried.
        invoices = invoices.filter(pk__in=options["ids"])
    if options["status"] or not options["ids"]:
        invoices = invoices.filter(status__in=options["status"] or [InvoiceStatus.FAILED])
    if options["error_code"]:
        invoices = invoices.filter(error_code=options["error_code"])
    if options["since"]:
        invoices = invoices.filter(created_at__gte=in_zone(options["since"], tenant))
    if options["until"]:
        invoices = invoices.filter(created_at__lt=in_zone(options["until"], tenant))
    return invoices


def _one_by_one(chosen: InvoiceQuerySet) -> Iterator[Invoice]:
    """Every chosen invoice once, oldest first, read when its turn comes near.

    By growing id: one that fails again is still chosen, and must not come round a second time.
    """
    rows = chosen.order_by("pk").select_related("unit", "tenant").defer("xml_content")
    last = 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk
