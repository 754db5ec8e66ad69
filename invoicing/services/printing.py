"""The document that the buyer gets: A4 or receipt, from the XML that counts. Writes nothing."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from config.printing.typesetting import typeset
from invoicing import errors, selectors
from invoicing.models import Invoice, Phase, Revision
from invoicing.pictures import qr_picture
from invoicing.printing.content import Content, read
from invoicing.printing.sheet import lines_of, sheet
from invoicing.services import documents
from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.totals import totals
from invoicing.zatca.ubl import DECLARATION, write

A4, RECEIPT = "a4", "receipt"
LAYOUTS = {A4: "invoicing/print/a4.typ", RECEIPT: "invoicing/print/receipt.typ"}
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
    """What a layout is given: the sheet, the seller's looks, the QR picture, the attachment."""
    return {
        "sheet": sheet(printable.content),
        "brand": {"accent": "#0f766e", "logo": "", "footer": lines_of("")},
        "qr": asdict(qr_picture(printable.qr)),
        "attachment": {
            "name": f"{file_stem(printable.content)}.xml",
            "kind": "text/xml",
            "description": "The electronic invoice (UBL 2.1)",
        },
    }


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
