"""Three ways in, in the order of contracts 4; each ends in a `Credential` on `request.auth`.

A credential that was sent and is not good is refused at once; the next way is tried only when this
one was not used at all.
"""

import structlog
from django.contrib.auth.models import AbstractBaseUser
from rest_framework import authentication
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication as BearerToken

from config.tenancy.credentials import ApiKeyUser, Credential
from config.tenancy.errors import InvalidApiKey, InvalidToken, TenantNotChosen
from config.tenancy.selectors import open_tenants
from config.tenancy.services import authenticate_key
from config.tenancy.tokens import read_access_token

REALM = "daftar"


class ApiKeyAuthentication(authentication.BaseAuthentication):
    """`X-API-Key`, in the header only: an address ends up in logs and histories."""

    def authenticate(self, request: Request) -> tuple[ApiKeyUser, Credential] | None:
        text = request.META.get("HTTP_X_API_KEY")
        if text is None:
            return None
        key = authenticate_key(text)
        if key is None:
            raise InvalidApiKey
        credential = Credential.of_key(key)
        bind_to_log(credential)
        return ApiKeyUser(username=credential.actor), credential

    def authenticate_header(self, request: Request) -> str:
        """The first class answers for all three, so it names both schemes."""
        return f'ApiKey realm="{REALM}", Bearer realm="{REALM}"'


class JWTAuthentication(BearerToken):
    """`Authorization: Bearer`; person, tenant and membership are read anew on every request."""

    www_authenticate_realm = REALM

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Credential] | None:
        scheme, *tokens = (self.get_header(request) or b"").split() or [b""]
        if scheme.lower() != b"bearer":
            return None
        if len(tokens) != 1:
            raise InvalidToken
        credential = Credential.of_member(read_access_token(tokens[0]), "jwt")
        bind_to_log(credential)
        return credential.user, credential


class SessionAuthentication(authentication.SessionAuthentication):
    """A signed-in session, with CSRF, in the tenant that `ActiveTenantMiddleware` found."""

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Credential] | None:
        signed_in = super().authenticate(request)
        if signed_in is None:
            return None
        user = signed_in[0]
        credential = request._request.credential
        if credential is None:
            raise TenantNotChosen(open_tenants(user)[:100])
        return user, credential


def bind_to_log(credential: Credential) -> None:
    """Every later line of this request names tenant and actor."""
    structlog.contextvars.bind_contextvars(tenant_id=credential.tenant.pk, actor=credential.actor)
