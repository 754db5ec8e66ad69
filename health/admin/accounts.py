"""The chart of accounts, and how the laboratory wants its books kept: an owner's business."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from health.admin.pages import LabAdmin
from health.chart import ALIASES, TEMPLATES, Template
from health.errors import LockNotPast, PeriodLocked
from health.models import Account, LabSettings, Layout, PeriodLock, TestInvoice, VoucherLine
from health.numbering import number_to_come
from health.posting import entries_of
from health.selectors import accounts_by_part
from health.services.accounts import add_account, change_account
from health.services.history import Who
from health.services.locks import lock_period
from health.services.settings import change_settings
from health.words import rupees

LINES_SHOWN = 50


class AccountForm(forms.ModelForm):
    """An account with the parts that it plays; a part is taken from whichever played it."""

    system_codes = forms.MultipleChoiceField(
        label="Parts that it plays",
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        help_text="Of the parts that fit its type. To give one away, give it to another account.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.instance.account_type
        fitting = [t for t in TEMPLATES.values() if not kind or t.account_type == kind]
        field = self.fields["system_codes"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(t.system_code, _said(t)) for t in fitting]
        if self.instance.pk:
            field.initial = list(self.instance.mappings.values_list("system_code", flat=True))

    def clean_system_codes(self) -> list[str]:
        codes = self.cleaned_data["system_codes"]
        kind = self.cleaned_data.get("account_type", self.instance.account_type)
        if other := [code for code in codes if TEMPLATES[code].account_type != kind]:
            raise forms.ValidationError(f"Not for an account of this type: {', '.join(other)}.")
        return codes


def _said(part: Template) -> str:
    """A part with what it is, and the names that other charts know it by."""
    others = [alias for alias, code in ALIASES.items() if code == part.system_code]
    return f"{part.system_code} ({', also called '.join([part.name, *others])})"


@admin.register(Account)
class AccountAdmin(LabAdmin):
    """Renamed, mapped and switched off by owners; what was posted to an account stays."""

    change_scope = "admin"
    form = AccountForm
    list_display = ("code", "name", "account_type", "parts", "state")
    list_filter = (("account_type", ChoicesDropdownFilter), "is_active")
    list_filter_submit = True
    search_fields = ("code", "name")
    search_help_text = "Code or name, in part."

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("mappings")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own: list[Any] = [(None, {"fields": (("code", "name"), "account_type", "system_codes")})]
        if obj is None:
            return own
        fields = (("code", "name"), ("account_type", "is_active"), "system_codes")
        if not self.has_change_permission(request, obj):
            fields = (*fields[:-1], "parts")
        return [(None, {"fields": fields}), ("Last lines", {"fields": ("lines",)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code", "account_type", "parts", "lines") if obj else ()

    def save_model(self, request: HttpRequest, obj: Account, form: Any, change: bool) -> None:
        who, codes = Who(request.credential.actor), form.cleaned_data["system_codes"]
        if change:
            change_account(obj, who, name=obj.name, is_active=obj.is_active, system_codes=codes)
            return
        kept = add_account(
            request.tenant,
            who,
            code=obj.code,
            name=obj.name,
            account_type=obj.account_type,
            system_codes=codes,
        )
        obj.pk = kept.pk

    @display(description="state", label={"active": "success", "inactive": "info"})
    def state(self, account: Account) -> str:
        return "active" if account.is_active else "inactive"

    @display(description="parts")
    def parts(self, account: Account) -> str:
        return ", ".join(mapping.system_code for mapping in account.mappings.all()) or "–"

    @display(description="")
    def lines(self, account: Account) -> SafeString | str:
        """The newest lines, each with the way to its voucher."""
        rows = (
            (line.voucher.date, _voucher_link(line), line.party, _side(line.debit),
             _side(line.credit))
            for line in account.lines.select_related("voucher").order_by("-id")[:LINES_SHOWN]
        )  # fmt: skip
        figure = '<td class="daftar-number">{}</td>'
        cells = format_html_join(
            "", f"<tr><td>{{}}</td><td>{{}}</td><td><bdi>{{}}</bdi></td>{figure * 2}</tr>", rows
        )
        head = (
            "<thead><tr><th>Date</th><th>Voucher</th><th>Party</th>"
            '<th class="daftar-number">Debit</th><th class="daftar-number">Credit</th></tr></thead>'
        )
        if not cells:
            return "Nothing was posted to it."
        return format_html('<table class="daftar-table">{}{}</table>', _html(head), cells)


@admin.register(LabSettings)
class LabSettingsAdmin(LabAdmin):
    """One row; what it would do to D2's own sample stands below it."""

    change_scope = "admin"
    list_display = (
        "__str__", "gstin", "voucher_layout", "discount_mode", "overpay_policy", "maker_checker",
    )  # fmt: skip
    fieldsets = (
        ("GST", {"fields": (("gstin", "state_code"), ("invoice_prefix", "discount_mode"))}),
        (
            "Refuse instead of warning",
            {
                "fields": (
                    ("strict_gst", "strict_phone"),
                    ("strict_roundoff", "roundoff_limit"),
                    ("strict_masters", "strict_orders"),
                )
            },
        ),
        (
            "Books",
            {
                "fields": (
                    ("voucher_layout", "overpay_policy"),
                    ("gross_revenue", "allow_zero"),
                    ("maker_checker", "backdating_days"),
                )
            },
        ),
    )
    readonly_fields = ("next_number", "sample")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        own = super().get_fieldsets(request, obj)
        tried = ("What they do", {"fields": ("next_number", "sample")})
        return (*own, tried) if obj else own

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        taken = request.tenant and LabSettings.objects.filter(tenant=request.tenant).exists()
        return super().has_add_permission(request, obj) and not taken

    def save_model(self, request: HttpRequest, obj: LabSettings, form: Any, change: bool) -> None:
        names = form.changed_data if change else form.cleaned_data
        said = {name: form.cleaned_data[name] for name in names}
        obj.pk = change_settings(request.tenant, said, Who(request.credential.actor)).pk

    @display(description="next bill")
    def next_number(self, lab: LabSettings) -> str:
        today = timezone.now().astimezone(lab.tenant.zone).date()
        return number_to_come(lab.tenant_id, lab.invoice_prefix, today)

    @display(description="voucher of a bill of 1,121.50")
    def sample(self, lab: LabSettings) -> SafeString:
        invoice = TestInvoice(
            patient_name="John Doe",
            subtotal_amount=Decimal("1000.00"),
            taxable_amount=Decimal("950.00"),
            cgst_amount=Decimal("85.50"),
            sgst_amount=Decimal("85.50"),
            igst_amount=Decimal(0),
            cess_amount=Decimal(0),
            overall_disc_amount=Decimal(0),
            roundoff=Decimal("0.50"),
            final_amount=Decimal("1121.50"),
        )
        played = accounts_by_part(lab.tenant)
        rows = (
            (_named(entry.system_code, played), _side(entry.debit), _side(entry.credit))
            for entry in entries_of(invoice, lab)
            if entry.debit or entry.credit
        )
        figure = '<td class="daftar-number">{}</td>'
        cells = format_html_join("", f"<tr><td>{{}}</td>{figure * 2}</tr>", rows)
        banner = COMPACT if lab.voucher_layout == Layout.COMPACT else ""
        table = format_html('<table class="daftar-table">{}</table>', cells)
        return format_html("{}{}", _html(banner), table)


@admin.register(PeriodLock)
class PeriodLockAdmin(LabAdmin):
    """Added by owners, never lifted."""

    change_scope = "admin"
    list_display = ("locked_upto", "scope", "reason", "created_by", "created_at")
    fields = ("locked_upto", "scope", "reason")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().add_view(request, form_url, extra_context)
        except (PeriodLocked, LockNotPast) as refused:
            self.message_user(request, refused.message, messages.ERROR)
            return redirect("admin:health_periodlock_changelist")

    def save_model(self, request: HttpRequest, obj: PeriodLock, form: Any, change: bool) -> None:
        kept = lock_period(
            request.tenant,
            upto=obj.locked_upto,
            scope=obj.scope,
            reason=obj.reason,
            actor=request.credential.actor,
        )
        obj.pk = kept.pk


COMPACT = (
    '<p class="daftar-tone-warning">COMPACT: taxes are booked as revenue. What is owed to the '
    "state stands in the GST summary alone.</p>"
)


def _named(part: str, played: dict[str, Account]) -> str:
    """The account that plays a part, or the one that would be made to play it."""
    account = played.get(part)
    if account is None:
        template = TEMPLATES[part]
        return f"{template.code} {template.name}"
    is_off = "" if account.is_active else " (switched off: nothing can be posted)"
    return f"{account.code} {account.name}{is_off}"


def _html(text: str) -> SafeString:
    """Mark-up of our own, without anything of anybody else's in it."""
    return SafeString(text)


def _side(amount: Decimal) -> str:
    return rupees(amount) if amount else ""


def _voucher_link(line: VoucherLine) -> SafeString:
    page = reverse("admin:health_voucher_change", args=[line.voucher_id])
    return format_html('<a class="daftar-link" href="{}">{}</a>', page, line.voucher)
