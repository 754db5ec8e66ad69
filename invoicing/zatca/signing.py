"""Keys, certificates and the one signature operation of the profile: ECDSA on secp256k1.

The message signed is the 32 byte invoice hash, hashed once more by ECDSA-SHA256; the signature is
DER. coincurve does it about twelve times faster than cryptography and is used when installed.
"""

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from invoicing.zatca.errors import CertificateInvalid, KeyInvalid

try:
    import coincurve
except ImportError:  # no wheel on this platform
    coincurve = None

ECDSA_SHA256 = ec.ECDSA(hashes.SHA256())
USER_ID = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")
POINT_LENGTH = 65  # uncompressed point at the end of a secp256k1 SubjectPublicKeyInfo


class Signer(Protocol):
    """Whoever holds a unit's private key: this process, or a hardware module behind a call."""

    def sign(self, digest: bytes) -> bytes:
        """Return the DER ECDSA-SHA256 signature over the 32 byte invoice hash."""
        ...


class LocalSigner:
    """A Signer whose key is in memory. Keep one per key: loading costs ten signatures."""

    def __init__(self, private_key: str | ec.EllipticCurvePrivateKey) -> None:
        key = load_private_key(private_key) if isinstance(private_key, str) else private_key
        self.public_key_der = key.public_key().public_bytes(
            Encoding.DER, PublicFormat.SubjectPublicKeyInfo
        )
        self._key = key
        self._fast = coincurve and coincurve.PrivateKey.from_int(
            key.private_numbers().private_value
        )

    def __repr__(self) -> str:
        return f"LocalSigner({sha256(self.public_key_der).hexdigest()[:12]})"

    def sign(self, digest: bytes) -> bytes:
        """Return the DER ECDSA-SHA256 signature over `digest` (32 bytes)."""
        if self._fast:
            return self._fast.sign(digest)
        return self._key.sign(digest, ECDSA_SHA256)


def generate_private_key() -> ec.EllipticCurvePrivateKey:
    """Return a new secp256k1 key."""
    return ec.generate_private_key(ec.SECP256K1())


def private_key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the key as unencrypted PKCS #8 PEM text; encrypt it before it is stored."""
    return key.private_bytes(
        Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def load_private_key(pem: str) -> ec.EllipticCurvePrivateKey:
    """Read a PEM key, PKCS #8 or SEC 1. Raises KeyInvalid for anything but secp256k1."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise KeyInvalid(f"not an unencrypted PEM private key: {error}") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256K1):
        raise KeyInvalid("the key is not on the curve secp256k1")
    return key


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a document says of the unit's certificate, computed once per certificate and cached.

    `base64_der` is the text inside ds:X509Certificate and `digest` its xades:CertDigest, which the
    authority takes over that text in hexadecimal, not over the DER. `signature` is the CA's own
    signature (QR tag 9). `vat_number` is None where the certificate names none.
    """

    base64_der: str
    issuer_name: str
    serial_number: int
    public_key_der: bytes
    signature: bytes
    not_before: datetime
    not_after: datetime
    vat_number: str | None
    digest: str

    @classmethod
    def from_token(cls, binary_security_token: str) -> "Certificate":
        """Read a CSID's token, base64 of base64 of DER. Raises CertificateInvalid."""
        try:
            text = b64decode(binary_security_token, validate=True).decode("ascii")
        except (Base64Error, ValueError) as error:
            raise CertificateInvalid(f"the token is not base64: {error}") from None
        return cls.from_base64_der(text)

    @classmethod
    def from_base64_der(cls, text: str) -> "Certificate":
        """Read base64 DER, line breaks allowed. Raises CertificateInvalid."""
        return _certificate("".join(text.split()))

    @classmethod
    def from_pem(cls, pem: str) -> "Certificate":
        """Read a PEM certificate. Raises CertificateInvalid."""
        try:
            der = x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
        except ValueError as error:
            raise CertificateInvalid(f"not a PEM certificate: {error}") from None
        return _certificate(b64encode(der).decode())

    @property
    def token(self) -> str:
        """The certificate as a `binarySecurityToken`."""
        return b64encode(self.base64_der.encode()).decode()

    def verifies(self, signature: bytes, digest: bytes) -> bool:
        """Say whether `signature` (DER) over `digest` (32 bytes) was made with this key."""
        return verify_signature(self.public_key_der, signature, digest)


@lru_cache(maxsize=1024)
def _certificate(base64_der: str) -> Certificate:
    try:
        certificate = x509.load_der_x509_certificate(b64decode(base64_der, validate=True))
        key = certificate.public_key()
    except (Base64Error, ValueError, TypeError) as error:
        raise CertificateInvalid(f"not a base64 DER certificate: {error}") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256K1):
        raise CertificateInvalid("the certificate's key is not on the curve secp256k1")
    return Certificate(
        base64_der=base64_der,
        issuer_name=", ".join(
            rdn.rfc4514_string() for rdn in reversed(list(certificate.issuer.rdns))
        ),
        serial_number=certificate.serial_number,
        public_key_der=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        signature=certificate.signature,
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        vat_number=_vat_number(certificate),
        digest=b64encode(sha256(base64_der.encode()).hexdigest().encode()).decode(),
    )


def _vat_number(certificate: x509.Certificate) -> str | None:
    """The VAT number stands in the alternative name's directory name, as UID."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return None
    for directory in names.get_values_for_type(x509.DirectoryName):
        for attribute in directory.get_attributes_for_oid(USER_ID):
            return str(attribute.value)
    return None


def verify_signature(public_key_der: bytes, signature: bytes, digest: bytes) -> bool:
    """Say whether `signature` (DER ECDSA-SHA256) over `digest` matches the secp256k1 key.

    libsecp256k1 calls only low-s signatures good; the authority knows no such rule, so what it
    refuses is asked again of cryptography.
    """
    if coincurve:
        try:
            if _fast_public_key(public_key_der).verify(signature, digest):
                return True
        except ValueError:
            return False
    key = serialization.load_der_public_key(public_key_der)
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(signature, digest, ECDSA_SHA256)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=1024)
def _fast_public_key(public_key_der: bytes) -> "coincurve.PublicKey":
    return coincurve.PublicKey(public_key_der[-POINT_LENGTH:])
