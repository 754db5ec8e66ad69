"""What a document says of itself: its place in a chain, whose it is, and what it amounts to."""

from typing import NamedTuple

from config.xml import parse
from invoicing.zatca.hashing import CAC, CBC

SELF_BILLED = 6  # the seventh character of the type code's name (KSA-2)
_PARTY = f"{CAC}Party/{CAC}PartyTaxScheme/{CBC}CompanyID"


class Stated(NamedTuple):
    """None where it says nothing."""

    icv: str | None
    pih: str | None
    uuid: str | None
    number: str | None
    document_type: str | None
    currency: str | None
    total: str | None
    tax: str | None
    issued: str
    """Date and time as they stand there, without a zone."""
    taxpayer: str | None
    """The VAT number of whoever issues it: the seller's, of a self-billed document the buyer's."""


def stated(xml: bytes) -> Stated:
    """What stands in the bytes. Raises XMLRefused."""
    root = parse(xml)
    references = {
        reference.findtext(f"{CBC}ID"): reference
        for reference in root.iterfind(f"{CAC}AdditionalDocumentReference")
    }
    icv, pih = references.get("ICV"), references.get("PIH")
    path = f"{CAC}Attachment/{CBC}EmbeddedDocumentBinaryObject"
    kind = root.find(f"{CBC}InvoiceTypeCode")
    flags = "" if kind is None else kind.get("name", "")
    issuer = "Customer" if flags[SELF_BILLED : SELF_BILLED + 1] == "1" else "Supplier"
    return Stated(
        icv=None if icv is None else icv.findtext(f"{CBC}UUID"),
        pih=None if pih is None else pih.findtext(path),
        uuid=root.findtext(f"{CBC}UUID"),
        number=root.findtext(f"{CBC}ID"),
        document_type=None if kind is None else kind.text,
        currency=root.findtext(f"{CBC}DocumentCurrencyCode"),
        total=root.findtext(f"{CAC}LegalMonetaryTotal/{CBC}TaxInclusiveAmount"),
        # The other TaxTotal, without a breakdown, is in riyals (BT-111).
        tax=root.findtext(f"{CAC}TaxTotal[{CAC}TaxSubtotal]/{CBC}TaxAmount"),
        issued=f"{root.findtext(f'{CBC}IssueDate')}T{root.findtext(f'{CBC}IssueTime')}",
        taxpayer=root.findtext(f"{CAC}Accounting{issuer}Party/{_PARTY}"),
    )
