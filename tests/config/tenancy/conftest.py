"""Najd sells in the sandbox and in production; Hijaz is somebody else. Amal works for Najd."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from config.tenancy.models import Membership, Role, Tenant
from config.tenancy.services import create_tenant, grant_role, issue_api_key

PASSWORD = "long-enough-to-keep"
# The taxpayer of the authority's own samples.
VAT_NUMBER = "399999999900003"


@pytest.fixture(autouse=True)
def _cheap_passwords(settings):
    """The real hasher takes half a second a sign-in, which is its purpose and not ours."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def najd(db) -> Tenant:
    return create_tenant(company_name="Najd", environment="SANDBOX", vat_number=VAT_NUMBER)


@pytest.fixture
def najd_live(db) -> Tenant:
    return create_tenant(company_name="Najd", environment="PRODUCTION", vat_number=VAT_NUMBER)


@pytest.fixture
def hijaz(db) -> Tenant:
    return create_tenant(
        company_name="Hijaz", environment="SIMULATION", vat_number="310122393500003"
    )


@pytest.fixture
def amal(db) -> User:
    return User.objects.create_user("amal", password=PASSWORD, is_staff=True)


@pytest.fixture
def clerk(amal, najd) -> Membership:
    return grant_role(user=amal, tenant=najd, role=Role.CLERK)


@pytest.fixture
def owner(amal, najd) -> Membership:
    return grant_role(user=amal, tenant=najd, role=Role.OWNER)


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root", password=PASSWORD)


@pytest.fixture
def najd_key(najd) -> str:
    return issue_api_key(tenant=najd, name="Till", scopes=["admin"])[1]


@pytest.fixture
def api() -> APIClient:
    return APIClient()


@pytest.fixture
def log_in(client):
    """Sign a person in to the admin, and choose a tenant if one is given."""

    def log_in(user: User, tenant: Tenant | None = None) -> Client:
        client.force_login(user)
        if tenant:
            client.post("/admin/tenancy/tenant/switch/", {"tenant": tenant.pk})
        return client

    return log_in
