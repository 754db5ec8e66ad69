"""What every page of the back office stands on: it shows the rows of one tenant, the active one.

Roles decide, not Django's model permissions: a member of staff needs `is_staff` and a membership.
`request.tenant` and `request.credential` come from `config.tenancy.middleware`.
"""

from functools import lru_cache
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import get_fields_from_path
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from config.tenancy.models import Tenant

# Every form carries the tenant it was made for: templates/admin/change_form.html, change_list.html.
TENANT_MARK = "_tenant"


def tenant_rows(
    request: HttpRequest, model: type[models.Model], site: admin.AdminSite
) -> models.QuerySet | None:
    """The rows of `model` that the active tenant may pick from; None when no tenant owns them."""
    registered = site.get_model_admin(model) if site.is_registered(model) else None
    if isinstance(registered, TenantModelAdmin):
        return registered.get_queryset(request)
    if model is Tenant:
        return Tenant.objects.filter(pk=request.tenant.pk if request.tenant else None)
    try:
        model._meta.get_field("tenant")
    except FieldDoesNotExist:
        return None
    return model._default_manager.filter(tenant=request.tenant)


class TenantScope:
    """Permissions by role and choices of one tenant, for pages and inlines alike.

    `view_scope` and `change_scope` are permissions such as ``invoices:read``; without a
    `change_scope` nobody adds or changes. Nobody deletes: what was written stays.
    """

    view_scope: str
    change_scope: str | None = None

    def may(self, request: HttpRequest, permission: str | None) -> bool:
        """Whether this person holds `permission` in the active tenant; for `has_…_permission`."""
        credential = request.credential
        return bool(permission and credential and credential.may(permission))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A superuser without a tenant finds the page, and the page asks for a choice.
        if request.tenant is None:
            return request.user.is_superuser
        return self.may(request, self.view_scope)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.change_scope)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.change_scope)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> Any:
        self._offer_own_rows(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> Any:
        self._offer_own_rows(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def _offer_own_rows(
        self, db_field: models.Field, request: HttpRequest, kwargs: dict[str, Any]
    ) -> None:
        rows = tenant_rows(request, db_field.related_model, self.admin_site)
        if rows is not None:
            kwargs.setdefault("queryset", rows)


class ReadOnlyAdmin:
    """A mirror: no adding, no changing, no deleting, whatever the role. Goes first in the bases."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TenantTabularInline(TenantScope, TabularInline):
    """Rows below a page of a tenant."""


class TenantStackedInline(TenantScope, StackedInline):
    """Rows below a page of a tenant."""


class TenantModelAdmin(TenantScope, ModelAdmin):
    """The rows of the active tenant, and nothing of anybody else's.

    `tenant_path` is the lookup from the model to its tenant, such as ``invoice__tenant``. An id of
    another tenant is a 404, as an absent one is. Choices, filters and searches hold own rows only.
    Without a tenant every page is the choice of one.
    """

    tenant_path = "tenant"

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        rows = super().get_queryset(request)
        if request.tenant is None:
            return rows.none()
        return rows.filter(**{self.tenant_path: request.tenant})

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """The row, or 404: Django's own answer is a redirect that repeats the id."""
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> list[str]:
        owned = ["tenant"] if self.tenant_path == "tenant" else []
        return [*(super().get_exclude(request, obj) or ()), *owned]

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        return _of_tenant(form, request.tenant) if self.tenant_path == "tenant" else form

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [self._scoped_filter(entry) for entry in super().get_list_filter(request)]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Django's own title is an order: "Select job to view".
        titled = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return self._detour(request) or super().changelist_view(request, titled)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self._detour(request) or super().changeform_view(
            request, object_id, form_url, extra_context
        )

    def _detour(self, request: HttpRequest) -> HttpResponse | None:
        """Where to go instead: no tenant is chosen, or another one since the form was made."""
        if request.tenant is None:
            return choose_tenant(request, self.admin_site)
        mark = request.POST.get(TENANT_MARK, str(request.tenant.pk))
        if mark == str(request.tenant.pk):
            return None
        messages.error(
            request,
            f"Nothing was done: you have switched to {request.tenant} in another window.",
        )
        options = self.model._meta
        return redirect(f"admin:{options.app_label}_{options.model_name}_changelist")

    def _scoped_filter(self, entry: Any) -> Any:
        """A list filter over a relation offers own rows only."""
        path, kind = entry if isinstance(entry, tuple | list) else (entry, None)
        if not isinstance(path, str):
            return entry
        if not get_fields_from_path(self.model, path)[-1].is_relation:
            return entry
        return (path, _scoped(kind or admin.RelatedFieldListFilter))


def _of_tenant(form: type[forms.ModelForm], tenant: Tenant) -> type[forms.ModelForm]:
    """`form` for rows of `tenant`: the field is not offered, yet counts in unique constraints."""

    class OfTenant(form):  # type: ignore[valid-type]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if self.instance.tenant_id is None:
                self.instance.tenant = tenant

        # Django has no public way to say it: a constraint over an excluded field is not checked,
        # and the database would answer with a 500.
        def _get_validation_exclusions(self) -> set[str]:
            return super()._get_validation_exclusions() - {"tenant"}

    return OfTenant


class _OwnChoices:
    def field_choices(
        self, field: models.Field, request: HttpRequest, model_admin: ModelAdmin
    ) -> list[tuple[Any, str]]:
        rows = tenant_rows(request, field.related_model, model_admin.admin_site)
        if rows is None:
            return super().field_choices(field, request, model_admin)
        return [(row.pk, str(row)) for row in rows]


@lru_cache(maxsize=64)
def _scoped(kind: type[admin.FieldListFilter]) -> type[admin.FieldListFilter]:
    return type(f"Own{kind.__name__}", (_OwnChoices, kind), {})


def choose_tenant(request: HttpRequest, site: admin.AdminSite) -> HttpResponse:
    """The page that asks for a tenant and then leads back to where one was needed."""
    context = {
        **site.each_context(request),
        "title": "Choose a tenant",
        "next": request.get_full_path() if request.method == "GET" else reverse("admin:index"),
    }
    return TemplateResponse(request, "admin/tenancy/choose_tenant.html", context)
