"""The stand-in's own reading of the law, held against the official samples."""

import base64
import json

import fatoora
import pytest
from cryptography import x509
from lxml import etree

from invoicing import judge
from invoicing.sandbox.certificates import CertificateAuthority
from invoicing.sandbox.documents import invoice_hash, read_document
from invoicing.sandbox.qr import encode_tlv, judge_qr, parse_tlv
from invoicing.sandbox.stamp import stamp_cleared
from invoicing.sandbox.store import Store
from tests.invoicing.sandbox.taxpayer import NOON

SAMPLES = "zatca/samples"


def test_every_official_sample_hashes_as_the_authority_says(reference):
    expected = json.loads((reference / "zatca/expected.json").read_text())

    found = {name: invoice_hash((reference / "zatca" / name).read_bytes()) for name in expected}

    assert len(found) == 28
    assert found == {name: facts["invoice_hash"] for name, facts in expected.items()}


@pytest.mark.parametrize("block", ["cac:Signature", "cac:AdditionalDocumentReference"])
def test_white_space_behind_a_removed_block_is_hashed(unit, block):
    xml = unit.document().xml.decode()
    end = xml.rindex(f"</{block}>") + len(f"</{block}>")
    spaced = xml[:end] + "\n  \n" + xml[end:]

    expected = fatoora.invoice_hash_base64_from_xml_str(spaced)

    assert invoice_hash(spaced.encode()) == expected
    assert invoice_hash(xml.encode()) != expected


def test_the_qr_of_every_simplified_sample_is_what_it_should_be(reference):
    samples = sorted((reference / SAMPLES / "simplified").glob("*.xml"))

    for sample in samples:
        document = read_document(sample.read_bytes())
        assert judge_qr(document, document.stamp.certificate) == [], sample.name
    assert len(samples) == 5


def test_the_fields_of_a_sample(reference):
    document = read_document(
        (reference / SAMPLES / "simplified/Simplified_Invoice.xml").read_bytes()
    )

    assert (document.number, document.icv, document.type_code) == ("SME00010", 10, "388")
    assert document.uuid == "8e6000cf-1a98-4174-b3e7-b5d5954bc10d"
    assert (document.issued, document.payable, document.tax) == (
        "2022-08-17T17:41:08",
        "231.15",
        "30.15",
    )
    assert (document.seller_vat_number, document.is_simplified) == ("399999999900003", True)


def test_a_self_billed_document_is_issued_by_the_buyer(reference):
    document = read_document(
        (reference / SAMPLES / "standard/Self-billing_invoice.xml").read_bytes()
    )

    assert document.issuer_vat_number == document.buyer_vat_number != document.seller_vat_number


def test_every_standard_sample_can_be_stamped_and_keeps_its_hash(reference):
    seal = CertificateAuthority(Store()).seal(now=NOON)
    samples = sorted((reference / SAMPLES / "standard").glob("*.xml"))

    for sample in samples:
        document = read_document(sample.read_bytes())
        cleared = stamp_cleared(document, seal, at=NOON)
        judge.verify_stamp(cleared, at=NOON)
        assert invoice_hash(cleared) == document.invoice_hash, sample.name
        assert before_and_after(document.xml) == before_and_after(cleared), sample.name
    assert len(samples) == 14


def before_and_after(xml: bytes) -> list[str]:
    """The names of the root's children, in order."""
    return [etree.QName(child).localname for child in etree.fromstring(xml)]


def test_a_document_without_any_block_gets_all_three_in_their_places(unit):
    document = unit.document(simplified=False)
    root = etree.fromstring(document.xml)
    for name in ("UBLExtensions", "Signature"):
        [block] = [child for child in root if etree.QName(child).localname == name]
        block.getparent().remove(block)
    [qr] = [child for child in root if (child.findtext("{*}ID") or "") == "QR"]
    root.remove(qr)
    bare = read_document(etree.tostring(root))

    cleared = stamp_cleared(bare, CertificateAuthority(Store()).seal(now=NOON), at=NOON)

    judge.verify_stamp(cleared, at=NOON)
    verdict = judge.official_verdict(cleared, evaluated_at=NOON)
    assert verdict.findings == ()
    assert before_and_after(cleared)[0] == "UBLExtensions"


def test_a_cleared_qr_has_eight_records_of_the_authoritys_key(unit, authority):
    document = unit.document(simplified=False)

    answer = unit.clear(document).json()

    cleared = read_document(base64.b64decode(answer["clearedInvoice"]))
    records = parse_tlv(cleared.qr)
    assert sorted(records) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert records[4] == b"115.00"
    assert records[6].decode() == document.invoice_hash
    own = x509.load_der_x509_certificate(unit.certificate)
    assert cleared.stamp.certificate.public_key() != own.public_key()


@pytest.mark.parametrize(
    ("size", "length"),
    [(127, b"\x7f"), (128, b"\x81\x80"), (255, b"\x81\xff"), (256, b"\x82\x01\x00")],
)
def test_lengths_are_ber(size, length):
    encoded = encode_tlv({1: b"a" * size})

    assert base64.b64decode(encoded) == b"\x01" + length + b"a" * size
    assert parse_tlv(encoded) == {1: b"a" * size}


@pytest.mark.parametrize("data", [b"\x01", b"\x01\x05abc", b"\x01\x8b", b"\x01\x83\x00\x00\x01a"])
def test_half_a_record_is_refused(data):
    with pytest.raises(ValueError, match=r"length|bytes"):
        parse_tlv(base64.b64encode(data).decode())
