"""Reading a CSR as the authority does: what unit asks for a certificate, or why it gets none."""

import re
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

TEMPLATE_OID = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2")
REGISTERED_ADDRESS_OID = x509.ObjectIdentifier("2.5.4.26")
TEMPLATES = {
    "SANDBOX": "TSTZATCA-Code-Signing",
    "SIMULATION": "PREZATCA-Code-Signing",
    "PRODUCTION": "ZATCA-Code-Signing",
}
# The SDK writes a UTF8String; PrintableString is what the manual says, and both are let through.
STRING_TAGS = (0x0C, 0x13)

VAT_NUMBER = re.compile(r"3\d{13}3", re.ASCII)
TITLE = re.compile(r"(1[01]|01)[01]{2}", re.ASCII)
SERIAL = re.compile(r"1-[^|]+\|2-[^|]+\|3-[^|]+")
GROUP_MEMBER_TIN = re.compile(r"\d{10}", re.ASCII)


class InvalidCSR(Exception):
    """The request is refused; the text says which field."""


@dataclass(frozen=True, slots=True)
class UnitRequest:
    """A readable, well-formed request for a certificate of one EGS unit."""

    subject: x509.Name
    alternative_name: x509.SubjectAlternativeName
    public_key: ec.EllipticCurvePublicKey
    vat_number: str
    title: str

    @property
    def needs_standard(self) -> bool:
        return self.title[0] == "1"

    @property
    def needs_simplified(self) -> bool:
        return self.title[1] == "1"


def read_csr(pem: bytes, environment: str) -> UnitRequest:
    """The unit that asks, for one environment; raises InvalidCSR (zatca.md 7)."""
    try:
        csr = x509.load_pem_x509_csr(pem)
        key = csr.public_key()
    except ValueError as error:
        raise InvalidCSR("not a PEM certificate request") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256K1):
        raise InvalidCSR("the key is not on secp256k1")
    if not csr.is_signature_valid:
        raise InvalidCSR("the signature does not fit the key")
    _check_template(csr, TEMPLATES[environment])
    alternative_name, fields = _alternative_name(csr)
    _check_subject(csr.subject, fields[NameOID.USER_ID])
    return UnitRequest(
        csr.subject, alternative_name, key, fields[NameOID.USER_ID], fields[NameOID.TITLE]
    )


def _check_template(csr: x509.CertificateSigningRequest, template: str) -> None:
    try:
        value = csr.extensions.get_extension_for_oid(TEMPLATE_OID).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise InvalidCSR("the certificate template name is missing") from error
    assert isinstance(value, x509.UnrecognizedExtension)
    if value.value not in [bytes([tag, len(template)]) + template.encode() for tag in STRING_TAGS]:
        raise InvalidCSR(f"the certificate template name is not {template}")


def _alternative_name(
    csr: x509.CertificateSigningRequest,
) -> tuple[x509.SubjectAlternativeName, dict[x509.ObjectIdentifier, str]]:
    try:
        extension = csr.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError) as error:
        raise InvalidCSR("the subject alternative name is missing") from error
    names = extension.get_values_for_type(x509.DirectoryName)
    if len(names) != 1:
        raise InvalidCSR("the subject alternative name is not one directory name")
    fields = {attribute.oid: str(attribute.value) for attribute in names[0]}
    _check_fields(fields)
    return extension, fields


def _check_fields(fields: dict[x509.ObjectIdentifier, str]) -> None:
    patterns = {
        NameOID.SURNAME: (SERIAL, "serial number"),
        NameOID.USER_ID: (VAT_NUMBER, "VAT number"),
        NameOID.TITLE: (TITLE, "invoice type"),
        REGISTERED_ADDRESS_OID: (re.compile(r".*\S.*"), "registered address"),
        NameOID.BUSINESS_CATEGORY: (re.compile(r".*\S.*"), "business category"),
    }
    for oid, (pattern, name) in patterns.items():
        if not pattern.fullmatch(fields.get(oid, "")):
            raise InvalidCSR(f"the {name} is missing or malformed")


def _check_subject(subject: x509.Name, vat_number: str) -> None:
    for oid, name in (
        (NameOID.COUNTRY_NAME, "C"),
        (NameOID.ORGANIZATION_NAME, "O"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, "OU"),
        (NameOID.COMMON_NAME, "CN"),
    ):
        if not any(attribute.value for attribute in subject.get_attributes_for_oid(oid)):
            raise InvalidCSR(f"the subject has no {name}")
    # In a VAT group (11th digit 1) the organisation unit is the member's TIN.
    unit = str(subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)[0].value)
    if vat_number[10] == "1" and not GROUP_MEMBER_TIN.fullmatch(unit):
        raise InvalidCSR("the organisation unit of a VAT group member is not its 10-digit TIN")
