"""The chart of accounts, and how the laboratory wants its books kept: an owner's business."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from health.admin.pages import LabAdmin
from health.models import Account, LabSettings, PeriodLock
from health.services.locks import lock_period


@admin.register(Account)
class AccountAdmin(LabAdmin):
    """Renamed and switched off by owners; what was posted to an account stays."""

    change_scope = "admin"
    list_display = ("code", "name", "account_type", "state")
    list_filter = ("account_type", "is_active")
    search_fields = ("code", "name")
    fields = (("code", "name"), ("account_type", "is_active"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "account_type") if obj else ()

    @display(description="state", label={"active": "success", "inactive": "info"})
    def state(self, account: Account) -> str:
        return "active" if account.is_active else "inactive"


@admin.register(LabSettings)
class LabSettingsAdmin(LabAdmin):
    change_scope = "admin"
    list_display = ("__str__", "gstin", "voucher_layout", "overpay_policy", "maker_checker")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        taken = request.tenant and LabSettings.objects.filter(tenant=request.tenant).exists()
        return super().has_add_permission(request, obj) and not taken


@admin.register(PeriodLock)
class PeriodLockAdmin(LabAdmin):
    """Added by owners, never lifted."""

    change_scope = "admin"
    list_display = ("locked_upto", "scope", "reason", "created_by", "created_at")
    fields = ("locked_upto", "scope", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PeriodLock, form: Any, change: bool) -> None:
        kept = lock_period(
            request.tenant,
            upto=obj.locked_upto,
            scope=obj.scope,
            reason=obj.reason,
            actor=request.credential.actor,
        )
        obj.pk = kept.pk
