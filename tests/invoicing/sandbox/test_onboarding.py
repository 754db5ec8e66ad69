"""From a compliance CSID through its documents to a production CSID."""

import base64

import pytest
import requests
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.invoicing.sandbox.taxpayer import VAT_NUMBER, Unit

ALL_STEPS = (
    "standard-compliant,standard-credit-note-compliant,standard-debit-note-compliant,"
    "simplified-compliant,simplified-credit-note-compliant,simplified-debit-note-compliant"
)


def certificate_of(issued: dict) -> x509.Certificate:
    return x509.load_der_x509_certificate(
        base64.b64decode(base64.b64decode(issued["binarySecurityToken"]))
    )


def unit_name(certificate: x509.Certificate) -> x509.Name:
    name = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return name.get_values_for_type(x509.DirectoryName)[0]


def test_a_compliance_csid_carries_the_name_and_key_of_the_csr(newcomer):
    answer = newcomer.call("/compliance", {"csr": newcomer.csr()}, OTP="123456")

    issued, certificate = answer.json(), certificate_of(answer.json())
    assert answer.status_code == 200
    assert (issued["dispositionMessage"], issued["errors"]) == ("ISSUED", None)
    assert certificate.issuer.rfc4514_string() == "CN=eInvoicing"
    csr = x509.load_pem_x509_csr(base64.b64decode(newcomer.csr()))
    assert certificate.public_key() == csr.public_key()
    assert unit_name(certificate).get_attributes_for_oid(NameOID.USER_ID)[0].value == VAT_NUMBER


def test_six_compliance_documents_lead_to_a_production_csid(newcomer):
    newcomer.onboard()

    certificate = x509.load_der_x509_certificate(newcomer.certificate)
    issuer = ", ".join(part.rfc4514_string() for part in reversed(list(certificate.issuer.rdns)))
    assert issuer == "CN=PRZEINVOICESCA4-CA, DC=extgazt, DC=gov, DC=local"
    assert unit_name(certificate).get_attributes_for_oid(NameOID.TITLE)[0].value == "1100"
    assert newcomer.report(newcomer.document()).status_code == 200


@pytest.mark.parametrize(("title", "needed"), [("1000", 3), ("0100", 3), ("1100", 6)])
def test_the_title_flags_say_how_many_documents_are_needed(authority, title, needed):
    unit = Unit(authority.base_url(), title=title)

    unit.onboard()

    assert len(authority.control.deliveries("/compliance/invoices")) == needed


def test_the_missing_compliance_documents_are_named(newcomer):
    issued = newcomer.call("/compliance", {"csr": newcomer.csr()}, OTP="123456").json()
    auth = newcomer.take(issued)
    body = {"compliance_request_id": issued["requestID"]}

    refused = newcomer.call("/production/csids", body, auth=auth)
    newcomer.check(newcomer.document(simplified=False), auth)
    refused_again = newcomer.call("/production/csids", body, auth=auth)

    assert refused.status_code == 400
    assert refused.json()["errors"][0]["code"] == "Missing-ComplianceSteps"
    assert f"[{ALL_STEPS}]" in refused.json()["errors"][0]["message"]
    rest = ALL_STEPS.removeprefix("standard-compliant,")
    assert f"[{rest}]" in refused_again.json()["errors"][0]["message"]


def test_a_refused_compliance_document_is_no_step(newcomer):
    issued = newcomer.call("/compliance", {"csr": newcomer.csr()}, OTP="123456").json()
    auth = newcomer.take(issued)

    answer = newcomer.check(newcomer.document().tampered("115.00", "116.00"), auth)
    refused = newcomer.call(
        "/production/csids", {"compliance_request_id": issued["requestID"]}, auth=auth
    )

    assert (answer.status_code, answer.json()["reportingStatus"]) == (400, "NOT_REPORTED")
    assert answer.json()["clearanceStatus"] is None
    assert f"[{ALL_STEPS}]" in refused.json()["errors"][0]["message"]


def test_compliance_documents_enter_no_books(authority, newcomer):
    newcomer.onboard()

    assert authority.control.documents() == []


def test_another_request_id_than_that_of_the_csid_is_refused(newcomer):
    issued = newcomer.call("/compliance", {"csr": newcomer.csr()}, OTP="123456").json()

    answer = newcomer.call(
        "/production/csids",
        {"compliance_request_id": issued["requestID"] + 1},
        auth=newcomer.take(issued),
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "Invalid-Request")


@pytest.mark.parametrize(
    ("otp", "code"),
    [
        (None, "Missing-OTP"),
        ("111111", "Invalid-OTP"),
        ("222222", "Invalid-OTP"),
        ("12345", "Invalid-OTP"),
        ("12345a", "Invalid-OTP"),
    ],
)
def test_a_one_time_password_is_demanded(authority, newcomer, otp, code):
    before = len(authority.control.csids())

    answer = newcomer.call("/compliance", {"csr": newcomer.csr()}, **({"OTP": otp} if otp else {}))

    assert answer.status_code == 400
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert len(authority.control.csids()) == before


@pytest.mark.parametrize("version", [None, "V1", "v2"])
def test_another_version_than_v2_is_not_acceptable(newcomer, version):
    answer = requests.post(
        f"{newcomer.base_url}/compliance",
        json={"csr": newcomer.csr()},
        headers={"OTP": "123456", **({"Accept-Version": version} if version else {})},
        timeout=5,
    )

    assert answer.status_code == 406
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.text == "This Version is not supported or not provided in the header."
