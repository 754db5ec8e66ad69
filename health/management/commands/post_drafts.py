from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.text import Text

from config.management.options import actor, add_tenant, tenant_of
from health.models import Status, TestInvoice
from health.services.bulk import post_each
from health.services.history import Who
from health.words import rupees

CHUNK = 100


class Command(BaseCommand):
    """Post drafts one after another, as the API would, and say what became of each.

    Exit code 0 where all were posted or none was found, 1 where some were not, 2 for wrong usage.
    """

    help = "Post drafts of laboratory invoices, oldest first: each with its voucher."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_tenant(parser)
        parser.add_argument("--since", type=_day, metavar="DATE", help="dated then or later")
        parser.add_argument("--until", type=_day, metavar="DATE", help="dated then or earlier")
        parser.add_argument("--ids", type=int, nargs="+", metavar="ID", help="these alone")
        parser.add_argument("--limit", type=_positive, metavar="N", help="at most so many")
        parser.add_argument("--reason", default="", help="for the history")
        parser.add_argument("--dry-run", action="store_true", help="only say which")

    def handle(self, *args: Any, **options: Any) -> None:
        # A console of its own would write past the stream that the caller gave.
        self.stdout.ending = ""
        console = Console(file=cast(TextIO, self.stdout), highlight=False, soft_wrap=True)
        chosen = _chosen(options)
        total = min(chosen.count(), options["limit"] or chosen.count())
        drafts = islice(_one_by_one(chosen), total)
        if options["dry_run"]:
            for draft in drafts:
                console.print(_line(draft, f"{draft.local_date} {rupees(draft.final_amount)}"))
            console.print(f"{total} would be posted.")
            return
        refused = _post(drafts, total, console, Who(actor(), options["reason"]))
        if refused:
            raise CommandError(f"{refused} of {total} could not be posted.")
        console.print(f"{total} posted." if total else "Nothing to post.")


def _post(drafts: Iterator[TestInvoice], total: int, console: Console, who: Who) -> int:
    """Post, print a line each; how many were refused."""
    refused = 0
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("post", total=total)
        for invoice, problem in post_each(drafts, who):
            refused += problem is not None
            told = f"refused: {problem.message}" if problem else f"posted as {invoice.voucher}"
            style = "red" if problem else "green"
            progress.console.print(_line(invoice, told, style))
            progress.advance(task)
    return refused


def _chosen(options: dict[str, Any]) -> QuerySet[TestInvoice]:
    drafts = TestInvoice.objects.filter(status=Status.DRAFT, is_deleted=False)
    if tenant := tenant_of(options):
        drafts = drafts.filter(tenant=tenant)
    if options["ids"]:
        drafts = drafts.filter(pk__in=options["ids"])
    if options["since"]:
        drafts = drafts.filter(local_date__gte=options["since"])
    if options["until"]:
        drafts = drafts.filter(local_date__lte=options["until"])
    return drafts


def _one_by_one(chosen: QuerySet[TestInvoice]) -> Iterator[TestInvoice]:
    """Every chosen draft once, read when its turn comes near.

    By growing id: one that is refused is still a draft, and must not come round a second time.
    """
    rows, last = chosen.select_related("tenant").order_by("pk"), 0
    while chunk := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield from chunk
        last = chunk[-1].pk


def _line(invoice: TestInvoice, says: str, style: str = "") -> Text:
    # Text, since a number may hold what rich would read as markup.
    return Text.assemble(f"{invoice.pk} {invoice.invoice_number}  ", (says, style))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date such as 2026-03-31") from None


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)
