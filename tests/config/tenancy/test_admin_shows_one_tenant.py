"""The back office shows the rows of one tenant at a time."""

import re

import pytest

from config.tenancy.models import Membership
from config.tenancy.services import grant_role
from tests.config.tenancy.pages import KEYS, keys_of, text

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


def test_a_list_holds_the_active_tenant_only(log_in, owner, hijaz):
    keys_of(owner.tenant, hijaz)
    page = text(log_in(owner.user).get(KEYS))
    assert "of Najd" in page
    assert "of Hijaz" not in page


@pytest.mark.parametrize("page", ["change/", "history/", "delete/"])
def test_another_tenants_row_is_as_absent(log_in, owner, hijaz, page):
    own, foreign = keys_of(owner.tenant, hijaz)
    browser = log_in(owner.user)
    assert browser.get(f"{KEYS}{foreign.pk}/{page}").status_code == 404
    assert browser.get(f"{KEYS}987654/{page}").status_code == 404
    assert browser.get(f"{KEYS}{own.pk}/{page}").status_code == (403 if page == "delete/" else 200)


def test_switching_shows_the_other_tenant(log_in, owner, hijaz):
    keys_of(owner.tenant, hijaz)
    grant_role(user=owner.user, tenant=hijaz, role="owner")
    assert "of Hijaz" in text(log_in(owner.user, hijaz).get(KEYS))
    assert "of Najd" in text(log_in(owner.user, owner.tenant).get(KEYS))


def test_a_superuser_sees_one_tenant_too(log_in, root, najd, hijaz):
    keys_of(najd, hijaz)
    page = text(log_in(root, hijaz).get(KEYS))
    assert "of Hijaz" in page
    assert "of Najd" not in page


@pytest.mark.parametrize("path", [KEYS, f"{KEYS}add/", "/admin/tenancy/membership/"])
def test_without_a_choice_every_page_asks_for_one(log_in, root, najd, hijaz, path):
    keys_of(najd, hijaz)
    page = text(log_in(root).get(path))
    assert "Choose the tenant to work in." in page
    assert "of Najd" not in page
    assert f'name="next" value="{path}"' in page


def test_a_member_of_several_chooses_on_the_first_page(log_in, owner, hijaz, najd_live):
    grant_role(user=owner.user, tenant=hijaz, role="viewer")
    page = text(log_in(owner.user).get("/admin/"))
    offered = re.findall(r"<strong>(.*?)</strong>\s*<span>(\w+)", page)
    assert offered == [("Hijaz", "SIMULATION"), ("Najd", "SANDBOX")]


def test_staff_without_a_membership_is_told_so(log_in, amal, najd):
    assert "No tenant is open to you." in text(log_in(amal).get("/admin/"))
    assert "No tenant is open to you." in text(log_in(amal).get(KEYS))


def test_a_membership_that_ends_closes_the_open_session(log_in, owner):
    keys_of(owner.tenant)
    browser = log_in(owner.user)
    assert "of Najd" in text(browser.get(KEYS))
    Membership.objects.update(is_active=False)
    assert "of Najd" not in text(browser.get(KEYS))
