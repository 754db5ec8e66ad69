"""EGS units and the chains of documents under their certificates; no key and no secret."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.timezone import localtime
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from config.admin import ReadOnlyAdmin, TenantModelAdmin, TenantTabularInline
from config.problems import Problem
from invoicing.errors import UnitNameTaken
from invoicing.models import Chain, ChainState, EGSUnit
from invoicing.services.onboarding import (
    onboard_unit,
    register_unit,
    require_fit_seller,
    update_unit,
)
from invoicing.services.units import resume_unit
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


class OTPForm(forms.Form):
    otp = forms.RegexField(
        r"\A[0-9]{6}\Z",
        label="One-time password",
        error_messages={"invalid": "Six digits, as the Fatoora portal shows them."},
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
        help_text="From the Fatoora portal; valid for one hour and for one unit.",
    )


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
    )
    show_change_link = True
    extra = 0

    @admin.display(description="state")
    def shown_state(self, chain: Chain) -> str:
        return said(chain.state)


@admin.register(EGSUnit)
class EGSUnitAdmin(TenantModelAdmin):
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
    readonly_fields = ("vat_number", "paused_at", "paused_reason")
    inlines = (ChainInline,)
    actions_detail = ("onboard", "resume")
    fieldsets = (
        (None, {"fields": ("name", ("issues_standard", "issues_simplified"))}),
        (
            "On its documents",
            {
                "description": "Documents sealed from now on say this. The certificate keeps what "
                "it was made with until the unit is onboarded again.",
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
        ("Use", {"fields": (("is_default", "is_active"), ("paused_at", "paused_reason"))}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[EGSUnit]:
        active = Chain.objects.filter(state=ChainState.ACTIVE)
        rows = super().get_queryset(request).select_related("tenant")
        return rows.prefetch_related(Prefetch("chains", active, to_attr="in_use"))

    def has_onboard_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, self.change_scope)

    def has_resume_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, self.change_scope)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Resume is offered while there is something to resume."""
        offered = super().get_actions_detail(request, object_id)
        rows = self.get_queryset(request).filter(pk=object_id) if str(object_id).isdecimal() else ()
        if any(unit.paused_at for unit in rows):
            return offered
        return [action for action in offered if action.path != "resume"]

    @admin.display(description="issues")
    def issues(self, unit: EGSUnit) -> str:
        kinds = {"standard": unit.issues_standard, "simplified": unit.issues_simplified}
        return " and ".join(kind for kind, on in kinds.items() if on)

    @display(description="certificate", label={"in use": "success", "expired": "danger"})
    def certificate(self, unit: EGSUnit) -> str:
        if not unit.in_use:
            return "not onboarded"
        return "in use" if unit.in_use[0].can_seal() else "expired"

    @admin.display(description="expires")
    def expires(self, unit: EGSUnit) -> str:
        return "".join(f"{localtime(chain.expires_at):%Y-%m-%d}" for chain in unit.in_use)

    @display(description="sending", label={"paused": "danger", "on": "success"})
    def sending(self, unit: EGSUnit) -> str:
        return "paused" if unit.paused_at else "on"

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

    @method_decorator(sensitive_post_parameters("otp"))
    @action(
        description="Onboard", url_path="onboard", permissions=["onboard"], icon="workspace_premium"
    )
    def onboard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the OTP and get the unit a certificate; runs in no transaction."""
        if detour := self._detour(request):
            return detour
        unit = self.get_object(request, object_id)
        form = OTPForm(request.POST or None)
        if form.is_valid():
            try:
                onboard_unit(unit, otp=form.cleaned_data["otp"], by=request.credential.actor)
            except Problem as refusal:
                form.add_error(None, refusal.message)
            else:
                self.log_change(request, unit, "Onboarded.")
                self.message_user(request, f"{unit} has a certificate and can seal.")
                return self._to_unit(unit)
        sentences = [
            "A new key is made, and ZATCA is asked for a certificate for it: a compliance "
            "certificate first, then the test documents, then the certificate for production.",
            "The documents that are sealed already stay in the chain they are in. New ones begin a "
            "chain of their own, at ICV 1.",
        ]
        return self._ask(request, f"Onboard {unit}", unit, form, sentences)

    @action(
        description="Resume sending", url_path="resume", permissions=["resume"], icon="play_arrow"
    )
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let a paused unit send again."""
        if detour := self._detour(request):
            return detour
        unit = self.get_object(request, object_id)
        if unit.paused_at is None:
            self.message_user(request, f"{unit} is not paused.", messages.WARNING)
            return self._to_unit(unit)
        if request.method == "POST":
            resume_unit(unit, by=request.credential.actor)
            self.log_change(request, unit, "Resumed sending.")
            self.message_user(request, f"{unit} sends again; what waited is due now.")
            return self._to_unit(unit)
        sentences = [
            f"It was paused because: {unit.paused_reason}",
            "What waits is sent at once. If ZATCA still refuses the credentials, the unit is "
            "paused again.",
        ]
        return self._ask(request, f"Resume {unit}", unit, None, sentences)

    def _ask(
        self,
        request: HttpRequest,
        title: str,
        unit: EGSUnit,
        form: forms.Form | None,
        sentences: list[str],
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": unit,
            "title": title,
            "form": form,
            "sentences": sentences,
            "submit": title,
            "back": reverse("admin:invoicing_egsunit_change", args=[unit.pk]),
        }
        return TemplateResponse(request, "admin/invoicing/confirm.html", context)

    def _to_unit(self, unit: EGSUnit) -> HttpResponse:
        return redirect("admin:invoicing_egsunit_change", unit.pk)


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
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chain]:
        hidden = ("private_key_sealed", "secret_sealed", "compliance_secret_sealed", "csr", "token")
        return super().get_queryset(request).select_related("unit").defer(*hidden)

    @display(description="state", ordering="state", label=COLOURS)
    def shown_state(self, chain: Chain) -> Any:
        return labelled(chain.state)
