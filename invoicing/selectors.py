"""Reads of invoicing that span models."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet

from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.models import (
    Attempt,
    Breaker,
    EGSUnit,
    Invoice,
    InvoiceLog,
    InvoiceStatus,
    Phase,
    ReconciliationFinding,
    ReconciliationRun,
    Revision,
    ZatcaStatus,
)
from invoicing.reconciliation import listing
from invoicing.zatca.reading import embedded_qr

UNSETTLED = (InvoiceStatus.FAILED, InvoiceStatus.CREATED)
# Older SQLite takes no more than 999 parameters.
IDS_AT_ONCE = 900


def get_invoice(tenant: Tenant, pk: int) -> Invoice:
    """One invoice of the tenant; InvoiceNotFound for absent and foreign ones alike."""
    found = (
        Invoice.objects.for_tenant(tenant).select_related("unit", "tenant").filter(pk=pk).first()
    )
    if found is None:
        raise errors.InvoiceNotFound
    return found


def find_invoice(tenant: Tenant, number: str) -> Invoice:
    """One invoice of the tenant by its number."""
    found = (
        Invoice.objects.for_tenant(tenant)
        .select_related("unit", "tenant")
        .filter(invoice_number=number)
        .first()
    )
    if found is None:
        raise errors.InvoiceNotFound
    return found


def find_unit(tenant: Tenant, name: str | None) -> EGSUnit | None:
    """The tenant's unit of that name, None for no name; UnitRequired for one that is not there."""
    if not name:
        return None
    unit = EGSUnit.objects.for_tenant(tenant).filter(name=name).first()
    if unit is None:
        raise errors.UnitRequired(
            f"There is no EGS unit {name}.",
            message_ar=f"لا توجد وحدة فوترة بالاسم {name}.",
            param="unit",
        )
    return unit


def get_reconciliation(tenant: Tenant, pk: int) -> ReconciliationRun:
    """One run of the tenant with its `open_count`; ReconciliationNotFound for foreign ones, too."""
    rows = ReconciliationRun.objects.for_tenant(tenant).with_open_count()
    run = rows.select_related("unit").filter(pk=pk).first()
    if run is None:
        raise errors.ReconciliationNotFound
    return run


def get_finding(tenant: Tenant, pk: int) -> ReconciliationFinding:
    """One finding of the tenant's runs; FindingNotFound for absent and foreign ones alike."""
    rows = ReconciliationFinding.objects.select_related("run", "invoice")
    finding = rows.filter(run__tenant=tenant, pk=pk).first()
    if finding is None:
        raise errors.FindingNotFound
    return finding


def has_list(tenant: Tenant) -> bool:
    """Whether this tenant's authority is a stand-in, which lists what it holds; nobody is asked."""
    return listing.has_list(tenant.environment, settings.ZATCA_URLS[tenant.environment])


def own_ids(tenant: Tenant, ids: Sequence[int]) -> set[int]:
    """Those of `ids` that are invoices of the tenant."""
    found: set[int] = set()
    for start in range(0, len(ids), IDS_AT_ONCE):
        rows = Invoice.objects.for_tenant(tenant).filter(pk__in=ids[start : start + IDS_AT_ONCE])
        found.update(rows.values_list("pk", flat=True))
    return found


def printable_qr(invoice: Invoice, revision: Revision) -> str | None:
    """The QR code that may be given to the buyer now, as base64 text, or None.

    A simplified or Phase 1 document carries its own. A standard document may be given out only when
    it is cleared, with the authority's QR code, or when it went to reporting after 303; and never
    where what came back is another document than what was sent.
    """
    if invoice.phase == Phase.PHASE_1 or invoice.is_simplified:
        return revision.qr or None
    if invoice.status != InvoiceStatus.CLEARED or not revision.may_be_given_out:
        return None
    if revision.cleared_xml is not None:
        return embedded_qr(bytes(revision.cleared_xml))
    return revision.qr or None


def printable_xml(invoice: Invoice, revision: Revision) -> bytes | None:
    """The document as it counts: the authority's cleared version, otherwise our sealed bytes.

    None where the authority's version is another document than what was sent.
    """
    if not revision.may_be_given_out:
        return None
    xml = revision.cleared_xml or revision.xml
    return None if xml is None else bytes(xml)


def without_a_verdict(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Those that were sent, or may have been, and of which nobody knows what became."""
    return invoices.filter(
        status__in=UNSETTLED, zatca_status=ZatcaStatus.UNKNOWN, uuid__isnull=False
    )


def never_sent(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Those that nobody has tried to send."""
    return invoices.filter(status__in=UNSETTLED, attempt_no=0)


def environments_at(*addresses: str) -> list[str]:
    """The environments whose authority is at one of these addresses."""
    return [name for name, url in settings.ZATCA_URLS.items() if url in addresses]


def breakers_open(environment: str) -> QuerySet[Breaker]:
    """The breaker of the environment's authority, where that does not answer."""
    address = settings.ZATCA_URLS[environment]
    return Breaker.objects.filter(address=address, opened_at__isnull=False)


def held_environments(now: datetime) -> list[str]:
    """To which nothing is sent unasked now: not answering, its next probe not due or on its way."""
    away = Breaker.objects.filter(opened_at__isnull=False)
    held = away.filter(Q(open_until__gt=now) | Q(probe_until__gt=now))
    return environments_at(*held.values_list("address", flat=True))


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a sealed document is not sent now: an error code, and until when if that is known."""

    code: str
    until: datetime | None = None


def hold_on(invoice: Invoice) -> Hold | None:
    """What keeps the invoice from being sent of its own accord; a retry by hand always goes out."""
    unit = invoice.unit
    if unit is None:
        return None
    if unit.paused_at is not None:
        return Hold("unit_paused" if unit.is_held_by_a_person else "credential_rejected")
    breaker = breakers_open(invoice.environment).first()
    return Hold("zatca_unavailable", breaker.open_until) if breaker else None


def may_be_given_out(invoice: Invoice, revision: Revision) -> bool:
    """Whether the buyer may have the document itself, on paper or as a file.

    Where its QR code may be given out (`printable_qr`), and the authority has not refused it.
    """
    if invoice.status == InvoiceStatus.REJECTED:
        return False
    return printable_qr(invoice, revision) is not None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an invoice's story."""

    at: datetime
    kind: str
    title: str
    details: dict[str, Any]


def timeline(invoice: Invoice) -> list[Event]:
    """Everything that happened to the invoice, oldest first: revisions, attempts and log rows."""
    events = [
        *_revision_events(invoice.revisions.defer("payload", "xml", "cleared_xml")),
        *_attempt_events(
            invoice.attempts.select_related("revision").defer(
                "response", "revision__payload", "revision__xml", "revision__cleared_xml"
            )
        ),
        *_log_events(invoice.logs.all()),
    ]
    # Of equal instants, in the order in which the protocol writes them.
    order = {"accepted": 0, "revised": 0, "sealed": 1, "retry": 2, "claimed": 3, "answered": 4}
    return sorted(events, key=lambda event: (event.at, order.get(event.kind, 5)))


def _revision_events(revisions: Any) -> Iterator[Event]:
    for revision in revisions:
        kind = "accepted" if revision.number == 1 else "revised"
        yield Event(
            revision.created_at,
            kind,
            f"Revision {revision.number} {kind}",
            {"revision": revision.number, "actor": revision.actor, "reason": revision.reason},
        )
        if revision.sealed_at:
            yield Event(
                revision.sealed_at,
                "sealed",
                f"Sealed as document {revision.icv} of the chain",
                {
                    "revision": revision.number,
                    "uuid": str(revision.uuid),
                    "icv": revision.icv,
                    "pih": revision.pih,
                    "hash": revision.hash,
                },
            )


def _attempt_events(attempts: Any) -> Iterator[Event]:
    for attempt in attempts:
        about = {"attempt": attempt.number, "revision": attempt.revision.number}
        yield Event(
            attempt.started_at,
            "claimed",
            f"Attempt {attempt.number}: {attempt.channel.lower()}",
            {**about, "trigger": attempt.trigger, "actor": attempt.actor},
        )
        if attempt.abandoned_at:
            yield Event(
                attempt.abandoned_at, "abandoned", f"Attempt {attempt.number} abandoned", about
            )
        if attempt.ended_at:
            yield Event(
                attempt.ended_at, "answered", _answer_title(attempt), {**about, **_answer(attempt)}
            )


def _answer_title(attempt: Attempt) -> str:
    told = f"HTTP {attempt.http_status}" if attempt.http_status else attempt.event or "no call"
    return f"Attempt {attempt.number}: {told}, {attempt.outcome}"


def _answer(attempt: Attempt) -> dict[str, Any]:
    return {
        "outcome": attempt.outcome,
        "zatca_status": attempt.zatca_status or None,
        "http_status": attempt.http_status,
        "event": attempt.event or None,
        "reached": attempt.reached,
        "failure_class": attempt.failure_class or None,
        "error_code": attempt.error_code or None,
        "error_message": attempt.error_message or None,
        "duration_ms": attempt.duration_ms,
    }


def _log_events(logs: Any) -> Iterator[Event]:
    log: InvoiceLog
    for log in logs:
        is_retry = log.action is not None
        yield Event(
            log.created_at,
            "retry" if is_retry else "settled",
            f"Retry after {log.previous_status}" if is_retry else f"Log: {log.status}",
            {
                "log_id": log.pk,
                "status": log.status,
                "action": log.action,
                "previous_status": log.previous_status,
                "trigger": log.trigger,
                "actor": log.actor,
                "reason": log.reason,
                "error_message": log.error_message,
            },
        )
