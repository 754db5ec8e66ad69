"""What every request carries once it is let in: `request.auth`, and `request.credential` of a
session."""

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import AbstractBaseUser

from config.tenancy.models import ApiKey, Membership, Tenant
from config.tenancy.roles import ADMIN, permissions_for, permissions_of_key

Kind = Literal["api_key", "jwt", "session"]


@dataclass(frozen=True, slots=True)
class Credential:
    """One tenant and what may be done in it; the only place a view takes its tenant from.

    `actor` is a short text for the audit log, ``key:dk_prod_ab12cd34`` or ``user:amal``, and holds
    no secret. `role` is None for a key and for a superuser.
    """

    tenant: Tenant
    kind: Kind
    scopes: frozenset[str]
    actor: str
    role: str | None = None
    user: AbstractBaseUser | None = None
    api_key: ApiKey | None = None

    def may(self, permission: str) -> bool:
        """Whether it holds `permission`, such as ``invoices:write``, or `admin`."""
        return permission in self.scopes or ADMIN in self.scopes

    @classmethod
    def of_key(cls, key: ApiKey) -> "Credential":
        return cls(
            tenant=key.tenant,
            kind="api_key",
            scopes=permissions_of_key(key.scopes),
            actor=f"key:{key.prefix}",
            api_key=key,
        )

    @classmethod
    def of_member(cls, membership: Membership, kind: Kind) -> "Credential":
        return cls(
            tenant=membership.tenant,
            kind=kind,
            scopes=permissions_for(membership.role),
            actor=f"user:{membership.user.get_username()}",
            role=membership.role,
            user=membership.user,
        )

    @classmethod
    def of_superuser(cls, user: AbstractBaseUser, tenant: Tenant) -> "Credential":
        return cls(
            tenant=tenant,
            kind="session",
            scopes=frozenset({ADMIN}),
            actor=f"user:{user.get_username()}",
            user=user,
        )


@dataclass(frozen=True, slots=True)
class ApiKeyUser:
    """`request.user` of a program: nobody in particular, but let in."""

    username: str
    pk: None = None
    is_active: bool = True
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_staff: bool = False
    is_superuser: bool = False

    def get_username(self) -> str:
        return self.username


def may(who: Credential | Membership | None, permission: str) -> bool:
    """Whether a credential or a membership holds `permission`; nobody holds nothing.

    A membership that is not active holds nothing either.
    """
    if who is None:
        return False
    if isinstance(who, Credential):
        return who.may(permission)
    if not (who.is_active and who.user.is_active and who.tenant.is_active):
        return False
    return Credential.of_member(who, "session").may(permission)
