"""The QR code of phase 2: BER-TLV records, and what each must say (zatca.md 2)."""

import base64
from collections.abc import Iterator, Mapping

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from invoicing.sandbox.answers import Finding, Severity
from invoicing.sandbox.documents import Document

CATEGORY = "QRCODE_VALIDATION"

# tag -> (field of the authority's error code, sentence, severity). The timestamp is a warning at
# the authority (seen live), everything else refuses the document.
FIELDS: dict[int, tuple[str, str, Severity]] = {
    1: ("sellerName", "Seller name does not match with qr code seller name", "error"),
    2: ("vatRegistrationNumber", "VAT number does not match with qr code VAT number", "error"),
    3: (
        "invoiceTimeStamp",
        "Time on QR Code does not match with Invoice Issue Time (KSA-25).",
        "warning",
    ),
    4: ("invoiceTotal", "Invoice total does not match with qr code invoice total", "error"),
    5: ("vatTotal", "VAT total does not match with qr code VAT total", "error"),
    6: ("invoiceHash", "Invoice xml hash does not match with qr code invoice xml hash", "error"),
    7: (
        "INVOICE_SIGNATURE_VALUE",
        "Invoice signature value does not match with qr invoice signature value",
        "error",
    ),
    8: ("publicKey", "ECDSA Public Key does not match with qr code ECDSA public key", "error"),
    9: (
        "CERTIFICATE_SIGNATURE",
        "certificate signature does not match with qr certificate signature value",
        "error",
    ),
}


def parse_tlv(encoded: str) -> dict[int, bytes]:
    """The records of a QR text by tag; raises ValueError for anything but whole BER-TLV."""
    return dict(_records(base64.b64decode(encoded, validate=True)))


def _records(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        tag, length, position = data[position], *_length(data, position + 1)
        value = data[position : position + length]
        if len(value) != length:
            raise ValueError(f"tag {tag} announces {length} bytes, {len(value)} follow")
        yield tag, value
        position += length


def _length(data: bytes, position: int) -> tuple[int, int]:
    if position >= len(data):
        raise ValueError("a tag without a length")
    first = data[position]
    if first < 0x80:
        return first, position + 1
    width = first & 0x7F
    if width not in (1, 2) or position + width >= len(data):
        raise ValueError(f"length byte {first:#x} is not supported")
    return int.from_bytes(data[position + 1 : position + 1 + width]), position + 1 + width


def encode_tlv(values: Mapping[int, bytes]) -> str:
    """base64 of the records in the order given; lengths are BER, up to 65,535 bytes."""
    return base64.b64encode(b"".join(_record(tag, value) for tag, value in values.items())).decode()


def _record(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    if size < 0x100:
        return bytes([tag, 0x81, size]) + value
    return bytes([tag, 0x82]) + size.to_bytes(2) + value


def expected_tags(
    document: Document, *, signature: str, certificate: x509.Certificate
) -> dict[int, bytes]:
    """Tags 1 to 9 as this document, stamped with this signature and certificate, must show them."""
    public_key = certificate.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    texts = (
        document.seller_name,
        document.seller_vat_number,
        document.issued,
        document.payable,
        document.tax,
        document.invoice_hash,
        signature,
    )
    tags = {tag: text.encode() for tag, text in enumerate(texts, start=1)}
    return tags | {8: public_key, 9: certificate.signature}


def judge_qr(document: Document, certificate: x509.Certificate) -> list[Finding]:
    """What is wrong with the QR of a stamped simplified document; empty when all nine tags fit."""
    if not document.qr:
        return [Finding.error("QRCODE_INVALID", CATEGORY, "QR code is missing")]
    try:
        shown = parse_tlv(document.qr)
    except ValueError:
        sentence = "Invalid QR code format, Please follow the ZATCA QR code specifications"
        return [Finding.error("QRCODE_INVALID", CATEGORY, sentence)]
    signature = document.stamp.signature if document.stamp else ""
    expected = expected_tags(document, signature=signature, certificate=certificate)
    return [
        Finding(severity, f"{field}_QRCODE_INVALID", CATEGORY, sentence)
        for tag, (field, sentence, severity) in FIELDS.items()
        if shown.get(tag) != expected[tag]
    ]
