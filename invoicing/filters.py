"""How invoices and their logs are searched, in the API and where it fits in the admin."""

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

import django_filters
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django_filters.fields import IsoDateTimeField

from invoicing.models import (
    Invoice,
    InvoiceLog,
    InvoiceStatus,
    LogAction,
    LogStatus,
    ReconciliationRun,
    Source,
    ZatcaStatus,
)

# The origin listed log rows and filtered by their words; a client written for it still asks so.
STATUS_ALIASES = {"SUBMITTED": InvoiceStatus.CLEARED, "ERROR": InvoiceStatus.FAILED}

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
# Beyond them lie instants that one calendar or the other cannot turn into UTC.
PLAUSIBLE = (
    MinValueValidator(datetime(1900, 1, 1, tzinfo=UTC)),
    MaxValueValidator(datetime(2200, 1, 1, tzinfo=UTC)),
)


class UntilField(IsoDateTimeField):
    """An instant; a bare date means the last moment of that day, UTC."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and _DAY.match(value):
            value += "T23:59:59.999999Z"
        return super().to_python(value)


class UntilFilter(django_filters.IsoDateTimeFilter):
    field_class = UntilField


class PeriodFilter(django_filters.FilterSet):
    """From and to, both inclusive, over the moment a row was written."""

    date_from = django_filters.IsoDateTimeFilter(
        field_name="created_at", lookup_expr="gte", validators=PLAUSIBLE
    )
    date_to = UntilFilter(field_name="created_at", lookup_expr="lte", validators=PLAUSIBLE)


class InvoiceFilter(PeriodFilter):
    invoice_number = django_filters.CharFilter(lookup_expr="icontains", max_length=50)
    status = django_filters.ChoiceFilter(
        choices=[(word, word) for word in (*InvoiceStatus.values, *STATUS_ALIASES)],
        method="by_status",
    )
    zatca_status = django_filters.ChoiceFilter(choices=ZatcaStatus.choices)
    environment = django_filters.CharFilter(max_length=10)
    phase = django_filters.CharFilter(max_length=10)
    document_type = django_filters.CharFilter(max_length=3)
    uuid = django_filters.CharFilter(max_length=100)
    client_reference = django_filters.CharFilter(max_length=200)
    error_code = django_filters.CharFilter(max_length=60)

    class Meta:
        model = Invoice
        fields: ClassVar[list[str]] = []

    def by_status(self, rows: QuerySet[Invoice], name: str, value: str) -> QuerySet[Invoice]:
        return rows.filter(status=STATUS_ALIASES.get(value, value))


class InvoiceLogFilter(PeriodFilter):
    invoice_number = django_filters.CharFilter(max_length=50)
    action = django_filters.ChoiceFilter(choices=LogAction.choices)
    status = django_filters.ChoiceFilter(choices=LogStatus.choices)
    previous_status = django_filters.CharFilter(max_length=20)

    class Meta:
        model = InvoiceLog
        fields: ClassVar[list[str]] = []


class ReconciliationFilter(django_filters.FilterSet):
    source = django_filters.ChoiceFilter(choices=Source.choices)

    class Meta:
        model = ReconciliationRun
        fields: ClassVar[list[str]] = []
