"""Enter an invoice, correct a rejected one, issue a note: one form, three ways to begin it.

The form is looked at (check), then shown as what it will do (review), then sent. Until it is sent
nothing is stored; sending is the API's own path (services.submission).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import action

from config.problems import FieldError, Problem
from invoicing import errors
from invoicing.admin.retries import ReasonForm, seen
from invoicing.entry.labels import CHOICES, described
from invoicing.entry.notes import note_on
from invoicing.entry.paths import flatten, nest
from invoicing.entry.reading import Said, read_request
from invoicing.entry.sheet import Sheet, values_of
from invoicing.models import EGSUnit, Invoice, InvoiceStatus, NumberSeries, Phase, Revision, Trigger
from invoicing.services.drafting import Draft
from invoicing.services.entering import (
    Change,
    changes,
    check,
    correct_invoice,
    may_correct,
    refuse_correction,
)
from invoicing.services.sending import By
from invoicing.services.submission import Submission, submit_invoice
from invoicing.words import KINDS, said
from invoicing.zatca.documents import Document, DocumentKind

NOTES: dict[str, tuple[str, str]] = {
    DocumentKind.CREDIT_NOTE: ("credit note", "إشعار دائن"),
    DocumentKind.DEBIT_NOTE: ("debit note", "إشعار مدين"),
}
OWN_FIELDS = frozenset({"csrfmiddlewaretoken", "_tenant", "do", "reason", "seen", "token", "next"})
Send = Callable[[Said, By, str], Submission]


@dataclass(frozen=True, slots=True)
class Task:
    """What the form is for: how it begins, what may not change in it, and what sends it."""

    title: str
    submit: str
    send: Send
    values: dict[str, str]
    back: str
    fixed: dict[str, str] = field(default_factory=dict)
    findings: tuple[FieldError, ...] = ()
    sentences: tuple[str, ...] = ()
    corrects: Invoice | None = None
    original: Invoice | None = None

    @property
    def seen(self) -> str:
        """How the row stood that a correction replaces."""
        return seen([self.corrects]) if self.corrects else ""

    def changes(self, payload: dict[str, Any]) -> list[Change]:
        before = self.corrects.current.payload if self.corrects else None
        return changes(before, payload) if before is not None else []


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
            title=_said(request, "Enter an invoice", "إدخال فاتورة"),
            submit=_said(request, "Issue", "إصدار"),
            send=send,
            values=_new(request),
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
            title=_said(request, f"Correct {invoice}", f"تصحيح {invoice}"),
            submit=_said(request, "Send the correction", "إرسال التصحيح"),
            send=send,
            values=values_of(revision.payload or {}, client_reference=invoice.client_reference),
            back=reverse("admin:invoicing_invoice_change", args=[pk]),
            fixed={"invoice_number": invoice.invoice_number, "mode": invoice.phase},
            findings=tuple(_findings(revision)),
            sentences=(_what_becomes(request, invoice, revision),),
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
            title=_said(request, f"{word.capitalize()} on {invoice}", f"{word_ar} على {invoice}"),
            submit=_said(request, f"Issue the {word}", f"إصدار {word_ar}"),
            send=send,
            values=_new(request) | values_of(note_on(invoice, invoice.current, kind)),
            back=reverse("admin:invoicing_invoice_change", args=[pk]),
            fixed={
                "invoice_type": kind,
                "mode": invoice.phase,
                "billing_reference[0].number": invoice.invoice_number,
            },
            sentences=(
                _said(
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
            return self._draw(request, task, written, _said_by(refusal))
        if do == "review":
            return self._review(request, task, said, draft, written)
        return self._draw(request, task, written, draft=draft)

    def _send(
        self, request: HttpRequest, task: Task, said: Said, draft: Draft, written: dict[str, str]
    ) -> HttpResponse:
        form = _reason_form(task, request.POST)
        if form and not form.is_valid():
            return self._review(request, task, said, draft, written, form)
        if request.POST.get("seen", "") != task.seen:
            refusal = errors.Superseded(task.corrects)
            return self._draw(request, task, written, _said_by(refusal))
        by = By(
            Trigger.STAFF,
            request.credential.actor,
            form.cleaned_data["reason"] if form else "",
        )
        try:
            invoice = task.send(said, by, f"office:{request.POST.get('token', '')}").invoice
        except errors.Broken as broken:
            invoice = broken.invoice
        level, text = _what_became(invoice)
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
            "form": form or _reason_form(task, None),
            "hidden": [*written.items(), ("token", request.POST.get("token", ""))],
            "seen": task.seen,
            "changes": [
                (described(change.path, arabic=is_arabic(request)), change.before, change.after)
                for change in task.changes(said.payload)
            ],
            "document": draft.document,
            "kind": _kind(request, draft.document),
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


def _new(request: HttpRequest) -> dict[str, str]:
    """What stands in a new form: now, in the tenant's clock, and the phase it works in."""
    has_unit = EGSUnit.objects.for_tenant(request.tenant).active().exists()
    return {
        "mode": Phase.PHASE_2.value if has_unit else Phase.PHASE_1.value,
        "invoice_type": DocumentKind.INVOICE.value,
        "invoice_date": timezone.now().replace(microsecond=0).isoformat(),
    }


def _reason_form(task: Task, data: Any) -> ReasonForm | None:
    """A correction tells why; a note has its reason on the document, an invoice needs none."""
    return ReasonForm(data) if task.corrects else None


def _findings(revision: Revision) -> Iterable[FieldError]:
    """What the gate or the authority said of the revision, beside its field where it is known."""
    for found in revision.findings:
        rule = found.get("rule") or found.get("code") or ""
        yield FieldError(
            found.get("param") or "",
            rule,
            found.get("message") or "",
            found.get("message_ar") or "",
            rule=rule,
            expected=found.get("expected"),
            got=found.get("got"),
        )


def _said_by(refusal: Problem) -> tuple[FieldError, ...]:
    alone = FieldError(refusal.param or "", refusal.code, refusal.message, refusal.message_ar)
    return refusal.errors or (alone,)


def _what_becomes(request: HttpRequest, invoice: Invoice, revision: Revision) -> str:
    number = invoice.revision + 1
    if revision.is_sealed:
        place = f"The document that stands there now keeps its place, ICV {revision.icv}."
        place_ar = f"يبقى المستند الحالي في مكانه، ICV {revision.icv}."
    else:
        place, place_ar = "What stands there now was never sealed.", "لم يُختم ما قبله."
    return _said(
        request,
        f"The correction becomes revision {number} of the same invoice, with a UUID and an ICV of "
        f"its own. {place}",
        f"يصبح التصحيح المراجعة {number} للفاتورة نفسها بمعرّف UUID ورقم ICV جديدين. {place_ar}",
    )


def _kind(request: HttpRequest, document: Document) -> str:
    """``Simplified credit note``."""
    names = {row[0]: row[2] for row in CHOICES["invoice_type"]}
    form, form_ar = ("Simplified", "مبسطة") if document.simplified else ("Standard", "ضريبية")
    arabic = f"{names[document.kind]} · {form_ar}"
    return _said(request, f"{form} {KINDS[document.kind]}", arabic)


def is_arabic(request: HttpRequest) -> bool:
    return request.LANGUAGE_CODE.startswith("ar")


def _said(request: HttpRequest, english: str, arabic: str) -> str:
    return arabic if is_arabic(request) else english


def _what_became(invoice: Invoice) -> tuple[int, str]:
    if invoice.status == InvoiceStatus.CLEARED:
        word = said(invoice.zatca_status) if invoice.phase == Phase.PHASE_2 else "issued"
        return messages.SUCCESS, f"{invoice}: {word}."
    if invoice.status == InvoiceStatus.REJECTED and invoice.has_verdict:
        return messages.ERROR, f"{invoice}: rejected. {invoice.error_message}"
    why = invoice.error_message or "it is being sent"
    return messages.WARNING, f"{invoice}: no verdict yet, {why}"
