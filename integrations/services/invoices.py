"""Invoices of policies: found for whoever asks, printed, and looked for until they are there."""

from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from config.attention.models import Attention
from config.attention.services import raise_attention, resolve_attention
from config.tenancy.models import Tenant
from integrations import errors, selectors, timing
from integrations.errors import SetupMissing
from integrations.gateways import Gateway, gateway_for, refuse_in_transaction
from integrations.ims import IMSError, Invoice
from integrations.models import (
    IMSEnvironment,
    IMSInvoice,
    IMSPolicy,
    InvoiceStatus,
    TritonTransaction,
)
from integrations.saga import invoicing
from integrations.services import alarms, breakers, environments

log = structlog.get_logger(__name__)

LOOKED_FOR = (InvoiceStatus.PENDING, InvoiceStatus.GIVEN_UP)
BATCH = 50


def find_invoice(
    tenant: Tenant,
    *,
    invoice_num: int | None = None,
    quote_guid: UUID | None = None,
    policy_number: str | None = None,
    opportunity_id: int | None = None,
    transaction_id: str | None = None,
    source: str | None = None,
    refresh: bool = False,
) -> IMSInvoice:
    """The newest invoice of exactly one of these keys; `live` holds IMS's answer of this moment.

    `source` says whose; without it ids of opportunities and transactions are triton's. One that is
    not known yet, and any on `refresh`, is asked for in IMS; where a policy's newest is not there,
    its last that is there is the latest. Commits once where it is found in IMS. Raises
    InvoiceKeyMissing, InvoiceNotFound and, where IMS cannot be asked, InvoiceRetrieval.
    """
    keys: dict[str, Any] = {
        "ims_invoice_num": invoice_num,
        "quote_guid": quote_guid,
        "policy__policy_number": policy_number,
        "policy__opportunity_id": opportunity_id,
        "transaction__transaction_id": transaction_id,
    }
    given = {name: value for name, value in keys.items() if value is not None}
    if len(given) != 1:
        raise errors.InvoiceKeyMissing
    related = IMSInvoice.objects.for_tenant(tenant).select_related(
        "policy__source__environment", "transaction"
    )
    rows = related.filter(**given).exclude(status=InvoiceStatus.VOID).order_by("-id")
    if source is None and (transaction_id is not None or opportunity_id is not None):
        source = selectors.TRITON
    if source is not None:
        rows = rows.filter(policy__source__name=source)
    is_latest = policy_number is not None or opportunity_id is not None
    if is_latest:
        rows = rows.exclude(status=InvoiceStatus.NOT_EXPECTED)
    row = rows.first()
    if row is None and source is not None and transaction_id is not None:
        row = _of_issued(tenant, source, transaction_id)
    row = _known(row, refresh)
    if row is None and is_latest:
        row = _known(rows.filter(status=InvoiceStatus.FOUND).first(), refresh)
    if row is None:
        raise errors.InvoiceNotFound
    return row


def _known(row: IMSInvoice | None, refresh: bool) -> IMSInvoice | None:
    """The row if IMS has its invoice, which is asked where we do not know."""
    if row is not None and (refresh or row.status in LOOKED_FOR):
        row = _asked(row)
    return row if row is not None and row.status == InvoiceStatus.FOUND else None


def _of_issued(tenant: Tenant, source: str, transaction_id: str) -> IMSInvoice | None:
    """An issue, endorsement or the like without one of its own shares that of its quote."""
    rows = TritonTransaction.objects.for_tenant(tenant).filter(source__name=source)
    row = rows.filter(transaction_id=transaction_id).first()
    if row is None or row.quote_guid is None:
        return None
    shared = IMSInvoice.objects.filter(policy=row.policy_id, quote_guid=row.quote_guid)
    return shared.exclude(status=InvoiceStatus.VOID).order_by("-id").first()


def _asked(row: IMSInvoice) -> IMSInvoice:
    """The row after asking IMS; `live` is the whole answer, bank texts included, never stored.
    Where IMS has billed the quote anew there is none, but `billed_anew`, and a person is told."""
    environment = _callable(row)
    try:
        found = invoicing.ask(_gateway(environment, row), row)
    except (IMSError, SetupMissing) as error:
        _note_trouble(environment, error)
        raise errors.InvoiceRetrieval from None
    breakers.note_answer(environment)
    if found is not None:
        _keep(row, environment, found)
    row.refresh_from_db()
    row.live, row.billed_anew = found, None
    ours = row.ims_invoice_num if row.status == InvoiceStatus.FOUND else None
    if found is not None and ours is not None and found.number != ours:
        # Its number was told and never changes: one invoice is answered, not parts of two.
        row.live, row.billed_anew = None, found.number
        alarms.tell_billed_anew(row)
    return row


def live_invoice(row: IMSInvoice) -> Invoice:
    """What IMS says of the invoice now, bank texts included. Raises InvoiceRetrieval, …NotFound."""
    was_asked = row.live is not None or row.billed_anew is not None
    asked = row if was_asked else _asked(row)
    if asked.live is None:
        raise errors.InvoiceNotFound
    return asked.live


def print_invoice(invoice: IMSInvoice) -> bytes:
    """The PDF as IMS prints it.

    Raises InvoiceNotFound, InvoiceRetrieval (IMS must not be called now) and InvoiceGeneration.
    """
    if invoice.ims_invoice_num is None:
        raise errors.InvoiceNotFound
    environment = _callable(invoice)
    try:
        pdf = _gateway(environment, invoice).ims.invoice_pdf(invoice.ims_invoice_num)
    except (IMSError, SetupMissing) as error:
        _note_trouble(environment, error)
        raise errors.InvoiceGeneration from None
    breakers.note_answer(environment)
    return pdf


def retrieve(policy: IMSPolicy) -> IMSInvoice | None:
    """Ask IMS now for the first invoice of a policy that is missing; None where IMS has none.

    Where none is missing, that of the policy itself. Commits once where it is found. Raises
    InvoiceRetrieval.
    """
    related = policy.invoices.select_related("policy__source__environment", "transaction")
    rows = related.order_by("id")
    missing = rows.filter(status__in=LOOKED_FOR).first()
    return _known(missing or rows.filter(status=InvoiceStatus.FOUND).first(), refresh=False)


def retrieve_one(row: IMSInvoice) -> IMSInvoice | None:
    """Ask IMS now for this invoice if it is missing; None where IMS has none.

    Commits once where it is found. Raises InvoiceRetrieval.
    """
    return _known(row, refresh=False)


def look_for_due(limit: int = BATCH) -> int:
    """Look once for each invoice whose time has come; how many were looked for.

    Commits once to take each, and once for what came of it. Tasks about invoices that are missing
    no longer are closed.
    """
    refuse_in_transaction()
    _settle_tasks()
    looked = 0
    for row in _due()[:limit]:
        environment = row.policy.source.environment
        # Asked anew for each: what one look meets may hold back the next.
        if environments.may_be_called(environment):
            looked += _look_apart(row, environment)
    return looked


def _due() -> QuerySet[IMSInvoice]:
    """Those of environments that may be called: what is held back takes nobody's place."""
    due = IMSInvoice.objects.due(timezone.now())
    asked_for = IMSEnvironment.objects.open().filter(
        pk__in=due.values("policy__source__environment")
    )
    admitted = [environment.pk for environment in asked_for if breakers.admits(environment)]
    rows = due.filter(policy__source__environment__in=admitted)
    return rows.select_related("policy__source__environment", "transaction")


def _look_apart(row: IMSInvoice, environment: IMSEnvironment) -> int:
    try:
        return _look(row, environment)
    except Exception:
        # One invoice that cannot be read or kept must not keep the others waiting.
        log.exception("ims_invoice_look_broken", invoice=row.pk)
        _later(row)
        return 1


def _look(row: IMSInvoice, environment: IMSEnvironment) -> int:
    mine = IMSInvoice.objects.filter(pk=row.pk, next_look_at=row.next_look_at)
    if not mine.update(next_look_at=timezone.now() + timing.lease(), looks=row.looks + 1):
        return 0  # another worker's
    row.refresh_from_db()
    try:
        found = invoicing.ask(_gateway(environment, row), row)
    except (IMSError, SetupMissing) as error:
        _note_trouble(environment, error)
        if not isinstance(error, IMSError) or not error.is_verdict:
            invoicing.look_again(row)
            return 1
        found = None
    if found is not None:
        _keep(row, environment, found)
        return 1
    _later(row)
    return 1


def _later(row: IMSInvoice) -> None:
    with transaction.atomic():
        invoicing.look_later(row)
        _tell_given_up(row)


def _tell_given_up(row: IMSInvoice) -> None:
    row.refresh_from_db()
    if row.status == InvoiceStatus.GIVEN_UP:
        raise_attention(
            tenant_id=row.tenant_id,
            kind=alarms.INVOICE,
            subject=row.policy.subject,
            reason=f"IMS has no invoice of policy {row.policy}, after {row.looks} more looks.",
            next_action="See in IMS why it was not billed; then retrieve it by hand.",
        )


def _callable(row: IMSInvoice) -> IMSEnvironment:
    """The environment to ask. Raises InvoiceRetrieval where it must not be called now."""
    environment = row.policy.source.environment
    if not environments.may_be_called(environment):
        raise errors.InvoiceRetrieval
    return environment


def _gateway(environment: IMSEnvironment, row: IMSInvoice) -> Gateway:
    return gateway_for(environment, transaction=row.transaction, context=str(row.transaction))


def _keep(row: IMSInvoice, environment: IMSEnvironment, found: Invoice) -> None:
    with transaction.atomic():
        # Locks in the order of a claim: the policy before what belongs to it.
        IMSPolicy.objects.select_for_update().get(pk=row.policy_id)
        invoicing.keep(row, environment, found)
        _settle_task(row.policy)


def _settle_task(policy: IMSPolicy) -> None:
    """The task is closed with the last invoice of the policy that had been given up."""
    if not policy.invoices.filter(status=InvoiceStatus.GIVEN_UP).exists():
        resolve_attention(
            tenant_id=policy.tenant_id, kind=alarms.INVOICE, subject=policy.subject, by="IMS"
        )


def _settle_tasks() -> None:
    """What a run found since, or an unbind made void, is missed no longer. Commits each."""
    open_ones = Attention.objects.open().filter(kind=alarms.INVOICE)
    subjects = open_ones.values_list("subject", flat=True)
    named = [int(subject.rpartition(":")[2]) for subject in subjects]
    given_up = IMSInvoice.objects.filter(policy__in=named, status=InvoiceStatus.GIVEN_UP)
    for policy in IMSPolicy.objects.filter(pk__in=named).exclude(pk__in=given_up.values("policy")):
        _settle_task(policy)


def _note_trouble(environment: IMSEnvironment, error: Exception) -> None:
    environments.note_trouble(environment, error)
    log.info("ims_invoice_not_asked", environment=environment.name, error=type(error).__name__)
