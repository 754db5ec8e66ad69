"""The QR payload: tag, length and value, nine records in Phase 2, five in Phase 1, then base64."""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from invoicing.zatca.errors import QRInvalid

MAX_LENGTH = 1000  # characters of base64, rule BR-CL-KSA-14
PHASE1_MAX_VALUE = 255  # the written standard knows one length byte


def phase1_qr(
    seller_name: str, vat_number: str, timestamp: datetime, total: Decimal, tax: Decimal
) -> str:
    """Return the base64 payload of a Phase 1 QR code (tags 1 to 5).

    `timestamp` is the seller's local time of issue, written without zone or fraction; amounts are
    in riyals. Raises QRInvalid when a value exceeds the one length byte of the Phase 1 standard.
    """
    values = (
        seller_name,
        vat_number,
        timestamp.strftime("%Y-%m-%dT%H:%M:%S"),
        f"{total:.2f}",
        f"{tax:.2f}",
    )
    records = []
    for tag, text in enumerate(values, 1):
        value = text.encode()
        if len(value) > PHASE1_MAX_VALUE:
            raise QRInvalid(f"tag {tag} has {len(value)} bytes, at most {PHASE1_MAX_VALUE} fit")
        records.append(bytes((tag, len(value))) + value)
    return b64encode(b"".join(records)).decode()


def phase2_qr(
    *,
    seller_name: str,
    vat_number: str,
    timestamp: str,
    total: str,
    tax: str,
    invoice_hash: str,
    signature: str,
    public_key: bytes,
    certificate_signature: bytes | None,
) -> str:
    """Return the base64 payload of a Phase 2 QR code, tags 1 to 8, and 9 on simplified documents.

    Texts are those of the XML: `timestamp` IssueDate + T + IssueTime, `total` PayableAmount, `tax`
    the first TaxTotal; hash and signature go in as their base64 text, `public_key` as DER
    SubjectPublicKeyInfo, `certificate_signature` as the CA's DER signature. Lengths are BER.
    Raises QRInvalid beyond 1000 characters.
    """
    values = [
        seller_name.encode(),
        vat_number.encode(),
        timestamp.encode(),
        total.encode(),
        tax.encode(),
        invoice_hash.encode(),
        signature.encode(),
        public_key,
    ]
    if certificate_signature is not None:
        values.append(certificate_signature)
    payload = b64encode(b"".join(_record(tag, value) for tag, value in enumerate(values, 1)))
    if len(payload) > MAX_LENGTH:
        raise QRInvalid(f"the QR code has {len(payload)} characters, at most {MAX_LENGTH} fit")
    return payload.decode()


def parse(payload: str) -> dict[int, bytes]:
    """Return the values of a payload by tag. Raises QRInvalid when it is no base64 TLV.

    Lengths are read as BER; where that makes no sense, as the single byte of Phase 1.
    """
    try:
        data = b64decode(payload, validate=True)
    except (Base64Error, ValueError) as error:
        raise QRInvalid(f"not base64: {error}") from None
    try:
        return _records(data, _ber_length)
    except QRInvalid:
        return _records(data, _byte_length)


def _records(data: bytes, read_length: Callable[[bytes, int], tuple[int, int]]) -> dict[int, bytes]:
    records: dict[int, bytes] = {}
    position = 0
    while position < len(data):
        tag = data[position]
        length, position = read_length(data, position + 1)
        value = data[position : position + length]
        if len(value) != length:
            raise QRInvalid(f"tag {tag} promises {length} bytes and has {len(value)}")
        if tag in records:
            raise QRInvalid(f"tag {tag} appears twice")
        records[tag] = value
        position += length
    return records


def _record(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes((tag, size)) + value
    if size < 0x100:
        return bytes((tag, 0x81, size)) + value
    return bytes((tag, 0x82, size >> 8, size & 0xFF)) + value


def _byte_length(data: bytes, position: int) -> tuple[int, int]:
    if position >= len(data):
        raise QRInvalid("a record ends before its length")
    return data[position], position + 1


def _ber_length(data: bytes, position: int) -> tuple[int, int]:
    """Read a BER length of one to three bytes; return it and the position behind it."""
    first, position = _byte_length(data, position)
    if first < 0x80:
        return first, position
    width = first - 0x80
    if width not in (1, 2) or position + width > len(data):
        raise QRInvalid("a record has no readable length")
    return int.from_bytes(data[position : position + width], "big"), position + width
