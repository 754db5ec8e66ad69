"""The tenants that are open to the person looking."""

from typing import Any

from django import template

from config.tenancy.selectors import open_tenants

register = template.Library()

# A superuser of a large house finds the others in the list of tenants.
SHOWN = 50


@register.inclusion_tag("admin/tenancy/switcher.html", takes_context=True)
def tenant_switcher(context: dict[str, Any]) -> dict[str, Any]:
    """The choice in the header."""
    return _choice(context)


@register.inclusion_tag("admin/tenancy/choices.html", takes_context=True)
def tenant_choices(context: dict[str, Any], next: str = "") -> dict[str, Any]:
    """The choice as a page: one button a tenant, leading to `next`."""
    return _choice(context) | {"next": next}


def _choice(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    return {
        "request": request,
        "active": request.tenant,
        "tenants": open_tenants(request.user)[:SHOWN],
        "csrf_token": context.get("csrf_token"),
    }
