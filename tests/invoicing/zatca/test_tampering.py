"""Nine ways to change a sealed document, and who notices."""

import re
from base64 import b64decode, b64encode

import pytest

from invoicing.judge import StampBroken, verify_stamp
from invoicing.zatca import qr
from invoicing.zatca.errors import SealBroken
from invoicing.zatca.sealing import verify_seal
from invoicing.zatca.signing import Certificate, LocalSigner, generate_private_key
from tests.invoicing.zatca.conftest import issue_certificate
from tests.invoicing.zatca.trade import JUDGED_AT, document


def replaced(pattern: bytes, value: bytes, xml: bytes) -> bytes:
    changed, count = re.subn(pattern, value, xml, count=1, flags=re.S)
    assert count == 1
    assert changed != xml
    return changed


def another_amount(xml):
    return replaced(rb">115.00</cbc:RoundingAmount>", b">115.01</cbc:RoundingAmount>", xml)


def another_number(xml):
    return replaced(rb">INV-2026-0001<", b">INV-2026-0002<", xml)


def a_space_more(xml):
    return replaced(rb"<cac:InvoiceLine>", b" <cac:InvoiceLine>", xml)


def another_signing_time(xml):
    return replaced(rb"<xades:SigningTime>2026", b"<xades:SigningTime>2025", xml)


def another_signature(xml):
    forged = b64encode(LocalSigner(generate_private_key()).sign(bytes(32)))
    return replaced(rb"(?<=<ds:SignatureValue>)[^<]+", forged, xml)


def another_invoice_digest(xml):
    return replaced(rb"(?<=<ds:DigestValue>)[^<]+", b64encode(bytes(32)), xml)


def another_certificate(xml):
    foreign = Certificate.from_pem(issue_certificate(generate_private_key()))
    return replaced(rb"(?<=<ds:X509Certificate>)[^<]+", foreign.base64_der.encode(), xml)


def a_transform_less(xml):
    return replaced(
        rb"<ds:XPath>not\(//ancestor-or-self::cac:Signature\)",
        b"<ds:XPath>not(//ancestor-or-self::cac:InvoiceLine)",
        xml,
    )


def another_total_in_the_qr_code(xml):
    payload = re.search(rb'QR</cbc:ID>.*?text/plain">([^<]+)', xml, re.S)[1]
    total = qr.parse(payload.decode())[4]
    forged = b64encode(b64decode(payload).replace(total, b"9" * len(total)))
    return xml.replace(payload, forged)


SEEN_BY_BOTH = (
    another_amount,
    another_number,
    a_space_more,
    another_signing_time,
    another_signature,
    another_invoice_digest,
)


@pytest.mark.parametrize(
    "change", [*SEEN_BY_BOTH, another_certificate, another_total_in_the_qr_code]
)
def test_the_seal_is_broken(change, sealed, certificate):
    one = sealed(document())

    with pytest.raises(SealBroken):
        verify_seal(change(one.xml), certificate)


@pytest.mark.parametrize("change", [*SEEN_BY_BOTH, another_certificate, a_transform_less])
def test_the_stamp_is_broken(change, sealed, certificate):
    one = sealed(document())

    with pytest.raises(StampBroken):
        verify_stamp(
            change(one.xml), certificate_der=b64decode(certificate.base64_der), at=JUDGED_AT
        )


def test_there_are_nine():
    assert (
        len({*SEEN_BY_BOTH, another_certificate, a_transform_less, another_total_in_the_qr_code})
        == 9
    )
