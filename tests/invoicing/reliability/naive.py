"""The control: the flow as it is usually written, which the checker must convict.

One transaction around ICV, signature, POST and save; whatever goes wrong rolls it back, and a retry
builds the document anew. Its database is perfect at any time. What the authority holds is not.
"""

from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from config.db.counters import take_next
from config.json import fingerprint
from config.tenancy.models import Tenant
from invoicing.api.requests import InvoiceRequestSerializer
from invoicing.failpoints import reached
from invoicing.models import Chain, Invoice, Revision, Trigger
from invoicing.services import documents, drafting, logbook
from invoicing.zatca import sealing as zatca
from invoicing.zatca.client import Client, Credentials
from invoicing.zatca.outcomes import Next, judge_answer
from invoicing.zatca.signing import LocalSigner


class NotAccepted(Exception):
    """Any answer but a yes; rolls everything back."""


def submit(tenant: Tenant, request: dict[str, Any], url: str) -> bool:
    """Number, seal, send and save in one transaction; False where it is to be tried again."""
    said = InvoiceRequestSerializer(data=request, context={"tenant": tenant})
    said.is_valid(raise_exception=True)
    try:
        with transaction.atomic():
            _submit(tenant, said.payload, url)
    except NotAccepted:
        return False
    return True


def _submit(tenant: Tenant, payload: drafting.Payload, url: str) -> None:
    draft = drafting.draft(tenant, payload)
    assert draft.unit is not None
    head = take_next(Chain.objects.filter(unit=draft.unit, state="ACTIVE"), "last_icv")
    uuid, number = uuid4(), documents.number_of(payload)
    document = documents.document_of(
        payload, documents.seller_of(draft.unit), number, ZoneInfo(tenant.timezone)
    )
    sealed = zatca.seal(
        documents.with_uuid(document, uuid),
        icv=head.last_icv,
        pih=head.last_hash,
        signer=LocalSigner(head.private_key()),
        certificate=head.certificate(),
        signed_at=timezone.now(),
    )
    client = Client(url, deadline=1)
    send = client.report if draft.document.simplified else client.clear
    outcome = judge_answer(send(Credentials(head.token, head.secret()), sealed))
    reached("sent")
    if outcome.next != Next.DONE:
        raise NotAccepted
    _save(tenant, draft, sealed, head)


def _save(tenant: Tenant, draft: drafting.Draft, sealed: zatca.Sealed, head: Chain) -> None:
    number, now = documents.number_of(draft.payload), timezone.now()
    invoice = Invoice.objects.create(
        tenant=tenant,
        unit=draft.unit,
        invoice_number=number,
        phase=draft.phase,
        status="CLEARED",
        environment=tenant.environment,
        document_type=draft.document.kind.value,
        is_simplified=draft.document.simplified,
        total_amount=draft.amounts.tax_inclusive,
        tax_amount=draft.amounts.tax,
        issued_at=draft.issued_at,
        uuid=sealed.uuid,
        hash=sealed.invoice_hash,
        xml_content=sealed.xml.decode(),
    )
    revision = Revision.objects.create(
        invoice=invoice,
        number=1,
        payload=dict(draft.payload),
        payload_sha256=fingerprint(draft.payload),
        uuid=sealed.uuid,
        chain=head,
        icv=sealed.icv,
        pih=sealed.pih,
        hash=sealed.invoice_hash,
        xml=sealed.xml,
        sealed_at=now,
        actor="naive",
    )
    Chain.objects.filter(pk=head.pk).update(last_hash=sealed.invoice_hash)
    logbook.append_log(
        invoice, revision, status="CLEARED", trigger=Trigger.CALLER, actor="naive", cleared_at=now
    )
