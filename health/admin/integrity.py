"""The page that says whether the books hold: rule by rule, as the last check found them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from config.db.triggers import missing_triggers, registered
from config.tenancy.roles import VERIFY
from health.services.history import Who
from health.services.verifying import EVERY_RULE, Verdict, check_books, last_verdict


class IntegrityMixin:
    """For the admin of vouchers: the verdict, and the button that has the books checked."""

    def get_urls(self: Any) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.integrity_view)
        return [path("integrity/", page, name="health_integrity"), *super().get_urls()]

    def integrity_view(self: Any, request: HttpRequest) -> HttpResponseBase:
        """GET shows what the last check found; POST checks again, by whoever may verify."""
        if detour := self._detour(request):
            return detour
        may_verify = self.may(request, VERIFY)
        if not self.has_view_permission(request) or (request.method == "POST" and not may_verify):
            raise PermissionDenied
        if request.method == "POST":
            verdict = check_books(request.tenant, Who(request.credential.actor))
            broken = verdict.found
            level = messages.ERROR if broken else messages.SUCCESS
            found = f"{broken} found, named below" if broken else "everything holds"
            self.message_user(request, f"The books were checked: {found}.", level)
            return redirect("admin:health_integrity")
        verdict = last_verdict(request.tenant)
        declared, missing = len(registered()), len(missing_triggers())
        context = {
            **self._page(request, "Integrity", None),
            "verdict": verdict,
            "zone": request.tenant.zone,
            "rules": _rules(verdict),
            "triggers": f"{declared - missing} of {declared}",
            "are_triggers_there": not missing,
            "may_verify": may_verify,
        }
        return TemplateResponse(request, "admin/health/integrity.html", context)


def _rules(verdict: Verdict | None) -> list[tuple[str, str, bool, list[str]]]:
    """Name, sentence, whether it was looked at, and its breaches. A rule may be newer than that."""
    found = verdict.breaches if verdict else {}
    return [
        (rule.name, rule.says, rule.name in found, found.get(rule.name, [])) for rule in EVERY_RULE
    ]
