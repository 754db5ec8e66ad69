"""The certificate signing request of an EGS unit, byte for byte as ZATCA's SDK builds it."""

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from invoicing.zatca.environments import Environment
from invoicing.zatca.errors import SubjectInvalid

TEMPLATE_NAME = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2")
USER_ID = x509.ObjectIdentifier("0.9.2342.19200300.100.1.1")
REGISTERED_ADDRESS = x509.ObjectIdentifier("2.5.4.26")
UTF8_STRING = 0x0C
VAT_NUMBER = re.compile(r"3\d{13}3", re.ASCII)
TIN = re.compile(r"\d{10}", re.ASCII)
INVOICE_TYPES = re.compile(r"[01]{2}00")
MAX_LENGTH = 64  # of subject attributes, RFC 5280 appendix A
GROUP_DIGIT = 10  # a VAT group has 1 as its eleventh digit


def is_vat_group(vat_number: str) -> bool:
    """Say whether a VAT number belongs to a group, whose units name their member by its TIN."""
    return vat_number[GROUP_DIGIT : GROUP_DIGIT + 1] == "1"


@dataclass(frozen=True, slots=True)
class CSRSubject:
    """Who asks for a CSID, for which unit, for which documents.

    `serial_number` is as `egs_serial_number` writes it,
    `invoice_types` four flags: "1100" standard and simplified, "1000" standard
    only, "0100" simplified only. `organization_unit` is the branch, or for a VAT group the
    member's ten-digit TIN. Raises SubjectInvalid when the authority would refuse it.
    """

    common_name: str
    serial_number: str
    vat_number: str
    organization_unit: str
    organization: str
    registered_address: str
    business_category: str
    invoice_types: str = "1100"
    country: str = "SA"

    def __post_init__(self) -> None:
        if not VAT_NUMBER.fullmatch(self.vat_number):
            raise SubjectInvalid("vat_number", "15 digits, the first and the last of them 3")
        if is_vat_group(self.vat_number) and not TIN.fullmatch(self.organization_unit):
            raise SubjectInvalid("organization_unit", "the member's 10-digit TIN, for a VAT group")
        if not INVOICE_TYPES.fullmatch(self.invoice_types) or self.invoice_types == "0000":
            raise SubjectInvalid("invoice_types", "one of 1100, 1000, 0100")
        if not re.fullmatch(r"1-[^|]+\|2-[^|]+\|3-[^|]+", self.serial_number):
            raise SubjectInvalid("serial_number", "1-solution|2-model|3-serial")
        if not re.fullmatch(r"[A-Z]{2}", self.country):
            raise SubjectInvalid("country", "two capital letters")
        for field in ("common_name", "organization_unit", "organization"):
            if not 0 < len(getattr(self, field)) <= MAX_LENGTH:
                raise SubjectInvalid(field, f"1 to {MAX_LENGTH} characters")
        for field in ("registered_address", "business_category"):
            if not getattr(self, field):
                raise SubjectInvalid(field, "must not be empty")


def egs_serial_number(*, solution: str, model: str, serial: str) -> str:
    """Return the serial number of an EGS unit in the authority's three parts."""
    return f"1-{solution}|2-{model}|3-{serial}"


def build_csr(
    subject: CSRSubject, key: ec.EllipticCurvePrivateKey, environment: Environment
) -> str:
    """Return the request as PEM text, signed with the unit's secp256k1 key."""
    names = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, subject.country),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, subject.organization_unit),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, subject.organization),
            x509.NameAttribute(NameOID.COMMON_NAME, subject.common_name),
        ]
    )
    # The authority reads the unit's serial number from the surname, not from serialNumber.
    unit = x509.Name(
        [
            x509.NameAttribute(NameOID.SURNAME, subject.serial_number),
            x509.NameAttribute(USER_ID, subject.vat_number),
            x509.NameAttribute(NameOID.TITLE, subject.invoice_types),
            x509.NameAttribute(REGISTERED_ADDRESS, subject.registered_address),
            x509.NameAttribute(NameOID.BUSINESS_CATEGORY, subject.business_category),
        ]
    )
    template = environment.certificate_template.encode()
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(names)
        .add_extension(
            x509.UnrecognizedExtension(
                TEMPLATE_NAME, bytes((UTF8_STRING, len(template))) + template
            ),
            critical=False,
        )
        .add_extension(
            x509.SubjectAlternativeName([x509.DirectoryName(unit)]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    return request.public_bytes(Encoding.PEM).decode()
