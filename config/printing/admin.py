"""The page on which an owner chooses logo, colour and footer."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.widgets import (
    UnfoldAdminColorInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminTextareaWidget,
)

from config.admin import TenantModelAdmin
from config.printing.errors import LogoUnfit
from config.printing.logos import MAX_BYTES, Logo, logo_of
from config.printing.models import Branding
from config.printing.services import KEEP, set_branding
from config.text import text_problem


class BrandingForm(forms.ModelForm):
    new_logo = forms.FileField(
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=f"PNG, JPEG or SVG, at most {MAX_BYTES // 1024} KB and 2000 pixels a side.",
    )
    remove_logo = forms.BooleanField(required=False)

    class Meta:
        model = Branding
        fields = ("accent_colour", "footer")
        widgets = {
            "accent_colour": UnfoldAdminColorInputWidget,
            "footer": UnfoldAdminTextareaWidget,
        }

    def clean_footer(self) -> str:
        text = self.cleaned_data["footer"].replace("\r\n", "\n").strip()
        if problem := text_problem(text, multiline=True):
            raise ValidationError(problem.en, code=problem.code)
        return text

    def clean_new_logo(self) -> Logo | None:
        upload = self.cleaned_data["new_logo"]
        if not upload:
            return None
        try:
            # One byte more than is allowed tells that it is too much.
            return logo_of(upload.read(MAX_BYTES + 1))
        except LogoUnfit as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from None

    @property
    def logo(self) -> Any:
        if self.cleaned_data["new_logo"]:
            return self.cleaned_data["new_logo"]
        return None if self.cleaned_data["remove_logo"] else KEEP


@admin.register(Branding)
class BrandingAdmin(TenantModelAdmin):
    """One page, no list: a tenant has one look."""

    view_scope = change_scope = "admin"
    form = BrandingForm
    fields = ("shown_logo", "new_logo", "remove_logo", "accent_colour", "footer")
    readonly_fields = ("shown_logo",)

    @admin.display(description="logo")
    def shown_logo(self, branding: Branding | None) -> str | SafeString:
        picture = branding.picture if branding else None
        if picture is None:
            return "None: the company's name stands in its place."
        return format_html('<img src="{}" alt="Logo" style="max-height:5rem">', picture.data_uri)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        taken = request.tenant and Branding.objects.filter(tenant=request.tenant).exists()
        return super().has_add_permission(request, obj) and not taken

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)
        found = Branding.objects.filter(tenant=request.tenant).first()
        if found is None:
            return redirect("admin:printing_branding_add")
        return redirect(reverse("admin:printing_branding_change", args=[found.pk]))

    def save_model(
        self, request: HttpRequest, obj: Branding, form: BrandingForm, change: bool
    ) -> None:
        said = form.cleaned_data
        saved = set_branding(
            tenant=request.tenant,
            accent_colour=said["accent_colour"],
            footer=said["footer"],
            logo=form.logo,
        )
        obj.pk = saved.pk
        obj.refresh_from_db()
