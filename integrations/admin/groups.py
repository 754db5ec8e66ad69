"""Error groups: the same refusal however often it came, and one click that replays them all."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from config.admin import choose_tenant
from integrations.models import TritonTransaction
from integrations.services import groups


class GroupPages:
    """Pages beside the list of transactions."""

    def group_urls(self: Any) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("groups/", view(self.groups_view), name="integrations_error_groups"),
            path("groups/<str:key>/", view(self.group_view), name="integrations_error_group"),
            path(
                "groups/<str:key>/replay/",
                view(self.replay_view),
                name="integrations_replay_group",
            ),
        ]

    @action(description="Error groups", url_path="error-groups", icon="stacks")
    def error_groups_page(self, request: HttpRequest) -> HttpResponse:
        """The way from the list to the groups."""
        return redirect("admin:integrations_error_groups")

    def groups_view(self: Any, request: HttpRequest) -> HttpResponse:
        """Every group of what waits for a person, the largest first."""
        if request.tenant is None:
            return choose_tenant(request, self.admin_site)
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = groups.error_groups(request.tenant)
        context = {
            **self.page(request, None, "Error groups"),
            "groups": found,
            "total": sum(group.count for group in found),
            "may_repair": self.has_repair_permission(request),
            "list": reverse("admin:integrations_tritontransaction_changelist"),
        }
        return TemplateResponse(request, "admin/integrations/groups.html", context)

    def group_view(self: Any, request: HttpRequest, key: str) -> HttpResponse:
        """The list of one group."""
        page = reverse("admin:integrations_tritontransaction_changelist")
        return redirect(f"{page}?{urlencode({'group_key__exact': key})}")

    def replay_view(self: Any, request: HttpRequest, key: str) -> HttpResponse:
        """Say how many it is, then make them due; the worker runs them one after another."""
        if detour := self._detour(request):
            return detour
        if not self.has_repair_permission(request):
            raise PermissionDenied
        found = {group.key: group for group in groups.error_groups(request.tenant)}
        if key not in found:
            raise Http404
        group = found[key]
        rows = TritonTransaction.objects.for_tenant(request.tenant).retryable()
        rows = rows.filter(group_key=key).order_by("transaction_date", "id")
        if request.method == "POST":
            replayed = groups.replay(rows, actor=request.credential.actor)
            told = f"{replayed.due} of this group are due; the worker runs them one after another."
            self.message_user(request, told, messages.SUCCESS)
            if replayed.refused:
                left = f"Left alone, since somebody was faster: {', '.join(replayed.refused[:20])}."
                self.message_user(request, left, messages.WARNING)
            return redirect("admin:integrations_error_groups")
        context = {
            **self.page(request, None, f"Replay {group.count} transactions"),
            "sentences": [
                f"“{group.text}”",
                "For when its cause is mended: each goes on where it stopped, as soon as the "
                "worker comes to it, and what waits for it follows.",
                "What IMS may have done is looked up before anything is asked of it again.",
            ],
            "submit": "Replay this group",
            "back": reverse("admin:integrations_error_groups"),
        }
        return TemplateResponse(request, "admin/integrations/confirm.html", context)
