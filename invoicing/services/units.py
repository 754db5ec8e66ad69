"""Stop and start a unit's sending."""

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from config.attention.services import raise_attention, resolve_attention
from config.work import wake
from invoicing import errors
from invoicing.models import BY_CREDENTIALS, Chain, ChainState, EGSUnit, FailureClass, Revision

log = structlog.get_logger(__name__)


def credential_chain(revision: Revision) -> Chain | None:
    """The CSID that a sealed revision is sent with now; None where there is none left.

    Its own; once that one was revoked, or the authority has refused it, and the unit has a newer,
    the newer one: the bytes stay as they are, only who hands them in changes (zatca.md §8, 401).
    """
    own = revision.chain
    if own is None or own.state == ChainState.ACTIVE:
        return own
    is_gone = own.state == ChainState.REVOKED
    return own.unit.active_chain() if is_gone or _refusals(revision) else own


def refused_as_retired(revision: Revision) -> bool:
    """Whether only the retired CSID of this document was refused: that says nothing of the unit's
    present one, with which it is sent next.
    """
    chain = revision.chain
    return chain is not None and chain.state == ChainState.RETIRED and _refusals(revision) == 1


def _refusals(revision: Revision) -> int:
    return revision.attempts.filter(failure_class=FailureClass.CREDENTIAL).count()


def pause_unit(unit: EGSUnit, reason: str) -> None:
    """Stop automatic sending for a unit whose credentials are refused; joins the transaction.

    What a person stopped stays the person's.
    """
    EGSUnit.objects.filter(pk=unit.pk, paused_at=None).update(
        paused_at=timezone.now(), paused_reason=reason, paused_by=BY_CREDENTIALS
    )
    raise_attention(
        tenant_id=unit.tenant_id,
        kind="credential_rejected",
        subject=unit.subject,
        reason=f"EGS unit {unit.name}: {reason}",
        next_action="Check or renew the unit's CSID, then resume the unit.",
    )


def hold_unit(unit: EGSUnit, *, reason: str, by: str) -> None:
    """Stop a unit's sending because a person wants it so; commits once.

    It still seals, and a retry by hand still goes out. Neither that one's success nor a new CSID
    ends such a pause: only `resume_unit`.
    """
    EGSUnit.objects.filter(pk=unit.pk).update(
        paused_at=timezone.now(), paused_reason=reason, paused_by=by
    )
    log.warning("unit_paused", tenant=unit.tenant_id, unit=unit.pk, by=by, reason=reason)


def resume_unit(unit: EGSUnit, *, by: str) -> None:
    """Let a paused unit send again, whoever paused it; what waits is due at once. Commits once.

    Raises UnitNotOnboarded where it has no CSID to send with.
    """
    if unit.active_chain() is None:
        raise errors.UnitNotOnboarded(unit.name)
    with transaction.atomic():
        _resume(EGSUnit.objects.filter(pk=unit.pk), unit, by)
    log.info("unit_resumed", tenant=unit.tenant_id, unit=unit.pk, by=by)


def trust_again(unit: EGSUnit, *, by: str) -> None:
    """End a pause for refused credentials, and no other; joins the transaction."""
    _resume(EGSUnit.objects.filter(pk=unit.pk, paused_by=BY_CREDENTIALS), unit, by)


def _resume(paused: QuerySet[EGSUnit], unit: EGSUnit, by: str) -> None:
    paused.update(paused_at=None, paused_reason="", paused_by="")
    resolve_attention(
        tenant_id=unit.tenant_id, kind="credential_rejected", subject=unit.subject, by=by
    )
    wake("send_due")
