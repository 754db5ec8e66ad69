"""Stop and start a unit's sending."""

from django.db import transaction
from django.utils import timezone

from config.attention.services import raise_attention, resolve_attention
from config.work import wake
from invoicing.models import EGSUnit


def pause_unit(unit: EGSUnit, reason: str) -> None:
    """Stop automatic sending for a unit whose credentials are refused; joins the transaction."""
    EGSUnit.objects.filter(pk=unit.pk, paused_at=None).update(
        paused_at=timezone.now(), paused_reason=reason
    )
    raise_attention(
        tenant_id=unit.tenant_id,
        kind="credential_rejected",
        subject=f"unit:{unit.pk}",
        reason=f"EGS unit {unit.name}: {reason}",
        next_action="Check or renew the unit's CSID, then resume the unit.",
    )


def resume_unit(unit: EGSUnit, *, by: str) -> None:
    """Let a paused unit send again; its waiting documents are due at once. Commits once."""
    with transaction.atomic():
        EGSUnit.objects.filter(pk=unit.pk).update(paused_at=None, paused_reason="")
        resolve_attention(
            tenant_id=unit.tenant_id, kind="credential_rejected", subject=f"unit:{unit.pk}", by=by
        )
        wake("send_due")
