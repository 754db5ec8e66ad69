"""What is recomputed from the authority's own signed documents equals what they state."""

import json
import re
from base64 import b64decode
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from config.xml import parse
from invoicing.judge import official_verdict, verify_stamp
from invoicing.zatca import qr
from invoicing.zatca.errors import SealBroken
from invoicing.zatca.hashing import XADES, canonical_bytes, invoice_hash
from invoicing.zatca.sealing import signed_properties_digest, verify_seal
from invoicing.zatca.signing import Certificate
from tests.invoicing.zatca.samples import SAMPLES, read_sample

CERTIFICATE_DIGEST = (
    "ZDMwMmI0MTE1NzVjOTU2NTk4YzVlODhhYmI0ODU2NDUyNTU2YTVhYjhhMDFmN2FjYjk1YTA2OWQ0NjY2MjQ4NQ=="
)
IN_FORCE = datetime(2024, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def sdk_certificate(reference):
    text = (reference / "zatca/credentials/sdk-test-cert.b64der.txt").read_text()
    return Certificate.from_base64_der(text)


@pytest.fixture(scope="module")
def expected(reference):
    return json.loads((reference / "zatca/expected.json").read_text())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_hash_is_recomputed(name, reference, expected):
    xml = read_sample(reference, name)

    assert invoice_hash(xml) == expected[f"samples/{name}.xml"]["invoice_hash"]
    assert invoice_hash(xml).encode() in xml


@pytest.mark.parametrize("name", SAMPLES)
def test_the_digest_of_the_signed_properties_is_recomputed(name, reference, expected):
    properties = parse(read_sample(reference, name)).find(f".//{XADES}SignedProperties")

    digest = expected[f"samples/{name}.xml"]["signed_properties_digest"]
    assert signed_properties_digest(properties) == digest


@pytest.mark.parametrize("name", SAMPLES)
def test_the_whole_seal_holds(name, reference, sdk_certificate):
    verify_seal(read_sample(reference, name), sdk_certificate)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_signature_is_good_by_cryptography_alone(name, reference, sdk_certificate):
    xml = read_sample(reference, name)
    signature = re.search(rb"<ds:SignatureValue>(.*?)</ds:SignatureValue>", xml)[1]
    digest = sha256(canonical_bytes(xml)).digest()

    key = x509.load_der_x509_certificate(b64decode(sdk_certificate.base64_der)).public_key()
    key.verify(b64decode(signature), digest, ec.ECDSA(hashes.SHA256()))


@pytest.mark.parametrize("name", SAMPLES)
def test_the_stamp_is_good_by_signxml(name, reference, sdk_certificate):
    der = b64decode(sdk_certificate.base64_der)

    verify_stamp(read_sample(reference, name), certificate_der=der, at=IN_FORCE)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_official_rules_find_nothing(name, reference):
    evening = datetime(2022, 9, 7, 18, 0, tzinfo=UTC)

    verdict = official_verdict(read_sample(reference, name), evaluated_at=evening)

    # Three simplified samples were issued weeks before the others and count as late.
    assert {item.rule for item in verdict.findings} <= {"BR-KSA-98"}
    assert verdict.complete


def test_the_certificate_of_the_sdk_is_read(sdk_certificate):
    assert sdk_certificate.digest == CERTIFICATE_DIGEST
    assert sdk_certificate.issuer_name == "CN=PRZEINVOICESCA4-CA, DC=extgazt, DC=gov, DC=local"
    assert sdk_certificate.serial_number == 379112742831380471835263969587287663520528387
    assert sdk_certificate.vat_number == "399999999900003"
    assert sdk_certificate.not_after == datetime(2029, 1, 9, 9, 19, 30, tzinfo=UTC)


def test_the_known_hashes_of_two_samples(reference):
    simplified = read_sample(reference, "simplified/Simplified_Invoice")
    standard = read_sample(reference, "standard/Standard_Invoice")

    assert invoice_hash(simplified) == "z5F9qsS6oWyDhehD8u8S0DaxV+2CUiUz9Y+UsR61JgQ="
    assert invoice_hash(standard) == "V4U5qlZ3yXQ/Si1AC/R8SLc3F+iNy27wdVe8IWRqFAQ="


def test_only_simplified_samples_carry_the_signature_of_the_certificate(reference):
    tags = {}
    for name in SAMPLES:
        payload = re.search(
            rb"<cbc:ID>QR</cbc:ID>.*?text/plain\">(.*?)<", read_sample(reference, name), re.S
        )[1]
        tags.setdefault(name.split("/")[0], set()).add(tuple(qr.parse(payload.decode())))

    assert tags == {
        "simplified": {(1, 2, 3, 4, 5, 6, 7, 8, 9)},
        "standard": {(1, 2, 3, 4, 5, 6, 7, 8)},
    }


def test_another_certificate_is_noticed(reference, certificate):
    with pytest.raises(SealBroken, match="certificate"):
        verify_seal(read_sample(reference, SAMPLES[0]), certificate)
