"""The authority's CA: compliance and production certificates, and its own stamping key."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from invoicing.sandbox.csr import UnitRequest
from invoicing.sandbox.store import Store

COMPLIANCE_ISSUER = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "eInvoicing")])
PRODUCTION_ISSUER = x509.Name(
    [
        x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "local"),
        x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "gov"),
        x509.NameAttribute(NameOID.DOMAIN_COMPONENT, "extgazt"),
        x509.NameAttribute(NameOID.COMMON_NAME, "PRZEINVOICESCA4-CA"),
    ]
)
STAMP_SUBJECT = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "SA"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Stand-in tax authority"),
        x509.NameAttribute(NameOID.COMMON_NAME, "Clearance stamp"),
    ]
)
# A unit's clock may be behind ours when it stamps its first document.
BACKDATED = timedelta(hours=1)
DEFAULT_VALIDITY_DAYS = 5 * 365


@dataclass(frozen=True, slots=True)
class Seal:
    """The key and certificate with which the authority stamps what it clears."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class CertificateAuthority:
    """Issues certificates; its keys live in the store, so a restart changes nothing."""

    def __init__(self, store: Store, *, validity_days: int = DEFAULT_VALIDITY_DAYS) -> None:
        self._validity = timedelta(days=validity_days)
        self._compliance_key = _key(store, "compliance-ca", ec.SECP256R1())
        self._production_key = _key(store, "production-ca", ec.SECP256R1())
        self._stamp_key = _key(store, "clearance-stamp", ec.SECP256K1())
        self._seal: Seal | None = None

    def compliance_certificate(self, unit: UnitRequest, *, now: datetime) -> x509.Certificate:
        """For the compliance checks only; issuer `CN=eInvoicing`."""
        builder = self._builder(unit.subject, COMPLIANCE_ISSUER, unit.public_key, now)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        builder = builder.add_extension(unit.alternative_name, critical=False)
        return builder.sign(self._compliance_key, hashes.SHA256())

    def production_certificate(
        self, source: UnitRequest | x509.Certificate, *, now: datetime
    ) -> x509.Certificate:
        """For the unit of a CSR (renewal) or of a compliance certificate: its name, key and SAN."""
        if isinstance(source, UnitRequest):
            key, name = source.public_key, source.alternative_name
        else:
            key = _public_key(source)
            name = source.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        builder = self._builder(source.subject, PRODUCTION_ISSUER, key, now)
        builder = builder.add_extension(name, critical=False)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self._production_key.public_key()),
            critical=False,
        )
        return builder.sign(self._production_key, hashes.SHA256())

    def seal(self, *, now: datetime) -> Seal:
        """The authority's own stamp, with a certificate that is valid now."""
        if self._seal is None or not _valid(self._seal.certificate, now):
            key = self._stamp_key
            builder = self._builder(STAMP_SUBJECT, PRODUCTION_ISSUER, key.public_key(), now)
            self._seal = Seal(key, builder.sign(self._production_key, hashes.SHA256()))
        return self._seal

    def _builder(
        self, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
    ) -> x509.CertificateBuilder:
        start = now.astimezone(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start - BACKDATED)
            .not_valid_after(start + self._validity)
        )


def security_token(certificate: x509.Certificate) -> str:
    """`binarySecurityToken`: base64 of the base64 text of the DER (zatca.md 7)."""
    der = certificate.public_bytes(Encoding.DER)
    return base64.b64encode(base64.b64encode(der)).decode()


def _public_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


def _valid(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _key(store: Store, name: str, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
    def generate() -> bytes:
        key = ec.generate_private_key(curve)
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    key = load_pem_private_key(store.secret(name, generate), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
