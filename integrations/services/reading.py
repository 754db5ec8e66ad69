"""What is read of a transaction before anything is stored: its source, its fields, its warnings."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils import timezone

from config.problems import FieldError
from config.tenancy.models import Tenant
from integrations import errors
from integrations.models import IMSPolicy, Kind, LineKind, Source
from integrations.saga.setup import with_aliases
from integrations.triton import (
    Limits,
    PayloadRefused,
    Transaction,
    preflight,
    read_transaction,
)

# The word of the plain path names no type; the payload does.
PLAIN = "new"
CHANGES = (Kind.ENDORSEMENT, Kind.CANCELLATION, Kind.REINSTATEMENT)


def source_of(tenant: Tenant, name: str) -> Source:
    """The active source of that name. Raises UnknownSource."""
    sources = Source.objects.select_related("environment", "tenant")
    source = sources.filter(tenant=tenant, name=name, is_active=True).first()
    if source is None:
        raise errors.UnknownSource(param="source")
    return source


def read(body: Mapping[str, Any], path_word: str) -> Transaction:
    """The transaction in a body. Raises PayloadInvalid with every field that is wrong."""
    try:
        return read_transaction(body, type_in_path=None if path_word == PLAIN else path_word)
    except PayloadRefused as refused:
        wrong = [FieldError(e.field, e.code, e.message) for e in refused.errors]
        raise errors.PayloadInvalid(errors=wrong) from None


def require_opportunity(said: Transaction, policy: IMSPolicy) -> None:
    """Refuse a change of a policy whose opportunity nobody has said: IMS finds it by nothing else.

    Raises PayloadInvalid.
    """
    if said.transaction_type not in CHANGES:
        return
    if said.opportunity_id is None and policy.opportunity_id is None:
        sentence = "IMS finds this policy by its opportunity alone, and none is known for it."
        wrong = FieldError("opportunity_id", "required", sentence)
        raise errors.PayloadInvalid(errors=[wrong])


def columns_of(said: Transaction) -> dict[str, Any]:
    """What a payload says that is a column too, for lists and order."""
    return {
        "transaction_date": said.transaction_date,
        "opportunity_id": said.opportunity_id,
        "policy_number": said.policy_number or "",
        "insured_name": said.insured_name or "",
    }


def warnings_for(
    source: Source, said: Transaction, policy: IMSPolicy | None
) -> list[dict[str, str]]:
    """What IMS would refuse later, and what else is worth a word."""
    kind = LineKind.EXCESS if said.is_excess else LineKind.PRIMARY
    line = source.environment.lines.filter(kind=kind).first()
    limits = Limits()
    if line is not None:
        limits = Limits(line.backdate_days, line.company_commission, line.producer_commission)
    if policy is not None and policy.bound_at is not None:
        limits = replace(
            limits,
            policy_effective=policy.effective_date,
            policy_expiration=policy.expiration_date,
        )
    today = timezone.localdate(timezone=source.tenant.zone)
    said = with_aliases(source.environment, said)
    found = preflight(said, today=today, limits=limits)
    return [{"code": w.code, "field": w.field, "message": w.message} for w in found]
