"""/api/v1/egs-units: register, onboard, adopt, resume; never a secret, never another tenant's."""

import json

import pytest

from invoicing.models import Chain, ChainState, EGSUnit
from invoicing.services.units import pause_unit
from tests.conftest import NAJD_VAT, client_of
from tests.invoicing.conftest import UNIT
from tests.invoicing.payloads import standard

URL = "/api/v1/egs-units"


def register(api, name="till-1", **changes) -> int:
    response = api.post(URL, {"name": name, **UNIT, **changes})
    assert response.status_code == 201, response.json()
    return response.json()["id"]


def test_a_registered_unit_cannot_seal_yet(api, najd):
    response = api.post(URL, {"name": "till-1", **UNIT})
    unit = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"{URL}/{unit['id']}"
    assert (unit["vat_number"], unit["can_seal"], unit["csid"]) == (NAJD_VAT, False, None)
    assert api.get(f"{URL}/{unit['id']}").json() == unit


def test_onboarding_by_otp_ends_with_a_csid_whose_expiry_is_known(api, najd, zatca):
    pk = register(api)
    response = api.post(f"{URL}/{pk}/onboard", {"otp": "123456"})
    assert response.status_code == 200, response.json()
    unit, issued = response.json(), zatca.control.csids()[-1]
    assert unit["can_seal"] is True
    assert unit["csid"]["last_icv"] == 0
    assert unit["csid"]["expires_at"][:19] == issued["expires_at"][:19]
    assert api.post("/api/v1/invoices", standard()).status_code == 201
    assert api.get(f"{URL}/{pk}").json()["csid"]["last_icv"] == 1


def test_onboarding_again_retires_the_chain_before(api, unit, zatca):
    assert api.post(f"{URL}/{unit.pk}/onboard", {"otp": "123456"}).status_code == 200
    assert sorted(Chain.objects.values_list("state", flat=True)) == ["ACTIVE", "RETIRED"]


def test_what_the_authority_refuses_is_told_and_changes_nothing(api, unit, zatca):
    zatca.control.script("/compliance", delivery=1, fault="error_503_before")
    before = api.get(f"{URL}/{unit.pk}").json()
    response = api.post(f"{URL}/{unit.pk}/onboard", {"otp": "123456"})
    assert response.status_code == 502
    assert response.json()["error"]["code"] == "onboarding_failed"
    assert api.get(f"{URL}/{unit.pk}").json() == before


def test_an_existing_csid_is_adopted(api, najd, zatca, csid):
    credentials, pk = csid(NAJD_VAT), register(api)
    response = api.post(
        f"{URL}/{pk}/certificate",
        {
            "certificate": credentials.token,
            "private_key": credentials.key,
            "secret": credentials.secret,
        },
    )
    assert response.status_code == 200, response.json()
    assert response.json()["can_seal"] is True
    assert api.post("/api/v1/invoices", standard()).status_code == 201


def test_a_certificate_of_another_key_is_refused(api, najd, hijaz, csid):
    pk = register(api)
    mine, theirs = csid(NAJD_VAT), csid(hijaz.vat_number)
    response = api.post(
        f"{URL}/{pk}/certificate",
        {"certificate": mine.token, "private_key": theirs.key, "secret": mine.secret},
    )
    assert response.json()["error"]["param"] == "private_key"
    assert not Chain.objects.exists()


def test_no_answer_holds_a_secret(api, unit, csid):
    credentials = csid(NAJD_VAT)
    for path in (URL, f"{URL}/{unit.pk}"):
        said = json.dumps(api.get(path).json())
        assert credentials.secret not in said
        assert credentials.token not in said
        assert "PRIVATE" not in said


def test_a_paused_unit_is_resumed(api, unit):
    pause_unit(unit, "ZATCA refused its credentials.")
    assert api.get(f"{URL}/{unit.pk}").json()["paused_reason"] == "ZATCA refused its credentials."
    assert api.post(f"{URL}/{unit.pk}/resume").json()["paused_at"] is None
    unit.refresh_from_db()
    assert unit.paused_at is None


def test_changes_stand_on_the_next_document(api, unit, zatca):
    response = api.patch(f"{URL}/{unit.pk}", {"building_number": "7777"})
    assert (response.status_code, response.json()["building_number"]) == (200, "7777")
    api.post("/api/v1/invoices", standard())
    [held] = zatca.control.documents("INV-1")
    assert b"<cbc:BuildingNumber>7777<" in zatca.control.xml(held["invoice_hash"])


def test_the_default_moves(api, najd):
    first, second = register(api, is_default=True), register(api, "till-2", is_default=True)
    defaults = {unit["id"]: unit["is_default"] for unit in api.get(URL).json()["egs_units"]}
    assert defaults == {first: False, second: True}


@pytest.mark.parametrize("method", ["post", "patch"])
def test_a_name_is_given_once(api, najd, method):
    register(api)
    other = register(api, "till-2")
    path, body = (URL, UNIT) if method == "post" else (f"{URL}/{other}", {})
    response = getattr(api, method)(path, {**body, "name": "till-1"})
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (409, "egs_unit_name_taken")
    assert error["param"] == "name"
    assert EGSUnit.objects.filter(name="till-1").count() == 1


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"building_number": "12"}, "building_number"),
        ({"postal_code": "1234٥"}, "postal_code"),
        ({"organization_name": "Najd\u202e"}, "organization_name"),
        ({"id_scheme": "NAT"}, "id_scheme"),
        ({"city": None}, "city"),
        ({"name": "x" * 65}, "name"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(api, najd, change, param):
    response = api.post(URL, {"name": "till-1", **UNIT, **change})
    assert (response.status_code, response.json()["error"]["param"]) == (400, param)
    assert not EGSUnit.objects.exists()


def test_a_unit_issues_something(api, najd):
    neither = {"issues_standard": False, "issues_simplified": False}
    assert api.post(URL, {"name": "till-1", **UNIT, **neither}).status_code == 400
    assert not EGSUnit.objects.exists()


def test_what_is_not_the_callers_to_say_is_not_taken(api, unit):
    api.patch(f"{URL}/{unit.pk}", {"vat_number": "311111111100003", "tenant": 7, "uuid": "x"})
    unit.refresh_from_db()
    assert unit.vat_number == NAJD_VAT


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("patch", ""),
        ("post", "/onboard"),
        ("post", "/certificate"),
        ("post", "/renew"),
        ("post", "/revoke"),
        ("post", "/pause"),
        ("post", "/resume"),
    ],
)
def test_another_tenants_unit_does_not_exist(foreign_api, unit, zatca, method, path):
    before = len(zatca.control.deliveries())
    said = {"otp": "123456", "reason": "Because."}
    response = getattr(foreign_api, method)(f"{URL}/{unit.pk}{path}", said)
    absent = getattr(foreign_api, method)(f"{URL}/999999{path}", said)
    assert response.status_code == absent.status_code == 404
    assert response.json()["detail"] == absent.json()["detail"]
    assert len(zatca.control.deliveries()) == before
    assert Chain.objects.filter(state=ChainState.ACTIVE).count() == 1


def test_reading_asks_invoices_read_and_the_rest_admin(najd, unit):
    writer = client_of(najd, "invoices:read", "invoices:write")
    assert writer.get(URL).status_code == 200
    assert writer.get(f"{URL}/{unit.pk}").status_code == 200
    for method, path in (
        ("post", ""),
        ("patch", f"/{unit.pk}"),
        ("post", f"/{unit.pk}/onboard"),
        ("post", f"/{unit.pk}/certificate"),
        ("post", f"/{unit.pk}/renew"),
        ("post", f"/{unit.pk}/revoke"),
        ("post", f"/{unit.pk}/pause"),
        ("post", f"/{unit.pk}/resume"),
    ):
        assert getattr(writer, method)(f"{URL}{path}", {}).status_code == 403


@pytest.mark.parametrize("otp", [None, "", "12345", "1234567", "12345٦", 123456.5])
def test_an_otp_has_six_digits(api, unit, zatca, otp):
    before = len(zatca.control.deliveries())
    response = api.post(f"{URL}/{unit.pk}/onboard", {"otp": otp})
    assert (response.status_code, response.json()["error"]["param"]) == (400, "otp")
    assert len(zatca.control.deliveries()) == before
