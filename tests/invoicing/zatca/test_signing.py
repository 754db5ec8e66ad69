"""Keys, certificates and signatures, with and without the fast library."""

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from invoicing.zatca import signing
from invoicing.zatca.errors import CertificateInvalid, KeyInvalid
from invoicing.zatca.signing import (
    Certificate,
    LocalSigner,
    generate_private_key,
    load_private_key,
    private_key_pem,
    verify_signature,
)
from tests.invoicing.zatca.conftest import issue_certificate

DIGEST = sha256(b"a document").digest()
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture(params=["coincurve", "cryptography"])
def library(request, monkeypatch):
    if request.param == "cryptography":
        monkeypatch.setattr(signing, "coincurve", None)
    elif signing.coincurve is None:
        pytest.skip("coincurve is not installed")


def test_a_signature_is_good_by_cryptography(library, key):
    signature = LocalSigner(key).sign(DIGEST)

    key.public_key().verify(signature, DIGEST, signing.ECDSA_SHA256)


def test_a_signature_is_verified_and_a_wrong_one_refused(library, key):
    signer = LocalSigner(key)
    signature = signer.sign(DIGEST)

    assert verify_signature(signer.public_key_der, signature, DIGEST)
    assert not verify_signature(signer.public_key_der, signature, bytes(32))
    assert not verify_signature(signer.public_key_der, b"no DER", DIGEST)
    other = LocalSigner(generate_private_key())
    assert not verify_signature(other.public_key_der, signature, DIGEST)


def test_both_halves_of_s_are_good(library, key):
    r, s = decode_dss_signature(LocalSigner(key).sign(DIGEST))
    mirrored = encode_dss_signature(r, ORDER - s)

    assert verify_signature(LocalSigner(key).public_key_der, mirrored, DIGEST)


def test_a_key_survives_as_pem(key):
    again = load_private_key(private_key_pem(key))

    assert again.private_numbers() == key.private_numbers()
    assert LocalSigner(private_key_pem(key)).public_key_der == LocalSigner(key).public_key_der


def test_the_sdk_key_belongs_to_the_sdk_certificate(reference):
    credentials = reference / "zatca/credentials"
    der = b64decode((credentials / "sdk-test-key.b64der.txt").read_text())
    certificate = Certificate.from_base64_der(
        (credentials / "sdk-test-cert.b64der.txt").read_text()
    )

    key = serialization.load_der_private_key(der, None)
    assert LocalSigner(key).public_key_der == certificate.public_key_der


def test_a_signer_does_not_show_its_key(key):
    secret = key.private_numbers().private_value
    assert str(secret) not in repr(vars(LocalSigner(key)))
    assert f"{secret:x}" not in repr(LocalSigner(key))


def test_other_keys_are_refused(key):
    p256 = private_key_pem(ec.generate_private_key(ec.SECP256R1()))
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    ).decode()

    for pem in (p256, encrypted, "", "-----BEGIN PRIVATE KEY-----"):
        with pytest.raises(KeyInvalid):
            load_private_key(pem)


def test_a_certificate_reads_the_same_from_every_form(key):
    pem = issue_certificate(key)
    certificate = Certificate.from_pem(pem)

    assert Certificate.from_token(certificate.token) is certificate
    assert Certificate.from_base64_der("\n".join(pem.splitlines()[1:-1])) is certificate
    assert certificate.vat_number == "399999999900003"
    assert certificate.issuer_name == "CN=A & B \\<Issuing\\> CA, DC=gov, DC=local"
    assert b64decode(certificate.token) == certificate.base64_der.encode()


def test_what_is_no_certificate_is_refused(key):
    p256 = issue_certificate(ec.generate_private_key(ec.SECP256R1()))

    with pytest.raises(CertificateInvalid, match="secp256k1"):
        Certificate.from_pem(p256)
    for read, text in (
        (Certificate.from_pem, "no"),
        (Certificate.from_token, "no!"),
        (Certificate.from_token, b64encode("é".encode()).decode()),
        (Certificate.from_base64_der, "AAAA"),
    ):
        with pytest.raises(CertificateInvalid):
            read(text)
