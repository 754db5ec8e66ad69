"""EGS units and the chains of documents under their certificates; no key and no secret."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.timezone import localtime
from unfold.decorators import display

from config.admin import ReadOnlyAdmin, TenantModelAdmin, TenantTabularInline
from invoicing.admin.unit_actions import UnitActions
from invoicing.errors import UnitNameTaken
from invoicing.models import Chain, ChainState, EGSUnit
from invoicing.selectors import breakers_open
from invoicing.services.alarms import CERTIFICATE_DAYS
from invoicing.services.onboarding import (
    register_unit,
    require_fit_seller,
    update_unit,
)
from invoicing.words import COLOURS, labelled, said


class UnitForm(forms.ModelForm):
    class Meta:
        model = EGSUnit
        fields = "__all__"  # noqa: DJ007 - the fields are UnitAdmin.fieldsets

    def _get_validation_exclusions(self) -> set[str]:
        # A second default is no mistake: the service takes it from the unit that has it.
        return super()._get_validation_exclusions() | {"is_default"}

    def clean(self) -> dict[str, Any]:
        """What would be refused on every document is refused here, beside its field."""
        said = super().clean()
        if not self.errors:
            require_fit_seller(EGSUnit(**{"vat_number": self.instance.vat_number, **said}))
        return said


class ChainInline(ReadOnlyAdmin, TenantTabularInline):
    view_scope = "invoices:read"
    model = Chain
    verbose_name_plural = "Chains of this unit"
    fields = readonly_fields = (
        "shown_state",
        "certificate_serial",
        "valid_from",
        "expires_at",
        "last_icv",
        "activated_at",
        "retired_at",
        "revoked_at",
    )
    show_change_link = True
    extra = 0

    @admin.display(description="state")
    def shown_state(self, chain: Chain) -> str:
        return said(chain.state)


def _soon() -> datetime:
    return timezone.now() + timedelta(days=max(CERTIFICATE_DAYS))


@admin.register(EGSUnit)
class EGSUnitAdmin(UnitActions, TenantModelAdmin):
    """What a unit says of itself on its documents; its certificate comes by onboarding."""

    view_scope = "invoices:read"
    change_scope = "admin"
    form = UnitForm
    list_display = (
        "name",
        "organization_unit",
        "issues",
        "certificate",
        "expires",
        "sending",
        "is_default",
        "is_active",
    )
    list_filter = ("is_active",)
    search_fields = ("name", "organization_unit")
    readonly_fields = (
        "vat_number",
        "certificate",
        "expires",
        "sending_now",
    )
    inlines = (ChainInline,)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "name",
                    ("issues_standard", "issues_simplified"),
                    ("certificate", "expires"),
                    "sending_now",
                )
            },
        ),
        (
            "On its documents",
            {
                "description": "Documents sealed from now on say this. The certificate keeps what "
                "it was made with until the unit is renewed or onboarded.",
                "fields": (
                    ("organization_name", "organization_unit"),
                    ("vat_number", "business_category"),
                    ("id_scheme", "id_number"),
                    ("building_number", "street"),
                    ("additional_street", "plot_identification"),
                    ("district", "city"),
                    "postal_code",
                ),
            },
        ),
        ("Use", {"fields": (("is_default", "is_active"),)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EGSUnit]:
        active = Chain.objects.filter(state=ChainState.ACTIVE)
        revoked = Chain.objects.filter(unit=OuterRef("pk"), state=ChainState.REVOKED)
        rows = super().get_queryset(request).select_related("tenant")
        rows = rows.prefetch_related(Prefetch("chains", active, to_attr="in_use"))
        if request.tenant is None:
            return rows
        is_away = Exists(breakers_open(request.tenant.environment))
        return rows.annotate(is_away=is_away, was_revoked=Exists(revoked))

    @admin.display(description="issues")
    def issues(self, unit: EGSUnit) -> str:
        kinds = {"standard": unit.issues_standard, "simplified": unit.issues_simplified}
        return " and ".join(kind for kind, on in kinds.items() if on)

    @display(
        description="certificate",
        label={
            "in use": "success",
            "expires soon": "warning",
            "expired": "danger",
            "revoked": "danger",
        },
    )
    def certificate(self, unit: EGSUnit) -> str:
        if not unit.in_use:
            return "revoked" if unit.was_revoked else "not onboarded"
        if not unit.in_use[0].can_seal():
            return "expired"
        return "expires soon" if unit.in_use[0].expires_at < _soon() else "in use"

    @admin.display(description="expires")
    def expires(self, unit: EGSUnit) -> str:
        if not unit.in_use:
            return ""
        expires_at = unit.in_use[0].expires_at
        days = (expires_at - timezone.now()).days
        left = f" ({days} days)" if expires_at < _soon() and days >= 0 else ""
        return f"{localtime(expires_at):%Y-%m-%d}{left}"

    @display(
        description="sending",
        label={"paused": "danger", "ZATCA does not answer": "warning", "on": "success"},
    )
    def sending(self, unit: EGSUnit) -> str:
        if unit.paused_at:
            return "paused"
        if not unit.in_use:
            return ""
        return "ZATCA does not answer" if unit.is_away else "on"

    @admin.display(description="sending")
    def sending_now(self, unit: EGSUnit) -> str:
        if unit.paused_at is None:
            return self.sending(unit)
        since = f"{localtime(unit.paused_at):%Y-%m-%d %H:%M}"
        return f"paused since {since} by {unit.paused_by}: {unit.paused_reason}"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except UnitNameTaken as taken:
            # The form looked before another request took the name.
            self.message_user(request, taken.message, messages.ERROR)
            return redirect(request.get_full_path())
        except ValidationError as refusal:
            # A new unit's VAT number, and so its group, is known only once it is the tenant's.
            self.message_user(request, " ".join(refusal.messages), messages.ERROR)
            return redirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: EGSUnit, form: UnitForm, change: bool) -> None:
        if change:
            update_unit(obj)
            return
        obj.pk = register_unit(tenant=request.tenant, **form.cleaned_data).pk
        obj.refresh_from_db()


@admin.register(Chain)
class ChainAdmin(ReadOnlyAdmin, TenantModelAdmin):
    """One CSID as anybody may see it: its certificate's facts and how far its count has come."""

    view_scope = "invoices:read"
    tenant_path = "unit__tenant"
    list_display = (
        "certificate_serial",
        "unit",
        "shown_state",
        "certificate_issuer",
        "expires_at",
        "last_icv",
        "activated_at",
        "retired_at",
    )
    list_filter = ("state", "unit")
    list_select_related = ("unit",)
    search_fields = ("certificate_serial", "unit__name")
    # An explicit list: what is not named here is never shown.
    fields = (
        ("unit", "state"),
        "uuid",
        "certificate_serial",
        "certificate_issuer",
        ("valid_from", "expires_at"),
        "last_icv",
        "last_hash",
        ("activated_at", "retired_at"),
        ("revoked_at", "revoked_reason"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chain]:
        hidden = ("private_key_sealed", "secret_sealed", "compliance_secret_sealed", "csr", "token")
        return super().get_queryset(request).select_related("unit").defer(*hidden)

    @display(description="state", ordering="state", label=COLOURS)
    def shown_state(self, chain: Chain) -> Any:
        return labelled(chain.state)
