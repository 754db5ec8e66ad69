from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.text import Text

from config.management.options import add_tenant, counted, in_zone, moment, positive, tenant_of
from config.problems import Problem
from config.tenancy.models import Tenant
from integrations.models import IMSInvoice, IMSPolicy
from integrations.services.invoices import LOOKED_FOR, retrieve_one


class Command(BaseCommand):
    """Ask IMS for every invoice of bound policies that is missing, one after another.

    Exit code 0 where all have one now, 1 where some have none yet or IMS could not be asked, 2 for
    wrong usage.
    """

    help = "Retrieve the invoice numbers that are missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_tenant(parser)
        parser.add_argument("--since", type=moment, metavar="TIME", help="bound then or later")
        parser.add_argument("--policies", nargs="+", metavar="NUMBER", help="only these")
        parser.add_argument("--limit", type=positive, metavar="N", help="at most so many")
        parser.add_argument("--dry-run", action="store_true", help="only say which")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.ending = ""
        console = Console(file=cast(TextIO, self.stdout), highlight=False, soft_wrap=True)
        ids = list(_chosen(tenant_of(options), options).values_list("pk", flat=True))
        ids = ids[: options["limit"]] if options["limit"] else ids
        if options["dry_run"]:
            for row in _each(ids):
                console.print(Text(f"{row.policy_id} {row.policy}"))
            console.print(f"{counted(len(ids), 'invoice')} would be asked for.")
            return
        missing = _retrieve(ids, console)
        if missing:
            raise CommandError(f"{missing} of {len(ids)} have no invoice yet.")
        told = f"{counted(len(ids), 'invoice')} retrieved." if ids else "None is missing."
        console.print(told)


def _retrieve(ids: list[int], console: Console) -> int:
    """Ask, print a line each; how many have none yet."""
    missing = 0
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("invoices", total=len(ids))
        for row in _each(ids):
            try:
                invoice = retrieve_one(row)
                said = invoice.invoice_number if invoice else None
            except Problem as refused:
                said, why = None, refused.message
            else:
                why = "IMS has none yet."
            missing += said is None
            line = Text.assemble(
                f"{row.policy_id} {row.policy}  ", (said or why, "green" if said else "red")
            )
            progress.console.print(line)
            progress.advance(task)
    return missing


def _chosen(tenant: Tenant | None, options: dict[str, Any]) -> QuerySet[IMSInvoice]:
    rows = IMSInvoice.objects.filter(status__in=LOOKED_FOR, policy__in=IMSPolicy.objects.bound())
    rows = rows.order_by("policy_id", "pk")
    rows = rows if tenant is None else rows.filter(tenant=tenant)
    if options["policies"]:
        numbers = set(options["policies"])
        rows = rows.filter(policy__policy_number__in=numbers)
        known = IMSPolicy.objects.filter(policy_number__in=numbers)
        known = known if tenant is None else known.filter(tenant=tenant)
        if unknown := sorted(numbers - set(known.values_list("policy_number", flat=True))):
            raise CommandError(f"There is no policy {', '.join(unknown)}.", returncode=2)
    if options["since"]:
        rows = rows.filter(policy__bound_at__gte=in_zone(options["since"], tenant))
    return rows


def _each(ids: list[int]) -> Iterator[IMSInvoice]:
    rows = IMSInvoice.objects.select_related("policy__source__environment", "transaction")
    yield from (rows.get(pk=pk) for pk in ids)
