"""What is written on our side in the commit of a bind, and of a bind taken back."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from integrations.ims import ZERO_GUID
from integrations.models import IMSInvoice, IMSPolicy, InvoiceStatus, Kind, TritonTransaction
from integrations.saga.parts import Context
from integrations.triton import Transaction

# TransactionTypeID of IMS.
LETTERS = {Kind.ENDORSEMENT: "E", Kind.CANCELLATION: "C", Kind.REINSTATEMENT: "R"}
KINDS = {letter: kind for kind, letter in LETTERS.items()}


def keep_bind(context: Context, number: str) -> None:
    """Policy and invoice row of a quote that is bound; the invoice is still to be looked for."""
    row, now = context.transaction, timezone.now()
    policy = IMSPolicy.objects.filter(pk=context.policy.pk)
    policy.update(latest_quote_guid=row.quote_guid, updated_at=now)
    if row.kind == Kind.BIND:
        policy.update(
            quote_guid=row.quote_guid,
            effective_date=context.said.effective_date,
            expiration_date=context.said.expiration_date,
            cancelled_at=None,
        )
        _number(context, number)
    elif row.kind == Kind.CANCELLATION:
        policy.update(cancelled_at=now)
    elif row.kind == Kind.REINSTATEMENT:
        policy.update(cancelled_at=None)
    expected = expects_invoice(context.said)
    IMSInvoice.objects.get_or_create(
        transaction=row,
        defaults={
            "tenant_id": row.tenant_id,
            "policy": context.policy,
            "quote_guid": row.quote_guid or ZERO_GUID,
            "status": InvoiceStatus.PENDING if expected else InvoiceStatus.NOT_EXPECTED,
        },
    )


def _number(context: Context, number: str) -> None:
    """IMS's policy number, unless another policy of the source is bound under it already."""
    policy, now = IMSPolicy.objects.filter(pk=context.policy.pk), timezone.now()
    try:
        with transaction.atomic():
            policy.update(policy_number=number, bound_at=now)
    except IntegrityError:
        # Bound it is; which of the two has the right to the number is for people to say.
        policy.update(bound_at=now, policy_number="")


def expects_invoice(said: Transaction) -> bool:
    """Whether IMS bills anything: a change of nothing has no invoice."""
    fee = said.policy_fee or Decimal(0)
    if said.transaction_type == Kind.ENDORSEMENT:
        return bool(said.midterm_endt_premium)
    if said.transaction_type == Kind.CANCELLATION:
        return bool(said.policy_cancellation_premium or fee)
    if said.transaction_type == Kind.BIND:
        # In the retail segment IMS adds fees of its own.
        return bool(said.gross_premium or fee) or said.market_segment_code == "RT"
    return True


def keep_unbind(context: Context) -> None:
    """The bind is taken back: its invoices are void, and the opportunity may be bound again."""
    quote, now = context.transaction.quote_guid or ZERO_GUID, timezone.now()
    IMSInvoice.objects.filter(policy=context.policy, quote_guid=quote).update(
        status=InvoiceStatus.VOID, next_look_at=None
    )
    if quote != context.policy.quote_guid:
        _take_change_back(context, quote)
        return
    IMSPolicy.objects.filter(pk=context.policy.pk).update(
        bound_at=None,
        issued_at=None,
        invoice_number=None,
        invoice_retrieved_at=None,
        ims_invoice_num=None,
        office_invoice_num=None,
        updated_at=now,
    )
    TritonTransaction.objects.filter(policy=context.policy, kind=Kind.BIND).update(duplicate_key="")


def _take_change_back(context: Context, quote: UUID) -> None:
    """An endorsement or the like: what was before it is the latest again, whatever IMS calls it."""
    policy, rows = context.policy, context.policy.transactions.exclude(bound_at=None)
    ours = rows.filter(quote_guid=quote).order_by("-id").first()
    before = ours.base_quote_guid if ours is not None else None
    changes: dict[str, Any] = {"latest_quote_guid": before or policy.quote_guid}
    kind = ours.kind if ours is not None else _kind_found(context)
    if kind == Kind.CANCELLATION:
        changes["cancelled_at"] = None
    elif kind == Kind.REINSTATEMENT:
        cancelled = rows.filter(kind=Kind.CANCELLATION, quote_guid=before).order_by("-id").first()
        changes["cancelled_at"] = cancelled.bound_at if cancelled is not None else timezone.now()
    IMSPolicy.objects.filter(pk=policy.pk).update(updated_at=timezone.now(), **changes)


def _kind_found(context: Context) -> str | None:
    """What IMS called the quote when it was looked for: one that somebody else had made."""
    found = context.transaction.steps.filter(step="find", outcome="ok").order_by("-id").first()
    return KINDS.get(found.result.get("kind") or "") if found is not None else None
