"""Every digest of a document, as it is stated and as it is: which bytes an "invalid hash" is about.

For any ZATCA document, ours or not. Where a stated digest is not the right one, the usual mistakes
are tried one by one, so that the answer is a recipe that was followed and not a mere "no".
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from config.xml import parse
from invoicing.zatca import qr
from invoicing.zatca.errors import CertificateInvalid, QRInvalid
from invoicing.zatca.hashing import DS, XADES, canonical_bytes
from invoicing.zatca.reading import embedded_qr
from invoicing.zatca.recipes import hash_recipe, properties_recipe
from invoicing.zatca.sealing import printed_by_dom4j, signed_properties_digest
from invoicing.zatca.signing import Certificate

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Check:
    """One fact that a document states, with what it is; `why` explains a difference."""

    name: str
    stated: str
    computed: str
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.stated == self.computed


@dataclass(frozen=True, slots=True)
class Anatomy:
    """A document laid open.

    `canonical` are the bytes that are hashed, `properties` is the text of the signed properties as
    dom4j prints it (empty without a stamp); `remarks` are about the file itself.
    """

    canonical: bytes
    properties: str
    invoice_hash: str
    checks: tuple[Check, ...]
    remarks: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return all(check.holds for check in self.checks)


def dissect(xml: bytes) -> Anatomy:
    """Take any document apart. Raises as `config.xml.parse` for what is none."""
    root = parse(xml)
    canonical = canonical_bytes(xml)
    computed = _digest(canonical)
    signature = root.find(f".//{DS}Signature")
    properties = root.find(f".//{XADES}SignedProperties")
    checks = [] if signature is None else list(_stamp_checks(xml, signature, canonical))
    return Anatomy(
        canonical=canonical,
        properties="" if properties is None else printed_by_dom4j(properties),
        invoice_hash=computed,
        checks=(*checks, *_qr_checks(xml, computed, signature)),
        remarks=tuple(_remarks(xml, has_stamp=signature is not None)),
    )


def _stamp_checks(xml: bytes, signature: Any, canonical: bytes) -> Iterator[Check]:
    references = signature.findall(f"{DS}SignedInfo/{DS}Reference")
    stated = [reference.findtext(f"{DS}DigestValue") or "" for reference in references]
    stated_hash, stated_properties = (*stated, "", "")[:2]
    computed = _digest(canonical)
    yield _check("invoice hash", stated_hash, computed, lambda: hash_recipe(xml, stated_hash))
    properties = signature.find(f".//{XADES}SignedProperties")
    if properties is not None:
        yield _check(
            "digest of the signed properties",
            stated_properties,
            signed_properties_digest(properties),
            lambda: properties_recipe(properties, stated_properties),
        )
    yield from _certificate_checks(signature, stated_hash, computed)


def _certificate_checks(signature: Any, stated_hash: str, computed: str) -> Iterator[Check]:
    text = signature.findtext(f".//{DS}X509Certificate") or ""
    try:
        certificate = Certificate.from_base64_der(text)
    except CertificateInvalid as error:
        yield Check("certificate", "unreadable", "readable", str(error))
        return
    cert = f".//{XADES}Cert/"
    digest = signature.findtext(f"{cert}{XADES}CertDigest/{DS}DigestValue") or ""
    yield _check(
        "certificate digest", digest, certificate.digest, lambda: _cert_recipe(certificate, digest)
    )
    serial = signature.findtext(f"{cert}{XADES}IssuerSerial/{DS}X509SerialNumber") or ""
    yield Check("certificate serial number", serial, str(certificate.serial_number))
    yield _signature_check(signature, certificate, stated_hash, computed)


def _cert_recipe(certificate: Certificate, stated: str) -> str:
    der = sha256(b64decode(certificate.base64_der))
    text = sha256(certificate.base64_der.encode())
    raw = "It is base64 of the raw digest; it must be base64 of the digest's hexadecimal text."
    recipes = {
        b64encode(der.hexdigest().encode()).decode(): (
            "It was taken over the DER; it must be taken over the base64 text of the certificate."
        ),
        b64encode(der.digest()).decode(): f"It was taken over the DER. {raw}",
        b64encode(text.digest()).decode(): raw,
    }
    return recipes.get(stated, "It is the digest of another certificate.")


def _signature_check(
    signature: Any, certificate: Certificate, stated_hash: str, computed: str
) -> Check:
    value = signature.findtext(f"{DS}SignatureValue") or ""
    good = "holds for the computed hash"
    if _verifies(certificate, value, computed):
        return Check("signature", good, good)
    if _verifies(certificate, value, stated_hash):
        return Check(
            "signature",
            "holds for the stated hash",
            good,
            "The stamp is genuine and belongs to the document as it was: the file was changed "
            "after it was signed.",
        )
    return Check("signature", "holds for neither hash", good, _signature_recipe(value))


def _signature_recipe(value: str) -> str:
    try:
        size = len(b64decode(value, validate=True))
    except (Base64Error, ValueError):
        return "SignatureValue is not base64."
    if size == 64:
        return "The signature has the 64 bytes of r and s (JOSE); it must be DER."
    return (
        "It was made with another key, or over other bytes: it must be ECDSA with SHA-256 over the "
        "32 bytes of the invoice hash, and not over SignedInfo or a text."
    )


def _verifies(certificate: Certificate, value: str, digest: str) -> bool:
    try:
        return certificate.verifies(b64decode(value, validate=True), b64decode(digest))
    except (Base64Error, ValueError):
        return False


def _qr_checks(xml: bytes, computed: str, signature: Any) -> Iterator[Check]:
    payload = embedded_qr(xml)
    if not payload:
        return
    try:
        records = qr.parse(payload)
    except QRInvalid as error:
        yield Check("QR code", "unreadable", "readable", str(error))
        return
    if 6 in records:
        stated = records[6].decode(errors="replace")
        yield Check("hash in the QR code", stated, computed, "The QR code is of another document.")
    if 7 in records and signature is not None:
        value = signature.findtext(f"{DS}SignatureValue") or ""
        said = records[7].decode(errors="replace")
        yield Check("signature in the QR code", said, value, "The QR code is of another stamp.")


def _remarks(xml: bytes, *, has_stamp: bool) -> Iterator[str]:
    if xml.startswith(BOM):
        yield (
            "The file begins with a byte order mark (EF BB BF). It is no part of the hash, but a "
            "hash taken over the whole file has it in."
        )
    if b"\r\n" in xml:
        yield (
            "The file has CRLF line ends. Every XML parser reads them as LF, so they are no part "
            "of the hash; a hash taken without a parser has them in."
        )
    if b"&#13;" in xml or b"&#xD;" in xml.upper().replace(b"&#XD;", b"&#xD;"):
        yield "The file holds carriage returns as character references, which are hashed as such."
    if not has_stamp:
        yield "The document has no stamp, so that it states no hash of its own."


def _check(name: str, stated: str, computed: str, why: Callable[[], str]) -> Check:
    return Check(name, stated, computed, "" if stated == computed else why())


def _digest(data: bytes) -> str:
    return b64encode(sha256(data).digest()).decode()
