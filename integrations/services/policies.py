"""Which policy a transaction is about: by opportunity, else by number."""

from typing import Any

from django.db.models import F

from integrations.models import IMSPolicy, Source
from integrations.triton import Transaction


def known(source: Source, said: Transaction) -> IMSPolicy | None:
    """The policy, where there is one; of several with its number, those that have an opportunity
    come first, and of these the one that was bound last."""
    rows = IMSPolicy.objects.filter(source=source)
    if said.opportunity_id is not None:
        return rows.filter(opportunity_id=said.opportunity_id).first()
    rows = rows.filter(policy_number=said.policy_number or "")
    # PostgreSQL would put those that are not bound before all others.
    last_bound = F("bound_at").desc(nulls_last=True)
    named = rows.exclude(opportunity_id=None).order_by(last_bound, "-pk").first()
    return named or rows.filter(opportunity_id=None).first()


def locked(source: Source, said: Transaction) -> IMSPolicy:
    """The policy's row, found or made; joins the caller's transaction, which holds its lock."""
    policy = known(source, said) or _made(source, said)
    return IMSPolicy.objects.select_for_update().get(pk=policy.pk)


def _made(source: Source, said: Transaction) -> IMSPolicy:
    number = said.policy_number or ""
    key: dict[str, Any] = {"opportunity_id": said.opportunity_id}
    if said.opportunity_id is None:
        key["policy_number"] = number
    defaults = {
        "tenant": source.tenant,
        "policy_number": number,
        "insured_name": said.insured_name or "",
        "effective_date": said.effective_date,
        "expiration_date": said.expiration_date,
    }
    policy, _ = IMSPolicy.objects.get_or_create(source=source, **key, defaults=defaults)
    return policy
