"""Reads: which tenants are open to a person, and what a person is in one of them."""

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet

from config.tenancy.credentials import Credential
from config.tenancy.models import Membership, Tenant


def open_tenants(user: AbstractBaseUser) -> QuerySet[Tenant]:
    """The active tenants this person may work in; every active one for a superuser."""
    if not user.is_active:
        return Tenant.objects.none()
    if user.is_superuser:
        return Tenant.objects.active()
    open_to = Membership.objects.active().filter(user=user).values("tenant")
    return Tenant.objects.active().filter(pk__in=open_to)


def active_memberships(user_id: int | str) -> QuerySet[Membership]:
    """The memberships that open a door to this person, with person and tenant loaded."""
    return Membership.objects.active().filter(user_id=user_id).select_related("user", "tenant")


def session_credential(user: AbstractBaseUser, tenant_id: int | None) -> Credential | None:
    """What a signed-in person is in the chosen tenant, read anew; None when it is not open.

    With nothing chosen, an only membership is implied. A superuser always chooses.
    """
    if user.is_superuser:
        tenant = open_tenants(user).filter(pk=tenant_id).first() if tenant_id else None
        return Credential.of_superuser(user, tenant) if tenant else None
    memberships = active_memberships(user.pk)
    if tenant_id is not None:
        memberships = memberships.filter(tenant_id=tenant_id)
    found = list(memberships[:2])
    return Credential.of_member(found[0], "session") if len(found) == 1 else None
