import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.options import actor, counted, tenant_of
from config.problems import Problem
from config.tenancy.models import Tenant
from invoicing import selectors
from invoicing.models import FindingState, ReconciliationFinding, ReconciliationRun, Trigger
from invoicing.reconciliation.export import ExportRefused, read_mapping
from invoicing.services.asking import reconcile_by_resending
from invoicing.services.reconciling import (
    invalid_export,
    reconcile_with_export,
    reconcile_with_list,
)
from invoicing.services.sending import By
from invoicing.timing import PLAUSIBLE_DAYS

CHUNK = 500


class Command(BaseCommand):
    """Compare with the authority; print each finding with what it means and what to do next.

    Exit code 0 where both sides agree, 1 where a finding is open or something was not asked, 2 for
    wrong usage, an unreadable file or a list that is not there.
    """

    help = "Compare what Daftar believes with what the authority holds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--tenant", type=int, metavar="ID", required=True)
        parser.add_argument("--unit", metavar="NAME", help="documents of this EGS unit only")
        parser.add_argument("--from", dest="first", type=_day, metavar="DAY", help="issued then on")
        parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="issued until then")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--list", action="store_true", help="with the stand-in's list")
        source.add_argument("--resend", action="store_true", help="by resending what is unknown")
        source.add_argument("--export", type=Path, metavar="FILE", help="with a portal export")
        parser.add_argument(
            "--column",
            action="append",
            default=[],
            metavar="FIELD=HEADER",
            help="which header of the export holds which field; repeatable",
        )
        parser.add_argument(
            "--confirm-old",
            action="store_true",
            help="resend what is older than the authority's memory of 24 hours, too",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = tenant_of(options)
        assert tenant is not None
        try:
            run = _run(tenant, options)
        except Problem as refusal:
            lines = [f"{error.param}: {error.message}" for error in refusal.errors]
            raise CommandError("\n".join(lines) or refusal.message, returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(run), ensure_ascii=False))
        else:
            self._tell(run)
        if run.open_count or run.left_out:
            raise CommandError(f"{counted(run.open_count, 'finding')} open.")

    def _tell(self, run: ReconciliationRun) -> None:
        for row in run.summary:
            kind = " ".join(filter(None, (row["status"], row["document_type"], row["form"])))
            self.stdout.write(
                f"{kind}: ours {_figures(row, 'ours')}, theirs {_figures(row, 'theirs')}"
            )
        for finding in run.findings.iterator(CHUNK):
            self.stdout.write(_line(finding))
        if not run.findings.exists():
            self.stdout.write(f"{run}: {counted(run.ours_count, 'document')}, both sides agree.")


def _run(tenant: Tenant, options: dict[str, Any]) -> ReconciliationRun:
    first, last = options["first"], options["last"]
    if first and last and first > last:
        raise CommandError("--to lies before --from.", returncode=2)
    about: dict[str, Any] = {
        "tenant": tenant,
        "by": By(Trigger.COMMAND, actor()),
        "unit": selectors.find_unit(tenant, options["unit"]),
        "first": first,
        "last": last,
    }
    if options["list"]:
        return reconcile_with_list(**about)
    if options["resend"]:
        return reconcile_by_resending(**about, confirm_old=options["confirm_old"])
    return _with_export(options["export"], options["column"], about)


def _with_export(path: Path, columns: list[str], about: dict[str, Any]) -> ReconciliationRun:
    try:
        mapping = read_mapping(columns)
        with path.open("rb") as file:
            return reconcile_with_export(**about, file=file, name=path.name, columns=mapping)
    except ExportRefused as refused:
        raise invalid_export(refused) from None
    except OSError as error:
        raise CommandError(f"{path}: {error.strerror}.", returncode=2) from None


def _figures(row: dict[str, Any], side: str) -> str:
    said = row[side]
    return f"{said['count']} / {said['total']} / VAT {said['vat']}"


def _line(finding: ReconciliationFinding) -> str:
    words = finding.sentences
    about = finding.number or f"ICV {finding.icv} to {finding.last_icv}"
    sides = f"ours {finding.ours or 'none'}, theirs {finding.theirs or 'none'}"
    told = f"{finding.kind}  {about}  ({sides})  {words.meaning}"
    if finding.state == FindingState.EXPLAINED:
        return f"{told} {finding.reason}"
    return f"{told} {words.next_action}"


def _as_json(run: ReconciliationRun) -> dict[str, Any]:
    return {
        "id": run.pk,
        "source": run.source,
        "date_from": run.first_day and run.first_day.isoformat(),
        "date_to": run.last_day and run.last_day.isoformat(),
        "open_count": run.open_count,
        "left_out": run.left_out,
        "summary": run.summary,
        "findings": [_finding_json(finding) for finding in run.findings.iterator(CHUNK)],
    }


def _finding_json(finding: ReconciliationFinding) -> dict[str, Any]:
    differences = {"total": finding.total_difference, "vat": finding.vat_difference}
    names = ("kind", "number", "uuid", "invoice_id", "ours", "theirs", "csid", "icv", "last_icv")
    return {
        **{name: getattr(finding, name) for name in (*names, "line", "state", "reason")},
        "difference": {
            name: None if value is None else str(value) for name, value in differences.items()
        },
        "meaning": finding.sentences.meaning,
        "meaning_ar": finding.sentences.meaning_ar,
        "next_action": finding.sentences.next_action,
        "next_action_ar": finding.sentences.next_action_ar,
    }


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no ISO date") from None
    if not PLAUSIBLE_DAYS[0] <= day <= PLAUSIBLE_DAYS[1]:
        raise ArgumentTypeError(f"{text!r} lies outside of {PLAUSIBLE_DAYS[0]:%Y} to 2100")
    return day
