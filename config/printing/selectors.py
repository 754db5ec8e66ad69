"""Reads of printing."""

from config.printing.models import Branding
from config.tenancy.models import Tenant


def branding_of(tenant: Tenant) -> Branding:
    """The tenant's looks; an unsaved row of the defaults where it has chosen none."""
    return Branding.objects.filter(tenant=tenant).first() or Branding(tenant=tenant)
