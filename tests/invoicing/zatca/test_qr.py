"""TLV by hand, by the official samples, and against every kind of rubbish."""

import re
from base64 import b64encode
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.zatca import qr
from invoicing.zatca.errors import QRInvalid
from tests.invoicing.zatca.samples import read_sample

WHEN = datetime(2022, 4, 25, 15, 30)


def phase2(**changes):
    values = {
        "seller_name": "Najd",
        "vat_number": "399999999900003",
        "timestamp": "2022-04-25T15:30:00",
        "total": "115.00",
        "tax": "15.00",
        "invoice_hash": "H" * 44,
        "signature": "S" * 96,
        "public_key": bytes(88),
        "certificate_signature": bytes(71),
    }
    return qr.phase2_qr(**(values | changes))


def test_a_phase_1_payload_byte_by_byte():
    payload = qr.phase1_qr("Bobs Records", "310122393500003", WHEN, Decimal("1000"), Decimal("150"))

    assert (
        payload
        == b64encode(
            b"\x01\x0cBobs Records"
            b"\x02\x0f310122393500003"
            b"\x03\x132022-04-25T15:30:00"
            b"\x04\x071000.00"
            b"\x05\x06150.00"
        ).decode()
    )


def test_lengths_count_bytes_not_letters():
    payload = qr.phase1_qr("نجد", "310122393500003", WHEN, Decimal(1), Decimal(0))

    assert qr.parse(payload)[1] == "نجد".encode()
    assert payload.startswith(b64encode(b"\x01\x06\xd9\x86\xd8").decode()[:4])


def test_a_phase_1_payload_has_one_length_byte_up_to_255():
    payload = qr.phase1_qr("N" * 255, "310122393500003", WHEN, Decimal(1), Decimal(0))

    assert qr.parse(payload)[1] == b"N" * 255
    with pytest.raises(QRInvalid, match="256 bytes"):
        qr.phase1_qr("N" * 256, "310122393500003", WHEN, Decimal(1), Decimal(0))


def test_an_official_payload_is_taken_apart_and_put_together(reference):
    sample = read_sample(reference, "standard/Third_party_billing").decode()
    payload = re.search(r'<cbc:ID>QR</cbc:ID>.*?text/plain">([^<]+)', sample, re.S)[1]

    values = qr.parse(payload)
    again = qr.phase2_qr(
        seller_name=values[1].decode(),
        vat_number="399999999900003",
        timestamp="2022-09-07T12:21:28",
        total="149.50",
        tax="19.50",
        invoice_hash=values[6].decode(),
        signature=values[7].decode(),
        public_key=values[8],
        certificate_signature=None,
    )

    assert again == payload


@pytest.mark.parametrize(
    ("length", "prefix"),
    [
        (127, b"\x01\x7f"),
        (128, b"\x01\x81\x80"),
        (255, b"\x01\x81\xff"),
        (256, b"\x01\x82\x01\x00"),
        (300, b"\x01\x82\x01\x2c"),
    ],
)
def test_phase_2_lengths_are_ber(length, prefix):
    payload = phase2(seller_name="N" * length)

    start = b64encode(prefix + b"N" * 9)[: len(prefix) // 3 * 4]
    assert payload.encode().startswith(start)
    assert qr.parse(payload)[1] == b"N" * length


def test_more_than_a_thousand_characters_do_not_fit():
    with pytest.raises(QRInvalid, match="at most 1000"):
        phase2(seller_name="ش" * 200)


@pytest.mark.parametrize(
    "payload",
    [
        "no base64!",
        b64encode(b"\x01").decode(),
        b64encode(b"\x01\x05abc").decode(),
        b64encode(b"\x01\x01a\x01\x01b").decode(),
    ],
)
def test_rubbish_is_refused(payload):
    with pytest.raises(QRInvalid):
        qr.parse(payload)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    try:
        values = qr.parse(b64encode(data).decode())
    except QRInvalid:
        return
    assert sum(map(len, values.values())) <= len(data)
