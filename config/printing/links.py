"""Links that may be sent to a buyer: signed, expiring, and good for one document.

Whoever holds the link may see the document, so it carries no more than its address; nothing is
stored, and a link ends by its time, by a change of SECRET_KEY, or with its document. An app
registers what its kind of link shows (`register_source`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.core.signing import BadSignature, Signer
from django.utils import timezone

from config.printing.errors import LinkExpired, LinkInvalid

# A full stop survives in mail and messages, where a colon may end a link.
_signer = partial(Signer, salt="config.printing.links", sep=".")


@dataclass(frozen=True, slots=True)
class Link:
    """One document of one tenant, until a moment (whole seconds)."""

    kind: str
    tenant_id: int
    object_id: int
    expires_at: datetime


class Source(NamedTuple):
    """What a kind of link shows: a page as (template, context), a PDF as (bytes, file name).

    Both raise a Problem for a document that is gone or may not be given out.
    """

    page: Callable[[Link], tuple[str, dict[str, Any]]]
    pdf: Callable[[Link], tuple[bytes, str]]


_sources: dict[str, Source] = {}


def register_source(kind: str, source: Source) -> None:
    """Say what links of this kind show. Called by an app when it is ready."""
    _sources[kind] = source


def source_of(link: Link) -> Source:
    """Raises LinkInvalid for a kind that nobody shows any more."""
    try:
        return _sources[link.kind]
    except KeyError:
        raise LinkInvalid from None


def token_of(link: Link) -> str:
    """The link as text for an address: letters, digits, ``-``, ``_`` and one ``.``."""
    expires = int(link.expires_at.timestamp())
    return _signer().sign_object([link.kind, link.tenant_id, link.object_id, expires])


def opened(token: str) -> Link:
    """The link behind a token. LinkInvalid for anything we did not sign, LinkExpired after it."""
    try:
        kind, tenant_id, object_id, expires = _signer().unsign_object(token)
    except (BadSignature, ValueError):
        raise LinkInvalid from None
    expires_at = datetime.fromtimestamp(expires, tz=timezone.get_default_timezone())
    if expires_at <= timezone.now():
        raise LinkExpired
    return Link(kind, tenant_id, object_id, expires_at)
