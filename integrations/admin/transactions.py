"""Transactions: the list by state and reason, the page of one, and repairs of many."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from config.admin import ReadOnlyAdmin
from config.listing import DaysFilter
from config.problems import Problem
from integrations.admin.base import PolicyAdmin, ReasonForm
from integrations.admin.groups import GroupPages
from integrations.admin.repairs import RepairPages, StepForm
from integrations.admin.story import story
from integrations.models import FINAL, STUCK, TritonTransaction
from integrations.services import repairing
from integrations.words import COLOURS, KINDS, labelled, said

# As many as one person waits for; a group or a command takes any number.
AT_ONCE = 200
FILTERED = 100


class PersonFilter(DropdownFilter):
    title, parameter_name = "waits for", "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("person", "A person"), ("daftar", "Daftar"), ("nobody", "Nobody: finished")]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[TritonTransaction]
    ) -> QuerySet[TritonTransaction]:
        if self.value() == "person":
            return queryset.filter(status__in=STUCK)
        if self.value() == "daftar":
            return queryset.exclude(status__in=(*STUCK, *FINAL))
        return queryset.filter(status__in=FINAL) if self.value() == "nobody" else queryset


class ReasonFilter(DropdownFilter):
    """The reasons that stuck transactions have; a tenant has a few dozen."""

    title, parameter_name = "reason", "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = TritonTransaction.objects.for_tenant(request.tenant).stuck()
        found = rows.order_by("reason_code").values_list("reason_code", flat=True).distinct()
        return [(code, capfirst(said(code))) for code in found[:FILTERED]]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[TritonTransaction]
    ) -> QuerySet[TritonTransaction]:
        return queryset.filter(reason_code=self.value()) if self.value() else queryset


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one of many."""

    transaction: TritonTransaction
    text: str
    tone: str


@admin.register(TritonTransaction)
class TransactionAdmin(GroupPages, RepairPages, ReadOnlyAdmin, PolicyAdmin):
    """A mirror with doors: every repair is a service of its own, and asks first."""

    list_display = (
        "shown",
        "shown_status",
        "reason",
        "policy_shown",
        "insured_name",
        "shown_ims_status",
        "created",
    )
    list_filter = (
        PersonFilter,
        ("status", ChoicesDropdownFilter),
        ReasonFilter,
        ("kind", ChoicesDropdownFilter),
        ("source", RelatedDropdownFilter),
        ("created_at", DaysFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("source", "policy", "blocked_by")
    search_fields = (
        "=transaction_id",
        "=policy_number",
        "=bound_policy_number",
        "=opportunity_id",
        "=external_id",
        "insured_name",
    )
    search_help_text = "An id, a policy number or an opportunity in full; the insured in part."
    actions = ("retry_selected", "resume_selected", "close_selected")
    actions_list = ("error_groups_page",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TritonTransaction]:
        return super().get_queryset(request).select_related("tenant", "source", "policy")

    @admin.display(description="transaction", ordering="kind")
    def shown(self, transaction: TritonTransaction) -> str:
        return format_html(
            '{}<br><span class="daftar-small">{}</span>',
            KINDS[transaction.kind].capitalize(),
            transaction.transaction_id,
        )

    @display(description="state", ordering="status", label=COLOURS)
    def shown_status(self, transaction: TritonTransaction) -> Any:
        return labelled(transaction.status)

    @admin.display(description="reason", ordering="reason_code")
    def reason(self, transaction: TritonTransaction) -> str:
        if transaction.status == "blocked":
            return f"waits for {transaction.blocked_by}"
        if not transaction.reason_code or transaction.status in FINAL:
            return transaction.closed_reason
        return format_html(
            '<strong class="daftar-strong">{}</strong><br>{}',
            capfirst(said(transaction.reason_code)),
            _beginning(transaction.error),
        )

    @admin.display(description="policy", ordering="policy_number")
    def policy_shown(self, transaction: TritonTransaction) -> str:
        number = transaction.bound_policy_number or transaction.policy_number
        return number or str(transaction.policy)

    @admin.display(description="IMS", ordering="ims_status")
    def shown_ims_status(self, transaction: TritonTransaction) -> str:
        return said(transaction.ims_status)

    @admin.display(description="received", ordering="created_at")
    def created(self, transaction: TritonTransaction) -> Any:
        return transaction.created_at

    def get_urls(self) -> list[URLPattern]:
        return [*self.repair_urls(), *self.group_urls(), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The story instead of a form: nothing here is edited."""
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        transaction = self.get_object(request, object_id)
        buttons = [
            (title, reverse(f"admin:integrations_tritontransaction_{way}", args=[transaction.pk]))
            for way, title in self.ways(request, transaction)
        ]
        context = {
            **self.page(request, transaction, str(transaction)),
            **story(transaction),
            "buttons": buttons,
        }
        return TemplateResponse(request, "admin/integrations/transaction.html", context)

    @admin.action(description="Retry the selected transactions", permissions=["repair"])
    def retry_selected(
        self, request: HttpRequest, rows: QuerySet[TritonTransaction]
    ) -> HttpResponse | None:
        """Make them due; the worker runs them, the earlier of a policy before the later."""
        return self._many(
            request,
            rows.retryable(),
            "retry_selected",
            "Retry",
            lambda chosen: None,
            lambda row, said, by: repairing.retry(row, actor=by),
            [
                "Each goes on where it stopped, as soon as the worker comes to it. What IMS may "
                "have done is looked up first."
            ],
        )

    @admin.action(description="Resume the selected from a step", permissions=["repair"])
    def resume_selected(
        self, request: HttpRequest, rows: QuerySet[TritonTransaction]
    ) -> HttpResponse | None:
        """Have a step done anew for each, for set-up that was changed after it."""
        said = request.POST if "confirmed" in request.POST else None
        return self._many(
            request,
            rows.retryable(),
            "resume_selected",
            "Resume",
            lambda chosen: StepForm(chosen, said),
            lambda row, said, by: repairing.resume_from(
                row, said["step"], actor=by, reason=said["reason"]
            ),
            ["Each goes on from that step. One that IMS has done beyond it is refused."],
        )

    @admin.action(description="Close the selected transactions", permissions=["repair"])
    def close_selected(
        self, request: HttpRequest, rows: QuerySet[TritonTransaction]
    ) -> HttpResponse | None:
        """Close them with one reason."""
        said = request.POST if "confirmed" in request.POST else None
        return self._many(
            request,
            rows.exclude(status__in=(*FINAL, "processing")),
            "close_selected",
            "Close",
            lambda chosen: ReasonForm(said),
            lambda row, said, by: repairing.close(row, actor=by, reason=said["reason"]),
            ["Nothing more is done for them, for good. What IMS has done stays as it is."],
        )

    def _many(
        self,
        request: HttpRequest,
        rows: QuerySet[TritonTransaction],
        action: str,
        verb: str,
        form_of: Callable[[Sequence[TritonTransaction]], forms.Form | None],
        do: Callable[[TritonTransaction, dict[str, Any], str], TritonTransaction],
        sentences: Sequence[str],
    ) -> HttpResponse | None:
        chosen = list(rows.order_by("transaction_date", "id")[: AT_ONCE + 1])
        if not chosen or len(chosen) > AT_ONCE:
            self.message_user(request, _too_few_or_many(verb, chosen), messages.WARNING)
            return None
        form = form_of(chosen)
        if "confirmed" in request.POST and (form is None or form.is_valid()):
            said_by_form = form.cleaned_data if form else {}
            by = request.credential.actor
            context = {
                **self.page(request, None, f"{verb}: what became of each"),
                "lines": [_tried(row, lambda row: do(row, said_by_form, by)) for row in chosen],
            }
            return TemplateResponse(request, "admin/integrations/repaired.html", context)
        context = {
            **self.page(request, None, f"{verb} {len(chosen)} transactions"),
            "form": form,
            "sentences": sentences,
            "counts": counts(chosen),
            "hidden": [
                ("action", action),
                ("confirmed", "yes"),
                *((ACTION_CHECKBOX_NAME, row.pk) for row in chosen),
            ],
            "submit": f"{verb} {len(chosen)}",
            "back": reverse("admin:integrations_tritontransaction_changelist"),
        }
        return TemplateResponse(request, "admin/integrations/confirm.html", context)


def counts(rows: Iterable[TritonTransaction]) -> list[tuple[str, str, str, int]]:
    """(state, what is wrong, at which step, how many), the most frequent first."""
    counted = Counter((row.status, row.error_group or row.error, row.stage) for row in rows)
    return [(*key, count) for key, count in counted.most_common()]


def _tried(row: TritonTransaction, do: Callable[[TritonTransaction], TritonTransaction]) -> Line:
    try:
        return Line(done := do(row), said(done.status).capitalize(), "success")
    except Problem as refusal:
        return Line(row, refusal.message, "danger")


def _too_few_or_many(verb: str, chosen: Sequence[TritonTransaction]) -> str:
    if not chosen:
        return f"None of them can be used with {verb.lower()}, so nothing was done."
    return (
        f"At most {AT_ONCE} are taken from here at once. Choose fewer, replay an error group, or "
        "have an operator run manage.py ims_replay, which takes any number."
    )


def _beginning(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:119]}…"
