"""The chain of documents under a CSID, recomputed (zatca.md §6.6)."""

from base64 import b64decode
from collections.abc import Iterator

from django.db.models import Count, F

from config.tenancy.models import Tenant
from config.xml import XMLRefused
from invoicing.judge import StampBroken, verify_stamp
from invoicing.models import Chain, Revision
from invoicing.verification.stated import stated
from invoicing.zatca.hashing import FIRST_PIH, invoice_hash

CHUNK = 200
READ = (
    "icv", "pih", "hash", "uuid", "xml", "cleared_xml", "sealed_at", "number",
    "invoice__invoice_number",
)  # fmt: skip


def chain_findings(chain: Chain, *, stamps: bool = False) -> Iterator[str]:
    """What is wrong with a chain, one sentence each; nothing where it holds.

    ICV runs from 1 to the chain's own count without gap or repeat; every PIH is the hash of the
    document before; every hash, recomputed from the stored bytes, is the recorded one; ICV, PIH and
    UUID in the bytes are the recorded ones; a cleared version has the hash of what was sent. With
    `stamps` every stamp is verified too, ours against the chain's certificate (some 10 ms each).
    The chain is judged as it was read: it may grow meanwhile.
    """
    certificate = b64decode(chain.certificate().base64_der) if stamps else None
    expected, previous = 1, FIRST_PIH
    for document in _documents(chain):
        assert document.icv is not None
        assert document.hash is not None
        place = f"ICV {document.icv} ({document})"
        if document.icv > expected:
            yield f"ICV {_span(expected, document.icv - 1)} missing"
        elif document.icv < expected:
            yield f"{place}: the ICV is taken twice"
        elif document.pih != previous:
            yield f"{place}: its PIH is not the hash of the document before it"
        yield from (f"{place}: {said}" for said in document_findings(document))
        if certificate is not None:
            yield from (f"{place}: {said}" for said in _stamp_findings(document, certificate))
        expected, previous = document.icv + 1, document.hash
    if expected <= chain.last_icv:
        yield f"ICV {_span(expected, chain.last_icv)} missing"
    elif previous != chain.last_hash:
        yield "the next PIH would not be the hash of the last document"
    if chain.documents.filter(icv__gt=F("chain__last_icv")).exists():
        yield "there are documents beyond the chain's own count"


def document_findings(document: Revision) -> Iterator[str]:
    """What in a sealed revision's bytes is not as recorded beside them."""
    assert document.xml is not None
    xml = bytes(document.xml)
    try:
        said, recomputed = stated(xml), invoice_hash(xml)
    except XMLRefused:
        yield "the stored bytes are no document"
        return
    if recomputed != document.hash:
        yield "the hash of the stored bytes is not the recorded one"
    for name, recorded in (
        ("ICV", str(document.icv)),
        ("PIH", document.pih),
        ("UUID", str(document.uuid)),
    ):
        if getattr(said, name.lower()) != recorded:
            yield f"the {name} in the stored bytes is not the recorded one"
    if document.cleared_xml is not None and not _same_hash(document):
        yield "the cleared version is of another document"


def repeated_uuids(tenant: Tenant | None = None) -> Iterator[str]:
    """The UUIDs that more than one revision has; a constraint forbids them."""
    revisions = Revision.objects.all()
    if tenant is not None:
        revisions = revisions.filter(invoice__tenant=tenant)
    repeated = revisions.order_by().values("uuid").annotate(times=Count("id")).filter(times__gt=1)
    for row in repeated.iterator(CHUNK):
        yield f"UUID {row['uuid']} is taken {row['times']} times"


def _documents(chain: Chain) -> Iterator[Revision]:
    sealed = chain.documents.filter(icv__lte=chain.last_icv).select_related("invoice")
    return sealed.only(*READ).order_by("icv", "id").iterator(CHUNK)


def _span(first: int, last: int) -> str:
    return f"{first} is" if first == last else f"{first} to {last} are"


def _same_hash(document: Revision) -> bool:
    assert document.cleared_xml is not None
    try:
        return invoice_hash(bytes(document.cleared_xml)) == document.hash
    except XMLRefused:
        return False


def _stamp_findings(document: Revision, certificate: bytes) -> Iterator[str]:
    assert document.xml is not None
    try:
        verify_stamp(bytes(document.xml), certificate_der=certificate, at=document.sealed_at)
    except StampBroken as broken:
        yield f"the stamp does not hold: {broken}"
    if document.cleared_xml is None:
        return
    try:
        # The authority's certificate is the one inside: this proves integrity, not identity.
        verify_stamp(bytes(document.cleared_xml), at=document.sealed_at)
    except StampBroken as broken:
        yield f"the authority's stamp does not hold: {broken}"
