"""POST /api/v1/auth/login and /refresh (contracts 4), in the envelope of D2."""

from datetime import timedelta

import jwt
import pytest
import time_machine
from django.contrib.auth.models import User

from config.tenancy.models import LoginAttempts, Membership
from config.tenancy.services import grant_role

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")
PASSWORD = "long-enough-to-keep"
LOGIN, REFRESH = "/api/v1/auth/login", "/api/v1/auth/refresh"
NEUTRAL = "The username or the password is not correct."


def log_in(api, username="amal", password=PASSWORD, **more):
    return api.post(LOGIN, {"username": username, "password": password, **more})


@pytest.mark.parametrize("path", [LOGIN, LOGIN + "/"])
def test_one_membership_implies_the_tenant(api, clerk, path):
    answer = api.post(path, {"username": "amal", "password": PASSWORD})
    body = answer.json()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    assert (body["success"], body["message"]) == (True, "Signed in.")
    assert set(body["data"]) == {"access", "refresh", "token_type", "expires_in", "role", "tenant"}
    assert body["data"]["tenant"] == {
        "id": clerk.tenant_id,
        "name": "Najd",
        "environment": "SANDBOX",
    }
    assert (body["data"]["token_type"], body["data"]["expires_in"]) == ("Bearer", 1800)


def test_an_independent_reader_finds_the_claims(api, clerk, settings):
    token = log_in(api).json()["data"]["access"]
    claims = jwt.decode(token, settings.JWT_SIGNING_KEY, algorithms=["HS256"], issuer="daftar")
    assert claims["tenant_id"] == clerk.tenant_id
    assert claims["user_id"] == str(clerk.user_id)
    assert claims["exp"] - claims["iat"] == 1800
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"], issuer="daftar")


def test_several_memberships_ask_for_a_choice(api, clerk, hijaz):
    grant_role(user=clerk.user, tenant=hijaz, role="viewer")
    answer = log_in(api)
    assert answer.status_code == 400
    assert answer.json()["success"] is False
    assert answer.json()["error"]["code"] == "tenant_required"
    assert answer.json()["error"]["tenants"] == [
        {"id": hijaz.pk, "name": "Hijaz", "environment": "SIMULATION"},
        {"id": clerk.tenant_id, "name": "Najd", "environment": "SANDBOX"},
    ]
    chosen = log_in(api, tenant=hijaz.pk).json()["data"]
    assert (chosen["tenant"]["name"], chosen["role"]) == ("Hijaz", "viewer")


def test_the_choice_is_not_shown_to_a_wrong_password(api, clerk, hijaz):
    grant_role(user=clerk.user, tenant=hijaz, role="viewer")
    answer = log_in(api, password="wrong")
    assert answer.status_code == 401
    assert "Najd" not in answer.content.decode()


def test_wrong_name_wrong_password_and_deactivated_read_alike(api, clerk):
    answers = [log_in(api, "amal", "wrong"), log_in(api, "nobody", PASSWORD)]
    User.objects.update(is_active=False)
    answers.append(log_in(api))
    for answer in answers:
        assert answer.status_code == 401
        assert answer.json()["message"] == NEUTRAL
        assert answer.json()["error"]["code"] == "wrong_credentials"


@pytest.mark.parametrize("tenant", ["hijaz", "absent", "huge"])
def test_a_tenant_that_is_not_open_is_one_answer(api, clerk, hijaz, tenant):
    asked = {"hijaz": hijaz.pk, "absent": 987654, "huge": 10**30}[tenant]
    answer = log_in(api, tenant=asked)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "no_membership")
    assert "Hijaz" not in answer.content.decode()


def test_without_a_membership_nobody_gets_a_token(api, amal, root):
    assert log_in(api).json()["error"]["code"] == "no_membership"
    assert log_in(api, "root").json()["error"]["code"] == "no_membership"


def test_signing_in_is_noted(api, clerk):
    log_in(api)
    assert User.objects.get().last_login is not None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"username": "amal"},
        {"username": "amal", "password": ""},
        {"username": ["amal"], "password": "x"},
        {"username": "amal", "password": "x" * 5000},
        {"username": "a" * 151, "password": "x"},
        {"username": "amal", "password": PASSWORD, "tenant": "first"},
        {"username": "amal", "password": PASSWORD, "tenant": -1},
    ],
)
def test_what_is_no_login_is_400_and_counts_nothing(api, clerk, body):
    answer = api.post(LOGIN, body)
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"]
    assert not LoginAttempts.objects.exists()


@pytest.mark.parametrize("name", [r"a\u0000", r"\ud800"])
def test_what_no_database_can_hold_is_400(api, clerk, name):
    body = f'{{"username": "{name}", "password": "x"}}'
    assert api.post(LOGIN, body, content_type="application/json").status_code == 400
    assert not LoginAttempts.objects.exists()


def test_refresh_keeps_the_tenant(api, clerk, hijaz):
    grant_role(user=clerk.user, tenant=hijaz, role="viewer")
    tokens = log_in(api, tenant=hijaz.pk).json()["data"]
    renewed = api.post(REFRESH, {"refresh": tokens["refresh"]}).json()
    assert renewed["success"] is True
    assert renewed["data"]["tenant"]["name"] == "Hijaz"
    headers = {"Authorization": f"Bearer {renewed['data']['access']}"}
    assert api.get("/api/v1/tenant", headers=headers).json()["company_name"] == "Hijaz"


@pytest.mark.parametrize("ended", ["membership", "tenant", "person"])
def test_refresh_checks_the_membership_anew(api, clerk, ended):
    refresh = log_in(api).json()["data"]["refresh"]
    row = {"membership": clerk, "tenant": clerk.tenant, "person": clerk.user}[ended]
    row.is_active = False
    row.save()
    answer = api.post(REFRESH, {"refresh": refresh})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_token")


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(api, clerk):
    tokens = log_in(api).json()["data"]
    assert api.post(REFRESH, {"refresh": tokens["access"]}).status_code == 401
    headers = {"Authorization": f"Bearer {tokens['refresh']}"}
    assert api.get("/api/v1/tenant", headers=headers).status_code == 401


def test_tokens_end(api, clerk):
    with time_machine.travel("2026-03-01T09:00:00Z"):
        tokens = log_in(api).json()["data"]
    headers = {"Authorization": f"Bearer {tokens['access']}"}
    with time_machine.travel("2026-03-01T09:29:00Z"):
        assert api.get("/api/v1/tenant", headers=headers).status_code == 200
    with time_machine.travel("2026-03-01T09:31:00Z"):
        answer = api.get("/api/v1/tenant", headers=headers)
        assert answer.json()["error"]["code"] == "token_expired"
        assert api.post(REFRESH, {"refresh": tokens["refresh"]}).status_code == 200
    with time_machine.travel("2026-03-02T09:01:00Z"):
        assert api.post(REFRESH, {"refresh": tokens["refresh"]}).status_code == 401


def forged(settings, clerk, key=None, algorithm="HS256", **changed):
    """A token made by hand with PyJWT, right in everything that is not changed."""
    from config.tenancy.tokens import issue_tokens

    good = issue_tokens(Membership.objects.get(pk=clerk.pk)).access
    claims = jwt.decode(good, options={"verify_signature": False})
    claims = {name: value for name, value in {**claims, **changed}.items() if value is not None}
    return jwt.encode(claims, settings.JWT_SIGNING_KEY if key is None else key, algorithm)


def test_the_forger_can_forge_a_good_one(api, clerk, settings):
    headers = {"Authorization": f"Bearer {forged(settings, clerk)}"}
    assert api.get("/api/v1/tenant", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"key": "another-key-of-sufficient-length-32b"},
        {"key": "", "algorithm": "none"},
        {"algorithm": "HS512"},
        {"tenant_id": 999_999},
        {"tenant_id": None},
        {"user_id": None},
        {"user_id": "amal"},
        {"pw": None},
        {"pw": "0" * 16},
        {"pw": 7},
        {"iss": "somebody"},
        {"exp": None},
        {"token_type": "refresh"},
    ],
)
def test_a_forged_token_is_refused(api, clerk, settings, changed):
    headers = {"Authorization": f"Bearer {forged(settings, clerk, **changed)}"}
    answer = api.get("/api/v1/tenant", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "invalid_token")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer a b", "Bearer a.b.c", "bearer ÿ"])
def test_what_is_no_token_is_401(api, db, header):
    assert api.get("/api/v1/tenant", headers={"Authorization": header}).status_code == 401


def test_the_eleventh_attempt_waits(api, clerk):
    with time_machine.travel("2026-03-01T09:00:00Z", tick=False):
        assert [log_in(api, password="wrong").status_code for _ in range(10)] == [401] * 10
    with time_machine.travel("2026-03-01T09:05:00Z", tick=False):
        answer = log_in(api)
        assert (answer.status_code, answer["Retry-After"]) == (429, "600")
        assert answer.json()["error"]["code"] == "too_many_attempts"
        assert User.objects.get().last_login is None
        assert log_in(api, "nobody").status_code == 401
    with time_machine.travel("2026-03-01T09:15:00Z", tick=False):
        assert log_in(api).status_code == 200
    assert not LoginAttempts.objects.exclude(since__gte="2026-03-01T09:05:00Z").exists()


def test_another_address_is_counted_apart(api, clerk, settings):
    settings.LOGIN_ATTEMPTS_ALLOWED = 1
    log_in(api, password="wrong")
    assert log_in(api).status_code == 429
    elsewhere = {"username": "amal", "password": PASSWORD}
    assert api.post(LOGIN, elsewhere, REMOTE_ADDR="192.0.2.7").status_code == 200
    spoofed = api.post(LOGIN, elsewhere, headers={"X-Forwarded-For": "192.0.2.8"})
    assert spoofed.status_code == 429


def test_a_success_begins_the_count_anew(api, clerk, settings):
    settings.LOGIN_ATTEMPTS_ALLOWED = 2
    for _ in range(3):
        assert log_in(api, password="wrong").status_code == 401
        assert log_in(api, "AMAL", "wrong").status_code == 401
        LoginAttempts.objects.update(count=1)
        assert log_in(api).status_code == 200
        assert not LoginAttempts.objects.exists()


def test_the_name_is_not_kept(api, clerk):
    log_in(api, "my-password-by-mistake", "wrong")
    assert "mistake" not in str(LoginAttempts.objects.values().get())


def test_a_token_lives_a_day_at_most():
    from config.tenancy.tokens import ACCESS_LIFETIME, REFRESH_LIFETIME

    assert (timedelta(minutes=30), timedelta(days=1)) == (ACCESS_LIFETIME, REFRESH_LIFETIME)
