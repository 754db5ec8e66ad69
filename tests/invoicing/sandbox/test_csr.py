"""What a CSR must say, and that nothing else gets a certificate."""

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.invoicing.sandbox.taxpayer import VAT_NUMBER, Unit


def own_csr(*, curve=None, template="TSTZATCA-Code-Signing", drop=None, **changes) -> str:
    """A CSR with one thing wrong; base64 of the PEM, as the call wants it."""
    subject = {"C": "SA", "OU": "Riyadh", "O": "Speed", "CN": "TST-1"}
    unit = {
        "SN": "1-TST|2-TST|3-ed22f1d8",
        "UID": VAT_NUMBER,
        "title": "1100",
        "address": "RRRD2929",
        "category": "Supply",
    }
    oids = {
        "C": NameOID.COUNTRY_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "CN": NameOID.COMMON_NAME,
        "SN": NameOID.SURNAME,
        "UID": NameOID.USER_ID,
        "title": NameOID.TITLE,
        "address": x509.ObjectIdentifier("2.5.4.26"),
        "category": NameOID.BUSINESS_CATEGORY,
    }

    def name(fields: dict[str, str]) -> x509.Name:
        values = {key: changes.get(key, value) for key, value in fields.items() if key != drop}
        return x509.Name([x509.NameAttribute(oids[key], value) for key, value in values.items()])

    builder = x509.CertificateSigningRequestBuilder().subject_name(name(subject))
    if template:
        value = b"\x0c" + bytes([len(template)]) + template.encode()
        oid = x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, value), critical=False)
    if drop != "SAN":
        san = x509.SubjectAlternativeName([x509.DirectoryName(name(unit))])
        builder = builder.add_extension(san, critical=False)
    key = ec.generate_private_key(curve or ec.SECP256K1())
    return base64.b64encode(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)).decode()


def with_another_signature(csr: str) -> str:
    """The CSR with the last byte of its signature changed."""
    der = x509.load_pem_x509_csr(base64.b64decode(csr)).public_bytes(Encoding.DER)
    changed = base64.encodebytes(der[:-1] + bytes([der[-1] ^ 1])).decode()
    label = "CERTIFICATE REQUEST"
    pem = f"-----BEGIN {label}-----\n{changed}-----END {label}-----\n"
    return base64.b64encode(pem.encode()).decode()


BROKEN_CSRS = {
    "a signature by nobody": with_another_signature(own_csr()),
    "not base64": "%%%",
    "not a request": base64.b64encode(b"-----BEGIN NOTHING-----").decode(),
    "another curve": own_csr(curve=ec.SECP256R1()),
    "no template": own_csr(template=None),
    "template of simulation": own_csr(template="PREZATCA-Code-Signing"),
    "template of production": own_csr(template="ZATCA-Code-Signing"),
    "no alternative name": own_csr(drop="SAN"),
    "no serial number": own_csr(drop="SN"),
    "serial number in another form": own_csr(SN="TST-TST-1"),
    "no VAT number": own_csr(drop="UID"),
    "VAT number of 14 digits": own_csr(UID="39999999990003"),
    "VAT number that does not end with 3": own_csr(UID="399999999900001"),
    "no title": own_csr(drop="title"),
    "title without a kind of document": own_csr(title="0000"),
    "title with a letter": own_csr(title="11x0"),
    "no registered address": own_csr(drop="address"),
    "empty business category": own_csr(category=" "),
    "no organisation": own_csr(drop="O"),
    "no common name": own_csr(drop="CN"),
    "group member without its TIN": own_csr(UID="399999999910003", OU="Riyadh"),
}


@pytest.mark.parametrize("csr", BROKEN_CSRS.values(), ids=BROKEN_CSRS.keys())
def test_a_csr_that_says_the_wrong_thing_gets_no_certificate(authority, newcomer, csr):
    before = len(authority.control.csids())

    answer = newcomer.call("/compliance", {"csr": csr}, OTP="123456")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "Invalid-CSR"
    assert len(authority.control.csids()) == before


def test_the_same_csr_with_nothing_wrong_gets_one(newcomer):
    answer = newcomer.call("/compliance", {"csr": own_csr()}, OTP="123456")

    assert answer.json()["dispositionMessage"] == "ISSUED"


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("sdk-en-group-nonproduction", "SANDBOX"),
        ("sdk-ar-group-simulation", "SIMULATION"),
        ("sdk-ar-individual-production", "PRODUCTION"),
    ],
)
def test_the_official_sdk_s_own_requests_are_accepted(authority, reference, name, environment):
    body = (reference / f"zatca/csr/{name}.csr.b64").read_text().strip()

    answer = Unit(authority.base_url(environment)).call("/compliance", {"csr": body}, OTP="123456")

    assert answer.status_code == 200, answer.text


def test_one_unit_may_ask_twice(newcomer):
    csr = newcomer.csr()

    first, second = (newcomer.call("/compliance", {"csr": csr}, OTP="123456") for _ in range(2))

    assert first.json()["binarySecurityToken"] != second.json()["binarySecurityToken"]
    assert first.json()["requestID"] != second.json()["requestID"]


def test_a_missing_csr_is_named(newcomer):
    answer = newcomer.call("/compliance", {}, OTP="123456")

    assert answer.json() == {
        "errors": [{"code": "Missing-CSR", "message": "CSR is required field"}]
    }
