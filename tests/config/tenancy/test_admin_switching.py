"""Another tenant is one click away, and never a surprise."""

import pytest
from django.test import Client

from config.tenancy.models import ApiKey
from config.tenancy.services import grant_role
from tests.config.tenancy.pages import KEYS, SWITCH, keys_of, text

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


def test_only_open_tenants_can_be_chosen(log_in, owner, hijaz):
    browser = log_in(owner.user)
    for asked in (hijaz.pk, 987654, "", "x", "1; drop", "٣", 10**30):
        assert browser.post(SWITCH, {"tenant": asked}).status_code == 404
    assert "tenant_id" not in browser.session
    assert browser.post(SWITCH, {"tenant": owner.tenant_id}).status_code == 302
    assert browser.session["tenant_id"] == owner.tenant_id


def test_switching_is_a_post_with_csrf(owner):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner.user)
    assert browser.get(SWITCH).status_code == 405
    assert browser.post(SWITCH, {"tenant": owner.tenant_id}).status_code == 403


def test_a_stranger_cannot_switch(client, najd):
    assert client.post(SWITCH, {"tenant": najd.pk})["Location"].startswith("/admin/login/")


@pytest.mark.parametrize(
    ("onward", "leads_to"),
    [
        (KEYS, KEYS),
        ("", "/admin/"),
        ("https://example.com/", "/admin/"),
        ("//example.com", "/admin/"),
        ("javascript:alert(1)", "/admin/"),
    ],
)
def test_switching_leads_back_into_this_house_only(log_in, owner, onward, leads_to):
    answer = log_in(owner.user).post(SWITCH, {"tenant": owner.tenant_id, "next": onward})
    assert answer["Location"] == leads_to


def test_a_form_made_for_another_tenant_does_nothing(log_in, owner, hijaz):
    grant_role(user=owner.user, tenant=hijaz, role="owner")
    form = text(log_in(owner.user, owner.tenant).get(f"{KEYS}add/"))
    assert f'name="_tenant" value="{owner.tenant_id}"' in form
    browser = log_in(owner.user, hijaz)
    stale = {"name": "Till", "scopes": ["admin"], "_tenant": owner.tenant_id}
    answer = browser.post(f"{KEYS}add/", stale, follow=True)
    assert "Nothing was done: you have switched to Hijaz" in text(answer)
    assert not ApiKey.objects.exists()


def test_an_action_on_a_list_of_another_tenant_does_nothing(log_in, owner, hijaz):
    grant_role(user=owner.user, tenant=hijaz, role="owner")
    _, theirs = keys_of(owner.tenant, hijaz)
    assert 'name="_tenant"' in text(log_in(owner.user, owner.tenant).get(KEYS))
    action = {"action": "revoke", "select_across": 1, "_selected_action": [theirs.pk]}
    log_in(owner.user, hijaz).post(KEYS, {**action, "_tenant": owner.tenant_id})
    assert not ApiKey.objects.filter(revoked_at__isnull=False).exists()
