"""What differs between two installations of IMS, as rows that a person keeps."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin import TenantTabularInline
from integrations.admin.base import PolicyAdmin
from integrations.ims import Procedure
from integrations.models import (
    IMSEnvironment,
    Line,
    Office,
    ProcedureName,
    ProducerAlias,
    Program,
    Source,
    UnderwriterAlias,
    normalised_name,
)


class OfEnvironment(PolicyAdmin):
    """Rows of an environment, which belongs to the tenant."""

    tenant_path = "environment__tenant"
    list_select_related = ("environment",)
    list_filter = ("environment",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The only environment needs no choosing."""
        own = list(IMSEnvironment.objects.for_tenant(request.tenant)[:2])
        chosen = {"environment": own[0].pk} if len(own) == 1 else {}
        return {**chosen, **super().get_changeform_initial_data(request)}


class ProcedureNameForm(forms.ModelForm):
    procedure = forms.ChoiceField(
        choices=[(word.value, word.value) for word in Procedure], widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = ProcedureName
        fields = ("procedure", "name")


class ProcedureNameInline(TenantTabularInline):
    view_scope = "integrations:read"
    change_scope = "integrations:write"
    model = ProcedureName
    form = ProcedureNameForm
    verbose_name_plural = "Procedures that have another name here"
    extra = 0

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Without a row the procedure has its published name again.
        return self.may(request, self.change_scope)


@admin.register(Source)
class SourceAdmin(PolicyAdmin):
    """A system that posts transactions; the plain paths mean the one called triton."""

    list_display = ("name", "environment", "sends_issue", "is_active")
    list_select_related = ("environment",)
    fields = ("name", "environment", "sends_issue", "is_active")


@admin.register(Office)
class OfficeAdmin(OfEnvironment):
    list_display = ("name", "environment", "quoting_location", "issuing_location")
    fields = ("environment", "name", "quoting_location", "issuing_location")


@admin.register(Line)
class LineAdmin(OfEnvironment):
    list_display = ("name", "kind", "environment", "office", "line_guid", "backdate_days")
    list_select_related = ("environment", "office")
    fields = (
        ("environment", "kind"),
        ("name", "office"),
        "line_guid",
        "company_location",
        ("company_commission", "producer_commission"),
        "backdate_days",
    )

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kw: Any
    ) -> Any:
        kw.setdefault("form", LineForm)
        return super().get_form(request, obj, change, **kw)


class LineForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """An office of another environment is none of this line's."""
        said = super().clean() or {}
        office, environment = said.get("office"), said.get("environment")
        if office and environment and office.environment_id != environment.pk:
            self.add_error("office", "This office belongs to another environment.")
        return said


@admin.register(Program)
class ProgramAdmin(OfEnvironment):
    list_display = (
        "program_id",
        "program_name",
        "market_segment_code",
        "program_code",
        "environment",
    )
    fields = ("environment", "program_name", "market_segment_code", "program_id", "program_code")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.change_scope)


class AliasForm(forms.ModelForm):
    """The key is made of what is written, so that the constraint cannot be judged by Django."""

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        environment, written = said.get("environment"), said.get("written")
        if environment and written:
            others = self._meta.model.objects.exclude(pk=self.instance.pk)
            if others.filter(environment=environment, key=normalised_name(written)).exists():
                self.add_error("written", "There is an alias for this already.")
        if "email" in self.fields and not said.get("email") and not said.get("name"):
            self.add_error("email", "Say whom IMS knows: an e-mail or a name.")
        return said


class AliasAdmin(OfEnvironment):
    """Rewrites a name before anything is sent; what failed because of it can then be replayed."""

    form = AliasForm

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.change_scope)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        told = "What was refused because of it can be replayed from the page Error groups."
        self.message_user(request, told, messages.INFO)


@admin.register(ProducerAlias)
class ProducerAliasAdmin(AliasAdmin):
    list_display = ("written", "email", "name", "environment", "created_at")
    search_fields = ("written", "email", "name")
    fieldsets = (
        (
            None,
            {
                "description": "What transactions say, and whom IMS knows by it: an e-mail, a "
                "name, or both.",
                "fields": ("environment", "written", ("email", "name")),
            },
        ),
    )


@admin.register(UnderwriterAlias)
class UnderwriterAliasAdmin(AliasAdmin):
    list_display = ("written", "name", "environment", "created_at")
    search_fields = ("written", "name")
    fields = ("environment", "written", "name")
