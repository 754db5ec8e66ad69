"""MAIL_URL is read strictly, and its password is never shown."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.delivery.server import mail_server


def test_no_url_means_no_mail():
    assert mail_server("", sender="") is None


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls"),
    [
        ("smtp://mx.example", 25, False, False),
        ("smtp+tls://mx.example", 587, True, False),
        ("smtps://mx.example", 465, False, True),
        ("smtp+tls://mx.example:2525", 2525, True, False),
    ],
)
def test_the_scheme_says_how(url, port, starttls, tls):
    server = mail_server(url, sender="a@b.example")
    assert (server.host, server.port, server.starttls, server.tls) == (
        "mx.example", port, starttls, tls,
    )  # fmt: skip


def test_user_and_password_may_hold_any_character():
    server = mail_server("smtps://a%40b:p%2Fw%3A@mx.example", sender="a@b.example")
    assert (server.user, server.password) == ("a@b", "p/w:")
    assert "p/w" not in repr(server)


@pytest.mark.parametrize(
    ("url", "sender"),
    [
        ("http://mx.example", "a@b.example"),
        ("smtp://", "a@b.example"),
        ("smtp://mx.example:99999", "a@b.example"),
        ("smtp://mx.example", ""),
        ("smtp://mx.example", "a@b.example\nBcc: x@y.example"),
    ],
)
def test_what_cannot_be_understood_stops_the_start(url, sender):
    with pytest.raises(ImproperlyConfigured):
        mail_server(url, sender=sender)
