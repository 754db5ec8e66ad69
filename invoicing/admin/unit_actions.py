"""What a person does with a unit: onboard, renew, revoke, pause, resume. Each asks first."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from config.problems import Problem
from invoicing.admin.retries import ReasonForm
from invoicing.models import ChainState, EGSUnit, Invoice, InvoiceStatus
from invoicing.services.csids import revoke_csid
from invoicing.services.onboarding import onboard_unit
from invoicing.services.renewal import renew_unit
from invoicing.services.units import hold_unit, resume_unit

NEW_CHAIN = (
    "The documents that are sealed already stay in the chain they are in. New ones begin a chain "
    "of their own, at ICV 1."
)


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


class UnitActions:
    """The buttons of a unit's page; who may change units may press them."""

    actions_detail = (
        "pause",
        "resume",
        {"title": "CSID", "icon": "workspace_premium", "items": ["onboard", "renew", "revoke"]},
    )

    def has_steer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, self.change_scope)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Only what makes sense now: without a CSID there is none to renew, and so on."""
        rows = self.get_queryset(request).filter(pk=object_id) if str(object_id).isdecimal() else ()
        hidden = {path for unit in rows for path in _senseless(unit)}
        offered = super().get_actions_detail(request, object_id)
        return [action for action in offered if action.path not in hidden]

    @method_decorator(sensitive_post_parameters("otp"))
    @action(
        description="Onboard", url_path="onboard", permissions=["steer"], icon="workspace_premium"
    )
    def onboard(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the OTP and get the unit a certificate; runs in no transaction."""
        return self._confirm(
            request,
            object_id,
            "Onboard",
            OTPForm,
            lambda unit, said, by: onboard_unit(unit, otp=said["otp"], by=by),
            "{unit} has a certificate and can seal.",
            lambda unit: [
                "A new key is made, and ZATCA is asked for a certificate for it: a compliance "
                "certificate first, then the test documents, then the certificate for production.",
                NEW_CHAIN,
            ],
        )

    @method_decorator(sensitive_post_parameters("otp"))
    @action(description="Renew CSID", url_path="renew", permissions=["steer"], icon="autorenew")
    def renew(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for the OTP and trade the CSID for a new one; runs in no transaction."""
        return self._confirm(
            request,
            object_id,
            "Renew the CSID of",
            OTPForm,
            lambda unit, said, by: renew_unit(unit, otp=said["otp"], by=by),
            "{unit} has a new certificate and goes on sealing.",
            lambda unit: [
                "A new key is made, and the present CSID vouches for it. The unit seals with the "
                "CSID it has until the new one is there.",
                NEW_CHAIN,
            ],
        )

    @action(description="Pause sending", url_path="pause", permissions=["steer"], icon="pause")
    def pause(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Stop a unit's sending until a person resumes it."""
        return self._confirm(
            request,
            object_id,
            "Pause",
            ReasonForm,
            lambda unit, said, by: hold_unit(unit, reason=said["reason"], by=by),
            "{unit} seals, and sends nothing until it is resumed.",
            lambda unit: [
                "It goes on sealing; what it seals waits. A retry by hand still goes out.",
                "The law gives simplified documents 24 hours from their issue.",
            ],
        )

    @action(
        description="Resume sending", url_path="resume", permissions=["steer"], icon="play_arrow"
    )
    def resume(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let a paused unit send again."""
        if detour := self._detour(request):
            return detour
        unit = self.get_object(request, object_id)
        if unit.paused_at is None:
            self.message_user(request, f"{unit} is not paused.", messages.WARNING)
            return _to(unit)
        return self._confirm(
            request,
            object_id,
            "Resume",
            None,
            lambda unit, said, by: resume_unit(unit, by=by),
            "{unit} sends again; what waited is due now.",
            lambda unit: [
                f"It was paused because: {unit.paused_reason}",
                "What waits is sent at once. If ZATCA still refuses the credentials, the unit is "
                "paused again.",
            ],
        )

    @action(description="Revoke CSID", url_path="revoke", permissions=["steer"], icon="block")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Destroy the key and the secret of the unit's CSID."""
        return self._confirm(
            request,
            object_id,
            "Revoke the CSID of",
            ReasonForm,
            lambda unit, said, by: revoke_csid(unit, reason=said["reason"], by=by),
            "The CSID of {unit} is revoked here. Revoke it in the Fatoora portal, too.",
            _what_revoking_does,
        )

    def _confirm(
        self,
        request: HttpRequest,
        object_id: str,
        verb: str,
        form_class: type[forms.Form] | None,
        do: Callable[[EGSUnit, dict[str, Any], str], object],
        done: str,
        tell: Callable[[EGSUnit], list[str]],
    ) -> HttpResponse:
        """Say what will happen, ask for what is needed, do it, and lead back to the unit."""
        if detour := self._detour(request):
            return detour
        unit = self.get_object(request, object_id)
        is_post = request.method == "POST"
        form = form_class(request.POST if is_post else None) if form_class else None
        if is_post and (form is None or form.is_valid()):
            said = form.cleaned_data if form else {}
            try:
                do(unit, said, request.credential.actor)
            except Problem as refusal:
                if form is None:
                    self.message_user(request, refusal.message, messages.ERROR)
                    return _to(unit)
                form.add_error(None, refusal.message)
            else:
                why = f" {said['reason']}" if "reason" in said else ""
                self.log_change(request, unit, f"{verb} {unit}.{why}")
                self.message_user(request, done.format(unit=unit))
                return _to(unit)
        return self._ask(request, f"{verb} {unit}", unit, form, tell(unit))

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


def _senseless(unit: EGSUnit) -> set[str]:
    found: set[str] = set() if unit.paused_at else {"resume"}
    if unit.is_held_by_a_person:
        found.add("pause")
    has_csid = unit.chains.filter(state=ChainState.ACTIVE).exists()
    return found if has_csid else found | {"renew", "revoke", "pause", "resume"}


def _what_revoking_does(unit: EGSUnit) -> list[str]:
    waiting = Invoice.objects.waiting().filter(
        unit=unit, status__in=(InvoiceStatus.CREATED, InvoiceStatus.FAILED)
    )
    some = "Some documents wait to be sent" if waiting.exists() else "Whatever waits to be sent"
    return [
        "For a key that is lost or leaked, or a unit that is given up. Its private key and its "
        "secret are destroyed here and cannot be brought back.",
        "The unit seals nothing until it is onboarded again.",
        f"{some}: the same bytes go out with the next CSID.",
        "ZATCA is not told: revoke the CSID in the Fatoora portal, too.",
    ]


def _to(unit: EGSUnit) -> HttpResponse:
    return redirect("admin:invoicing_egsunit_change", unit.pk)
