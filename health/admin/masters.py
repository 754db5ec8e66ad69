"""Patients, tests, panels and test orders to pick from."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from health.admin.invoice_parts import figure
from health.admin.pages import LabAdmin
from health.admin.paper import statement_link
from health.models import LabTest, Panel, Patient, TestOrder
from health.services.history import Who
from health.services.masters import keep_master
from health.words import rupees


class MasterAdmin(LabAdmin):
    """Written down by the same service as over REST, with who and what in the history."""

    list_filter: tuple[Any, ...] = ("is_active",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        columns = {field.name for field in obj._meta.concrete_fields}
        changed = columns.intersection(form.changed_data if change else form.cleaned_data)
        keep_master(obj, Who(request.credential.actor), sorted(changed))

    @display(description="state", label={"active": "success", "off": "info"})
    def state(self, row: Any) -> str:
        return "active" if row.is_active else "off"

    @admin.action(description="Switch off", permissions=["change"])
    def switch_off(self, request: HttpRequest, rows: Any) -> None:
        self._switch(request, rows, is_active=False)

    @admin.action(description="Switch on", permissions=["change"])
    def switch_on(self, request: HttpRequest, rows: Any) -> None:
        self._switch(request, rows, is_active=True)

    def _switch(self, request: HttpRequest, rows: Any, *, is_active: bool) -> None:
        count = 0
        for row in rows.exclude(is_active=is_active):
            row.is_active = is_active
            keep_master(row, Who(request.credential.actor), ["is_active"])
            count += 1
        word = "on" if is_active else "off"
        self.message_user(request, f"{count} switched {word}.", messages.SUCCESS)

    actions = ("switch_off", "switch_on")


@admin.register(Patient)
class PatientAdmin(MasterAdmin):
    list_display = ("name", "reference", "phone", "email", "account", "state", "bills")
    search_fields = ("name", "phone", "=reference")
    search_help_text = "Name or phone, in part; number, whole."
    fields = (
        ("reference", "is_active"),
        "name",
        ("phone", "email"),
        ("gstin", "state_code"),
    )

    @display(description="bills")
    def bills(self, patient: Patient) -> SafeString:
        page = reverse("admin:health_testinvoice_changelist")
        link = '<a class="daftar-link" href="{}?patient_id={}">bills</a>'
        return format_html(link, page, patient.reference)

    @display(description="account")
    def account(self, patient: Patient) -> str:
        return statement_link(patient.reference)


class PricedAdmin(MasterAdmin):
    list_display = ("name", "reference", "price_shown", "supply_type", "rate_shown", "sac", "state")
    list_filter = ("is_active", ("supply_type", ChoicesDropdownFilter))
    search_fields = ("name", "=reference")
    search_help_text = "Name, in part; number, whole."
    fields: Any = (
        ("reference", "is_active"),
        "name",
        ("price", "sac"),
        ("supply_type", "gst_rate"),
    )

    @display(description="price", ordering="price")
    def price_shown(self, row: LabTest | Panel) -> SafeString:
        return figure(rupees(row.price))

    @display(description="GST", ordering="gst_rate")
    def rate_shown(self, row: LabTest | Panel) -> str:
        return f"{row.gst_rate.normalize():f} %" if row.gst_rate else "–"


@admin.register(LabTest)
class LabTestAdmin(PricedAdmin):
    pass


@admin.register(Panel)
class PanelAdmin(PricedAdmin):
    fields = (*PricedAdmin.fields, "tests")
    autocomplete_fields = ("tests",)


@admin.register(TestOrder)
class TestOrderAdmin(MasterAdmin):
    list_display = (
        "number", "reference", "patient", "referred_by", "ordered_on", "status", "state", "bills",
    )  # fmt: skip
    list_filter = ("is_active", ("ordered_on", RangeDateFilter))
    list_filter_submit = True
    list_select_related = ("patient",)
    search_fields = ("number", "referred_by", "patient__name", "=reference")
    search_help_text = "Number, referrer or patient, in part; your own number, whole."
    autocomplete_fields = ("patient",)
    fields = (
        ("reference", "is_active"),
        ("number", "status"),
        ("patient", "referred_by"),
        "ordered_on",
    )

    @display(description="bills")
    def bills(self, order: TestOrder) -> SafeString:
        page = reverse("admin:health_testinvoice_changelist")
        link = '<a class="daftar-link" href="{}?test_order_id={}">bills</a>'
        return format_html(link, page, order.reference)
