"""A unit with a key and a certificate of its own, so that most tests need no reference material."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from invoicing.zatca.hashing import FIRST_PIH
from invoicing.zatca.sealing import Sealed, seal
from invoicing.zatca.signing import Certificate, LocalSigner, generate_private_key
from tests.invoicing.zatca.trade import NAJD, SIGNED_AT

USER_ID = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")


@pytest.fixture(scope="session")
def key():
    return generate_private_key()


@pytest.fixture(scope="session")
def signer(key):
    return LocalSigner(key)


@pytest.fixture(scope="session")
def certificate(key):
    return Certificate.from_pem(issue_certificate(key))


@pytest.fixture
def sealed(signer, certificate):
    def seal_one(document, *, icv=1, pih=FIRST_PIH) -> Sealed:
        return seal(
            document,
            icv=icv,
            pih=pih,
            signer=signer,
            certificate=certificate,
            signed_at=SIGNED_AT,
        )

    return seal_one


def issue_certificate(key) -> str:
    """A certificate as the authority issues it: by a CA, the VAT number in the directory name."""
    issuer = x509.Name(
        [
            x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "local"),
            x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "gov"),
            x509.NameAttribute(NameOID.COMMON_NAME, "A & B <Issuing> CA"),
        ]
    )
    names = x509.DirectoryName(x509.Name([x509.NameAttribute(USER_ID, NAJD.vat_number)]))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TST-1")]))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(379112742831380471835263969587287663520528387)
        .not_valid_before(datetime(2024, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2035, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([names]), critical=False)
        .sign(generate_private_key(), hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM).decode()
