"""Write a reconciliation down: its run, its findings, the alarm, and how a finding is explained."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from config.attention.models import Attention
from config.attention.services import raise_attention, resolve_subject
from invoicing import errors
from invoicing.models import (
    EGSUnit,
    FindingState,
    ReconciliationFinding,
    ReconciliationRun,
    Source,
)
from invoicing.reconciliation.records import Finding
from invoicing.reconciliation.shelf import CHUNK
from invoicing.reconciliation.tally import Tally, side_by_side
from invoicing.services.believing import Extent
from invoicing.services.logbook import current_request_id
from invoicing.services.sending import By

KIND = "reconciliation_findings"
LONGEST = {"number": 127, "uuid": 100, "our_hash": 100, "their_hash": 100, "csid": 64}


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded export: its name, its digest, and which header was read as which field."""

    name: str
    sha256: str
    columns: dict[str, str] = field(default_factory=dict)


def open_run(
    source: Source, extent: Extent, by: By, *, file: File | None = None
) -> ReconciliationRun:
    """Write down that a comparison is under way; commits once."""
    return ReconciliationRun.objects.create(
        tenant=extent.tenant,
        unit=extent.unit,
        source=source,
        first_day=extent.first,
        last_day=extent.last,
        trigger=by.trigger,
        actor=by.actor,
        request_id=current_request_id() or "",
        file_name=file.name[:200] if file else "",
        file_sha256=file.sha256 if file else "",
        columns=file.columns if file else {},
        started_at=extent.as_of,
    )


def keep(run: ReconciliationRun, found: Iterable[Finding]) -> None:
    """Write findings down as they come; one short transaction per chunk."""
    source = iter(found)
    while chunk := [_row(run, finding) for finding in islice(source, CHUNK)]:
        with transaction.atomic():
            ReconciliationFinding.objects.bulk_create(chunk)


def keep_settled(run: ReconciliationRun, finding: Finding, *, by: By, reason: str) -> None:
    """Write down a difference that this run has settled itself; commits once."""
    row = _row(run, finding)
    row.state, row.reason = FindingState.EXPLAINED, reason
    row.explained_by, row.explained_at = by.actor, timezone.now()
    row.save(force_insert=True)


def _row(run: ReconciliationRun, finding: Finding) -> ReconciliationFinding:
    columns: dict[str, Any] = asdict(finding)
    for name, most in LONGEST.items():
        columns[name] = columns[name][:most]
    return ReconciliationFinding(run=run, **columns)


def finish(
    run: ReconciliationRun, *, ours: Tally, theirs: Tally, left_out: int = 0
) -> ReconciliationRun:
    """Close a run with its figures, and raise or resolve the tenant's alarm; commits once."""
    with transaction.atomic(durable=True):
        open_count = run.findings.filter(state=FindingState.OPEN).count()
        ReconciliationRun.objects.filter(pk=run.pk).update(
            finished_at=timezone.now(),
            ours_count=ours.count,
            theirs_count=theirs.count,
            finding_count=run.findings.count(),
            left_out=left_out,
            summary=side_by_side(ours, theirs),
        )
        if open_count:
            _raise(run, open_count)
        elif not left_out:
            _resolve_covered(run)
    return ReconciliationRun.objects.with_open_count().select_related("unit").get(pk=run.pk)


def _raise(run: ReconciliationRun, open_count: int) -> None:
    """One open row per tenant: the newest run with findings speaks for those before it."""
    for item in _alarms(run):
        resolve_subject(tenant_id=run.tenant_id, subject=item.subject, by=str(run))
    raise_attention(
        tenant_id=run.tenant_id,
        kind=KIND,
        subject=run.subject,
        reason=f"{run} ({Source(run.source).label}) found {open_count} "
        f"{'difference' if open_count == 1 else 'differences'} between Daftar and the authority.",
        next_action="Go through its findings; each says what to do. Explain those that are right "
        "as they are.",
    )


def _resolve_covered(run: ReconciliationRun) -> None:
    for item in _alarms(run):
        earlier = ReconciliationRun.objects.get(pk=int(item.subject.partition(":")[2]))
        if run.covers(earlier):
            resolve_subject(tenant_id=run.tenant_id, subject=item.subject, by=str(run))


def _alarms(run: ReconciliationRun) -> Iterable[Attention]:
    rows = Attention.objects.filter(tenant_id=run.tenant_id, kind=KIND).open()
    return list(rows.exclude(subject=run.subject))


def explain(finding: ReconciliationFinding, *, reason: str, by: str) -> ReconciliationFinding:
    """Say why a difference is right as it is; commits once, and for good.

    Changes nothing else: a status moves only by an answer of the authority. The last one explained
    resolves the run's alarm. Raises AlreadyExplained for whoever comes second.
    """
    with transaction.atomic(durable=True):
        is_open = ReconciliationFinding.objects.filter(pk=finding.pk, state=FindingState.OPEN)
        if not is_open.update(
            state=FindingState.EXPLAINED,
            reason=reason,
            explained_by=by,
            explained_at=timezone.now(),
        ):
            raise errors.AlreadyExplained
        run = finding.run
        if not run.findings.filter(state=FindingState.OPEN).exists():
            resolve_subject(tenant_id=run.tenant_id, subject=run.subject, by=by)
    finding.refresh_from_db()
    return finding


def units_serials(unit: EGSUnit) -> set[str]:
    """The certificates that a unit has issued documents under."""
    return set(
        unit.chains.exclude(certificate_serial="").values_list("certificate_serial", flat=True)
    )
