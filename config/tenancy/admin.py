"""Tenants, their members and keys, people, and the way in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import (
    AdminPasswordChangeForm,
    AuthenticationForm,
    PaginationInlineFormSet,
    UserChangeForm,
    UserCreationForm,
)
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from config.admin import TenantModelAdmin
from config.tenancy import services
from config.tenancy.errors import TooManyAttempts
from config.tenancy.middleware import SESSION_KEY
from config.tenancy.models import ApiKey, Environment, Membership, Scope, Tenant
from config.tenancy.selectors import open_tenants
from config.tenancy.throttle import count_attempt, forget_attempts

# Label colours of unfold; `primary` is Daftar's teal.
BADGES = {
    Environment.PRODUCTION: "danger",
    Environment.SIMULATION: "warning",
    Environment.SANDBOX: "primary",
}


def environment_badge(request: HttpRequest) -> list[str] | None:
    """The active tenant's environment and its colour, for the header of every page."""
    tenant = getattr(request, "tenant", None)
    return [tenant.environment, BADGES[Environment(tenant.environment)]] if tenant else None


@require_POST
def switch_tenant(request: HttpRequest) -> HttpResponse:
    """Make another open tenant the active one of this session; 404 for any other."""
    asked = request.POST.get("tenant", "")
    tenant = open_tenants(request.user).filter(pk=asked).first() if asked.isdecimal() else None
    if tenant is None:
        raise Http404
    request.session[SESSION_KEY] = tenant.pk
    onward = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        return redirect(onward)
    return redirect("admin:index")


class SignInForm(AuthenticationForm):
    """The admin's sign-in, under the same limit as the API's."""

    def clean(self) -> dict[str, Any]:
        username = self.cleaned_data.get("username") or ""
        address = self.request.META.get("REMOTE_ADDR", "")
        try:
            count_attempt(username, address)
        except TooManyAttempts as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from None
        cleaned = super().clean()
        forget_attempts(username, address)
        return cleaned


admin.site.login_form = SignInForm


class SuperuserOnly:
    """Whoever edits people could make themselves a superuser, so only superusers edit people."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser


class MembershipFormSet(PaginationInlineFormSet):
    """Django skips constraints over the parent's key, and two people may add the same member."""

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if form.has_changed() and not form.errors:
                try:
                    form.instance.validate_constraints()
                except ValidationError as error:
                    raise ValidationError(error.messages) from None


class MembershipInline(SuperuserOnly, TabularInline):
    model = Membership
    formset = MembershipFormSet
    fields = ("user", "tenant", "role", "is_active")
    autocomplete_fields = ("user", "tenant")
    extra = 0
    tab = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Tenant)
class TenantAdmin(ModelAdmin):
    """Superusers make and change tenants; members look at their active one, whose owner sets how it
    is checked. Nobody deletes one.
    """

    owner_fields = ("deep_gate",)

    list_display = ("company_name", "environment", "vat_number", "timezone", "is_active")
    list_filter = ("environment", "is_active")
    search_fields = ("company_name", "company_name_ar", "vat_number")
    fields = (
        ("company_name", "company_name_ar"),
        ("vat_number", "environment"),
        ("country_code", "timezone"),
        "deep_gate",
        "is_active",
    )
    inlines = (MembershipInline,)

    def get_urls(self) -> list[URLPattern]:
        switch = self.admin_site.admin_view(switch_tenant)
        return [path("switch/", switch, name="switch_tenant"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Tenant]:
        rows = super().get_queryset(request)
        if request.user.is_superuser:
            return rows
        return rows.filter(pk=request.tenant.pk if request.tenant else None)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Tenant:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj and not request.user.is_superuser:
            return tuple(
                name
                for name in flatten_fieldsets([(None, {"fields": self.fields})])
                if name not in self.owner_fields
            )
        return ("environment",) if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.is_superuser or request.tenant is not None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        owns = request.credential is not None and request.credential.may("admin")
        return request.user.is_superuser or owns

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(TenantModelAdmin):
    """An owner sets role and activity of members; a superuser adds them."""

    view_scope = change_scope = "admin"
    list_display = ("user", "role", "is_active", "updated_at")
    list_filter = ("role", "is_active")
    list_select_related = ("user",)
    search_fields = ("user__username", "user__first_name", "user__last_name", "user__email")
    readonly_fields = ("person",)
    autocomplete_fields = ("user",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("person" if obj else "user", "role", "is_active")

    @admin.display(description="user")
    def person(self, membership: Membership) -> str:
        # Django makes a link of a foreign key, to a page that an owner may not open.
        return str(membership.user)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The choice of people is everybody's names.
        return request.user.is_superuser and super().has_add_permission(request, obj)


class ApiKeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )

    class Meta:
        model = ApiKey
        fields = ("name", "scopes", "expires_at")


@admin.register(ApiKey)
class ApiKeyAdmin(TenantModelAdmin):
    """Keys are issued and revoked, never changed. The text is on one page, once."""

    view_scope = change_scope = "admin"
    form = ApiKeyForm
    list_display = ("name", "prefix", "listed_scopes", "state", "last_used_at", "created_at")
    search_fields = ("name", "prefix")
    actions = ("revoke",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "scopes", "expires_at")
        return (
            "name",
            "prefix",
            "listed_scopes",
            "state",
            "expires_at",
            "last_used_at",
            "created_at",
            "created_by",
            "revoked_at",
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.get_fields(request, obj) if obj else ()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Saving leads to the page with the text, so there is one way to save.
        one_button = {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().add_view(request, form_url, (extra_context or {}) | one_button)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "admin")

    @admin.display(description="scopes")
    def listed_scopes(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @admin.display(description="state")
    def state(self, key: ApiKey) -> str:
        return key.state

    @admin.action(description="Revoke the selected API keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, keys: models.QuerySet[ApiKey]) -> None:
        for key in keys:
            if services.revoke_api_key(key):
                self.log_change(request, key, "Revoked.")
                self.message_user(request, f"{key} is revoked.")
            else:
                self.message_user(request, f"{key} was revoked before.", messages.WARNING)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: ApiKeyForm, change: bool) -> None:
        issued, request.issued_key = services.issue_api_key(
            tenant=request.tenant, by=request.user, **form.cleaned_data
        )
        obj.pk = issued.pk
        obj.refresh_from_db()

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The one page that shows the text: not a message, which would be kept in a cookie."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "API key issued",
            "key": obj,
            "text": request.issued_key,
        }
        return TemplateResponse(request, "admin/tenancy/apikey/issued.html", context)


admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(SuperuserOnly, DjangoUserAdmin, ModelAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = (MembershipInline,)

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return self.inlines if obj else ()


@admin.register(Group)
class GroupAdmin(SuperuserOnly, DjangoGroupAdmin, ModelAdmin):
    pass
