"""Reconciliations: their list, one run with both sides beside each other, and three ways to begin.

The pages speak English or Arabic, as the admin does; findings always carry their own sentences.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.timezone import localtime
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from config.admin import ReadOnlyAdmin, TenantModelAdmin
from config.listing import CappedPaginator, DaysFilter
from config.problems import FieldError, Problem
from invoicing import errors, selectors
from invoicing.admin.retries import ReasonForm
from invoicing.labels import Words, is_arabic, label, lazy_label
from invoicing.models import (
    EGSUnit,
    FindingState,
    InvoiceStatus,
    ReconciliationFinding,
    ReconciliationRun,
    Trigger,
)
from invoicing.reconciliation.export import ExportRefused, read_mapping
from invoicing.services.asking import reconcile_by_resending
from invoicing.services.differences import explain
from invoicing.services.reconciling import (
    invalid_export,
    reconcile_with_export,
    reconcile_with_list,
)
from invoicing.services.sending import By
from invoicing.timing import PLAUSIBLE_DAYS

# As many as one person waits for.
AT_ONCE = 50
WAIT_SECONDS = 20
PAGE = 50
LARGEST_FILE = 64 * 1024 * 1024


class DayWidget(UnfoldAdminTextInputWidget):
    input_type = "date"

    def format_value(self, value: Any) -> str:
        # The browser's own picker knows ISO dates alone, whatever the language.
        return value.isoformat() if hasattr(value, "isoformat") else value


class DayField(forms.DateField):
    widget = DayWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not PLAUSIBLE_DAYS[0] <= day <= PLAUSIBLE_DAYS[1]:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return day


class RangeForm(forms.Form):
    """Which invoices are compared: all, or of one unit, or issued on some days."""

    unit = forms.ModelChoiceField(
        EGSUnit.objects.none(),
        required=False,
        label=lazy_label("unit"),
        widget=UnfoldAdminSelectWidget,
    )
    first = DayField(label=lazy_label("first_day"))
    last = DayField(label=lazy_label("last_day"))

    def __init__(self, request: HttpRequest) -> None:
        is_post = request.method == "POST"
        super().__init__(request.POST if is_post else None, request.FILES if is_post else None)
        self.fields["unit"].queryset = EGSUnit.objects.for_tenant(request.tenant)
        self.fields["unit"].empty_label = label("every_unit")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("first") and said.get("last") and said["first"] > said["last"]:
            self.add_error("last", label("days_disordered"))
        return said

    def about(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("unit", "first", "last")}


class ResendForm(RangeForm):
    confirm_old = forms.BooleanField(
        required=False, label=lazy_label("confirm_old"), widget=UnfoldBooleanWidget
    )


class UploadForm(RangeForm):
    file = forms.FileField(
        label=lazy_label("file"),
        help_text=lazy_label("file_help"),
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.txt,.tsv"}),
    )
    columns = forms.CharField(
        required=False,
        label=lazy_label("columns_field"),
        help_text=lazy_label("columns_help"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "dir": "ltr"}),
    )
    field_order = ("file", "unit", "first", "last", "columns")

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(label("file_help"), code="file_too_large")
        return file


class ExplainForm(ReasonForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = label("reason")
        self.fields["reason"].help_text = label("reason_help")


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin, TenantModelAdmin):
    """Whoever may verify begins a run or explains a finding; whoever may read sees them."""

    view_scope = "invoices:read"
    list_display = (
        "started",
        "shown_source",
        "shown_unit",
        "days",
        "by",
        "ours",
        "theirs",
        "found",
        "result",
    )
    list_filter = (
        ("source", ChoicesDropdownFilter),
        ("unit", RelatedDropdownFilter),
        ("started_at", DaysFilter),
    )
    list_filter_submit = True
    list_fullwidth = True
    list_per_page = 50
    ordering = ("-id",)
    show_full_result_count = False
    # Facets count every match of every choice.
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    actions_list = (
        {"title": lazy_label("begin"), "items": ["upload", "ask_again", "compare_list"]},
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ReconciliationRun]:
        return super().get_queryset(request).with_open_count().select_related("unit", "tenant")

    def has_verify_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "invoices:verify")

    def has_compare_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        tenant = request.tenant
        return self.has_verify_permission(request) and bool(tenant and selectors.has_list(tenant))

    @admin.display(description=lazy_label("started"), ordering="started_at")
    def started(self, run: ReconciliationRun) -> Any:
        return run.started_at

    @admin.display(description=lazy_label("source"), ordering="source")
    def shown_source(self, run: ReconciliationRun) -> str:
        return label(run.source)

    @admin.display(description=lazy_label("unit"), ordering="unit")
    def shown_unit(self, run: ReconciliationRun) -> str:
        return str(run.unit) if run.unit else label("every_unit")

    @admin.display(description=lazy_label("days"))
    def days(self, run: ReconciliationRun) -> str:
        return _days(run)

    @admin.display(description=lazy_label("actor"), ordering="actor")
    def by(self, run: ReconciliationRun) -> str:
        return run.actor

    @admin.display(description=lazy_label("ours"))
    def ours(self, run: ReconciliationRun) -> str:
        return f"{run.ours_count:,}"

    @admin.display(description=lazy_label("theirs"))
    def theirs(self, run: ReconciliationRun) -> str:
        return f"{run.theirs_count:,}"

    @admin.display(description=lazy_label("findings"))
    def found(self, run: ReconciliationRun) -> str:
        return f"{run.finding_count:,}"

    @display(
        description=lazy_label("result"),
        label={"clean": "success", "open": "danger", "other": "warning"},
    )
    def result(self, run: ReconciliationRun) -> tuple[str, str]:
        if run.finished_at is None:
            return "other", "…"
        if run.open_count:
            return "open", f"{run.open_count:,} {label('open')}"
        return ("other", f"+{run.left_out}") if run.left_out else ("clean", label("clean"))

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:pk>/findings/<int:finding>/explain/",
            self.admin_site.admin_view(self.explain_view),
            name="invoicing_reconciliationrun_explain",
        )
        return [own, *super().get_urls()]

    @action(description=lazy_label("upload"), url_path="upload", permissions=["verify"])
    def upload(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file; compare; lead to what was found."""
        if detour := self._detour(request):
            return detour
        form = UploadForm(request)
        faults: tuple[FieldError, ...] = ()
        if form.is_valid():
            try:
                return self._to_run(request, self._compare_file(request, form))
            except Problem as refusal:
                faults = refusal.errors
                told = refusal.message_ar if is_arabic() else refusal.message
                form.add_error(None, label("not_read") if faults else told)
        return self._ask(request, "upload", form, "upload_says", faults)

    def _compare_file(self, request: HttpRequest, form: UploadForm) -> ReconciliationRun:
        upload = form.cleaned_data["file"]
        try:
            columns = read_mapping(form.cleaned_data["columns"].splitlines())
        except ExportRefused as refused:
            raise invalid_export(refused) from None
        return reconcile_with_export(
            tenant=request.tenant,
            by=_by(request),
            file=upload.file,
            name=upload.name,
            columns=columns,
            **form.about(),
        )

    @action(description=lazy_label("ask_again"), url_path="ask-again", permissions=["verify"])
    def ask_again(self, request: HttpRequest) -> HttpResponse:
        """Resend what is unknown, as many as a person waits for. Runs in no transaction."""
        if detour := self._detour(request):
            return detour
        form = ResendForm(request)
        if form.is_valid():
            run = reconcile_by_resending(
                tenant=request.tenant,
                by=_by(request),
                confirm_old=form.cleaned_data["confirm_old"],
                most=AT_ONCE,
                seconds=WAIT_SECONDS,
                **form.about(),
            )
            return self._to_run(request, run)
        return self._ask(request, "ask_again", form, "ask_says")

    @action(description=lazy_label("compare_list"), url_path="list", permissions=["compare"])
    def compare_list(self, request: HttpRequest) -> HttpResponse:
        """Compare with what a stand-in lists. Runs in no transaction."""
        if detour := self._detour(request):
            return detour
        form = RangeForm(request)
        if form.is_valid():
            try:
                run = reconcile_with_list(tenant=request.tenant, by=_by(request), **form.about())
                return self._to_run(request, run)
            except Problem as refusal:
                form.add_error(None, refusal.message_ar if is_arabic() else refusal.message)
        return self._ask(request, "compare_list", form, "list_says")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Both sides beside each other, and what differs, open findings first."""
        if detour := self._detour(request):
            return detour
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = self.get_object(request, object_id)
        page = max(int(_whole(request.GET.get("p"))), 1)
        found = run.findings.select_related("invoice").defer(
            "invoice__xml_content", "invoice__zatca_response"
        )
        rows = list(found.order_by("-state", "id")[(page - 1) * PAGE : page * PAGE + 1])
        context = {
            **self._page(request, f"{label('reconciliation')} {run.pk}", run),
            "run": run,
            "days": _days(run),
            "findings": [_shown(finding) for finding in rows[:PAGE]],
            "before": page - 1,
            "after": page + 1 if len(rows) > PAGE else 0,
            "may_explain": self.has_verify_permission(request),
            "may_retry": self.may(request, "invoices:write"),
        }
        return TemplateResponse(request, "admin/invoicing/reconciliation/run.html", context)

    def explain_view(self, request: HttpRequest, pk: int, finding: int) -> HttpResponse:
        """Why a difference is right as it is, in a person's own words."""
        if detour := self._detour(request):
            return detour
        if not self.has_verify_permission(request):
            raise PermissionDenied
        run = self.get_object(request, str(pk))
        found = get_object_or_404(run.findings.select_related("run", "invoice"), pk=finding)
        form = ExplainForm(request.POST or None)
        if form.is_valid():
            try:
                explain(found, reason=form.cleaned_data["reason"], by=request.credential.actor)
                self.message_user(request, label("explained_now"))
            except errors.AlreadyExplained as late:
                told = late.message_ar if is_arabic() else late.message
                self.message_user(request, told, messages.WARNING)
            return redirect("admin:invoicing_reconciliationrun_change", pk)
        shown = _shown(found)
        context = {
            **self._page(request, f"{label('explain')}: {shown['title']} {found.number}", run),
            "form": form,
            "sentences": [shown["meaning"], shown["next"]],
            "submit": label("explain"),
            "back": reverse("admin:invoicing_reconciliationrun_change", args=[pk]),
        }
        return TemplateResponse(request, "admin/invoicing/reconciliation/ask.html", context)

    def _ask(
        self,
        request: HttpRequest,
        title: str,
        form: forms.Form,
        says: str,
        faults: tuple[FieldError, ...] = (),
    ) -> HttpResponse:
        context = {
            **self._page(request, label(title), None),
            "form": form,
            "sentences": [label(says)],
            "faults": [(f.param, f.message_ar if is_arabic() else f.message) for f in faults],
            "submit": label(title),
            "back": reverse("admin:invoicing_reconciliationrun_changelist"),
        }
        return TemplateResponse(request, "admin/invoicing/reconciliation/ask.html", context)

    def _page(
        self, request: HttpRequest, title: str, run: ReconciliationRun | None
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": run,
            "title": title,
            "words": Words(),
        }

    def _to_run(self, request: HttpRequest, run: ReconciliationRun) -> HttpResponse:
        if run.open_count:
            told = f"{run.open_count:,} {label('done_open')}"
            self.message_user(request, told, messages.WARNING)
        elif not run.left_out:
            self.message_user(request, label("done_clean"))
        return redirect("admin:invoicing_reconciliationrun_change", run.pk)


def _by(request: HttpRequest) -> By:
    return By(Trigger.STAFF, request.credential.actor)


def _days(run: ReconciliationRun) -> str:
    if run.first_day is None and run.last_day is None:
        return label("every_day")
    first, last = (day.isoformat() if day else "…" for day in (run.first_day, run.last_day))
    return first if first == last else f"{first} – {last}"


def _whole(text: str | None) -> str:
    return text if text and text.isascii() and text.isdigit() and len(text) < 7 else "1"


def _shown(finding: ReconciliationFinding) -> dict[str, Any]:
    """A finding in the words of the page's language."""
    said, arabic = finding.sentences, is_arabic()
    is_open = finding.state == FindingState.OPEN
    invoice = finding.invoice
    return {
        "row": finding,
        "is_open": is_open,
        "title": said.title_ar if arabic else said.title,
        "meaning": said.meaning_ar if arabic else said.meaning,
        "next": said.next_action_ar if arabic else said.next_action,
        "ours": finding.ours or "",
        "explained_at": localtime(finding.explained_at) if finding.explained_at else None,
        "can_settle": is_open and invoice is not None and invoice.status == InvoiceStatus.FAILED,
    }
