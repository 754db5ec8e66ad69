"""From a document to the bytes that are stored, printed and sent; and the check of that work."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from hashlib import sha256

from lxml import etree

from config.xml import XMLRefused, parse
from invoicing.zatca import qr as qr_code
from invoicing.zatca import ubl, xades
from invoicing.zatca.documents import Document
from invoicing.zatca.errors import QRInvalid, SealBroken
from invoicing.zatca.hashing import CAC, CBC, DS, XADES, canonical_tree_bytes
from invoicing.zatca.signing import Certificate, Signer
from invoicing.zatca.totals import Totals, totals

RIYADH = timezone(timedelta(hours=3))  # no daylight saving since it began


@dataclass(frozen=True, slots=True)
class Sealed:
    """A document in its final bytes; nothing may be changed in `xml` from here on.

    `invoice_hash` is what the API wants beside the document and the PIH of the next one.
    """

    xml: bytes
    invoice_hash: str
    qr: str
    uuid: str
    icv: int
    pih: str
    totals: Totals


def seal(
    document: Document,
    *,
    icv: int,
    pih: str,
    signer: Signer,
    certificate: Certificate,
    signed_at: datetime,
) -> Sealed:
    """Write, hash, stamp and QR-code `document` as number `icv` of the unit's chain.

    `pih` is the hash of the document before it (FIRST_PIH for the first), `signed_at` an aware
    instant. Standard documents are stamped as well, as the SDK does; only simplified ones carry the
    CA's signature in the QR code (tag 9). Raises DocumentInvalid, QRInvalid.
    """
    if signed_at.tzinfo is None:
        raise ValueError("signed_at needs a time zone")
    amounts = totals(document)
    body = ubl.write(document, amounts, icv=icv, pih=pih)
    digest = sha256(body.canonical()).digest()
    invoice_hash = b64encode(digest).decode()
    signature = b64encode(signer.sign(digest)).decode()
    qr = qr_code.phase2_qr(
        seller_name=document.supplier.name,
        vat_number=document.supplier.vat_number or "",
        timestamp=f"{document.issue_date.isoformat()}T{document.issue_time.strftime('%H:%M:%S')}",
        total=str(amounts.payable),
        tax=str(amounts.tax_sar),
        invoice_hash=invoice_hash,
        signature=signature,
        public_key=certificate.public_key_der,
        certificate_signature=certificate.signature if document.simplified else None,
    )
    stamp = xades.stamp(
        invoice_hash=invoice_hash,
        signature=signature,
        certificate=certificate,
        signing_time=signed_at.astimezone(RIYADH).strftime("%Y-%m-%dT%H:%M:%S"),
    )
    return Sealed(
        xml=body.finished(stamp=stamp, qr=qr),
        invoice_hash=invoice_hash,
        qr=qr,
        uuid=document.uuid,
        icv=icv,
        pih=pih,
        totals=amounts,
    )


def verify_seal(xml: bytes, certificate: Certificate) -> None:
    """Read a sealed document back and check everything in it that depends on something else in it.

    Hash, signature, digest of the signed properties, certificate with its digest, issuer and serial
    number, and every record of the QR code. Works on foreign documents too. Raises SealBroken.
    """
    try:
        root = parse(xml)
    except XMLRefused as error:
        raise SealBroken(f"unreadable XML: {error}") from None
    signature = _only(root, f".//{DS}Signature")
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    if len(references) != 2:
        raise SealBroken("number of references", "2", str(len(references)))
    stated_hash, stated_properties = (_text(item, f"{DS}DigestValue") for item in references)
    signature_value = _text(signature, f"{DS}SignatureValue")
    _verify_properties(signature, stated_properties)
    _verify_certificate(signature, certificate)
    _verify_qr(root, stated_hash, signature_value, certificate)

    digest = sha256(canonical_tree_bytes(root)).digest()  # takes the stamp out of the tree
    _equal("invoice hash", b64encode(digest).decode(), stated_hash)
    try:
        signed = certificate.verifies(b64decode(signature_value, validate=True), digest)
    except (Base64Error, ValueError):
        signed = False
    if not signed:
        raise SealBroken("the signature value does not belong to this hash and certificate")


def _verify_properties(signature: etree._Element, stated: str) -> None:
    properties = _only(signature, f".//{XADES}SignedProperties")
    _equal("digest of the signed properties", signed_properties_digest(properties), stated)


def signed_properties_digest(properties: etree._Element) -> str:
    """Return the digest of a parsed xades:SignedProperties, as the SDK computes it."""
    return xades.properties_digest(printed_by_dom4j(properties))


def printed_by_dom4j(properties: etree._Element) -> str:
    """The text whose digest it is: exclusive C14N with elements without content in one tag."""
    text = etree.tostring(properties, method="c14n", exclusive=True, with_comments=False).decode()
    for element in properties.iter():
        if len(element) == 0 and not element.text:
            name = f"{element.prefix}:{etree.QName(element).localname}"
            text = text.replace(f"></{name}>", "/>")
    return text


def _verify_certificate(signature: etree._Element, certificate: Certificate) -> None:
    embedded = _text(signature, f"{DS}KeyInfo/{DS}X509Data/{DS}X509Certificate")
    _equal("certificate", certificate.base64_der, "".join(embedded.split()))
    cert = _only(signature, f".//{XADES}SigningCertificate/{XADES}Cert")
    _equal(
        "certificate digest",
        certificate.digest,
        _text(cert, f"{XADES}CertDigest/{DS}DigestValue"),
    )
    issuer = f"{XADES}IssuerSerial/{DS}X509IssuerName"
    _equal("issuer name", certificate.issuer_name, _text(cert, issuer))
    _equal(
        "serial number",
        str(certificate.serial_number),
        _text(cert, f"{XADES}IssuerSerial/{DS}X509SerialNumber"),
    )


def _verify_qr(
    root: etree._Element, stated_hash: str, signature_value: str, certificate: Certificate
) -> None:
    payload = next(
        (
            reference.findtext(f"{CAC}Attachment/{CBC}EmbeddedDocumentBinaryObject") or ""
            for reference in root.findall(f"{CAC}AdditionalDocumentReference")
            if reference.findtext(f"{CBC}ID") == "QR"
        ),
        "",
    )
    try:
        records = qr_code.parse(payload)
    except QRInvalid as error:
        raise SealBroken(f"QR code: {error}") from None
    for tag, value in _expected_qr(root, stated_hash, signature_value, certificate).items():
        _equal(f"QR tag {tag}", value.hex(), records.pop(tag, b"").hex())
    if records:
        raise SealBroken(f"QR code has unexpected tags {sorted(records)}")


def _expected_qr(
    root: etree._Element, stated_hash: str, signature_value: str, certificate: Certificate
) -> dict[int, bytes]:
    party = _only(root, f"{CAC}AccountingSupplierParty/{CAC}Party")
    issue_time = _text(root, f"{CBC}IssueTime").removesuffix("Z")
    texts = (
        _text(party, f"{CAC}PartyLegalEntity/{CBC}RegistrationName"),
        _text(party, f"{CAC}PartyTaxScheme/{CBC}CompanyID"),
        f"{_text(root, f'{CBC}IssueDate')}T{issue_time}",
        _text(root, f"{CAC}LegalMonetaryTotal/{CBC}PayableAmount"),
        _text(root, f"{CAC}TaxTotal/{CBC}TaxAmount"),
        stated_hash,
        signature_value,
    )
    expected = {tag: text.encode() for tag, text in enumerate(texts, 1)}
    expected[8] = certificate.public_key_der
    code = root.find(f"{CBC}InvoiceTypeCode")
    if code is not None and code.get("name", "").startswith("02"):
        expected[9] = certificate.signature
    return expected


def _only(element: etree._Element, path: str) -> etree._Element:
    found = element.findall(path)
    if len(found) != 1:
        raise SealBroken(f"number of {path}", "1", str(len(found)))
    return found[0]


def _text(element: etree._Element, path: str) -> str:
    text = element.findtext(path)
    if text is None:
        raise SealBroken(f"missing {path}")
    return text


def _equal(fact: str, expected: str, got: str) -> None:
    if expected != got:
        raise SealBroken(fact, expected, got)
