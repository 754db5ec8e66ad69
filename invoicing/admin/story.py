"""Everything that one page tells about an invoice; reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from config.attention.models import Attention
from config.db.log_chain import GENESIS, Link, first_break
from config.printing.pictures import qr_svg
from invoicing import selectors
from invoicing.admin.pretty import Text, pretty_body, pretty_json, pretty_xml
from invoicing.models import Attempt, DocumentReference, Invoice, InvoiceLog, Revision
from invoicing.services import documents
from invoicing.verification.chains import document_findings
from invoicing.words import kind
from invoicing.zatca.documents import Document, Line, Party
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.totals import LineTotals, Totals, totals


@dataclass(frozen=True, slots=True)
class Content:
    """What the current revision says, computed from its payload as it was when it was sealed."""

    document: Document
    lines: list[tuple[Line, LineTotals]]
    totals: Totals

    @property
    def buyer(self) -> Party | None:
        return self.document.customer


@dataclass(frozen=True, slots=True)
class Try:
    """An attempt with its answer, laid out."""

    attempt: Attempt
    answer: Text | None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A document beside this one in the chain; `holds` says whether PIH and hash agree."""

    revision: Revision
    holds: bool


def story(invoice: Invoice) -> dict[str, Any]:
    """The context of the story page. Some fifteen queries, none of which grows with the tenant."""
    revision = invoice.current
    attempts = invoice.attempts.select_related("revision").defer(
        "revision__xml", "revision__cleared_xml"
    )
    logs = list(invoice.logs.order_by("sequence"))
    return {
        "invoice": invoice,
        "revision": revision,
        "kind": kind(invoice),
        "content": content_of(invoice, revision),
        "qr": _picture(invoice, revision),
        "timeline": selectors.timeline(invoice),
        "revisions": invoice.revisions.select_related("chain").defer("xml", "cleared_xml"),
        "tries": [
            Try(attempt, pretty_body(bytes(attempt.response)) if attempt.response else None)
            for attempt in attempts
        ],
        "logs": logs,
        "log_break": log_break(invoice, logs),
        "payload": pretty_json(revision.payload) if revision.payload is not None else None,
        "sealed_xml": pretty_xml(bytes(revision.xml)) if revision.xml else None,
        "cleared_xml": pretty_xml(bytes(revision.cleared_xml)) if revision.cleared_xml else None,
        "byte_findings": list(document_findings(revision)) if revision.is_sealed else [],
        "answer": pretty_json(invoice.zatca_response) if invoice.zatca_response else None,
        "before": _before(revision),
        "is_first": revision.icv == 1,
        "first_holds": revision.icv == 1 and revision.pih == FIRST_PIH,
        "after": _after(revision),
        "attention": Attention.objects.for_tenant(invoice.tenant)
        .open()
        .filter(subject=invoice.subject),
        "originals": _originals(invoice),
        "notes": _notes(invoice),
    }


def content_of(invoice: Invoice, revision: Revision) -> Content | None:
    """The document that the revision's payload asks for; None for a revision without a payload."""
    if revision.payload is None:
        return None
    seller = (
        documents.seller_of(invoice.unit)
        if invoice.unit
        else documents.seller_of_tenant(invoice.tenant)
    )
    document = documents.document_of(
        revision.payload, seller, invoice.invoice_number, invoice.tenant.zone
    )
    amounts = totals(document)
    return Content(document, list(zip(document.lines, amounts.lines, strict=True)), amounts)


def log_break(invoice: Invoice, logs: Sequence[InvoiceLog]) -> str | None:
    """What is wrong with the invoice's log first, in words; None where its chain holds."""
    links = (Link(row.content(), row.sequence, row.previous_hash, row.entry_hash) for row in logs)
    broken = first_break(links)
    if broken:
        return broken
    head = logs[-1].entry_hash if logs else GENESIS
    if (len(logs), head) != (invoice.log_count, invoice.log_head):
        return f"the invoice counts {invoice.log_count} entries, and {len(logs)} are there"
    return None


def _picture(invoice: Invoice, revision: Revision) -> SafeString | None:
    code = selectors.printable_qr(invoice, revision)
    # The picture is drawn here, from base64 text; nothing of it is anybody's markup.
    return mark_safe(qr_svg(code)) if code else None  # noqa: S308


def _in_chain(revision: Revision, step: int) -> Revision | None:
    if revision.icv is None:
        return None
    beside = Revision.objects.filter(chain_id=revision.chain_id, icv=revision.icv + step)
    return beside.select_related("invoice").defer("xml", "cleared_xml", "payload").first()


def _before(revision: Revision) -> Neighbour | None:
    found = _in_chain(revision, -1)
    return Neighbour(found, found.hash == revision.pih) if found else None


def _after(revision: Revision) -> Neighbour | None:
    found = _in_chain(revision, +1)
    return Neighbour(found, found.pih == revision.hash) if found else None


def _originals(invoice: Invoice) -> list[tuple[str, Invoice | None]]:
    """The documents that this one corrects or deducts, each with the tenant's own if it is one."""
    rows = invoice.references.select_related("original").defer(*_long("original"))
    return [(row.number, row.original) for row in rows]


def _notes(invoice: Invoice) -> list[DocumentReference]:
    """The notes and deductions that name this invoice, the oldest first, with what each takes."""
    rows = invoice.referred_to_by.select_related("document").defer(*_long("document"))
    return list(rows.order_by("document_id"))


def _long(related: str) -> tuple[str, str]:
    return f"{related}__xml_content", f"{related}__zatca_response"
