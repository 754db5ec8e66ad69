"""Take a transaction in: judged, stored before anything is done, and never stored twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from config.json import fingerprint
from config.problems import Conflict
from config.tenancy.models import Tenant
from config.work import wake
from integrations import errors, selectors
from integrations.models import (
    Kind,
    PayloadVersion,
    Source,
    Status,
    TritonTransaction,
)
from integrations.services import duplicates, policies, settling
from integrations.services.logbook import note
from integrations.services.reading import (
    columns_of,
    read,
    require_opportunity,
    source_of,
    warnings_for,
)
from integrations.services.rehearsing import DryRun, dry_run
from integrations.triton import Transaction

__all__ = ["DryRun", "Received", "dry_run", "receive"]

RESUMED_BY_ITS_SOURCE = (Status.FAILED, Status.NEEDS_ATTENTION)


@dataclass(frozen=True, slots=True)
class Received:
    """The stored transaction. `resumed`: it had failed, and its source sent it again."""

    transaction: TritonTransaction
    is_new: bool
    resumed: bool = False


def receive(
    tenant: Tenant,
    source_name: str,
    body: Mapping[str, Any],
    *,
    path_word: str,
    external_id: str,
    actor: str,
    request_id: str,
) -> Received:
    """Store a transaction, or find it: the same id with the same content is the same transaction.

    One that had failed is due again. Commits once. Raises UnknownSource, PayloadInvalid (every
    field), OtherContent, and what services.duplicates says about the business; then nothing is
    stored.
    """
    source = source_of(tenant, source_name)
    said = read(body, path_word)
    mark = fingerprint(dict(body))
    found = _stored(source, said.transaction_id)
    if found is not None:
        return _again(found, said, mark, actor=actor)
    try:
        with transaction.atomic(durable=True):
            row = _store(source, said, mark, path_word, external_id, actor, request_id)
            _keep_payload(row, body, actor)
            wake(settling.RUN)
    except (IntegrityError, Conflict) as refused:
        # Another request was faster: with this id, and perhaps bound by now, or with this
        # endorsement.
        found = _stored(source, said.transaction_id)
        if found is not None:
            return _again(found, said, mark, actor=actor)
        if isinstance(refused, IntegrityError):
            duplicates.refuse(source, said)
        raise
    return Received(row, is_new=True)


def _stored(source: Source, transaction_id: str) -> TritonTransaction | None:
    rows = TritonTransaction.objects.select_related("source__environment", "policy")
    return rows.filter(source=source, transaction_id=transaction_id).first()


def _again(found: TritonTransaction, said: Transaction, mark: str, *, actor: str) -> Received:
    # The type may come from the path, which no fingerprint of the body knows.
    if found.fingerprint != mark or found.kind != said.transaction_type:
        raise errors.OtherContent(
            param="transaction_id", extra={"existing": errors.existing(found)}
        )
    if found.status not in RESUMED_BY_ITS_SOURCE:
        return Received(found, is_new=False)
    try:
        with transaction.atomic(durable=True):
            settling.due_again(found, "resumed", actor=actor, reason="Its source sent it again.")
    except errors.ChangedMeanwhile:
        found.refresh_from_db()
        return Received(found, is_new=False)
    return Received(found, is_new=False, resumed=True)


def _store(
    source: Source,
    said: Transaction,
    mark: str,
    path_word: str,
    external_id: str,
    actor: str,
    request_id: str,
) -> TritonTransaction:
    policy = policies.locked(source, said)
    require_opportunity(said, policy)
    duplicates.refuse(source, said, policy)
    now = timezone.now()
    row = TritonTransaction(
        tenant=source.tenant,
        source=source,
        policy=policy,
        transaction_id=said.transaction_id,
        kind=Kind(said.transaction_type),
        path_word=path_word[:50],
        external_id=external_id[:200],
        fingerprint=mark,
        prior_transaction_id=said.prior_transaction_id or "",
        duplicate_key=said.duplicate_key or "",
        issues=said.transaction_type == Kind.BIND and not source.sends_issue,
        warnings=warnings_for(source, said, policy),
        next_run_at=now,
        actor=actor,
        request_id=request_id[:64],
        **columns_of(said),
    )
    row.save(force_insert=True)
    note(row, "received", actor=actor)
    first = selectors.predecessor_of(row)
    if first is not None:
        row.move(Status.BLOCKED, blocked_by=first, next_run_at=None)
        note(row, "blocked", f"Waits for {first.transaction_id}.", actor=actor)
    return row


def _keep_payload(row: TritonTransaction, body: Mapping[str, Any], actor: str) -> None:
    PayloadVersion.objects.create(transaction=row, number=1, payload=dict(body), actor=actor)
