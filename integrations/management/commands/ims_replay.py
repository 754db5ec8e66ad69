from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn
from rich.text import Text

from config.management.options import actor, add_tenant, counted, in_zone, moment, tenant_of
from config.problems import Problem
from config.tenancy.models import Tenant
from integrations.models import Kind, Status, TritonTransaction
from integrations.services.repairing import retry
from integrations.services.running import run

CHUNK = 100


class Command(BaseCommand):
    """Retry transactions that wait for a person, one after another, the earlier before the later.

    Exit code 0 where all came through or none was found, 1 where some did not, 2 for wrong usage.
    With --queue they are only made due, and the worker runs them.
    """

    help = "Retry failed transactions: a group, a type, some ids, or all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_tenant(parser)
        parser.add_argument(
            "--failed", action="store_true", help="all that failed or need somebody"
        )
        parser.add_argument(
            "--group", metavar="KEY", help="one error group, as ims_replay lists it"
        )
        parser.add_argument("--type", choices=Kind.values, help="of this type")
        parser.add_argument("--since", type=moment, metavar="TIME", help="received then or later")
        parser.add_argument("--ids", nargs="+", metavar="ID", help="by their transaction_id")
        parser.add_argument(
            "--dry-run", action="store_true", help="only say which, and their groups"
        )
        parser.add_argument("--queue", action="store_true", help="leave the running to the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = _chosen(tenant_of(options), options)
        # A console of its own would write past the stream that the caller gave.
        self.stdout.ending = ""
        console = Console(file=cast(TextIO, self.stdout), highlight=False, soft_wrap=True)
        total = chosen.count()
        if options["dry_run"]:
            for row in _one_by_one(chosen):
                group = f"[{row.group_key}] " if row.group_key else ""
                console.print(_line(row, f"{row.status} {row.reason_code}: {group}{row.error}"))
            console.print(f"{counted(total, 'transaction')} would be retried.")
            return
        do = _queue if options["queue"] else _run
        failed = _each(_one_by_one(chosen), total, console, do)
        if failed:
            raise CommandError(f"{failed} of {total} did not come through.")
        if not total:
            console.print("Nothing to retry.")
        elif options["queue"]:
            console.print(f"{counted(total, 'transaction')} due; the worker runs them.")
        else:
            console.print(f"{counted(total, 'transaction')} retried, all came through.")


def _run(row: TritonTransaction) -> tuple[bool, str]:
    """Whether it came through, and what there is to say."""
    done = run(retry(row, actor=actor()))
    said = done.status if done.status == Status.COMPLETED else f"{done.status} {done.error}"
    return done.status == Status.COMPLETED, said


def _queue(row: TritonTransaction) -> tuple[bool, str]:
    return True, retry(row, actor=actor()).status


def _each(
    rows: Iterator[TritonTransaction],
    total: int,
    console: Console,
    do: Callable[[TritonTransaction], tuple[bool, str]],
) -> int:
    """Do each, print a line each; how many did not come through."""
    failed = 0
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("replay", total=total)
        for row in rows:
            try:
                came_through, said = do(row)
            except Problem as refused:
                came_through, said = False, f"refused: {refused.message}"
            failed += not came_through
            style = "green" if came_through else "red"
            progress.console.print(_line(row, said, style))
            progress.advance(task)
    return failed


def _line(row: TritonTransaction, says: str, style: str = "") -> Text:
    # Text, since an id may hold what rich would read as markup.
    return Text.assemble(f"{row.transaction_id} {row.kind}  ", (says.strip(), style))


def _chosen(tenant: Tenant | None, options: dict[str, Any]) -> QuerySet[TritonTransaction]:
    names = ("failed", "group", "type", "since", "ids")
    if not any(options[name] for name in names):
        words = ", ".join(f"--{name}" for name in names)
        raise CommandError(f"Say which: {words}.", returncode=2)
    rows = TritonTransaction.objects.all()
    rows = rows if tenant is None else rows.for_tenant(tenant)
    # Those named are tried whatever they are: the service says why one may not be retried.
    ids = options["ids"]
    rows = rows.filter(transaction_id__in=ids) if ids else rows.retryable()
    if ids:
        _require_all(ids, rows)
    if options["group"]:
        rows = rows.filter(group_key=options["group"])
    if options["type"]:
        rows = rows.filter(kind=options["type"])
    if options["since"]:
        rows = rows.filter(created_at__gte=in_zone(options["since"], tenant))
    return rows


def _require_all(ids: list[str], rows: QuerySet[TritonTransaction]) -> None:
    unknown = sorted(set(ids) - set(rows.values_list("transaction_id", flat=True)))
    if unknown:
        raise CommandError(f"There is no transaction {', '.join(unknown)}.", returncode=2)


def _one_by_one(chosen: QuerySet[TritonTransaction]) -> Iterator[TritonTransaction]:
    """Every chosen one once, in the order of their dates: an issue comes after its bind.

    The ids are read first, since one that fails again is still chosen.
    """
    ids = list(chosen.order_by("transaction_date", "id").values_list("pk", flat=True))
    rows = TritonTransaction.objects.select_related("source__environment", "policy", "tenant")
    for start in range(0, len(ids), CHUNK):
        chunk = rows.in_bulk(ids[start : start + CHUNK])
        yield from (chunk[pk] for pk in ids[start : start + CHUNK])
