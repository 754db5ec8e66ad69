"""Commands of printing. Each is one short transaction."""

from typing import Any

import structlog
from django.db import transaction

from config.printing.logos import Logo
from config.printing.models import Branding
from config.tenancy.models import Tenant

log = structlog.get_logger(__name__)
KEEP: Any = object()


@transaction.atomic
def set_branding(
    *,
    tenant: Tenant,
    accent_colour: str = KEEP,
    footer: str = KEEP,
    logo: Logo | None = KEEP,
) -> Branding:
    """Change how the tenant's documents look; what is not named stays, a `logo` of None goes.

    Documents printed from now on look so, those issued before included; what they say does not
    change. Django's ValidationError for a colour that is none or a footer that is too long.
    """
    branding, _ = Branding.objects.select_for_update().get_or_create(tenant=tenant)
    if accent_colour is not KEEP:
        branding.accent_colour = accent_colour
    if footer is not KEEP:
        branding.footer = footer
    if logo is not KEEP:
        branding.logo = logo.content if logo else None
        branding.logo_kind = logo.kind if logo else ""
    branding.full_clean()
    branding.save()
    log.info("branding_set", tenant_id=tenant.pk, logo=branding.logo_kind or None)
    return branding
