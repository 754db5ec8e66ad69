"""What people are told: one task for each group of the same refusal, one for each open question."""

from config.attention.models import Attention
from config.attention.services import raise_attention, resolve_attention
from integrations.models import STUCK, IMSInvoice, Status, TritonTransaction

GROUP, QUESTION, SLOW, INVOICE, BILLED_ANEW = (
    "ims_refusals",
    "ims_reconciling",
    "ims_does_not_come_through",
    "ims_invoice_missing",
    "ims_invoice_billed_anew",
)


def tell_stuck(row: TritonTransaction) -> None:
    """A transaction waits for a person; joins the caller's transaction."""
    if row.status == Status.RECONCILING:
        raise_attention(
            tenant_id=row.tenant_id,
            kind=QUESTION,
            subject=row.subject,
            reason=f"It is not known whether IMS did step {row.stage} of {row.transaction_id}: "
            f"{row.error}",
            next_action="Look in IMS. Adopt the quote that was made, or have a new one made.",
        )
        return
    raise_attention(
        tenant_id=row.tenant_id,
        kind=GROUP,
        subject=_group(row.group_key),
        reason=f"At step {row.stage}: {row.error}",
        next_action="Mend the set-up in IMS or here (aliases, lines), or correct the payload, then "
        "replay the group.",
    )


def settle_stuck(row: TritonTransaction, *, group_key: str, by: str) -> None:
    """It waits no more; the group's task is closed with its last one. Joins the transaction."""
    resolve_attention(tenant_id=row.tenant_id, kind=QUESTION, subject=row.subject, by=by)
    resolve_attention(tenant_id=row.tenant_id, kind=SLOW, subject=row.subject, by=by)
    if not group_key:
        return
    others = TritonTransaction.objects.filter(
        tenant_id=row.tenant_id, group_key=group_key, status__in=STUCK
    )
    if not others.exclude(pk=row.pk).exists():
        resolve_attention(tenant_id=row.tenant_id, kind=GROUP, subject=_group(group_key), by=by)


def tell_slow(row: TritonTransaction) -> None:
    """It was tried many times and does not come through; joins the caller's transaction."""
    raise_attention(
        tenant_id=row.tenant_id,
        kind=SLOW,
        subject=row.subject,
        reason=f"Tried {row.retries} times; last at step {row.stage}: {row.error}",
        next_action="See whether IMS answers; it is tried again by itself.",
    )


def tell_billed_anew(invoice: IMSInvoice) -> None:
    """IMS has another invoice of the same quote than the one that was told; said once. Commits."""
    policy = invoice.policy
    about = {"tenant_id": policy.tenant_id, "kind": BILLED_ANEW, "subject": policy.subject}
    reason = (
        f"IMS has billed policy {policy} anew, as invoice {invoice.billed_anew}; "
        f"{invoice.ims_invoice_num} was told."
    )
    # Whoever asks for the invoice finds it out again; a person has closed it knowingly.
    if not Attention.objects.filter(**about, reason=reason).exists():
        raise_attention(
            tenant_id=policy.tenant_id,
            kind=BILLED_ANEW,
            subject=policy.subject,
            reason=reason,
            next_action="See in IMS which one holds, and tell whoever was told the other: what is "
            "stored here stays as it is.",
        )


def _group(key: str) -> str:
    return f"ims_group:{key}"
