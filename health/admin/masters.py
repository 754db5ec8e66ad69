"""Patients, tests and panels to pick from."""

from django.contrib import admin
from unfold.decorators import display

from health.admin.pages import LabAdmin
from health.admin.paper import statement_link
from health.models import LabTest, Panel, Patient
from health.words import rupees


@admin.register(Patient)
class PatientAdmin(LabAdmin):
    list_display = ("name", "reference", "phone", "email", "account", "is_active")
    list_filter = ("is_active",)
    search_fields = ("name", "phone", "=reference")

    @display(description="account")
    def account(self, patient: Patient) -> str:
        return statement_link(patient.reference)


class PricedAdmin(LabAdmin):
    list_display = ("name", "reference", "price_shown", "supply_type", "gst_rate", "is_active")
    list_filter = ("is_active", "supply_type")
    search_fields = ("name", "=reference")

    @display(description="price", ordering="price")
    def price_shown(self, row: LabTest | Panel) -> str:
        return rupees(row.price)


@admin.register(LabTest)
class LabTestAdmin(PricedAdmin):
    pass


@admin.register(Panel)
class PanelAdmin(PricedAdmin):
    pass
