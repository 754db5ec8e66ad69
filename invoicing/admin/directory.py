"""Buyers and products to pick from, and the number series; rows are deactivated, never deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin import TenantModelAdmin
from config.listing import CappedPaginator
from config.text import MAX_SEARCH_WORDS
from invoicing.models import Buyer, NumberSeries, Product
from invoicing.services.directory import save_row
from invoicing.services.numbering import save_series
from invoicing.zatca.exemptions import EXEMPTIONS

OFFERED = 12  # suggestions below an input


class DirectoryAdmin(TenantModelAdmin):
    """A list that the entry form picks from; `pick` answers its suggestions."""

    view_scope = "invoices:read"
    change_scope = "invoices:write"
    list_filter = ("is_active",)
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator

    def get_urls(self) -> list[URLPattern]:
        name = f"invoicing_{self.opts.model_name}_pick"
        pick = self.admin_site.admin_view(self.pick_view)
        return [path("pick/", pick, name=name), *super().get_urls()]

    def pick_view(self, request: HttpRequest) -> HttpResponse:
        """The active rows that hold every word, each with what it fills into the form."""
        if request.tenant is None or not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_queryset(request).filter(is_active=True)
        for word in request.GET.get("q", "").split()[:MAX_SEARCH_WORDS]:
            found = Q()
            for column in self.search_fields:
                found |= Q(**{f"{column.lstrip('=')}__icontains": word})
            rows = rows.filter(found)
        return JsonResponse({"rows": [self.offer(row) for row in rows[:OFFERED]]})

    def offer(self, row: Any) -> dict[str, Any]:
        """What a picked row fills into the form, by request path; each directory has its own."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_row(obj)

    @display(description="state", label={"active": "success", "inactive": "info"})
    def state(self, row: Any) -> str:
        return "active" if row.is_active else "inactive"


@admin.register(Buyer)
class BuyerAdmin(DirectoryAdmin):
    list_display = ("name", "name_ar", "code", "vat_number", "city", "country_code", "state")
    search_fields = ("name", "name_ar", "code", "vat_number", "id_number")
    search_help_text = "Names, code, VAT number or ID number, in part."
    fieldsets = (
        (None, {"fields": (("name", "name_ar"), ("code", "is_active"))}),
        ("Numbers", {"fields": ("vat_number", ("id_scheme", "id_number"))}),
        (
            "Address",
            {
                "fields": (
                    ("street", "building_number"),
                    ("additional_street", "plot_identification"),
                    ("district", "city"),
                    ("postal_code", "country_subentity", "country_code"),
                )
            },
        ),
        ("Contact", {"fields": ("email",)}),
    )

    def offer(self, row: Buyer) -> dict[str, Any]:
        address = (
            "street", "building_number", "additional_street", "plot_identification", "district",
            "city", "postal_code", "country_subentity", "country_code",
        )  # fmt: skip
        return {
            "text": row.document_name,
            "hint": " · ".join(filter(None, (row.code, row.vat_number, row.city))),
            "fill": {
                "buyer_name": row.document_name,
                "buyer_tax_number": row.vat_number,
                "buyer_id.scheme": row.id_scheme,
                "buyer_id.number": row.id_number,
                **{f"buyer_address.{name}": getattr(row, name) for name in address},
            },
        }


@admin.register(Product)
class ProductAdmin(DirectoryAdmin):
    list_display = ("name", "name_ar", "code", "unit_price", "unit_code", "vat", "state")
    search_fields = ("name", "name_ar", "code")
    search_help_text = "Names or code, in part."
    fieldsets = (
        (None, {"fields": (("name", "name_ar"), ("code", "is_active"))}),
        ("Price before VAT", {"fields": (("unit_price", "unit_code"),)}),
        ("VAT", {"fields": (("tax_category", "tax_rate"), "exemption_code", "exemption_reason")}),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        formfield = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "exemption_code":
            return forms.ChoiceField(
                required=False,
                choices=_exemptions(),
                label="Exemption code",
                widget=UnfoldAdminSelectWidget(),
            )
        return formfield

    @admin.display(description="VAT", ordering="tax_category")
    def vat(self, row: Product) -> str:
        return f"{row.tax_category} {row.tax_rate} %"

    def offer(self, row: Product) -> dict[str, Any]:
        return {
            "text": row.document_name,
            "hint": " · ".join((row.code, row.unit_price) if row.code else (row.unit_price,)),
            "fill": {
                "name": row.document_name,
                "unit_code": row.unit_code,
                "unit_price": row.unit_price,
                "tax_category": row.tax_category,
                "tax_rate": str(row.tax_rate),
                "exemption_code": row.exemption_code,
                "exemption_reason": row.exemption_reason,
            },
        }


@admin.register(NumberSeries)
class NumberSeriesAdmin(TenantModelAdmin):
    """How the server numbers what comes without a number; an owner's decision."""

    view_scope = "invoices:read"
    change_scope = "admin"
    list_display = ("pattern", "for_unit", "for_kind", "reached", "resets_yearly", "state")
    list_filter = ("is_active",)
    fields = (
        "pattern",
        ("unit", "document_type"),
        ("starts_at", "resets_yearly"),
        "is_active",
        "reached",
    )
    readonly_fields = ("reached",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[NumberSeries]:
        return super().get_queryset(request).select_related("unit").prefetch_related("counters")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Once it has counted, another beginning or another rhythm would be another series.
        begun = obj is not None and obj.counters.exists()
        return ("reached", "starts_at", "resets_yearly") if begun else ("reached",)

    def save_model(self, request: HttpRequest, obj: NumberSeries, form: Any, change: bool) -> None:
        save_series(obj)

    @admin.display(description="unit", ordering="unit__name")
    def for_unit(self, series: NumberSeries) -> str:
        return series.unit.name if series.unit else "every unit"

    @admin.display(description="documents", ordering="document_type")
    def for_kind(self, series: NumberSeries) -> str:
        return series.get_document_type_display() if series.document_type else "every kind"

    @admin.display(description="last numbers")
    def reached(self, series: NumberSeries) -> str:
        counted = sorted(series.counters.all(), key=lambda counter: counter.period)
        words = (f"{counter.period or 'all'}: {counter.last_number}" for counter in counted)
        return ", ".join(words) or "none yet"

    @display(description="state", label={"active": "success", "inactive": "info"})
    def state(self, series: NumberSeries) -> str:
        return "active" if series.is_active else "inactive"


def _exemptions() -> list[tuple[str, str]]:
    rows = ((code, f"{row.category} · {code} {row.english}") for code, row in EXEMPTIONS.items())
    return [("", "—"), *rows]
