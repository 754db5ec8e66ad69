"""Who is let in, as whom, and for which tenant. The view below says what it was told."""

import pytest
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from config.problems import NotFound
from config.tenancy.authentication import ApiKeyAuthentication
from config.tenancy.credentials import Credential
from config.tenancy.models import ApiKey, Membership
from config.tenancy.permissions import TenantPermission
from config.tenancy.services import grant_role, issue_api_key, revoke_api_key


class Mirror(APIView):
    scope = "invoices"

    def get(self, request):
        auth = request.auth
        return Response(
            {
                "tenant": auth.tenant.company_name,
                "environment": auth.tenant.environment,
                "kind": auth.kind,
                "role": auth.role,
                "actor": auth.actor,
                "user": request.user.get_username(),
            }
        )

    post = get


urlpatterns = [
    path("mirror", Mirror.as_view()),
    path("export", Mirror.as_view(scope="invoices:export")),
    path("forgotten", type("Forgotten", (APIView,), {"get": Mirror.get}).as_view()),
    path("", include("tests.config.tenancy.urls")),
]
pytestmark = pytest.mark.urls(__name__)


def sign_in(api, password="long-enough-to-keep", **body) -> str:
    answer = api.post("/api/v1/auth/login", {"username": "amal", "password": password, **body})
    return answer.json()["data"]["access"]


def test_nothing_sent_is_401_and_says_how(api, db):
    answer = api.get("/mirror")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'ApiKey realm="daftar", Bearer realm="daftar"'
    assert answer.json()["error"]["code"] == "unauthenticated"


def test_a_key_speaks_for_its_tenant(api, najd_key, hijaz):
    prefix = ApiKey.objects.get().prefix
    assert api.get("/mirror", headers={"X-API-Key": najd_key}).json() == {
        "tenant": "Najd",
        "environment": "SANDBOX",
        "kind": "api_key",
        "role": None,
        "actor": f"key:{prefix}",
        "user": f"key:{prefix}",
    }


def test_a_key_in_the_address_is_not_looked_at(rf, najd_key):
    # Not through the whole stack: addresses are logged, which is why a key has no place there.
    request = Request(rf.get("/mirror", {"X-API-Key": najd_key, "api_key": najd_key}))
    assert ApiKeyAuthentication().authenticate(request) is None
    request.META["HTTP_X_API_KEY"] = najd_key
    assert ApiKeyAuthentication().authenticate(request)


@pytest.mark.parametrize("sent", ["", "dk_sb_aaaaaaaa_" + "a" * 43, "x" * 5000, "Bearer x"])
def test_a_bad_key_is_refused_at_once(api, najd_key, sent):
    answer = api.get("/mirror", headers={"X-API-Key": sent})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_api_key")
    assert "WWW-Authenticate" in answer


def test_a_bad_key_is_not_excused_by_a_good_token(api, clerk, najd_key):
    token = sign_in(api)
    revoke_api_key(ApiKey.objects.get())
    headers = {"X-API-Key": najd_key, "Authorization": f"Bearer {token}"}
    assert api.get("/mirror", headers=headers).status_code == 401


def test_a_token_speaks_for_a_person_in_a_tenant(api, clerk):
    answer = api.get("/mirror", headers={"Authorization": f"Bearer {sign_in(api)}"})
    assert answer.json() == {
        "tenant": "Najd",
        "environment": "SANDBOX",
        "kind": "jwt",
        "role": "clerk",
        "actor": "user:amal",
        "user": "amal",
    }


@pytest.mark.parametrize("ended", ["membership", "person", "tenant", "deleted", "password"])
def test_a_token_is_checked_against_the_membership_every_time(api, clerk, ended):
    headers = {"Authorization": f"Bearer {sign_in(api)}"}
    assert api.get("/mirror", headers=headers).status_code == 200
    if ended == "deleted":
        Membership.objects.all().delete()
    elif ended == "password":
        clerk.user.set_password("another-long-one")
        clerk.user.save()
    else:
        row = {"membership": clerk, "person": clerk.user, "tenant": clerk.tenant}[ended]
        row.is_active = False
        row.save()
    answer = api.get("/mirror", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_token")


def test_a_changed_role_counts_for_tokens_given_before(api, clerk, najd):
    headers = {"Authorization": f"Bearer {sign_in(api)}"}
    assert api.post("/mirror", headers=headers).status_code == 200
    grant_role(user=clerk.user, tenant=najd, role="viewer")
    assert api.post("/mirror", headers=headers).status_code == 403


def test_a_token_of_one_tenant_never_speaks_for_another(api, clerk, hijaz):
    grant_role(user=clerk.user, tenant=hijaz, role="owner")
    token = sign_in(api, tenant=clerk.tenant_id)
    clerk.is_active = False
    clerk.save()
    assert api.get("/mirror", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_a_session_writes_only_with_its_csrf_token(clerk):
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(clerk.user)
    assert browser.get("/mirror").status_code == 200
    assert browser.post("/mirror").status_code == 403
    browser.get("/admin/")
    token = browser.cookies["csrftoken"].value
    assert browser.post("/mirror", headers={"X-CSRFToken": token}).status_code == 200


def test_an_only_membership_is_implied_in_a_session(api, clerk):
    api.force_login(clerk.user)
    assert api.get("/mirror").json()["kind"] == "session"
    assert api.get("/mirror").json()["tenant"] == "Najd"


def test_a_session_with_several_tenants_must_choose(api, clerk, hijaz):
    grant_role(user=clerk.user, tenant=hijaz, role="viewer")
    api.force_login(clerk.user)
    answer = api.get("/mirror")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "tenant_required"
    assert answer.json()["error"]["tenants"] == [
        {"id": hijaz.pk, "name": "Hijaz", "environment": "SIMULATION"},
        {"id": clerk.tenant_id, "name": "Najd", "environment": "SANDBOX"},
    ]


def test_a_session_whose_membership_ended_is_let_out(api, clerk):
    api.force_login(clerk.user)
    Membership.objects.update(is_active=False)
    assert api.get("/mirror").status_code == 403


def test_a_superuser_chooses_any_active_tenant(api, root, najd, hijaz):
    api.force_login(root)
    assert api.get("/mirror").json()["error"]["code"] == "tenant_required"
    api.post("/admin/tenancy/tenant/switch/", {"tenant": hijaz.pk}, format="multipart")
    assert api.post("/mirror").json()["tenant"] == "Hijaz"
    hijaz.is_active = False
    hijaz.save()
    assert api.get("/mirror").status_code == 403


@pytest.mark.parametrize(
    ("scopes", "read", "write", "export"),
    [
        (["invoices:read"], 200, 403, 403),
        (["invoices:write"], 403, 200, 403),
        (["health:read", "health:write"], 403, 403, 403),
        (["admin"], 200, 200, 200),
    ],
)
def test_scopes_decide(api, najd, scopes, read, write, export):
    headers = {"X-API-Key": issue_api_key(tenant=najd, name="k", scopes=scopes)[1]}
    assert api.get("/mirror", headers=headers).status_code == read
    assert api.post("/mirror", headers=headers).status_code == write
    assert api.get("/export", headers=headers).status_code == export


def test_a_refusal_names_the_missing_permission(api, najd):
    key = issue_api_key(tenant=najd, name="k", scopes=["invoices:read"])[1]
    error = api.post("/mirror", headers={"X-API-Key": key}).json()["error"]
    assert (error["code"], error["required"]) == ("insufficient_scope", "invoices:write")


def test_a_view_that_says_no_scope_is_never_served(api, najd_key):
    api.raise_request_exception = False
    assert api.get("/forgotten", headers={"X-API-Key": najd_key}).status_code == 500


def test_another_tenants_row_is_not_found_even_past_a_queryset(rf, najd, hijaz, najd_key):
    request = rf.get("/")
    request.auth = Credential.of_key(ApiKey.objects.get())
    foreign = issue_api_key(tenant=hijaz, name="theirs", scopes=["admin"])[0]
    permission = TenantPermission()
    assert permission.has_object_permission(request, Mirror(), ApiKey.objects.get(tenant=najd))
    with pytest.raises(NotFound):
        permission.has_object_permission(request, Mirror(), foreign)


def test_what_a_credential_costs(api, clerk, najd_key, django_assert_num_queries):
    token = sign_in(api)
    api.get("/mirror", headers={"X-API-Key": najd_key})
    with django_assert_num_queries(1):
        api.get("/mirror", headers={"X-API-Key": najd_key})
    with django_assert_num_queries(1):
        api.get("/mirror", headers={"Authorization": f"Bearer {token}"})
    api.force_login(clerk.user)
    with django_assert_num_queries(3):
        assert api.get("/mirror").json()["kind"] == "session"
