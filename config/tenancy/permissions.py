"""What a view asks of a credential."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from config.problems import NotFound
from config.tenancy.credentials import Credential
from config.tenancy.errors import InsufficientScope

if TYPE_CHECKING:
    # DRF's views import the default permissions, which are these.
    from rest_framework.views import APIView


class TenantPermission(BasePermission):
    """Let a request in when its credential holds what the view's `scope` asks.

    ``scope = "invoices"`` asks ``invoices:read`` for GET, HEAD and OPTIONS and ``invoices:write``
    for the rest; ``scope = "invoices:export"`` or ``"admin"`` asks exactly that for every method;
    ``scope = None`` asks for any credential at all. An `@action` may name a scope of its own.
    No credential is 401, a credential without the permission 403 `insufficient_scope`. A view that
    says nothing is a bug and never let through.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not isinstance(request.auth, Credential):
            return False
        required = required_permission(request, view)
        if required is not None and not request.auth.may(required):
            raise InsufficientScope(required)
        return True

    def has_object_permission(self, request: Request, view: "APIView", obj: Any) -> bool:
        """A second lock behind the scoped queryset: another tenant's row does not exist."""
        if getattr(obj, "tenant_id", request.auth.tenant.pk) != request.auth.tenant.pk:
            raise NotFound
        return True


def required_permission(request: Request, view: "APIView") -> str | None:
    """The permission this request needs; None when any credential will do."""
    try:
        scope = view.scope
    except AttributeError:
        raise ImproperlyConfigured(f"{type(view).__name__} must say its scope.") from None
    if scope is None or scope == "admin" or ":" in scope:
        return scope
    return f"{scope}:{'read' if request.method in SAFE_METHODS else 'write'}"
