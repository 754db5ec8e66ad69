"""The stamp of a document, checked with signxml."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

import signxml
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from lxml import etree
from signxml.verifier import VerifyResult
from signxml.xades import XAdESSignatureConfiguration, XAdESVerifier

from config.xml import parse


class StampBroken(Exception):
    """The stamp of a document does not hold; the text says which part."""


def verify_stamp(
    xml: bytes, *, certificate_der: bytes | None = None, at: datetime | None = None
) -> None:
    """Verify the stamp of any ZATCA document, ours or a cleared one, with signxml.

    Both references, the ECDSA signature over the invoice digest, the certificate's digest and
    validity are checked; algorithms other than the profile's are refused. `certificate_der` pins
    the unit's certificate; without it the one in the document is taken, which proves integrity and
    no identity. `at` is the instant at which the certificate must be valid (default now).
    Raises StampBroken.
    """
    try:
        certificate = x509.load_der_x509_certificate(certificate_der or _embedded_certificate(xml))
        _StampVerifier().verify(
            xml,
            x509_cert=certificate,
            expect_config=XAdESSignatureConfiguration(
                expect_references=2,
                signature_methods=frozenset({signxml.SignatureMethod.ECDSA_SHA256}),
                digest_algorithms=frozenset({signxml.DigestAlgorithm.SHA256}),
                verification_time=at,
            ),
        )
    except (
        signxml.exceptions.SignXMLException,
        InvalidSignature,
        etree.LxmlError,
        ValueError,  # base64, DER and encodings
        TypeError,  # an element without text
        AttributeError,
    ) as error:
        raise StampBroken(str(error) or type(error).__name__) from error


def signing_time(xml: bytes) -> datetime | None:
    """The instant at which a document says it was stamped; None where it says none to be read.

    Riyadh time where it names no zone, as the profile has it. Raises XMLRefused.
    """
    text = parse(xml).findtext(".//xades:SigningTime", "", _NAMESPACES)
    try:
        stated = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return stated if stated.tzinfo else stated.replace(tzinfo=RIYADH)


RIYADH = timezone(timedelta(hours=3))
_NAMESPACES = {
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "ext": "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2",
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
    "xades": "http://uri.etsi.org/01903/v1.3.2#",
}
# The profile names these three and nothing else; what each takes out of the document, by XPath.
_TRANSFORMS = {
    "not(//ancestor-or-self::ext:UBLExtensions)": "//ext:UBLExtensions",
    "not(//ancestor-or-self::cac:Signature)": "//cac:Signature",
    "not(//ancestor-or-self::cac:AdditionalDocumentReference[cbc:ID='QR'])": (
        "//cac:AdditionalDocumentReference[cbc:ID='QR']"
    ),
}
_XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
_C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
_PROPERTIES = "#xadesSignedProperties"
_EMPTY = re.compile(rb"<(([\w:.-]+)[^<>]*)></\2>")


def _embedded_certificate(xml: bytes) -> bytes:
    found = parse(xml).findall(".//ds:X509Certificate", _NAMESPACES)
    if len(found) != 1:
        raise StampBroken(f"expected one certificate, found {len(found)}")
    try:
        return b64decode(found[0].text or "")
    except Base64Error as error:
        raise StampBroken(f"the certificate is not base64: {error}") from None


class _StampVerifier(XAdESVerifier):
    """signxml's verifier with the four liberties that ZATCA takes with XAdES."""

    def _apply_transforms(self, payload: Any, *, transforms_node: Any, signature: Any) -> Any:
        """Honour the three XPath transforms, which signxml would pass over in silence."""
        if transforms_node is None:
            raise signxml.InvalidInput("the document is referenced with transforms")
        algorithms = [node.get("Algorithm") for node in transforms_node]
        expressions = [path.text for path in transforms_node.iterfind(".//ds:XPath", _NAMESPACES)]
        if expressions != list(_TRANSFORMS) or algorithms != [_XPATH] * 3 + [_C14N11]:
            raise signxml.InvalidInput("the transforms are not those of the profile")
        tree = parse(self._tostring(payload))
        for expression in expressions:
            elements: Any = tree.xpath(_TRANSFORMS[expression], namespaces=_NAMESPACES)
            for element in elements:
                _cut(element)
        return etree.tostring(tree, method="c14n", exclusive=False, with_comments=False)

    def _verify_signature_with_pubkey(
        self, *, signed_info_c14n: bytes, raw_signature: bytes, **kwargs: Any
    ) -> tuple[bytes, Any]:
        """The signature is DER, over the first reference's digest instead of SignedInfo."""
        key = kwargs["signing_certificate"].public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise signxml.InvalidInput("the certificate's key is not an elliptic curve key")
        signed_info = self._fromstring(signed_info_c14n)
        first = self._find(signed_info, "Reference")
        digest = b64decode(self._find(first, "DigestValue").text)
        key.verify(raw_signature, digest, ec.ECDSA(hashes.SHA256()))
        return signed_info_c14n, key

    def _verify_reference(self, reference: Any, index: int, *args: Any, **kwargs: Any) -> Any:
        """Two references in this order, the document and the signed properties, and no other."""
        uri = reference.get("URI")
        if (index, uri) == (0, ""):
            return super()._verify_reference(reference, index, *args, **kwargs)
        if (index, uri) == (1, _PROPERTIES):
            return self._verify_properties(reference, *args, **kwargs)
        raise signxml.InvalidInput(f"reference {index} points to {uri!r}")

    def _verify_properties(
        self, reference: Any, root: Any, uri_resolver: Any, c14n: Any, signature: Any, key: Any
    ) -> Any:
        """The digest is hexadecimal, over the element as dom4j prints it."""
        algorithm = signxml.DigestAlgorithm(self._find(reference, "DigestMethod").get("Algorithm"))
        self.check_digest_alg_expected(algorithm)
        if self._find(reference, "Transforms", require=False) is not None:
            raise signxml.InvalidInput("the signed properties are referenced without transforms")
        printed = _as_dom4j(self._resolve_reference(root, reference))
        stated = b64decode(self._find(reference, "DigestValue").text)
        if stated != sha256(printed).hexdigest().encode():
            raise signxml.InvalidDigest("Digest mismatch for the signed properties")
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return VerifyResult(printed, self._fromstring(printed), signature, signature_key=pem)

    def _verify_cert_digest(
        self, signing_cert_node: Any, certs: list[Any], signing_cert: Any
    ) -> None:
        """The digest is hexadecimal, over the certificate's base64 text; issuer and serial too."""
        certificates = self._findall(signing_cert_node, "xades:Cert")
        if len(certificates) != 1 or len(certs) != 1:
            raise signxml.InvalidInput("expected exactly one certificate")
        stated = certificates[0].find("xades:CertDigest/ds:DigestValue", _NAMESPACES)
        text = b64encode(signing_cert.public_bytes(Encoding.DER))
        if b64decode(stated.text) != sha256(text).hexdigest().encode():
            raise signxml.InvalidDigest("Digest mismatch for the signing certificate")
        serial = certificates[0].findtext("xades:IssuerSerial/ds:X509SerialNumber", "", _NAMESPACES)
        if serial != str(signing_cert.serial_number):
            raise signxml.InvalidInput("the serial number is not the certificate's")


def _cut(element: Any) -> None:
    """Remove an element and leave the text behind it in place."""
    parent, previous = element.getparent(), element.getprevious()
    if parent is None:
        raise signxml.InvalidInput("the whole document would be taken out")
    if previous is None:
        parent.text = (parent.text or "") + (element.tail or "")
    else:
        previous.tail = (previous.tail or "") + (element.tail or "")
    parent.remove(element)


def _as_dom4j(properties: Any) -> bytes:
    """Exclusive C14N in which an element without children closes in one tag."""
    text = etree.tostring(properties, method="c14n", exclusive=True, with_comments=False)
    return _EMPTY.sub(rb"<\1/>", text)
