"""Keys are shown once, revoked, never changed."""

import re

import pytest

from config.tenancy.models import ApiKey
from config.tenancy.services import authenticate_key
from tests.config.tenancy.pages import KEYS, keys_of, text

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


def test_the_key_is_shown_on_one_page_once(log_in, owner):
    browser = log_in(owner.user)
    answer = browser.post(f"{KEYS}add/", {"name": "Till", "scopes": ["invoices:read"]})
    shown = re.search(r"dk_sb_[a-z0-9]{8}_[A-Za-z0-9]{43}", text(answer))[0]
    assert "no-store" in answer["Cache-Control"]
    key = authenticate_key(shown)
    assert (key.tenant, key.name, key.created_by) == (owner.tenant, "Till", owner.user)
    assert shown not in str(dict(browser.session)) + str(browser.cookies)
    for path in (KEYS, f"{KEYS}{key.pk}/change/", f"{KEYS}{key.pk}/history/", "/admin/"):
        assert shown.rsplit("_", 1)[1] not in text(browser.get(path))


@pytest.mark.parametrize(
    "form",
    [
        {"name": "Till"},
        {"name": "Till", "scopes": ["invoices:export"]},
        {"name": "", "scopes": ["admin"]},
        {
            "name": "Till",
            "scopes": ["admin"],
            "expires_at_0": "2001-01-01",
            "expires_at_1": "00:00:00",
        },
    ],
)
def test_a_key_that_means_nothing_is_not_issued(log_in, owner, form):
    assert "errornote" in text(log_in(owner.user).post(f"{KEYS}add/", form))
    assert not ApiKey.objects.exists()


def test_keys_are_revoked_never_changed(log_in, owner):
    (key,) = keys_of(owner.tenant)
    browser = log_in(owner.user)
    assert browser.post(f"{KEYS}{key.pk}/change/", {"name": "x"}).status_code == 403
    action = {"action": "revoke", "_selected_action": [key.pk]}
    assert "is revoked." in text(browser.post(KEYS, action, follow=True))
    key.refresh_from_db()
    assert (key.state, key.name) == ("revoked", "of Najd")
    assert "was revoked before." in text(browser.post(KEYS, action, follow=True))
