"""What the laboratory's lists have in common, and the page that asks before something is done."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminTextareaWidget

from config.admin import TenantModelAdmin
from config.listing import CappedPaginator
from config.problems import Problem
from config.text import text_problem
from health.admin.histories import events_of


class LabAdmin(TenantModelAdmin):
    """A list of the laboratory: capped counts, no facets."""

    view_scope = "health:read"
    change_scope = "health:write"
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The laboratory's own history of the row; Django's knows nothing of API and services."""
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, unquote(object_id))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"History of {row}",
            "events": events_of(row),
            "back": reverse(f"admin:health_{self.opts.model_name}_change", args=[row.pk]),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/health/history.html", context)


def menu(title: str, icon: str, *items: str) -> dict[str, Any]:
    """What may be done to a row, behind one button of its page."""
    return {"title": title, "icon": icon, "items": list(items)}


class ReasonForm(forms.Form):
    """Why, in a person's own words; it stands in the history for good."""

    reason = forms.CharField(
        max_length=300,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True, "dir": "auto"}),
        help_text="Kept in the history with your name.",
    )

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"].replace("\r\n", "\n")
        if problem := text_problem(reason, multiline=True):
            raise forms.ValidationError(problem.en, code=problem.code)
        return reason


class Asking:
    """For a ModelAdmin: does something to one row after a person has confirmed it."""

    def ask(
        self: Any,
        request: HttpRequest,
        pk: int,
        *,
        title: str,
        sentences: list[str],
        form_class: Callable[..., forms.Form] | None,
        do: Callable[[Any, dict[str, Any]], Any],
        done: str,
        permission: str | None = None,
    ) -> HttpResponse:
        """The page that asks, or what became of it. `done` may name the row as ``{row}``.

        It takes `permission`, or the page's `change_scope`.
        """
        if detour := self._detour(request):
            return detour
        if not self.may(request, permission or self.change_scope):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])
        is_post = request.method == "POST"
        form = form_class(request.POST if is_post else None) if form_class else None
        if is_post and (form is None or form.is_valid()):
            try:
                do(row, form.cleaned_data if form else {})
            except Problem as refusal:
                self.message_user(request, refusal.message, messages.ERROR)
            else:
                self.message_user(request, done.format(row=row), messages.SUCCESS)
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": f"{title} {row}",
            "form": form,
            "sentences": sentences,
            "submit": title,
            "back": back,
        }
        return TemplateResponse(request, "admin/invoicing/confirm.html", context)
