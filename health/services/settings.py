"""How a laboratory wants it: an owner's business."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from config.tenancy.models import Tenant
from health.models import LabSettings
from health.services.history import Who
from health.services.rows import write_row


def change_settings(tenant: Tenant, changes: Mapping[str, Any], who: Who) -> LabSettings:
    """Change what is named and keep the rest; what was posted stays as it is. Commits once.

    Raises InvalidRow.
    """
    with transaction.atomic():
        lab, _ = LabSettings.objects.get_or_create(tenant=tenant)
        for name, value in changes.items():
            setattr(lab, name, value)
        write_row(lab, who, changes, key="gstin")
    return lab
