"""Documents that leave the house, from the back office: e-mail, PDFs as a zip, an archive."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelectWidget,
)

from config.delivery.models import Language, MailMessage
from config.delivery.selectors import mail_about, preferences_of
from config.jobs.models import Job
from config.problems import Problem
from invoicing import selectors
from invoicing.labels import label, lazy_label
from invoicing.models import EGSUnit, Invoice
from invoicing.services import archiving, bulk, mailing

MAIL_AT_ONCE = 200
# The browser's own calendar: the admin's needs scripts that this page does not load.
DAY = {"type": "date"}
MAIL_SHOWN = 50


class EmailForm(forms.Form):
    to = forms.EmailField(
        label=lazy_label("email_to"),
        max_length=254,
        widget=UnfoldAdminEmailInputWidget(attrs={"dir": "ltr"}),
    )
    language = forms.ChoiceField(
        label=lazy_label("language"),
        choices=Language.choices,
        widget=UnfoldAdminSelectWidget,
        help_text=lazy_label("language_help"),
    )


class ArchiveForm(forms.Form):
    first = forms.DateField(label=lazy_label("first_day"), widget=UnfoldAdminDateWidget(attrs=DAY))
    last = forms.DateField(
        label=lazy_label("last_day"),
        widget=UnfoldAdminDateWidget(attrs=DAY),
        help_text=lazy_label("inclusive"),
    )
    unit = forms.ChoiceField(
        label=lazy_label("egs_unit"), required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, units: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", label("all_units")), *((name, name) for name in units)]


def mail_of(invoice: Invoice) -> list[MailMessage]:
    """The letters about an invoice that its page shows, newest first."""
    return list(mail_about(invoice.tenant, invoice.subject)[:MAIL_SHOWN])


class DeliveriesMixin:
    """For InvoiceAdmin: two actions on a choice, a button on the story, a page for archives."""

    delivery_actions = ("email_selected", "zip_selected")
    actions_list = ("archive_page",)

    def has_email_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "invoices:write")

    def has_export_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "invoices:export")

    def delivery_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("<int:pk>/email/", view(self.email_view), name="invoicing_invoice_email")]

    def delivery_context(self, request: HttpRequest, invoice: Invoice) -> dict[str, Any]:
        """What the story says about mail."""
        may_leave = selectors.may_be_given_out(invoice, invoice.current)
        return {
            "mail": mail_of(invoice),
            "may_email": may_leave and self.has_email_permission(request),
        }

    def email_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say where the document will go and ask; then queue it."""
        if detour := self._detour(request):
            return detour
        if not self.has_email_permission(request):
            raise PermissionDenied
        invoice = self.get_object(request, str(pk))
        known = {"to": invoice.buyer_email, "language": preferences_of(invoice.tenant).language}
        form = EmailForm(request.POST or None, initial=known)
        if form.is_valid():
            try:
                message = mailing.email_invoice(
                    invoice, actor=request.credential.actor, **form.cleaned_data
                )
                self.message_user(request, f"{invoice} will be sent to {message.to}.")
            except Problem as problem:
                self.message_user(request, problem.message, messages.ERROR)
            return redirect(reverse("admin:invoicing_invoice_change", args=[pk]) + "#mail")
        title = f"{label('email')} {invoice}"
        return self._ask(request, title, form, invoice, [label("email_says")])

    @admin.action(description="E-mail the selected invoices to their buyers", permissions=["email"])
    def email_selected(
        self, request: HttpRequest, invoices: QuerySet[Invoice]
    ) -> HttpResponse | None:
        """Show how many have an address; then queue a letter for each of those."""
        chosen = list(invoices[: MAIL_AT_ONCE + 1])
        if len(chosen) > MAIL_AT_ONCE:
            text = f"At most {MAIL_AT_ONCE} can be sent from here at once. Choose fewer."
            self.message_user(request, text, messages.WARNING)
            return None
        if "confirmed" in request.POST:
            self._email_each(request, chosen)
            return None
        addressed = [invoice for invoice in chosen if invoice.buyer_email]
        context = {
            **self._page(
                request, None, f"E-mail {len(addressed)} invoice{'s' * (len(addressed) != 1)}"
            ),
            "sentences": _about(addressed, chosen),
            "hidden": [
                ("action", "email_selected"),
                ("confirmed", "yes"),
                *((ACTION_CHECKBOX_NAME, row.pk) for row in addressed),
            ],
            "submit": f"Send {len(addressed)}",
            "back": reverse("admin:invoicing_invoice_changelist"),
        }
        return TemplateResponse(request, "admin/invoicing/confirm.html", context)

    def _email_each(self, request: HttpRequest, chosen: list[Invoice]) -> None:
        queued = 0
        for invoice in chosen:
            try:
                mailing.email_invoice(invoice, actor=request.credential.actor)
                queued += 1
            except Problem as problem:
                self.message_user(request, f"{invoice}: {problem.message}", messages.ERROR)
        level = messages.SUCCESS if queued else messages.WARNING
        self.message_user(request, f"{queued} will be sent.", level)

    @admin.action(description="Download the selected invoices as PDFs", permissions=["view"])
    def zip_selected(
        self, request: HttpRequest, invoices: QuerySet[Invoice]
    ) -> HttpResponse | None:
        """Queue a zip of their PDFs and lead to its progress."""
        try:
            job = bulk.zip_found(
                tenant=request.tenant, invoices=invoices, actor=request.credential.actor
            )
        except Problem as problem:
            self.message_user(request, problem.message, messages.ERROR)
            return None
        return self._to_job(request, job)

    @action(
        description=lazy_label("archive"),
        url_path="archive",
        icon="inventory_2",
        permissions=["export"],
    )
    def archive_page(self, request: HttpRequest) -> HttpResponse:
        """Ask for a range; then queue its archive and lead to its progress."""
        if detour := self._detour(request):
            return detour
        if not self.has_export_permission(request):
            raise PermissionDenied
        units = EGSUnit.objects.filter(tenant=request.tenant).values_list("name", flat=True)
        form = ArchiveForm(request.POST or None, units=list(units))
        if form.is_valid():
            said = form.cleaned_data
            try:
                asked = archiving.range_of(
                    request.tenant, said["first"], said["last"], said["unit"]
                )
                job = archiving.queue_archive(asked, actor=request.credential.actor)
                return self._to_job(request, job)
            except Problem as problem:
                form.add_error(None, problem.message)
        context = {
            **self._page(request, None, label("archive")),
            "form": form,
            "sentences": [label("archive_says")],
            "submit": label("make_archive"),
            "back": reverse("admin:invoicing_invoice_changelist"),
        }
        return TemplateResponse(request, "admin/invoicing/confirm.html", context)

    def _to_job(self, request: HttpRequest, job: Job) -> HttpResponse:
        self.message_user(request, "It is being made. This page shows how far it is.")
        return redirect("admin:jobs_job_change", job.pk)


def _about(addressed: list[Invoice], chosen: list[Invoice]) -> list[str]:
    sentences = [f"{invoice} → {invoice.buyer_email}" for invoice in addressed[:10]]
    if len(addressed) > 10:
        sentences.append(f"… and {len(addressed) - 10} more.")
    if left_out := len(chosen) - len(addressed):
        sentences.append(f"{left_out} of your choice have no address and are left alone.")
    return sentences
