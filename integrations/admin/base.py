"""What the pages of policies have in common, and the page that asks before something is done."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
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


class PolicyAdmin(TenantModelAdmin):
    """A list of this app: capped counts, no facets, roles of integrations."""

    view_scope = "integrations:read"
    change_scope = "integrations:write"
    list_per_page = 50
    show_full_result_count = False
    # Facets count every match of every choice.
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    def page(self, request: HttpRequest, row: Any, title: str) -> dict[str, Any]:
        """What every page of its own needs."""
        context = self.admin_site.each_context(request)
        return {**context, "opts": self.opts, "original": row, "title": title}

    def has_repair_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "integrations:write")

    def back_to(self, row: Any) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[row.pk])

    def ask(
        self,
        request: HttpRequest,
        row: Any,
        *,
        title: str,
        form: forms.Form | None,
        sentences: Sequence[str],
        do: Callable[[dict[str, Any]], str],
        **more: Any,
    ) -> HttpResponse:
        """Say what will happen and ask; once confirmed, do it and lead back to the row.

        `do` answers the sentence that says what became of it. Runs in no transaction.
        """
        if not self.has_repair_permission(request):
            raise PermissionDenied
        if request.method == "POST" and (form is None or form.is_valid()):
            said = form.cleaned_data if form else {}
            try:
                told = do(said)
            except Problem as refusal:
                if form is None:
                    self.message_user(request, refusal.message, messages.ERROR)
                    return redirect(self.back_to(row))
                _refuse(form, refusal)
            else:
                why = f" {said['reason']}" if said.get("reason") else ""
                self.log_change(request, row, f"{title}.{why}")
                self.message_user(request, told, messages.SUCCESS)
                return redirect(self.back_to(row))
        context = {
            **self.page(request, row, title),
            "form": form,
            "sentences": sentences,
            "submit": title,
            "back": self.back_to(row),
            **more,
        }
        return TemplateResponse(request, "admin/integrations/confirm.html", context)


def _refuse(form: forms.Form, refusal: Problem) -> None:
    """The refusal's sentence, and every field it names."""
    lines = [f"{error.param}: {error.message}" for error in refusal.errors if error.param]
    form.add_error(None, [refusal.message, *lines])


class ReasonForm(forms.Form):
    """Why, in a person's own words; it stands in the log for good."""

    reason = forms.CharField(
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "autofocus": True, "dir": "auto"}),
        help_text="Kept in the log with your name.",
    )

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"].replace("\r\n", "\n").strip()
        if problem := text_problem(reason, multiline=True):
            raise forms.ValidationError(problem.en, code=problem.code)
        return reason
