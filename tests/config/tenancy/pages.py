"""What the admin's tests share: rows to look for, and the text of a page."""

from django.http import HttpResponse

from config.tenancy.models import ApiKey, Tenant
from config.tenancy.services import issue_api_key

KEYS = "/admin/tenancy/apikey/"
SWITCH = "/admin/tenancy/tenant/switch/"


def keys_of(*tenants: Tenant) -> list[ApiKey]:
    """One key for each tenant, named after it."""
    return [
        issue_api_key(tenant=tenant, name=f"of {tenant.company_name}", scopes=["admin"])[0]
        for tenant in tenants
    ]


def text(response: HttpResponse) -> str:
    assert response.status_code == 200
    return response.content.decode()
