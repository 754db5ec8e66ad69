"""Facts taken out of a finished document, ours or the authority's."""

from decimal import Decimal

from config.xml import parse
from invoicing.zatca.hashing import CAC, CBC


def embedded_qr(xml: bytes) -> str | None:
    """The base64 text of the QR code inside a document, or None where it has none.

    Raises XMLRefused for bytes that are not a document.
    """
    return _attachment(xml, "QR")


def embedded_pih(xml: bytes) -> str | None:
    """The hash of the document before, as a document states it. Raises XMLRefused."""
    return _attachment(xml, "PIH")


def _attachment(xml: bytes, name: str) -> str | None:
    for reference in parse(xml).findall(f"{CAC}AdditionalDocumentReference"):
        if reference.findtext(f"{CBC}ID") == name:
            return reference.findtext(f"{CAC}Attachment/{CBC}EmbeddedDocumentBinaryObject")
    return None


def stated_amounts(xml: bytes) -> tuple[Decimal, Decimal]:
    """The total with VAT and the VAT that a document of ours states, in its own currency."""
    root = parse(xml)
    total = root.findtext(f"{CAC}LegalMonetaryTotal/{CBC}TaxInclusiveAmount")
    # The other TaxTotal, without a breakdown, is in riyals (BT-111).
    vat = root.findtext(f"{CAC}TaxTotal[{CAC}TaxSubtotal]/{CBC}TaxAmount")
    return Decimal(total or "0"), Decimal(vat or "0")
