"""A CSR is, but for the key, byte for byte the one that the authority's SDK makes."""

from base64 import b64decode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from invoicing.zatca.csr import CSRSubject, build_csr, egs_serial_number
from invoicing.zatca.environments import Environment
from invoicing.zatca.errors import SubjectInvalid

SUBJECT = {
    "common_name": "TST-886431145-399999999900003",
    "serial_number": "1-TST|2-TST|3-ed22f1d8-e6a2-1118-9b58-d9a8f11e445f",
    "vat_number": "399999999900003",
    "organization_unit": "Riyadh Branch",
    "organization": "Maximum Speed Tech Supply LTD",
    "registered_address": "RRRD2929",
    "business_category": "Supply activities",
}
ARABIC = {
    "organization": "شركة توريد التكنولوجيا بأقصى سرعة المحدودة",
    "business_category": "أنشطة توريدات",
}
GROUP = {"vat_number": "399999999910003", "organization_unit": "3999999999"}


@pytest.mark.parametrize(
    ("name", "changes", "environment"),
    [
        ("sdk-en-group-nonproduction", GROUP, Environment.SANDBOX),
        ("sdk-ar-group-simulation", ARABIC | GROUP, Environment.SIMULATION),
        (
            "sdk-ar-individual-production",
            ARABIC | {"organization_unit": "فرع الرياض"},
            Environment.PRODUCTION,
        ),
    ],
)
def test_the_signed_part_is_that_of_the_sdk(name, changes, environment, key, reference):
    theirs = x509.load_pem_x509_csr((reference / f"zatca/csr/{name}.pem").read_bytes())
    ours = x509.load_pem_x509_csr(
        build_csr(CSRSubject(**(SUBJECT | changes)), key, environment).encode()
    )

    with_our_key = theirs.tbs_certrequest_bytes.replace(_point(theirs), _point(ours))
    assert ours.tbs_certrequest_bytes == with_our_key
    assert ours.is_signature_valid


def _point(request):
    return request.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def test_the_pem_has_its_lines(key):
    pem = build_csr(CSRSubject(**SUBJECT), key, Environment.SANDBOX)

    assert pem.startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    assert b64decode("".join(pem.splitlines()[1:-1]))


def test_a_unit_s_serial_number_has_three_parts():
    serial = egs_serial_number(solution="Daftar", model="1.0", serial="T-1")

    assert serial == "1-Daftar|2-1.0|3-T-1"
    assert CSRSubject(**(SUBJECT | {"serial_number": serial})).serial_number == serial


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vat_number", "299999999900003"),
        ("vat_number", "39999999990003"),
        ("vat_number", "٣99999999900003"),
        ("invoice_types", "0000"),
        ("invoice_types", "1101"),
        ("serial_number", "TST"),
        ("serial_number", "1-a|2-b|3-"),
        ("country", "sa"),
        ("common_name", ""),
        ("organization", "x" * 65),
        ("registered_address", ""),
    ],
)
def test_a_subject_that_the_authority_would_refuse(field, value):
    with pytest.raises(SubjectInvalid) as refused:
        CSRSubject(**(SUBJECT | {field: value}))

    assert refused.value.field == field


def test_a_member_of_a_vat_group_gives_its_tin():
    with pytest.raises(SubjectInvalid, match="TIN"):
        CSRSubject(**(SUBJECT | {"vat_number": "399999999910003"}))
