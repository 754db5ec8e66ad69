"""What is done to many test invoices at once: asked first, then told line by line."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget

from config.problems import Problem
from config.tenancy.roles import EXPORT, POST
from health.admin.pages import ReasonForm
from health.exports import csv_of, json_of
from health.models import Mode, PaymentStatus, Status, TestInvoice
from health.services.history import Who
from health.services.invoices import cancel_invoice, post_invoice
from health.services.payments import receive
from health.words import rupees

AT_ONCE = 200


class ModeForm(forms.Form):
    mode = forms.ChoiceField(choices=Mode.choices, widget=UnfoldAdminSelectWidget())


@dataclass(frozen=True, slots=True)
class Work:
    """One thing that is done to each of a choice; `fitting` are those that it can be done to."""

    name: str
    title: str
    sentence: str
    fitting: dict[str, Any]
    form_class: type[forms.Form] | None
    do: Callable[[TestInvoice, dict[str, Any], Who], Any]
    amount: str = "final_amount"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one invoice."""

    invoice: TestInvoice
    text: str
    tone: str


def _pay(invoice: TestInvoice, said: dict[str, Any], who: Who) -> None:
    receive(
        tenant=invoice.tenant,
        invoice_id=invoice.pk,
        amount=invoice.balance_amount,
        mode=Mode(said["mode"]),
        day=today(invoice),
        actor=who.actor,
    )


POSTING = Work(
    "post_selected",
    "Post",
    "Each gets its voucher. What they say can never be changed afterwards.",
    {"status": Status.DRAFT},
    None,
    lambda invoice, said, who: post_invoice(invoice, who),
)
PAYING = Work(
    "pay_selected",
    "Record payment for",
    "What each still owes was received. Gateway modes wait to be confirmed.",
    {
        "status": Status.POSTED,
        "payment_status__in": [PaymentStatus.UNPAID, PaymentStatus.PARTIAL],
        "balance_amount__gt": 0,
    },
    ModeForm,
    _pay,
    "balance_amount",
)
CANCELLING = Work(
    "cancel_selected",
    "Cancel",
    "Drafts are put an end to; posted ones get a voucher that reverses their own.",
    {"status__in": [Status.DRAFT, Status.POSTED]},
    ReasonForm,
    lambda invoice, said, who: cancel_invoice(invoice, who),
)


class BulkMixin:
    """Actions of the list: post, take money, cancel, and take the list out of the house."""

    bulk_actions = (
        *("post_selected", "pay_selected", "cancel_selected"),
        *("export_as_csv", "export_as_json"),
    )

    def has_post_permission(self: Any, request: HttpRequest) -> bool:
        return self.may(request, POST)

    def has_pay_permission(self: Any, request: HttpRequest) -> bool:
        return self.may(request, "health:write")

    def has_export_permission(self: Any, request: HttpRequest) -> bool:
        return self.may(request, EXPORT)

    @admin.action(description="Post the selected drafts", permissions=["post"])
    def post_selected(self, request: HttpRequest, invoices: QuerySet) -> HttpResponse | None:
        return self._work(request, invoices, POSTING)

    @admin.action(description="Record payment of what is owed", permissions=["pay"])
    def pay_selected(self, request: HttpRequest, invoices: QuerySet) -> HttpResponse | None:
        return self._work(request, invoices, PAYING)

    @admin.action(description="Cancel the selected, with a reason", permissions=["post"])
    def cancel_selected(self, request: HttpRequest, invoices: QuerySet) -> HttpResponse | None:
        return self._work(request, invoices, CANCELLING)

    @admin.action(description="Export the selected as CSV", permissions=["export"])
    def export_as_csv(self, request: HttpRequest, invoices: QuerySet) -> StreamingHttpResponse:
        return _file(csv_of(invoices), "text/csv; charset=utf-8", "test-invoices.csv")

    @admin.action(description="Export the selected as JSON", permissions=["export"])
    def export_as_json(self, request: HttpRequest, invoices: QuerySet) -> StreamingHttpResponse:
        return _file(json_of(invoices), "application/json", "test-invoices.json")

    def _work(
        self: Any, request: HttpRequest, invoices: QuerySet, work: Work
    ) -> HttpResponse | None:
        """The page that asks, then the one that tells what became of each."""
        fitting = invoices.filter(**work.fitting).select_related("tenant", "voucher")
        chosen = list(fitting.order_by("pk")[: AT_ONCE + 1])
        if not chosen or len(chosen) > AT_ONCE:
            few = "None of your choice is one that this can be done to."
            many = f"At most {AT_ONCE} at once: choose fewer, or use manage.py post_drafts."
            self.message_user(request, many if chosen else few, messages.WARNING)
            return None
        is_sure = "confirmed" in request.POST
        form = work.form_class(request.POST if is_sure else None) if work.form_class else None
        if is_sure and (form is None or form.is_valid()):
            said = form.cleaned_data if form else {}
            who = Who(request.credential.actor, said.get("reason", ""))
            return self._told(request, work, list(_each(chosen, work, said, who)))
        return self._asked(request, invoices, work, chosen, form)

    def _asked(
        self: Any,
        request: HttpRequest,
        invoices: QuerySet,
        work: Work,
        chosen: Sequence[TestInvoice],
        form: forms.Form | None,
    ) -> HttpResponse:
        rows = TestInvoice.objects.filter(pk__in=[row.pk for row in chosen])
        total = rows.aggregate(total=Sum(work.amount))["total"]
        left_out = invoices.count() - len(chosen)
        sentences = [work.sentence, f"Altogether ₹{rupees(total)}."]
        if left_out:
            sentences.append(f"{left_out} of your choice are left alone: it does not fit them.")
        title = f"{work.title} {len(chosen)} invoice{'' if len(chosen) == 1 else 's'}"
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "sentences": sentences,
            "hidden": [
                ("action", work.name),
                ("confirmed", "yes"),
                *((ACTION_CHECKBOX_NAME, row.pk) for row in chosen),
            ],
            "submit": title,
            "back": reverse("admin:health_testinvoice_changelist"),
        }
        return TemplateResponse(request, "admin/invoicing/confirm.html", context)

    def _told(self: Any, request: HttpRequest, work: Work, lines: list[Told]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{work.title}: what became of each",
            "lines": lines,
        }
        return TemplateResponse(request, "admin/health/told.html", context)


def _each(
    chosen: Sequence[TestInvoice], work: Work, said: dict[str, Any], who: Who
) -> Iterator[Told]:
    for invoice in chosen:
        try:
            work.do(invoice, said, who)
        except Problem as problem:
            yield Told(invoice, problem.message, "danger")
        else:
            invoice.refresh_from_db()
            yield Told(invoice, f"Done: {_became(invoice)}.", "success")


def _became(invoice: TestInvoice) -> str:
    """Its status, and what is owed where something can be: not of a draft, nor once cancelled."""
    if invoice.status != Status.POSTED:
        return invoice.status
    due = max(invoice.balance_amount, Decimal(0))
    return f"{invoice.status}, {invoice.payment_status}, ₹{rupees(due)} due"


def _file(chunks: Iterator[str], kind: str, name: str) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(chunks, content_type=kind, headers=headers)


def today(invoice: TestInvoice) -> date:
    """The day in the laboratory's own time zone."""
    return timezone.now().astimezone(invoice.tenant.zone).date()
