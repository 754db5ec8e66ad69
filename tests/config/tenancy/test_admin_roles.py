"""What a role may see and change in the back office."""

import pytest
from django.contrib.auth.models import User

from config.tenancy.models import Membership
from config.tenancy.services import grant_role
from tests.config.tenancy.pages import KEYS, text

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


def test_a_role_without_admin_sees_no_keys_and_no_members(log_in, clerk):
    browser = log_in(clerk.user)
    for path in (KEYS, f"{KEYS}add/", "/admin/tenancy/membership/"):
        assert browser.get(path).status_code == 403
    assert "apikey" not in text(browser.get("/admin/"))


def test_people_are_edited_by_superusers_only(log_in, owner):
    browser = log_in(owner.user)
    owner.user.user_permissions.set(
        User._meta.get_field("user_permissions").related_model.objects.all()
    )
    for path in (
        "/admin/auth/user/",
        f"/admin/auth/user/{owner.user_id}/change/",
        "/admin/auth/group/",
    ):
        assert browser.get(path).status_code == 403
    assert browser.post("/admin/auth/user/add/", {"username": "x"}).status_code == 403


def test_members_look_at_their_tenant_and_change_nothing(log_in, clerk):
    browser = log_in(clerk.user)
    own = f"/admin/tenancy/tenant/{clerk.tenant_id}/change/"
    assert "Najd" in text(browser.get(own))
    assert browser.post(own, {"company_name": "Mine", "deep_gate": "off"}).status_code == 403


def test_an_owner_sets_how_their_tenant_is_checked_and_nothing_else(log_in, owner, hijaz):
    browser = log_in(owner.user)
    own = f"/admin/tenancy/tenant/{owner.tenant_id}/change/"
    page = text(browser.get(own))
    assert 'name="deep_gate"' in page
    assert 'name="company_name"' not in page
    said = {"company_name": "Mine", "is_active": "", "deep_gate": "warn"}
    assert browser.post(own, said).status_code == 302
    owner.tenant.refresh_from_db()
    assert (owner.tenant.company_name, owner.tenant.deep_gate) == ("Najd", "warn")
    assert owner.tenant.is_active
    assert browser.get(f"/admin/tenancy/tenant/{hijaz.pk}/change/").status_code == 404
    assert browser.get("/admin/tenancy/tenant/add/").status_code == 403
    assert "Hijaz" not in text(browser.get("/admin/tenancy/tenant/"))


def test_an_owner_changes_roles_but_adds_nobody(log_in, owner, hijaz):
    rana = User.objects.create_user("rana", is_staff=True)
    theirs = grant_role(user=rana, tenant=hijaz, role="viewer")
    ours = grant_role(user=rana, tenant=owner.tenant, role="viewer")
    browser = log_in(owner.user)
    page = "/admin/tenancy/membership/{}/change/"
    assert (
        browser.post(page.format(ours.pk), {"role": "clerk", "is_active": "on"}).status_code == 302
    )
    assert browser.post(page.format(theirs.pk), {"role": "owner"}).status_code == 404
    assert browser.get("/admin/tenancy/membership/add/").status_code == 403
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.role, theirs.role) == ("clerk", "viewer")


def test_a_second_membership_is_refused_in_words(log_in, root, clerk, najd, hijaz):
    again = {"user": clerk.user_id, "role": "owner", "is_active": "on"}
    page = "/admin/tenancy/membership/add/"
    assert "already exists" in text(log_in(root, najd).post(page, again))
    assert list(Membership.objects.values_list("role", flat=True)) == ["clerk"]
    assert log_in(root, hijaz).post(page, again).status_code == 302
    assert Membership.objects.get(role="owner").tenant == hijaz


def test_the_page_of_a_member_names_the_person_without_a_link_that_is_refused(log_in, owner):
    page = text(log_in(owner.user).get(f"/admin/tenancy/membership/{owner.pk}/change/"))
    assert str(owner.user) in page
    assert "/admin/auth/user/" not in page
