"""Print buttons of an invoice's story: PDF, receipt, print view, link for the buyer."""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from config.printing.views import attachment
from config.problems import Problem
from invoicing import selectors
from invoicing.models import Invoice
from invoicing.services import printing

SENTENCE = (
    "The link shows the invoice and its PDF to anybody who has it, without a password. It cannot "
    "be called back before it expires."
)


class LinkForm(forms.Form):
    days = forms.IntegerField(
        label="Days it stays open",
        min_value=1,
        max_value=printing.LINK_DAYS_AT_MOST,
        initial=printing.LINK_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )


def print_buttons(invoice: Invoice) -> dict[str, Any]:
    """What the story's head needs to know of printing."""
    return {
        "may_print": selectors.may_be_given_out(invoice, invoice.current),
        "may_print_receipt": invoice.is_simplified,
    }


class PrintingPages:
    """Pages below an invoice; mixed into its ModelAdmin."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("<int:pk>/<str:layout>.pdf", view(self.pdf_view), name="invoicing_invoice_pdf"),
            path("<int:pk>/print/", view(self.print_view), name="invoicing_invoice_print"),
            path("<int:pk>/link/", view(self.link_view), name="invoicing_invoice_link"),
        ]
        return [*own, *super().get_urls()]

    def has_link_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "invoices:write")

    def pdf_view(self, request: HttpRequest, pk: int, layout: str) -> HttpResponse:
        """The PDF, as the API gives it."""
        invoice = self._owned(request, pk)
        try:
            printed = printing.render_pdf(invoice, layout=layout)
        except Problem as refusal:
            return self._refused(request, invoice, refusal)
        return HttpResponse(
            printed.content, content_type="application/pdf", headers=attachment(printed.file_name)
        )

    def print_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same content as a page of its own, for the browser's print dialogue."""
        invoice = self._owned(request, pk)
        try:
            context = printing.page_context(invoice)
        except Problem as refusal:
            return self._refused(request, invoice, refusal)
        context["pdf_url"] = reverse("admin:invoicing_invoice_pdf", args=[pk, printing.A4])
        return TemplateResponse(request, printing.PAGE, context)

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for how long, then show the link: not in a message, which a cookie would keep."""
        if not self.has_link_permission(request):
            raise PermissionDenied
        invoice = self._owned(request, pk)
        title = f"Link to {invoice} for the buyer"
        form = LinkForm(request.POST or None)
        if not form.is_valid():
            return self._ask(request, title, form, invoice, [SENTENCE])
        try:
            token, link = printing.issue_link(invoice, days=form.cleaned_data["days"])
        except Problem as refusal:
            return self._refused(request, invoice, refusal)
        self.log_change(request, invoice, f"Made a link that is open until {link.expires_at}.")
        context = {
            **self._page(request, invoice, title),
            "address": request.build_absolute_uri(reverse("signed-page", args=[token])),
            "expires_at": link.expires_at,
            "back": reverse("admin:invoicing_invoice_change", args=[pk]),
        }
        return TemplateResponse(request, "admin/invoicing/invoice/link.html", context)

    def _refused(self, request: HttpRequest, invoice: Invoice, refusal: Problem) -> HttpResponse:
        self.message_user(request, refusal.message, "error")
        return redirect("admin:invoicing_invoice_change", invoice.pk)
