import pytest

from config.tenancy.credentials import may
from config.tenancy.roles import permissions_for

# contracts 4, row by row: what each role may, and one thing next to it that it may not.
TABLE = [
    ("viewer", "invoices:read health:read integrations:read", "invoices:write invoices:export"),
    ("auditor", "invoices:read health:export integrations:verify", "health:write admin"),
    ("clerk", "invoices:write health:write health:read", "health:post invoices:export admin"),
    ("accountant", "health:write health:post health:export", "integrations:write admin"),
    ("integrator", "integrations:write invoices:write", "health:read invoices:override admin"),
    ("owner", "admin health:write integrations:write invoices:override", ""),
    ("stranger", "", "invoices:read"),
]


@pytest.mark.parametrize(("role", "allowed", "refused"), TABLE)
def test_what_a_role_may(role, allowed, refused):
    assert set(allowed.split()) <= permissions_for(role)
    assert not set(refused.split()) & permissions_for(role)


def test_admin_contains_what_is_not_listed(owner):
    assert may(owner, "whatever:comes")


def test_nobody_may_nothing():
    assert not may(None, "invoices:read")


@pytest.mark.parametrize("ended", ["membership", "person", "tenant"])
def test_a_membership_that_has_ended_may_nothing(clerk, ended):
    assert may(clerk, "invoices:write")
    {"membership": clerk, "person": clerk.user, "tenant": clerk.tenant}[ended].is_active = False
    assert not may(clerk, "invoices:write")
