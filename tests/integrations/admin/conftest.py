"""People of Najd at the back office of policies."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from config.tenancy.models import Role, Tenant
from config.tenancy.services import grant_role


@pytest.fixture
def signed_in(db) -> Callable[..., Client]:
    """A browser in which a member of that role is signed in."""

    def signed_in(tenant: Tenant, role: str, name: str) -> Client:
        user = User.objects.create_user(name, is_staff=True)
        grant_role(user=user, tenant=tenant, role=role)
        browser = Client()
        browser.force_login(user)
        return browser

    return signed_in


@pytest.fixture
def viewer(signed_in, najd) -> Client:
    return signed_in(najd, Role.VIEWER, "hind")


@pytest.fixture
def clerk(signed_in, najd) -> Client:
    """May do nothing with policies but look, since the role has no integrations."""
    return signed_in(najd, Role.CLERK, "amal")


@pytest.fixture
def integrator(signed_in, najd) -> Client:
    return signed_in(najd, Role.INTEGRATOR, "idris")


@pytest.fixture
def owner(signed_in, najd) -> Client:
    return signed_in(najd, Role.OWNER, "omar")


@pytest.fixture
def stranger(signed_in, hijaz) -> Client:
    """An owner of another company."""
    return signed_in(hijaz, Role.OWNER, "salim")
