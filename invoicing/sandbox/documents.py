"""A submitted document as the authority reads it: the fields it judges, and the invoice hash."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography import x509
from lxml import etree

from config.xml import XMLRefused
from config.xml import parse as xml_parse

NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}
INVOICE = "{urn:oasis:names:specification:ubl:schema:xsd:Invoice-2}Invoice"

# What the taxpayer's hash does not cover: the stamp, its anchor and the QR code (zatca.md 6.1).
STAMP_BLOCK = "ext:UBLExtensions"
ANCHOR_BLOCK = "cac:Signature"
QR_BLOCK = "cac:AdditionalDocumentReference[cbc:ID='QR']"

SUPPLIER = "cac:AccountingSupplierParty/cac:Party"
CUSTOMER = "cac:AccountingCustomerParty/cac:Party"
ATTACHMENT = "cac:Attachment/cbc:EmbeddedDocumentBinaryObject"


class Unreadable(Exception):
    """The bytes are no invoice: not XML, XML with a DOCTYPE, or another root element."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The cryptographic stamp as it stands in the document, still believed by nobody."""

    signature: str
    certificate_der: bytes
    signing_time: str

    @property
    def certificate(self) -> x509.Certificate | None:
        try:
            return x509.load_der_x509_certificate(self.certificate_der)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Document:
    """One submitted invoice or note; every text is verbatim from the XML."""

    xml: bytes
    invoice_hash: str
    number: str
    uuid: str
    icv: int | None
    pih: str
    type_code: str
    flags: str
    issued: str
    seller_name: str
    seller_vat_number: str
    buyer_vat_number: str
    payable: str
    tax: str
    qr: str
    stamp: Stamp | None

    @property
    def is_simplified(self) -> bool:
        return self.flags.startswith("02")

    @property
    def issuer_vat_number(self) -> str:
        """Whose CSID must submit it: the seller's, or the buyer's on a self-billed document."""
        return self.buyer_vat_number if self.flags[6:7] == "1" else self.seller_vat_number


def parse(xml: bytes) -> etree._ElementTree:
    """The document as a tree: no entities, no network, no DOCTYPE; raises Unreadable."""
    try:
        tree = xml_parse(xml).getroottree()
    except XMLRefused as error:
        raise Unreadable(str(error)) from error
    if tree.getroot().tag != INVOICE:
        raise Unreadable(
            f"cvc-elt.1.a: Cannot find the declaration of element '{tree.getroot().tag}'"
        )
    return tree


def read_document(xml: bytes) -> Document:
    """Read what the authority judges; raises Unreadable, and nothing else, for any bytes."""
    root = parse(xml).getroot()

    def text(path: str) -> str:
        return root.findtext(path, default="", namespaces=NAMESPACES) or ""

    def reference(name: str, path: str) -> str:
        return text(f"cac:AdditionalDocumentReference[cbc:ID='{name}']/{path}")

    icv = reference("ICV", "cbc:UUID")
    type_code = root.find("cbc:InvoiceTypeCode", NAMESPACES)
    # A trailing Z is legal in IssueTime and dropped everywhere the authority compares it.
    issued = f"{text('cbc:IssueDate')}T{text('cbc:IssueTime').removesuffix('Z')}"
    return Document(
        xml=xml,
        invoice_hash=invoice_hash(xml),
        number=text("cbc:ID"),
        uuid=text("cbc:UUID"),
        icv=int(icv) if icv.isascii() and icv.isdigit() and len(icv) < 19 else None,
        pih=reference("PIH", ATTACHMENT),
        type_code="" if type_code is None else type_code.text or "",
        flags="" if type_code is None else type_code.get("name", ""),
        issued=issued,
        seller_name=text(f"{SUPPLIER}/cac:PartyLegalEntity/cbc:RegistrationName"),
        seller_vat_number=text(f"{SUPPLIER}/cac:PartyTaxScheme/cbc:CompanyID"),
        buyer_vat_number=text(f"{CUSTOMER}/cac:PartyTaxScheme/cbc:CompanyID"),
        payable=text("cac:LegalMonetaryTotal/cbc:PayableAmount"),
        tax=text("cac:TaxTotal/cbc:TaxAmount"),
        qr=reference("QR", ATTACHMENT),
        stamp=_stamp(root),
    )


def _stamp(root: etree._Element) -> Stamp | None:
    signature = root.find(f"{STAMP_BLOCK}//ds:Signature", NAMESPACES)
    if signature is None:
        return None

    def text(path: str) -> str:
        return (signature.findtext(path, default="", namespaces=NAMESPACES) or "").strip()

    try:
        certificate = base64.b64decode(text(".//ds:X509Certificate"), validate=True)
    except ValueError:
        certificate = b""
    return Stamp(text("ds:SignatureValue"), certificate, text(".//xades:SigningTime"))


def invoice_hash(xml: bytes) -> str:
    """base64 of the SHA-256 of the document without its three stamped blocks (zatca.md 6.1).

    The white space after a removed block stays. Raises Unreadable.
    """
    tree = parse(xml)
    root = tree.getroot()
    for block in (STAMP_BLOCK, ANCHOR_BLOCK, QR_BLOCK):
        for element in root.findall(f".//{block}", NAMESPACES):
            _remove_keeping_tail(element)
    canonical = etree.tostring(tree, method="c14n", exclusive=False, with_comments=False)
    return base64.b64encode(hashlib.sha256(canonical).digest()).decode()


def _remove_keeping_tail(element: etree._Element) -> None:
    parent, previous = element.getparent(), element.getprevious()
    assert parent is not None
    if previous is None:
        parent.text = (parent.text or "") + (element.tail or "")
    else:
        previous.tail = (previous.tail or "") + (element.tail or "")
    parent.remove(element)
