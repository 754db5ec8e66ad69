"""The authority's own stamp on what it clears (zatca.md 6.3-6.5).

Only the three blocks outside the invoice hash are exchanged, so the taxpayer's hash still fits.
"""

import base64
import hashlib
import re
from datetime import datetime, timedelta, timezone

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from config.xml import parse as xml_parse
from invoicing.sandbox.certificates import Seal
from invoicing.sandbox.documents import (
    ANCHOR_BLOCK,
    NAMESPACES,
    QR_BLOCK,
    STAMP_BLOCK,
    Document,
    invoice_hash,
    parse,
)
from invoicing.sandbox.qr import encode_tlv, expected_tags

RIYADH = timezone(timedelta(hours=3))
PROPERTIES_DIGEST = ".//ds:Reference[@URI='#xadesSignedProperties']/ds:DigestValue"
CHILDLESS = re.compile(rb"<([\w:]+)([^<>]*)></\1>")

STAMP_XML = """\
<ext:UBLExtensions\
 xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2"\
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"><ext:UBLExtension>\
<ext:ExtensionURI>urn:oasis:names:specification:ubl:dsig:enveloped:xades</ext:ExtensionURI>\
<ext:ExtensionContent><sig:UBLDocumentSignatures\
 xmlns:sig="urn:oasis:names:specification:ubl:schema:xsd:CommonSignatureComponents-2"\
 xmlns:sac="urn:oasis:names:specification:ubl:schema:xsd:SignatureAggregateComponents-2"\
 xmlns:sbc="urn:oasis:names:specification:ubl:schema:xsd:SignatureBasicComponents-2">\
<sac:SignatureInformation><cbc:ID>urn:oasis:names:specification:ubl:signature:1</cbc:ID>\
<sbc:ReferencedSignatureID>urn:oasis:names:specification:ubl:signature:Invoice\
</sbc:ReferencedSignatureID>\
<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="signature"><ds:SignedInfo>\
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2006/12/xml-c14n11"/>\
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"/>\
<ds:Reference Id="invoiceSignedData" URI=""><ds:Transforms>\
<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">\
<ds:XPath>not(//ancestor-or-self::ext:UBLExtensions)</ds:XPath></ds:Transform>\
<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">\
<ds:XPath>not(//ancestor-or-self::cac:Signature)</ds:XPath></ds:Transform>\
<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">\
<ds:XPath>not(//ancestor-or-self::cac:AdditionalDocumentReference[cbc:ID='QR'])</ds:XPath>\
</ds:Transform><ds:Transform Algorithm="http://www.w3.org/2006/12/xml-c14n11"/></ds:Transforms>\
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\
<ds:DigestValue>{invoice_hash}</ds:DigestValue></ds:Reference>\
<ds:Reference Type="http://www.w3.org/2000/09/xmldsig#SignatureProperties"\
 URI="#xadesSignedProperties">\
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/>\
</ds:Reference></ds:SignedInfo><ds:SignatureValue>{signature}</ds:SignatureValue>\
<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data>\
</ds:KeyInfo><ds:Object>\
<xades:QualifyingProperties xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" Target="signature">\
<xades:SignedProperties Id="xadesSignedProperties"><xades:SignedSignatureProperties>\
<xades:SigningTime>{signing_time}</xades:SigningTime><xades:SigningCertificate><xades:Cert>\
<xades:CertDigest><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>\
<ds:DigestValue>{certificate_digest}</ds:DigestValue></xades:CertDigest><xades:IssuerSerial>\
<ds:X509IssuerName>{issuer}</ds:X509IssuerName>\
<ds:X509SerialNumber>{serial}</ds:X509SerialNumber></xades:IssuerSerial></xades:Cert>\
</xades:SigningCertificate></xades:SignedSignatureProperties></xades:SignedProperties>\
</xades:QualifyingProperties></ds:Object></ds:Signature></sac:SignatureInformation>\
</sig:UBLDocumentSignatures></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"""

ANCHOR_XML = """\
<cac:Signature\
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"\
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">\
<cbc:ID>urn:oasis:names:specification:ubl:signature:Invoice</cbc:ID>\
<cbc:SignatureMethod>urn:oasis:names:specification:ubl:dsig:enveloped:xades</cbc:SignatureMethod>\
</cac:Signature>"""

QR_XML = """\
<cac:AdditionalDocumentReference\
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"\
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">\
<cbc:ID>QR</cbc:ID><cac:Attachment>\
<cbc:EmbeddedDocumentBinaryObject mimeCode="text/plain">{qr}</cbc:EmbeddedDocumentBinaryObject>\
</cac:Attachment></cac:AdditionalDocumentReference>"""


def stamp_cleared(document: Document, seal: Seal, *, at: datetime) -> bytes:
    """The document as the authority gives it back: its stamp and QR instead of the taxpayer's."""
    signature = _sign(document.invoice_hash, seal.key)
    tags = expected_tags(document, signature=signature, certificate=seal.certificate)
    # Tag 9 is for simplified documents only, and only standard ones are cleared.
    del tags[9]
    tree = parse(document.xml)
    root = tree.getroot()
    _exchange(root, STAMP_BLOCK, _stamp(document, seal.certificate, signature, at))
    _exchange(root, QR_BLOCK, xml_parse(QR_XML.format(qr=encode_tlv(tags)).encode()))
    _exchange(root, ANCHOR_BLOCK, xml_parse(ANCHOR_XML.encode()))
    _seal_properties(root)
    cleared = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
    assert invoice_hash(cleared) == document.invoice_hash
    return cleared


def _sign(hash_text: str, key: ec.EllipticCurvePrivateKey) -> str:
    signature = key.sign(base64.b64decode(hash_text), ec.ECDSA(hashes.SHA256()))
    return base64.b64encode(signature).decode()


def _stamp(
    document: Document, certificate: x509.Certificate, signature: str, at: datetime
) -> etree._Element:
    encoded = base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()
    names = [part.rfc4514_string() for part in reversed(list(certificate.issuer.rdns))]
    stamp = STAMP_XML.format(
        invoice_hash=document.invoice_hash,
        signature=signature,
        certificate=encoded,
        signing_time=at.astimezone(RIYADH).strftime("%Y-%m-%dT%H:%M:%S"),
        certificate_digest=_hex_digest(encoded.encode()),
        issuer=", ".join(names),
        serial=certificate.serial_number,
    )
    return xml_parse(stamp.encode())


def _exchange(root: etree._Element, block: str, new: etree._Element) -> None:
    """Put the new block where the old one is, or where the schema wants it when there is none."""
    old = root.find(block, NAMESPACES)
    if old is not None:
        new.tail = old.tail
        root.replace(old, new)
    elif block == STAMP_BLOCK:
        root.insert(0, new)
    else:
        supplier = root.find("cac:AccountingSupplierParty", NAMESPACES)
        anchor = root.find(ANCHOR_BLOCK, NAMESPACES)
        follower = anchor if anchor is not None else supplier
        assert follower is not None
        follower.addprevious(new)


def _seal_properties(root: etree._Element) -> None:
    """Fill in the digest of SignedProperties, printed as dom4j does (zatca.md 6.4)."""
    properties = root.find(".//xades:SignedProperties", NAMESPACES)
    digest = root.find(PROPERTIES_DIGEST, NAMESPACES)
    assert properties is not None
    assert digest is not None
    printed = etree.tostring(properties, method="c14n", exclusive=True, with_tail=False)
    digest.text = _hex_digest(CHILDLESS.sub(rb"<\1\2/>", printed))


def _hex_digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).hexdigest().encode()).decode()
