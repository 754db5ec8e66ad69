"""Stamp and QR of a simplified document: each part changed is each time noticed."""

import base64
import dataclasses
import hashlib
from datetime import timedelta

import pytest
from lxml import etree

from tests.invoicing.sandbox.taxpayer import NOON, Unit, codes, paper

QR = "cac:AdditionalDocumentReference[cbc:ID='QR']//cbc:EmbeddedDocumentBinaryObject"
NAMESPACES = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}


def test_a_stamp_made_with_a_certificate_of_nobody_is_refused(authority, unit):
    stranger = Unit(authority.base_url())
    issued = stranger.call("/compliance", {"csr": stranger.csr()}, OTP="123456").json()
    stranger.take(issued)

    answer = unit.report(stranger.document())

    assert codes(answer) == ["invalid-signing-certificate"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<xades:SigningTime>2026", "<xades:SigningTime>2025"),
        ("<ds:X509SerialNumber>", "<ds:X509SerialNumber>1"),
        ("</ds:SignatureValue>", "AAAA</ds:SignatureValue>"),
    ],
)
def test_a_changed_stamp_is_an_invalid_signature(authority, unit, old, new):
    answer = unit.report(unit.document().tampered(old, new))

    assert answer.status_code == 400
    assert "invalid-digital-signature" in codes(answer)
    assert not authority.control.documents()[0]["accepted"]


def test_an_unstamped_simplified_document_is_refused(authority, unit):
    tree = etree.fromstring(unit.document().xml)
    tree.remove(tree[0])
    xml = etree.tostring(tree).decode()

    answer = unit.report(paper(xml, "INV-X", xml.split("<cbc:UUID>")[1][:36], 1))

    assert answer.status_code == 400
    assert "invalid-digital-signature" in codes(answer)


def with_qr(document, tag: int, value: bytes):
    """The document with one record of its QR exchanged; written by hand, lengths below 128."""
    tree = etree.fromstring(document.xml)
    node = tree.find(QR, NAMESPACES)
    data, records = base64.b64decode(node.text), {}
    while data:
        records[data[0]], data = data[2 : 2 + data[1]], data[2 + data[1] :]
    records[tag] = value
    written = b"".join(bytes([tag, len(value)]) + value for tag, value in records.items())
    node.text = base64.b64encode(written).decode()
    return dataclasses.replace(document, xml=etree.tostring(tree))


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        (1, "sellerName_QRCODE_INVALID"),
        (2, "vatRegistrationNumber_QRCODE_INVALID"),
        (4, "invoiceTotal_QRCODE_INVALID"),
        (5, "vatTotal_QRCODE_INVALID"),
        (6, "invoiceHash_QRCODE_INVALID"),
        (7, "INVOICE_SIGNATURE_VALUE_QRCODE_INVALID"),
        (8, "publicKey_QRCODE_INVALID"),
        (9, "CERTIFICATE_SIGNATURE_QRCODE_INVALID"),
    ],
)
def test_each_record_of_the_qr_is_compared(authority, unit, tag, code):
    answer = unit.report(with_qr(unit.document(), tag, b"another"))

    assert (answer.status_code, codes(answer)) == (400, [code])


def test_another_time_in_the_qr_is_a_warning(authority, unit):
    answer = unit.report(with_qr(unit.document(), 3, b"2026-06-01T11:55:01"))

    assert (answer.status_code, codes(answer, "warning")) == (
        202,
        ["invoiceTimeStamp_QRCODE_INVALID"],
    )


def test_the_bytes_that_were_accepted_are_the_ones_that_are_held(authority, unit):
    document = unit.document()
    refused = unit.report(with_qr(document, 1, b"another"))

    accepted = unit.report(document)

    assert (refused.status_code, accepted.status_code) == (400, 200)
    assert authority.control.xml(document.invoice_hash) == document.xml
    [held] = authority.control.documents()
    assert held["sha256"] == hashlib.sha256(document.xml).hexdigest()


def test_a_qr_that_is_no_tlv_is_refused(authority, unit):
    tree = etree.fromstring(unit.document().xml)
    tree.find(QR, NAMESPACES).text = base64.b64encode(b"\x01\xffA").decode()
    document = unit.document()

    answer = unit.report(dataclasses.replace(document, xml=etree.tostring(tree)))

    assert "QRCODE_INVALID" in codes(answer)


def test_a_document_sealed_before_a_revocation_is_taken_under_the_new_csid(authority):
    unit = Unit(authority.base_url())
    unit.onboard()
    document = unit.document()
    [serial] = [row["serial"] for row in authority.control.csids()][-1:]
    authority.control.revoke(serial)

    refused = unit.report(document)
    unit.onboard()
    taken = unit.report(document)

    assert (refused.status_code, taken.status_code) == (401, 200)
    [held] = authority.control.documents()
    assert held["csid"] == serial


def test_a_stamp_made_after_the_revocation_is_refused(authority):
    unit = Unit(authority.base_url())
    unit.onboard()
    revoked = unit.certificate
    authority.control.revoke(authority.control.csids()[-1]["serial"])
    unit.onboard()
    unit.certificate = revoked

    answer = unit.report(unit.document(issued=NOON + timedelta(seconds=1)))

    assert "invalid-certificate" in codes(answer)
