"""Invoices: the list, the page that tells one invoice's story, and retry by hand."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from config.admin import ReadOnlyAdmin, TenantModelAdmin
from config.listing import CappedPaginator, DaysFilter, capped_count
from invoicing import errors
from invoicing.admin import retries
from invoicing.admin.bytes import BytesPages
from invoicing.admin.deliveries import DeliveriesMixin
from invoicing.admin.entry import EntryPages
from invoicing.admin.printing import PrintingPages, print_buttons
from invoicing.admin.story import story
from invoicing.admin.waiting import WaitingFilter
from invoicing.models import Invoice, Trigger
from invoicing.models.invoices import RETRYABLE
from invoicing.services.retrying import allow_more_retries
from invoicing.services.sending import By
from invoicing.words import COLOURS, KINDS, amount, kind, labelled


class KindFilter(DropdownFilter):
    title, parameter_name = "document type", "document_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(code, f"{word.capitalize()} ({code})") for code, word in KINDS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        return queryset.filter(document_type=self.value()) if self.value() else queryset


class FormFilter(DropdownFilter):
    title, parameter_name = "form", "form"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("standard", "Standard"), ("simplified", "Simplified")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        if self.value() in ("standard", "simplified"):
            return queryset.filter(is_simplified=self.value() == "simplified")
        return queryset


@admin.register(Invoice)
class InvoiceAdmin(
    EntryPages, PrintingPages, DeliveriesMixin, BytesPages, ReadOnlyAdmin, TenantModelAdmin
):
    """A mirror with doors: enter, correct and credit (EntryPages), retry, allow more retries."""

    view_scope = "invoices:read"
    list_display = (
        "invoice_number",
        "shown_status",
        "shown_zatca_status",
        "shown_kind",
        "buyer",
        "total",
        "unit",
        "tries",
        "next_try",
        "issued",
        "created",
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        WaitingFilter,
        ("zatca_status", ChoicesDropdownFilter),
        ("failure_class", ChoicesDropdownFilter),
        KindFilter,
        FormFilter,
        ("phase", ChoicesDropdownFilter),
        ("unit", RelatedDropdownFilter),
        ("created_at", DaysFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("unit",)
    list_per_page = 50
    search_fields = ("invoice_number", "=uuid", "buyer_name", "=client_reference")
    search_help_text = "Number or buyer in part; a UUID or a client reference in full."
    show_full_result_count = False
    # Facets count every match of every choice.
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    actions = ("retry_selected", *DeliveriesMixin.delivery_actions)
    # Of two bases only the first would be heard.
    actions_list = (*EntryPages.actions_list, *DeliveriesMixin.actions_list)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        # The documents' text columns are long and no part of a row.
        rows = super().get_queryset(request).select_related("tenant", "unit")
        return rows.defer("xml_content", "zatca_response")

    def has_retry_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "invoices:write")

    def has_more_retries_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "invoices:override")

    @display(description="status", ordering="status", label=COLOURS)
    def shown_status(self, invoice: Invoice) -> Any:
        return labelled(invoice.status)

    @display(description="ZATCA", ordering="zatca_status", label=COLOURS)
    def shown_zatca_status(self, invoice: Invoice) -> Any:
        return labelled(invoice.zatca_status)

    @admin.display(description="kind", ordering="document_type")
    def shown_kind(self, invoice: Invoice) -> str:
        return kind(invoice)

    @admin.display(description="buyer", ordering="buyer_name")
    def buyer(self, invoice: Invoice) -> str:
        return invoice.buyer_name

    @admin.display(description="total", ordering="total_amount")
    def total(self, invoice: Invoice) -> str:
        return amount(invoice)

    @admin.display(description="tries", ordering="attempt_no")
    def tries(self, invoice: Invoice) -> int:
        return invoice.attempt_no

    @admin.display(description="next try", ordering="next_attempt_at")
    def next_try(self, invoice: Invoice) -> Any:
        return invoice.next_attempt_at

    @admin.display(description="issued", ordering="issued_at")
    def issued(self, invoice: Invoice) -> Any:
        return invoice.issued_at

    @admin.display(description="created", ordering="created_at")
    def created(self, invoice: Invoice) -> Any:
        return invoice.created_at

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            *self.entry_urls(),
            path("<int:pk>/retry/", view(self.retry_view), name="invoicing_invoice_retry"),
            path(
                "<int:pk>/more-retries/",
                view(self.more_retries_view),
                name="invoicing_invoice_more_retries",
            ),
            path(
                "<int:pk>/revision/<int:number>/<str:which>.xml",
                view(self.document_view),
                name="invoicing_invoice_document",
            ),
            path(
                "<int:pk>/attempt/<int:number>/answer/",
                view(self.answer_view),
                name="invoicing_invoice_answer",
            ),
        ]
        return [*own, *self.delivery_urls(), *super().get_urls()]

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
        invoice = self.get_object(request, object_id)
        is_retryable = invoice.status in RETRYABLE
        context = {
            **self._page(request, invoice, str(invoice)),
            **story(invoice),
            **print_buttons(invoice),
            "may_link": self.has_link_permission(request),
            **self.delivery_context(request, invoice),
            **self.entry_buttons(request, invoice),
            "may_retry": is_retryable and self.has_retry_permission(request),
            "may_allow_more": is_retryable and self.has_more_retries_permission(request),
        }
        return TemplateResponse(request, "admin/invoicing/invoice/story.html", context)

    def retry_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what a retry will do and ask for a reason; then do it. Runs in no transaction."""
        if detour := self._detour(request):
            return detour
        if not self.has_retry_permission(request):
            raise PermissionDenied
        invoice = self.get_object(request, str(pk))
        if invoice.status not in RETRYABLE:
            self.message_user(request, errors.NotRetryable(invoice).message, messages.ERROR)
            return self._to_story(pk)
        form = retries.ReasonForm(request.POST or None)
        if form.is_valid():
            if not self._still_as_seen(request, [invoice]):
                return redirect(request.path)
            by = self._by(request, form)
            for line in retries.retry_each([invoice], by):
                self.message_user(request, line.text, line.level)
            return self._to_story(pk)
        sentences = retries.what_happens(invoice, invoice.current)
        return self._ask(request, f"Retry {invoice}", form, invoice, sentences, [invoice])

    def more_retries_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start the count of manual retries again, with a reason (contracts 11)."""
        if detour := self._detour(request):
            return detour
        if not self.has_more_retries_permission(request):
            raise PermissionDenied
        invoice = self.get_object(request, str(pk))
        form = retries.MoreRetriesForm(request.POST or None)
        if form.is_valid():
            limit, reason = form.cleaned_data["limit"], form.cleaned_data["reason"]
            allow_more_retries(invoice, limit=limit)
            self.log_change(request, invoice, f"Allowed {limit} more retries: {reason}")
            self.message_user(request, f"{invoice} may be retried {limit} times from now on.")
            return self._to_story(pk)
        sentences = [
            f"It was retried {invoice.retry_count} times by hand; {invoice.retry_limit} are "
            "allowed. The count starts again at nothing. The audit log keeps every retry."
        ]
        return self._ask(request, f"Allow more retries of {invoice}", form, invoice, sentences)

    @admin.action(description="Retry the selected invoices", permissions=["retry"])
    def retry_selected(
        self, request: HttpRequest, invoices: QuerySet[Invoice]
    ) -> HttpResponse | None:
        """Show how many will be retried and why they failed; then retry them, one after another."""
        chosen = list(invoices.filter(status__in=RETRYABLE)[: retries.AT_ONCE + 1])
        if refusal := _too_few_or_many(chosen):
            self.message_user(request, refusal, messages.WARNING)
            return None
        form = retries.ReasonForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid() and self._still_as_seen(request, chosen):
            context = {
                **self._page(request, None, "Retry: what became of each"),
                "lines": list(retries.retry_each(chosen, self._by(request, form))),
            }
            return TemplateResponse(request, "admin/invoicing/invoice/retried.html", context)
        context = {
            **self._page(request, None, f"Retry {len(chosen)} invoices"),
            "form": form,
            "groups": retries.groups(chosen),
            "left_out": capped_count(invoices.exclude(status__in=RETRYABLE)),
            "hidden": [
                ("action", "retry_selected"),
                ("confirmed", "yes"),
                ("seen", retries.seen(chosen)),
                *((ACTION_CHECKBOX_NAME, row.pk) for row in chosen),
            ],
            "submit": f"Retry {len(chosen)}",
            "back": reverse("admin:invoicing_invoice_changelist"),
        }
        return TemplateResponse(request, "admin/invoicing/confirm.html", context)

    def document_view(self, request: HttpRequest, pk: int, number: int, which: str) -> HttpResponse:
        """The exact bytes that were sealed, or that came back cleared."""
        columns = {"sealed": "xml", "cleared": "cleared_xml"}
        rows = self._owned(request, pk).revisions.filter(number=number)
        xml = rows.values_list(columns[which], flat=True).first() if which in columns else None
        return _download(xml, "application/xml", f"invoice-{pk}-{number}-{which}.xml")

    def answer_view(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """The exact bytes of the answer to an attempt."""
        rows = self._owned(request, pk).attempts.filter(number=number)
        body = rows.values_list("response", flat=True).first()
        return _download(body, "application/octet-stream", f"invoice-{pk}-answer-{number}.bin")

    def _owned(self, request: HttpRequest, pk: int) -> Invoice:
        if request.tenant is None:
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self.get_object(request, str(pk))

    def _page(self, request: HttpRequest, invoice: Invoice | None, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": invoice,
            "title": title,
        }

    def _ask(
        self,
        request: HttpRequest,
        title: str,
        form: forms.Form,
        invoice: Invoice,
        sentences: list[str],
        told: list[Invoice] | None = None,
    ) -> HttpResponse:
        context = {
            **self._page(request, invoice, title),
            "form": form,
            "sentences": sentences,
            "hidden": [("seen", retries.seen(told))] if told else [],
            "submit": title,
            "back": reverse("admin:invoicing_invoice_change", args=[invoice.pk]),
        }
        return TemplateResponse(request, "admin/invoicing/confirm.html", context)

    def _still_as_seen(self, request: HttpRequest, invoices: list[Invoice]) -> bool:
        """Whether what the person was told still holds: a resend must not turn into a reissue."""
        if request.POST.get("seen") == retries.seen(invoices):
            return True
        self.message_user(
            request,
            "Something was processed while you were reading, so nothing was done. Look again.",
            messages.WARNING,
        )
        return False

    def _by(self, request: HttpRequest, form: forms.Form) -> By:
        return By(Trigger.STAFF, request.credential.actor, form.cleaned_data["reason"])

    def _to_story(self, pk: int) -> HttpResponse:
        return redirect("admin:invoicing_invoice_change", pk)


def _too_few_or_many(chosen: list[Invoice]) -> str | None:
    if not chosen:
        return "None of them is FAILED or REJECTED, so there is nothing to retry."
    if len(chosen) > retries.AT_ONCE:
        return (
            f"At most {retries.AT_ONCE} can be retried from here at once. Choose fewer, or have an "
            "operator run manage.py retry_invoices, which takes any number."
        )
    return None


def _download(content: bytes | None, kind: str, name: str) -> HttpResponse:
    if content is None:
        raise Http404
    return HttpResponse(
        bytes(content),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
