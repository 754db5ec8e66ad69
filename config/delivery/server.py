"""The mail server, read from one address. Imports no Django models, since the settings read it."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

# scheme: (port, STARTTLS, TLS from the first byte)
SCHEMES = {
    "smtp": (25, False, False),
    "smtp+tls": (587, True, False),
    "smtps": (465, False, True),
}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and who it says it is from."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool
    sender: str

    def __repr__(self) -> str:
        return f"MailServer({self.host}:{self.port})"


def mail_server(url: str, *, sender: str) -> MailServer | None:
    """The server that `url` names, or None for an empty one. Raises ImproperlyConfigured."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        given = parts.port
    except ValueError:
        raise ImproperlyConfigured("MAIL_URL is no address.") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise ImproperlyConfigured(f"MAIL_URL must begin with one of {', '.join(SCHEMES)}://host.")
    if "@" not in sender or any(mark in sender for mark in "\r\n<>"):
        raise ImproperlyConfigured("MAIL_FROM must be an e-mail address where MAIL_URL is set.")
    port, starttls, tls = SCHEMES[parts.scheme]
    return MailServer(
        host=parts.hostname,
        port=given or port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=starttls,
        tls=tls,
        sender=sender,
    )
