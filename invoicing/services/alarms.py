"""What time alone makes urgent."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from config.attention.services import raise_attention, resolve_attention
from invoicing import timing
from invoicing.models import Chain, ChainState, Invoice, InvoiceStatus, Phase

CERTIFICATE_DAYS = (30, 14, 7, 1)


def raise_deadline_alarms() -> int:
    """Alarm for simplified documents 12, 20 and 23 hours old that are not reported; how many.

    The law gives 24 hours from the issue (BR-KSA-98). One commit per alarm.
    """
    now = timezone.now()
    late = Invoice.objects.filter(
        phase=Phase.PHASE_2,
        is_simplified=True,
        issued_at__lte=now - timing.DEADLINE_ALARMS[0],
    ).filter(
        Q(status__in=(InvoiceStatus.CREATED, InvoiceStatus.PROCESSING, InvoiceStatus.FAILED))
        # A corrected document that waits to be sent; the refused one is owed nothing more.
        | Q(status=InvoiceStatus.REJECTED, next_attempt_at__isnull=False)
    )
    raised = 0
    for invoice in late.only("tenant_id", "invoice_number", "issued_at").iterator():
        raised += 1
        age = now - invoice.issued_at
        passed = [limit for limit in timing.DEADLINE_ALARMS if age >= limit]
        *milder, hours = (round(limit.total_seconds() / 3600) for limit in passed)
        _raise_instead_of(
            [f"unreported_{before}h" for before in milder],
            tenant_id=invoice.tenant_id,
            kind=f"unreported_{hours}h",
            subject=invoice.subject,
            reason=f"{invoice.invoice_number} was issued more than {hours} hours ago and is not "
            "reported; the law allows 24.",
            next_action="See why it is not reported and retry it now.",
        )
    return raised


def raise_certificate_alarms() -> int:
    """Alarm 30, 14, 7 and 1 days before a certificate in use expires; how many. One commit each.

    The alarm is answered by a renewal or by onboarding again (services.csids).
    """
    now = timezone.now()
    soon = Chain.objects.filter(state=ChainState.ACTIVE, unit__is_active=True)
    raised = 0
    for chain in soon.select_related("unit"):
        assert chain.expires_at is not None
        left = (chain.expires_at - now).total_seconds() / 86_400
        passed = [days for days in CERTIFICATE_DAYS if left <= days]
        if not passed:
            continue
        raised += 1
        days, when = min(passed), f"{chain.expires_at:%Y-%m-%d}"
        _raise_instead_of(
            [f"certificate_expires_{before}d" for before in passed if before > days],
            tenant_id=chain.unit.tenant_id,
            kind=f"certificate_expires_{days}d",
            subject=chain.unit.subject,
            reason=f"The certificate of EGS unit {chain.unit.name} "
            + (
                f"expires on {when}; nothing can be sealed after that."
                if left > 0
                else f"expired on {when}; nothing can be sealed with it."
            ),
            next_action="Renew the unit's CSID with a fresh OTP from the Fatoora portal.",
        )
    return raised


def _raise_instead_of(milder: list[str], *, tenant_id: int, subject: str, **alarm: str) -> None:
    """One open alarm about a thing at a time: the graver closes those before it."""
    with transaction.atomic():
        for kind in milder:
            resolve_attention(tenant_id=tenant_id, kind=kind, subject=subject, by="overtaken")
        raise_attention(tenant_id=tenant_id, subject=subject, **alarm)
