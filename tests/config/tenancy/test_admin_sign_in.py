"""The admin's door stands under the same limit as the API's."""

import pytest

from tests.config.tenancy.pages import text

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


def test_the_admin_waits_after_too_many_attempts(client, amal, settings):
    settings.LOGIN_ATTEMPTS_ALLOWED = 2
    login = {"username": "amal", "password": "wrong"}
    assert "Please enter the correct" in text(client.post("/admin/login/", login))
    client.post("/admin/login/", login)
    right = {"username": "amal", "password": "long-enough-to-keep"}
    assert "Too many attempts" in text(client.post("/admin/login/", right))
    assert "_auth_user_id" not in client.session


def test_signing_in_to_the_admin(client, owner):
    right = {"username": "amal", "password": "long-enough-to-keep", "next": "/admin/"}
    assert client.post("/admin/login/", right)["Location"] == "/admin/"
