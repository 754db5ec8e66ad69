"""Facts taken out of a finished document, ours or the authority's."""

from config.xml import parse
from invoicing.zatca.hashing import CAC, CBC


def embedded_qr(xml: bytes) -> str | None:
    """The base64 text of the QR code inside a document, or None where it has none.

    Raises XMLRefused for bytes that are not a document.
    """
    for reference in parse(xml).findall(f"{CAC}AdditionalDocumentReference"):
        if reference.findtext(f"{CBC}ID") == "QR":
            return reference.findtext(f"{CAC}Attachment/{CBC}EmbeddedDocumentBinaryObject")
    return None
