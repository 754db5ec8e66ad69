"""What was written down and stays as it is: the audit log and the attempts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.decorators import display

from config.admin import ReadOnlyAdmin, TenantModelAdmin
from config.listing import CappedPaginator, DaysFilter
from invoicing.admin.pretty import Text, pretty_body, pretty_json
from invoicing.models import Attempt, InvoiceLog
from invoicing.models.invoices import RETRYABLE
from invoicing.words import COLOURS, labelled


class PreviousStatusFilter(DropdownFilter):
    title, parameter_name = "previous status", "previous_status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value, status.value) for status in RETRYABLE]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[InvoiceLog]
    ) -> QuerySet[InvoiceLog]:
        return queryset.filter(previous_status=self.value()) if self.value() else queryset


class Record(ReadOnlyAdmin, TenantModelAdmin):
    """A row about an invoice."""

    view_scope = "invoices:read"
    list_filter_submit = True
    list_fullwidth = True
    show_full_result_count = False
    # Facets count every match of every choice.
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    @admin.display(description="invoice", ordering="invoice")
    def invoice_link(self, row: InvoiceLog | Attempt) -> str:
        page = reverse("admin:invoicing_invoice_change", args=[row.invoice_id])
        return format_html('<a href="{}" class="daftar-link">{}</a>', page, _number(row))

    @admin.display(description="by", ordering="actor")
    def by(self, row: InvoiceLog | Attempt) -> str:
        return f"{row.actor} ({row.trigger.lower()})"


def _number(row: InvoiceLog | Attempt) -> str:
    return row.invoice_number if isinstance(row, InvoiceLog) else row.invoice.invoice_number


@admin.register(InvoiceLog)
class InvoiceLogAdmin(Record):
    list_display = (
        "created_at",
        "invoice_link",
        "shown_action",
        "shown_status",
        "previous_status",
        "by",
        "said",
    )
    list_filter = (
        ("action", ChoicesDropdownFilter),
        ("status", ChoicesDropdownFilter),
        PreviousStatusFilter,
        ("created_at", DaysFilter),
    )
    search_fields = ("invoice_number",)
    search_help_text = "An invoice number, or a part of one."
    # As the index has it: (tenant, created_at).
    ordering = ("-created_at", "-id")
    fields = (
        ("created_at", "invoice_link"),
        ("action", "previous_status"),
        ("status", "zatca_response_code"),
        ("revision", "attempt_no"),
        ("trigger", "actor"),
        "reason",
        "error_message",
        ("submitted_at", "cleared_at"),
        "request_id",
        "uuid",
        "hash",
        "payload_sha256",
        "sequence",
        "previous_hash",
        "entry_hash",
        "payload",
        "answer",
    )
    readonly_fields = ("invoice_link", "payload", "answer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[InvoiceLog]:
        rows = super().get_queryset(request)
        if _is_list(request):
            return rows.defer("zatca_response", "request_payload")
        return rows

    @display(description="action", ordering="action", label=COLOURS)
    def shown_action(self, row: InvoiceLog) -> Any:
        return labelled(row.action)

    @display(description="status", ordering="status", label=COLOURS)
    def shown_status(self, row: InvoiceLog) -> Any:
        return labelled(row.status)

    @admin.display(description="reason or error")
    def said(self, row: InvoiceLog) -> str:
        return _beginning(row.reason or row.error_message or "")

    @admin.display(description="request payload")
    def payload(self, row: InvoiceLog) -> str:
        if row.request_payload is None:
            return "not repeated here: an automatic resend carries the payload's hash"
        return _block(pretty_json(row.request_payload))

    @admin.display(description="the authority's answer")
    def answer(self, row: InvoiceLog) -> str:
        return _block(pretty_json(row.zatca_response)) if row.zatca_response else "none"


@admin.register(Attempt)
class AttemptAdmin(Record):
    tenant_path = "invoice__tenant"
    list_display = (
        "started_at",
        "invoice_link",
        "number",
        "channel",
        "by",
        "told",
        "shown_reached",
        "shown_outcome",
        "error_code",
        "duration_ms",
    )
    list_filter = (
        ("outcome", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("trigger", ChoicesDropdownFilter),
        ("reached", ChoicesDropdownFilter),
        ("failure_class", ChoicesDropdownFilter),
        ("started_at", DaysFilter),
    )
    search_fields = ("invoice__invoice_number",)
    search_help_text = "An invoice number, or a part of one."
    list_select_related = ("invoice",)
    ordering = ("-id",)
    fields = (
        ("invoice_link", "number"),
        ("channel", "revision"),
        ("trigger", "actor"),
        ("started_at", "ended_at"),
        ("abandoned_at", "duration_ms"),
        ("http_status", "event"),
        ("reached", "outcome"),
        ("zatca_status", "failure_class"),
        ("error_code", "error_message"),
        "request_id",
        "answer",
    )
    readonly_fields = ("invoice_link", "answer")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Attempt]:
        rows = super().get_queryset(request).select_related("invoice")
        rows = rows.defer("invoice__xml_content", "invoice__zatca_response")
        return rows.defer("response") if _is_list(request) else rows

    @admin.display(description="answer")
    def told(self, row: Attempt) -> str:
        return f"HTTP {row.http_status}" if row.http_status else row.event

    @display(description="reached", ordering="reached", label=COLOURS)
    def shown_reached(self, row: Attempt) -> Any:
        return labelled(row.reached)

    @display(description="outcome", ordering="outcome", label=COLOURS)
    def shown_outcome(self, row: Attempt) -> Any:
        return labelled(row.outcome)

    @admin.display(description="the answer")
    def answer(self, row: Attempt) -> str:
        return _block(pretty_body(bytes(row.response))) if row.response else "none"


def _is_list(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and (match.url_name or "").endswith("_changelist")


def _beginning(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:79]}…"


def _block(shown: Text) -> str:
    more = "\n…" if shown.cut else ""
    return format_html('<pre class="daftar-code">{}{}</pre>', shown.text, more)
