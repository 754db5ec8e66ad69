"""The document for the buyer: PDF, page and link, from the XML that counts. Writes nothing."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.utils import timezone
from django.utils.safestring import mark_safe

from config.printing.errors import LinkInvalid
from config.printing.links import Link, token_of
from config.printing.pictures import qr_picture
from config.printing.selectors import branding_of
from config.printing.typesetting import typeset
from config.tenancy.models import Tenant
from invoicing import errors, selectors
from invoicing.models import Invoice, Phase, Revision
from invoicing.printing.content import Content, read
from invoicing.printing.paper import paper
from invoicing.printing.sheet import lines_of, sheet
from invoicing.services import documents
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.totals import totals
from invoicing.zatca.ubl import DECLARATION, write

log = structlog.get_logger(__name__)

A4, RECEIPT = "a4", "receipt"
LAYOUTS = {A4: "invoicing/print/a4.typ", RECEIPT: "invoicing/print/receipt.typ"}
PAGE = "invoicing/print/invoice.html"
LINK_KIND = "invoice"
LINK_DAYS, LINK_DAYS_AT_MOST = 30, 365
# A file system takes 255 bytes, and an Arabic letter is two.
NUMBER_BYTES = 180


@dataclass(frozen=True, slots=True)
class Printed:
    """A PDF and the name to keep it under."""

    content: bytes
    file_name: str


@dataclass(frozen=True, slots=True)
class Printable:
    """A document that may be given out: what it says, and what lies beneath.

    `xml` is the document that counts, cleared or sealed; empty in Phase 1, which has none.
    """

    content: Content
    qr: str
    xml: bytes
    issued_at: datetime


def render_pdf(invoice: Invoice, *, layout: str = A4) -> Printed:
    """The invoice as PDF/A-3b with its XML inside; layout ``a4``, or ``receipt`` for 80 mm paper.

    The same document gives the same bytes. NotPrintable (409) where it may not be given out now,
    LayoutUnfit (400) for an unknown layout or the receipt of a tax invoice, which has no room for
    what the law wants on it.
    """
    printable = printable_of(invoice)
    require_layout(layout, printable.content)
    pdf = typeset(
        LAYOUTS[layout],
        layout_data(invoice, printable),
        made_at=printable.issued_at,
        attachment=printable.xml,
    )
    return Printed(pdf, f"{file_stem(printable.content)}.pdf")


def printable_of(invoice: Invoice) -> Printable:
    """What would be printed of the invoice now. Raises NotPrintable."""
    revision = invoice.current
    qr = selectors.printable_qr(invoice, revision)
    if qr is None or not selectors.may_be_given_out(invoice, revision):
        raise errors.NotPrintable(invoice)
    if invoice.phase == Phase.PHASE_1:
        content, xml = read(_unsealed(invoice, revision)), b""
    else:
        xml = selectors.printable_xml(invoice, revision) or b""
        content = read(xml)
    issued_at = datetime.fromisoformat(f"{content.date}T{content.time}")
    return Printable(content, qr, xml, issued_at.replace(tzinfo=invoice.tenant.zone))


def require_layout(layout: str, content: Content) -> None:
    """Raise LayoutUnfit unless this document can be set in this layout."""
    if layout not in LAYOUTS:
        raise errors.LayoutUnfit(
            f"There is no layout {layout!r}; choose a4 or receipt.",
            message_ar=f"لا يوجد تخطيط باسم {layout!r}؛ اختر a4 أو receipt.",
            param="layout",
        )
    if layout == RECEIPT and not content.is_simplified:
        raise errors.LayoutUnfit(
            "Only simplified documents are printed as receipts; a tax invoice needs a4.",
            message_ar="تُطبع الفواتير المبسطة وحدها على ورق الإيصالات؛ الفاتورة الضريبية تحتاج a4.",
            param="layout",
        )


def layout_data(invoice: Invoice, printable: Printable) -> dict[str, Any]:
    """What a Typst layout is given: the sheet, the seller's looks, the QR picture, the attachment.

    JSON types only.
    """
    branding = branding_of(invoice.tenant)
    logo = branding.picture
    return {
        "sheet": paper(sheet(printable.content)),
        "brand": {
            "accent": branding.accent_colour,
            "logo": logo.svg if logo else "",
            "footer": lines_of(branding.footer),
        },
        "qr": asdict(qr_picture(printable.qr)),
        "attachment": {
            "name": f"{file_stem(printable.content)}.xml",
            "kind": "text/xml",
            "description": "The electronic invoice (UBL 2.1)",
        },
    }


def page_context(invoice: Invoice) -> dict[str, Any]:
    """What the print view in a browser is given: the same content. Raises NotPrintable."""
    printable = printable_of(invoice)
    branding = branding_of(invoice.tenant)
    logo = branding.picture
    return {
        "sheet": sheet(printable.content),
        "accent": branding.accent_colour,
        "logo": logo.data_uri if logo else "",
        "footer": lines_of(branding.footer),
        # Drawn here, from base64 text; nothing of it is anybody's markup.
        "qr": mark_safe(qr_picture(printable.qr).svg),  # noqa: S308
    }


def issue_link(invoice: Invoice, *, days: int = LINK_DAYS) -> tuple[str, Link]:
    """A token for ``/p/<token>`` that shows this invoice without a credential for `days`, 1 to 365.

    It always shows the invoice's current document. NotPrintable where there is none to give out.
    """
    printable_of(invoice)
    expires_at = (timezone.now() + timedelta(days=days)).replace(microsecond=0)
    link = Link(LINK_KIND, invoice.tenant_id, invoice.pk, expires_at)
    log.info("invoice_link_issued", invoice_id=invoice.pk, expires_at=expires_at.isoformat())
    return token_of(link), link


def linked_page(link: Link) -> tuple[str, dict[str, Any]]:
    """The template and the context of what a link shows."""
    return PAGE, page_context(_linked(link))


def linked_pdf(link: Link) -> tuple[bytes, str]:
    """The PDF behind a link and its file name."""
    printed = render_pdf(_linked(link))
    return printed.content, printed.file_name


def _linked(link: Link) -> Invoice:
    """Raises LinkInvalid where the tenant was closed, InvoiceNotFound where there is no invoice."""
    tenant = Tenant.objects.active().filter(pk=link.tenant_id).first()
    if tenant is None:
        raise LinkInvalid
    return selectors.get_invoice(tenant, link.object_id)


def file_stem(content: Content) -> str:
    """``<VAT>_<date>T<time>_<number>``, as the authority names files; fit for any file system."""
    moment = f"{content.date}T{content.time}".replace("-", "").replace(":", "")
    number = "".join(c if c.isalnum() else "-" for c in content.number)
    number = number.encode()[:NUMBER_BYTES].decode(errors="ignore")
    return f"{content.seller.vat_number}_{moment}_{number}"


def _unsealed(invoice: Invoice, revision: Revision) -> bytes:
    """Phase 1 seals nothing: the document is written for this reading and thrown away."""
    if revision.payload is None:
        raise errors.NotPrintable(invoice)
    document = documents.document_of(
        revision.payload,
        documents.seller_of_tenant(invoice.tenant),
        invoice.invoice_number,
        invoice.tenant.zone,
    )
    document = documents.with_uuid(document, UUID(str(revision.uuid)))
    return DECLARATION + write(document, totals(document), icv=1, pih=FIRST_PIH).canonical()
