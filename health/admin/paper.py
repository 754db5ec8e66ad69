"""An invoice on paper and by mail, from its page: for TestInvoiceAdmin."""

import io
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminEmailInputWidget

from config.attention.admin import register_subject
from config.delivery.selectors import mail_about
from health.errors import CreditNoteNotFound
from health.files import pdf_answer
from health.models import Status, TestInvoice
from health.printing import A4, RECEIPT, Printed, render_invoice, render_note
from health.selectors import get_credit_note
from health.services.mailing import KIND, email_invoice, subject_of
from health.words import rupees

AT_ONCE = 200
BREAK = mark_safe("<br>")
LETTERS_SHOWN = 50


class EmailForm(forms.Form):
    to = forms.EmailField(max_length=254, widget=UnfoldAdminEmailInputWidget(attrs={"dir": "ltr"}))


class PaperMixin:
    """Buttons that print and mail, an action that prints many, and what has gone out so far."""

    paper_actions = ("print_a4", "print_receipt", "email_now")
    paper_fields = ("account", "credit_notes_issued", "letters")

    def paper_paths(self: Any, request: HttpRequest, invoice: TestInvoice | None) -> set[str]:
        """Which of the buttons fit this invoice and this person, by their paths."""
        if invoice is None:
            return set()
        may_mail = invoice.status == Status.POSTED and self.may(request, self.change_scope)
        return {"print-a4", "print-receipt", *(("email-now",) if may_mail else ())}

    @action(description="Print", url_path="print-a4", icon="print")
    def print_a4(self: Any, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._printed(request, object_id, A4)

    @action(description="Receipt", url_path="print-receipt", icon="receipt_long")
    def print_receipt(self: Any, request: HttpRequest, object_id: int) -> HttpResponse:
        return self._printed(request, object_id, RECEIPT)

    def _printed(self: Any, request: HttpRequest, object_id: int, size: str) -> HttpResponse:
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        printed = render_invoice(self.get_object(request, str(object_id)), size=size)
        return pdf_answer(request, printed, is_page=True)

    @action(description="E-mail", url_path="email-now", icon="mail")
    def email_now(self: Any, request: HttpRequest, object_id: int) -> HttpResponse:
        invoice = self.get_queryset(request).filter(pk=object_id).first()
        known = invoice.patient_email if invoice else ""
        return self.ask(
            request,
            object_id,
            title="E-mail",
            sentences=["The patient gets the PDF. Every letter is listed on the invoice."],
            form_class=partial(EmailForm, initial={"to": known}),
            do=lambda row, said: email_invoice(row, actor=request.credential.actor, to=said["to"]),
            done="{row} will be sent.",
        )

    def get_actions(self: Any, request: HttpRequest) -> dict[str, Any]:
        offered = super().get_actions(request)
        offered["print_selected"] = (
            PaperMixin.print_selected, "print_selected", "Print the selected invoices",
        )  # fmt: skip
        return offered

    @admin.action(description="Print the selected invoices", permissions=["view"])
    def print_selected(
        self: Any, request: HttpRequest, invoices: QuerySet[TestInvoice]
    ) -> HttpResponse | None:
        """All of the choice in one file, in the order of the list."""
        chosen = list(invoices.select_related("tenant", "reversal_voucher")[: AT_ONCE + 1])
        if len(chosen) > AT_ONCE:
            text = f"At most {AT_ONCE} are printed at once. Choose fewer."
            self.message_user(request, text, messages.WARNING)
            return None
        whole = _merged([render_invoice(one) for one in chosen])
        return pdf_answer(request, Printed(whole, "invoices.pdf"), is_page=True)

    def get_urls(self: Any) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.note_pdf)
        at = "credit-notes/<int:pk>/pdf/"
        return [path(at, page, name="health_credit_note_pdf"), *super().get_urls()]

    def note_pdf(self: Any, request: HttpRequest, pk: int) -> HttpResponse:
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            note = get_credit_note(request.tenant, pk)
        except CreditNoteNotFound:
            raise Http404 from None
        return pdf_answer(request, render_note(note), is_page=True)

    @display(description="patient's account")
    def account(self, invoice: TestInvoice) -> str:
        if invoice.patient_id is None:
            return "none: the invoice has no patient id"
        return statement_link(invoice.patient_id)

    @display(description="credit notes")
    def credit_notes_issued(self, invoice: TestInvoice) -> str:
        rows = [
            (reverse("admin:health_credit_note_pdf", args=[note.pk]), note.number, note.date,
             rupees(note.total_amount), note.reason)
            for note in invoice.credit_notes.order_by("id")
        ]  # fmt: skip
        line = '<a class="daftar-link" href="{}">{}</a> · {} · ₹{} · {}'
        return format_html_join(BREAK, line, rows) or "none"

    @display(description="e-mails")
    def letters(self, invoice: TestInvoice) -> str:
        mail = mail_about(invoice.tenant, subject_of(invoice))[:LETTERS_SHOWN]
        rows = [
            (reverse("admin:delivery_mailmessage_change", args=[letter.pk]), letter.to,
             letter.get_state_display().lower(), letter.error_message)
            for letter in mail
        ]  # fmt: skip
        line = '<a class="daftar-link" href="{}">{}</a> · {} {}'
        return format_html_join(BREAK, line, rows) or "none"


def statement_link(reference: int) -> str:
    """The way to a patient's statement of account."""
    page = reverse("admin:health_statement", args=[reference])
    return format_html('<a class="daftar-link" href="{}">Statement of account</a>', page)


def _merged(papers: list[Printed]) -> bytes:
    # Here, since it loads a library that nothing else of the web process needs.
    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as whole:
        for paper in papers:
            with pikepdf.open(io.BytesIO(paper.content)) as one:
                whole.pages.extend(one.pages)
        whole.save(out)
    return out.getvalue()


register_subject(KIND, "admin:health_testinvoice_change")
