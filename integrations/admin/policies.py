"""Policies as IMS has them, with everything that was done to them, and their invoices."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.contrib.filters.admin import (
    ChoicesDropdownFilter,
    DropdownFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import display

from config.admin import ReadOnlyAdmin
from config.listing import DaysFilter
from config.problems import Problem
from integrations.admin.base import PolicyAdmin
from integrations.models import IMSInvoice, IMSPolicy
from integrations.services import invoices
from integrations.words import COLOURS, labelled, said

# Each is a call to IMS, and a person waits for all of them.
AT_ONCE = 20


class InvoiceFilter(DropdownFilter):
    title, parameter_name = "invoice", "invoice"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("there", "There"), ("missing", "Bound, and none yet")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[IMSPolicy]) -> QuerySet[IMSPolicy]:
        if self.value() == "there":
            return queryset.filter(invoice_number__isnull=False)
        if self.value() == "missing":
            return queryset.bound().filter(invoice_number__isnull=True)
        return queryset


@admin.register(IMSPolicy)
class PolicyPages(ReadOnlyAdmin, PolicyAdmin):
    list_display = (
        "policy",
        "state",
        "insured_name",
        "opportunity_id",
        "effective_date",
        "expiration_date",
        "invoice_number",
        "source",
        "created_at",
    )
    list_filter = (InvoiceFilter, ("source", RelatedDropdownFilter), ("created_at", DaysFilter))
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("source",)
    search_fields = ("=policy_number", "=opportunity_id", "=invoice_number", "insured_name")
    search_help_text = "A number in full; the insured in part."
    actions = ("retrieve_selected",)

    @admin.display(description="policy", ordering="policy_number")
    def policy(self, policy: IMSPolicy) -> str:
        return str(policy)

    @admin.display(description="state")
    def state(self, policy: IMSPolicy) -> str:
        if policy.cancelled_at:
            return "cancelled"
        if policy.issued_at:
            return "issued"
        return "bound" if policy.bound_at else "not bound"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.retrieve_view)
        own = path("<int:pk>/retrieve/", view, name="integrations_imspolicy_retrieve")
        return [own, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What is known of it, its invoices and its transactions; nothing here is edited."""
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        policy = self.get_object(request, object_id)
        context = {
            **self.page(request, policy, str(policy)),
            "policy": policy,
            "state": self.state(policy),
            "invoices": policy.invoices.select_related("transaction").order_by("id"),
            "transactions": policy.transactions.order_by("transaction_date", "id"),
            "may_retrieve": self.has_repair_permission(request) and policy.bound_at is not None,
        }
        return TemplateResponse(request, "admin/integrations/policy.html", context)

    def retrieve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask IMS for the invoice now."""
        if detour := self._detour(request):
            return detour
        if not self.has_repair_permission(request):
            raise PermissionDenied
        policy = self.get_object(request, str(pk))
        if request.method == "POST":
            self._retrieve(request, policy)
        return redirect(self.back_to(policy))

    @admin.action(description="Retrieve the invoices", permissions=["repair"])
    def retrieve_selected(self, request: HttpRequest, rows: QuerySet[IMSPolicy]) -> None:
        """Ask IMS for each of them, one after another."""
        chosen = list(rows.bound()[: AT_ONCE + 1])
        if not chosen or len(chosen) > AT_ONCE:
            told = (
                "None of them is bound, so that none has an invoice."
                if not chosen
                else f"At most {AT_ONCE} at once; manage.py retrieve_invoice_numbers takes any."
            )
            self.message_user(request, told, messages.WARNING)
            return
        for policy in chosen:
            self._retrieve(request, policy)

    def _retrieve(self, request: HttpRequest, policy: IMSPolicy) -> None:
        try:
            invoice = invoices.retrieve(policy)
        except Problem as refusal:
            self.message_user(request, f"{policy}: {refusal.message}", messages.ERROR)
            return
        if invoice is None or invoice.invoice_number is None:
            told = f"{policy}: IMS has no invoice for it yet."
            self.message_user(request, told, messages.WARNING)
            return
        self.log_change(request, policy, f"Retrieved invoice {invoice.invoice_number}.")
        self.message_user(request, f"{policy}: invoice {invoice.invoice_number}.")


@admin.register(IMSInvoice)
class InvoicePages(ReadOnlyAdmin, PolicyAdmin):
    """Every invoice that IMS made, or that is looked for."""

    list_display = (
        "number",
        "shown_status",
        "policy",
        "for_what",
        "office_invoice_num",
        "premium",
        "net_due",
        "due_date",
        "looks",
        "next_look_at",
        "retrieved_at",
    )
    list_filter = (("status", ChoicesDropdownFilter), ("created_at", DaysFilter))
    list_filter_submit = True
    list_fullwidth = True
    list_select_related = ("policy", "transaction")
    search_fields = ("=invoice_number", "=ims_invoice_num", "=policy__policy_number")
    search_help_text = "A number in full."
    fields = (
        ("invoice_number", "status"),
        ("ims_invoice_num", "office_invoice_num"),
        ("policy", "transaction"),
        "quote_guid",
        ("premium", "net_due"),
        ("invoice_date", "due_date"),
        ("looks", "next_look_at", "retrieved_at"),
    )

    @admin.display(description="invoice", ordering="ims_invoice_num")
    def number(self, invoice: IMSInvoice) -> str:
        return invoice.invoice_number or "–"

    @display(description="state", ordering="status", label=COLOURS)
    def shown_status(self, invoice: IMSInvoice) -> Any:
        return labelled(invoice.status)

    @admin.display(description="for")
    def for_what(self, invoice: IMSInvoice) -> str:
        return said(invoice.transaction.kind)
