"""The JWTs of people: which claims they carry and when they stop being good.

A token names a person and a tenant, and is only a claim: `membership_of` reads the membership anew
on every request (contracts 4). `pw` is a digest of the password's hash, so that a changed password
ends every token of that person.
"""

from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenError

from config.tenancy.errors import InvalidToken, TokenExpired
from config.tenancy.models import Membership
from config.tenancy.selectors import active_memberships

ACCESS_LIFETIME = timedelta(minutes=30)
REFRESH_LIFETIME = timedelta(days=1)


class _Signed:
    """HS256 under JWT_SIGNING_KEY, never under SECRET_KEY; the algorithm is pinned."""

    @property
    def token_backend(self) -> TokenBackend:
        return TokenBackend("HS256", settings.JWT_SIGNING_KEY, issuer="daftar")


class AccessToken(_Signed, tokens.AccessToken):
    lifetime = ACCESS_LIFETIME


class RefreshToken(_Signed, tokens.RefreshToken):
    lifetime = REFRESH_LIFETIME
    access_token_class = AccessToken


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in hands out; `repr` shows neither."""

    access: str
    refresh: str

    def __repr__(self) -> str:
        return "TokenPair(…)"


def issue_tokens(membership: Membership) -> TokenPair:
    """An access and a refresh token for this person in this tenant."""
    refresh = RefreshToken.for_user(membership.user)
    refresh["tenant_id"] = membership.tenant_id
    refresh["pw"] = _password_mark(membership.user)
    return TokenPair(access=str(refresh.access_token), refresh=str(refresh))


def refreshed(text: str) -> tuple[Membership, str]:
    """A new access token for the same tenant, from a refresh token whose membership still holds."""
    token = _read(text, RefreshToken)
    return membership_of(token), str(token.access_token)


def read_access_token(text: str | bytes) -> Membership:
    """The membership an access token claims, read anew; InvalidToken or TokenExpired otherwise."""
    return membership_of(_read(text, AccessToken))


def membership_of(token: tokens.Token) -> Membership:
    """The active membership behind a verified token; InvalidToken once it is gone."""
    user_id, tenant_id = (str(token.get(claim, "")) for claim in ("user_id", "tenant_id"))
    if not (user_id.isdecimal() and tenant_id.isdecimal()):
        raise InvalidToken
    membership = active_memberships(user_id).filter(tenant_id=tenant_id).first()
    if membership is None:
        raise InvalidToken
    if not compare_digest(str(token.get("pw", "")), _password_mark(membership.user)):
        raise InvalidToken
    return membership


def _read(text: str | bytes, kind: type[tokens.Token]) -> tokens.Token:
    try:
        return kind(text)
    except ExpiredTokenError as error:
        raise TokenExpired from error
    except TokenError as error:
        raise InvalidToken from error


def _password_mark(user: AbstractBaseUser) -> str:
    digest = salted_hmac("daftar.jwt", user.password, secret=settings.JWT_SIGNING_KEY)
    return digest.hexdigest()[:16]
