"""contracts 4: the environment is always visible, in colour."""

import re

import pytest

from tests.config.tenancy.pages import KEYS, text

pytestmark = pytest.mark.urls("tests.config.tenancy.urls")


@pytest.mark.parametrize(
    ("which", "word", "colour"),
    [
        ("najd", "SANDBOX", "primary"),
        ("hijaz", "SIMULATION", "orange"),
        ("najd_live", "PRODUCTION", "red"),
    ],
)
def test_the_environment_is_on_every_page_in_its_colour(log_in, root, request, which, word, colour):
    browser = log_in(root, request.getfixturevalue(which))
    for path in ("/admin/", KEYS, f"{KEYS}add/", "/admin/auth/user/", "/admin/password_change/"):
        page = text(browser.get(path))
        assert re.search(rf'<span class="[^"]*bg-{colour}-100[^"]*" ?>\s*{word}\s*</span>', page)
        assert f"daftar-stripe daftar-{word.lower()}" in page


def test_the_way_in_shows_no_environment(client, najd):
    page = text(client.get("/admin/login/"))
    assert "SANDBOX" not in page
    assert "Najd" not in page
