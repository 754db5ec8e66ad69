"""Enter an invoice, correct a rejected one, issue a note: one form, three ways to begin it.

The form is looked at (check), then shown as what it will do (review), then sent. Until it is sent
nothing is stored; sending is the API's own path (services.submission).
"""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action

from config.problems import FieldError, Problem
from invoicing import errors
from invoicing.admin.entry_task import (
    Task,
    in_words,
    is_arabic,
    kind_words,
    new_fields,
    reason_form,
    said_by,
    said_of,
    what_became,
    what_becomes,
)
from invoicing.admin.retries import ReasonForm
from invoicing.entry.labels import described
from invoicing.entry.notes import note_on
from invoicing.entry.paths import flatten, nest
from invoicing.entry.reading import Said, read_request
from invoicing.entry.sheet import Sheet, values_of
from invoicing.models import Invoice, InvoiceStatus, NumberSeries, Trigger
from invoicing.services.drafting import Draft
from invoicing.services.entering import (
    check,
    correct_invoice,
    may_correct,
    refuse_correction,
)
from invoicing.services.sending import By
from invoicing.services.submission import Submission, submit_invoice
from invoicing.zatca.documents import DocumentKind

NOTES: dict[str, tuple[str, str]] = {
    DocumentKind.CREDIT_NOTE: ("credit note", "إشعار دائن"),
    DocumentKind.DEBIT_NOTE: ("debit note", "إشعار مدين"),
}
OWN_FIELDS = frozenset({"csrfmiddlewaretoken", "_tenant", "do", "reason", "seen", "token", "next"})


class EntryPages:
    """Pages of InvoiceAdmin for whoever may write invoices."""

    actions_list = ("enter",)

    def has_enter_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "invoices:write")

    def entry_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/correct/", view(self.correct_view), name="invoicing_invoice_correct"),
            path("<int:pk>/note/<str:kind>/", view(self.note_view), name="invoicing_invoice_note"),
        ]

    def entry_buttons(self, request: HttpRequest, invoice: Invoice) -> dict[str, Any]:
        """What the story page offers to do about the invoice."""
        may = self.has_enter_permission(request)
        is_original = invoice.document_type != DocumentKind.CREDIT_NOTE
        is_final = may and is_original and invoice.status == InvoiceStatus.CLEARED
        return {
            "may_correct": may and may_correct(invoice),
            "may_credit": is_final and invoice.creditable_amount > 0,
            "may_debit": is_final and invoice.document_type != DocumentKind.DEBIT_NOTE,
        }

    @action(description="Enter an invoice", url_path="enter", permissions=["enter"], icon="add")
    def enter(self, request: HttpRequest) -> HttpResponse:
        """A new document, written by hand."""
        if detour := self._detour(request):
            return detour
        if not self.has_enter_permission(request):
            raise PermissionDenied

        def send(said: Said, by: By, key: str) -> Submission:
            return submit_invoice(
                tenant=request.tenant,
                payload=said.payload,
                by=by,
                client_reference=said.client_reference,
                metadata=said.metadata,
                request_key=key,
            )

        task = Task(
            title=in_words(request, "Enter an invoice", "إدخال فاتورة"),
            submit=in_words(request, "Issue", "إصدار"),
            send=send,
            values=new_fields(request),
            back=reverse("admin:invoicing_invoice_changelist"),
        )
        return self._entry(request, task)

    def correct_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The current revision's request with what was said of it, to be put right."""
        invoice = self._writable(request, pk)
        if not isinstance(invoice, Invoice):
            return invoice
        try:
            refuse_correction(invoice)
        except errors.Conflict as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return self._to_story(pk)
        revision = invoice.current

        def send(said: Said, by: By, key: str) -> Submission:
            return correct_invoice(
                invoice,
                said.payload,
                by,
                client_reference=said.client_reference,
                metadata=said.metadata,
            )

        task = Task(
            title=in_words(request, f"Correct {invoice}", f"تصحيح {invoice}"),
            submit=in_words(request, "Send the correction", "إرسال التصحيح"),
            send=send,
            values=values_of(revision.payload or {}, client_reference=invoice.client_reference),
            back=reverse("admin:invoicing_invoice_change", args=[pk]),
            fixed={"invoice_number": invoice.invoice_number, "mode": invoice.phase},
            findings=tuple(said_of(revision)),
            sentences=(what_becomes(request, invoice, revision),),
            corrects=invoice,
        )
        return self._entry(request, task)

    def note_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """A credit or debit note on the whole invoice, to be cut down to what it is about."""
        if kind not in NOTES:
            raise Http404
        invoice = self._writable(request, pk)
        if not isinstance(invoice, Invoice):
            return invoice
        buttons = self.entry_buttons(request, invoice)
        if not buttons["may_credit" if kind == DocumentKind.CREDIT_NOTE else "may_debit"]:
            text = f"No {NOTES[kind][0]} can be issued on {invoice} now."
            self.message_user(request, text, messages.ERROR)
            return self._to_story(pk)

        def send(said: Said, by: By, key: str) -> Submission:
            return submit_invoice(
                tenant=request.tenant,
                payload=said.payload,
                by=by,
                client_reference=said.client_reference,
                request_key=key,
            )

        word, word_ar = NOTES[kind]
        task = Task(
            title=in_words(
                request, f"{word.capitalize()} on {invoice}", f"{word_ar} على {invoice}"
            ),
            submit=in_words(request, f"Issue the {word}", f"إصدار {word_ar}"),
            send=send,
            values=new_fields(request) | values_of(note_on(invoice, invoice.current, kind)),
            back=reverse("admin:invoicing_invoice_change", args=[pk]),
            fixed={
                "invoice_type": kind,
                "mode": invoice.phase,
                "billing_reference[0].number": invoice.invoice_number,
            },
            sentences=(
                in_words(
                    request,
                    "Everything of the invoice is here. Take away what the note is not about, or "
                    "change quantities and prices.",
                    "هنا كل ما في الفاتورة. احذف ما لا يخص الإشعار أو غيّر الكميات والأسعار.",
                ),
            ),
            original=invoice,
        )
        return self._entry(request, task)

    def _writable(self, request: HttpRequest, pk: int) -> Invoice | HttpResponse:
        if detour := self._detour(request):
            return detour
        if not self.has_enter_permission(request):
            raise PermissionDenied
        return self.get_object(request, str(pk))

    def _entry(self, request: HttpRequest, task: Task) -> HttpResponse:
        """One step of the form: write, check, review, send. Only the last one stores anything."""
        if request.method != "POST":
            return self._draw(request, task, task.values, task.findings)
        fields = {name: text for name, text in request.POST.items() if name not in OWN_FIELDS}
        written = dict(flatten(nest(fields | task.fixed)))
        do = request.POST.get("do", "check")
        if do == "edit":
            return self._draw(request, task, written)
        try:
            said = read_request(request.tenant, written)
            draft = check(request.tenant, said.payload, instead_of=task.corrects)
            if task.corrects and do != "check" and not task.changes(said.payload):
                raise errors.NothingChanged(task.corrects)
            if do == "send":
                return self._send(request, task, said, draft, written)
        except Problem as refusal:
            return self._draw(request, task, written, said_by(refusal))
        if do == "review":
            return self._review(request, task, said, draft, written)
        return self._draw(request, task, written, draft=draft)

    def _send(
        self, request: HttpRequest, task: Task, said: Said, draft: Draft, written: dict[str, str]
    ) -> HttpResponse:
        form = reason_form(task, request.POST)
        if form and not form.is_valid():
            return self._review(request, task, said, draft, written, form)
        if request.POST.get("seen", "") != task.seen:
            refusal = errors.Superseded(task.corrects)
            return self._draw(request, task, written, said_by(refusal))
        by = By(
            Trigger.STAFF,
            request.credential.actor,
            form.cleaned_data["reason"] if form else "",
        )
        try:
            invoice = task.send(said, by, _request_key(request)).invoice
        except errors.Broken as broken:
            invoice = broken.invoice
        level, text = what_became(invoice)
        self.message_user(request, text, level)
        return self._to_story(invoice.pk)

    def _review(
        self,
        request: HttpRequest,
        task: Task,
        said: Said,
        draft: Draft,
        written: dict[str, str],
        form: ReasonForm | None = None,
    ) -> HttpResponse:
        context = {
            **self._entry_context(request, task),
            "form": form or reason_form(task, None),
            "hidden": [*written.items(), ("token", request.POST.get("token", ""))],
            "seen": task.seen,
            "changes": [
                (described(change.path, arabic=is_arabic(request)), change.before, change.after)
                for change in task.changes(said.payload)
            ],
            "document": draft.document,
            "kind": kind_words(request, draft.document),
            "number": said.payload.get("invoice_number"),
            "lines": list(zip(draft.document.lines, draft.amounts.lines, strict=True)),
            "sums": draft.amounts,
            "notices": draft.notices,
        }
        return TemplateResponse(request, "admin/invoicing/invoice/entry/review.html", context)

    def _draw(
        self,
        request: HttpRequest,
        task: Task,
        values: dict[str, str],
        found: Iterable[FieldError] = (),
        draft: Draft | None = None,
    ) -> HttpResponse:
        sheet = Sheet(request.tenant, values | task.fixed, tuple(found), frozenset(task.fixed))
        context = {
            **self._entry_context(request, task),
            "sheet": sheet,
            "token": request.POST.get("token") or uuid4().hex,
            "sums": draft.amounts if draft else None,
            "currency": draft.document.currency if draft else "",
            "numbered": NumberSeries.objects.for_tenant(request.tenant).active().exists(),
            "buyers": reverse("admin:invoicing_buyer_pick"),
            "products": reverse("admin:invoicing_product_pick"),
        }
        return TemplateResponse(request, "admin/invoicing/invoice/entry/form.html", context)

    def _entry_context(self, request: HttpRequest, task: Task) -> dict[str, Any]:
        return {
            **self._page(request, task.corrects or task.original, task.title),
            "task": task,
            "is_arabic": is_arabic(request),
        }


def _request_key(request: HttpRequest) -> str:
    """What makes a double click on one form one document."""
    token = request.POST.get("token", "")[:64]
    return f"office:{token}" if token else ""
