"""Every exchange with IMS, laid out for the eye; what is secret was never stored."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import DropdownFilter, RelatedDropdownFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin
from config.listing import DaysFilter
from integrations.admin.base import PolicyAdmin
from integrations.admin.pretty import pretty_message
from integrations.ims import Outcome
from integrations.models import IMSCall
from integrations.words import COLOURS, labelled, said

BODIES = ("request", "response")


class OutcomeFilter(DropdownFilter):
    title, parameter_name = "outcome", "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(word.value, said(word).capitalize()) for word in Outcome]

    def queryset(self, request: HttpRequest, queryset: QuerySet[IMSCall]) -> QuerySet[IMSCall]:
        return queryset.filter(outcome=self.value()) if self.value() else queryset


@admin.register(IMSCall)
class CallAdmin(ReadOnlyAdmin, PolicyAdmin):
    """The journal; append-only."""

    list_display = (
        "started_at",
        "called",
        "shown_outcome",
        "code",
        "http_status",
        "took",
        "environment",
        "about",
    )
    list_filter = (
        OutcomeFilter,
        ("environment", RelatedDropdownFilter),
        ("started_at", DaysFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("environment", "transaction")
    ordering = ("-id",)
    search_fields = ("=operation", "=procedure", "=code", "=context")
    search_help_text = "An operation, a procedure, a code or a context, in full."

    def get_queryset(self, request: HttpRequest) -> QuerySet[IMSCall]:
        rows = super().get_queryset(request)
        return rows.defer(*BODIES) if _is_list(request) else rows

    @admin.display(description="called")
    def called(self, call: IMSCall) -> str:
        return str(call)

    @display(description="outcome", label=COLOURS)
    def shown_outcome(self, call: IMSCall) -> Any:
        # A refusal in form only: the invoice is looked for until it is there.
        return "not yet" if call.code == "invoice_not_yet" else labelled(call.outcome)

    @admin.display(description="for")
    def about(self, call: IMSCall) -> str:
        row = call.transaction
        return f"{said(row.kind)} {row.bound_policy_number or row.policy_number}" if row else ""

    @admin.display(description="took")
    def took(self, call: IMSCall) -> str:
        return f"{call.duration_ms} ms"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.body_view)
        own = path("<int:pk>/<str:which>.xml", view, name="integrations_imscall_body")
        return [own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The viewer instead of a form: nothing here is edited."""
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        call = self.get_object(request, object_id)
        around = IMSCall.objects.filter(transaction=call.transaction_id).defer(*BODIES)
        context = {
            **self.page(request, call, str(call)),
            "call": call,
            "request_shown": pretty_message(bytes(call.request)),
            "response_shown": pretty_message(bytes(call.response)),
            "before": around.filter(pk__lt=call.pk).order_by("-id").first()
            if call.transaction_id
            else None,
            "after": around.filter(pk__gt=call.pk).order_by("id").first()
            if call.transaction_id
            else None,
        }
        return TemplateResponse(request, "admin/integrations/call.html", context)

    def body_view(self, request: HttpRequest, pk: int, which: str) -> HttpResponse:
        """The bytes as they are kept: as they travelled, but for what is struck out."""
        if request.tenant is None or which not in BODIES:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        body = bytes(getattr(self.get_object(request, str(pk)), which))
        if not body:
            raise Http404
        response = HttpResponse(body, content_type="application/octet-stream")
        response["Content-Disposition"] = f'attachment; filename="ims-call-{pk}-{which}.xml"'
        return response


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_changelist")
