"""Commands of tenancy. Each is one short transaction."""

import contextlib
import re
import secrets
import string
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import structlog
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import update_last_login
from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.utils import timezone

from config.tenancy.errors import NoMembership, TenantRequired, WrongCredentials
from config.tenancy.models import ApiKey, Environment, Membership, Tenant
from config.tenancy.selectors import active_memberships
from config.tenancy.throttle import count_attempt, forget_attempts

log = structlog.get_logger(__name__)

LETTERS = string.ascii_letters + string.digits
# A key tells its environment at sight, to people and to secret scanners.
MARKS = {Environment.SANDBOX: "sb", Environment.SIMULATION: "sim", Environment.PRODUCTION: "prod"}
KEY_TEXT = re.compile(r"(dk_(?:sb|sim|prod)_[a-z0-9]{8})_[A-Za-z0-9]{43}", re.ASCII)


@transaction.atomic
def create_tenant(*, company_name: str, environment: str, **fields: Any) -> Tenant:
    """A new tenant; `fields` are the model's own. Django's ValidationError if one is wrong."""
    tenant = Tenant(company_name=company_name, environment=environment, **fields)
    tenant.full_clean()
    tenant.save()
    log.info("tenant_created", tenant_id=tenant.pk, environment=environment)
    return tenant


@transaction.atomic
def change_deep_gate(tenant: Tenant, *, mode: str) -> Tenant:
    """How the official rules judge this tenant's drafts from now on; a DeepGate word.

    Django's ValidationError for another word.
    """
    tenant.deep_gate = mode
    tenant.full_clean()
    tenant.save(update_fields=["deep_gate", "updated_at"])
    log.info("deep_gate_changed", tenant_id=tenant.pk, mode=mode)
    return tenant


@transaction.atomic
def create_staff_user(*, username: str) -> tuple[AbstractBaseUser, str]:
    """A new person who may sign in to the back office, and a password, which exists only here.

    They see nothing before they have a role. Django's ValidationError for a name that is taken.
    """
    password = _letters(20)
    user = get_user_model()(username=username, is_staff=True)
    user.set_password(password)
    user.full_clean()
    user.save()
    log.info("staff_user_created", user_id=user.pk)
    return user, password


@transaction.atomic
def grant_role(*, user: AbstractBaseUser, tenant: Tenant, role: str) -> Membership:
    """Make `user` an active member of `tenant` in this role, whatever they were before."""
    membership = Membership.objects.filter(user=user, tenant=tenant).first()
    membership = membership or Membership(user=user, tenant=tenant)
    membership.role, membership.is_active = role, True
    membership.full_clean()
    membership.save()
    log.info("role_granted", tenant_id=tenant.pk, user_id=user.pk, role=role)
    return membership


@transaction.atomic
def issue_api_key(
    *,
    tenant: Tenant,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    by: AbstractBaseUser | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text. The text exists only here and cannot be had again.

    Django's ValidationError for an unknown scope or an expiry in the past.
    """
    prefix = f"dk_{MARKS[Environment(tenant.environment)]}_{_letters(8).lower()}"
    text = f"{prefix}_{_letters(43)}"
    key = ApiKey(
        tenant=tenant,
        name=name,
        prefix=prefix,
        secret_hash=_digest(text),
        scopes=sorted(scopes),
        expires_at=expires_at,
        created_by=by,
    )
    key.full_clean()
    key.save()
    log.info("api_key_issued", tenant_id=tenant.pk, prefix=prefix, scopes=key.scopes)
    return key, text


def revoke_api_key(key: ApiKey) -> bool:
    """End a key for good, at once. False when it had ended before; its first moment stays."""
    now = timezone.now()
    if not ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now):
        return False
    key.revoked_at = now
    log.info("api_key_revoked", tenant_id=key.tenant_id, prefix=key.prefix)
    return True


def authenticate_key(text: str) -> ApiKey | None:
    """The usable key with exactly this text, its tenant loaded; None for anything else.

    Notes the use, at most once in `ApiKey.USE_NOTED_EVERY`.
    """
    parts = KEY_TEXT.fullmatch(text)
    if not parts:
        return None
    key = ApiKey.objects.usable().select_related("tenant").filter(prefix=parts[1]).first()
    if key is None or not compare_digest(key.secret_hash, _digest(text)):
        return None
    _note_use(key)
    return key


def sign_in(
    *, request: HttpRequest, username: str, password: str, tenant_id: int | None = None
) -> Membership:
    """Check the password, then find the tenant (contracts 4).

    TooManyAttempts, WrongCredentials, NoMembership, or TenantRequired when several tenants are open
    and none is named. Commits the count of attempts, and the person's last login.
    """
    address = request.META.get("REMOTE_ADDR", "")
    username = get_user_model().normalize_username(username)
    count_attempt(username, address)
    user = authenticate(request, username=username, password=password)
    if user is None:
        raise WrongCredentials
    forget_attempts(username, address)
    membership = _chosen(list(active_memberships(user.pk)), tenant_id)
    update_last_login(None, user)
    return membership


def _chosen(memberships: list[Membership], tenant_id: int | None) -> Membership:
    if tenant_id is not None:
        memberships = [found for found in memberships if found.tenant_id == tenant_id]
    if not memberships:
        raise NoMembership
    if len(memberships) > 1:
        raise TenantRequired(membership.tenant for membership in memberships)
    return memberships[0]


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at and now - key.last_used_at < ApiKey.USE_NOTED_EVERY:
        return
    # A full disk must not stop a program from reading.
    with contextlib.suppress(DatabaseError), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(last_used_at=now)


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
