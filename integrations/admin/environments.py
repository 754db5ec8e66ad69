"""Environments of IMS: how they are reached, what waits for them, and how they are held back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.timezone import localtime
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminPasswordWidget

from integrations import selectors
from integrations.admin.base import PolicyAdmin, ReasonForm
from integrations.admin.setup import ProcedureNameInline
from integrations.models import BY_CREDENTIALS, IMSEnvironment
from integrations.services import checking, environments
from integrations.words import COLOURS, labelled


class EnvironmentForm(forms.ModelForm):
    """The password goes in and never comes out."""

    new_password = forms.CharField(
        label="New password",
        required=False,
        max_length=500,
        strip=True,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text="The TripleDES text as IMS's administrator hands it out. Kept encrypted and "
        "never shown; empty: as it is.",
    )

    class Meta:
        model = IMSEnvironment
        fields = "__all__"  # noqa: DJ007 - the fields are EnvironmentAdmin.fieldsets


@admin.register(IMSEnvironment)
class EnvironmentAdmin(PolicyAdmin):
    """Every member sees how it stands; whoever administers the tenant changes how it is reached."""

    change_scope = "admin"
    form = EnvironmentForm
    inlines = (ProcedureNameInline,)
    list_display = ("name", "state", "base_url", "user_name", "waiting", "persons", "capacity")
    readonly_fields = ("password", "state_now")
    actions_detail = ("queue", "check_setup", "pause", "resume")
    fieldsets = (
        (None, {"fields": ("name", "state_now", "is_active")}),
        (
            "How it is reached",
            {
                "fields": (
                    "base_url",
                    ("user_name", "password"),
                    "new_password",
                    "program_code",
                )
            },
        ),
        ("Work", {"fields": ("capacity",)}),
        (
            "Invoices",
            {
                "description": "How often and how far apart an invoice is asked for after the "
                "bind, and once more after the issue; later the worker looks for it.",
                "fields": (
                    ("invoice_attempts", "invoice_wait_seconds"),
                    "invoice_number_format",
                ),
            },
        ),
    )

    def has_steer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.has_repair_permission(request)

    @method_decorator(sensitive_post_parameters("new_password"))
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: IMSEnvironment, form: forms.ModelForm, change: bool
    ) -> None:
        if password := form.cleaned_data["new_password"]:
            # Sealed for the tenant, which is set by now.
            obj.seal_password(password)
        super().save_model(request, obj, form, change)

    @admin.display(description="password kept")
    def password(self, environment: IMSEnvironment) -> str:
        return "yes" if environment.password_sealed else "no"

    @display(description="state", label=COLOURS)
    def state(self, environment: IMSEnvironment) -> Any:
        return labelled(state_of(environment))

    @admin.display(description="state")
    def state_now(self, environment: IMSEnvironment) -> str:
        return told(environment)

    @admin.display(description="queued")
    def waiting(self, environment: IMSEnvironment) -> int:
        rows = selectors.transactions_of(environment)
        return selectors.capped_count(rows.filter(status__in=("received", "processing", "blocked")))

    @admin.display(description="for a person")
    def persons(self, environment: IMSEnvironment) -> int:
        return selectors.capped_count(selectors.transactions_of(environment).stuck())

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what makes sense now: one that is held cannot be paused, and so on."""
        offered = super().get_actions_detail(request, object_id)
        rows = self.get_queryset(request).filter(pk=object_id) if str(object_id).isdecimal() else ()
        hidden = {"pause" if row.paused_at else "resume" for row in rows}
        return [one for one in offered if one.path not in hidden]

    @action(description="Queue and calls", url_path="queue", icon="monitor_heart")
    def queue(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What waits for it, how its breaker stands, and how IMS answers."""
        if detour := self._detour(request):
            return detour
        environment = self.get_object(request, object_id)
        context = {
            **self.page(request, environment, f"{environment}: queue and calls"),
            "ims": environment,
            "state": state_of(environment),
            "told": told(environment),
            "queue": selectors.queue_of(environment),
            "may_steer": self.has_repair_permission(request),
        }
        return TemplateResponse(request, "admin/integrations/queue.html", context)

    @action(description="Check set-up", url_path="check", permissions=["steer"], icon="rule")
    # Not `check`: that is what Django calls to look at the page itself.
    def check_setup(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Compare the set-up with what IMS says now; nothing is changed. Runs in no transaction."""
        if detour := self._detour(request):
            return detour
        environment = self.get_object(request, object_id)
        context = {
            **self.page(request, environment, f"{environment}: set-up compared with IMS"),
            "ims": environment,
            "findings": list(checking.check(environment)),
        }
        return TemplateResponse(request, "admin/integrations/check.html", context)

    @action(description="Pause", url_path="pause", permissions=["steer"], icon="pause")
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Nothing is sent until a person resumes it."""
        if detour := self._detour(request):
            return detour
        environment = self.get_object(request, object_id)

        def do(said: dict[str, Any]) -> str:
            environments.pause(environment, actor=request.credential.actor, reason=said["reason"])
            return f"{environment} is paused: transactions are stored, and wait."

        return self.ask(
            request,
            environment,
            title=f"Pause {environment}",
            form=ReasonForm(request.POST or None),
            sentences=[
                "Transactions are still accepted and stored. None is sent on until it is resumed; "
                "callers are answered 202.",
                "A step that is under way is finished.",
            ],
            do=do,
        )

    @action(description="Resume", url_path="resume", permissions=["steer"], icon="play_arrow")
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let it work again."""
        if detour := self._detour(request):
            return detour
        environment = self.get_object(request, object_id)

        def do(said: dict[str, Any]) -> str:
            environments.resume(environment, actor=request.credential.actor)
            return f"{environment} works again; what waited is due now."

        by_login = environment.paused_by == BY_CREDENTIALS
        return self.ask(
            request,
            environment,
            title=f"Resume {environment}",
            form=None,
            sentences=[
                f"It was paused because: {environment.paused_reason}",
                "If IMS still refuses the login, it is paused again."
                if by_login
                else "What waited is due at once.",
            ],
            do=do,
        )


def state_of(environment: IMSEnvironment) -> str:
    """One word of `words.COLOURS`."""
    if not environment.is_active:
        return "not in use"
    if environment.paused_at:
        return "login refused" if environment.paused_by == BY_CREDENTIALS else "paused"
    return "IMS does not answer" if selectors.is_away(environment) else "on"


def told(environment: IMSEnvironment) -> str:
    """The state in a sentence."""
    if environment.paused_at:
        since = f"{localtime(environment.paused_at):%Y-%m-%d %H:%M}"
        return f"paused since {since} by {environment.paused_by}: {environment.paused_reason}"
    if environment.opened_at and environment.open_until:
        since, until = localtime(environment.opened_at), localtime(environment.open_until)
        return (
            f"IMS does not answer since {since:%Y-%m-%d %H:%M:%S} ({environment.last_error}); "
            f"it is tried again after {until:%H:%M:%S}"
        )
    return "" if environment.pk is None else state_of(environment)
