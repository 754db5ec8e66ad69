"""People of Najd at the back office, and invoices in every state they meet."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from config.tenancy.models import Role, Tenant
from config.tenancy.services import grant_role
from invoicing.models import Invoice
from tests.invoicing.arranged import World, arranged
from tests.invoicing.payloads import standard
from tests.invoicing.traces import URL


@pytest.fixture
def signed_in(db) -> Callable[..., Client]:
    """A browser in which a member of that role is signed in."""

    def signed_in(tenant: Tenant, role: str, name: str = "amal") -> Client:
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
    return signed_in(najd, Role.CLERK)


@pytest.fixture
def owner(signed_in, najd) -> Client:
    return signed_in(najd, Role.OWNER, "omar")


@pytest.fixture
def stranger(signed_in, hijaz) -> Client:
    """An owner of another company."""
    return signed_in(hijaz, Role.OWNER, "salim")


@pytest.fixture
def post(api, unit, zatca) -> Callable[..., Invoice]:
    """Post a payload; with `fault` the authority misbehaves on its first delivery."""

    def post(payload: dict, fault: str | None = None) -> Invoice:
        number = payload["invoice_number"]
        if fault:
            zatca.control.script(number, delivery=1, fault=fault)
        api.post(URL, payload)
        return Invoice.objects.get(invoice_number=number)

    return post


@arranged
def cleared(world: World) -> Invoice:
    return world.post(standard("INV-CLEARED"))


@arranged
def failed(world: World) -> Invoice:
    """The authority has it, and its answer was lost."""
    return world.post(standard("INV-FAILED"), "drop_after")


@arranged
def rejected(world: World) -> Invoice:
    return world.post(standard("INV-REJECTED"), "reject")
