"""Give a revision its place in the chain and its final bytes."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from config.db.counters import take_next
from config.tenancy.models import Tenant
from invoicing import errors
from invoicing.failpoints import reached
from invoicing.models import Chain, ChainState, Channel, Invoice, Revision
from invoicing.services import documents, drafting
from invoicing.services.gate import pass_gate
from invoicing.zatca import sealing as zatca
from invoicing.zatca.documents import Document
from invoicing.zatca.signing import LocalSigner


def ensure_sealed(invoice: Invoice, current: Revision | None = None) -> Revision:
    """The invoice's current revision, sealed; sealed now where it was not.

    A caller who holds the current revision hands it in: what is sealed is sealed for good.

    Commits once: chain, revision and invoice together. Any number of callers may try at the same
    time, one of them seals. Raises RefusedByGate, UnitNotReady, PayloadMissing, and
    ChangedMeanwhile where `invoice` is no longer as it was read; none of them moves the chain. What
    the gate only warns of is kept with the revision.
    """
    revision = current or invoice.current
    if revision.is_sealed:
        return revision
    if revision.payload is None:
        raise errors.PayloadMissing
    assert invoice.unit is not None
    chain = drafting.require_sealing(invoice.unit, simplified=invoice.is_simplified)
    document = _document(invoice, revision)
    warnings = pass_gate(invoice.tenant, document, chain, revision.payload)
    _seal(invoice, revision, chain, document, warnings)
    reached("sealed")
    revision = invoice.current
    # Only what sealing wrote: with status, attempt and revision as another request may have left
    # them by now, the caller would take a claim away from it.
    assert revision.xml is not None
    invoice.uuid, invoice.hash = str(revision.uuid), revision.hash
    invoice.xml_content = bytes(revision.xml).decode()
    return revision


def _document(invoice: Invoice, revision: Revision) -> Document:
    tenant: Tenant = invoice.tenant
    assert invoice.unit is not None
    assert revision.payload is not None
    document = documents.document_of(
        revision.payload,
        documents.seller_of(invoice.unit),
        invoice.invoice_number,
        ZoneInfo(tenant.timezone),
    )
    return documents.with_uuid(document, revision.uuid)


class _AlreadySealed(Exception):
    """Another caller sealed this revision; rolling back gives the ICV back."""


def _seal(
    invoice: Invoice,
    revision: Revision,
    chain: Chain,
    document: Document,
    warnings: list[dict[str, Any]],
) -> None:
    # Everything that does not depend on the chain is made before its lock is taken.
    signer, certificate = LocalSigner(chain.private_key()), chain.certificate()
    try:
        with transaction.atomic(durable=True):
            # First statement: the row lock on PostgreSQL, the write lock on SQLite.
            head = take_next(Chain.objects.filter(pk=chain.pk, state=ChainState.ACTIVE), "last_icv")
            now = timezone.now()
            sealed = zatca.seal(
                document,
                icv=head.last_icv,
                pih=head.last_hash,
                signer=signer,
                certificate=certificate,
                signed_at=now,
            )
            # What we cannot verify ourselves is a bug, and must not take a place in the chain.
            zatca.verify_seal(sealed.xml, certificate)
            _keep(invoice, revision, head, sealed, warnings)
            reached("sealing")
    except _AlreadySealed:
        return
    except Chain.DoesNotExist:
        raise errors.UnitNotReady(
            "The unit's CSID was replaced while the document was being sealed; try again.",
            message_ar="استُبدلت شهادة الوحدة أثناء ختم المستند؛ أعد المحاولة.",
        ) from None


def _keep(
    invoice: Invoice,
    revision: Revision,
    chain: Chain,
    sealed: zatca.Sealed,
    warnings: list[dict[str, Any]],
) -> None:
    """Write the document down; the invoice first, as a claim does, so that they cannot deadlock.

    Only while the row is as its caller read it: a claim that ran out while its process hung must
    not seal what has been revised since.
    """
    now = timezone.now()
    ours = Invoice.objects.filter(
        pk=invoice.pk,
        revision=revision.number,
        status=invoice.status,
        attempt_no=invoice.attempt_no,
    )
    if not ours.update(
        uuid=sealed.uuid,
        hash=sealed.invoice_hash,
        xml_content=sealed.xml.decode(),
        updated_at=now,
    ):
        raise errors.ChangedMeanwhile(invoice)
    unsealed = Revision.objects.filter(pk=revision.pk, icv=None, outcome="")
    if not unsealed.update(
        chain=chain,
        icv=sealed.icv,
        pih=sealed.pih,
        hash=sealed.invoice_hash,
        xml=sealed.xml,
        qr=sealed.qr,
        findings=warnings,
        sealed_at=now,
        channel=Channel.REPORTING if invoice.is_simplified else Channel.CLEARANCE,
    ):
        raise _AlreadySealed
    Chain.objects.filter(pk=chain.pk).update(last_hash=sealed.invoice_hash)
