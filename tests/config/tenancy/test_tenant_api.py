"""GET /api/v1/tenant and /api/v1/api-keys."""

import pytest

from config.tenancy.models import ApiKey
from config.tenancy.services import authenticate_key, issue_api_key

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


@pytest.fixture
def as_najd(api, najd_key):
    api.credentials(HTTP_X_API_KEY=najd_key)
    return api


@pytest.mark.parametrize("path", ["/api/v1/tenant", "/api/v1/tenant/"])
def test_a_caller_sees_its_own_tenant(as_najd, najd, hijaz, path):
    assert as_najd.get(path).json() == {
        "id": najd.pk,
        "company_name": "Najd",
        "vat_number": "399999999900003",
        "environment": "SANDBOX",
        "timezone": "Asia/Riyadh",
        "deep_gate": "block",
    }


def test_an_administrator_sets_how_invoices_are_checked(as_najd, najd, hijaz):
    answer = as_najd.patch("/api/v1/tenant", {"deep_gate": "warn"})
    assert (answer.status_code, answer.json()["deep_gate"]) == (200, "warn")
    najd.refresh_from_db()
    hijaz.refresh_from_db()
    assert (najd.deep_gate, hijaz.deep_gate) == ("warn", "block")


@pytest.mark.parametrize("body", [{}, {"deep_gate": "maybe"}, {"deep_gate": None}])
def test_another_word_is_400_and_changes_nothing(as_najd, najd, body):
    answer = as_najd.patch("/api/v1/tenant", body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "deep_gate")
    assert answer.json()["error"]["errors"][0]["message_ar"]
    najd.refresh_from_db()
    assert najd.deep_gate == "block"


def test_only_an_administrator_sets_it(api, najd):
    key = issue_api_key(tenant=najd, name="k", scopes=["invoices:read", "invoices:write"])[1]
    answer = api.patch("/api/v1/tenant", {"deep_gate": "off"}, headers={"X-API-Key": key})
    assert answer.status_code == 403
    najd.refresh_from_db()
    assert najd.deep_gate == "block"


def test_any_scope_may_see_it_and_no_credential_may_not(api, najd):
    key = issue_api_key(tenant=najd, name="k", scopes=["health:read"])[1]
    assert api.get("/api/v1/tenant").status_code == 401
    assert api.get("/api/v1/tenant", headers={"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/api-keys", "/api/v1/api-keys/"])
def test_the_text_is_in_the_answer_and_nowhere_else(as_najd, najd, path):
    asked = {"name": "Branch 3", "scopes": ["invoices:write", "invoices:read"]}
    answer = as_najd.post(path, asked)
    text = answer.json()["key"]
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    assert authenticate_key(text).tenant == najd
    assert answer.json()["scopes"] == ["invoices:read", "invoices:write"]
    listed = as_najd.get(path)
    assert [key["name"] for key in listed.json()["api_keys"]] == ["Branch 3", "Till"]
    assert text not in listed.content.decode()
    assert ApiKey.objects.get(name="Branch 3").secret_hash not in listed.content.decode()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "k"},
        {"name": "k", "scopes": []},
        {"name": "k", "scopes": ["admin", "admin"]},
        {"name": "k", "scopes": ["invoices:export"]},
        {"name": "k", "scopes": "admin"},
        {"name": " k", "scopes": ["admin"]},
        {"name": "\u202ek", "scopes": ["admin"]},
        {"name": "k" * 101, "scopes": ["admin"]},
        {"name": "k", "scopes": ["admin"], "expires_at": "2001-01-01T00:00:00Z"},
        {"name": "k", "scopes": ["admin"], "expires_at": "soon"},
    ],
)
def test_what_is_no_key_is_400_and_issues_nothing(as_najd, body):
    answer = as_najd.post("/api/v1/api-keys", body)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"]
    assert ApiKey.objects.count() == 1


def test_keys_are_managed_by_admin_only(api, najd):
    key = issue_api_key(tenant=najd, name="k", scopes=["invoices:read", "invoices:write"])[1]
    api.credentials(HTTP_X_API_KEY=key)
    assert api.get("/api/v1/api-keys").status_code == 403
    assert api.post("/api/v1/api-keys", {"name": "x", "scopes": ["admin"]}).status_code == 403
    assert api.delete(f"/api/v1/api-keys/{ApiKey.objects.get().pk}").status_code == 403
    assert ApiKey.objects.get().revoked_at is None


def test_revoking_ends_a_key_and_may_be_repeated(as_najd, najd):
    key, text = issue_api_key(tenant=najd, name="old", scopes=["invoices:read"])
    for path in (f"/api/v1/api-keys/{key.pk}", f"/api/v1/api-keys/{key.pk}/"):
        answer = as_najd.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
    assert authenticate_key(text) is None
    shown = {
        row["name"]: row["revoked_at"] for row in as_najd.get("/api/v1/api-keys").json()["api_keys"]
    }
    assert shown["old"] is not None
    assert shown["Till"] is None


def test_another_tenants_key_is_as_absent(as_najd, hijaz):
    key, text = issue_api_key(tenant=hijaz, name="theirs", scopes=["admin"])
    foreign, absent, huge = (
        as_najd.delete(f"/api/v1/api-keys/{pk}") for pk in (key.pk, 987654, 10**30)
    )
    assert (foreign.status_code, absent.status_code, huge.status_code) == (404, 404, 404)
    assert foreign.json()["detail"] == absent.json()["detail"]
    assert authenticate_key(text)
    assert "theirs" not in as_najd.get("/api/v1/api-keys").content.decode()
