"""What the entry form is asked to do, and the words around it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone

from config.problems import FieldError, Problem
from invoicing.admin.retries import ReasonForm, seen
from invoicing.entry.labels import CHOICES
from invoicing.entry.reading import Said
from invoicing.models import EGSUnit, Invoice, InvoiceStatus, Phase, Revision
from invoicing.services.entering import Change, changes
from invoicing.services.sending import By
from invoicing.services.submission import Submission
from invoicing.words import KINDS, said
from invoicing.zatca.documents import Document, DocumentKind

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


def new_fields(request: HttpRequest) -> dict[str, str]:
    """What stands in a new form: now, in the tenant's clock, and the phase it works in."""
    has_unit = EGSUnit.objects.for_tenant(request.tenant).active().exists()
    return {
        "mode": Phase.PHASE_2.value if has_unit else Phase.PHASE_1.value,
        "invoice_type": DocumentKind.INVOICE.value,
        "invoice_date": timezone.now().replace(microsecond=0).isoformat(),
    }


def reason_form(task: Task, data: Any) -> ReasonForm | None:
    """A correction tells why; a note has its reason on the document, an invoice needs none."""
    return ReasonForm(data) if task.corrects else None


def said_of(revision: Revision) -> Iterable[FieldError]:
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


def said_by(refusal: Problem) -> tuple[FieldError, ...]:
    alone = FieldError(refusal.param or "", refusal.code, refusal.message, refusal.message_ar)
    return refusal.errors or (alone,)


def what_becomes(request: HttpRequest, invoice: Invoice, revision: Revision) -> str:
    number = invoice.revision + 1
    if revision.is_sealed:
        place = f"The document that stands there now keeps its place, ICV {revision.icv}."
        place_ar = f"يبقى المستند الحالي في مكانه، ICV {revision.icv}."
    else:
        place, place_ar = "What stands there now was never sealed.", "لم يُختم ما قبله."
    return in_words(
        request,
        f"The correction becomes revision {number} of the same invoice, with a UUID and an ICV of "
        f"its own. {place}",
        f"يصبح التصحيح المراجعة {number} للفاتورة نفسها بمعرّف UUID ورقم ICV جديدين. {place_ar}",
    )


def kind_words(request: HttpRequest, document: Document) -> str:
    """``Simplified credit note``."""
    names = {row[0]: row[2] for row in CHOICES["invoice_type"]}
    form, form_ar = ("Simplified", "مبسطة") if document.simplified else ("Standard", "ضريبية")
    arabic = f"{names[document.kind]} · {form_ar}"
    return in_words(request, f"{form} {KINDS[document.kind]}", arabic)


def is_arabic(request: HttpRequest) -> bool:
    return request.LANGUAGE_CODE.startswith("ar")


def in_words(request: HttpRequest, english: str, arabic: str) -> str:
    return arabic if is_arabic(request) else english


def what_became(invoice: Invoice) -> tuple[int, str]:
    if invoice.status == InvoiceStatus.CLEARED:
        word = said(invoice.zatca_status) if invoice.phase == Phase.PHASE_2 else "issued"
        return messages.SUCCESS, f"{invoice}: {word}."
    if invoice.status == InvoiceStatus.REJECTED and invoice.has_verdict:
        return messages.ERROR, f"{invoice}: rejected. {invoice.error_message}"
    why = invoice.error_message or "it is being sent"
    return messages.WARNING, f"{invoice}: no verdict yet, {why}"
