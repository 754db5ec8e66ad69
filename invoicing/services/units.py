"""Stop and start a unit's sending."""

from django.db import transaction
from django.utils import timezone

from config.attention.services import raise_attention, resolve_attention
from config.work import wake
from invoicing.models import Chain, ChainState, EGSUnit, FailureClass, Revision


def credential_chain(revision: Revision) -> Chain | None:
    """The CSID that a sealed revision is sent with now.

    Its own; once the authority has refused that one and the unit has a newer, the newer one: the
    bytes stay as they are, only who hands them in changes (zatca.md §8, 401).
    """
    own = revision.chain
    if own is None or own.state == ChainState.ACTIVE:
        return own
    return own.unit.active_chain() if _refusals(revision) else own


def refused_as_retired(revision: Revision) -> bool:
    """Whether only the retired CSID of this document was refused: that says nothing of the unit's
    present one, with which it is sent next.
    """
    chain = revision.chain
    return chain is not None and chain.state != ChainState.ACTIVE and _refusals(revision) == 1


def _refusals(revision: Revision) -> int:
    return revision.attempts.filter(failure_class=FailureClass.CREDENTIAL).count()


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
