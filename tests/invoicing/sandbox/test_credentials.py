"""Who may call what, and how a CSID is renewed."""

from tests.invoicing.sandbox.taxpayer import Unit


def test_wrong_credentials_are_unauthorized(authority, unit):
    token, secret = unit.credentials
    document = unit.document()

    for auth in [None, (token, "wrong"), ("wrong", secret), (secret, token)]:
        answer = unit.call(
            "/invoices/reporting/single", document.body, auth=auth, Clearance_Status="0"
        )
        assert answer.status_code == 401
        assert {**answer.json(), "timestamp": 0} == {
            "timestamp": 0,
            "status": 401,
            "error": "Unauthorized",
            "message": "",
        }
    assert authority.control.documents() == []


def test_a_compliance_csid_neither_reports_nor_does_a_production_csid_check(newcomer, unit):
    issued = newcomer.call("/compliance", {"csr": newcomer.csr()}, OTP="123456").json()
    newcomer.credentials = newcomer.take(issued)

    assert newcomer.report(newcomer.document()).status_code == 401
    assert unit.check(unit.document(), unit.credentials).status_code == 401


def test_a_csid_is_good_in_its_own_environment_only(authority, unit):
    elsewhere = Unit(authority.base_url("SIMULATION"))
    elsewhere.certificate, elsewhere.key = unit.certificate, unit.key
    elsewhere.credentials = unit.credentials

    assert elsewhere.report(elsewhere.document()).status_code == 401
    assert authority.control.documents() == []


def test_a_renewal_with_the_same_flags_issues_at_once(newcomer):
    newcomer.onboard()

    answer = newcomer.call(
        "/production/csids",
        {"csr": newcomer.csr()},
        method="PATCH",
        auth=newcomer.credentials,
        OTP="123456",
    )

    assert (answer.status_code, answer.json()["dispositionMessage"]) == (200, "ISSUED")
    newcomer.credentials = newcomer.take(answer.json())
    assert newcomer.report(newcomer.document()).status_code == 200


def test_a_renewal_with_more_flags_has_to_do_the_checks_first(authority):
    unit = Unit(authority.base_url(), title="0100")
    unit.onboard()

    answer = unit.call(
        "/production/csids",
        {"csr": unit.csr(title="1100")},
        method="PATCH",
        auth=unit.credentials,
        OTP="123456",
    )

    issued = answer.json()["value"]
    assert (answer.status_code, issued["dispositionMessage"]) == (428, "NOT_COMPLIANT")
    refused = unit.call(
        "/production/csids",
        {"compliance_request_id": issued["requestID"]},
        auth=unit.take(issued),
    )
    assert refused.json()["errors"][0]["code"] == "Missing-ComplianceSteps"


def test_a_renewal_for_another_taxpayer_is_refused(newcomer):
    newcomer.onboard()
    stranger = Unit(newcomer.base_url, vat="311111111101113")

    answer = newcomer.call(
        "/production/csids",
        {"csr": stranger.csr()},
        method="PATCH",
        auth=newcomer.credentials,
        OTP="123456",
    )

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "Invalid-CSR")


def test_a_renewal_needs_the_current_csid_and_a_one_time_password(unit):
    body = {"csr": unit.csr()}

    without_csid = unit.call("/production/csids", body, method="PATCH", OTP="123456")
    without_otp = unit.call("/production/csids", body, method="PATCH", auth=unit.credentials)

    assert without_csid.status_code == 401
    assert without_otp.json()["errors"][0]["code"] == "Missing-OTP"


def test_an_expired_certificate_no_longer_authenticates(authority, newcomer):
    newcomer.onboard()
    document = newcomer.document()

    authority.control.shift_clock(5 * 365 * 86400 + 1)

    assert newcomer.report(document).status_code == 401


def test_a_path_that_the_authority_does_not_have_is_not_found(newcomer):
    assert newcomer.call("/invoices/status/1", {}).status_code == 404
    assert newcomer.call("/compliance", {}, method="PUT").status_code == 404
